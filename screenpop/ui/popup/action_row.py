"""The card's buttons: each action keeps its place for as long as the card stands."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QWidget

from screenpop.ui.buttons import ActionButton, Look
from screenpop.ui.plain_label import tooltip_text
from screenpop.ui.popup.mirror import mirrored
from screenpop.ui.popup.view_model import ActionKind, CardAction
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QMouseEvent, QResizeEvent

    from screenpop.ui.theme.theme import Theme

_FIXED_PLACES: Final = 4
_IDENTITY_PLACES: Final = 3
_ICONS_FIRST: Final = (1, 3, 2, 0)
_GAP_PX: Final = 4
# Who aims at a button and finds that it has just become another one did not mean it.
_SETTLING_SECONDS: Final = 0.4


def icon_of(kind: ActionKind) -> str:
    """The name of the icon of an action."""
    return kind.value.replace("_", "-")


class _SettlingButton(ActionButton):
    """A button that a click cannot hit by accident; keys and screen readers can."""

    def __init__(self, theme: Theme, parent: _Buttons) -> None:
        super().__init__(theme, "", "", parent=parent)
        self._row = parent
        self.is_compact = True

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the press only from somebody who can have seen the button."""
        if not self._row.is_settling:
            super().mousePressEvent(event)


class _Buttons(QWidget):
    """Buttons for actions that may change while somebody aims at them."""

    acted = Signal(object)

    def __init__(self, theme: Theme, count: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._actions: tuple[CardAction, ...] = ()
        self._changed_at = 0.0
        self._is_fresh = True
        self.buttons = [_SettlingButton(theme, self) for _ in range(count)]
        for place, button in enumerate(self.buttons):
            button.hide()
            button.clicked.connect(lambda _on=False, at=place: self._click(at))

    def show_actions(self, actions: Sequence[CardAction]) -> None:
        """Offer these actions, in this order."""
        wanted = tuple(actions[: len(self.buttons)])
        if wanted == self._actions:
            self._is_fresh = False
            return
        for place, button in enumerate(self.buttons):
            self._show_action(button, place, wanted)
        if not self._is_fresh and self._kinds(wanted) != self._kinds(self._actions):
            self._changed_at = time.monotonic()
        self._is_fresh = False
        self._actions = wanted
        self._arrange()

    @property
    def is_settling(self) -> bool:
        """The buttons have only just become what they are."""
        return time.monotonic() - self._changed_at < _SETTLING_SECONDS

    def start_fresh(self) -> None:
        """The next actions belong to another call: nobody can have aimed at them."""
        self._changed_at = 0.0
        self._is_fresh = True

    def settle(self) -> None:
        """Ignore clicks for a moment: they were meant for what was here before."""
        self._changed_at = time.monotonic()

    def button_of(self, kind: ActionKind) -> ActionButton | None:
        """The button of an action, when it is offered."""
        for action, button in zip(self._actions, self.buttons, strict=False):
            if action.kind is kind:
                return button
        return None

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the buttons anew."""
        super().resizeEvent(event)
        self._arrange()

    def _arrange(self) -> None:
        raise NotImplementedError

    def _look(self, _kind: ActionKind) -> Look:
        return Look.FLAT

    def _show_action(
        self, button: ActionButton, place: int, wanted: tuple[CardAction, ...]
    ) -> None:
        if place >= len(wanted):
            button.hide()
            return
        action = wanted[place]
        before = self._actions[place] if place < len(self._actions) else None
        if before is not None and before.kind is not action.kind:
            button.setDown(False)
        button.show_action(icon_of(action.kind), action.text)
        button.setToolTip(tooltip_text(action.hint))
        button.setAccessibleDescription(action.hint)
        button.setEnabled(action.is_enabled)
        button.look = self._look(action.kind)
        button.show()

    def _click(self, place: int) -> None:
        if place < len(self._actions):
            self.acted.emit(self._actions[place].kind)

    def _place(self, button: QWidget, left: int, width: int) -> None:
        rect = self.rect()
        rect.setLeft(left)
        rect.setWidth(width)
        direction = self.layoutDirection()
        button.setGeometry(mirrored(direction, self.rect(), rect))

    @staticmethod
    def _kinds(actions: tuple[CardAction, ...]) -> tuple[ActionKind, ...]:
        return tuple(action.kind for action in actions)


class ActionRow(_Buttons):
    """Four actions in fixed places and, at the far end, the one of the moment."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, _FIXED_PLACES + 1, parent)

    def _look(self, kind: ActionKind) -> Look:
        if kind is ActionKind.OPEN:
            return Look.SOFT
        return Look.PRIMARY if kind is ActionKind.CALL_BACK else Look.PLAIN

    def _arrange(self) -> None:
        gap = self._theme.px(_GAP_PX)
        self._make_room(self.width() - self._room_for_the_last() - gap, gap)
        left = 0
        for place, button in enumerate(self.buttons[: len(self._actions)]):
            width = min(button.natural_width(compact=True), self.width() - left)
            if place == _FIXED_PLACES:
                left = self.width() - width
            self._place(button, left, width)
            left += width + gap

    def _room_for_the_last(self) -> int:
        """What the last place takes at the most: else the others would not stay."""
        texts = (tr("Quiet"), tr("Call back"))
        return max(self.buttons[-1].width_of(text) for text in texts)

    def _make_room(self, room: int, gap: int) -> None:
        """Where words are long, show icons for the buttons that are known best."""
        fixed = self.buttons[:_FIXED_PLACES]
        for button in fixed:
            button.is_icon_only = False
        for place in _ICONS_FIRST:
            taken = sum(one.natural_width(compact=True) + gap for one in fixed) - gap
            if taken <= room:
                break
            fixed[place].is_icon_only = True
        for button in fixed:
            if button.is_icon_only and not button.toolTip():
                button.setToolTip(tooltip_text(button.accessibleName()))
                # Without one, a screen reader is told the tool tip, markup and all.
                button.setAccessibleDescription(button.accessibleName())


class IdentityRow(_Buttons):
    """Small buttons beside the reason, from the far end inwards."""

    moved = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, _IDENTITY_PLACES, parent)
        for button in self.buttons:
            button.look = Look.FLAT

    def taken_width(self) -> int:
        """How much of the row the buttons take."""
        shown = self.buttons[: len(self._actions)]
        return sum(button.natural_width(compact=True) for button in shown)

    def sizeHint(self) -> QSize:
        """Room for what is offered."""
        return QSize(self.taken_width(), self._theme.px(22))

    def _arrange(self) -> None:
        left = self.width() - self.taken_width()
        for button in self.buttons[: len(self._actions)]:
            width = button.natural_width(compact=True)
            self._place(button, left, width)
            left += width
        self.moved.emit()
