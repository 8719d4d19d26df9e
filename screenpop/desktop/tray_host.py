"""Whether a tray of the modern kind (StatusNotifierItem) is on the session bus.

Only whoever listens learns that it is gone: a panel that crashes takes all icons along
and tells nobody.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from screenpop.desktop.session_bus import SessionBus, Signal

_log = logging.getLogger(__name__)

WATCHER: Final = "org.kde.StatusNotifierWatcher"
_DAEMON: Final = "org.freedesktop.DBus"


class TrayHostWatch(Protocol):
    """Hears of the tray."""

    async def start(self, changed: Callable[[], None]) -> None:
        """Have ``changed`` told whenever the tray comes or goes."""
        ...

    async def stop(self) -> None:
        """Listen no more; calling it again does nothing."""
        ...


class NullTrayHostWatch:
    """Where the tray is part of the desktop and never goes."""

    async def start(self, changed: Callable[[], None]) -> None:
        """Never tell."""

    async def stop(self) -> None:
        """Do nothing."""


def tray_host_watch() -> TrayHostWatch:
    """The watch of this platform."""
    return BusTrayHostWatch() if sys.platform == "linux" else NullTrayHostWatch()


class BusTrayHostWatch:
    """Hears of the owner of the tray's name."""

    def __init__(self) -> None:
        self._bus: SessionBus | None = None

    async def start(self, changed: Callable[[], None]) -> None:
        """Listen; see `TrayHostWatch`. Without a bus there is nothing to hear."""
        from screenpop.desktop.session_bus import BusError, Place, open_session_bus

        def heard(signal: Signal) -> None:
            if signal.body[0] == WATCHER:
                changed()

        daemon = Place(_DAEMON, "/org/freedesktop/DBus", _DAEMON)
        try:
            self._bus = await open_session_bus()
            await self._bus.hear(daemon, "NameOwnerChanged", heard, about=WATCHER)
        except BusError as error:
            _log.info("nobody tells of the tray: %s", error)

    async def stop(self) -> None:
        """Hang up."""
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()
