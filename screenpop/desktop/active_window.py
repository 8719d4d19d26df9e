"""Where the window is that somebody works in, whosever it is."""

from __future__ import annotations

import sys


def active_window_middle() -> tuple[int, int] | None:
    """The middle of the active window, in the desktop's own pixels.

    None where nobody tells: without any, under Wayland, and on macOS, where it takes a
    permission that is asked for in the user's face.
    """
    if sys.platform == "win32":
        return _on_windows()
    if sys.platform == "darwin":
        return None
    return _on_x11()


def _on_x11() -> tuple[int, int] | None:
    from screenpop.desktop.xcb import XConnection, XError

    try:
        server = XConnection()
    except XError:
        return None
    try:
        place = server.atom("_NET_ACTIVE_WINDOW")
        _, found = server.property(server.root, place, 4, is_taken=False)
        window = int.from_bytes(found[:4], "little")
        return server.middle(window) if window else None
    finally:
        server.close()


def _on_windows() -> tuple[int, int] | None:
    if sys.platform == "win32":
        import ctypes
        from ctypes import wintypes

        user32, box = ctypes.windll.user32, wintypes.RECT()
        window = user32.GetForegroundWindow()
        if window and user32.GetWindowRect(window, ctypes.byref(box)):
            return (box.left + box.right) // 2, (box.top + box.bottom) // 2
    return None
