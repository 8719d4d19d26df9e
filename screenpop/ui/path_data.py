"""Path data of a drawing (SVG 1.1, chapter 8.3) as a path of Qt's.

Lines, cubic curves and arcs of circles, with relative and absolute commands: what our
own drawings are made of. Anything else is refused.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainterPath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_NUMBER: Final = re.compile(r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)")
_COMMAND: Final = re.compile(rf"([A-Za-z])((?:[\s,]*{_NUMBER.pattern})*)\s*")
_QUARTER: Final = math.pi / 2


class BadDrawing(ValueError):
    """A drawing says what the reader of our drawings does not know."""


def path_of(data: str) -> QPainterPath:
    """The path that the text of a ``d`` attribute draws.

    Raises:
        BadDrawing: It has a command that our drawings do without, or is no path data.
    """
    path = QPainterPath()
    # Qt's own default is the other rule.
    path.setFillRule(Qt.FillRule.WindingFill)
    walk = _Walk(path)
    for letter, numbers in _commands(data):
        walk.step(letter, numbers)
    return path


def _commands(data: str) -> Iterator[tuple[str, tuple[float, ...]]]:
    """Each command with its numbers, repeated ones apart."""
    place, text = 0, data.strip()
    if not text:
        raise BadDrawing("no path")
    while place < len(text):
        found = _COMMAND.match(text, place)
        if found is None or found[1].lower() not in _STEPS:
            raise BadDrawing(f"no command of ours: {text[place:]!r}")
        place = found.end()
        yield from _repeated(found[1], tuple(map(float, _NUMBER.findall(found[2]))))


def _repeated(
    letter: str, numbers: tuple[float, ...]
) -> Iterator[tuple[str, tuple[float, ...]]]:
    count, _draw = _STEPS[letter.lower()]
    times = len(numbers) // count if count else 1
    if not times or times * count != len(numbers):
        raise BadDrawing(f"{len(numbers)} numbers after {letter!r}")
    yield letter, numbers[:count]
    # More points after the first of a "move" are lines.
    then = {"m": "l", "M": "L"}.get(letter, letter)
    for time in range(1, times):
        yield then, numbers[time * count : (time + 1) * count]


class _Walk:
    """Draws one command after the other."""

    def __init__(self, path: QPainterPath) -> None:
        self._path = path
        self._before = ""
        self._last_control = QPointF()

    def step(self, letter: str, numbers: tuple[float, ...]) -> None:
        """Draw one command."""
        origin = self._path.currentPosition() if letter.islower() else QPointF()
        kind = letter.lower()
        _STEPS[kind][1](self, origin, *numbers)
        self._before = kind

    def move(self, origin: QPointF, x: float, y: float) -> None:
        self._path.moveTo(origin + QPointF(x, y))

    def line(self, origin: QPointF, x: float, y: float) -> None:
        self._path.lineTo(origin + QPointF(x, y))

    def across(self, origin: QPointF, x: float) -> None:
        self._path.lineTo(origin.x() + x, self._path.currentPosition().y())

    def down(self, origin: QPointF, y: float) -> None:
        self._path.lineTo(self._path.currentPosition().x(), origin.y() + y)

    def curve(self, origin: QPointF, *numbers: float) -> None:
        x1, y1, *rest = numbers
        self._curve_from(origin + QPointF(x1, y1), origin, *rest)

    def smooth(self, origin: QPointF, *numbers: float) -> None:
        control = at = self._path.currentPosition()
        if self._before in ("c", "s"):
            control = at * 2 - self._last_control
        self._curve_from(control, origin, *numbers)

    def _curve_from(self, control: QPointF, origin: QPointF, *numbers: float) -> None:
        x2, y2, x, y = numbers
        self._last_control = origin + QPointF(x2, y2)
        self._path.cubicTo(control, self._last_control, origin + QPointF(x, y))

    def arc(self, origin: QPointF, *numbers: float) -> None:
        rx, ry, turn, large, sweep, x, y = numbers
        if rx != ry or turn:
            raise BadDrawing("an arc that is not of a circle")
        if not {large, sweep} <= {0.0, 1.0}:
            raise BadDrawing("an arc whose flags are not 0 or 1")
        _add_arc(self._path, rx, origin + QPointF(x, y), (bool(large), bool(sweep)))

    def close(self, _origin: QPointF) -> None:
        self._path.closeSubpath()


_STEPS: Final[dict[str, tuple[int, Callable[..., None]]]] = {
    "m": (2, _Walk.move),
    "l": (2, _Walk.line),
    "h": (1, _Walk.across),
    "v": (1, _Walk.down),
    "c": (6, _Walk.curve),
    "s": (4, _Walk.smooth),
    "a": (7, _Walk.arc),
    "z": (0, _Walk.close),
}


def _add_arc(
    path: QPainterPath, radius: float, end: QPointF, flags: tuple[bool, bool]
) -> None:
    """Add an arc of a circle as curves of a quarter at most (SVG 1.1, F.6.5)."""
    is_large, is_clockwise = flags
    start = path.currentPosition()
    half = (end - start) / 2
    reach = math.hypot(half.x(), half.y())
    if not reach:
        return
    # A circle too small for its ends grows until it reaches them.
    radius = max(radius, reach)
    off = math.sqrt(radius**2 - reach**2) / reach
    if is_large == is_clockwise:
        off = -off
    center = start + half + QPointF(-half.y(), half.x()) * off
    angle = _angle(start - center)
    span = (_angle(end - center) - angle) % (2 * math.pi)
    if not is_clockwise:
        span -= 2 * math.pi
    pieces = max(1, math.ceil(abs(span) / _QUARTER - 1e-9))
    piece = span / pieces
    pull = radius * 4 / 3 * math.tan(piece / 4)
    for number in range(pieces):
        one, other = angle + number * piece, angle + (number + 1) * piece
        to = end if number == pieces - 1 else center + _toward(other) * radius
        path.cubicTo(
            path.currentPosition() + _toward(one + _QUARTER) * pull,
            to - _toward(other + _QUARTER) * pull,
            to,
        )


def _angle(point: QPointF) -> float:
    return math.atan2(point.y(), point.x())


def _toward(angle: float) -> QPointF:
    return QPointF(math.cos(angle), math.sin(angle))
