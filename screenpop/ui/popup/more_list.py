"""What a card offers besides its buttons, as rows with keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from screenpop.ui.popup.card_parts import CardAction, PersonRow
from screenpop.ui.popup.drawer import PersonButton
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from screenpop.ui.theme.theme import Theme

_ROW_HEIGHT_PX: Final = 32


class MoreList(QWidget):
    """One row for each action.

    Signals:
        acted: The `ActionKind` that was chosen.
    """

    acted = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions: tuple[CardAction, ...] = ()
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(0)
        self.setAccessibleName(tr("More to do with this caller"))

    @property
    def actions_shown(self) -> tuple[CardAction, ...]:
        """What is offered."""
        return self._actions

    def show_actions(self, actions: tuple[CardAction, ...]) -> None:
        """Offer these."""
        if actions == self._actions:
            return
        self._actions = actions
        while (item := self._layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for place, action in enumerate(actions):
            row = PersonRow(place, str(place + 1), action.text, action.hint)
            button = PersonButton(self._theme, row, self)
            button.clicked.connect(lambda _on=False, at=place: self._press(at))
            self._layout.addWidget(button)
            button.show()

    def press_key(self, key: str) -> bool:
        """Choose by a row's key; whether there was one."""
        place = int(key) - 1 if key.isdecimal() else -1
        if not 0 <= place < len(self._actions):
            return False
        self._press(place)
        return True

    def wanted_height(self) -> int:
        """How high it is with everything listed."""
        return len(self._actions) * self._theme.px(_ROW_HEIGHT_PX)

    def _press(self, place: int) -> None:
        self.acted.emit(self._actions[place].kind)
