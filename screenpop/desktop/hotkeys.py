"""Keys that work from every program, held at the desktop while they are wanted.

Nothing of a platform is loaded before somebody wants a key. What a platform cannot do
is said by the outcome, never by silence.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from screenpop.domain.shortcuts import Shortcut

Pressed = Callable[[str], None]
"""Told the name under which the pressed key is held, on the loop of ``hold``."""


class Holding(StrEnum):
    """What became of the wish to hold a key."""

    HELD = "held"
    """It works."""
    TAKEN = "taken"
    """Another program has it."""
    NO_SUCH_KEY = "no_such_key"
    """This keyboard has no such key."""
    NO_WAY = "no_way"
    """This desktop lets no program hold keys."""


class HotkeyKeeper(Protocol):
    """Holds keys at the desktop."""

    async def hold(
        self, wanted: Mapping[str, Shortcut], pressed: Pressed
    ) -> Mapping[str, Holding]:
        """Hold exactly these, and let go of what was held before.

        Args:
            wanted: Keys by a name of the caller's.
            pressed: Told when one is pressed; once, however long it is held down.

        Returns:
            What became of each, by the same names.
        """
        ...

    def release(self) -> None:
        """Let go of all; calling it again does nothing."""
        ...


class NullHotkeyKeeper:
    """Where no program can hold keys, and for runs that must leave no trace."""

    async def hold(
        self, wanted: Mapping[str, Shortcut], pressed: Pressed
    ) -> Mapping[str, Holding]:
        """Hold none."""
        del pressed
        return dict.fromkeys(wanted, Holding.NO_WAY)

    def release(self) -> None:
        """Do nothing."""


def is_wayland() -> bool:
    """Whether the windows of this session are a Wayland compositor's."""
    return sys.platform == "linux" and bool(os.environ.get("WAYLAND_DISPLAY"))


def hotkey_keeper() -> HotkeyKeeper:
    """The keeper of this platform."""
    keeper: HotkeyKeeper
    if sys.platform == "win32":
        from screenpop.desktop.hotkeys_windows import WindowsHotkeyKeeper

        keeper = WindowsHotkeyKeeper()
    elif sys.platform == "darwin":
        from screenpop.desktop.hotkeys_macos import MacosHotkeyKeeper

        keeper = MacosHotkeyKeeper()
    elif is_wayland():
        from screenpop.desktop.hotkeys_portal import PortalHotkeyKeeper

        keeper = PortalHotkeyKeeper()
    elif os.environ.get("DISPLAY"):
        from screenpop.desktop.hotkeys_x11 import X11HotkeyKeeper

        keeper = X11HotkeyKeeper()
    else:
        keeper = NullHotkeyKeeper()
    return keeper
