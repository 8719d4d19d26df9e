"""Row 5: the webhook's answer and the UI's tick while 200 deliveries a second come.

Ours and the group-commit floor alternately, the same stream to each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tests.bench.figures import Bound, Row, Target, percentile
from tests.bench.rows.card import probed_program
from tests.bench.rows.idle import pause
from tests.bench.stage import Program, Stage, python

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_SECOND = 200
SECONDS = 6
SETTLE_SECONDS = 2.0
OTHER_EXTENSION = "102"


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both stand ready, one of them under load at a time."""
    at_most_25 = Target(Bound.AT_MOST, 25)
    rows = [
        Row(f"webhook answer at {PER_SECOND}/s, p50", "ms"),
        Row(f"webhook answer at {PER_SECOND}/s, p99", "ms", at_most_25),
        Row(f"UI tick lag at {PER_SECOND}/s, p99", "ms", Target(Bound.AT_MOST, 5)),
        Row(f"UI tick lag at {PER_SECOND}/s, max", "ms"),
    ]
    env = {"BENCH_FOLDER": str(stage.folder)}
    command = python("-m", "tests.bench.floors.group_commit")
    with (
        stage.running(*command, env=env) as floor,
        probed_program(stage, "answer") as (program, url),
    ):
        hook = urlsplit(url)
        sides = (
            (floor, int(floor.fact("port")), "/hook"),
            (program, hook.port or 0, hook.path),
        )
        pause(SETTLE_SECONDS)
        for side, port, path in sides:
            _load(stage, side, port, path, seconds=1)
        for _ in range(rounds):
            figures = [
                _load(stage, side, port, path, seconds=SECONDS)
                for side, port, path in sides
            ]
            for row, pair in zip(rows, zip(*figures, strict=True), strict=True):
                row.add(*pair)
    return rows


def _load(
    stage: Stage, side: Program, port: int, path: str, *, seconds: int
) -> Sequence[float]:
    cloud = stage.cloud
    side.tell("tick")
    arguments = (str(port), path, cloud.line, cloud.extension, OTHER_EXTENSION)
    command = python("-m", "tests.bench.load", *arguments, str(PER_SECOND))
    with stage.running(*command, str(seconds)) as load:
        told = load.fact("load")
    side.tell("told")
    late = side.fact("late_ms")
    if told["refused"]:
        raise RuntimeError(f"{told['refused']} deliveries were not accepted")
    taken = told["taken_ms"]
    return (
        percentile(taken, 0.5),
        percentile(taken, 0.99),
        percentile(late, 0.99),
        max(late),
    )
