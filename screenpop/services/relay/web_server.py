"""The web server under the relay's applications, and the only module that knows it.

The server is uvicorn with the parser of httptools. It is meant to stand behind a proxy
that does the encryption; what a proxy lets through all the same is bounded here: how
long a request may take to come in, how long its head may be, how many come at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Awaitable, Callable, Iterator
from typing import Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from screenpop.domain.errors import ListenerError
from screenpop.wording import tr

REQUEST_SECONDS: Final = 6.0
HEAD_BYTES: Final = 16 * 1024
STOP_SECONDS: Final = 10
KEEP_ALIVE_SECONDS: Final = 75
_MOST_CONNECTIONS: Final = 2000
_BACKLOG: Final = 1024

Application = Callable[..., Awaitable[None]]


class _BoundedProtocol(HttpToolsProtocol):
    """Closes what takes too long to come in, or has too long a head."""

    _late: asyncio.TimerHandle | None = None
    _head_bytes = 0
    _is_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._await_request()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._late is None and self._is_head:
            self._await_request()
        if self._is_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_head and self._head_bytes > HEAD_BYTES:
            self.transport.abort()

    def on_message_begin(self) -> None:
        self._is_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._is_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._forget()
        self._is_head, self._head_bytes = True, 0
        super().on_message_complete()

    def _await_request(self) -> None:
        self._late = self.loop.call_later(REQUEST_SECONDS, self.transport.abort)

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


class _Server(uvicorn.Server):
    """Leaves the signals to whoever runs it, and tells when it answers."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.begun = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.begun.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WebServer:
    """One application at one port."""

    def __init__(self, application: Application, host: str, port: int) -> None:
        """Listen; connections wait until ``start``.

        Raises:
            ListenerError: The address cannot be had.
        """
        logging.getLogger("uvicorn").setLevel(logging.ERROR)
        self._socket = _bound(host, port)
        self.port = int(self._socket.getsockname()[1])
        config = uvicorn.Config(
            application,
            http=_BoundedProtocol,
            ws="none",
            lifespan="off",
            loop="none",
            interface="asgi3",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
            timeout_graceful_shutdown=STOP_SECONDS,
        )
        self._server = _Server(config)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to answer."""
        self._task = asyncio.get_running_loop().create_task(
            self._server.serve(sockets=[self._socket]), name=f"web server {self.port}"
        )
        await self._server.begun.wait()

    async def stop(self) -> None:
        """Take no more connections, answer what has come in, and end."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


def _bound(host: str, port: int) -> socket.socket:
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except (OSError, UnicodeError):
        raise _cannot_listen(host, port) from None
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError:
        listening.close()
        raise _cannot_listen(host, port) from None
    return listening


def _cannot_listen(host: str, port: int) -> ListenerError:
    return ListenerError(
        tr("The relay cannot listen on {host}, port {port}", host=host, port=port),
        tr(
            "Another program may use the port, or this user may not: set another one "
            "in relay.toml."
        ),
    )
