"""Is there a screen to show windows on?"""

from __future__ import annotations

import os
import sys

_QT_PLATFORM = "QT_QPA_PLATFORM"


def has_display() -> bool:
    """Whether somebody could see a window; only on Linux may there be no screen."""
    if sys.platform != "linux":
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def is_seen() -> bool:
    """Whether the windows that Qt makes are put on a display."""
    return os.environ.get(_QT_PLATFORM, "") not in ("offscreen", "minimal")


def can_make_windows() -> bool:
    """Whether Qt can start at all: where it can show none, it ends the process."""
    return has_display() or bool(os.environ.get(_QT_PLATFORM))
