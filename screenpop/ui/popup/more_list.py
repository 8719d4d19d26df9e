"""What a card offers besides its buttons, earlier calls or moments, as rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.ui.popup.card_parts import ActionKind, CardAction, PersonRow
from screenpop.ui.popup.drawer import PersonButton
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.theme.theme import Theme

_ROW_HEIGHT_PX: Final = 32


class MoreList(QWidget):
    """Rows with keys: actions, or what else there is to choose from.

    Signals:
        acted: The `ActionKind` that was chosen.
        row_chosen: The place of another row that was chosen.
    """

    acted = Signal(object)
    row_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._kinds: tuple[ActionKind, ...] = ()
        self._rows: tuple[PersonRow, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)

    @property
    def rows(self) -> tuple[PersonRow, ...]:
        """What is listed."""
        return self._rows

    @property
    def has_rows(self) -> bool:
        """Whether it lists something else than actions."""
        return bool(self._rows) and not self._kinds

    def show_actions(self, actions: tuple[CardAction, ...]) -> None:
        """Offer these actions."""
        self.setAccessibleName(tr("More to do with this caller"))
        self._kinds = tuple(action.kind for action in actions)
        self._show(
            tuple(
                PersonRow(place, str(place + 1), action.text, action.hint)
                for place, action in enumerate(actions)
            )
        )

    def show_rows(self, name: str, rows: tuple[PersonRow, ...]) -> None:
        """List these, for `row_chosen`, under a name for screen readers."""
        self.setAccessibleName(name)
        self._kinds = ()
        self._show(rows)

    def press_key(self, key: str) -> None:
        """Choose by a row's key."""
        found = next((row for row in self._rows if row.key == key), None)
        if found is not None:
            self._press(found.index)

    def wanted_height(self) -> int:
        """How high it is with everything listed."""
        return len(self._rows) * self._theme.px(_ROW_HEIGHT_PX)

    def _show(self, rows: tuple[PersonRow, ...]) -> None:
        if rows == self._rows:
            return
        self._rows = rows
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for row in rows:
            button = PersonButton(self._theme, row, self)
            button.clicked.connect(lambda _on=False, at=row.index: self._press(at))
            self._layout.addWidget(button)
            button.show()

    def _press(self, place: int) -> None:
        if self._kinds:
            self.acted.emit(self._kinds[place])
        else:
            self.row_chosen.emit(place)
