"""The embedder in use has its centres: without them German questions miss English passages."""

from __future__ import annotations

import numpy as np

from kulanz.knowledge.centring import centre, centred


def test_every_language_and_kind_has_a_centre_for_this_embedder() -> None:
    for kind in ("query", "passage"):
        for language in ("de", "en"):
            assert np.linalg.norm(centre(kind, language)) > 0.5
    assert not np.allclose(centre("query", "de"), centre("query", "en"))


def test_a_centred_vector_is_of_unit_length() -> None:
    vector = np.full(384, 384**-0.5, np.float32)
    assert abs(float(np.linalg.norm(centred(vector, "query", "de"))) - 1) < 1e-5
