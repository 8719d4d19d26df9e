"""Keys that work from every program: held as the settings say, told when pressed.

Nothing of it is loaded while none is set.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.services.events import SettingsChanged

if TYPE_CHECKING:
    from screenpop.config.desk_settings import HotkeySettings
    from screenpop.desktop.hotkeys import HotkeyKeeper
    from screenpop.domain.shortcuts import Shortcut
    from screenpop.services.bus import Bus
    from screenpop.services.supervisor import Supervisor


class HotkeyAction(StrEnum):
    """What a key does; the names of the settings."""

    FOCUS_CARD = "focus_card"
    DIAL_SELECTION = "dial_selection"
    SEARCH = "search"


class HotkeyFate(StrEnum):
    """What became of a key that is set, or is not."""

    OFF = "off"
    HELD = "held"
    TAKEN = "taken"
    DOUBLE = "double"
    NO_SUCH_KEY = "no_such_key"
    NO_WAY = "no_way"


@frozen
class HotkeyPressed:
    """Somebody pressed a key, or asked for the same by a command."""

    action: HotkeyAction


@frozen
class HotkeysChanged:
    """Keys are held or free that were not; ask for their fates."""


def _keeper_of_platform() -> HotkeyKeeper:
    from screenpop.desktop.hotkeys import hotkey_keeper

    return hotkey_keeper()


class Hotkeys:
    """Publishes ``HotkeyPressed`` and ``HotkeysChanged``."""

    def __init__(
        self,
        *,
        settings: Callable[[], HotkeySettings],
        bus: Bus,
        supervisor: Supervisor,
        keeper: Callable[[], HotkeyKeeper] = _keeper_of_platform,
    ) -> None:
        self._settings = settings
        self._bus = bus
        self._supervisor = supervisor
        self._make_keeper = keeper
        self._keeper: HotkeyKeeper | None = None
        self._applied: HotkeySettings | None = None
        self._fates: dict[HotkeyAction, HotkeyFate] = {}
        self._applying = asyncio.Lock()

    def start(self) -> None:
        """Hold what is set, now and whenever that changes."""
        self._bus.subscribe(SettingsChanged, lambda _: self._wake())
        self._wake()

    def stop(self) -> None:
        """Let go of all keys."""
        if self._keeper is not None:
            self._keeper.release()

    def keys(self, action: HotkeyAction) -> str:
        """The key that is set; "" for none."""
        return str(getattr(self._settings(), action.value))

    def fate(self, action: HotkeyAction) -> HotkeyFate:
        """What became of the key of that action."""
        return self._fates.get(action, HotkeyFate.OFF)

    def press(self, action: HotkeyAction) -> None:
        """Do as if its key had been pressed."""
        self._bus.publish(HotkeyPressed(action))

    def pause(self) -> None:
        """Let go of all for a moment, while the user presses keys to be set."""
        self._applied = None
        if self._keeper is not None:
            self._keeper.release()

    async def apply(self) -> None:
        """Hold what the settings say now; what is in force already stays."""
        async with self._applying:
            wanted = self._settings()
            if wanted == self._applied:
                return
            self._applied = wanted
            await self._hold()
        self._bus.publish(HotkeysChanged())

    def _wake(self) -> None:
        is_set = any(self.keys(action) for action in HotkeyAction)
        if is_set or self._keeper is not None:
            self._supervisor.start("hold hotkeys", self.apply())

    async def _hold(self) -> None:
        from screenpop.domain.shortcuts import read_shortcut

        wanted: dict[str, Shortcut] = {}
        self._fates = {}
        for action in HotkeyAction:
            keys = self.keys(action)
            if not keys:
                continue
            shortcut = read_shortcut(keys)
            if shortcut in wanted.values():
                self._fates[action] = HotkeyFate.DOUBLE
            else:
                wanted[action.value] = shortcut
        if self._keeper is None:
            self._keeper = self._make_keeper()
        held = await self._keeper.hold(wanted, self._pressed)
        for name, holding in held.items():
            self._fates[HotkeyAction(name)] = HotkeyFate(holding.value)

    def _pressed(self, name: str) -> None:
        self.press(HotkeyAction(name))
