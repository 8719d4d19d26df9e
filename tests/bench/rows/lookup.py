"""Who has this number: the directory beside the bare index, small and large.

Numbers at random, 10,000 a round. The floor is ``floors/contact_index.py``.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.bench.directories import FLOOR, LARGE, PROGRAM, asked, built, sizes, took_us
from tests.bench.figures import Bound, Row, Target

if TYPE_CHECKING:
    from tests.bench.stage import Program, Stage


def measure(stage: Stage, rounds: int) -> list[Row]:
    """All directories stand open, one of them is asked at a time."""
    rows = _cost_rows(stage)
    counts = sizes(stage)
    known = {
        people: (
            Row(f"exact look-up among {people:,}, p50", "us", _target(people)),
            Row(f"exact look-up among {people:,}, p99", "us", _target(people)),
        )
        for people in counts
    }
    growth = Row(
        f"exact look-up, {counts[-1]:,} beside {counts[0]:,}, p50",
        "x",
        Target(Bound.AT_MOST, 3),
    )
    unknown = Row(f"look-up of an unknown number among {LARGE:,}, p50", "us")
    with contextlib.ExitStack() as opened:
        sides = {
            people: (
                opened.enter_context(asked(stage, FLOOR, people)),
                opened.enter_context(asked(stage, PROGRAM, people)),
            )
            for people in counts
        }
        for pair in sides.values():
            for side in pair:
                took_us(side, "known", 0)
        for seed in range(1, rounds + 1):
            _ask_all(sides, known, growth, seed)
            floor, program = (took_us(side, "unknown", seed) for side in sides[LARGE])
            unknown.add(floor[0], program[0])
    return [*rows, *(row for pair in known.values() for row in pair), growth, unknown]


def _target(people: int) -> Target | None:
    return Target(Bound.AT_MOST_TIMES, 3) if people == LARGE else None


def _ask_all(
    sides: dict[int, tuple[Program, Program]],
    known: dict[int, tuple[Row, Row]],
    growth: Row,
    seed: int,
) -> None:
    halves = []
    for people, (floor, program) in sides.items():
        beside, ours = took_us(floor, "known", seed), took_us(program, "known", seed)
        for row, pair in zip(
            known[people], zip(beside, ours, strict=True), strict=True
        ):
            row.add(*pair)
        halves.append((beside[0], ours[0]))
    least, most = halves[0], halves[-1]
    growth.add(most[0] / least[0], most[1] / least[1])


def _cost_rows(stage: Stage) -> list[Row]:
    """What building the directories takes; told, not judged."""
    rows = []
    for people in sizes(stage)[1:]:
        taken = Row(f"directory of {people:,} made", "s")
        disk = Row(f"directory of {people:,} on disk", "MiB")
        floor, program = built(stage, FLOOR, people), built(stage, PROGRAM, people)
        taken.add(floor.seconds, program.seconds)
        disk.add(floor.mib, program.mib)
        rows += [taken, disk]
    return rows
