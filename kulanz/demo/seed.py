"""Set the demo company up once; a start on the same data finds it done without reading the content again."""

from __future__ import annotations

import hashlib
from pathlib import Path

from kulanz.trust import audit
from kulanz.trust.models import AuditEntry

HERE = Path(__file__).parent
ACT = "demo_set_up"


def do_seed() -> None:
    """Brings the demo company to this version's content, unless an audit entry says that this has been done."""
    content = content_hash()
    if AuditEntry.objects.filter(act=ACT, facts__content=content).exists():
        return
    from kulanz.demo.company import do_set_up  # heavy: brings the training along

    do_set_up()
    audit.record("system", ACT, content=content)


def content_hash() -> str:
    """The SHA-256 over the names and bytes of everything the demo company is made of."""
    digest = hashlib.sha256()
    for file in sorted(f for f in HERE.rglob("*") if f.suffix in {".md", ".jsonl", ".yaml", ".npz", ".py"}):
        digest.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()
