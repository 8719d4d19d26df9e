"""Takes pictures of what the X server really shows."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from screenpop.ui.popup.card import Card
from tests.screenshots.stage import WALL

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from screenpop.ui.theme.theme import Theme

SCHEMES: Final = ("light", "dark")

_WALLS: Final = {"light": "#c9d3dd", "dark": "#39424d"}
_MARGIN: Final = 20
_SETTLE_SECONDS: Final = 0.4
_PALETTE_SIZE: Final = 256


class Camera:
    """Writes pictures of windows, each in light and in dark.

    A plain wall stands behind everything, so that no desktop shows through.
    """

    def __init__(self, theme: Theme, folder: Path) -> None:
        self._theme = theme
        self._folder = folder
        self._wall = QWidget(
            None,
            Qt.WindowType.FramelessWindowHint
            | Qt.WindowType.BypassWindowManagerHint
            | Qt.WindowType.WindowDoesNotAcceptFocus,
        )
        self._wall.setObjectName(WALL)
        self._wall.setGeometry(QGuiApplication.primaryScreen().geometry())
        self._wall.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self._wall.show()
        self._wall.lower()

    async def take(self, name: str, windows: Sequence[QWidget]) -> list[Path]:
        """Take the windows, and what lies between them, in each scheme."""
        files = []
        for scheme in SCHEMES:
            self._theme.set_choice("dark" if scheme == "dark" else "light")
            self._wall.setStyleSheet(f"#{WALL} {{ background: {_WALLS[scheme]} }}")
            await asyncio.sleep(_SETTLE_SECONDS)
            file = self._folder / f"{name}-{scheme}.png"
            _shrunk(self._see(_around(windows))).save(str(file))
            files.append(file)
        return files

    def close(self) -> None:
        """Take the wall down."""
        self._wall.close()

    def _see(self, area: QRect) -> QImage:
        screen = QGuiApplication.primaryScreen()
        area = area.intersected(screen.geometry())
        return screen.grabWindow(
            0, area.x(), area.y(), area.width(), area.height()
        ).toImage()


def _around(windows: Sequence[QWidget]) -> QRect:
    """Everything of the windows, frames included, with some wall around."""
    area = QRect()
    for window in windows:
        area = area.united(
            window.geometry() if isinstance(window, Card) else window.frameGeometry()
        )
    return area.adjusted(-_MARGIN, -_MARGIN, _MARGIN, _MARGIN)


def _shrunk(image: QImage) -> QImage:
    """The same picture with a palette, where that loses nothing."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    image.setDevicePixelRatio(1)
    width, height = image.width(), image.height()
    rows = image.convertToFormat(QImage.Format.Format_RGB32)
    colors = {
        rows.pixel(column, row) for row in range(height) for column in range(width)
    }
    if len(colors) > _PALETTE_SIZE:
        return image
    table = [QColor(color).rgb() for color in sorted(colors)]
    flags = Qt.ImageConversionFlag.AvoidDither
    return image.convertToFormat(QImage.Format.Format_Indexed8, table, flags)
