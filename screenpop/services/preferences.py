"""The settings that have a switch of their own, by key and as text."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.desktop.autostart import LoginItem
    from screenpop.desktop.url_scheme import SchemeHandler

AUTOSTART: Final = "autostart"
TEL_LINKS: Final = "tel_links"
_TEXTS: Final[dict[str, tuple[str, Callable[[Settings], str]]]] = {
    "theme": ("ui.theme", lambda settings: settings.ui.theme),
    "region": ("region", lambda settings: settings.region),
    "card.corner": ("card.corner", lambda settings: settings.card.corner),
    "card.open_record": (
        "card.open_record",
        lambda settings: settings.card.open_record,
    ),
    "card.open_outbound": (
        "card.open_outbound",
        lambda settings: settings.card.open_outbound,
    ),
    "card.open_url": ("card.open_url", lambda settings: settings.card.open_url),
}
_LISTS: Final[dict[str, Callable[[Settings], tuple[str, ...]]]] = {
    "card.link_hosts": lambda settings: settings.card.link_hosts,
}
_FLAGS: Final[dict[str, Callable[[Settings], bool]]] = {
    "card.pop_outbound": lambda settings: settings.card.pop_outbound,
    "card.pop_internal": lambda settings: settings.card.pop_internal,
}


class Preferences:
    """Reads and writes single settings; a change takes effect at once."""

    def __init__(
        self,
        *,
        file: SettingsFile,
        settings: Callable[[], Settings],
        reload: Callable[[], object],
        login: Callable[[], LoginItem],
        links: Callable[[], SchemeHandler],
    ) -> None:
        self._file = file
        self._settings = settings
        self._reload = reload
        self._login = login
        self._links = links
        self._writing = asyncio.Lock()

    def get(self, key: str) -> str:
        """The value in force; yes and no are "true" and "false", lists have commas.

        Raises:
            UsageError: There is no such setting.
        """
        settings = self._settings()
        if key == AUTOSTART:
            return _word(self._login().is_enabled())
        if key == TEL_LINKS:
            return _word(self._links().is_default())
        if key in _TEXTS:
            return _TEXTS[key][1](settings)
        if key in _FLAGS:
            return _word(_FLAGS[key](settings))
        if key in _LISTS:
            return ", ".join(_LISTS[key](settings))
        raise UsageError(f"There is no setting “{key}”")

    async def set(self, key: str, value: str) -> None:
        """Keep a value.

        Raises:
            UsageError: There is no such setting.
            ConfigurationError: It cannot have this value, or cannot be saved.
        """
        # One after the other, so that the last choice is the one that stays.
        async with self._writing:
            await asyncio.to_thread(self._write, key, value)
        if key not in (AUTOSTART, TEL_LINKS):
            self._reload()

    def _write(self, key: str, value: str) -> None:
        """Wait for the disk, and perhaps for another program that holds the file."""
        if key == AUTOSTART:
            login = self._login()
            if value == "true":
                login.enable()
            else:
                login.disable()
        elif key == TEL_LINKS:
            links = self._links()
            if value == "true":
                links.register()
            else:
                links.unregister()
        elif key in _TEXTS:
            self._file.set_value(_TEXTS[key][0], value or None)
        elif key in _FLAGS:
            self._file.set_value(key, value == "true")
        elif key in _LISTS:
            items = [item for item in value.replace(",", " ").split() if item]
            self._file.set_value(key, items or None)
        else:
            raise UsageError(f"There is no setting “{key}”")


def _word(is_on: bool) -> str:
    return "true" if is_on else "false"
