"""The few requests of the X protocol that hotkeys and the selection need.

By ctypes on libxcb, which Qt's own platform plugin has loaded already; a connection of
ours, so that nothing of Qt's is touched. All texts and sizes that come from other
programs are bounded here.
"""

from __future__ import annotations

import ctypes
import ctypes.util
from ctypes import POINTER, Structure, c_char_p, c_int, c_uint, c_void_p
from ctypes import c_uint8 as u8
from ctypes import c_uint16 as u16
from ctypes import c_uint32 as u32
from functools import lru_cache
from typing import Any, Final, NamedTuple

KEY_PRESS: Final = 2
KEY_RELEASE: Final = 3
SELECTION_NOTIFY: Final = 31
MAPPING_NOTIFY: Final = 34
PRIMARY: Final = 1
"""The atom of the text that is marked somewhere."""

_ASYNC: Final = 1
_ANY_TYPE: Final = 0
_INPUT_ONLY: Final = 2
_INTERN: Final = 0
_REPLY_HEAD: Final = 32
_MODIFIER_ROWS: Final = 8
_MIN_KEYCODE_AT: Final = 34
_MAX_KEYCODE_AT: Final = 35


class XError(Exception):
    """The X server cannot be reached, or is gone."""


class XEvent(NamedTuple):
    """Something the server told.

    Attributes:
        kind: KEY_PRESS and so on.
        detail: The keycode, for keys.
        time: By the server's clock, in milliseconds.
        state: Modifiers as they were, for keys.
        property: Where a selection was put; 0 for nowhere.
    """

    kind: int
    detail: int = 0
    time: int = 0
    state: int = 0
    property: int = 0


class _Cookie(Structure):
    _fields_ = (("sequence", c_uint),)


class _ScreenIterator(Structure):
    _fields_ = (("data", POINTER(u32)), ("rem", c_int), ("index", c_int))


@lru_cache(maxsize=1)
def _library() -> ctypes.CDLL:
    """The library with the types of what is used of it.

    Raises:
        OSError: It is not installed.
    """
    xcb = ctypes.CDLL(ctypes.util.find_library("xcb") or "libxcb.so.1")
    pointer = c_void_p
    signatures: dict[str, tuple[Any, tuple[Any, ...]]] = {
        "xcb_connect": (pointer, (c_char_p, POINTER(c_int))),
        "xcb_connection_has_error": (c_int, (pointer,)),
        "xcb_disconnect": (None, (pointer,)),
        "xcb_get_file_descriptor": (c_int, (pointer,)),
        "xcb_flush": (c_int, (pointer,)),
        "xcb_get_setup": (pointer, (pointer,)),
        "xcb_setup_roots_iterator": (_ScreenIterator, (pointer,)),
        "xcb_poll_for_event": (pointer, (pointer,)),
        "xcb_request_check": (pointer, (pointer, _Cookie)),
        "xcb_get_keyboard_mapping": (_Cookie, (pointer, u8, u8)),
        "xcb_get_keyboard_mapping_reply": (pointer, (pointer, _Cookie, pointer)),
        "xcb_get_modifier_mapping": (_Cookie, (pointer,)),
        "xcb_get_modifier_mapping_reply": (pointer, (pointer, _Cookie, pointer)),
        "xcb_grab_key_checked": (_Cookie, (pointer, u8, u32, u16, u8, u8, u8)),
        "xcb_ungrab_key": (_Cookie, (pointer, u8, u32, u16)),
        "xcb_generate_id": (u32, (pointer,)),
        "xcb_create_window": (
            _Cookie,
            (
                *(pointer, u8, u32, u32),
                *(ctypes.c_int16, ctypes.c_int16, u16, u16, u16, u16),
                *(u32, u32, pointer),
            ),
        ),
        "xcb_intern_atom": (_Cookie, (pointer, u8, u16, c_char_p)),
        "xcb_intern_atom_reply": (pointer, (pointer, _Cookie, pointer)),
        "xcb_convert_selection": (_Cookie, (pointer, *(5 * [u32]))),
        "xcb_get_property": (_Cookie, (pointer, u8, *(5 * [u32]))),
        "xcb_get_property_reply": (pointer, (pointer, _Cookie, pointer)),
        "xcb_get_geometry": (_Cookie, (pointer, u32)),
        "xcb_get_geometry_reply": (pointer, (pointer, _Cookie, pointer)),
        "xcb_translate_coordinates": (
            _Cookie,
            (pointer, u32, u32, ctypes.c_int16, ctypes.c_int16),
        ),
        "xcb_translate_coordinates_reply": (pointer, (pointer, _Cookie, pointer)),
    }
    for name, (result, arguments) in signatures.items():
        function = getattr(xcb, name)
        function.restype, function.argtypes = result, arguments
    return xcb


@lru_cache(maxsize=1)
def _c_library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.free.restype, library.free.argtypes = None, (c_void_p,)
    return library


def _taken(address: int | None, size: int) -> bytes:
    """What lies at an address that is ours to free; b"" for nowhere."""
    if not address:
        return b""
    found = ctypes.string_at(address, size)
    _c_library().free(address)
    return found


class XConnection:
    """A connection to the X server that ``DISPLAY`` names.

    Raises:
        XError: There is no such server, or it does not let us in.
    """

    def __init__(self) -> None:
        try:
            self._xcb = _library()
        except OSError as error:
            raise XError("libxcb is not installed") from error
        number = c_int()
        self._handle = self._xcb.xcb_connect(None, ctypes.byref(number))
        if self._xcb.xcb_connection_has_error(self._handle):
            self.close()
            raise XError("the X server cannot be reached")
        setup = self._xcb.xcb_get_setup(self._handle)
        facts = ctypes.string_at(setup, _MAX_KEYCODE_AT + 1)
        self._keycodes = range(facts[_MIN_KEYCODE_AT], facts[_MAX_KEYCODE_AT] + 1)
        screens = self._xcb.xcb_setup_roots_iterator(setup)
        # Old servers may have several; hotkeys count on the first.
        self.root: int = screens.data[0]

    def close(self) -> None:
        """Hang up; the server lets go of all that was grabbed."""
        if self._handle:
            self._xcb.xcb_disconnect(self._handle)
            self._handle = None

    def fileno(self) -> int:
        """What becomes readable when the server tells something."""
        return int(self._xcb.xcb_get_file_descriptor(self._handle))

    def is_lost(self) -> bool:
        """Whether the server is gone."""
        return bool(self._xcb.xcb_connection_has_error(self._handle))

    def events(self) -> list[XEvent]:
        """What has been told since it was last asked."""
        found = []
        while address := self._xcb.xcb_poll_for_event(self._handle):
            found.append(_event(_taken(address, _REPLY_HEAD)))
        return found

    # --- keys ------------------------------------------------------------------------

    def keysyms(self) -> dict[int, tuple[int, ...]]:
        """What each key of the keyboard stands for, by its keycode."""
        first, count = self._keycodes[0], len(self._keycodes)
        cookie = self._xcb.xcb_get_keyboard_mapping(self._handle, first, count)
        reply = self._xcb.xcb_get_keyboard_mapping_reply(self._handle, cookie, None)
        if not reply:
            return {}
        each = ctypes.string_at(reply, 2)[1]
        words = memoryview(
            _taken(reply, _REPLY_HEAD + 4 * each * count)[_REPLY_HEAD:]
        ).cast("I")
        return {
            first + place: tuple(words[place * each : (place + 1) * each])
            for place in range(count)
        }

    def modifier_of(self, keycodes: set[int]) -> int:
        """The mask of the modifier that one of these keys is; 0 for none."""
        cookie = self._xcb.xcb_get_modifier_mapping(self._handle)
        reply = self._xcb.xcb_get_modifier_mapping_reply(self._handle, cookie, None)
        if not reply:
            return 0
        each = ctypes.string_at(reply, 2)[1]
        codes = _taken(reply, _REPLY_HEAD + _MODIFIER_ROWS * each)[_REPLY_HEAD:]
        rows = (codes[row * each : (row + 1) * each] for row in range(_MODIFIER_ROWS))
        return sum(1 << row for row, keys in enumerate(rows) if keycodes & set(keys))

    def grab_key(self, keycode: int, modifiers: int) -> bool:
        """Take a key for ourselves; False when another program has it."""
        cookie = self._xcb.xcb_grab_key_checked(
            self._handle, 0, self.root, modifiers, keycode, _ASYNC, _ASYNC
        )
        error = self._xcb.xcb_request_check(self._handle, cookie)
        return not _taken(error, 2)

    def ungrab_key(self, keycode: int, modifiers: int) -> None:
        """Give it back."""
        self._xcb.xcb_ungrab_key(self._handle, keycode, self.root, modifiers)

    # --- the selection ---------------------------------------------------------------

    def atom(self, name: str) -> int:
        """The number by which the server knows a name."""
        word = name.encode("ascii")
        cookie = self._xcb.xcb_intern_atom(self._handle, _INTERN, len(word), word)
        reply = self._xcb.xcb_intern_atom_reply(self._handle, cookie, None)
        return int.from_bytes(_taken(reply, 12)[8:12], "little")

    def ask_for_selection(self, selection: int, target: int, place: int) -> int:
        """Ask its owner to put a selection below ``place``; the window it goes to."""
        window: int = self._xcb.xcb_generate_id(self._handle)
        self._xcb.xcb_create_window(
            self._handle, 0, window, self.root, 0, 0, 1, 1, 0, _INPUT_ONLY, 0, 0, None
        )
        self._xcb.xcb_convert_selection(
            self._handle, window, selection, target, place, 0
        )
        self._xcb.xcb_flush(self._handle)
        return window

    def property(
        self, window: int, place: int, longest: int, *, is_taken: bool = True
    ) -> tuple[int, bytes]:
        """The type and the first ``longest`` bytes of what a window has there.

        ``is_taken`` is for what was put there for us: it is gone then.
        """
        cookie = self._xcb.xcb_get_property(
            self._handle, is_taken, window, place, _ANY_TYPE, 0, longest // 4
        )
        reply = self._xcb.xcb_get_property_reply(self._handle, cookie, None)
        if not reply:
            return 0, b""
        head = ctypes.string_at(reply, _REPLY_HEAD)
        size = int.from_bytes(head[16:20], "little") * (head[1] // 8)
        whole = _taken(reply, _REPLY_HEAD + min(size, longest))
        return int.from_bytes(head[8:12], "little"), whole[_REPLY_HEAD:]

    def middle(self, window: int) -> tuple[int, int] | None:
        """The middle of a window on the whole desktop; None when it is gone."""
        xcb, handle = self._xcb, self._handle
        reply = xcb.xcb_get_geometry_reply(
            handle, xcb.xcb_get_geometry(handle, window), None
        )
        size = _taken(reply, _REPLY_HEAD)
        if not size:
            return None
        half = [int.from_bytes(size[at : at + 2], "little") // 2 for at in (16, 18)]
        cookie = xcb.xcb_translate_coordinates(handle, window, self.root, *half)
        reply = xcb.xcb_translate_coordinates_reply(handle, cookie, None)
        found = _taken(reply, _REPLY_HEAD)
        if not found:
            return None
        x, y = (
            int.from_bytes(found[at : at + 2], "little", signed=True) for at in (12, 14)
        )
        return x, y

    def flush(self) -> None:
        """Send what waits to be sent."""
        self._xcb.xcb_flush(self._handle)


def _event(raw: bytes) -> XEvent:
    kind = raw[0] & 0x7F
    if kind == SELECTION_NOTIFY:
        return XEvent(kind, property=int.from_bytes(raw[20:24], "little"))
    if kind in (KEY_PRESS, KEY_RELEASE):
        time, state = (raw[4:8], raw[28:30])
        return XEvent(
            kind,
            raw[1],
            int.from_bytes(time, "little"),
            int.from_bytes(state, "little"),
        )
    return XEvent(kind)
