"""Our icons: line drawings on a 24-unit grid, tinted with a colour of the theme."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from screenpop.config.paths import resources_dir

APP_COLOR: Final = "#3d4fc4"
"""The ground of the program's own icon."""

_INK: Final = "currentColor"
_ICON_SIZES: Final = (16, 20, 24, 32, 48, 64)


def app_icon() -> QIcon:
    """The program's own icon."""
    icon = QIcon()
    for size in (*_ICON_SIZES, 128, 256):
        icon.addPixmap(pixmap("app", APP_COLOR, size, 1.0))
    return icon


@lru_cache(maxsize=128)
def icon(name: str, color: str) -> QIcon:
    """An icon for Qt's own widgets.

    Args:
        name: A file of `resources/icons`, without its ending.
        color: "#rrggbb".
    """
    made = QIcon()
    for size in _ICON_SIZES:
        made.addPixmap(pixmap(name, color, size, 1.0))
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
    side = max(1, round(size * ratio))
    canvas = QPixmap(side, side)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    renderer(name, color).render(painter, QRectF(0, 0, side, side))
    painter.end()
    canvas.setDevicePixelRatio(ratio)
    return canvas


def renderer(name: str, color: str) -> QSvgRenderer:
    """A renderer of the tinted drawing, for those who compose several."""
    return QSvgRenderer(QByteArray(_drawing(name).replace(_INK, color).encode()))


@lru_cache(maxsize=64)
def _drawing(name: str) -> str:
    return (resources_dir() / "icons" / f"{name}.svg").read_text("utf-8")
