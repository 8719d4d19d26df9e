"""Keys that work from every program, set by pressing them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from screenpop.domain.shortcuts import MODIFIERS, Shortcut, is_needed_for_typing
from screenpop.services.hotkeys import HotkeyAction, HotkeyFate
from screenpop.ui.settings.kept_fields import WORDS_PROPERTY, LockNote
from screenpop.ui.settings.page import SettingsPage
from screenpop.ui.widgets.buttons import TextButton
from screenpop.ui.widgets.fields import Labelled
from screenpop.ui.widgets.messages import IconLabel
from screenpop.ui.widgets.text import TextBlock
from screenpop.ui.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent

    from screenpop.ui.ports import SettingsPort
    from screenpop.ui.setup_ports import HotkeysPort
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.widgets.text import Tone

SUGGESTED: Final = {
    HotkeyAction.FOCUS_CARD: "Ctrl+Alt+Space",
    HotkeyAction.DIAL_SELECTION: "Ctrl+Alt+D",
    HotkeyAction.SEARCH: "Ctrl+Alt+F",
}
_LABELS: Final = {
    HotkeyAction.FOCUS_CARD: marked("Go to the card"),
    HotkeyAction.DIAL_SELECTION: marked("Dial the marked number"),
    HotkeyAction.SEARCH: marked("Search and dial"),
}
_HELP: Final = {
    HotkeyAction.FOCUS_CARD: marked(
        "Gives the card the keyboard; then its own keys work, and Esc hides it."
    ),
    HotkeyAction.DIAL_SELECTION: marked(
        "Mark a number anywhere and press the key. You are asked before it is called."
    ),
    HotkeyAction.SEARCH: marked("Opens the dialer, ready to type a name or a number."),
}
_FATES: Final = {
    HotkeyFate.HELD: ("check", "good", marked("It works.")),
    HotkeyFate.TAKEN: (
        "alert",
        "warn",
        marked("Another program has this key: choose another one, or free it there."),
    ),
    HotkeyFate.DOUBLE: (
        "alert",
        "warn",
        marked("This key is used twice here: choose another one."),
    ),
    HotkeyFate.NO_SUCH_KEY: (
        "alert",
        "warn",
        marked("Your keyboard has no such key: choose another one."),
    ),
    HotkeyFate.NO_WAY: (
        "alert",
        "warn",
        marked(
            "This desktop lets no program hold keys. Set a key in its own keyboard "
            "settings and have it run: {command}"
        ),
    ),
}
_COMMANDS: Final = {
    HotkeyAction.FOCUS_CARD: "screenpop focus-card",
    HotkeyAction.DIAL_SELECTION: "screenpop dial --selection",
    HotkeyAction.SEARCH: "screenpop search",
}
_QT_KEYS: Final = {
    Qt.Key.Key_Space: "Space",
    Qt.Key.Key_Insert: "Insert",
    Qt.Key.Key_Delete: "Delete",
    Qt.Key.Key_Home: "Home",
    Qt.Key.Key_End: "End",
    Qt.Key.Key_PageUp: "PageUp",
    Qt.Key.Key_PageDown: "PageDown",
    Qt.Key.Key_Left: "Left",
    Qt.Key.Key_Up: "Up",
    Qt.Key.Key_Right: "Right",
    Qt.Key.Key_Down: "Down",
    Qt.Key.Key_Pause: "Pause",
}
# On macOS Qt calls the command key Control and the control key Meta.
_SWAPPED: Final = sys.platform == "darwin"
_MODIFIERS: Final = {
    "Meta" if _SWAPPED else "Ctrl": Qt.KeyboardModifier.ControlModifier,
    "Alt": Qt.KeyboardModifier.AltModifier,
    "Shift": Qt.KeyboardModifier.ShiftModifier,
    "Ctrl" if _SWAPPED else "Meta": Qt.KeyboardModifier.MetaModifier,
}


class KeyField(QLineEdit):
    """Takes the keys that are pressed in it for what it shall hold.

    Tab and Esc do what they do everywhere; Backspace takes the key out.

    Signals:
        pressed: The text of a shortcut, or "" for none any more.
        listening: Whether it waits for keys now.
    """

    pressed = Signal(str)
    listening = Signal(bool)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setPlaceholderText(tr("None. Press the keys you want"))
        self.setMinimumWidth(theme.px(220))
        self.setMaximumWidth(theme.px(220))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Wait for keys."""
        super().focusInEvent(event)
        self.listening.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Wait no longer."""
        super().focusOutEvent(event)
        self.listening.emit(False)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Take a shortcut; leave other keys to the window."""
        if event.key() in (Qt.Key.Key_Backspace,) and not event.modifiers():
            self.pressed.emit("")
            return
        shortcut = shortcut_of(event)
        if shortcut is None or is_needed_for_typing(shortcut):
            event.ignore()
            return
        self.pressed.emit(str(shortcut))


def shortcut_of(event: QKeyEvent) -> Shortcut | None:
    """The shortcut that a press of keys stands for; None for none that may be used."""
    key = event.key()
    name = ""
    if Qt.Key.Key_A <= key <= Qt.Key.Key_Z or Qt.Key.Key_0 <= key <= Qt.Key.Key_9:
        name = chr(key)
    elif Qt.Key.Key_F1 <= key <= Qt.Key.Key_F24:
        name = f"F{key - Qt.Key.Key_F1 + 1}"
    else:
        name = _QT_KEYS.get(Qt.Key(key), "") if key in _QT_KEYS else ""
    held = event.modifiers()
    names = {word for word, flag in _MODIFIERS.items() if held & flag}
    return Shortcut(tuple(m for m in MODIFIERS if m in names), name) if name else None


class _Line(QWidget):
    """One key: what it does, the field, and what became of it."""

    def __init__(self, theme: Theme, action: HotkeyAction) -> None:
        super().__init__()
        self.action = action
        self.field = KeyField(theme)
        self.clear_button = TextButton(theme, tr("Remove"), kind="quiet")
        label = tr_marked(_LABELS[action])
        self.clear_button.setAccessibleName(tr("Remove the key: {what}", what=label))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.px(8))
        row.addWidget(self.field)
        row.addWidget(self.clear_button)
        row.addStretch(1)


class HotkeysPage(SettingsPage):
    """Every key is held, or said to be another's, as soon as it is pressed here."""

    is_long = True

    def __init__(
        self, theme: Theme, settings: SettingsPort, hotkeys: HotkeysPort
    ) -> None:
        super().__init__(
            theme,
            tr("Hotkeys"),
            tr("Keys that work while you are in another program. None is needed."),
        )
        self._settings = settings
        self._hotkeys = hotkeys
        self.lines: dict[HotkeyAction, _Line] = {}
        self._fates: dict[HotkeyAction, tuple[IconLabel, TextBlock]] = {}
        self._locks: dict[HotkeyAction, LockNote] = {}
        for action in HotkeyAction:
            self._add(action)
        self.suggest_button = TextButton(
            theme, tr("Use the suggested keys"), self._suggest, icon="keyboard"
        )
        row = QHBoxLayout()
        row.addWidget(self.suggest_button)
        row.addStretch(1)
        self.column.addSpacing(theme.px(6))
        self.column.addLayout(row)
        self.column.addStretch(1)
        # The search of the settings reads the page before it is ever shown.
        self.refresh()

    def load(self) -> None:
        """Show what is set, and what became of it."""
        super().load()
        self.message.clear()
        self.refresh()

    def refresh(self) -> None:
        """Show what is set, and what became of it."""
        is_any_free = False
        for action, line in self.lines.items():
            keys = self._hotkeys.keys(action)
            who = self._settings.lock(_key(action))
            line.field.setText(keys)
            line.clear_button.setVisible(bool(keys) and not who)
            self._locks[action].show_lock(line, who)
            self._show_fate(action)
            is_any_free = is_any_free or not (keys or who)
        self.suggest_button.setVisible(is_any_free)

    def _add(self, action: HotkeyAction) -> None:
        line = self.lines[action] = _Line(self.theme, action)
        label, help_text = tr_marked(_LABELS[action]), tr_marked(_HELP[action])
        line.field.pressed.connect(lambda keys: self._keep(action, keys))
        line.field.listening.connect(self._listening_changed)
        line.clear_button.clicked.connect(lambda _on: self._keep(action, ""))
        line.field.setProperty(
            WORDS_PROPERTY, tr("hotkey, shortcut, keyboard, global, keys")
        )
        labelled = Labelled(self.theme, label, line, help_text=help_text)
        line.field.setAccessibleName(label)
        line.field.setAccessibleDescription(help_text)
        icon = IconLabel(self.theme, "check", "good", 14)
        text = TextBlock(self.theme)
        text.allow_copy()
        row = QHBoxLayout()
        row.setSpacing(self.theme.px(6))
        row.addWidget(icon)
        row.addWidget(text, 1)
        self._fates[action] = (icon, text)
        self._locks[action] = LockNote(self.theme)
        self.column.addSpacing(self.theme.px(8))
        self.column.addWidget(labelled)
        self.column.addLayout(row)
        self.column.addWidget(self._locks[action])

    def _show_fate(self, action: HotkeyAction) -> None:
        icon, text = self._fates[action]
        fate = self._hotkeys.fate(action)
        icon.setVisible(fate is not HotkeyFate.OFF)
        text.setVisible(fate is not HotkeyFate.OFF)
        if fate is HotkeyFate.OFF:
            return
        name, role, sentence = _FATES[fate]
        icon.show_icon(name, role)
        tone: Tone = "good" if role == "good" else "warn"
        text.show_tone(tone)
        text.setText(tr_marked(sentence, command=_COMMANDS[action]))

    def _keep(self, action: HotkeyAction, keys: str) -> None:
        self.run(self._settings.set(_key(action), keys), lambda _: self.refresh())

    def _suggest(self) -> None:
        free = [
            action
            for action in HotkeyAction
            if not self._hotkeys.keys(action) and not self._settings.lock(_key(action))
        ]

        async def keep() -> None:
            for action in free:
                await self._settings.set(_key(action), SUGGESTED[action])

        self.run(keep(), lambda _: self.refresh())

    def _listening_changed(self, is_listening: bool) -> None:
        if is_listening:
            # Else the desktop would take the keys away before they are seen here.
            self._hotkeys.pause()
        else:
            self.tasks.start(
                self._hotkeys.apply(),
                lambda _: self.refresh(),
                slot="apply",
                outlives_window=True,
            )


def _key(action: HotkeyAction) -> str:
    return f"hotkeys.{action.value}"
