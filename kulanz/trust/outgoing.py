"""Calls to the outside: only to the places that the operator names, and never into the own network behind a name.

A place is written in one of three ways:

- `help.example.org`: the host at its usual ports (80, 443), as long as its name leads to public addresses;
  `help.example.org:8443` at this port;
- `localhost:8123`, `10.1.2.3`, `[fd00::1]:8080`: this very address, named by itself;
- `wiki.example.org=10.1.2.3`: the host at this address and no other, whatever its name leads to.

The name is looked up, the addresses are checked, and the checked address is the one that is connected to, so that a
name can't lead elsewhere in between. Every redirect goes through the same. Link-local addresses (where clouds keep
their secrets) are refused even if they are named.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import httpx

from kulanz.core.errors import InvalidInput, PermanentError, TransientError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolve = Callable[[str, int], list[str]]

USUAL_PORTS = {"http": 80, "https": 443}
MAX_REDIRECTS = 5
_PLACE = re.compile(r"(\[[0-9a-f:.]+\]|[^\s/:=@\[\]]+)(?::(\d{1,5}))?(?:=(\S+))?")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Refused(PermanentError):
    """The address is not one that the operator has named, or leads into the network."""


@dataclass(frozen=True, slots=True)
class Place:
    """`port` None stands for the usual ones; `address` is set where the operator has named it."""

    host: str
    port: int | None = None
    address: Address | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `url` is where it came from after redirects; header names are in small letters."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes


def places(entries: Iterable[str]) -> tuple[Place, ...]:
    """The places that these entries name. Raises InvalidInput for one that names none."""
    return tuple(_place(entry.strip().lower()) for entry in entries if entry.strip())


def _place(entry: str) -> Place:
    match = _PLACE.fullmatch(entry)
    if match is None:
        raise InvalidInput(f"{entry!r} names no host: write help.example.org, host:port or host=address.")
    host, port = match[1].strip("[]"), int(match[2]) if match[2] else None
    address = _address(match[3].strip("[]")) if match[3] else _address(host)
    if match[3] and address is None:
        raise InvalidInput(f"{entry!r}: {match[3]} is no address such as 10.1.2.3.")
    return Place(_ascii(host), port, address)


def _ascii(host: str) -> str:
    try:
        return httpx.URL(scheme="http", host=host).raw_host.decode("ascii").strip("[]").rstrip(".")
    except httpx.InvalidURL as error:
        raise InvalidInput(f"{host[:80]!r} is no host.") from error


def _address(text: str) -> Address | None:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet, also where it carries another one inside."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo or (None, None))[1]
        if inner is None and address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
        if address.is_site_local:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. Raises httpx.ConnectError where it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise httpx.ConnectError(f"{host} can't be found") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class Guard(httpx.BaseTransport):
    """A transport for httpx that connects to the named places alone; `setting` is where the operator names them."""

    def __init__(self, allowed: Iterable[Place], resolver: Resolve = resolve, setting: str = "the settings") -> None:
        self._allowed = tuple(allowed)
        self._setting = setting
        self._resolve = resolver
        self._inner: dict[str, httpx.HTTPTransport] = {}

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.raw_host.decode("ascii").lower().strip("[]").rstrip(".")
        if host not in self._inner:
            self._inner[host] = httpx.HTTPTransport(trust_env=False)  # one pool a name: certificates
        inner = self._inner[host]
        error: httpx.TransportError = httpx.ConnectError(f"{host} can't be reached")
        for address in self.addresses(request.url.scheme, host, request.url.port):
            checked = httpx.Request(
                request.method,
                request.url.copy_with(host=address),
                headers=request.headers,  # `Host` is in them and stays
                stream=request.stream,
                extensions={**request.extensions, "sni_hostname": host},
            )
            try:
                return inner.handle_request(checked)
            except (httpx.ConnectError, httpx.ConnectTimeout) as failed:
                error = failed
        raise error

    def addresses(self, scheme: str, host: str, port: int | None) -> list[str]:
        """The checked addresses of a place. Raises Refused where it is not named or leads into the network."""
        place = next((p for p in self._allowed if p.host == host and _at_port(p, scheme, port)), None)
        if scheme not in USUAL_PORTS or place is None:
            shown = f"{host}:{port}" if port else host
            raise Refused(f"{shown} is not among the hosts that {self._setting} names: add it there, or leave it out.")
        if place.address:
            return [_never_link_local(place.address, host)]
        found = self._resolve(host, port or USUAL_PORTS[scheme])
        for text in found:
            address = ipaddress.ip_address(text)
            if not (address.is_loopback if host == "localhost" else is_public(address)):
                raise Refused(
                    f"{host} leads to {text}, an address inside the network: if that is meant, write "
                    f"{host}={text} in {self._setting}."
                )
        return found

    def close(self) -> None:
        for transport in self._inner.values():
            transport.close()


def _at_port(place: Place, scheme: str, port: int | None) -> bool:
    usual = USUAL_PORTS.get(scheme)
    return (port or usual) == (place.port or usual)


def _never_link_local(address: Address, host: str) -> str:
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    for one in (address, inner or address):
        if one.is_link_local or one.is_multicast or one.is_unspecified:
            raise Refused(f"{host}: {address} is an address that nothing is fetched from.")
    return str(address)


def client(
    allowed: Iterable[Place],
    *,
    agent: str,
    seconds: float = 10,
    resolver: Resolve = resolve,
    setting: str = "the settings",
) -> httpx.Client:
    """A client for these places; `seconds` bounds each wait. It follows up to 5 redirects, each of them checked, and
    uses no proxy, for a proxy would look names up by itself."""
    return httpx.Client(
        transport=Guard(allowed, resolver, setting),
        headers={"User-Agent": agent},
        timeout=seconds,
        follow_redirects=True,
        max_redirects=MAX_REDIRECTS,
        trust_env=False,
    )


def get(
    using: httpx.Client, url: str, *, most: int, seconds: float, headers: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> Answer:  # fmt: skip
    """One page of at most `most` bytes (unpacked) within `seconds`.

    Raises Refused (see `Guard`), InvalidInput for a broken address or a larger page, TransientError where the other
    side can't be reached, is too slow or breaks off.
    """
    end = clock() + seconds
    try:
        with using.stream("GET", url, headers=dict(headers or {})) as response:
            return Answer(
                response.status_code, str(response.url), _headers(response), _body(response, most, end, clock)
            )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects, httpx.DecodingError) as error:
        raise InvalidInput(f"{url[:200]} can't be read: {error}.") from error
    except httpx.HTTPError as error:
        raise TransientError(f"{url[:200]} can't be reached: {error or type(error).__name__}.") from error


def _headers(response: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


def _body(response: httpx.Response, most: int, end: float, clock: Callable[[], float]) -> bytes:
    """Read piece by piece, so that neither a lie about the length nor a packed flood fills the memory."""
    data = bytearray()
    for piece in response.iter_bytes(65_536):
        data += piece
        if len(data) > most:
            raise InvalidInput(f"{response.url} is larger than {most // 1_000_000:,} MB.")
        if clock() > end:
            raise TransientError(f"{response.url} takes too long.")
    return bytes(data)
