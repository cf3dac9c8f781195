"""What the operator sets through the environment, read once and checked."""

from __future__ import annotations

import fcntl
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import psycopg.conninfo

from kulanz.core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Environment:
    """The settings of one installation.

    `database_url` is empty until the embedded PostgreSQL has been started or the operator names a server. `brand_…` is
    how the help centre looks: a name, a colour (#rrggbb), and a picture's file or https address.
    """

    data_dir: Path
    database_url: str
    demo: bool
    base_url: str
    allowed_hosts: tuple[str, ...]
    knowledge_hosts: tuple[str, ...] = ()
    brand_name: str = ""
    brand_colour: str = ""
    brand_logo: str = ""


def read_environment() -> Environment:
    """Reads KULANZ_DATA_DIR, DATABASE_URL, KULANZ_DEMO, KULANZ_BASE_URL, KULANZ_ALLOWED_HOSTS,
    KULANZ_KNOWLEDGE_HOSTS and KULANZ_BRAND_NAME, …_COLOUR and …_LOGO."""
    data_dir = os.environ.get("KULANZ_DATA_DIR") or platformdirs.user_data_dir("kulanz", appauthor=False)
    return Environment(
        data_dir=Path(data_dir).expanduser().resolve(),
        database_url=os.environ.get("DATABASE_URL", ""),
        demo=os.environ.get("KULANZ_DEMO", "") == "1",
        base_url=os.environ.get("KULANZ_BASE_URL", "http://127.0.0.1:8000").rstrip("/"),
        allowed_hosts=_listed("KULANZ_ALLOWED_HOSTS"),
        knowledge_hosts=_listed("KULANZ_KNOWLEDGE_HOSTS"),
        brand_name=os.environ.get("KULANZ_BRAND_NAME", "").strip()[:80],
        brand_colour=os.environ.get("KULANZ_BRAND_COLOUR", "").strip(),
        brand_logo=os.environ.get("KULANZ_BRAND_LOGO", "").strip(),
    )


def _listed(name: str) -> tuple[str, ...]:
    """A list, parted by commas."""
    return tuple(entry.strip() for entry in os.environ.get(name, "").split(",") if entry.strip())


def ensure_data_dir(path: Path) -> Path:
    """Creates the data folder (mode 700) and proves that it can be written to.

    Raises InvalidInput with the remedy where it can't: read-only, full, or not a folder.
    """
    probe = path / ".write-probe"
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe.write_bytes(b"kulanz" * 1024)
        probe.unlink()
    except OSError as error:
        raise InvalidInput(
            f"The data folder {path} can't be written to: {error.strerror or error}. Free some space or grant "
            f"write permission, or name another folder with --data-dir or KULANZ_DATA_DIR."
        ) from error
    return path


def secret_key(data_dir: Path) -> str:
    """The key that signs sessions: KULANZ_SECRET_KEY, else one made once and kept in the data folder (mode 600)."""
    if given := os.environ.get("KULANZ_SECRET_KEY"):
        return given
    file = data_dir / "secret-key"
    try:
        if kept := file.read_text():
            return kept
    except FileNotFoundError:
        pass
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+") as held:
        fcntl.flock(held, fcntl.LOCK_EX)  # the parts start beside each other: one makes the key, the others wait for it
        if not (key := held.read()):
            key = secrets.token_urlsafe(48)
            held.write(key)
    return key


def django_database(url: str) -> dict[str, object]:
    """A libpq connection URL or string as Django's DATABASES entry. Raises InvalidInput where it can't be read."""
    try:
        parts = dict(psycopg.conninfo.conninfo_to_dict(url))
    except psycopg.ProgrammingError as error:
        raise InvalidInput(
            f"DATABASE_URL can't be read ({str(error).strip()}). It looks like postgresql://user:password@host:5432/kulanz."
        ) from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname", None) or "kulanz",
        "USER": parts.pop("user", None) or "",
        "PASSWORD": parts.pop("password", None) or "",
        "HOST": parts.pop("host", None) or "",
        "PORT": parts.pop("port", None) or "",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"connect_timeout": 5, **parts},
    }
