"""The arrow that says that there is more to choose from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPen

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from screenpop.ui.theme.theme import Theme


def paint_chevron(widget: QWidget, theme: Theme) -> None:
    """Paint it at the far side of the widget, within its own painting."""
    px = theme.px
    painter = QPainter(widget)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    role = "text_soft" if widget.isEnabled() else "control_border"
    painter.setPen(QPen(theme.color(role), 1.6))
    is_mirrored = widget.layoutDirection() is Qt.LayoutDirection.RightToLeft
    x = px(14) if is_mirrored else widget.width() - px(14)
    y, half = widget.height() / 2, px(4)
    corners = ((x - half, y - half / 2), (x, y + half / 2), (x + half, y - half / 2))
    painter.drawPolyline([QPointF(*corner) for corner in corners])
    painter.end()
