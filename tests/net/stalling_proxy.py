"""A connection's middleman that can go silent: how a network loses a server."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK = 64 * 1024


class StallingProxy:
    """``async with StallingProxy(port) as proxy: … proxy.port``.

    Attributes:
        port: Where it listens, on 127.0.0.1.
        accepted: How many connections came so far.
        chunks: How many pieces came so far, from either side.
    """

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.accepted = 0
        self.chunks = 0
        self._target_port = target_port
        self._flows = asyncio.Event()
        self._flows.set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    def stall(self) -> None:
        """Take everything and pass nothing on."""
        self._flows.clear()

    def flow(self) -> None:
        """Pass on what was held back, and all that comes."""
        self._flows.set()

    async def __aenter__(self) -> StallingProxy:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for writer in self._writers:
            writer.close()
        await self._server.wait_closed()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.accepted += 1
        self._writers.add(writer)
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target_port)
        except ConnectionRefusedError:
            writer.close()
            return
        self._writers.add(back)
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)

    async def _pass_on(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter
    ) -> None:
        try:
            while chunk := await source.read(_CHUNK):
                self.chunks += 1
                await self._flows.wait()
                target.write(chunk)
                await target.drain()
        except ConnectionError:
            pass  # one end is gone; so is the other now
        target.close()
