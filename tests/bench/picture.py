"""A picture of the table: how much of each target's allowance is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from tests.bench.figures import Bound, Row, Spread

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH, _LEFT, _RIGHT, _LINE, _TOP = 900, 410, 80, 26, 64
_MOST: Final = 1.5
"""Where bars are cut off, in allowances."""
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}"
    ".quiet{fill:#59636e}.met{fill:#2f81f7}.missed{fill:#d1242f}"
    ".ground{fill:#ffffff}.limit{stroke:#1f2328;stroke-dasharray:4 3}"
    "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}"
    ".ground{fill:#0d1117}.limit{stroke:#e6edf3}.missed{fill:#f85149}}"
)


def used(row: Row) -> float | None:
    """The share of its target's allowance that a row uses; above 1 it is missed.

    None for a row without a target or figures, and where nothing at all is allowed.
    """
    target, program = row.target, Spread(tuple(row.program))
    beside = Spread(tuple(row.floor))
    if target is None or not program.rounds:
        return None
    is_ratio = target.bound in (Bound.AT_MOST_TIMES, Bound.AT_LEAST_TIMES)
    if is_ratio and not beside.rounds:
        return None
    limit = target.limit * (beside.median if is_ratio else 1.0)
    if target.bound in (Bound.AT_LEAST, Bound.AT_LEAST_TIMES):
        return limit / program.median if program.median else None
    return program.median / limit if limit else None


def picture(rows: Iterable[Row]) -> str:
    """The rows with targets as an SVG, one bar each."""
    bars = [(row, share) for row in rows if (share := used(row)) is not None]
    height = _TOP + _LINE * len(bars) + 16
    scale = (_WIDTH - _LEFT - _RIGHT) / _MOST
    limit = _LEFT + scale
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" role="img">',
        "<title>Share of each target's allowance that screenpop uses</title>",
        f"<style>{_STYLE}</style>",
        f'<rect class="ground" width="{_WIDTH}" height="{height}"/>',
        '<text x="16" y="26">How much of each target is used; less is better</text>',
        f'<text class="quiet" x="{limit}" y="50" text-anchor="middle">target</text>',
    ]
    for number, (row, share) in enumerate(bars):
        y = _TOP + number * _LINE
        kind = "met" if row.is_met else "missed"
        length = max(2.0, min(share, _MOST) * scale)
        is_told = row.beside == "floor" or row.beside in row.what
        beside = "" if is_told else f" (beside {row.beside})"
        parts += [
            f'<text x="{_LEFT - 12}" y="{y + 13}" text-anchor="end">'
            f"{escape(row.what + beside)}</text>",
            f'<rect class="{kind}" x="{_LEFT}" y="{y}" width="{length:.1f}" '
            'height="17" rx="2"/>',
            f'<text class="quiet" x="{_WIDTH - 16}" y="{y + 13}" text-anchor="end">'
            f"{share:.0%}</text>",
        ]
    bottom = _TOP + _LINE * len(bars)
    parts.append(
        f'<line class="limit" x1="{limit}" y1="{_TOP - 6}" x2="{limit}" y2="{bottom}"/>'
    )
    return "\n".join([*parts, "</svg>", ""])
