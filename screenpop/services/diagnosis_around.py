"""The doctor on hotkeys, do-not-disturb and how calls are shown on this desktop."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.desktop.hotkeys import is_wayland
from screenpop.services.findings import Finding, ok, warn
from screenpop.services.hotkeys import HotkeyFate
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.services.findings import Surroundings

_COMMANDS: Final = {
    "focus_card": "screenpop focus-card",
    "dial_selection": "screenpop dial --selection",
    "search": "screenpop search",
}


async def check_hotkeys(home: Surroundings) -> list[Finding]:
    """Whether the keys that are set are held, and who has them otherwise."""
    area = "hotkeys"
    hotkeys = home.app.get("desktop", {}).get("hotkeys", {})
    keyed = {name: one for name, one in hotkeys.items() if one["keys"]}
    if not keyed:
        return [ok(area, tr("No hotkeys are set"))]
    return [_on_hotkey(area, name, one) for name, one in keyed.items()]


def _on_hotkey(area: str, name: str, one: dict[str, str]) -> Finding:
    keys = one["keys"]
    if one["fate"] == HotkeyFate.HELD:
        return ok(area, tr("{keys} works", keys=keys))
    if one["fate"] == HotkeyFate.NO_WAY:
        return warn(
            area,
            tr("{keys} cannot be held: this desktop lets no program do so", keys=keys),
            tr(
                "Set it in the desktop's own keyboard settings, to run: {command}",
                command=_COMMANDS.get(name, name),
            ),
        )
    return warn(
        area,
        tr("{keys} belongs to another program, or to no key here", keys=keys),
        tr("Choose another key in Settings → Hotkeys, or free it there."),
    )


async def check_quiet(home: Surroundings) -> list[Finding]:
    """What is known of do-not-disturb and of sharing, and what cannot be."""
    area = "quiet"
    quiet = home.app.get("desktop", {}).get("quiet")
    if quiet is None:
        return []
    known = {
        tr("do not disturb"): quiet["focus_mode"],
        tr("sharing of the screen"): quiet["sharing"],
    }
    unknown = [name for name, value in known.items() if value is None]
    found = []
    if len(unknown) < len(known):
        told = ", ".join(name for name in known if name not in unknown)
        found.append(ok(area, tr("This desktop tells of: {what}", what=told)))
    if unknown:
        what = ", ".join(unknown)
        found.append(ok(area, tr("This desktop does not tell of: {what}", what=what)))
    return found


async def check_cards(home: Surroundings) -> list[Finding]:
    """Whether cards can stand in their place."""
    if not is_wayland():
        return []
    wanted = home.loaded.settings.ui.calls_as
    if wanted == "card":
        return [
            warn(
                "cards",
                tr("Wayland lets no program place its windows"),
                tr("Cards may come up anywhere; set ui.calls_as to “auto”."),
            )
        ]
    return [
        ok("cards", tr("Calls are shown as notifications: on Wayland these stand well"))
    ]
