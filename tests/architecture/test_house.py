"""The house stays as it was drawn."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
from io import StringIO
from pathlib import Path

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po
from django.apps import apps
from django.core.management import call_command

ROOT = Path(__file__).parents[2]
OURS = [config for config in apps.get_app_configs() if config.name.startswith("kulanz.")]
TRACKED = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
PYTHON = [ROOT / f for f in TRACKED if f.endswith(".py") and "/migrations/" not in f and (ROOT / f).exists()]


@pytest.mark.parametrize("name", [c.name for c in OURS if list(c.get_models()) and c.label != "accounts"])
def test_every_package_with_tables_can_erase_a_customer(name: str) -> None:
    erasure = importlib.import_module(f"{name}.erasure")
    assert callable(getattr(erasure, "erase", None) or getattr(erasure, "erase_topics", None))


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_no_file_is_two_rooms() -> None:
    assert not [f"{f} {n}" for f in PYTHON if (n := len(f.read_text().splitlines())) > 400]


def test_no_function_is_too_long() -> None:
    long = []
    for file in PYTHON:
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
                lines = node.end_lineno - node.lineno + 1
                if lines > 40:
                    long.append(f"{file.relative_to(ROOT)} {node.name} {lines}")
    assert not long


def test_locks_hold_hashes_and_no_addresses() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "--hash=sha256:" in text
        assert not re.search(r"https?://|--index-url|--find-links", text)


def test_the_compiled_messages_are_those_of_the_sources() -> None:
    folder = ROOT / "kulanz" / "locale" / "de" / "LC_MESSAGES"
    with (folder / "django.po").open("rb") as source, (folder / "django.mo").open("rb") as compiled:
        wanted = {_key(m.id): _key(m.string) for m in read_po(source) if m.id and m.string and not m.fuzzy}
        assert {_key(m.id): _key(m.string) for m in read_mo(compiled) if m.id} == wanted


def _key(text: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    """One form or several: the two files differ in how they give them."""
    return (text,) if isinstance(text, str) else tuple(text or ())


def test_no_message_hides_in_an_f_string() -> None:
    """The tool that collects messages does not look there."""
    assert not [str(f) for f in PYTHON if f != Path(__file__) and re.search(r"\{(_|gettext)\(", f.read_text())]


def test_everything_on_screen_is_german_too() -> None:
    with (ROOT / "kulanz" / "locale" / "de" / "LC_MESSAGES" / "django.po").open("rb") as source:
        missing = [m.id for m in read_po(source) if m.id and (not m.string or m.fuzzy)]
    assert not missing
