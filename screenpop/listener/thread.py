"""The listener, running on a thread of its own.

Its answers never wait for the user interface that way, and it takes in about half as
much again as on the user interface's loop (docs/decisions/listener-thread.md).
"""

from __future__ import annotations

import errno
import logging
import sys
import threading
from typing import TYPE_CHECKING, Final, TypeVar

from screenpop.domain.errors import ListenerError
from screenpop.listener.guard import Limits
from screenpop.listener.routes import FrontDoor, HookRoute, RouteTable
from screenpop.listener.stats import ListenerStats, StatsRecorder
from screenpop.wording import tr

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Coroutine, Iterable
    from concurrent.futures import Future

    from screenpop.listener.intake import Intake

T = TypeVar("T")

logger = logging.getLogger(__name__)

_BACKLOG: Final = 512
_LAST_PORT: Final = 65_535
_TURNS_TO_HAND_OVER: Final = 3
_JOIN_SECONDS: Final = 1.0


class ListenerThread:
    """Takes webhooks in at ``http://host:port/hooks/<account>/<token>``.

    Args:
        host: The address of ours to listen on.
        port: 0 takes any free port.
        intake: Where deliveries go; called on this thread's event loop.
        allowed_hosts: Further names under which senders may know us, such as the host
            of the public URL; the loopback names and ``host`` are always allowed.
        limits: How much senders may ask.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        intake: Intake,
        allowed_hosts: Iterable[str] = (),
        limits: Limits | None = None,
    ) -> None:
        self._host = host
        self._port = port
        self._intake = intake
        self._limits = limits or Limits()
        self._door = FrontDoor(host)
        self._door.allow_hosts(allowed_hosts)
        self._stats = StatsRecorder()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopping: asyncio.Event | None = None
        self._ready = threading.Event()

    @property
    def is_running(self) -> bool:
        """Whether the thread is there and takes webhooks in."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def port(self) -> int:
        """The port it listens on; the wished-for one before ``start()``."""
        return self._port

    def start(self) -> int:
        """Begin to listen and return the port.

        Raises:
            ListenerError: The address cannot be had. No other port is tried: vendors
                were told this one.
        """
        if self._thread is not None:
            raise ListenerError(tr("The webhook listener is running already"))
        listening = _bind(self._host, self._port)
        self._port = int(listening.getsockname()[1])
        self._ready.clear()
        self._thread = threading.Thread(
            target=self._run, args=(listening,), name="listener", daemon=True
        )
        self._thread.start()
        self._ready.wait()
        if self._loop is None:
            self._thread.join()
            self._thread = None
            raise ListenerError(
                tr("The webhook listener did not start"),
                tr("The log names the reason."),
            )
        logger.info("Listening for webhooks on %s port %d", self._host, self._port)
        return self._port

    def set_routes(self, routes: Iterable[HookRoute]) -> None:
        """Replace all routes; may be called from any thread at any time."""
        self._door.routes = RouteTable(routes)

    def set_allowed_hosts(self, hosts: Iterable[str]) -> None:
        """Replace the further names for us; from any thread at any time."""
        self._door.allow_hosts(hosts)

    def stats(self) -> ListenerStats:
        """The counters; may be read from any thread at any time."""
        return self._stats.read()

    def submit(self, work: Coroutine[None, None, T]) -> Future[T]:
        """Run ``work`` on the listener's event loop.

        Raises:
            ListenerError: The listener does not run.
        """
        if self._loop is None:
            work.close()
            raise ListenerError(tr("The webhook listener is not running"))
        import asyncio

        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def stop(self) -> None:
        """Stop listening, let requests under way end, and end the thread.

        Takes less than three seconds. Stopping twice is fine.
        """
        thread, loop, stopping = self._thread, self._loop, self._stopping
        if thread is None:
            return
        if loop is not None and stopping is not None:
            loop.call_soon_threadsafe(stopping.set)
        thread.join(self._limits.stop_seconds + _JOIN_SECONDS)
        if thread.is_alive():
            logger.error("The webhook listener's thread does not end")
        self._thread = self._loop = self._stopping = None

    def _run(self, listening: socket.socket) -> None:
        import asyncio

        try:
            asyncio.run(self._serve(listening))
        except Exception:
            logger.exception("The webhook listener broke down")
        finally:
            listening.close()
            self._loop = None
            self._ready.set()

    async def _serve(self, listening: socket.socket) -> None:
        import asyncio

        from screenpop.listener.reception import Reception

        loop = asyncio.get_running_loop()
        reception = Reception(
            loop=loop,
            limits=self._limits,
            door=self._door,
            intake=self._intake,
            stats=self._stats,
        )
        server = await loop.create_server(
            reception.connect, sock=listening, backlog=_BACKLOG
        )
        self._stopping = stopping = asyncio.Event()
        self._loop = loop
        self._ready.set()
        try:
            await stopping.wait()
        finally:
            await _close(server, listening)
            await reception.finish()


async def _close(server: asyncio.Server, listening: socket.socket) -> None:
    import asyncio

    # WORKAROUND for asyncio, which forgets to close the sockets of connections that
    # it accepted but has not handed over when its server closes: accept no more, and
    # give those that are on their way the turns they need.
    try:
        asyncio.get_running_loop().remove_reader(listening)
    except NotImplementedError:
        logger.debug("This event loop hands connections over at once")
    for _ in range(_TURNS_TO_HAND_OVER):
        await asyncio.sleep(0)
    server.close()


def _bind(host: str, port: int) -> socket.socket:
    import socket

    if not 0 <= port <= _LAST_PORT:
        # The system would take such a number modulo 65,536.
        raise ListenerError(
            tr("There is no port {port}", port=port),
            tr("Set a port from 0 to 65535 under [listener] in config.toml."),
        )
    try:
        family, kind, proto, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, proto)
    except (OSError, UnicodeError) as error:
        raise _listener_error(host, port, error) from None
    try:
        if sys.platform == "win32":
            # Without it another program may take over a port that is in use.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            # Or a restart would have to wait for the last run's connections.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
        listening.setblocking(False)
    except OSError as error:
        listening.close()
        raise _listener_error(host, port, error) from None
    return listening


def _listener_error(host: str, port: int, error: Exception) -> ListenerError:
    code = error.errno if isinstance(error, OSError) else None
    if code == errno.EADDRINUSE:
        return ListenerError(
            tr(
                "Port {port} on {host} is in use by another program",
                port=port,
                host=host,
            ),
            tr(
                "Close that program, or set another port under [listener] in "
                "config.toml "
                "and tell your phone system the new address."
            ),
        )
    if code in (errno.EACCES, errno.EPERM):
        return ListenerError(
            tr(
                "This user may not listen on port {port} of {host}",
                port=port,
                host=host,
            ),
            tr("Set a port above 1023 under [listener] in config.toml."),
        )
    return ListenerError(
        tr("{host} is not an address of this computer", host=host),
        tr('Set host = "127.0.0.1" under [listener] in config.toml.'),
    )
