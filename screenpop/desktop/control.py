"""The running app's end of the control channel: other starts hand over to it here."""

from __future__ import annotations

import asyncio
import logging
import os
import stat
import sys
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.desktop.control_message import (
    LONGEST_ANSWER_BYTES,
    LONGEST_REQUEST_BYTES,
    decode_request,
    encode_error,
    encode_result,
)
from screenpop.desktop.peer import is_own_peer
from screenpop.domain.errors import InstanceError, PayloadError, ScreenpopError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path
    from typing import TypeAlias

    Dispatch: TypeAlias = Callable[
        [str, Mapping[str, object]], Awaitable[Mapping[str, object]]
    ]

logger = logging.getLogger(__name__)

_PATIENCE_SECONDS: Final = 5.0
_DRAIN_SECONDS: Final = 0.2
_LONGEST_PATH_BYTES: Final = 103


class _Closable(Protocol):
    def close(self) -> None: ...


class ControlServer:
    """Answers requests of this user's other processes, one line for one line.

    Args:
        socket_file: Where to listen; its folder belongs to this user alone. On Windows
            a named pipe stands for it.
        dispatch: Carries a verb out. What it raises of our own errors goes back as
            kind, title and advice; anything else as a fault without details. An unknown
            verb is its ``UsageError``.
    """

    def __init__(self, socket_file: Path, dispatch: Dispatch) -> None:
        self._path = socket_file
        self._dispatch = dispatch
        self._server: _Closable | None = None
        self._clients: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin to listen, on the loop this is called on.

        To be called with the instance lock held: what lies at the path is then left
        over from a process that is gone, and removed.

        Raises:
            InstanceError: The path cannot be had.
        """
        try:
            self._server = await _listen(self._path, self._protocol)
        except OSError as error:
            raise InstanceError(
                tr(
                    "screenpop cannot listen at {path}: {reason}",
                    path=self._path,
                    reason=error.strerror or error,
                ),
                tr("See that its folder exists and belongs to you."),
            ) from error

    async def stop(self) -> None:
        """Stop listening and end what is under way."""
        if self._server is None:
            return
        self._server.close()
        self._server = None
        _remove_socket(self._path)
        clients = tuple(self._clients)
        for client in clients:
            client.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        # Closing a connection takes the loop one more turn.
        await asyncio.sleep(0)

    def _protocol(self) -> asyncio.StreamReaderProtocol:
        # The reader does not count the line's end.
        reader = asyncio.StreamReader(limit=LONGEST_REQUEST_BYTES - 1)
        return asyncio.StreamReaderProtocol(reader, self._meet)

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        client = asyncio.get_running_loop().create_task(self._serve(reader, writer))
        self._clients.add(client)

        def part(client: asyncio.Task[None]) -> None:
            self._clients.discard(client)
            # Here and not in the task: that may be cancelled before its first step.
            writer.close()

        client.add_done_callback(part)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            sock = writer.get_extra_info("socket")
            if sock is not None and not is_own_peer(sock):
                logger.warning("Another user knocked at the control channel")
                return
            async with asyncio.timeout(_PATIENCE_SECONDS):
                line = await _read_line(reader)
            if line is None:
                too_long = encode_error(None, "PayloadError", "That is too long")
                await _say_last(reader, writer, too_long)
            elif line:
                writer.write(await self._answer(line))
                await writer.drain()
        except TimeoutError:
            logger.debug("A control client said nothing for too long")
        except ConnectionError:
            logger.debug("A control client went away")

    async def _answer(self, line: bytes) -> bytes:
        request_id: str | int | None = None
        try:
            request = decode_request(line)
            request_id = request.request_id
            result = await self._dispatch(request.verb, request.args)
            answer = encode_result(request_id, result)
        except ScreenpopError as error:
            kind = type(error).__name__
            return encode_error(request_id, kind, error.title, error.advice)
        except Exception:
            logger.exception("A request on the control channel failed")
            return encode_error(
                request_id, "Fault", "Something in screenpop broke", "See its log."
            )
        if len(answer) > LONGEST_ANSWER_BYTES:
            return encode_error(request_id, PayloadError.__name__, "The answer is long")
        return answer


async def _read_line(reader: asyncio.StreamReader) -> bytes | None:
    """The next line, b"" when there is none any more, None when it is too long."""
    try:
        return await reader.readuntil(b"\n")
    except asyncio.IncompleteReadError:
        return b""
    except asyncio.LimitOverrunError:
        return None


async def _say_last(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, line: bytes
) -> None:
    """Answer somebody who is still talking: hang up only when they have heard it."""
    writer.write(line)
    await writer.drain()
    async with asyncio.timeout(_DRAIN_SECONDS):
        while await reader.read(LONGEST_REQUEST_BYTES):
            pass


def _remove_socket(path: Path) -> None:
    try:
        if stat.S_ISSOCK(path.lstat().st_mode):
            path.unlink()
    except FileNotFoundError:
        return


if sys.platform == "win32":
    from screenpop.desktop.pipe import pipe_name

    class _PipeServers:
        """Closes the pipes as a server closes its sockets."""

        def __init__(self, pipes: list[asyncio.windows_events.PipeServer]) -> None:
            self._pipes = pipes

        def close(self) -> None:
            for pipe in self._pipes:
                pipe.close()

    async def _listen(
        path: Path, protocol: Callable[[], asyncio.StreamReaderProtocol]
    ) -> _PipeServers:
        loop = asyncio.get_running_loop()
        if not isinstance(loop, asyncio.ProactorEventLoop):
            raise OSError("this event loop knows no pipes")
        return _PipeServers(await loop.start_serving_pipe(protocol, pipe_name(path)))

else:
    import socket

    async def _listen(
        path: Path, protocol: Callable[[], asyncio.StreamReaderProtocol]
    ) -> asyncio.AbstractServer:
        if len(os.fsencode(path)) > _LONGEST_PATH_BYTES:
            raise OSError("the path is too long")
        _remove_socket(path)
        listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listening.bind(os.fspath(path))
            # Before it listens: nobody can connect in between.
            os.chmod(path, 0o600)  # noqa: PTH101 - quick, and no reason for a thread
            listening.setblocking(False)
            return await asyncio.get_running_loop().create_unix_server(
                protocol, sock=listening
            )
        except BaseException:
            listening.close()
            raise
