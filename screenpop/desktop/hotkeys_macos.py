"""Hotkeys on macOS: RegisterEventHotKey of Carbon, which needs no permission."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.shortcuts import Shortcut

if sys.platform == "darwin":
    import asyncio
    import ctypes
    import ctypes.util
    import logging
    from collections.abc import Mapping
    from ctypes import POINTER, Structure, c_int32, c_size_t, c_uint32, c_void_p
    from typing import Any, Final

    from screenpop.desktop.hotkeys import Holding, Pressed
    from screenpop.desktop.virtual_keys import MACOS_MODIFIERS, macos_key

    _log = logging.getLogger(__name__)

    _EXISTS: Final = -9878
    # Four letters each, as Carbon names things.
    _SIGNATURE: Final = int.from_bytes(b"scpp", "big")
    _KEYBOARD: Final = int.from_bytes(b"keyb", "big")
    _DIRECT_OBJECT: Final = int.from_bytes(b"----", "big")
    _HOTKEY_ID_TYPE: Final = int.from_bytes(b"hkid", "big")
    _HOTKEY_PRESSED: Final = 5

    class _EventType(Structure):
        _fields_ = (("event_class", c_uint32), ("kind", c_uint32))

    class _HotkeyId(Structure):
        _fields_ = (("signature", c_uint32), ("number", c_uint32))

    _Handler = ctypes.CFUNCTYPE(c_int32, c_void_p, c_void_p, c_void_p)

    def _carbon() -> ctypes.CDLL:
        """The framework with the types of what is used of it."""
        carbon = ctypes.CDLL(ctypes.util.find_library("Carbon"))
        carbon.GetApplicationEventTarget.restype = c_void_p
        carbon.GetApplicationEventTarget.argtypes = ()
        carbon.InstallEventHandler.argtypes = (
            *(c_void_p, _Handler, c_size_t, POINTER(_EventType)),
            *(c_void_p, POINTER(c_void_p)),
        )
        carbon.RemoveEventHandler.argtypes = (c_void_p,)
        carbon.RegisterEventHotKey.argtypes = (
            *(c_uint32, c_uint32, _HotkeyId, c_void_p, c_uint32),
            POINTER(c_void_p),
        )
        carbon.UnregisterEventHotKey.argtypes = (c_void_p,)
        carbon.GetEventParameter.argtypes = (
            *(c_void_p, c_uint32, c_uint32, c_void_p, c_size_t, c_void_p),
            POINTER(_HotkeyId),
        )
        return carbon

    class MacosHotkeyKeeper:
        """The handler is called on the main thread, by the loop that Qt runs there."""

        def __init__(self) -> None:
            self._library: ctypes.CDLL | None = None
            self._keys: list[c_void_p] = []
            self._handler = c_void_p()
            # Kept: Carbon does not, and calls it all the same.
            self._called: Any = None

        async def hold(
            self, wanted: Mapping[str, Shortcut], pressed: Pressed
        ) -> Mapping[str, Holding]:
            """Hold exactly these; see `HotkeyKeeper`."""
            self.release()
            if not wanted:
                return {}
            try:
                library = self._library = _carbon()
            except (OSError, AttributeError) as error:
                _log.info("no hotkeys: %s", type(error).__name__)
                return dict.fromkeys(wanted, Holding.NO_WAY)
            names = tuple(wanted)
            loop = asyncio.get_running_loop()

            def called(_next: Any, event: Any, _data: Any) -> int:
                found = _HotkeyId()
                size = ctypes.sizeof(found)
                library.GetEventParameter(
                    *(event, _DIRECT_OBJECT, _HOTKEY_ID_TYPE, None, size, None),
                    ctypes.byref(found),
                )
                if found.signature == _SIGNATURE and found.number < len(names):
                    loop.call_soon(pressed, names[found.number])
                return 0

            self._called = _Handler(called)
            target = library.GetApplicationEventTarget()
            wanted_event = _EventType(_KEYBOARD, _HOTKEY_PRESSED)
            library.InstallEventHandler(
                *(target, self._called, 1, ctypes.byref(wanted_event), None),
                ctypes.byref(self._handler),
            )
            return {
                name: self._register(library, target, number, shortcut)
                for number, (name, shortcut) in enumerate(wanted.items())
            }

        def release(self) -> None:
            """Give the keys back."""
            library, self._library = self._library, None
            if library is None:
                return
            for key in self._keys:
                library.UnregisterEventHotKey(key)
            self._keys.clear()
            if self._handler.value:
                library.RemoveEventHandler(self._handler)
            self._handler = c_void_p()

        def _register(
            self, library: ctypes.CDLL, target: Any, number: int, shortcut: Shortcut
        ) -> Holding:
            code = macos_key(shortcut.key)
            if code is None:
                return Holding.NO_SUCH_KEY
            modifiers = sum(MACOS_MODIFIERS[one] for one in shortcut.modifiers)
            key, name = c_void_p(), _HotkeyId(_SIGNATURE, number)
            status = library.RegisterEventHotKey(
                code, modifiers, name, target, 0, ctypes.byref(key)
            )
            if status == 0:
                self._keys.append(key)
                return Holding.HELD
            return Holding.TAKEN if status == _EXISTS else Holding.NO_WAY
