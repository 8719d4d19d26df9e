"""The row that stands for the calls beyond the cards, so that none is dropped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleAnnouncementEvent,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QRegion,
    QResizeEvent,
)
from PySide6.QtWidgets import QAbstractButton, QVBoxLayout, QWidget

from screenpop.ui.plain_label import PlainLabel
from screenpop.ui.popup.card_window import card_flags
from screenpop.ui.popup.face import WIDTH_PX
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import tr_count, unmarked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.calls import CallRef
    from screenpop.ui.popup.view_model import CardView

LISTED: Final = 6
"""So many calls have a line of their own."""

_LINE_PX: Final = 22
_PAD_PX: Final = 10
_LINE_PAD_PX: Final = 6


class CallLine(QAbstractButton):
    """One of the calls that wait; pressed, it gets a card."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.label = PlainLabel(theme, TextSize.CAPTION, role="text_soft", parent=self)
        self.label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def show_text(self, head: str, tail: str = "") -> None:
        """Show who calls, and on which line."""
        self.label.show_text(head, tail)
        self.setText(self.label.text())
        self.setAccessibleName(unmarked(self.label.text()))

    def sizeHint(self) -> QSize:
        """One line high."""
        return QSize(0, self._theme.px(_LINE_PX))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Begin the text where the heading begins."""
        super().resizeEvent(event)
        pad = self._theme.px(_LINE_PAD_PX)
        self.label.setGeometry(self.rect().adjusted(pad, 0, -pad, 0))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """A ground under the pointer or the keyboard."""
        if not self.isEnabled() or not (self.underMouse() or self.hasFocus()):
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.color("hover"))
        radius = self._theme.px(4)
        painter.drawRoundedRect(self.rect(), radius, radius)


class MoreCalls(QWidget):
    """The row "+3 more calling", and who; the next gets the next free card.

    Signals:
        chosen: The key of a call that the user wants to see now.
    """

    chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__(None, card_flags())
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        if QGuiApplication.platformName() != "xcb":
            self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self._theme = theme
        self._shown = 0
        self.heading = PlainLabel(theme, strong=True, parent=self)
        self.lines = [CallLine(theme, self) for _ in range(LISTED)]
        self._keys: tuple[CallRef, ...] = ()
        pad, inset = theme.px(_PAD_PX), theme.px(_LINE_PAD_PX)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.px(20) - inset, pad, theme.px(12), pad)
        layout.setSpacing(0)
        self.heading.setContentsMargins(inset, 0, 0, 0)
        for place, line in enumerate(self.lines):
            line.clicked.connect(lambda _on=False, at=place: self._choose(at))
        for part in (self.heading, *self.lines):
            part.setFixedHeight(theme.px(_LINE_PX))
            layout.addWidget(part)
        theme.changed.connect(self.update)

    def show_calls(self, views: Sequence[CardView], count: int) -> None:
        """List the first ``LISTED`` of ``count`` calls."""
        title = tr_count("+{count} more calling", "+{count} more calling", count)
        self.heading.show_text(title)
        for label, view in zip(self.lines, views, strict=False):
            label.show_text(view.title, view.line)
            label.show()
            label.setEnabled(True)
        for label in self.lines[count:]:
            label.hide()
        self._keys = tuple(view.key for view in views)
        who = [view.title for view in views]
        if count > LISTED:
            rest = count - LISTED + 1
            text = tr_count("and {count} more", "and {count} more", rest)
            self.lines[-1].show_text(text)
            self.lines[-1].setEnabled(False)
            who[LISTED - 1 :] = [text]
        self._shown = min(count, LISTED)
        self.setAccessibleName(f"{title}: {', '.join(who)}")

    def announce(self, text: str) -> None:
        """Have a screen reader say who waits, when it has said the rest."""
        if QAccessible.isActive():
            event = QAccessibleAnnouncementEvent(self, text)
            QAccessible.updateAccessibility(event)

    def focus_on_purpose(self) -> None:
        """Take the keyboard, because the user asked for it; never call it otherwise."""
        self.windowHandle().setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, False)
        self.activateWindow()
        self.lines[0].setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A number chooses a line; Escape gives the keyboard back."""
        if Qt.Key(event.key()) is Qt.Key.Key_Escape:
            # Hidden for a moment, as that is when the window before gets it.
            self.hide()
            self.show()
        elif event.text().isdecimal() and 0 < int(event.text()) <= len(self._keys):
            self._choose(int(event.text()) - 1)
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Be a window again that takes no focus."""
        self.windowHandle().setFlag(Qt.WindowType.WindowDoesNotAcceptFocus, True)
        super().hideEvent(event)

    def _choose(self, place: int) -> None:
        if place < len(self._keys):
            self.chosen.emit(self._keys[place])

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
