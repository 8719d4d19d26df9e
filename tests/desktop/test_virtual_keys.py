"""Windows and macOS know every key that can be chosen by a code of its own."""

from __future__ import annotations

from screenpop.desktop.hotkeys_portal import trigger
from screenpop.desktop.hotkeys_x11 import keysym
from screenpop.desktop.virtual_keys import macos_key, windows_key
from screenpop.domain.shortcuts import KEYS, read_shortcut


def test_every_key_has_a_code_of_its_own_on_each_platform() -> None:
    assert len({windows_key(key) for key in KEYS}) == len(KEYS)
    assert len({keysym(key) for key in KEYS}) == len(KEYS)
    on_macs = [code for key in KEYS if (code := macos_key(key)) is not None]
    assert len(set(on_macs)) == len(on_macs)


def test_codes_are_those_of_the_platforms_documentation() -> None:
    assert [windows_key(key) for key in ("D", "7", "F12", "Space")] == [
        *(0x44, 0x37, 0x7B, 0x20)
    ]
    assert [macos_key(key) for key in ("A", "M", "F1", "Space")] == [
        *(0x00, 0x2E, 0x7A, 0x31)
    ]
    # No keyboard of a Mac has them.
    assert [macos_key(key) for key in ("Insert", "Pause", "F24")] == [None] * 3
    assert [keysym(key) for key in ("D", "F1", "Delete")] == [0x64, 0xFFBE, 0xFFFF]


def test_the_portal_is_asked_in_its_own_spelling() -> None:
    assert trigger(read_shortcut("Ctrl+Alt+Space")) == "CTRL+ALT+space"
    assert trigger(read_shortcut("Meta+Shift+D")) == "SHIFT+LOGO+d"
    assert trigger(read_shortcut("Ctrl+PageUp")) == "CTRL+Page_Up"
