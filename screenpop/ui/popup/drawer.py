"""What a card opens on demand: the note box and the list of possible people."""

from __future__ import annotations

from dataclasses import replace
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
    QVBoxLayout,
    QWidget,
)

from screenpop.ui.plain_label import tooltip_text
from screenpop.ui.popup.card_parts import NOBODY, PersonRow
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.theme.theme import TextSize, Theme, qcolor
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTE_PAUSE_MS: Final = 600
"""How long nobody types before the note is reported."""

_NOTE_HEIGHT_PX: Final = 72
_ROW_HEIGHT_PX: Final = 32
_MOST_PLACES: Final = 5
_JOIN: Final = -2
_SEARCH: Final = -3
_WAITING: Final = -4
_NO_ROW: Final = PersonRow(NOBODY, "", "", "")
JOIN_KEY: Final = "S"


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
        self.setAccessibleDescription(row.details)
        self.setToolTip(tooltip_text(row.details))
        self.update()

    def sizeHint(self) -> QSize:
        """A row, as wide as there is room."""
        return QSize(self._theme.px(200), self._theme.px(_ROW_HEIGHT_PX))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the key, the name and the reason side by side."""
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
        name_font = self._theme.font(TextSize.BODY, strong=self._row.is_chosen)
        room = self.width() - left - px(8)
        name = self._elided(painter, name_font, self._row.name, room)
        ink = colors.text if self.isEnabled() else colors.text_faint
        painter.setPen(qcolor(ink))
        width = QFontMetrics(name_font).horizontalAdvance(name)
        self._text(painter, QRect(left, 0, width + 2, self.height()), name)
        left += width + px(10)
        rest = self.width() - left - px(8)
        if rest > px(40):
            caption = self._theme.font(TextSize.CAPTION)
            details = self._elided(painter, caption, self._row.details, rest)
            painter.setPen(qcolor(colors.text_faint))
            self._text(painter, QRect(left, 0, rest, self.height()), details)

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
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeading
        painter.drawText(box, flags | Qt.TextFlag.TextSingleLine, text)


class PeopleList(QWidget):
    """The people a number may belong to, "none of these", and "one person".

    Whoever is listed keeps place and key for as long as the list is open, and while
    more people may come their places are kept free: nobody is chosen by a press that
    was meant for somebody else.

    Two of them can be said to be one person: that is begun with the last row or its
    key, and then each of the two is pressed.

    Signals:
        chosen: The index of a match, or ``NOBODY``.
        joined: The indexes of two matches that are one person.
        search_wanted: They are to be looked for in another window: there are too many.
        changed: It has another height or other rows now.
    """

    chosen = Signal(int)
    joined = Signal(int, int)
    search_wanted = Signal()
    changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._places: tuple[PersonRow | None, ...] = ()
        self._kept_free = 0
        self._may_grow = False
        self._others = 0
        self._is_joining = False
        self._first: PersonRow | None = None
        self._buttons: list[PersonButton] = []
        self._shown: tuple[PersonRow | None, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setAccessibleName(tr("People with this number"))

    @property
    def rows(self) -> tuple[PersonRow, ...]:
        """Who is listed."""
        return tuple(row for row in self._places if row is not None)

    @property
    def is_joining(self) -> bool:
        """Whether the next two that are pressed are said to be one person."""
        return self._is_joining

    @property
    def can_join(self) -> bool:
        """Whether there are two entries that could be one person."""
        return len(self.rows) > 1

    def show_people(
        self, rows: Sequence[PersonRow], *, count: int = 0, may_grow: bool = False
    ) -> None:
        """List these, best first; when it is open, in the places they have.

        Args:
            rows: The best of them.
            count: How many there are.
            may_grow: More may come yet.
        """
        parent = self.parentWidget()
        is_open = bool(rows) and parent is not None and self.isVisibleTo(parent)
        if is_open:
            self._places = _in_their_places(self._places, rows)
        else:
            self._places = tuple(rows[:_MOST_PLACES])
            self._kept_free = _MOST_PLACES if may_grow else 0
            self._others = max(0, count - _MOST_PLACES)
            self._is_joining = False
        self._may_grow = may_grow
        self._first = _of_same_entry(self._first, self.rows) if is_open else None
        self._rebuild()

    def begin_joining(self) -> None:
        """Let two of them be said to be one person."""
        if self.can_join:
            self._is_joining, self._first = True, None
            self._rebuild()

    def stop_joining(self) -> None:
        """Let one of them be chosen, as before."""
        self._is_joining, self._first = False, None
        self._rebuild()

    def press(self, index: int) -> None:
        """What a press on a row means at this moment."""
        if index == _JOIN:
            self.begin_joining()
        elif index == _SEARCH:
            self.search_wanted.emit()
        elif self._is_joining:
            self._mark(index)
        else:
            self.chosen.emit(index)

    def wanted_height(self) -> int:
        """How high it is with everybody listed."""
        return len(self._shown) * self._theme.px(_ROW_HEIGHT_PX)

    def _mark(self, index: int) -> None:
        row = next((one for one in self.rows if one.index == index), None)
        if row is None:
            self.stop_joining()
        elif self._first is None or self._first.entries == row.entries:
            self._first = row
            self._rebuild()
        else:
            first, self._first = self._first, None
            self._is_joining = False
            self.joined.emit(first.index, row.index)

    def _rebuild(self) -> None:
        shown = tuple(self._all_rows())
        if shown == self._shown:
            return
        self._shown = shown
        while len(self._buttons) < len(shown):
            self._add_button()
        while len(self._buttons) > len(shown):
            button = self._buttons.pop()
            self._layout.removeWidget(button)
            button.hide()
            button.deleteLater()
        for button, row in zip(self._buttons, shown, strict=True):
            if row is not None:
                button.show_row(row)
                button.setEnabled(row.index != _WAITING)
            button.setVisible(row is not None)
        self.changed.emit()

    def _add_button(self) -> None:
        button = PersonButton(self._theme, _NO_ROW, self)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: self.press(button.row.index))
        self._layout.addWidget(button)
        self._buttons.append(button)

    def _all_rows(self) -> list[PersonRow | None]:
        """Everything there is to press from above; None for a place kept free."""
        if self._is_joining:
            return [*self._joining_rows()]
        free: list[PersonRow | None] = [None] * (self._kept_free - len(self._places))
        if free and self._may_grow:
            free[0] = PersonRow(_WAITING, "", tr("Looking up…"), "")
        rows = [*self._places, *free]
        rows.append(PersonRow(NOBODY, "0", tr("None of these"), ""))
        if self.can_join:
            rows.append(
                PersonRow(_JOIN, JOIN_KEY, tr("Two of these are one person"), "")
            )
        elif self._kept_free:
            rows.append(None)
        if self._others:
            text = tr("{count} more: search…", count=self._others)
            rows.append(PersonRow(_SEARCH, "", text, ""))
        return rows

    def _joining_rows(self) -> list[PersonRow]:
        told = tr("Which two are one person?")
        if self._first is not None:
            told = tr("Who else is {name}?", name=self._first.name)
        rows = [replace(row, is_chosen=row == self._first) for row in self.rows]
        return [*rows, PersonRow(NOBODY, "0", tr("Stop"), told)]


def _in_their_places(
    places: Sequence[PersonRow | None], rows: Sequence[PersonRow]
) -> tuple[PersonRow | None, ...]:
    """The people as they are now, where they were; new ones after them.

    The place of somebody who is gone stays empty.
    """
    kept: list[PersonRow | None] = []
    left = list(rows)
    for place in places:
        row = _of_same_entry(place, left)
        if row is not None:
            left.remove(row)
        kept.append(row)
    kept += left[: max(0, _MOST_PLACES - len(kept))]
    return tuple(
        replace(row, key=str(number)) if row is not None else None
        for number, row in enumerate(kept, 1)
    )


def _of_same_entry(
    known: PersonRow | None, rows: Sequence[PersonRow]
) -> PersonRow | None:
    if known is None:
        return None
    entries = set(known.entries)
    return next((row for row in rows if not entries.isdisjoint(row.entries)), None)
