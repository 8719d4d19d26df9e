"""The ground of a card: its surface, the line's colour at the side, and the edge."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPen

from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.theme.theme import Theme, qcolor

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

BAR_PX: Final = 4
_RADIUS_PX: Final = 10


def outline(rect: QRectF, theme: Theme) -> QPainterPath:
    """The rounded edge of a card of that size."""
    path = QPainterPath()
    radius = theme.px(_RADIUS_PX)
    path.addRoundedRect(rect, radius, radius)
    return path


def paint_ground(card: QWidget, theme: Theme, line_color: str | None) -> None:
    """Paint all that lies under a card's parts; without a line's colour no bar."""
    painter = QPainter(card)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    colors = theme.colors
    edge_path = outline(QRectF(card.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme)
    painter.fillPath(edge_path, qcolor(colors.surface))
    if line_color is not None:
        painter.setClipPath(edge_path)
        bar = QRect(QPoint(0, 0), QSize(theme.px(BAR_PX), card.height()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(qcolor(line_color))
        painter.drawRect(mirrored(card.layoutDirection(), card.rect(), bar))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setClipping(False)
    # Who took the keyboard here must see that it is here.
    has_keyboard = card.isActiveWindow()
    edge = colors.accent if has_keyboard else colors.control_border
    painter.setPen(QPen(qcolor(edge), 3 if has_keyboard else 1))
    painter.drawPath(edge_path)
