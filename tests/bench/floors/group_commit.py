"""Floor of intake and answer: a bare protocol, a writer thread, group commit.

    python -m tests.bench.floors.group_commit

The fastest design that was found to be durable: asyncio on Qt's loop (the app's own), a
protocol that takes a request apart by its blank line, and one thread that puts what has
queued up into a table with two further indices in one transaction (WAL, FULL); only
then each sender gets its 204. No routes, no checks, no parsing of the body, no calls
and no cards. A connection is closed when its sender asks for that. It measures the
lateness of a timer like the probed program.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from queue import Empty, SimpleQueue

from PySide6.QtWidgets import QApplication

from screenpop.ui.event_loop import Loop
from tests.bench.ticks import obey, say, ticks

_GROUP = 500
SCHEMA = """
CREATE TABLE journal (seq INTEGER PRIMARY KEY, account TEXT NOT NULL,
    received_at INTEGER NOT NULL, is_processed INTEGER NOT NULL DEFAULT 0,
    body BLOB NOT NULL);
CREATE INDEX by_time ON journal (received_at);
CREATE INDEX pending ON journal (is_processed) WHERE is_processed = 0;
"""
INSERT = "INSERT INTO journal (account, received_at, body) VALUES ('floor', ?, ?)"

Entry = tuple[int, bytes, Callable[[], None]]


class Writer:
    """Commits in groups on a thread of its own."""

    def __init__(self, path: Path, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._queue: SimpleQueue[Entry] = SimpleQueue()
        self._path = path
        threading.Thread(target=self._run, daemon=True).start()

    def put(self, body: bytes, done: Callable[[], None]) -> None:
        """Store, then call ``done`` on the loop."""
        self._queue.put((time.time_ns(), body, done))

    def _run(self) -> None:
        connection = sqlite3.connect(self._path, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL").fetchone()
        connection.execute("PRAGMA synchronous=FULL")
        connection.executescript(SCHEMA)
        while True:
            group = self._next_group()
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(INSERT, [entry[:2] for entry in group])
            connection.execute("COMMIT")
            self._loop.call_soon_threadsafe(_tell, [entry[2] for entry in group])

    def _next_group(self) -> list[Entry]:
        group = [self._queue.get()]
        while len(group) < _GROUP:
            try:
                group.append(self._queue.get_nowait())
            except Empty:
                break
        return group


def _tell(done: list[Callable[[], None]]) -> None:
    for each in done:
        each()


class Hook(asyncio.Protocol):
    """Requests, one after the other."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._received = b""
        self._is_last = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        lowered = head.lower()
        length = int(lowered.partition(b"content-length:")[2].split(b"\r\n")[0])
        if len(body) < length:
            return
        self._is_last = b"connection: close" in lowered
        self._received = body[length:]
        self._writer.put(body[:length], self._answer)

    def _answer(self) -> None:
        option = b"Connection: close\r\n" if self._is_last else b""
        self._transport.write(b"HTTP/1.1 204 No Content\r\n" + option + b"\r\n")
        if self._is_last:
            self._transport.close()


async def serve(folder: Path) -> None:
    loop = asyncio.get_running_loop()
    writer = Writer(folder / "floor.db", loop)
    server = await loop.create_server(lambda: Hook(writer), "127.0.0.1", 0, backlog=512)
    measured = ticks()
    loop.add_reader(0, lambda: obey(os.read(0, 99).decode().strip(), measured))
    say(port=server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


def main() -> int:
    app = QApplication(sys.argv[:1])
    app.setQuitOnLastWindowClosed(False)
    # In the place where the program keeps its own: it must be the same disk.
    with (
        tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as folder,
        Loop(app) as loop,
    ):
        loop.run_until_complete(serve(Path(folder)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
