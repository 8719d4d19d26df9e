"""A poll of 500 records: fetched and taken out of JSON, by a client that is kept.

The floor is ``floors/bare_poll.py``; what a phone system's adapter makes of the records
comes after and is not in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.bench.figures import Bound, Row, Target
from tests.bench.stage import Program, python

if TYPE_CHECKING:
    from tests.bench.stage import Stage


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both have their connection open, one polls at a time."""
    half = Row("poll of 500 records, p50", "ms", Target(Bound.AT_MOST_TIMES, 2.5))
    slow = Row("poll of 500 records, p99", "ms")
    used = Row("connections for all polls", "", Target(Bound.AT_MOST, 1))
    with stage.running(*python("-m", "tests.bench.record_server")) as server:
        port = str(server.fact("port"))
        before = _connections(server)
        with (
            stage.running(*python("-m", "tests.bench.floors.bare_poll", port)) as floor,
            stage.running(*python("-m", "tests.bench.polling", port)) as program,
        ):
            for side in (floor, program):
                side.fact("ready")
                _poll(side)
            for _ in range(rounds):
                beside, ours = _poll(floor), _poll(program)
                half.add(beside[0], ours[0])
                slow.add(beside[1], ours[1])
            used.add(1, _connections(server) - before - 1)
    return [half, slow, used]


def _poll(side: Program) -> tuple[float, float]:
    side.tell("poll")
    half, slow = side.fact("took_ms")
    return float(half), float(slow)


def _connections(server: Program) -> int:
    server.tell("count")
    return int(server.fact("connections"))
