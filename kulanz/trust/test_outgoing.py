"""What is fetched from outside comes from the named places alone, whatever names and redirects say."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpx
import pytest

from kulanz.core.errors import InvalidInput, TransientError
from kulanz.trust.outgoing import Guard, Refused, client, get, is_public, places


def leads_to(*addresses: str):  # type: ignore[no-untyped-def]
    return lambda host, port: list(addresses)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
     "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fd00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1",
     "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::1", "2001:0:0:1::1"],
)  # fmt: skip
def test_addresses_inside_are_told_from_public_ones(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    guard = Guard(places(["example.org"]), leads_to(address))
    with pytest.raises(Refused, match="inside the network"):
        guard.addresses("http", "example.org", None)


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:8.8.8.8"])
def test_public_addresses_are_open(address: str) -> None:
    guard = Guard(places(["example.org"]), leads_to(address))
    assert guard.addresses("https", "example.org", None) == [address]


def test_one_inner_address_among_public_ones_refuses_the_name() -> None:
    guard = Guard(places(["example.org"]), leads_to("93.184.215.14", "10.0.0.1"))
    with pytest.raises(Refused):
        guard.addresses("https", "example.org", None)


@pytest.mark.parametrize(
    ("scheme", "host", "port"),
    [("http", "other.org", None), ("http", "example.org", 8080), ("ftp", "example.org", None),
     ("http", "example.org.evil.net", None), ("http", "93.184.215.14", None), ("https", "www.example.org", None)],
)  # fmt: skip
def test_what_is_not_named_is_refused(scheme: str, host: str, port: int | None) -> None:
    with pytest.raises(Refused, match="not among the hosts"):
        Guard(places(["example.org"]), leads_to("93.184.215.14")).addresses(scheme, host, port)


def test_an_address_inside_is_open_only_if_it_is_named_itself() -> None:
    guard = Guard(
        places(["localhost:8123", "10.0.0.5", "wiki.firma.example=10.0.0.6", "[fd00::1]:81"]), leads_to("::1")
    )
    assert guard.addresses("http", "localhost", 8123) == ["::1"]
    assert guard.addresses("https", "10.0.0.5", None) == ["10.0.0.5"]
    assert guard.addresses("https", "wiki.firma.example", None) == ["10.0.0.6"]
    assert guard.addresses("http", "fd00::1", 81) == ["fd00::1"]
    for place in (("http", "localhost", 8124), ("http", "10.0.0.7", None), ("http", "wiki.firma.example", 81)):
        with pytest.raises(Refused):
            guard.addresses(*place)


def test_link_local_addresses_are_refused_even_if_named_and_localhost_stays_here() -> None:
    named = places(["169.254.169.254", "meta.example=::ffff:169.254.169.254", "localhost"])
    for host in ("169.254.169.254", "meta.example", "localhost"):
        with pytest.raises(Refused):
            Guard(named, leads_to("10.0.0.1")).addresses("http", host, None)


@pytest.mark.parametrize("entry", ["http://example.org", "a b", "example.org=here", "example.org:port", "x@y", "a/b"])
def test_an_entry_that_names_no_place_is_said(entry: str) -> None:
    with pytest.raises(InvalidInput):
        places([entry])


class Outside(BaseHTTPRequestHandler):
    asked: list[str] = []

    def do_GET(self) -> None:
        type(self).asked.append(f"{self.headers['Host']}{self.path}")
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path[4:])
            self.end_headers()
            return
        body = b"x" * (3_000_000 if self.path == "/large" else 3)
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):  # the other side has read enough
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def outside() -> Iterator[int]:
    Outside.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Outside)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


def test_the_checked_address_is_the_one_that_is_called() -> None:
    with outside() as port, client(places([f"shop.example:{port}=127.0.0.1"]), agent="Test") as using:
        answer = get(using, f"http://shop.example:{port}/page", most=1_000, seconds=5)
    assert (answer.status, answer.body) == (200, b"xxx")
    assert Outside.asked == [f"shop.example:{port}/page"]


def test_every_redirect_is_checked() -> None:
    with outside() as port, client(places([f"localhost:{port}"]), agent="Test") as using:
        start = f"http://localhost:{port}/to/"
        assert get(using, start + "/page", most=9, seconds=5).url == f"http://localhost:{port}/page"
        for target in ("http://169.254.169.254/latest", f"http://127.0.0.1:{port}/page", "http://other.example/"):
            with pytest.raises(Refused):
                get(using, start + target, most=9, seconds=5)
        with pytest.raises(Refused):
            get(using, start + "file:///etc/passwd", most=9, seconds=5)
        with pytest.raises(InvalidInput, match="redirect"):
            get(using, f"http://localhost:{port}" + "/to/" * 20, most=9, seconds=5)


def test_size_and_time_are_bounded_and_what_is_not_there_is_transient() -> None:
    with outside() as port, client(places([f"localhost:{port}"]), agent="Test") as using:
        with pytest.raises(InvalidInput, match="larger than"):
            get(using, f"http://localhost:{port}/large", most=1_000_000, seconds=5)
        times = iter([0.0, 100.0])
        with pytest.raises(TransientError, match="too long"):
            get(using, f"http://localhost:{port}/page", most=1_000, seconds=5, clock=lambda: next(times))
    with client(places([f"localhost:{port}"]), agent="Test") as using, pytest.raises(TransientError, match="reached"):
        get(using, f"http://localhost:{port}/page", most=9, seconds=5)


def test_a_name_without_addresses_is_transient() -> None:
    def nothing(host: str, port: int) -> list[str]:
        raise httpx.ConnectError(f"{host} can't be found")

    with (
        client(places(["example.org"]), agent="Test", resolver=nothing) as using,
        pytest.raises(TransientError, match=r"example\.org"),
    ):
        get(using, "https://example.org/", most=9, seconds=5)
