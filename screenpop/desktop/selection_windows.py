"""The marked text on Windows: copied by the program in front, the clipboard put back.

There is no other way that works in every program. What lay on the clipboard is taken
aside in all its formats and put back whatever happens.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import asyncio
    import ctypes
    from ctypes import wintypes
    from typing import Any, Final

    _UNICODE_TEXT: Final = 13
    # Handles of pictures and palettes, no memory; Windows makes them of others again.
    _NO_MEMORY: Final = frozenset({2, 3, 9, 14, 0x80, 0x82, 0x83, 0x8E})
    _MOVEABLE: Final = 0x0002
    _KEYBOARD: Final = 1
    _KEY_UP: Final = 0x0002
    _CONTROL: Final = 0x11
    _C: Final = 0x43
    # Held for the hotkey itself: they would make another key of Ctrl+C.
    _HELD: Final = (0x10, 0x12, 0x5B, 0x5C)
    _TRIES: Final = 20
    _PAUSE_SECONDS: Final = 0.02
    _LONGEST: Final = 8_192

    class _KeyInput(ctypes.Structure):
        _fields_ = (
            ("key", wintypes.WORD),
            ("scan", wintypes.WORD),
            ("flags", wintypes.DWORD),
            ("time", wintypes.DWORD),
            ("extra", ctypes.c_size_t),
            # The largest of the inputs that share the room is that of the mouse.
            ("room", ctypes.c_ubyte * 8),
        )

    class _Input(ctypes.Structure):
        _fields_ = (("kind", wintypes.DWORD), ("key", _KeyInput))

    def _libraries() -> tuple[ctypes.WinDLL, ctypes.WinDLL]:
        user, kernel = ctypes.WinDLL("user32"), ctypes.WinDLL("kernel32")
        handle = wintypes.HANDLE
        user.GetClipboardData.restype = handle
        user.SetClipboardData.argtypes = (wintypes.UINT, handle)
        kernel.GlobalAlloc.restype = handle
        kernel.GlobalAlloc.argtypes = (wintypes.UINT, ctypes.c_size_t)
        kernel.GlobalLock.restype = ctypes.c_void_p
        for function in (kernel.GlobalLock, kernel.GlobalUnlock, kernel.GlobalSize):
            function.argtypes = (handle,)
        kernel.GlobalSize.restype = ctypes.c_size_t
        return user, kernel

    class WindowsSelectionReader:
        """Has the program in front copy, and puts back what was on the clipboard."""

        async def read(self) -> str | None:
            """The text; "" when none is marked, None when the clipboard is in use."""
            user, kernel = _libraries()
            if not await _opened(user):
                return None
            kept = _contents(user, kernel)
            user.CloseClipboard()
            before = user.GetClipboardSequenceNumber()
            _press_copy(user)
            for _ in range(_TRIES):
                await asyncio.sleep(_PAUSE_SECONDS)
                if user.GetClipboardSequenceNumber() != before:
                    break
            else:
                # Nothing was copied, so nothing is to be put back.
                return ""
            if not await _opened(user):
                return None
            try:
                return _text(user, kernel)
            finally:
                _put_back(user, kernel, kept)
                user.CloseClipboard()

    async def _opened(user: ctypes.WinDLL) -> bool:
        """Another program may hold it for a moment."""
        for _ in range(_TRIES):
            if user.OpenClipboard(None):
                return True
            await asyncio.sleep(_PAUSE_SECONDS)
        return False

    def _contents(
        user: ctypes.WinDLL, kernel: ctypes.WinDLL
    ) -> tuple[tuple[int, bytes], ...]:
        found, kind = [], user.EnumClipboardFormats(0)
        while kind:
            if kind not in _NO_MEMORY:
                content = _memory(kernel, user.GetClipboardData(kind))
                if content is not None:
                    found.append((kind, content))
            kind = user.EnumClipboardFormats(kind)
        return tuple(found)

    def _memory(kernel: ctypes.WinDLL, handle: Any) -> bytes | None:
        address = kernel.GlobalLock(handle) if handle else None
        if not address:
            return None
        try:
            return ctypes.string_at(address, kernel.GlobalSize(handle))
        finally:
            kernel.GlobalUnlock(handle)

    def _text(user: ctypes.WinDLL, kernel: ctypes.WinDLL) -> str:
        content = _memory(kernel, user.GetClipboardData(_UNICODE_TEXT)) or b""
        text = content[: 2 * _LONGEST].decode("utf-16-le", "replace")
        return text.partition("\0")[0]

    def _put_back(
        user: ctypes.WinDLL, kernel: ctypes.WinDLL, kept: tuple[tuple[int, bytes], ...]
    ) -> None:
        user.EmptyClipboard()
        for kind, content in kept:
            handle = kernel.GlobalAlloc(_MOVEABLE, len(content))
            address = kernel.GlobalLock(handle) if handle else None
            if address:
                ctypes.memmove(address, content, len(content))
                kernel.GlobalUnlock(handle)
                # From here on the memory is the clipboard's.
                user.SetClipboardData(kind, handle)

    def _press_copy(user: ctypes.WinDLL) -> None:
        strokes = [(key, _KEY_UP) for key in _HELD]
        strokes += [(_CONTROL, 0), (_C, 0), (_C, _KEY_UP), (_CONTROL, _KEY_UP)]
        inputs = (_Input * len(strokes))()
        for place, (key, flags) in enumerate(strokes):
            inputs[place].kind = _KEYBOARD
            inputs[place].key.key = key
            inputs[place].key.flags = flags
        user.SendInput(len(strokes), inputs, ctypes.sizeof(_Input))
