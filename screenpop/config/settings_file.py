"""``config.toml`` on disk: read whatever it is, change it without spoiling it.

All of it blocks; call it in a worker thread where a loop runs.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from screenpop.config.locks import (
    lock_of,
    locked_places,
    refuse_locked,
    without_locked,
)
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.settings_reader import read_settings
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from screenpop.config.card_settings import LineSettings
    from screenpop.config.settings import AccountSettings, Settings, SourceSettings

SettingValue = str | int | float | bool | datetime | list[str]

_LARGEST_BYTES: Final = 1_000_000
_TRIES: Final = 5
_LISTS: Final = ("accounts", "sources")
_POLICY: Final = "policy"
_POSITION: Final = re.compile(r"\[\d+\]")
_FRESH_FILE: Final = b"""\
# screenpop's settings. Secrets are not kept here but in the keychain.
# Lines that start with # are yours and stay.
"""


@frozen(kw_only=True)
class LoadedSettings:
    """What the program starts with.

    Attributes:
        settings: Usable in any case.
        problems: Everything wrong in the files.
        kept_aside: Where a file that could not be read at all was moved to; None when
            there was none.
        locks: What users cannot change, each with the file that says so.
    """

    settings: Settings
    problems: tuple[SettingsProblem, ...] = ()
    kept_aside: Path | None = None
    locks: Mapping[str, Path] = field(default_factory=lambda: MappingProxyType({}))

    def lock(self, place: str) -> Path | None:
        """The file that locks a setting, itself or its section; None when none does."""
        return lock_of(self.locks, place)


class SettingsFile:
    """The user's ``config.toml``, above the files of the administrators."""

    def __init__(self, path: Path, site_files: Sequence[Path] = ()) -> None:
        """Nothing is read yet.

        Args:
            path: The user's file; it need not exist.
            site_files: What administrators set for everybody, weakest first.
        """
        self.path = path
        self._site_files = tuple(site_files)

    def load(self) -> LoadedSettings:
        """The settings as the files say, as far as they make sense; never raises.

        A file of the user's that is no TOML at all is moved aside, so that the next
        change does not overwrite what could still be mended by hand.
        """
        problems: list[SettingsProblem] = []
        merged, locks = self._read_sites(problems)
        kept_aside = None
        try:
            own = _without_policy(_parse(_read(self.path)), problems)
            own = without_locked(own, locks)
            merged = _layered(merged, own)
        except _UnreadableError as error:
            problems.append(SettingsProblem(self.path.name, str(error)))
        except _BrokenError as error:
            kept_aside = self._keep_aside()
            text = tr("{error}; defaults are used", error=error)
            if kept_aside is not None:
                text = tr(
                    "{error}; defaults are used, and the file was kept as {name}",
                    error=error,
                    name=kept_aside.name,
                )
            problems.append(SettingsProblem(self.path.name, text))
        found = read_settings(merged)
        return LoadedSettings(
            settings=found.settings,
            problems=(*problems, *found.problems),
            kept_aside=kept_aside,
            locks=locks,
        )

    def _read_sites(
        self, problems: list[SettingsProblem]
    ) -> tuple[dict[str, Any], dict[str, Path]]:
        """What administrators say for everybody, and what of it is locked."""
        merged: dict[str, Any] = {}
        locks: dict[str, Path] = {}
        for site_file in self._site_files:
            site = _read_site(site_file, problems)
            merged = _layered(merged, site)
            locks |= dict.fromkeys(locked_places(site), site_file)
        return merged, locks

    def kept_aside_files(self) -> tuple[Path, ...]:
        """Every broken file that was ever moved aside, oldest first."""
        return tuple(sorted(self.path.parent.glob(f"{self.path.name}.broken-*")))

    def add_account(self, account: AccountSettings) -> None:
        """Append an account.

        Raises:
            ConfigurationError: There is one of that id, the account itself is wrong,
                or the file cannot be changed.
        """
        from screenpop.config import toml_edit

        self._change(lambda document: toml_edit.add_account(document, account))

    def remove_account(self, account_id: str) -> None:
        """Take an account out.

        Raises:
            ConfigurationError: The file has no such account, or cannot be changed.
        """
        from screenpop.config import toml_edit

        self._change(lambda document: toml_edit.remove_account(document, account_id))

    def add_source(self, source: SourceSettings) -> None:
        """Append a contact source.

        Raises:
            ConfigurationError: There is one of that id, the source itself is wrong,
                or the file cannot be changed.
        """
        from screenpop.config import toml_edit

        self._change(lambda document: toml_edit.add_source(document, source))

    def remove_source(self, source_id: str) -> None:
        """Take a contact source out.

        Raises:
            ConfigurationError: The file has no such source, or cannot be changed.
        """
        from screenpop.config import toml_edit

        self._change(lambda document: toml_edit.remove_source(document, source_id))

    def set_source_value(
        self, source_id: str, key: str, value: SettingValue | None
    ) -> None:
        """Set one value of a contact source, or take it out.

        Raises:
            ConfigurationError: As for ``set_value``, or no such source.
        """
        from screenpop.config import toml_edit

        self._change(
            lambda document: toml_edit.set_source_value(document, source_id, key, value)
        )

    def set_value(self, place: str, value: SettingValue | None) -> None:
        """Set one value, or take it out so that the default holds.

        Args:
            place: Section and key, "listener.port"; a key alone for the top level.
            value: None to take it out.

        Raises:
            PolicyError: An administrator locked it.
            ConfigurationError: There is no such setting, the value does not fit it,
                or the file cannot be changed.
        """
        from screenpop.config import toml_edit

        refuse_locked(self._read_sites([])[1], place)
        self._change(lambda document: toml_edit.set_value(document, place, value))

    def set_account_value(
        self, account_id: str, key: str, value: SettingValue | None
    ) -> None:
        """Set one value of an account, or take it out.

        Raises:
            ConfigurationError: As for ``set_value``, or no such account.
        """
        from screenpop.config import toml_edit

        self._change(
            lambda document: toml_edit.set_account_value(
                document, account_id, key, value
            )
        )

    def change_line(
        self, before: LineSettings | None, after: LineSettings | None
    ) -> None:
        """Add a line, change one, or take it out.

        Args:
            before: The line to change, known by its ``line``; None to add one.
            after: What it is to be; None to take it out.

        Raises:
            PolicyError: An administrator locked the lines.
            ConfigurationError: There is no such line or one already, a value is
                wrong, or the file cannot be changed.
        """
        from screenpop.config import line_edit

        sites, locks = self._read_sites([])
        refuse_locked(locks, "lines")
        inherited = read_settings(sites).settings.lines
        self._change(
            lambda document: line_edit.change_line(document, before, after, inherited)
        )

    def _change(self, change: Callable[[TOMLDocument], None]) -> None:
        """Apply one change to what is on disk now, whoever else is editing."""
        from screenpop.config.atomic_file import held_lock

        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with held_lock(self.path.with_name(f".{self.path.name}.lock")):
                for _ in range(_TRIES):
                    if self._try_change(change):
                        return
        except (OSError, _UnreadableError, _BrokenError) as error:
            reason = getattr(error, "strerror", None) or error
            raise ConfigurationError(
                tr("{path} was not changed: {reason}", path=self.path, reason=reason),
                tr("Mend the file or its permissions and try again."),
            ) from error
        raise ConfigurationError(
            tr(
                "{path} was not changed: another program keeps writing to it",
                path=self.path,
            ),
            tr("Close the other editor and try again."),
        )

    def _try_change(self, change: Callable[[TOMLDocument], None]) -> bool:
        """Whether nobody else changed the file meanwhile."""
        import tomlkit
        from tomlkit.exceptions import TOMLKitError

        from screenpop.config.atomic_file import replace_file

        before = _read(self.path)
        old = _parse(before)
        try:
            document = tomlkit.parse((before or _FRESH_FILE).decode("utf-8-sig"))
        except TOMLKitError as error:
            raise _BrokenError(
                tr("it cannot be edited: {error}", error=error)
            ) from error
        change(document)
        after = tomlkit.dumps(document).encode()
        new = _parse(after)
        if new != document.unwrap():
            raise _BrokenError(tr("the change cannot be written into it as it stands"))
        self._refuse_new_problems(old, new)
        if _read(self.path) != before:
            return False
        replace_file(self.path, after)
        return True

    def _refuse_new_problems(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """A change must not make the file worse than it was.

        Raises:
            ConfigurationError: It would.
        """
        sites = self._read_sites([])[0]
        known = _complaints(_layered(sites, old))
        for key, problem in _complaints(_layered(sites, new)).items():
            if key not in known:
                reason = problem.text.partition(";")[0]
                raise ConfigurationError(
                    tr(
                        "{place} was not set: {reason}",
                        place=problem.place,
                        reason=reason,
                    ),
                    tr("Nothing was changed; choose another value."),
                )

    def _keep_aside(self) -> Path | None:
        stamp = datetime.now(tz=UTC).strftime("%Y%m%dT%H%M%S")
        aside = self.path.with_name(f"{self.path.name}.broken-{stamp}")
        count = 1
        while aside.exists():
            count += 1
            aside = self.path.with_name(f"{self.path.name}.broken-{stamp}-{count}")
        try:
            self.path.rename(aside)
        except OSError:
            # It stays where it is, and is reported like that.
            return None
        return aside


class _UnreadableError(Exception):
    """The file cannot be opened; its content may be in order."""


class _BrokenError(Exception):
    """The file's content is no TOML."""


def _read(path: Path) -> bytes:
    """The file's bytes; none when it does not exist."""
    try:
        with path.open("rb") as stream:
            data = stream.read(_LARGEST_BYTES + 1)
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise _UnreadableError(
            tr("it cannot be read: {reason}", reason=error.strerror)
        ) from error
    if len(data) > _LARGEST_BYTES:
        raise _BrokenError(tr("it is far too large for settings"))
    return data


def _parse(data: bytes) -> dict[str, Any]:
    if not data:
        return {}
    import tomllib

    try:
        # Windows editors like to start a file with a byte order mark.
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _BrokenError(
            tr("it is not UTF-8 text (byte {position})", position=error.start + 1)
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise _BrokenError(tr("it is not valid TOML: {error}", error=error)) from error
    except (ValueError, RecursionError) as error:
        raise _BrokenError(tr("it holds a value that nobody can read")) from error


def _read_site(path: Path, problems: list[SettingsProblem]) -> dict[str, Any]:
    try:
        return _parse(_read(path))
    except (_UnreadableError, _BrokenError) as error:
        problems.append(
            SettingsProblem(str(path), tr("{error}; it is ignored", error=error))
        )
        return {}


def _without_policy(
    own: dict[str, Any], problems: list[SettingsProblem]
) -> dict[str, Any]:
    """The user's settings, less what is the administrators' to say."""
    if _POLICY not in own:
        return own
    text = tr("only an administrator's file may say this; it is ignored")
    problems.append(SettingsProblem(_POLICY, text))
    return {key: value for key, value in own.items() if key != _POLICY}


def _layered(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The upper layer's values over the lower's, section by section."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        if isinstance(lower, dict) and isinstance(value, dict):
            merged[key] = _layered(lower, value)
        elif key in _LISTS and isinstance(lower, list) and isinstance(value, list):
            merged[key] = _layered_entries(lower, value)
        else:
            merged[key] = value
    return merged


def _layered_entries(below: list[Any], above: list[Any]) -> list[Any]:
    """The user's entries first; one of the same id adds to the administrators'."""
    lower = {
        entry["id"]: entry
        for entry in below
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    merged = []
    for entry in above:
        key = entry.get("id") if isinstance(entry, dict) else None
        base = lower.pop(key, None) if isinstance(key, str) else None
        merged.append(entry if base is None else {**base, **entry})
    return [*merged, *lower.values()]


def _complaints(merged: dict[str, Any]) -> dict[tuple[str, str], SettingsProblem]:
    """The problems by what they are about, whatever the account's position."""
    return {
        (_POSITION.sub("", problem.place), problem.text): problem
        for problem in read_settings(merged).problems
    }
