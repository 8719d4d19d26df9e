"""Hotkeys on X11: the server itself hands the key over, and says when it is taken."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import TYPE_CHECKING, Final

from screenpop.desktop.hotkeys import Holding
from screenpop.desktop.xcb import (
    KEY_PRESS,
    KEY_RELEASE,
    MAPPING_NOTIFY,
    XConnection,
    XError,
)

if TYPE_CHECKING:
    from screenpop.desktop.hotkeys import Pressed
    from screenpop.desktop.xcb import XEvent
    from screenpop.domain.shortcuts import Shortcut

_log = logging.getLogger(__name__)

_MASKS: Final = {"Shift": 1, "Ctrl": 4}
_LOCK: Final = 2
_CARED_FOR: Final = 0xFF
# What is held for Alt and Meta depends on the keyboard: found by these keys.
_ALT_KEYSYMS: Final = frozenset({0xFFE9, 0xFFEA})
_META_KEYSYMS: Final = frozenset({0xFFEB, 0xFFEC})
_NUM_LOCK: Final = frozenset({0xFF7F})
_SCROLL_LOCK: Final = frozenset({0xFF14})
_USUAL: Final = {"Alt": 8, "Meta": 64}
_KEYSYMS: Final = {
    "Space": 0x20,
    "Insert": 0xFF63,
    "Delete": 0xFFFF,
    "Home": 0xFF50,
    "End": 0xFF57,
    "PageUp": 0xFF55,
    "PageDown": 0xFF56,
    "Left": 0xFF51,
    "Up": 0xFF52,
    "Right": 0xFF53,
    "Down": 0xFF54,
    "Pause": 0xFF13,
}
_F1: Final = 0xFFBE


def keysym(key: str) -> int:
    """What X calls a key of `screenpop.domain.shortcuts`."""
    if key in _KEYSYMS:
        return _KEYSYMS[key]
    return ord(key.lower()) if len(key) == 1 else _F1 + int(key[1:]) - 1


class X11HotkeyKeeper:
    """Grabs keys at the root window, whatever locks are on, by its own connection."""

    def __init__(self) -> None:
        self._server: XConnection | None = None
        self._wanted: Mapping[str, Shortcut] = {}
        self._pressed: Pressed = lambda _name: None
        self._held: dict[tuple[int, int], str] = {}
        self._locks = 0
        self._released_at: dict[int, int] = {}

    async def hold(
        self, wanted: Mapping[str, Shortcut], pressed: Pressed
    ) -> Mapping[str, Holding]:
        """Hold exactly these; see `HotkeyKeeper`."""
        self.release()
        if not wanted:
            return {}
        try:
            self._server = XConnection()
        except XError as error:
            _log.info("no hotkeys: %s", error)
            return dict.fromkeys(wanted, Holding.NO_WAY)
        self._wanted, self._pressed = wanted, pressed
        outcome = self._grab_all(self._server)
        asyncio.get_running_loop().add_reader(self._server.fileno(), self._read)
        return outcome

    def release(self) -> None:
        """Hang up, by which the server gives all keys back."""
        server, self._server = self._server, None
        if server is not None:
            asyncio.get_running_loop().remove_reader(server.fileno())
            server.close()
        self._held.clear()

    def _grab_all(self, server: XConnection) -> dict[str, Holding]:
        keysyms = server.keysyms()
        masks = dict(_MASKS)
        for name, wanted in (("Alt", _ALT_KEYSYMS), ("Meta", _META_KEYSYMS)):
            masks[name] = server.modifier_of(_keys_of(keysyms, wanted)) or _USUAL[name]
        locks = [
            mask
            for mask in (
                _LOCK,
                server.modifier_of(_keys_of(keysyms, _NUM_LOCK)),
                server.modifier_of(_keys_of(keysyms, _SCROLL_LOCK)),
            )
            if mask
        ]
        self._locks = sum(set(locks))
        return {
            name: self._grab(server, name, shortcut, keysyms, masks, locks)
            for name, shortcut in self._wanted.items()
        }

    def _grab(
        self,
        server: XConnection,
        name: str,
        shortcut: Shortcut,
        keysyms: Mapping[int, tuple[int, ...]],
        masks: Mapping[str, int],
        locks: list[int],
    ) -> Holding:
        keycode = _keycode(keysyms, keysym(shortcut.key))
        if keycode is None:
            return Holding.NO_SUCH_KEY
        modifiers = sum(masks[one] for one in shortcut.modifiers)
        if (keycode, modifiers) in self._held:
            return Holding.TAKEN
        grabbed: list[int] = []
        for extra in _every_sum(locks):
            if not server.grab_key(keycode, modifiers | extra):
                for given_back in grabbed:
                    server.ungrab_key(keycode, given_back)
                server.flush()
                return Holding.TAKEN
            grabbed.append(modifiers | extra)
        self._held[keycode, modifiers] = name
        return Holding.HELD

    def _read(self) -> None:
        server = self._server
        if server is None:
            return
        for event in server.events():
            if event.kind == MAPPING_NOTIFY:
                self._layout_changed(server)
            elif event.kind == KEY_RELEASE:
                self._released_at[event.detail] = event.time
            elif event.kind == KEY_PRESS:
                self._take_press(event)
        if server.is_lost():
            _log.info("the X server is gone, and with it the hotkeys")
            self.release()

    def _take_press(self, event: XEvent) -> None:
        # A key that is held down repeats: released and pressed in the same moment.
        if self._released_at.pop(event.detail, None) == event.time:
            return
        modifiers = event.state & _CARED_FOR & ~self._locks
        name = self._held.get((event.detail, modifiers))
        if name is not None:
            self._pressed(name)

    def _layout_changed(self, server: XConnection) -> None:
        for keycode, modifiers in self._held:
            for extra in _every_sum([1 << bit for bit in range(8)]):
                if extra & ~self._locks == 0:
                    server.ungrab_key(keycode, modifiers | extra)
        self._held.clear()
        self._grab_all(server)


def _keys_of(
    keysyms: Mapping[int, tuple[int, ...]], wanted: frozenset[int]
) -> set[int]:
    return {code for code, found in keysyms.items() if wanted & set(found)}


def _keycode(keysyms: Mapping[int, tuple[int, ...]], wanted: int) -> int | None:
    """The key that has it without Shift, else any that has it."""
    plain = (code for code, found in keysyms.items() if found[:1] == (wanted,))
    some = (code for code, found in keysyms.items() if wanted in found)
    return next(plain, next(some, None))


def _every_sum(masks: list[int]) -> Iterator[int]:
    """Every combination of the locks that may be on."""
    for count in range(len(masks) + 1):
        for some in combinations(masks, count):
            yield sum(some)
