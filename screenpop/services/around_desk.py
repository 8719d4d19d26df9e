"""The desktop around one running app: hotkeys, and how quiet it wants us to be."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from screenpop.domain.errors import UsageError
from screenpop.services.hotkeys import HotkeyAction, Hotkeys
from screenpop.services.quietness import Quietness

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.services.application import Application
    from screenpop.services.screen_pop import PopRules


class AroundDesk:
    """Joins what the desktop says to what the app does.

    Attributes:
        hotkeys: Keys that work from every program.
        quiet: How quiet to be.
    """

    def __init__(self, application: Application) -> None:
        self._app = application
        self.hotkeys = Hotkeys(
            settings=lambda: application.settings.hotkeys,
            bus=application.bus,
            supervisor=application.supervisor,
        )
        self.quiet = Quietness(
            settings=lambda: application.settings.quiet,
            log=application.call_log,
            bus=application.bus,
            supervisor=application.supervisor,
            clock=application.clock,
        )

    def start(self) -> None:
        """Take part in the desktop; a key does nothing where there are no windows."""
        self.quiet.start()
        if self._app.has_windows:
            self.hotkeys.start()

    async def stop(self) -> None:
        """Let go of the desktop."""
        self.hotkeys.stop()
        await self.quiet.stop()

    def pop_rules(self) -> PopRules:
        """Which calls raise a card just now."""
        rules = self._app.views.pop_rules()
        return replace(rules, is_quiet=self.quiet.now.level == "tray")

    def press(self, args: Mapping[str, object]) -> Mapping[str, object]:
        """Do what a hotkey would, for a command.

        Raises:
            UsageError: There is no such hotkey, or no window to do it in.
        """
        name = str(args.get("action", ""))
        if name not in {action.value for action in HotkeyAction}:
            raise UsageError(f"There is no hotkey “{name[:40]}”")
        if not self._app.has_windows:
            raise UsageError("The running app has no windows")
        self.hotkeys.press(HotkeyAction(name))
        return {"pressed": name}

    def facts(self) -> dict[str, Any]:
        """How the desktop stands, as plain values."""
        known, quiet = self.quiet.attention, self.quiet.now
        return {
            "hotkeys": {
                action.value: {
                    "keys": self.hotkeys.keys(action),
                    "fate": self.hotkeys.fate(action).value,
                }
                for action in HotkeyAction
            },
            "quiet": {
                "level": quiet.level,
                "reason": quiet.reason.value if quiet.reason else "",
                "focus_mode": known.focus_mode if known else None,
                "sharing": known.sharing if known else None,
            },
        }
