"""Native notifications with buttons, for where a card cannot be shown.

Written by the Desktop Notifications Specification 1.2. What callers are called is text:
it is escaped exactly where the server reads markup, and nowhere else.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Protocol

from screenpop.desktop.session_bus import (
    BusError,
    Place,
    has_session_bus,
    open_session_bus,
)
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.desktop.session_bus import SessionBus, Signal

_log = logging.getLogger(__name__)

NAME: Final = "org.freedesktop.Notifications"
PATH: Final = "/org/freedesktop/Notifications"
_SERVER: Final = Place(NAME, PATH, NAME)
_STAYS: Final = 0
_CRITICAL: Final = 2
_NORMAL: Final = 1


@frozen
class Notification:
    """What to tell.

    Attributes:
        key: A later one of the same key takes its place.
        title: One line, as it is to be read.
        body: Further lines.
        actions: Buttons, as (name, text); "default" is a click on the whole.
        is_urgent: Stays until it is over or closed, also above full screens.
    """

    key: str
    title: str
    body: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    is_urgent: bool = False


Chosen = Callable[[str, str], None]
"""Told the key of a notification and the name of the action that was chosen."""


class Notifier(Protocol):
    """Shows notifications of the desktop's own kind."""

    async def start(self, chosen: Chosen) -> bool:
        """Get ready; False when this desktop shows none."""
        ...

    async def show(self, notification: Notification) -> bool:
        """Show it, or renew the one of its key; False when it is not seen."""
        ...

    async def close(self, key: str) -> None:
        """Take it away; one that is gone is fine."""
        ...

    async def stop(self) -> None:
        """Take all away."""
        ...


class NullNotifier:
    """Where there are none to be had this way."""

    async def start(self, chosen: Chosen) -> bool:
        """There are none."""
        del chosen
        return False

    async def show(self, notification: Notification) -> bool:
        """Show nothing."""
        del notification
        return False

    async def close(self, key: str) -> None:
        """Do nothing."""

    async def stop(self) -> None:
        """Do nothing."""


def notifier() -> Notifier:
    """The notifier of this platform; elsewhere the tray has its own."""
    return BusNotifier() if has_session_bus() else NullNotifier()


def escaped(text: str) -> str:
    """Text for a server that reads markup in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class BusNotifier:
    """By org.freedesktop.Notifications on the session bus."""

    def __init__(self) -> None:
        self._bus: SessionBus | None = None
        self._abilities: frozenset[str] = frozenset()
        self._ids: dict[str, int] = {}
        self._chosen: Chosen = lambda _key, _action: None

    async def start(self, chosen: Chosen) -> bool:
        """Ask the server what it can do; see `Notifier`."""
        self._chosen = chosen
        try:
            bus = self._bus = await open_session_bus()
            (abilities,) = await bus.call(_SERVER, "GetCapabilities", "")
            self._abilities = frozenset(abilities)
            await bus.hear(_SERVER, "ActionInvoked", self._invoked)
            await bus.hear(_SERVER, "NotificationClosed", self._closed)
        except BusError as error:
            _log.info("no notifications: %s", error)
            await self.stop()
            return False
        return True

    async def show(self, notification: Notification) -> bool:
        """Show it; see `Notifier`."""
        if self._bus is None:
            return False
        body = notification.body
        if "body-markup" in self._abilities:
            body = escaped(body)
        if "body" not in self._abilities:
            body = ""
        actions: list[str] = []
        if "actions" in self._abilities:
            actions = [text for action in notification.actions for text in action]
        urgency = _CRITICAL if notification.is_urgent else _NORMAL
        hints: dict[str, tuple[str, Any]] = {
            "urgency": ("y", urgency),
            "desktop-entry": ("s", "screenpop"),
            "category": ("s", "call.incoming"),
        }
        try:
            (number,) = await self._bus.call(
                *(_SERVER, "Notify", "susssasa{sv}i"),
                *("screenpop", self._ids.get(notification.key, 0), "screenpop"),
                *(notification.title, body, actions, hints),
                _STAYS if notification.is_urgent else -1,
            )
        except BusError as error:
            _log.info("a notification was not shown: %s", error)
            return False
        self._ids[notification.key] = number
        return True

    async def close(self, key: str) -> None:
        """Take it away."""
        number = self._ids.pop(key, None)
        if self._bus is None or number is None:
            return
        try:
            await self._bus.call(_SERVER, "CloseNotification", "u", number)
        except BusError as error:
            _log.debug("a notification was gone: %s", error)

    async def stop(self) -> None:
        """Take all away and hang up."""
        for key in tuple(self._ids):
            await self.close(key)
        bus, self._bus = self._bus, None
        if bus is not None:
            await bus.close()

    def _invoked(self, signal: Signal) -> None:
        number, action = signal.body
        key = self._key_of(number)
        if key is not None:
            self._chosen(key, action)

    def _closed(self, signal: Signal) -> None:
        key = self._key_of(signal.body[0])
        if key is not None:
            del self._ids[key]

    def _key_of(self, number: int) -> str | None:
        found = (key for key, one in self._ids.items() if one == number)
        return next(found, None)
