"""Row 1: from the spawn of a process to the first turn with the tray icon shown."""

from __future__ import annotations

import os
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.figures import Bound, Row, Target
from tests.bench.stage import ROOT, Stage, home_of, python

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE = Path(__file__).parents[1]
FLOOR = HERE / "floors" / "tray_window.py"
PROGRAM = HERE / "marked_app.py"
STARTS_PER_ROUND = 5


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Start both alternately; the account's files and bytecode are there already."""
    home = home_of(stage.home("start"))
    row = Row("start to tray, from source", "ms", Target(Bound.AT_MOST_TIMES, 1.35))
    for side in (FLOOR, PROGRAM):
        start(stage, side, home)
    for _ in range(rounds):
        taken = [
            (start(stage, FLOOR, home), start(stage, PROGRAM, home))
            for _ in range(STARTS_PER_ROUND)
        ]
        row.add(*map(statistics.median, zip(*taken, strict=True)))
    return [row]


def start(stage: Stage, script: Path, env: Mapping[str, str]) -> float:
    """Start a program that marks its first turn; how long that took, in ms."""
    reader, writer = os.pipe()
    with os.fdopen(reader) as marks:
        command = python(str(script), str(writer))
        env = {**env, "PYTHONPATH": str(ROOT)}
        spawned = time.monotonic_ns()
        with stage.running(*command, env=env, pass_fds=(writer,)):
            os.close(writer)
            mark = marks.readline()
    if not mark:
        raise RuntimeError(f"{script.name} ended early:\n{stage.errors()}")
    return (int(mark) - spawned) / 1e6
