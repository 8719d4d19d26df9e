"""A folder for sockets and locks, and a real control server in it."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.control import ControlServer
from screenpop.desktop.instance import InstanceLock
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class App:
    """What the running app does with requests: in the tests, hardly anything."""

    def __init__(self, folder: Path) -> None:
        self.socket_file = folder / "app.sock"
        self.lock_file = folder / "app.lock"
        self.asked: list[tuple[str, Mapping[str, object]]] = []
        self.lock = InstanceLock(self.lock_file)
        self.server = ControlServer(self.socket_file, self.dispatch)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    async def dispatch(
        self, verb: str, args: Mapping[str, object]
    ) -> Mapping[str, object]:
        self.asked.append((verb, args))
        match verb:
            case "dial":
                return {"dialed": args.get("number")}
            case "break":
                raise RuntimeError("caller +12025550123")
            case "flood":
                return {"flood": "x" * 2_000_000}
            case "odd":
                return {"odd": object()}
            case "wait":
                await asyncio.Event().wait()
        raise UsageError(f"screenpop cannot {verb}", "Update it.")

    def start(self) -> None:
        assert self.lock.acquire()
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.server.start(), self._loop).result(10)

    def stop(self) -> None:
        if self._thread.is_alive():
            asyncio.run_coroutine_threadsafe(self.server.stop(), self._loop).result(10)
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
        self._loop.close()
        self.lock.release()


@pytest.fixture
def runtime() -> Path:
    return Path(os.environ["XDG_RUNTIME_DIR"])


@pytest.fixture
def app(runtime: Path) -> Iterator[App]:
    """The running app; a test that wants it later does not ask for this."""
    running = App(runtime)
    running.start()
    yield running
    running.stop()
