"""What a card opens on demand: the note box, and rows to press."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import (
    QAbstractButton,
    QPlainTextEdit,
    QWidget,
)

from screenpop.ui.plain_label import tooltip_text
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.text_line import paint_line
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from screenpop.ui.popup.card_parts import PersonRow

NOTE_PAUSE_MS: Final = 600
"""How long nobody types before the note is reported."""

_NOTE_HEIGHT_PX: Final = 72
_ROW_HEIGHT_PX: Final = 32
_HIGH_ROW_PX: Final = 44


class NoteBox(QPlainTextEdit):
    """A note on the call; reports its text at each pause and when asked to."""

    written = Signal(str)
    wanted = Signal()
    left = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._reported = ""
        self._pause = QTimer(self, singleShot=True, interval=NOTE_PAUSE_MS)
        self._pause.timeout.connect(self.report)
        self.setAccessibleName(tr("Note on this call"))
        self.setPlaceholderText(tr("Note on this call"))
        self.setTabChangesFocus(True)
        self.setFont(theme.font(TextSize.BODY))
        self.setFixedHeight(theme.px(_NOTE_HEIGHT_PX))
        self.textChanged.connect(self._pause.start)

    @property
    def is_unreported(self) -> bool:
        """Something was typed that nobody was told yet."""
        return self.toPlainText() != self._reported

    def load(self, text: str, *, force: bool = False) -> None:
        """Show what is known; never over what is being typed, unless forced."""
        if not force and (self.is_unreported or self.hasFocus()):
            return
        self._reported = text
        if self.toPlainText() != text:
            self.setPlainText(text)
        self._pause.stop()

    def report(self) -> None:
        """Report the text now, if it has changed."""
        self._pause.stop()
        text = self.toPlainText()
        if text != self._reported:
            self._reported = text
            self.written.emit(text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click in here is the user's wish to type, so the window may have focus."""
        self.wanted.emit()
        super().mousePressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving is a pause."""
        super().focusOutEvent(event)
        self.report()
        self.left.emit()


def row_height(theme: Theme, row: PersonRow) -> int:
    """How high a row is, by the lines it has."""
    return theme.px(_HIGH_ROW_PX if row.why else _ROW_HEIGHT_PX)


class PersonButton(QAbstractButton):
    """One of the people it may be: key, name, and why."""

    def __init__(self, theme: Theme, row: PersonRow, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._row = row
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.show_row(row)

    @property
    def row(self) -> PersonRow:
        """Who is on it."""
        return self._row

    def show_row(self, row: PersonRow) -> None:
        """Show this one from now on."""
        self._row = row
        self.setAccessibleName(row.name)
        said = joined(row.details, row.why)
        self.setAccessibleDescription(said)
        self.setToolTip(tooltip_text(said))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """A row, as wide as there is room, and as high as its lines."""
        return QSize(self._theme.px(200), row_height(self._theme, self._row))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the key, the name with what tells it apart, and the reason below."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colors, px = self._theme.colors, self._theme.px
        is_aimed_at = self.underMouse() or self.isDown() or self.hasFocus()
        if is_aimed_at and self.isEnabled():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(qcolor(colors.hover))
            painter.drawRoundedRect(self.rect(), px(6), px(6))
        left = px(6)
        if self._row.key:
            self._paint_key(painter, left)
        left += px(28)
        height = self.height()
        if self._row.why:
            height = self.height() // 2 + px(2)
            self._paint_why(painter, left, height)
        name_font = self._theme.font(TextSize.BODY, strong=self._row.is_chosen)
        room = self.width() - left - px(8)
        name = self._elided(painter, name_font, self._row.name, room)
        ink = colors.text if self.isEnabled() else colors.text_faint
        painter.setPen(qcolor(ink))
        width = QFontMetrics(name_font).horizontalAdvance(name)
        self._text(painter, QRect(left, 0, width + 2, height), name)
        left += width + px(10)
        rest = self.width() - left - px(8)
        if rest > px(40):
            caption = self._theme.font(TextSize.CAPTION)
            details = self._elided(painter, caption, self._row.details, rest)
            painter.setPen(qcolor(colors.text_faint))
            self._text(painter, QRect(left, 0, rest, height), details)

    def _paint_why(self, painter: QPainter, left: int, top: int) -> None:
        px = self._theme.px
        room = self.width() - left - px(8)
        why = self._elided(
            painter, self._theme.font(TextSize.CAPTION), self._row.why, room
        )
        painter.setPen(qcolor(self._theme.colors.text_faint))
        height = self.height() - top - px(4)
        self._text(painter, QRect(left, top, room, height), why)

    def _paint_key(self, painter: QPainter, left: int) -> None:
        colors, px = self._theme.colors, self._theme.px
        box = QRect(left, (self.height() - px(18)) // 2, px(18), px(18))
        box = mirrored(self.layoutDirection(), self.rect(), box)
        painter.setPen(qcolor(colors.control_border))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setFont(self._theme.font(TextSize.CAPTION, strong=True))
        painter.setPen(qcolor(colors.text_soft))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, self._row.key)

    @staticmethod
    def _elided(painter: QPainter, font: QFont, text: str, room: int) -> str:
        painter.setFont(font)
        return painter.fontMetrics().elidedText(
            text, Qt.TextElideMode.ElideRight, max(0, room)
        )

    def _text(self, painter: QPainter, box: QRect, text: str) -> None:
        box = mirrored(self.layoutDirection(), self.rect(), box)
        paint_line(painter, box, text, self.layoutDirection())
