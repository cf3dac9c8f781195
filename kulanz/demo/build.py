"""`python -m kulanz.demo.build`: what the demo company ships computed, anew after a change of articles or intents.

Writes the vectors of the articles and the intent model; works in a throw-away database.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from kulanz.demo.vectors import FILE, HERE, digest
from kulanz.nlp.embedder import embedder
from kulanz.settings.postgres import EmbeddedPostgres


def build_vectors() -> int:
    """Embeds every passage of the articles; returns their number."""
    from kulanz.knowledge.documents import read_documents
    from kulanz.knowledge.indexing import embedded_texts
    from kulanz.knowledge.passages import split

    documents = [d for file in sorted(HERE.glob("articles/*/*.md")) for d in read_documents(file, file.name)]
    texts = [text for d in documents for text in embedded_texts(d.title, split(d.body, d.title))]
    keys = np.array([digest(text) for text in texts])
    np.savez_compressed(FILE, keys=keys, vectors=embedder().passage(texts).astype(np.float16))
    return len(texts)


def build_model() -> int:
    """Trains the intent model on the demo's examples; returns their number."""
    from django.core.management import call_command

    from kulanz.understanding.bundle import bundled
    from kulanz.understanding.importing import do_import_intents
    from kulanz.understanding.models import IntentModel
    from kulanz.understanding.training import do_train

    call_command("migrate", verbosity=0)
    do_import_intents(HERE / "intents.jsonl")
    manifest = do_train()
    (HERE / "intents.npz").write_bytes(bundled(IntentModel.objects.get(active=True)))
    (HERE / "intents.manifest.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return int(manifest["examples"])


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        server = EmbeddedPostgres(Path(folder), durable=False)
        server.start()
        os.environ |= {
            "KULANZ_DATA_DIR": folder,
            "DATABASE_URL": server.url,
            "DJANGO_SETTINGS_MODULE": "kulanz.settings.django",
        }
        import django

        django.setup()
        sys.stdout.write(f"{build_vectors()} passages embedded, ")
        sys.stdout.write(f"intent model trained on {build_model()} examples\n")
        server.stop()


if __name__ == "__main__":
    main()
