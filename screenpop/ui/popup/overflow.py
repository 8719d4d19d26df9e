"""The row that stands for the calls beyond the cards, so that none is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import (
    QGuiApplication,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.popup.card import card_flags
from screenpop.ui.popup.face import WIDTH_PX
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import tr_count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.ui.popup.view_model import CardView

LISTED: Final = 6
"""So many calls have a line of their own."""

_LINE_PX: Final = 22
_PAD_PX: Final = 10


class MoreCalls(QWidget):
    """The row "+3 more calling", and who; the next gets the next free card."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(None, card_flags())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        if QGuiApplication.platformName() != "xcb":
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._theme = theme
        self._shown = 0
        self.heading = PlainLabel(theme, strong=True, parent=self)
        self.lines = [
            PlainLabel(theme, TextSize.CAPTION, role="text_soft", parent=self)
            for _ in range(LISTED)
        ]
        pad = theme.px(_PAD_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20), pad, theme.px(12), pad)
        layout.setSpacing(0)
        for label in (self.heading, *self.lines):
            label.setFixedHeight(theme.px(_LINE_PX))
            layout.addWidget(label)
        theme.changed.connect(self.update)

    def show_calls(self, views: Sequence[CardView], count: int) -> None:
        """List the first ``LISTED`` of ``count`` calls."""
        title = tr_count("+{count} more calling", "+{count} more calling", count)
        self.heading.show_text(title)
        for label, view in zip(self.lines, views, strict=False):
            label.show_text(view.title, view.line)
            label.show()
        for label in self.lines[count:]:
            label.hide()
        who = [view.title for view in views]
        if count > LISTED:
            rest = count - LISTED + 1
            text = tr_count("and {count} more", "and {count} more", rest)
            self.lines[-1].show_text(text)
            who[LISTED - 1 :] = [text]
        self._shown = min(count, LISTED)
        self.setAccessibleName(f"{title}: {', '.join(who)}")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Cut the corners where there is no transparency."""
        super().resizeEvent(event)
        if QGuiApplication.platformName() == "xcb":
            path = self._outline(QRectF(self.rect()))
            self.setMask(QRegion(path.toFillPolygon().toPolygon()))

    def wanted_size(self) -> QSize:
        """As high as its lines."""
        px = self._theme.px
        return QSize(px(WIDTH_PX), (self._shown + 1) * px(_LINE_PX) + 2 * px(_PAD_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the ground and the edge."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        path = self._outline(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        painter.fillPath(path, qcolor(self._theme.colors.surface))
        painter.setPen(qcolor(self._theme.colors.control_border))
        painter.drawPath(path)

    def _outline(self, rect: QRectF) -> QPainterPath:
        path = QPainterPath()
        radius = self._theme.px(_PAD_PX)
        path.addRoundedRect(rect, radius, radius)
        return path
