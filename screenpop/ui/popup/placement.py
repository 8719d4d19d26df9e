"""Where the cards of a stack stand: pure arithmetic on screens. Knows no Qt."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Sequence

MARGIN: Final = 16
"""Logical pixels between the stack and the edges of the work area."""

GAP: Final = 8
"""Logical pixels between two cards."""


class Rect(NamedTuple):
    """A rectangle in logical pixels of the whole desktop."""

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """The first pixel column behind it."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """The first pixel row below it."""
        return self.y + self.height

    def contains(self, x: int, y: int) -> bool:
        """Whether the point lies in it."""
        return self.x <= x < self.right and self.y <= y < self.bottom


class Corner(StrEnum):
    """From which corner the stack grows; the values of the setting."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def is_bottom(self) -> bool:
        """The stack grows upwards."""
        return self in (Corner.BOTTOM_LEFT, Corner.BOTTOM_RIGHT)

    @property
    def is_right(self) -> bool:
        """Further columns go to the left."""
        return self in (Corner.TOP_RIGHT, Corner.BOTTOM_RIGHT)


class ScreenRule(StrEnum):
    """Which screen the cards come up on."""

    POINTER = "pointer"
    ACTIVE_WINDOW = "active-window"
    FIXED = "fixed"


@frozen
class ScreenArea:
    """One screen.

    Attributes:
        work: What panels and docks leave free.
    """

    name: str
    whole: Rect
    work: Rect
    is_primary: bool = False


def pick_screen(
    areas: Sequence[ScreenArea],
    rule: ScreenRule,
    *,
    pointer: tuple[int, int],
    active: str = "",
    fixed: str = "",
) -> ScreenArea | None:
    """The screen that the rule asks for, else the primary one; None without screens.

    Args:
        areas: All screens there are.
        rule: What the user set.
        pointer: Where the pointer is.
        active: The name of the screen with the active window; "" when not known.
        fixed: The name of the screen the user chose; it may be unplugged.
    """
    if not areas:
        return None
    wanted = {ScreenRule.ACTIVE_WINDOW: active, ScreenRule.FIXED: fixed}.get(rule, "")
    named = next((area for area in areas if area.name == wanted != ""), None)
    if named is not None:
        return named
    if rule is not ScreenRule.FIXED:
        under = next((area for area in areas if area.whole.contains(*pointer)), None)
        if under is not None:
            return under
    return next((area for area in areas if area.is_primary), areas[0])


@frozen
class Spot:
    """Where the stack begins, on a screen of any size.

    Attributes:
        across: Logical pixels between the first card and the corner's upright edge.
        along: The same for the corner's level edge.
        screen: The name of the screen that the user put it on; "" for by the rule.
    """

    corner: Corner
    across: int = MARGIN
    along: int = MARGIN
    screen: str = ""


def spot_of(rect: Rect, area: ScreenArea) -> Spot:
    """The spot of a first card that stands there: counted from the nearest corner."""
    work = area.work
    from_right, from_bottom = work.right - rect.right, work.bottom - rect.bottom
    from_left, from_top = rect.x - work.x, rect.y - work.y
    is_right, is_bottom = from_right <= from_left, from_bottom <= from_top
    corner = {
        (False, False): Corner.TOP_LEFT,
        (True, False): Corner.TOP_RIGHT,
        (False, True): Corner.BOTTOM_LEFT,
        (True, True): Corner.BOTTOM_RIGHT,
    }[is_right, is_bottom]
    return Spot(
        corner,
        max(0, from_right if is_right else from_left),
        max(0, from_bottom if is_bottom else from_top),
        area.name,
    )


def stack_rects(
    sizes: Sequence[tuple[int, int]], work: Rect, spot: Spot | Corner
) -> tuple[Rect, ...]:
    """Where windows of these sizes stand, the first one nearest to the corner.

    What does not fit into one column goes to the next one inwards. Nothing ever lies
    outside the work area, unless it is larger than that.
    """
    spot = spot if isinstance(spot, Spot) else Spot(spot)
    corner = spot.corner
    rects: list[Rect] = []
    inset, used, column_width = spot.across, spot.along, 0
    for width, height in sizes:
        if used > spot.along and used + height + MARGIN > work.height:
            inset += column_width + GAP
            used, column_width = min(spot.along, MARGIN), 0
        rects.append(_at(work, corner, (width, height), inset, used))
        used += height + GAP
        column_width = max(column_width, width)
    return tuple(rects)


def room_for(size: tuple[int, int], work: Rect, spot: Spot, most: int) -> int:
    """How many windows of that size stand there side by side; 1 at the least."""
    rects = stack_rects([size] * most, work, spot)
    for count, rect in enumerate(rects):
        if any(_overlap(rect, other) for other in rects[:count]):
            return count
    return max(1, most)


def _overlap(one: Rect, other: Rect) -> bool:
    is_apart = one.x >= other.right or other.x >= one.right
    return not (is_apart or one.y >= other.bottom or other.y >= one.bottom)


def clamped(rect: Rect, work: Rect) -> Rect:
    """The rectangle moved into the work area; its top left corner has precedence."""
    x = max(work.x, min(rect.x, work.right - rect.width))
    y = max(work.y, min(rect.y, work.bottom - rect.height))
    return rect._replace(x=x, y=y)


def _at(
    work: Rect, corner: Corner, size: tuple[int, int], inset: int, used: int
) -> Rect:
    width, height = size
    x = work.right - inset - width if corner.is_right else work.x + inset
    y = work.bottom - used - height if corner.is_bottom else work.y + used
    return clamped(Rect(x, y, width, height), work)
