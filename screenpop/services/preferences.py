"""The settings that have a switch of their own, by key and as text."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, PolicyError, UsageError
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.card_settings import LineSettings
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import (
        LoadedSettings,
        SettingsFile,
        SettingValue,
    )
    from screenpop.desktop.autostart import LoginItem
    from screenpop.desktop.url_scheme import SchemeHandler

AUTOSTART: Final = "autostart"
TEL_LINKS: Final = "tel_links"
_OF_THE_DESKTOP: Final = (AUTOSTART, TEL_LINKS)
_PLACES: Final = {"theme": "ui.theme"}
_LISTS_OF_SECTIONS: Final = ("accounts", "sources", "lines", "card.rules")
# Their entries have blanks, and so are parted by commas and lines only.
_WITH_BLANKS: Final = ("quiet.times", "dialing.hours", "wrap_up.dispositions")


def setting_keys() -> tuple[str, ...]:
    """The keys of all settings with one value, as users may set them in the file."""
    from screenpop.config.settings import Settings

    keys: list[str] = []
    for part in dataclasses.fields(Settings):
        if part.name == "policy":
            continue
        names = [part.name]
        if dataclasses.is_dataclass(part.default):
            inner = dataclasses.fields(part.default)
            names = [f"{part.name}.{one.name}" for one in inner]
        keys += [name for name in names if name not in _LISTS_OF_SECTIONS]
    return tuple(keys)


class Preferences:
    """Reads and writes single settings; a change takes effect at once.

    A key is a setting's place in the file, "card.corner", or one of the desktop's
    switches, "autostart" and "tel_links".
    """

    def __init__(
        self,
        *,
        file: SettingsFile,
        loaded: Callable[[], LoadedSettings],
        reload: Callable[[], object],
        login: Callable[[], LoginItem],
        links: Callable[[], SchemeHandler],
    ) -> None:
        self._file = file
        self._loaded = loaded
        self._reload = reload
        self._login = login
        self._links = links
        self._writing = asyncio.Lock()

    def get(self, key: str) -> str:
        """The value in force; yes and no are "true" and "false", lists have commas.

        Raises:
            UsageError: There is no such setting.
        """
        settings = self._loaded().settings
        if key == AUTOSTART:
            return _word(settings.policy.login_start and self._login().is_enabled())
        if key == TEL_LINKS:
            return _word(self._links().is_default())
        return _text_of(_value(settings, _PLACES.get(key, key)))

    def lock(self, key: str) -> str:
        """Who locked a setting, as a sentence; "" when the user may change it."""
        loaded = self._loaded()
        source = loaded.lock(_PLACES.get(key, key))
        policy = loaded.settings.policy
        if not source and (key != AUTOSTART or policy.login_start):
            return ""
        if policy.administrator:
            return tr("Set by {administrator}.", administrator=policy.administrator)
        if not source:
            return tr("Set by your administrator.")
        return tr("Set by your administrator, in {file}.", file=source)

    def preset(self, place: str) -> str:
        """Whose an account or source is that the user did not set up; "" for theirs.

        Args:
            place: "accounts.acme", or "sources." and an id.
        """
        if place not in self._loaded().presets:
            return ""
        return self.lock(place) or tr(
            "Set up by your administrator; you may change or remove it."
        )

    async def set(self, key: str, value: str) -> None:
        """Keep a value.

        Raises:
            UsageError: There is no such setting.
            PolicyError: An administrator locked it.
            ConfigurationError: It cannot have this value, or cannot be saved.
        """
        locked = self.lock(key)
        if locked:
            raise PolicyError(locked)
        # One after the other, so that the last choice is the one that stays.
        async with self._writing:
            await asyncio.to_thread(self._write, key, value)
        if key not in _OF_THE_DESKTOP:
            self._reload()

    def lines(self) -> tuple[LineSettings, ...]:
        """The lines that are shown or heard in a way of their own."""
        return self._loaded().settings.lines

    async def change_line(
        self, before: LineSettings | None, after: LineSettings | None
    ) -> None:
        """Add a line, change one, or take it out.

        Args:
            before: The line to change, known by its ``line``; None to add one.
            after: What it is to be; None to take it out.

        Raises:
            PolicyError: An administrator locked the lines.
            ConfigurationError: It cannot be like this, or cannot be saved.
        """
        locked = self.lock("lines")
        if locked:
            raise PolicyError(locked)
        async with self._writing:
            await asyncio.to_thread(self._file.change_line, before, after)
        self._reload()

    async def obey_policy(self) -> None:
        """Take out a login start that an administrator forbids; nothing is added.

        Raises:
            ConfigurationError: It cannot be taken out.
        """
        login = self._login()
        if await asyncio.to_thread(login.is_enabled):
            await asyncio.to_thread(login.disable)

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
        else:
            place = _PLACES.get(key, key)
            before = _value(self._loaded().settings, place)
            self._file.set_value(place, _value_of(value, before, place))


def _value(settings: Settings, place: str) -> object:
    found: object = settings
    for name in place.split("."):
        found = getattr(found, name, _NOTHING)
    if found is None or isinstance(found, str | int | float | datetime):
        return found
    if isinstance(found, tuple) and all(isinstance(one, str) for one in found):
        return found
    raise UsageError(tr("There is no setting “{place}”", place=place))


_NOTHING: Final = object()


def _text_of(value: object) -> str:
    if isinstance(value, bool):
        return _word(value)
    if isinstance(value, tuple):
        return ", ".join(value)
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:g}" if isinstance(value, float) else str(value or "")


def _value_of(text: str, before: object, place: str) -> SettingValue | None:
    """What a text means for the setting; None for its default.

    Raises:
        ConfigurationError: It means nothing.
    """
    if isinstance(before, bool):
        return text == "true"
    if isinstance(before, tuple):
        rough = text.replace("\n", ",")
        if place not in _WITH_BLANKS:
            rough = rough.replace(" ", ",")
        return [item.strip() for item in rough.split(",") if item.strip()] or None
    if not text:
        return None
    if isinstance(before, int | float):
        try:
            number = float(text.replace(",", "."))
        except ValueError:
            raise ConfigurationError(tr("“{text}” is no number", text=text)) from None
        return round(number) if isinstance(before, int) else number
    return datetime.fromisoformat(text) if place == "ui.quiet_until" else text


def _word(is_on: bool) -> str:
    return "true" if is_on else "false"
