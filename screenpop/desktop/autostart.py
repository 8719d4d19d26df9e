"""Starting with the desktop session, if the user wants that.

Nothing here is done unasked: who switched the login item off, here or in the desktop's
own settings, finds it off until they switch it on again.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.desktop.desktop_entry import (
    desktop_entry,
    exec_line,
    hidden_entry,
    read_entry,
    remove_file,
    user_folder,
    write_file,
)
from screenpop.desktop.windows_registry import RegistryValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.desktop.windows_registry import UserRegistry

ENTRY_NAME: Final = "screenpop.desktop"
AGENT_LABEL: Final = "org.screenpop.screenpop"
RUN_KEY: Final = r"Software\Microsoft\Windows\CurrentVersion\Run"
APPROVED_KEY: Final = (
    r"Software\Microsoft\Windows\CurrentVersion\Explorer\StartupApproved\Run"
)

_NAME: Final = "screenpop"
_COMMENT: Final = "Shows who is calling"


class LoginItem(Protocol):
    """Whether the program starts when the user logs in."""

    def is_enabled(self) -> bool:
        """Whether the next login starts it."""
        ...

    def enable(self) -> None:
        """Have it started; only ever called because the user asked.

        Raises:
            ConfigurationError: The desktop's settings cannot be written.
        """
        ...

    def disable(self) -> None:
        """Have it not started any more.

        Raises:
            ConfigurationError: The desktop's settings cannot be written.
        """
        ...


def login_item(command: Sequence[str]) -> LoginItem:
    """The login item of this platform.

    Args:
        command: What to run at login, program first.
    """
    item: LoginItem
    if sys.platform == "win32":
        from screenpop.desktop.windows_registry import WindowsRegistry

        item = RunKeyLoginItem(command, WindowsRegistry())
    elif sys.platform == "darwin":
        item = LaunchAgentLoginItem(command, Path.home() / "Library" / "LaunchAgents")
    elif sys.platform == "linux":
        sites = os.environ.get("XDG_CONFIG_DIRS") or "/etc/xdg"
        item = XdgLoginItem(
            command,
            user_folder("XDG_CONFIG_HOME", ".config") / "autostart",
            [Path(site) / "autostart" for site in sites.split(":") if site],
        )
    else:
        item = NullLoginItem()
    return item


# --- Linux ---------------------------------------------------------------------------


def autostart_entry(command: Sequence[str]) -> str:
    """The text of the autostart entry that runs ``command``."""
    return desktop_entry(
        {
            "Type": "Application",
            "Version": "1.4",
            "Name": _NAME,
            "Comment": _COMMENT,
            "Icon": _NAME,
            # So that a login after the program was taken away starts nothing.
            "TryExec": command[0],
            "Exec": exec_line(command),
            "Terminal": "false",
            "X-GNOME-Autostart-enabled": "true",
        }
    )


class XdgLoginItem:
    """A file in the user's autostart folder (Desktop Application Autostart 0.5).

    Args:
        command: What to run at login.
        folder: The user's autostart folder.
        site_folders: Where an administrator may have put one for everybody.
    """

    def __init__(
        self, command: Sequence[str], folder: Path, site_folders: Sequence[Path] = ()
    ) -> None:
        self._command = tuple(command)
        self._path = folder / ENTRY_NAME
        self._site_paths = tuple(site / ENTRY_NAME for site in site_folders)

    def is_enabled(self) -> bool:
        """Whether the entry that counts is there and not switched off."""
        for path in (self._path, *self._site_paths):
            try:
                fields = read_entry(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
            is_hidden = fields.get("Hidden", "").lower() == "true"
            enabled = fields.get("X-GNOME-Autostart-enabled", "true").lower()
            return not is_hidden and enabled != "false"
        return False

    def enable(self) -> None:
        """Write the user's entry."""
        write_file(self._path, autostart_entry(self._command).encode())

    def disable(self) -> None:
        """Remove the user's entry, or overrule the administrator's."""
        if any(path.exists() for path in self._site_paths):
            write_file(self._path, hidden_entry(_NAME).encode())
        else:
            remove_file(self._path)


# --- Windows -------------------------------------------------------------------------


def windows_command_line(command: Sequence[str]) -> str:
    """The command line that Windows splits into ``command`` again."""
    from subprocess import list2cmdline

    return list2cmdline(command)


def is_startup_approved(value: str | bytes | None) -> bool:
    """Whether Task Manager lets a Run entry start; no note about it means yes."""
    # Observed: an even first byte is "enabled", an odd one "disabled".
    return not (isinstance(value, bytes) and value and value[0] & 1)


class RunKeyLoginItem:
    """A value of the user's ``Run`` key."""

    def __init__(self, command: Sequence[str], registry: UserRegistry) -> None:
        self._value = RegistryValue(RUN_KEY, _NAME, windows_command_line(command))
        self._registry = registry

    def is_enabled(self) -> bool:
        """Whether the value is there and Task Manager has not switched it off."""
        approval = self._registry.read(APPROVED_KEY, _NAME)
        is_there = self._registry.read(RUN_KEY, _NAME) is not None
        return is_there and is_startup_approved(approval)

    def enable(self) -> None:
        """Write the value, and forget that Task Manager had switched it off."""
        self._registry.write(self._value)
        self._registry.delete_value(APPROVED_KEY, _NAME)

    def disable(self) -> None:
        """Remove the value."""
        self._registry.delete_value(RUN_KEY, _NAME)
        self._registry.delete_value(APPROVED_KEY, _NAME)


# --- macOS ---------------------------------------------------------------------------


def launch_agent(command: Sequence[str]) -> Mapping[str, object]:
    """The property list of the launch agent that runs ``command`` at login."""
    return {
        "Label": AGENT_LABEL,
        "ProgramArguments": list(command),
        "RunAtLoad": True,
        "ProcessType": "Interactive",
        "LimitLoadToSessionType": "Aqua",
    }


class LaunchAgentLoginItem:
    """A property list in the user's LaunchAgents folder; it counts from next login."""

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._command = tuple(command)
        self._path = folder / f"{AGENT_LABEL}.plist"

    def is_enabled(self) -> bool:
        """Whether the agent is there and runs at login."""
        import plistlib
        from xml.parsers.expat import ExpatError

        try:
            agent = plistlib.loads(self._path.read_bytes())
        except (OSError, ValueError, ExpatError):
            return False
        return bool(agent.get("RunAtLoad")) and not agent.get("Disabled")

    def enable(self) -> None:
        """Write the agent."""
        import plistlib

        write_file(self._path, plistlib.dumps(launch_agent(self._command)))

    def disable(self) -> None:
        """Remove the agent."""
        remove_file(self._path)


# --- elsewhere -----------------------------------------------------------------------


class NullLoginItem:
    """For desktops that have no such thing, and for runs that must leave no trace."""

    def is_enabled(self) -> bool:
        """Never."""
        return False

    def enable(self) -> None:
        """Do nothing."""

    def disable(self) -> None:
        """Do nothing."""
