"""The tray's icon: our tile, a badge whose shape tells the state, and a number."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QIcon, QPainter, QPixmap

from screenpop.ui.icons import APP_COLOR, drawing
from screenpop.ui.theme.palette import contrast
from screenpop.ui.theme.theme import qcolor
from screenpop.ui.tray_view import TrayState

# The panel's colour is unknown, so the tile brings its own ground; white lines around
# the badges keep them apart from it.
TILE_IDLE: Final = "#667085"
BADGES: Final = {
    TrayState.NEEDS_KEY: ("badge-key", "#8a4a00"),
    TrayState.BROKEN: ("badge-alert", "#b3261e"),
    TrayState.RECONNECTING: ("badge-refresh", "#8a4a00"),
    TrayState.QUIET: ("badge-moon", "#363c4a"),
    TrayState.POLLING: ("badge-clock", "#0b6e78"),
    TrayState.WAITING: ("badge-dots", "#0b6e78"),
}
_IDLE: Final = (
    TrayState.NEEDS_KEY,
    TrayState.BROKEN,
    TrayState.RECONNECTING,
    TrayState.STARTING,
    TrayState.EMPTY,
)
_MISSED: Final = "#b3261e"
_SIZES: Final = (16, 22, 24, 32, 44, 48, 64)
_MOST: Final = 9


def tray_icon(state: TrayState, missed_count: int) -> QIcon:
    """The icon in all sizes a tray may ask for."""
    icon = QIcon()
    for size in _SIZES:
        icon.addPixmap(tray_pixmap(state, missed_count, size))
    return icon


def tray_pixmap(state: TrayState, missed_count: int, size: int) -> QPixmap:
    """The icon in one size, in pixels."""
    canvas = QPixmap(size, size)
    canvas.fill(Qt.GlobalColor.transparent)
    painter = QPainter(canvas)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    is_idle = state in _IDLE
    # Without the waves, and not only without the colour: nothing is heard.
    name, color = ("app-idle", TILE_IDLE) if is_idle else ("app", APP_COLOR)
    drawing(name).paint(painter, QRectF(0, 0, size, size), color)
    if state in BADGES:
        badge, ink = BADGES[state]
        side = size * 0.58
        box = QRectF(size - side, size - side, side, side)
        drawing(badge).paint(painter, box, ink)
    if missed_count:
        _paint_count(painter, missed_count, size)
    painter.end()
    return canvas


def _paint_count(painter: QPainter, count: int, size: int) -> None:
    text = str(count) if count <= _MOST else f"{_MOST}+"
    side = size * 0.56
    width = side if len(text) == 1 else side * 1.35
    box = QRectF(size - width, 0, width, side)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(qcolor("#ffffff"))
    painter.drawRoundedRect(box, side / 2, side / 2)
    rim = max(1.0, size / 24)
    inner = box.adjusted(rim, rim, -rim, -rim)
    painter.setBrush(qcolor(_MISSED))
    painter.drawRoundedRect(inner, inner.height() / 2, inner.height() / 2)
    font = QFont()
    font.setPixelSize(max(7, round(side * 0.72)))
    font.setBold(True)
    painter.setFont(font)
    painter.setPen(qcolor("#ffffff"))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def badge_contrasts() -> dict[str, float]:
    """How well white shows on each colour of the icon."""
    colors = {"tile": APP_COLOR, "idle tile": TILE_IDLE, "missed": _MISSED}
    colors |= dict(BADGES.values())
    return {name: contrast("#ffffff", color) for name, color in colors.items()}
