"""Our icons: line drawings on a 24-unit grid, tinted with a colour of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QGuiApplication, QIcon, QPainter, QPixmap

from screenpop.config.paths import resources_dir
from screenpop.ui.drawing import Drawing, read_drawing
from screenpop.wording import is_right_to_left

APP_COLOR: Final = "#3d4fc4"
"""The ground of the program's own icon."""

# Those with an arrow or a hand, which follow the direction of reading.
_DIRECTED: Final = frozenset(
    {"call-back", "log", "message", "open", "phone-in", "phone-missed", "phone-out"}
)
# Title bars, task bars and switchers, at 100 % and at 200 %.
_APP_SIDES: Final = (16, 24, 32, 48, 64, 128)


@lru_cache(maxsize=1)
def app_icon() -> QIcon:
    """The program's own icon, for windows."""
    made = QIcon()
    for side in _APP_SIDES:
        made.addPixmap(_painted("app", APP_COLOR, side))
    return made


@lru_cache(maxsize=128)
def icon(name: str, color: str, side: int) -> QIcon:
    """An icon for Qt's own widgets, for the screens that there are.

    Args:
        name: A file of `resources/icons`, without its ending.
        color: "#rrggbb".
        side: The width and height at which it is shown, in logical pixels.
    """
    # A screen of twice the density may be plugged in at any time.
    ratios = {screen.devicePixelRatio() for screen in QGuiApplication.screens()}
    made = QIcon()
    for ratio in sorted(ratios | {1.0, 2.0}):
        made.addPixmap(_painted(name, color, round(side * ratio)))
    return made


@lru_cache(maxsize=512)
def pixmap(name: str, color: str, size: int, ratio: float) -> QPixmap:
    """The icon as pixels, to be painted as it is.

    Args:
        name: A file of `resources/icons`, without its ending.
        color: "#rrggbb".
        size: Width and height in logical pixels.
        ratio: The screen's device pixels for one logical pixel.
    """
    made = _painted(name, color, max(1, round(size * ratio)))
    made.setDevicePixelRatio(ratio)
    return made


@lru_cache(maxsize=64)
def drawing(name: str) -> Drawing:
    """The drawing itself, for those who compose several."""
    file = resources_dir() / "icons" / f"{name}.svg"
    return read_drawing(file.read_text("utf-8"))


def _painted(name: str, color: str, side: int) -> QPixmap:
    canvas = QPixmap(side, side)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    if name in _DIRECTED and is_right_to_left():
        painter.translate(side, 0)
        painter.scale(-1, 1)
    drawing(name).paint(painter, QRectF(0, 0, side, side), color)
    painter.end()
    return canvas
