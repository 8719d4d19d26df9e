"""Peer of intake: a web framework and an asynchronous database library, as taught.

    python -m tests.bench.floors.web_framework

Starlette under uvicorn, one connection of aiosqlite, a commit of its own for each
delivery (WAL, FULL) before its 204: what somebody writes who follows the manuals of the
three. No window stands beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import aiosqlite
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from tests.bench.floors.group_commit import INSERT, SCHEMA
from tests.bench.ticks import say

if TYPE_CHECKING:
    from starlette.requests import Request


def application(file: Path) -> Starlette:
    """Takes each delivery at ``/hook``."""

    @contextlib.asynccontextmanager
    async def opened(app: Starlette) -> AsyncIterator[None]:
        async with aiosqlite.connect(file) as connection:
            await connection.execute("PRAGMA journal_mode=WAL")
            await connection.execute("PRAGMA synchronous=FULL")
            await connection.executescript(SCHEMA)
            app.state.connection = connection
            yield

    async def take(request: Request) -> Response:
        body = await request.body()
        connection: aiosqlite.Connection = request.app.state.connection
        await connection.execute(INSERT, (time.time_ns(), body))
        await connection.commit()
        return Response(status_code=204)

    return Starlette(routes=[Route("/hook", take, methods=["POST"])], lifespan=opened)


class _Server(uvicorn.Server):
    """Tells its port once it listens."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        say(port=self.servers[0].sockets[0].getsockname()[1])


async def serve(folder: Path) -> None:
    config = uvicorn.Config(
        application(folder / "peer.db"),
        host="127.0.0.1",
        port=0,
        loop="none",
        log_level="error",
        access_log=False,
        backlog=512,
    )
    await _Server(config).serve()


def main() -> int:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder:
        asyncio.run(serve(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
