"""Starting and stopping: clear words where it can't work, and nothing left behind."""

from __future__ import annotations

import resource
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.journeys.customers import Visitor
from tests.journeys.product import COMMAND, REPOSITORY, RunningProduct, clean_environment, free_port, kulanz

pytestmark = [pytest.mark.product, pytest.mark.timeout(120, func_only=True)]


def test_one_message_sent_fifty_times_at_once_is_one_message_one_turn_and_one_reply(product: RunningProduct) -> None:
    with Visitor(product, "anna.beispiel@example.com", "en") as visitor, ThreadPoolExecutor(50) as crowd:
        sent = crowd.map(lambda _: visitor.write("How long does delivery take?", "the-same-key"), range(50))
        assert len(set(sent)) == 1
        assert visitor.replies()
        authors = "select author from inbox_message where conversation_id = %s::uuid order by seq"
        assert [row[0] for row in product.rows(authors, visitor.id)] == ["customer", "assistant"]
        turns = "select count(*) from decision_storeddecision where conversation_id = %s::uuid"
        assert product.rows(turns, visitor.id) == [(1,)]


def test_a_polite_stop_leaves_nothing_behind_and_the_next_start_is_quick(product: RunningProduct) -> None:
    with Visitor(product, "anna.beispiel@example.com", "en") as visitor:
        assert visitor.ask("How long does delivery take?")
        processes = [*product.children(), *product.postgres()]
        assert len(processes) > 3
        assert product.stop(seconds=20) == 0
        _, alive = psutil.wait_procs(processes, timeout=2)
        assert alive == []
        seconds = product.start()
        assert seconds < 60  # a hang, not a slow machine; `kulanz bench` measures the start
        print(f"started again after {seconds:.1f} s")
        assert visitor.ask("What does shipping cost?")


def check_refused(result: subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit status 1 and one line that says what to do."""
    assert result.returncode == 1, result.stderr
    assert len(result.stderr.strip().splitlines()) == 1, result.stderr
    for word in ("kulanz: ", *words):
        assert word in result.stderr


def test_a_port_in_use_is_named_with_the_remedy(product: RunningProduct, tmp_path: Path) -> None:
    result = kulanz("serve", "--demo", "--port", str(product.port), "--data-dir", str(tmp_path / "other"))
    check_refused(result, str(product.port), "--port")
    assert not (tmp_path / "other").exists()


def test_the_demo_is_for_this_machine_only(tmp_path: Path) -> None:
    result = kulanz("serve", "--demo", "--host", "0.0.0.0", "--port", str(free_port()), "--data-dir", str(tmp_path))
    check_refused(result, "published passwords", "without --demo")


def test_a_data_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    folder = tmp_path / "file" / "data"
    result = kulanz("serve", "--port", str(free_port()), "--data-dir", str(folder))
    check_refused(result, str(folder), "--data-dir", "KULANZ_DATA_DIR")


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    """A limit on the size of files fails each write as a full disk does; it binds root as well."""
    result = subprocess.run(
        [*COMMAND, "serve", "--port", str(free_port()), "--data-dir", str(tmp_path / "data")],
        env=clean_environment(), cwd=REPOSITORY, capture_output=True, text=True, timeout=60, check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0)),
    )  # fmt: skip
    check_refused(result, str(tmp_path / "data"), "Free some space", "--data-dir")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc, where nobody can create anything")
def test_a_read_only_data_folder_is_named() -> None:
    result = kulanz("serve", "--port", str(free_port()), "--data-dir", "/proc/sys")
    check_refused(result, "/proc/sys", "can't be written to", "--data-dir")


@pytest.mark.parametrize("command", [("serve",), ("worker",), ("doctor",)])
def test_an_unreachable_database_is_named_with_the_remedy(tmp_path: Path, command: tuple[str, ...]) -> None:
    url = f"postgresql://nobody@127.0.0.1:{free_port()}/kulanz"
    port = ("--port", str(free_port())) if command == ("serve",) else ()
    result = kulanz(*command, *port, "--data-dir", str(tmp_path), DATABASE_URL=url)
    if command == ("doctor",):
        assert result.returncode == 1
        assert "DATABASE_URL" in result.stdout + result.stderr
    else:
        check_refused(result, "127.0.0.1", "DATABASE_URL")


def test_a_database_address_that_is_none_is_named(tmp_path: Path) -> None:
    port = str(free_port())
    result = kulanz("serve", "--port", port, "--data-dir", str(tmp_path), DATABASE_URL="my database")
    assert result.returncode == 1
    assert "kulanz: DATABASE_URL can't be read" in result.stderr
    assert "It looks like postgresql://" in result.stderr
    assert "Traceback" not in result.stderr
