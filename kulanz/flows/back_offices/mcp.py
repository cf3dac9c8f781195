"""A Model Context Protocol server: its tools, picked in actions.yaml. What a tool says of itself is text to read, and
never an instruction to anybody.

The client library is optional (`pip install "kulanz[mcp]"`): it is imported where a server is really talked to.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from kulanz.core.errors import InvalidInput, KulanzError, OutcomeUnknown, PermanentError, TransientError
from kulanz.core.flow import fill_value
from kulanz.flows.back_offices.access import SETTINGS, Access, access, among, checked_url
from kulanz.flows.back_offices.document import Document, Unsupported, read_document
from kulanz.flows.back_offices.http import HIDDEN
from kulanz.flows.back_offices.kind import Kind, Offer, Office, misplaced
from kulanz.flows.back_offices.operation import MAX_ANSWER, CallResult
from kulanz.flows.back_offices.schema import Schema, example
from kulanz.flows.back_offices.values import Unfit, as_data, data_of, finds_something

if TYPE_CHECKING:
    from mcp import Client

REMEDY = 'MCP back offices need the library for it: pip install "kulanz[mcp]"'
META_KEY = "kulanz/idempotency-key"
MAX_TOOLS = 500
_REFUSED_CODES = {-32601, -32602}  # no such tool, or its arguments are wrong: it was not run


@dataclass(frozen=True, slots=True)
class Server:
    """Where it is: an address, or a command that is started for each call. `env` names the variables it may see."""

    name: str
    url: str = ""
    command: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    access: Access = field(default_factory=Access)

    @property
    def source(self) -> str:
        return self.url or " ".join(self.command)


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool as its server described it."""

    name: str
    title: str
    schema: Schema
    answer: Any
    reads: bool | None
    problem: str = ""

    def offer(self) -> Offer:
        usable = not self.problem
        names = tuple(self.schema.properties) if usable else ()
        required = tuple(n for n in names if n in self.schema.required)
        return Offer(self.name, self.title, names, required, self.reads, self.problem)


@dataclass(frozen=True, slots=True)
class ToolOperation:
    """`arguments` says where arguments go that have other names there; `key_argument` is the tool's argument for the
    idempotency key. `find` is the tool that finds a write again, with its arguments."""

    name: str
    server: Server
    tool: Tool
    timeout: float
    arguments: Mapping[str, Any] | None = None
    key_argument: str = ""
    find: tuple[str, Mapping[str, Any]] | None = None

    @property
    def can_look_up(self) -> bool:
        return self.find is not None

    def send(self, arguments: Mapping[str, Any], key: str) -> CallResult:
        return self._call(self.tool.name, self.arranged(arguments, key), key)

    def arranged(self, arguments: Mapping[str, Any], key: str) -> dict[str, Any]:
        """The tool's arguments. Raises Unfit."""
        values = {**arguments, "idempotency_key": key}
        given = fill_value(self.arguments, values) if self.arguments is not None else dict(arguments)
        given = {name: value for name, value in given.items() if value is not None}
        if key and self.key_argument:
            given[self.key_argument] = key
        unknown = [] if self.arguments is not None else [n for n in given if n not in self.tool.schema.properties]
        fitting, wrong = self.tool.schema.fit(given, "")
        if problems := [*(f"{name} is not known there" for name in unknown), *wrong]:
            raise Unfit(self.name, list(dict.fromkeys(problems)))
        return dict(fitting)

    def preview(self, arguments: Mapping[str, Any], key: str = "") -> dict[str, Any]:
        """The call as it would be made, with its secrets hidden. Raises Unfit."""
        header = self.server.access.header[0]
        return {
            "server": self.server.source,
            "headers": {header: HIDDEN} if header else {},
            "tool": self.tool.name,
            "arguments": self.arranged(arguments, key),
        }

    def example(self) -> dict[str, Any]:
        """An answer as the tool describes it."""
        return as_data(self.tool.answer) if self.tool.answer is not None else {}

    def look_up(self, key: str) -> CallResult | None:
        if self.find is None:
            return None
        try:
            result = self._call(self.find[0], fill_value(self.find[1], {"key": key}), "")
        except (TransientError, PermanentError) as error:
            raise TransientError(f"{self.name}: the back office can't be asked") from error
        return result if result.status == "done" and finds_something(result.data) else None

    def _call(self, tool: str, arguments: Mapping[str, Any], key: str) -> CallResult:
        self.server.access.check(self.name)
        sent: list[bool] = []
        found: list[Any] = []

        async def call(client: Client) -> None:
            sent.append(True)
            meta: Any = {META_KEY: key} if key else None
            found.append(await client.call_tool(tool, dict(arguments), meta=meta))

        error = _talk(self.server, call, self.timeout)
        if found:  # whatever happened while saying goodbye
            if key and found[0].is_error:  # servers say so of any trouble, also of what came after the deed
                raise OutcomeUnknown(f"{self.name}: the server tells of an error")
            return _result(found[0])
        if not sent:
            raise TransientError(f"{self.name}: the server can't be reached") from error
        if getattr(error, "code", None) in _REFUSED_CODES:
            raise PermanentError(f"{self.name}: the server does not take this call") from error
        raise OutcomeUnknown(f"{self.name}: no answer from the server") from error


def _result(result: Any) -> CallResult:
    """What a tool answered: its data, else its text, which may hold JSON."""
    text = "\n".join(part.text for part in result.content if part.type == "text")[:MAX_ANSWER]
    if result.is_error:
        return CallResult("refused", as_data({"reason": text}))
    if result.structured_content is not None:
        return CallResult("done", as_data(result.structured_content))
    data = data_of(text.encode("utf-8", "replace"))
    return CallResult("done", data if data is not None else as_data({"text": text}))


def _talk(server: Server, what: Callable[[Client], Awaitable[None]], seconds: float) -> Exception | None:
    """Does something with a connection, in a thread with a loop of its own; the error where it failed."""
    if find_spec("mcp") is None:
        raise PermanentError(REMEDY)
    errors: list[Exception] = []

    async def main() -> None:
        async with asyncio.timeout(seconds), _connected(server, seconds) as client:
            await what(client)

    def run() -> None:
        import httpx2
        from mcp.shared.exceptions import MCPError

        try:
            asyncio.run(main())
        except (MCPError, httpx2.HTTPError, OSError, ValueError, RuntimeError, ExceptionGroup) as error:
            errors.append(_first(error))

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds + 5)
    if thread.is_alive():
        return TimeoutError(f"{server.name} does not end")
    return errors[0] if errors else None


def _first(error: Exception) -> Exception:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return error


@asynccontextmanager
async def _connected(server: Server, seconds: float) -> AsyncIterator[Client]:
    from mcp import Client, StdioServerParameters

    if server.command:
        env = {name: os.environ[name] for name in server.env if name in os.environ}
        parameters = StdioServerParameters(command=server.command[0], args=list(server.command[1:]), env=env)
        async with Client(parameters, read_timeout_seconds=seconds, cache=None) as client:
            yield client
        return
    import httpx2
    from mcp.client.streamable_http import streamable_http_client

    name, secret = server.access.header
    async with httpx2.AsyncClient(
        headers={name: secret} if name else {}, timeout=seconds, trust_env=False, transport=_limited()
    ) as http:
        transport = streamable_http_client(server.url, http_client=http, max_sse_event_size=MAX_ANSWER)
        async with Client(transport, read_timeout_seconds=seconds, cache=None) as client:
            yield client


def _limited() -> Any:
    """A transport that breaks off answers which are too long."""
    import httpx2

    class Limited(httpx2.AsyncByteStream):
        def __init__(self, inner: Any) -> None:
            self.inner = inner

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = MAX_ANSWER
            async for part in self.inner:
                left -= len(part)
                if left < 0:
                    raise httpx2.ReadError("the answer is too long")
                yield part

        async def aclose(self) -> None:
            await self.inner.aclose()

    class Transport(httpx2.AsyncHTTPTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            request.headers["Accept-Encoding"] = "identity"  # a small answer must not turn out large
            response = await super().handle_async_request(request)
            response.stream = Limited(response.stream)
            return response

    return Transport(trust_env=False)


@dataclass(frozen=True, slots=True)
class Mcp:
    """The tools of a server, as they were when it was asked last."""

    office: Office
    server: Server
    tools: Mapping[str, Tool]

    def offers(self) -> list[Offer]:
        return [tool.offer() for tool in self.tools.values()]

    def operation(self, name: str, entry: Mapping[str, Any]) -> ToolOperation:
        tool = self._picked(str(entry["tool"]), "tool")
        key_argument = str(entry.get("key_argument", ""))
        if key_argument and key_argument not in tool.schema.properties:
            raise misplaced(f"`{tool.name}` has no argument `{key_argument}`.", "key_argument")
        if entry.get("duplicates") == "key" and not key_argument:
            raise misplaced("`duplicates: key` needs `key_argument`, the tool's argument for the key.", "duplicates")
        find = entry.get("look_up")
        if find is not None and (not isinstance(find, Mapping) or "tool" not in find):
            raise misplaced('Write `look_up: {tool: its_name, arguments: {reference: "{key}"}}`.', "look_up")
        finder = (self._picked(str(find["tool"]), "look_up").name, find.get("arguments", {})) if find else None
        return ToolOperation(
            name, self.server, tool, float(entry.get("timeout", self.office.timeout)), entry.get("arguments"),
            key_argument, finder,
        )  # fmt: skip

    def _picked(self, wanted: str, word: str) -> Tool:
        tool = self.tools.get(wanted)
        if tool is None:
            known = ", ".join(self.tools) or "none"
            raise misplaced(f"`{word}: {wanted}` is no tool of `{self.office.name}`. Its tools: {known}.", word)
        if tool.problem:
            raise misplaced(f"`{wanted}` can't be used: {tool.problem}.", word)
        return tool


def connect(office: Office) -> Mcp:
    """Reads the tools that were listed last. Raises Misplaced."""
    if find_spec("mcp") is None:
        raise misplaced(f"{REMEDY}.", "mcp")
    server = _server(office)
    file = office.stored_at(server.source)
    if not file.is_file():
        raise misplaced(f"The tools of `{office.name}` have not been listed yet: run `kulanz prepare`.", "mcp")
    document = read_document(file.read_bytes(), f"the list of tools of {office.name}")
    tools = [_tool(document, number, office.currency) for number in range(len(document.data["tools"]))]
    return Mcp(office, server, {tool.name: tool for tool in tools})


def _server(office: Office) -> Server:
    where = office.entry["mcp"]
    if isinstance(where, str):
        url, way = checked_url(where.replace("{base_url}", office.base_url), "mcp"), access(office)
        if way.hosts and not among(url, way.hosts):
            raise misplaced(f"{urlsplit(url).hostname} is not among `hosts`.", "hosts")
        if way.query[0]:
            raise misplaced("A key goes to an MCP server in a header: write `key_header`.", "key_query")
        return Server(office.name, url, access=way)
    if isinstance(where, list) and where and all(isinstance(word, str) for word in where):
        return Server(office.name, command=tuple(where), env=tuple(office.entry.get("env", ())))
    raise misplaced("`mcp` is an address, or a command as a list: [my-server, --stdio].", "mcp")


def _tool(document: Document, number: int, currency: str) -> Tool:
    part = document.part("tools", str(number))
    inside = Document(part.value.get("inputSchema") or {"type": "object"})
    schema = Schema(inside.part(), currency)
    problem = ""
    try:
        schema.check()
    except Unsupported as error:
        problem = str(error)
    outside = part.value.get("outputSchema")
    reads = (part.value.get("annotations") or {}).get("readOnlyHint")
    return Tool(
        part.text("name"), " ".join(part.text("description").split())[:120], schema,
        example(Document(outside).part()) if isinstance(outside, dict) else None, reads, problem,
    )  # fmt: skip


def do_fetch(office: Office) -> bool:
    """Asks the server for its tools and keeps the list. Raises KulanzError."""
    server = _server(office)
    server.access.check(office.name)
    tools: list[dict[str, Any]] = []

    async def listed(client: Client) -> None:
        cursor: str | None = None
        while len(tools) < MAX_TOOLS:
            page = await client.list_tools(cursor=cursor)
            tools.extend(tool.model_dump(mode="json", by_alias=True, exclude_none=True) for tool in page.tools)
            cursor = page.next_cursor
            if not cursor:
                return

    if error := _talk(server, listed, max(office.timeout, 20.0)):
        if isinstance(error, KulanzError):
            raise error
        raise TransientError(f"{server.source[:200]} can't be asked for its tools: {type(error).__name__}.") from error
    if not tools:
        raise InvalidInput(f"{server.source[:200]} has no tools.")
    office.do_store(server.source, json.dumps({"tools": tools[:MAX_TOOLS]}).encode())
    return True


KIND = Kind(
    word="mcp",
    settings=SETTINGS | {"env"},
    picks=("tool",),
    entries=frozenset({"arguments", "key_argument", "look_up", "timeout"}),
    connect=connect,
    do_fetch=do_fetch,
)
