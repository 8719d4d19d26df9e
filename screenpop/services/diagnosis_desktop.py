"""The doctor on the running app, the listener and the desktop around them."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import subprocess
import sys
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop import __version__
from screenpop.domain.errors import ScreenpopError
from screenpop.services.findings import Finding, fail, ok, warn
from screenpop.services.own_program import installed_command

if TYPE_CHECKING:
    from screenpop.services.connections import Connection
    from screenpop.services.findings import Surroundings

_TRAY_NAME: Final = "org.kde.StatusNotifierWatcher"
_TOOL_SECONDS: Final = 5.0


async def check_app(home: Surroundings) -> list[Finding]:
    """Whether the app runs, answers, and is this version."""
    from screenpop.desktop.instance import is_held_by_somebody

    area = "app"
    if not home.app:
        if is_held_by_somebody(home.paths.lock_file):
            return [
                fail(
                    area,
                    "screenpop runs but does not answer",
                    "End it in the task manager and start it again.",
                )
            ]
        return [warn(area, "screenpop does not run", "Start it to see calls.")]
    version = str(home.app.get("version", ""))
    found = [ok(area, f"screenpop {version} runs and answers")]
    if version != __version__:
        found = [
            warn(
                area,
                f"screenpop {version} runs, but {__version__} is installed",
                "Quit it in the tray and start it again.",
            )
        ]
    return found


async def check_listener(home: Surroundings) -> list[Finding]:
    """Whether webhooks can be taken where the settings say."""
    area = "listener"
    wanted = home.loaded.settings.listener
    running = home.app.get("listener", {})
    if running.get("is_running"):
        return [ok(area, f"Webhooks are taken at {wanted.host}:{running['port']}")]
    if home.app and home.connections.all():
        if all(each.is_relayed for each in home.connections.all()):
            return [ok(area, "Not needed: all accounts come by the team's relay")]
        return [
            fail(
                area,
                "The running app takes no webhooks",
                "Its notices say why; restart it when that is mended.",
            )
        ]
    try:
        with socket.create_server((wanted.host, wanted.port)):
            pass
    except OSError as error:
        return [
            fail(
                area,
                f"{wanted.host}:{wanted.port} cannot be used: {error.strerror}",
                "Another program has it. Set another listener.port in the settings.",
            )
        ]
    return [ok(area, f"{wanted.host}:{wanted.port} is free for screenpop")]


async def check_public_url(home: Surroundings) -> list[Finding]:
    """Whether what vendors are told to call leads here."""
    public = home.loaded.settings.listener.public_url
    if not public:
        return []
    area = "public address"
    found = []
    if urlsplit(public).scheme == "http":
        found.append(
            warn(
                area,
                "The public address is not encrypted",
                "Everybody on the way can read who calls: use https.",
            )
        )
    if not home.app:
        title = "Not tried, as screenpop does not run and could not answer"
        return [*found, ok(area, title)]
    tried = [each for each in home.connections.all() if home.callback_url(each)]
    if not tried:
        return [*found, ok(area, "Not tried, as no account takes webhooks")]
    return [*found, await _call_ourselves(home, tried[0], area)]


async def _call_ourselves(
    home: Surroundings, connection: Connection, area: str
) -> Finding:
    """Send what a vendor would, with nothing in it: it is answered and forgotten."""
    from screenpop.net import HttpClient

    parts = urlsplit(home.callback_url(connection))
    methods = connection.manifest.hook_methods if connection.manifest else frozenset()
    advice = "See that it leads to the port above: port forward, tunnel or proxy."
    client = None
    try:
        client = HttpClient(
            f"{parts.scheme}://{parts.netloc}",
            service="The public address",
            allow_plain_http=True,
            timeout_seconds=home.patience_seconds,
        )
        reply = await client.request(
            "POST" if "POST" in methods else "GET", parts.path, accept="*/*"
        )
    except ScreenpopError as error:
        return fail(area, error.title, error.advice or advice)
    finally:
        if client is not None:
            await client.aclose()
    if reply.status == 200:
        return ok(area, "The public address leads here")
    return fail(area, f"The public address answers with {reply.status}", advice)


async def check_tray(_home: Surroundings) -> list[Finding]:
    """Whether there is a tray to sit in; cheap on Linux only."""
    area = "tray"
    if sys.platform != "linux":
        return [ok(area, "Not looked at: this desktop always has one")]
    if not os.environ.get("DBUS_SESSION_BUS_ADDRESS"):
        return [ok(area, "Not looked at: there is no desktop session here")]
    if shutil.which("dbus-send") is None:
        return [ok(area, "Not looked at: dbus-send is not installed")]
    answer = await asyncio.to_thread(_ask_for_tray)
    if "boolean true" in answer:
        return [ok(area, "There is a tray")]
    return [
        warn(
            area,
            "The desktop offers no tray of the modern kind",
            "Add one: on GNOME the extension AppIndicator, elsewhere a panel with a "
            "tray. Without, screenpop is reached by starting it once more.",
        )
    ]


def _ask_for_tray() -> str:
    words = ["dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus"]
    words += ["/org/freedesktop/DBus", "org.freedesktop.DBus.NameHasOwner"]
    try:
        return subprocess.run(  # noqa: S603 - no shell, fixed words
            [*words, f"string:{_TRAY_NAME}"],
            capture_output=True,
            text=True,
            timeout=_TOOL_SECONDS,
            check=False,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return ""


async def check_desktop(_home: Surroundings) -> list[Finding]:
    """Whether the program starts at login, and takes telephone links."""
    return await asyncio.to_thread(_desktop_findings)


def _desktop_findings() -> list[Finding]:
    from screenpop.desktop.autostart import login_item
    from screenpop.desktop.url_scheme import scheme_handler

    starts = login_item(installed_command("--at-login")).is_enabled()
    takes = scheme_handler(installed_command()).is_default()
    return [
        ok("login", "screenpop starts at login")
        if starts
        else ok("login", "screenpop does not start at login; the settings can have it"),
        ok("links", "Telephone links open in screenpop")
        if takes
        else ok("links", "Telephone links open elsewhere; the settings can have it"),
    ]
