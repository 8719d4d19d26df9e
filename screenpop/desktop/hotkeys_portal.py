"""Hotkeys on Wayland, where the compositor holds keys for programs that ask a portal.

Written by the specification of org.freedesktop.portal.GlobalShortcuts, version 1. The
desktop decides: it may ask the user, change a key, or have no such portal at all.
"""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from screenpop.desktop.hotkeys import Holding
from screenpop.desktop.session_bus import BusError, Place, open_session_bus

if TYPE_CHECKING:
    from screenpop.desktop.hotkeys import Pressed
    from screenpop.desktop.session_bus import SessionBus, Signal
    from screenpop.domain.shortcuts import Shortcut

_log = logging.getLogger(__name__)

NAME: Final = "org.freedesktop.portal.Desktop"
PATH: Final = "/org/freedesktop/portal/desktop"
SHORTCUTS: Final = Place(NAME, PATH, "org.freedesktop.portal.GlobalShortcuts")
APP_ID: Final = "org.screenpop.screenpop"

_REGISTRY: Final = Place(NAME, PATH, "org.freedesktop.host.portal.Registry")
_REQUEST: Final = "org.freedesktop.portal.Request"
_SESSION: Final = "org.freedesktop.portal.Session"
_GRANTED: Final = 0
# The desktop may show a dialog of its own, which the user reads first.
_PATIENCE_SECONDS: Final = 120.0
_MODIFIERS: Final = {"Ctrl": "CTRL", "Alt": "ALT", "Shift": "SHIFT", "Meta": "LOGO"}
_KEYS: Final = {"Space": "space", "PageUp": "Page_Up", "PageDown": "Page_Down"}
_DESCRIPTIONS: Final = {
    "focus_card": "Go to the card of the call",
    "dial_selection": "Dial the marked number",
    "search": "Search and dial",
}


def trigger(shortcut: Shortcut) -> str:
    """A shortcut as the XDG shortcuts specification writes it: "CTRL+ALT+space"."""
    key = _KEYS.get(shortcut.key, shortcut.key)
    held = [_MODIFIERS[one] for one in shortcut.modifiers]
    return "+".join((*held, key.lower() if len(key) == 1 else key))


class PortalHotkeyKeeper:
    """Asks the desktop portal to hold keys, in one session."""

    def __init__(self) -> None:
        self._bus: SessionBus | None = None
        self._session = ""
        self._pressed: Pressed = lambda _name: None
        self._closing: set[asyncio.Task[None]] = set()

    async def hold(
        self, wanted: Mapping[str, Shortcut], pressed: Pressed
    ) -> Mapping[str, Holding]:
        """Hold exactly these; see `HotkeyKeeper`."""
        self.release()
        if not wanted:
            return {}
        self._pressed = pressed
        try:
            self._bus = await open_session_bus()
            return await self._bind(self._bus, wanted)
        except BusError as error:
            _log.info("no hotkeys by the portal: %s", error)
            self.release()
            return dict.fromkeys(wanted, Holding.NO_WAY)

    def release(self) -> None:
        """Hang up, by which the portal ends the session."""
        bus, self._bus = self._bus, None
        self._session = ""
        if bus is not None:
            closing = asyncio.get_running_loop().create_task(bus.close())
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)

    async def _bind(
        self, bus: SessionBus, wanted: Mapping[str, Shortcut]
    ) -> Mapping[str, Holding]:
        try:
            # Newer portals want to know who asks; older ones have no such thing.
            await bus.call(_REGISTRY, "Register", "sa{sv}", APP_ID, {})
        except BusError as error:
            _log.debug("the portal registers no programs: %s", error)
        await bus.hear(SHORTCUTS, "Activated", self._activated)
        token = _token()
        made = await _asked(
            bus, "CreateSession", "a{sv}", token, {"session_handle_token": ("s", token)}
        )
        self._session = str(made.get("session_handle", ("s", ""))[1])
        keys = [
            (
                name,
                {
                    "description": ("s", _DESCRIPTIONS.get(name, name)),
                    "preferred_trigger": ("s", trigger(shortcut)),
                },
            )
            for name, shortcut in wanted.items()
        ]
        bound = await _asked(
            bus,
            "BindShortcuts",
            "oa(sa{sv})sa{sv}",
            _token(),
            {},
            self._session,
            keys,
            "",
        )
        held = {
            str(name)
            for name, facts in bound.get("shortcuts", ("", []))[1]
            if _key(facts)
        }
        return {
            name: Holding.HELD if name in held else Holding.TAKEN for name in wanted
        }

    def _activated(self, signal: Signal) -> None:
        session, name = signal.body[:2]
        if session == self._session:
            self._pressed(str(name))


def _key(facts: Mapping[str, tuple[str, Any]]) -> bool:
    """Whether the desktop gave a shortcut a key; without one it cannot be pressed."""
    # A desktop that does not describe keys is taken at its word.
    return bool(facts.get("trigger_description", ("s", "?"))[1])


async def _asked(
    bus: SessionBus,
    method: str,
    signature: str,
    token: str,
    options: Mapping[str, tuple[str, Any]],
    *args: Any,
) -> Mapping[str, tuple[str, Any]]:
    """Ask the portal, and wait for what it answers when the user has decided.

    Raises:
        BusError: There is no such portal, or it refuses.
    """
    answered: asyncio.Future[tuple[Any, ...]] = (
        asyncio.get_running_loop().create_future()
    )

    def hear(signal: Signal) -> None:
        # Who asks chooses the end of the request's path.
        if signal.path.endswith(f"/{token}") and not answered.done():
            answered.set_result(signal.body)

    await bus.hear(Place(NAME, "", _REQUEST), "Response", hear)
    all_options = {**options, "handle_token": ("s", token)}
    await bus.call(SHORTCUTS, method, signature, *args, all_options)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            response, results = await answered
    except TimeoutError as error:
        raise BusError("nobody decided in time") from error
    if response != _GRANTED:
        raise BusError("it was refused")
    found: Mapping[str, tuple[str, Any]] = results
    return found


def _token() -> str:
    return f"screenpop{secrets.token_hex(4)}"
