"""Who it may be: the list that a card opens when several people have a number."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.ui.popup.card_parts import NOBODY, PersonRow
from screenpop.ui.popup.drawer import PersonButton, row_height
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.ui.theme.theme import Theme

JOIN_KEY: Final = "S"
_MOST_PLACES: Final = 5
_JOIN, _SEARCH, _WAITING, _FREE = -2, -3, -4, -5
# As high as the row of somebody, so that they find room there.
_FREE_PLACE: Final = PersonRow(_FREE, "", "", "", why=" ")
_FREE_ROW: Final = PersonRow(_FREE, "", "", "")


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
        self._shown: tuple[PersonRow, ...] = ()
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
        return sum(row_height(self._theme, row) for row in self._shown)

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
            button.show_row(row)
            button.setEnabled(row.index != _WAITING)
            button.setVisible(row.index != _FREE)
        self.changed.emit()

    def _add_button(self) -> None:
        button = PersonButton(self._theme, _FREE_ROW, self)
        policy = button.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        button.setSizePolicy(policy)
        button.clicked.connect(lambda: self.press(button.row.index))
        self._layout.addWidget(button)
        self._buttons.append(button)

    def _all_rows(self) -> list[PersonRow]:
        """Everything there is to press, from above, and the places kept free."""
        if self._is_joining:
            return self._joining_rows()
        free = [_FREE_PLACE] * (self._kept_free - len(self._places))
        if free and self._may_grow:
            free[0] = PersonRow(_WAITING, "", tr("Looking up…"), "", why=" ")
        rows = [*(row or _FREE_PLACE for row in self._places), *free]
        rows.append(PersonRow(NOBODY, "0", tr("None of these"), ""))
        if self.can_join:
            text = tr("Two of these are one person")
            rows.append(PersonRow(_JOIN, JOIN_KEY, text, ""))
        elif self._kept_free:
            rows.append(_FREE_ROW)
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
