"""Whether the desktop wants quiet: its do-not-disturb is on, or the screen is shared.

What cannot be known is None and never taken for "no". Where a desktop tells by itself,
its word is waited for; the rest is asked when it matters, in one quick question.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Protocol

from screenpop.domain.frozen import frozen


@frozen
class Attention:
    """What is known of it.

    Attributes:
        focus_mode: Do-not-disturb, a focus mode or quiet hours are on; None when this
            desktop tells no program.
        sharing: The screen is shared, recorded or presented on; None likewise.
    """

    focus_mode: bool | None = None
    sharing: bool | None = None


UNKNOWN = Attention()
AttentionChanged = Callable[[Attention], None]


class AttentionWatch(Protocol):
    """Knows what the desktop wants."""

    @property
    def must_be_asked(self) -> bool:
        """Whether something is known only to those who ask for it just now."""
        ...

    async def start(self, changed: AttentionChanged) -> None:
        """Have ``changed`` told what is so, now and whenever the desktop says more."""
        ...

    async def look(self) -> Attention:
        """Ask anew for what the desktop does not tell by itself."""
        ...

    async def stop(self) -> None:
        """Watch no more; calling it again does nothing."""
        ...


class NullAttentionWatch:
    """Where nothing can be known."""

    must_be_asked = False

    async def start(self, changed: AttentionChanged) -> None:
        """Nothing is known."""
        changed(UNKNOWN)

    async def look(self) -> Attention:
        """Nothing is known."""
        return UNKNOWN

    async def stop(self) -> None:
        """Do nothing."""


def attention_watch() -> AttentionWatch:
    """The watch of this platform."""
    watch: AttentionWatch = NullAttentionWatch()
    if sys.platform == "win32":
        from screenpop.desktop.attention_windows import WindowsAttentionWatch

        watch = WindowsAttentionWatch()
    elif sys.platform == "linux" and os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        from screenpop.desktop.attention_linux import BusAttentionWatch

        watch = BusAttentionWatch()
    return watch
