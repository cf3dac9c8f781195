"""The kinds of back offices, by the word that tells them in actions.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kulanz.flows.back_offices import mcp, openapi, paths, python
from kulanz.flows.back_offices.kind import Kind, misplaced

KINDS: Mapping[str, Kind] = {module.KIND.word: module.KIND for module in (openapi, mcp, python, paths)}
"""The first whose word stands in an entry is its kind; an OpenAPI back office may have a `url` too."""


def kind_of(entry: Mapping[str, Any]) -> Kind:
    """The kind of a back office. Raises Misplaced where none is told."""
    for word, kind in KINDS.items():
        if word in entry:
            for other in KINDS:
                if other in entry and other != word and other not in kind.settings:
                    raise misplaced(f"This is both `{word}` and `{other}`. Make two back offices of it.", other)
            return kind
    raise misplaced(f"Say what kind of back office it is: {', '.join(f'`{word}`' for word in KINDS)}.")
