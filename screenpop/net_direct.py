"""The way from httpx straight to a server: h11 on a socket of the event loop.

httpx's own transport brings httpcore and anyio, which cost 3 MiB of an idle program
and 20 ms at the first request, and offer what is of no use here: threads, other event
loops, HTTP/2. This one is a transport as httpx documents them ("Custom transports").
Behind a proxy the library's own is used (``screenpop.net``).

A connection that the server closes, or sends something unasked on, is given up at
once, so none is used again that is known to be dead.
"""

from __future__ import annotations

import asyncio
import select
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, cast

import h11
import httpx

Trace: TypeAlias = Callable[[str, Mapping[str, Any]], Awaitable[None]]

# As much as may wait unread before the server is slowed down.
_MOST_UNREAD: Final = 256 * 1024
# Between the tries of a host's addresses (RFC 8305 section 5).
_NEXT_ADDRESS_SECONDS: Final = 0.25
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
_Origin: TypeAlias = tuple[str, str, int]


class DirectTransport(httpx.AsyncBaseTransport):
    """Connections to whatever host is asked for, kept and used again.

    It follows the ``trace`` extension of httpcore for two of its events:
    ``connection.connect_tcp.started`` with the host, and
    ``http11.send_request_headers.started``.
    """

    def __init__(
        self, tls: ssl.SSLContext, *, most_connections: int, keep_alive_seconds: float
    ) -> None:
        """Open nothing yet.

        Args:
            tls: For ``https``.
            most_connections: How many requests are on their way at once.
            keep_alive_seconds: How long an unused connection may be used again.
        """
        self._tls = tls
        self._keep_alive_seconds = keep_alive_seconds
        self._turns = asyncio.Semaphore(most_connections)
        self._idle: list[_Wire] = []
        self._is_closed = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; the answer's body follows as it is read.

        Raises:
            httpx.TransportError: By kind, as httpx's own transport does.
        """
        seconds: Mapping[str, float | None] = request.extensions.get("timeout", {})
        trace: Trace = request.extensions.get("trace", _nobody)
        with _late(httpx.PoolTimeout):
            async with asyncio.timeout(seconds.get("pool")):
                await self._turns.acquire()
        wire: _Wire | None = None
        try:
            wire = await self._wire(request.url, seconds.get("connect"), trace)
            await trace("http11.send_request_headers.started", {"request": request})
            head = await wire.exchange(request, seconds.get("read"))
        except BaseException:
            if wire is not None:
                wire.abort()
            self._turns.release()
            raise
        body = _Body(wire, seconds.get("read"), self._take_back)
        return httpx.Response(head.status_code, headers=list(head.headers), stream=body)

    async def aclose(self) -> None:
        """Close what is kept; answers being read end by themselves, their wires too."""
        self._is_closed = True
        idle, self._idle = self._idle, []
        for wire in idle:
            wire.abort()

    async def _wire(self, url: httpx.URL, seconds: float | None, trace: Trace) -> _Wire:
        port = url.port or _DEFAULT_PORTS[url.scheme]
        origin = url.scheme, url.raw_host.decode("ascii"), port
        now = asyncio.get_running_loop().time()
        kept, self._idle = self._idle, []
        found: _Wire | None = None
        for wire in reversed(kept):
            is_old = now - wire.idle_since > self._keep_alive_seconds
            if wire.is_dead or is_old or wire.has_news:
                wire.abort()
            elif found is None and wire.origin == origin:
                found = wire
            else:
                self._idle.insert(0, wire)
        if found is not None:
            found.is_idle = False
            return found
        await trace("connection.connect_tcp.started", {"host": origin[1]})
        return await self._connect(origin, seconds)

    async def _connect(self, origin: _Origin, seconds: float | None) -> _Wire:
        scheme, host, port = origin
        tls = self._tls if scheme == "https" else None
        loop = asyncio.get_running_loop()
        with _broken(httpx.ConnectError), _late(httpx.ConnectTimeout):
            # Cancelled at its deadline, asyncio closes the socket in mid-handshake.
            async with asyncio.timeout(seconds):
                _transport, wire = await loop.create_connection(
                    lambda: _Wire(origin),
                    host.strip("[]"),
                    port,
                    ssl=tls,
                    server_hostname=host.strip("[]") if tls else None,
                    happy_eyeballs_delay=_race_of(host),
                )
        return wire

    def _take_back(self, wire: _Wire) -> None:
        self._turns.release()
        is_fit = wire.rest(asyncio.get_running_loop().time())
        if is_fit and not self._is_closed:
            self._idle.append(wire)
        else:
            wire.abort()


def _race_of(host: str) -> float | None:
    """When to try the next address of a host; None where it has one only.

    Not for nothing: asyncio of Python 3.11 loses a socket when a race is called off in
    the moment it is won.
    """
    is_address = host.startswith("[") or host.replace(".", "").isdigit()
    return None if is_address else _NEXT_ADDRESS_SECONDS


async def _nobody(_event: str, _details: Mapping[str, Any]) -> None:
    """Follow nothing."""


@dataclass(slots=True)
class _Body(httpx.AsyncByteStream):
    """The body of an answer, read as it is asked for."""

    wire: _Wire
    seconds: float | None
    give_back: Callable[[_Wire], None]
    is_open: bool = True

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while True:
            event = await self.wire.event(self.seconds)
            if isinstance(event, h11.Data):
                yield bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                return
            else:
                raise httpx.RemoteProtocolError("the answer ended in its middle")

    async def aclose(self) -> None:
        if self.is_open:
            self.is_open = False
            self.give_back(self.wire)


class _Wire(asyncio.Protocol):
    """One connection, for one request at a time.

    Attributes:
        origin: Scheme, host and port.
        is_idle: Nobody waits for an answer on it.
        idle_since: By the clock of the event loop, seconds.
        is_dead: It is of no further use.
    """

    def __init__(self, origin: _Origin) -> None:
        self.origin = origin
        self.is_idle = False
        self.idle_since = 0.0
        self.is_dead = False
        self._machine = h11.Connection(h11.CLIENT)
        self._transport: asyncio.Transport | None = None
        self._news = asyncio.Event()
        self._unread = 0
        self._fault: Exception | None = None

    # --- what asyncio tells ----------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if self.is_idle:
            self.abort()  # an answer to nothing, often "408" before closing
            return
        self._machine.receive_data(data)
        self._unread += len(data)
        if self._unread > _MOST_UNREAD and self._transport is not None:
            self._transport.pause_reading()
        self._news.set()

    def eof_received(self) -> bool:
        self._end()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        self._fault = self._fault or exc
        self._end()

    def _end(self) -> None:
        if not self.is_dead:
            self.is_dead = True
            self._machine.receive_data(b"")
            self._news.set()

    # --- one exchange ----------------------------------------------------------------

    async def exchange(
        self, request: httpx.Request, seconds: float | None
    ) -> h11.Response:
        """Send the request and wait for the head of its answer."""
        body = b"".join([part async for part in cast("Any", request.stream)])
        try:
            head = self._machine.send(
                h11.Request(
                    method=request.method.encode("ascii"),
                    target=request.url.raw_path,
                    headers=request.headers.raw,
                )
            )
        except (h11.LocalProtocolError, UnicodeError) as error:
            raise httpx.LocalProtocolError(str(error)) from error
        parts = [head, self._machine.send(h11.Data(body)) if body else b""]
        parts.append(self._machine.send(h11.EndOfMessage()))
        assert self._transport is not None  # noqa: S101 - made before it is handed out
        self._transport.write(b"".join(part for part in parts if part))
        while True:
            event = await self.event(seconds)
            if isinstance(event, h11.Response):
                return event
            if not isinstance(event, h11.InformationalResponse):
                raise httpx.RemoteProtocolError("no answer came")

    async def event(self, seconds: float | None) -> h11.Event:
        """The next thing the server says.

        Raises:
            httpx.ReadError: The connection broke.
            httpx.ReadTimeout: It said nothing for so long.
            httpx.RemoteProtocolError: What it said is not HTTP.
        """
        while True:
            event = self._next_event()
            if event is not h11.NEED_DATA:
                return cast("h11.Event", event)
            if self.is_dead:
                raise httpx.ReadError("the connection broke") from self._fault
            self._news.clear()
            self._unread = 0
            if self._transport is not None:
                self._transport.resume_reading()
            with _late(httpx.ReadTimeout):
                async with asyncio.timeout(seconds):
                    await self._news.wait()

    def _next_event(self) -> object:
        try:
            return self._machine.next_event()
        except h11.RemoteProtocolError as error:
            if isinstance(self._fault, OSError):
                raise httpx.ReadError("the connection broke") from self._fault
            raise httpx.RemoteProtocolError(str(error)) from error

    def rest(self, now: float) -> bool:
        """Make ready for the next request; False when that cannot be."""
        if self.is_dead or self._machine.our_state is not h11.DONE:
            return False
        if self._machine.their_state is not h11.DONE:
            return False
        self._machine.start_next_cycle()
        unasked, _is_closed = self._machine.trailing_data
        self.is_idle = not unasked
        self.idle_since = now
        if self.is_idle and self._transport is not None:
            self._transport.resume_reading()
        return self.is_idle

    @property
    def has_news(self) -> bool:
        """Something has come that the event loop has not read yet, or the end."""
        if self._transport is None:
            return True
        number = self._transport.get_extra_info("socket").fileno()
        if number < 0:
            return True
        if sys.platform == "win32":
            return bool(select.select([number], [], [], 0)[0])
        poll = select.poll()
        poll.register(number, select.POLLIN)
        return bool(poll.poll(0))

    def abort(self) -> None:
        """Close it without waiting for anybody."""
        self.is_dead = True
        if self._transport is not None:
            self._transport.abort()


@contextmanager
def _late(kind: type[httpx.TimeoutException]) -> Iterator[None]:
    try:
        yield
    except TimeoutError as error:
        raise kind("too late") from error


@contextmanager
def _broken(kind: type[httpx.NetworkError]) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise kind("no connection") from error
