"""The arithmetic of the benchmark: medians with their spread, ratios, the table."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum


def percentile(values: Iterable[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of the values do not exceed, nearest rank.

    Raises:
        ValueError: There are no values, or the share is none.
    """
    ordered = sorted(values)
    if not ordered or not 0 <= share <= 1:
        raise ValueError("a percentile needs values and a share from 0 to 1")
    return ordered[max(0, -(-round(len(ordered) * share * 1e6) // 1_000_000) - 1)]


@dataclass(frozen=True, slots=True)
class Spread:
    """One figure for each round."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle one."""
        return statistics.median(self.rounds)

    def text(self, unit: str) -> str:
        """The median, and in parentheses the least and the greatest.

        >>> Spread((1.0, 3.0, 2.0)).text("ms")
        '2.00 (1.00-3.00) ms'
        """
        if not self.rounds:
            return "-"
        low, high = min(self.rounds), max(self.rounds)
        shown = _short(self.median)
        if len(self.rounds) > 1:
            shown += f" ({_short(low)}-{_short(high)})"
        return f"{shown} {unit}".rstrip()


def _short(value: float) -> str:
    """Three digits that mean something."""
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


class Bound(Enum):
    """What a target limits."""

    AT_MOST_TIMES = "≤ {0:g} x {1}"
    AT_LEAST_TIMES = "≥ {0:g} x {1}"
    AT_MOST = "≤ {0:g} {1}"
    AT_LEAST = "≥ {0:,g} {1}"
    BELOW = "< {0:g} {1}"


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure must keep to.

    Attributes:
        limit: A factor of the floor, or an amount in the row's unit.
    """

    bound: Bound
    limit: float

    def text(self, beside: str, unit: str) -> str:
        """In words, for the table."""
        is_ratio = self.bound in (Bound.AT_MOST_TIMES, Bound.AT_LEAST_TIMES)
        return self.bound.value.format(self.limit, beside if is_ratio else unit).strip()

    def is_met(self, program: Spread, beside: Spread) -> bool:
        """Whether the medians keep to it; without a figure it is not."""
        if not program.rounds:
            return False
        if self.bound is Bound.AT_MOST:
            return program.median <= self.limit
        if self.bound is Bound.AT_LEAST:
            return program.median >= self.limit
        if self.bound is Bound.BELOW:
            return program.median < self.limit
        if not beside.rounds:
            return False
        if self.bound is Bound.AT_MOST_TIMES:
            return program.median <= self.limit * beside.median
        return program.median >= self.limit * beside.median


@dataclass(slots=True)
class Row:
    """One line of the table.

    Attributes:
        beside: What the program is compared with: "floor", or a peer's name.
        target: None for a line that only informs.
    """

    what: str
    unit: str
    target: Target | None = None
    beside: str = "floor"
    floor: list[float] = field(default_factory=list)
    program: list[float] = field(default_factory=list)

    def add(self, floor: float | None, program: float | None) -> None:
        """Take one round's figures."""
        if floor is not None:
            self.floor.append(floor)
        if program is not None:
            self.program.append(program)

    @property
    def is_met(self) -> bool:
        """Whether the target is met; a line without one never fails."""
        if self.target is None:
            return True
        return self.target.is_met(
            Spread(tuple(self.program)), Spread(tuple(self.floor))
        )

    def cells(self) -> tuple[str, ...]:
        """What, beside what, both figures, ratio, target, and whether it is met."""
        floor, program = Spread(tuple(self.floor)), Spread(tuple(self.program))
        ratio = "-"
        if floor.rounds and program.rounds and floor.median:
            ratio = f"{program.median / floor.median:.2f}"
        target, verdict = "-", "-"
        if self.target is not None:
            target = self.target.text(self.beside, self.unit)
            verdict = "yes" if self.is_met else "**no**"
        beside = floor.text(self.unit)
        if self.beside != "floor" and floor.rounds:
            beside = f"{self.beside}: {beside}"
        return self.what, beside, program.text(self.unit), ratio, target, verdict


HEADINGS = ("what", "floor or peer", "screenpop", "ratio", "target", "met")


def table(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table."""
    lines = [HEADINGS, ("---",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
