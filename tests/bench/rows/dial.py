"""``screenpop dial NUMBER --yes`` to the running app, beside an idle Python.

A small relay between the app and the simulated phone system notes when the request that
rings leaves the app.
"""

from __future__ import annotations

import contextlib
import socket
import statistics
import subprocess
import threading
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bench.deliveries import CALLERS
from tests.bench.figures import Bound, Row, Target
from tests.bench.rows.idle import pause
from tests.bench.stage import ROOT, Stage, home_of, is_live, python
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DIALS_PER_ROUND = 5
SETTLE_SECONDS = 3.0
BETWEEN_SECONDS = 0.3
_RINGS = b"/connect "
_PIECE_BYTES = 65_536


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Alternately; a first dial of each round's kind has been made before."""
    process = Row("dial to the running app, process", "ms", _at_most(5))
    wire = Row("dial to the running app, request on the wire", "ms", _at_most(8))
    with _relay(stage) as relay:
        paths = stage.home("dial")
        text = paths.config_file.read_text("utf-8")
        paths.config_file.write_text(text.replace(stage.cloud.base_url, relay.base_url))
        env = home_of(paths)
        with stage.running(*python("-m", "screenpop"), env=env):
            until(lambda: is_live(paths), "the account to be connected", seconds=30)
            pause(SETTLE_SECONDS)
            numbers = iter(CALLERS)
            _dial(stage, env, relay, next(numbers))
            for _ in range(rounds):
                taken = [
                    (_bare(stage), *_dial(stage, env, relay, next(numbers)))
                    for _ in range(DIALS_PER_ROUND)
                ]
                bare, whole, sent = map(statistics.median, zip(*taken, strict=True))
                process.add(bare, whole)
                wire.add(bare, sent)
    return [process, wire]


def _at_most(times: float) -> Target:
    return Target(Bound.AT_MOST_TIMES, times)


def _bare(stage: Stage) -> float:
    return _run(stage, {}, "-c", "pass")[1]


def _dial(
    stage: Stage, env: Mapping[str, str], relay: _Relay, number: str
) -> tuple[float, float]:
    """How long the process lived, and when the request that rings left the app, ms."""
    begun, whole = _run(stage, env, "-m", "screenpop", "dial", number, "--yes")
    rings = relay.take_rings()
    if len(rings) != 1:
        raise RuntimeError(f"{len(rings)} calls were dialled\n{stage.errors()}")
    pause(BETWEEN_SECONDS)
    return whole, (rings[0] - begun) * 1000


def _run(stage: Stage, env: Mapping[str, str], *words: str) -> tuple[float, float]:
    """When a Python was started, and how long it lived, ms."""
    begun = time.monotonic()
    subprocess.run(
        python(*words),
        env={**stage.environment, **env},
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    return begun, (time.monotonic() - begun) * 1000


class _Relay:
    """Passes bytes on between the app and the phone system; looks at what goes out."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._rings: list[float] = []
        self._target = target
        self._listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def base_url(self) -> str:
        """What the account is told to be the phone system's address."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def take_rings(self) -> list[float]:
        """When requests that ring went by since the last question."""
        rings, self._rings = self._rings, []
        return rings

    def close(self) -> None:
        """Take no more connections."""
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                for each in (near, far):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pump(near, far)
                self._pump(far, near)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        def run() -> None:
            with contextlib.suppress(OSError):  # either side is gone
                while piece := source.recv(_PIECE_BYTES):
                    if piece.startswith(b"POST") and _RINGS in piece:
                        self._rings.append(time.monotonic())
                    sink.sendall(piece)
            with contextlib.suppress(OSError):
                sink.shutdown(socket.SHUT_WR)

        threading.Thread(target=run, daemon=True).start()


@contextlib.contextmanager
def _relay(stage: Stage) -> Iterator[_Relay]:
    address = urlsplit(stage.cloud.base_url)
    relay = _Relay((str(address.hostname), address.port or 80))
    try:
        yield relay
    finally:
        relay.close()
