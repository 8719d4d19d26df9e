"""What Linux desktops tell over the session bus about being disturbed.

Do-not-disturb has no common name: KDE's notifications say ``Inhibited``, dunst says
``paused``, Xfce keeps it in xfconf, and GNOME, Cinnamon and MATE in their settings, of
whose changes dconf tells. Sharing of the screen can be asked of GNOME's compositor, and
is part of do-not-disturb on KDE; X11 itself knows nothing of it.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.desktop.attention import UNKNOWN, Attention, AttentionChanged
from screenpop.desktop.session_bus import BusError, Place, open_session_bus

if TYPE_CHECKING:
    from screenpop.desktop.session_bus import SessionBus, Signal

_log = logging.getLogger(__name__)

NOTIFICATIONS: Final = "org.freedesktop.Notifications"
NOTIFICATIONS_PATH: Final = "/org/freedesktop/Notifications"
DUNST: Final = "org.dunstproject.cmd0"
XFCONF: Final = Place("org.xfce.Xfconf", "/org/xfce/Xfconf", "org.xfce.Xfconf")
XFCE_PROPERTY: Final = ("xfce4-notifyd", "/do-not-disturb")
DCONF: Final = Place(
    "ca.desrt.dconf", "/ca/desrt/dconf/Writer/user", "ca.desrt.dconf.Writer"
)
SCREEN_CAST: Final = "org.gnome.Mutter.ScreenCast"
SCREEN_CAST_SESSIONS: Final = "/org/gnome/Mutter/ScreenCast/Session"

_PROPERTIES: Final = "org.freedesktop.DBus.Properties"
_INTROSPECTION: Final = "org.freedesktop.DBus.Introspectable"
_TOOL_SECONDS: Final = 3.0


class _Key(NamedTuple):
    """Where a desktop of the GNOME family keeps do-not-disturb.

    Attributes:
        owner: Who is on the bus while that desktop runs.
        schema: Of the setting.
        name: Of the setting.
        disturbing: The value that means that one may disturb.
    """

    owner: str
    schema: str
    name: str
    disturbing: str

    @property
    def path(self) -> str:
        """How dconf calls it."""
        return f"/{self.schema.replace('.', '/')}/{self.name}"


_KEYS: Final = (
    _Key("org.gnome.Shell", "org.gnome.desktop.notifications", "show-banners", "true"),
    _Key(
        "org.Cinnamon",
        "org.cinnamon.desktop.notifications",
        "display-notifications",
        "true",
    ),
    _Key("org.mate.panel", "org.mate.NotificationDaemon", "do-not-disturb", "false"),
)


class BusAttentionWatch:
    """Asks once what this desktop has, and hears of its changes from then on."""

    def __init__(self) -> None:
        self._bus: SessionBus | None = None
        self._changed: AttentionChanged = lambda _now: None
        self._now = UNKNOWN
        self._key: _Key | None = None
        self._has_casts = False
        self._asking: set[asyncio.Task[None]] = set()

    @property
    def must_be_asked(self) -> bool:
        """GNOME's compositor does not tell when sharing begins."""
        return self._has_casts

    async def start(self, changed: AttentionChanged) -> None:
        """Find out what this desktop has, and tell; see `AttentionWatch`."""
        self._changed = changed
        try:
            bus = self._bus = await open_session_bus()
            names = await bus.names()
            self._has_casts = SCREEN_CAST in names
            focus_mode = await self._find_focus_mode(bus, names)
            self._now = Attention(focus_mode, await self._is_cast(bus))
        except BusError as error:
            _log.info("nobody tells of do-not-disturb: %s", error)
        changed(self._now)

    async def look(self) -> Attention:
        """Ask the compositor; everything else is told by itself."""
        if self._bus is not None and self._has_casts:
            try:
                self._now = Attention(
                    self._now.focus_mode, await self._is_cast(self._bus)
                )
            except BusError as error:
                _log.debug("the compositor does not answer: %s", error)
        return self._now

    async def stop(self) -> None:
        """Hang up."""
        bus, self._bus = self._bus, None
        for task in self._asking:
            task.cancel()
        if bus is not None:
            await bus.close()

    # --- do-not-disturb --------------------------------------------------------------

    async def _find_focus_mode(
        self, bus: SessionBus, names: frozenset[str]
    ) -> bool | None:
        self._key = next((key for key in _KEYS if key.owner in names), None)
        if self._key is not None:
            await bus.hear(DCONF._replace(name=""), "Notify", self._dconf_changed)
            return await _is_quiet(self._key)
        if XFCONF.name in names:
            await bus.hear(XFCONF, "PropertyChanged", self._xfconf_changed)
            try:
                ((_kind, value),) = await bus.call(
                    XFCONF, "GetProperty", "ss", *XFCE_PROPERTY
                )
                return bool(value)
            except BusError:
                # Never touched, so it is as it comes: off.
                return False
        if NOTIFICATIONS not in names:
            return None
        return await self._ask_notifications(bus)

    async def _ask_notifications(self, bus: SessionBus) -> bool | None:
        for interface, name in ((NOTIFICATIONS, "Inhibited"), (DUNST, "paused")):
            place = Place(NOTIFICATIONS, NOTIFICATIONS_PATH, interface)
            try:
                value = bool(await bus.get(place, name))
            except BusError:
                continue
            properties = place._replace(interface=_PROPERTIES)
            await bus.hear(properties, "PropertiesChanged", self._property_changed)
            return value
        return None

    def _property_changed(self, signal: Signal) -> None:
        _interface, values, *_rest = signal.body
        for name in ("Inhibited", "paused"):
            if name in values:
                self._tell(bool(values[name][1]))

    def _xfconf_changed(self, signal: Signal) -> None:
        channel, name, (_kind, value) = signal.body
        if (channel, name) == XFCE_PROPERTY:
            self._tell(bool(value))

    def _dconf_changed(self, signal: Signal) -> None:
        prefix, changes, _tag = signal.body
        key = self._key
        if key is None or not any(
            f"{prefix}{change}".startswith(key.path) for change in changes or [""]
        ):
            return

        async def ask() -> None:
            is_quiet = await _is_quiet(key)
            if is_quiet is not None:
                self._tell(is_quiet)

        task = asyncio.get_running_loop().create_task(ask())
        self._asking.add(task)
        task.add_done_callback(self._asking.discard)

    def _tell(self, is_focus_mode: bool) -> None:
        if is_focus_mode != self._now.focus_mode:
            self._now = Attention(is_focus_mode, self._now.sharing)
            self._changed(self._now)

    # --- sharing ---------------------------------------------------------------------

    async def _is_cast(self, bus: SessionBus) -> bool | None:
        """Whether the compositor has an object for a shared or recorded screen."""
        if not self._has_casts:
            return None
        place = Place(SCREEN_CAST, SCREEN_CAST_SESSIONS, _INTROSPECTION)
        (description,) = await bus.call(place, "Introspect", "")
        return "<node name=" in description


async def _is_quiet(key: _Key) -> bool | None:
    """What the settings say; None when they cannot be read."""
    try:
        tool = await asyncio.create_subprocess_exec(
            *("gsettings", "get", key.schema, key.name),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        async with asyncio.timeout(_TOOL_SECONDS):
            said, _ = await tool.communicate()
    except TimeoutError:
        tool.kill()
        await tool.wait()
        return None
    value = said.decode("ascii", "replace").strip()
    return None if tool.returncode or not value else value != key.disturbing
