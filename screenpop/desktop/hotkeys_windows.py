"""Hotkeys on Windows: RegisterHotKey, on a thread that waits for its messages."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.shortcuts import Shortcut

if sys.platform == "win32":
    import asyncio
    import ctypes
    import threading
    from collections.abc import Callable, Mapping
    from ctypes import wintypes
    from typing import Final

    from screenpop.desktop.hotkeys import Holding, Pressed
    from screenpop.desktop.virtual_keys import WINDOWS_MODIFIERS, windows_key

    _NO_REPEAT: Final = 0x4000
    _HOTKEY: Final = 0x0312
    _QUIT: Final = 0x0012
    _ALREADY_REGISTERED: Final = 1409

    class WindowsHotkeyKeeper:
        """Keys belong to the thread that registered them, so one thread does it all."""

        def __init__(self) -> None:
            self._thread: threading.Thread | None = None
            self._thread_id = 0

        async def hold(
            self, wanted: Mapping[str, Shortcut], pressed: Pressed
        ) -> Mapping[str, Holding]:
            """Hold exactly these; see `HotkeyKeeper`."""
            self.release()
            if not wanted:
                return {}
            loop = asyncio.get_running_loop()
            settled: asyncio.Future[Mapping[str, Holding]] = loop.create_future()

            def settle(outcome: Mapping[str, Holding]) -> None:
                loop.call_soon_threadsafe(settled.set_result, outcome)

            def press(name: str) -> None:
                loop.call_soon_threadsafe(pressed, name)

            self._thread = threading.Thread(
                target=self._serve,
                args=(tuple(wanted.items()), settle, press),
                name="hotkeys",
                daemon=True,
            )
            self._thread.start()
            return await settled

        def release(self) -> None:
            """End the thread, by which Windows gives the keys back."""
            thread, self._thread = self._thread, None
            if thread is not None:
                user = ctypes.WinDLL("user32")
                user.PostThreadMessageW(self._thread_id, _QUIT, 0, 0)
                thread.join()

        def _serve(
            self,
            wanted: tuple[tuple[str, Shortcut], ...],
            settle: Callable[[Mapping[str, Holding]], None],
            press: Pressed,
        ) -> None:
            user = ctypes.WinDLL("user32", use_last_error=True)
            self._thread_id = ctypes.WinDLL("kernel32").GetCurrentThreadId()
            message = wintypes.MSG()
            # The thread has a queue for messages only once it has looked into it.
            user.PeekMessageW(ctypes.byref(message), None, 0, 0, 0)
            outcome = {
                name: _register(user, number, shortcut)
                for number, (name, shortcut) in enumerate(wanted)
            }
            settle(outcome)
            while user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
                if message.message == _HOTKEY:
                    press(wanted[message.wParam][0])
            for number, (name, _shortcut) in enumerate(wanted):
                if outcome[name] is Holding.HELD:
                    user.UnregisterHotKey(None, number)

    def _register(user: ctypes.WinDLL, number: int, shortcut: Shortcut) -> Holding:
        modifiers = sum(WINDOWS_MODIFIERS[one] for one in shortcut.modifiers)
        key = windows_key(shortcut.key)
        if user.RegisterHotKey(None, number, modifiers | _NO_REPEAT, key):
            return Holding.HELD
        is_taken = ctypes.get_last_error() == _ALREADY_REGISTERED
        return Holding.TAKEN if is_taken else Holding.NO_WAY
