"""Takes pictures of what the X server really shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QWidget

from screenpop.ui.popup.card import Card
from tests.screenshots.stage import WALL
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from screenpop.ui.theme.theme import Theme

SCHEMES: Final = ("light", "dark")

_WALLS: Final = {"light": "#c9d3dd", "dark": "#39424d"}
_MARGIN: Final = 20
_LOOKS_ALIKE: Final = 8
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
            file = self._folder / f"{name}-{scheme}.png"
            picture = await self._see_at_rest(windows, QColor(_WALLS[scheme]))
            # Quality 0 is not worse in a PNG: it is packed best.
            _shrunk(picture).save(str(file), quality=0)
            files.append(file)
        return files

    def close(self) -> None:
        """Take the wall down."""
        self._wall.close()

    async def _see_at_rest(self, windows: Sequence[QWidget], wall: QColor) -> QImage:
        """The picture once the wall has its colour and nothing changes any more."""
        seen = [QImage()] * _LOOKS_ALIKE

        def is_at_rest() -> bool:
            seen.append(self._see(_around(windows)))
            del seen[0]
            newest = seen[-1]
            is_painted = newest.pixelColor(0, 0) == wall
            return is_painted and all(one == newest for one in seen)

        await eventually(is_at_rest, "the picture to come to rest")
        return seen[-1]

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
