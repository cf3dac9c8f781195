"""Loads the wordings of this room: YAML files with one regular expression a line, so that people who know customers
better than Python can read and mend them."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).with_name("wordings")


@lru_cache(maxsize=8)
def load(name: str) -> dict[str, Any]:
    """The content of `wordings/<name>.yaml`."""
    content: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text("utf-8"))
    return content


_UMLAUTS = {"ä": "(?:ä|ae)", "ö": "(?:ö|oe)", "ü": "(?:ü|ue)", "ß": "(?:ß|ss)"}
_CLASS_OR_UMLAUT = re.compile(r"\[(?:\\.|[^\]])*\]|[äöüß]")


def spelled(pattern: str) -> str:
    """`pattern`, also matching ae, oe, ue and ss for umlauts and ß; character classes stay as they are."""
    return _CLASS_OR_UMLAUT.sub(lambda found: _UMLAUTS.get(found[0], found[0]), pattern)


def alternatives(wordings: list[str]) -> str:
    """One group that matches any of `wordings`, the earlier ones first, in each spelling of their umlauts."""
    return spelled(f"(?:{'|'.join(wordings)})")


def whole_words(wordings: list[str]) -> re.Pattern[str]:
    """Any of `wordings`, not inside a longer word; case is ignored."""
    return re.compile(rf"(?<!\w){alternatives(wordings)}(?!\w)", re.IGNORECASE)


def built(pattern: str, parts: dict[str, str]) -> re.Pattern[str]:
    """`pattern` with each `{name}` replaced by that part; case is ignored."""
    return re.compile(re.sub(r"\{([a-z_]+)\}", lambda name: parts[name[1]], spelled(pattern)), re.IGNORECASE)
