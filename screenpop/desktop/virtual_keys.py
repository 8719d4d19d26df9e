"""What Windows and macOS call the keys of `screenpop.domain.shortcuts`."""

from __future__ import annotations

from typing import Final

_WINDOWS_NAMED: Final = {
    "Pause": 0x13,
    "Space": 0x20,
    "PageUp": 0x21,
    "PageDown": 0x22,
    "End": 0x23,
    "Home": 0x24,
    "Left": 0x25,
    "Up": 0x26,
    "Right": 0x27,
    "Down": 0x28,
    "Insert": 0x2D,
    "Delete": 0x2E,
}
_WINDOWS_F1: Final = 0x70
WINDOWS_MODIFIERS: Final = {"Alt": 1, "Ctrl": 2, "Shift": 4, "Meta": 8}
"""MOD_ALT and so on of RegisterHotKey."""

# By place on the keyboard and not by what is printed on the key (Events.h).
_MACOS_LETTERS: Final = dict(
    zip(
        "ASDFHGZXCVBQWERYT1234659780OUIPLJKNM",
        bytes.fromhex(
            "00 01 02 03 04 05 06 07 08 09 0B 0C 0D 0E 0F 10 11 12"
            "13 14 15 16 17 19 1A 1C 1D 1F 20 22 23 25 26 28 2D 2E"
        ),
        strict=True,
    )
)
_MACOS_NAMED: Final = {
    "Space": 0x31,
    "Home": 0x73,
    "PageUp": 0x74,
    "Delete": 0x75,
    "End": 0x77,
    "PageDown": 0x79,
    "Left": 0x7B,
    "Right": 0x7C,
    "Down": 0x7D,
    "Up": 0x7E,
}
_MACOS_FUNCTION_KEYS: Final = (
    *(0x7A, 0x78, 0x63, 0x76, 0x60, 0x61, 0x62, 0x64, 0x65, 0x6D),
    *(0x67, 0x6F, 0x69, 0x6B, 0x71, 0x6A, 0x40, 0x4F, 0x50, 0x5A),
)
MACOS_MODIFIERS: Final = {"Meta": 0x100, "Shift": 0x200, "Alt": 0x800, "Ctrl": 0x1000}
"""cmdKey and so on of RegisterEventHotKey."""


def windows_key(key: str) -> int:
    """The virtual key code on Windows."""
    if key in _WINDOWS_NAMED:
        return _WINDOWS_NAMED[key]
    return ord(key) if len(key) == 1 else _WINDOWS_F1 + int(key[1:]) - 1


def macos_key(key: str) -> int | None:
    """The virtual key code on macOS; None for a key that its keyboards have not."""
    if key in _MACOS_NAMED:
        return _MACOS_NAMED[key]
    if len(key) == 1:
        return _MACOS_LETTERS.get(key)
    number = int(key[1:]) if key[1:].isdigit() else 0
    is_there = 0 < number <= len(_MACOS_FUNCTION_KEYS)
    return _MACOS_FUNCTION_KEYS[number - 1] if is_there else None
