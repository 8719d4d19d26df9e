"""What kind of window a card is on each platform."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication


def card_flags() -> Qt.WindowType:
    """What kind of window a card is on this platform."""
    flags = (
        Qt.WindowType.Tool
        | Qt.WindowType.FramelessWindowHint
        | Qt.WindowType.WindowStaysOnTopHint
        | Qt.WindowType.WindowDoesNotAcceptFocus
    )
    if QGuiApplication.platformName() == "xcb":
        # Unmanaged on X11. Measured with openbox, from new texts to the first paint of
        # a re-shown card: 1 to 2 ms (medians) instead of 6.5 to 7.5 ms, as no window
        # manager frames it first; and none can move it or give it the focus. What one
        # would do is not missed: the card stays above windows that are raised, and the
        # note box gets the keyboard by asking the X server, from where it returns to
        # the manager's choice when the card hides (tests/x11/test_card_focus.py).
        flags |= Qt.WindowType.BypassWindowManagerHint
    return flags
