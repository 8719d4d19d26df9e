"""What the keys of a card mean once it was given the keyboard on purpose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt

from screenpop.ui.popup.card_parts import NOBODY, ActionKind

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from screenpop.ui.popup.card import Card

_KEYS: Final = {
    Qt.Key.Key_O: ActionKind.OPEN,
    Qt.Key.Key_C: ActionKind.COPY,
    Qt.Key.Key_N: ActionKind.NOTE,
    Qt.Key.Key_L: ActionKind.LATER,
    Qt.Key.Key_D: ActionKind.CALL_BACK,
    Qt.Key.Key_P: ActionKind.MORE,
    Qt.Key.Key_H: ActionKind.EARLIER,
    Qt.Key.Key_V: ActionKind.REVEAL,
}
_PLAIN: Final = (
    Qt.KeyboardModifier.NoModifier,
    Qt.KeyboardModifier.KeypadModifier,
)


def press(card: Card, event: QKeyEvent) -> bool:
    """Do what the key stands for; whether it stands for anything."""
    key = Qt.Key(event.key())
    if key is Qt.Key.Key_Escape:
        _step_back(card)
    elif event.modifiers() not in _PLAIN:
        return False
    elif key in _KEYS:
        _act_if_offered(card, _KEYS[key])
    elif event.text().isdigit():
        _choose(card, event.text())
    elif key is Qt.Key.Key_S and card.people.isVisibleTo(card):
        card.people.begin_joining()
    else:
        return False
    return True


def _act_if_offered(card: Card, kind: ActionKind) -> None:
    view = card.view
    if view and kind in (action.kind for action in view.more):
        card.act(kind)
        return
    rows = (card.face.action_row, card.face.identity_row)
    found = (row.button_of(kind) for row in rows)
    button = next((one for one in found if one is not None), None)
    if button is not None:
        button.click()


def _choose(card: Card, key: str) -> None:
    """What is open takes the key; the list on top first."""
    if card.more is not None and card.is_more_open:
        card.more.press_key(key)
        return
    if card.wrap_up is not None and card.is_asking:
        card.wrap_up.press_key(key)
        return
    rows = card.people.rows
    found = next((row for row in rows if row.key == key), None)
    if found is not None:
        card.people.press(found.index)
    elif rows and key == "0":
        card.people.press(NOBODY)


def _step_back(card: Card) -> None:
    """Out of what is half said; else hide the card."""
    if card.people.is_joining:
        card.people.stop_joining()
    elif card.is_more_open:
        card.close_rows()
    else:
        card.closed.emit()
