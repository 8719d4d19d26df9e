"""Being asked when somebody clicks a ``tel:`` or ``callto:`` link.

The link's text reaches us as one argument behind ``--``, so it cannot pass for an
option, and what follows only ever fills the dialer, which asks before it calls.
"""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.desktop.autostart import windows_command_line
from screenpop.desktop.desktop_entry import (
    desktop_entry,
    exec_line,
    hidden_entry,
    read_entry,
    remove_file,
    site_data_folders,
    user_folder,
    write_file,
)
from screenpop.desktop.windows_registry import RegistryValue
from screenpop.domain.errors import ConfigurationError
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from screenpop.desktop.windows_registry import UserRegistry

SCHEMES: Final = ("tel", "callto")
# Not the menu entry's name: that one belongs to the package and has no %u.
ENTRY_NAME: Final = "screenpop-url.desktop"
PROGRAM_CLASS: Final = "screenpop.tel"

_NAME: Final = "screenpop"
_CLASS_KEY: Final = rf"Software\Classes\{PROGRAM_CLASS}"
_CAPABILITIES_KEY: Final = r"Software\screenpop\Capabilities"
_REGISTERED_KEY: Final = r"Software\RegisteredApplications"
_CHOICE_KEY: Final = (
    r"Software\Microsoft\Windows\Shell\Associations\UrlAssociations"
    r"\{scheme}\UserChoice"
)
_TOOL_SECONDS: Final = 15


class SchemeHandler(Protocol):
    """Whether telephone links come to us."""

    @property
    def needs_user_choice(self) -> bool:
        """Whether, once registered, only the user can choose us in the settings."""
        ...

    def is_default(self) -> bool:
        """Whether a ``tel:`` link comes to us now."""
        ...

    def register(self) -> None:
        """Offer ourselves, and become the default where the platform allows it.

        Raises:
            ConfigurationError: The desktop's settings cannot be written.
        """
        ...

    def unregister(self) -> None:
        """Leave no trace.

        Raises:
            ConfigurationError: The desktop's settings cannot be written.
        """
        ...


def scheme_handler(command: Sequence[str]) -> SchemeHandler:
    """The handler of this platform.

    Args:
        command: The program itself, without arguments of its own.
    """
    handler: SchemeHandler
    if sys.platform == "win32":
        from screenpop.desktop.windows_registry import WindowsRegistry

        handler = RegistrySchemeHandler(command, WindowsRegistry())
    elif sys.platform == "linux":
        handler = XdgSchemeHandler(
            command,
            applications=user_folder("XDG_DATA_HOME", ".local/share") / "applications",
            config=user_folder("XDG_CONFIG_HOME", ".config"),
            site_folders=[each / "applications" for each in site_data_folders()],
        )
    else:
        handler = NullSchemeHandler()
    return handler


# --- Linux ---------------------------------------------------------------------------


def url_entry(command: Sequence[str]) -> str:
    """The text of the entry that hands a link to ``screenpop dial``."""
    return desktop_entry(
        {
            "Type": "Application",
            "Version": "1.4",
            "Name": _NAME,
            "Comment": "Dials telephone links",
            "Icon": _NAME,
            # So that nothing of it is seen when the program has been taken away.
            "TryExec": command[0],
            "Exec": exec_line([*command, "dial", "--", "%u"]),
            "Terminal": "false",
            "NoDisplay": "true",
            "MimeType": "".join(f"x-scheme-handler/{scheme};" for scheme in SCHEMES),
        }
    )


def without_handler(mimeapps: str) -> str:
    """The text of a ``mimeapps.list`` with our entry taken out of it."""
    kept = []
    for line in mimeapps.splitlines(keepends=True):
        key, equals, value = line.partition("=")
        handlers = [handler for handler in value.strip().split(";") if handler]
        if not equals or ENTRY_NAME not in handlers:
            kept.append(line)
            continue
        others = [handler for handler in handlers if handler != ENTRY_NAME]
        if others:
            end = ";" if value.strip().endswith(";") else ""
            kept.append(f"{key}={';'.join(others)}{end}\n")
    return "".join(kept)


class XdgSchemeHandler:
    """A desktop entry with the link types, made the default by ``xdg-mime``.

    Args:
        command: The program itself.
        applications: The user's folder of desktop entries.
        config: The user's configuration folder, where the defaults are kept.
        site_folders: Where a package may have put an entry for everybody.
    """

    needs_user_choice = False

    def __init__(
        self,
        command: Sequence[str],
        *,
        applications: Path,
        config: Path,
        site_folders: Sequence[Path] = (),
    ) -> None:
        self._command = tuple(command)
        self._path = applications / ENTRY_NAME
        self._defaults = (config / "mimeapps.list", applications / "mimeapps.list")
        self._site_paths = tuple(folder / ENTRY_NAME for folder in site_folders)

    def is_default(self) -> bool:
        """Whether the desktop names our entry for ``tel:``."""
        if not self._is_seen():
            return False
        try:
            return _xdg_mime("query", "default", _mime_type("tel")) == ENTRY_NAME
        except ConfigurationError:
            return False

    def register(self) -> None:
        """Write the entry and make it the default."""
        write_file(self._path, url_entry(self._command).encode())
        for scheme in SCHEMES:
            _xdg_mime("default", ENTRY_NAME, _mime_type(scheme))

    def unregister(self) -> None:
        """Remove the entry and every mention of it, or overrule the package's."""
        if any(path.exists() for path in self._site_paths):
            write_file(self._path, hidden_entry(_NAME).encode())
        else:
            remove_file(self._path)
        for path in self._defaults:
            try:
                before = path.read_text("utf-8")
            except (OSError, UnicodeDecodeError):
                continue
            after = without_handler(before)
            if after != before:
                write_file(path, after.encode())

    def _is_seen(self) -> bool:
        """Whether there is an entry of ours; the user's own overrules the others."""
        for path in (self._path, *self._site_paths):
            try:
                fields = read_entry(path.read_text("utf-8"))
            except (OSError, UnicodeDecodeError):
                continue
            return fields.get("Hidden", "").lower() != "true"
        return False


def _mime_type(scheme: str) -> str:
    return f"x-scheme-handler/{scheme}"


def _xdg_mime(*arguments: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - no shell, fixed words
            ["xdg-mime", *arguments],  # noqa: S607 - it is where the desktop has it
            capture_output=True,
            text=True,
            timeout=_TOOL_SECONDS,
            check=True,
        )
    except FileNotFoundError:
        raise ConfigurationError(
            tr("xdg-mime is missing"), tr("Install the package xdg-utils.")
        ) from None
    except (OSError, subprocess.SubprocessError) as error:
        raise ConfigurationError(
            tr("xdg-mime failed ({name})", name=type(error).__name__),
            tr("Choose screenpop for telephone links in your desktop's settings."),
        ) from error
    return done.stdout.strip()


# --- Windows -------------------------------------------------------------------------


def registry_values(command: Sequence[str]) -> tuple[RegistryValue, ...]:
    """What has to stand in the registry for Windows to offer us.

    It only offers: which program a scheme opens is the user's choice, which Windows
    seals with a hash, or an administrator's default-associations file.
    """
    program = command[0]
    # list2cmdline() would not quote %1, which stands for a text with anything in it.
    opened = f'{windows_command_line([*command, "dial", "--"])} "%1"'
    associations = rf"{_CAPABILITIES_KEY}\URLAssociations"
    return (
        RegistryValue(_CLASS_KEY, "", "Telephone link"),
        RegistryValue(_CLASS_KEY, "URL Protocol", ""),
        RegistryValue(rf"{_CLASS_KEY}\DefaultIcon", "", f'"{program}",0'),
        RegistryValue(rf"{_CLASS_KEY}\shell\open\command", "", opened),
        RegistryValue(_CAPABILITIES_KEY, "ApplicationName", _NAME),
        RegistryValue(_CAPABILITIES_KEY, "ApplicationDescription", "Shows who calls"),
        *(RegistryValue(associations, scheme, PROGRAM_CLASS) for scheme in SCHEMES),
        RegistryValue(_REGISTERED_KEY, _NAME, _CAPABILITIES_KEY),
    )


class RegistrySchemeHandler:
    """Keys below ``HKEY_CURRENT_USER``; no administrator is needed."""

    needs_user_choice = True

    def __init__(self, command: Sequence[str], registry: UserRegistry) -> None:
        self._command = tuple(command)
        self._registry = registry

    def is_default(self) -> bool:
        """Whether the user chose us for ``tel:``."""
        key = _CHOICE_KEY.format(scheme="tel")
        return self._registry.read(key, "ProgId") == PROGRAM_CLASS

    def register(self) -> None:
        """Write the keys; the user then chooses in Settings, Default apps."""
        for value in registry_values(self._command):
            self._registry.write(value)

    def unregister(self) -> None:
        """Remove the keys."""
        self._registry.delete_value(_REGISTERED_KEY, _NAME)
        self._registry.delete_key(_CAPABILITIES_KEY)
        self._registry.delete_key(_CLASS_KEY)


# --- macOS and elsewhere -------------------------------------------------------------


def bundle_url_types() -> tuple[dict[str, object], ...]:
    """``CFBundleURLTypes`` for the Info.plist of the macOS app.

    macOS reads the schemes of an app from its bundle when it is installed, so nothing
    can be registered at run time; links then arrive as file-open events.
    """
    return (
        {
            "CFBundleURLName": "Telephone link",
            "CFBundleTypeRole": "Viewer",
            "CFBundleURLSchemes": list(SCHEMES),
        },
    )


class NullSchemeHandler:
    """Where nothing can be registered at run time."""

    needs_user_choice = True

    def is_default(self) -> bool:
        """Not that we could tell."""
        return False

    def register(self) -> None:
        """Do nothing."""

    def unregister(self) -> None:
        """Do nothing."""
