"""Keys are held as the settings say, and nothing is loaded while none is set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.config.desk_settings import HotkeySettings
from screenpop.desktop.hotkeys import Holding, Pressed
from screenpop.services.bus import Bus
from screenpop.services.events import SettingsChanged
from screenpop.services.hotkeys import (
    HotkeyAction,
    HotkeyFate,
    HotkeyPressed,
    Hotkeys,
    HotkeysChanged,
)
from screenpop.services.supervisor import Supervisor
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.shortcuts import Shortcut


class Keyboard:
    """A desktop on which other programs have some keys."""

    def __init__(self, *taken: str) -> None:
        self.taken = taken
        self.held: dict[str, str] = {}
        self.press: Pressed = lambda _name: None

    async def hold(
        self, wanted: Mapping[str, Shortcut], pressed: Pressed
    ) -> Mapping[str, Holding]:
        self.press = pressed
        self.held = {
            name: str(keys)
            for name, keys in wanted.items()
            if str(keys) not in self.taken
        }
        return {
            name: Holding.HELD if name in self.held else Holding.TAKEN
            for name in wanted
        }

    def release(self) -> None:
        self.held = {}


async def test_keys_follow_the_settings_and_their_fate_is_told() -> None:
    bus, supervisor, keyboard = Bus(), Supervisor(), Keyboard("Ctrl+Alt+D")
    made: list[Keyboard] = []
    pressed: list[HotkeyAction] = []
    changes: list[HotkeysChanged] = []
    settings = HotkeySettings()

    def keeper() -> Keyboard:
        made.append(keyboard)
        return keyboard

    hotkeys = Hotkeys(
        settings=lambda: settings, bus=bus, supervisor=supervisor, keeper=keeper
    )
    bus.subscribe(HotkeyPressed, lambda event: pressed.append(event.action))
    bus.subscribe(HotkeysChanged, changes.append)
    hotkeys.start()
    bus.publish(SettingsChanged())
    assert made == []
    assert hotkeys.fate(HotkeyAction.SEARCH) is HotkeyFate.OFF

    settings = HotkeySettings(
        focus_card="ctrl+alt+space", dial_selection="Ctrl+Alt+D", search="Ctrl+Alt+D"
    )
    bus.publish(SettingsChanged())
    await eventually(lambda: len(changes) == 1, "the keys")
    assert keyboard.held == {"focus_card": "Ctrl+Alt+Space"}
    assert [hotkeys.fate(action) for action in HotkeyAction] == [
        HotkeyFate.HELD,
        HotkeyFate.TAKEN,
        HotkeyFate.DOUBLE,
    ]
    keyboard.press("focus_card")
    assert pressed == [HotkeyAction.FOCUS_CARD]

    # Other settings leave the keys alone; pausing gives them back for a moment.
    bus.publish(SettingsChanged())
    hotkeys.pause()
    assert keyboard.held == {}
    await hotkeys.apply()
    assert keyboard.held == {"focus_card": "Ctrl+Alt+Space"}
    settings = replace(settings, focus_card="", dial_selection="", search="")
    bus.publish(SettingsChanged())
    await eventually(lambda: keyboard.held == {}, "no keys")
    assert {hotkeys.fate(action) for action in HotkeyAction} == {HotkeyFate.OFF}
    hotkeys.stop()
    await supervisor.stop()
    assert len(made) == 1
