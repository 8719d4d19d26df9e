"""Search as you type: names, companies and numbers, letter by letter.

The floor asks the word index alone, in no order; the program ranks what it finds.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from tests.bench.directories import FLOOR, LARGE, PROGRAM, asked, sizes, took_us
from tests.bench.figures import Bound, Row, Target

if TYPE_CHECKING:
    from tests.bench.stage import Stage


def measure(stage: Stage, rounds: int) -> list[Row]:
    """All directories stand open, one of them is asked at a time."""
    counts = sizes(stage)
    rows = {
        people: (
            Row(f"search as you type among {people:,}, p50", "ms"),
            Row(
                f"search as you type among {people:,}, p99",
                "ms",
                Target(Bound.AT_MOST, 5) if people == LARGE else None,
            ),
        )
        for people in counts
    }
    growth = Row(f"search, {counts[-1]:,} beside {counts[0]:,}, p99", "x")
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
                took_us(side, "typed", 0)
        for seed in range(1, rounds + 1):
            slow = []
            for people, (floor, program) in sides.items():
                beside = took_us(floor, "typed", seed)
                ours = took_us(program, "typed", seed)
                for row, bare, whole in zip(rows[people], beside, ours, strict=True):
                    row.add(bare / 1000, whole / 1000)
                slow.append((beside[1], ours[1]))
            growth.add(slow[-1][0] / slow[0][0], slow[-1][1] / slow[0][1])
    return [*(row for pair in rows.values() for row in pair), growth]
