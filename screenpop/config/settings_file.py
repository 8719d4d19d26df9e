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

from screenpop.config.layers import entry_of, layered
from screenpop.config.locks import UNSAID, above, lock_of, refuse_locked
from screenpop.config.policy_places import NO_POLICY, PolicyPlaces
from screenpop.config.section_reader import SettingsProblem
from screenpop.config.settings_reader import read_settings
from screenpop.config.toml_file import (
    BrokenError,
    UnreadableError,
    parse_toml,
    read_bytes,
)
from screenpop.domain.errors import ConfigurationError, PolicyError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

    from screenpop.config.card_settings import LineSettings
    from screenpop.config.paths import Paths
    from screenpop.config.policy import Policy
    from screenpop.config.policy_memory import PolicyMemory
    from screenpop.config.settings import AccountSettings, Settings, SourceSettings

SettingValue = str | int | float | bool | datetime | list[str]

_TRIES: Final = 5
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
        locks: What users cannot change, each with the file or key that says so.
        presets: The accounts and sources that administrators set up, such as
            "accounts.acme", and what they say of them, such as "accounts.acme.label".
    """

    settings: Settings
    problems: tuple[SettingsProblem, ...] = ()
    kept_aside: Path | None = None
    locks: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    presets: frozenset[str] = frozenset()

    def lock(self, place: str) -> str:
        """What locks a setting, itself or its section; "" when nothing does.

        Of an account, "accounts.acme.extension" is one as well: the user's to set where
        administrators did not.
        """
        entry, _, key = place.rpartition(".")
        if "." in entry and key:
            return lock_of(self.locks, entry) if place in self.presets else ""
        return lock_of(self.locks, place)


class SettingsFile:
    """The user's ``config.toml``, above what administrators say."""

    def __init__(
        self,
        path: Path,
        site_files: Sequence[Path] = (),
        places: PolicyPlaces = NO_POLICY,
        memory: Path | None = None,
    ) -> None:
        """Nothing is read yet.

        Args:
            path: The user's file; it need not exist.
            site_files: What administrators set for everybody, weakest first.
            places: Where their policy is; it is above those files.
            memory: Where to remember a policy while it is in order; None for nowhere.
        """
        self.path = path
        self._site_files = tuple(site_files)
        self._places = places
        self._memory_file = memory
        self._memory: PolicyMemory | None = None

    @classmethod
    def of(cls, paths: Paths) -> SettingsFile:
        """The settings of an installation, its policy among them."""
        return cls(
            paths.config_file,
            paths.site_config_files,
            paths.policy,
            paths.policy_memory_file,
        )

    def load(self) -> LoadedSettings:
        """The settings as the files say, as far as they make sense; never raises.

        A file of the user's that is no TOML at all is moved aside, so that the next
        change does not overwrite what could still be mended by hand.
        """
        policy = self.read_policy()
        problems = list(policy.problems) if policy else []
        kept_aside = None
        own: dict[str, Any] = {}
        try:
            own = _without_policy(parse_toml(read_bytes(self.path)), problems)
        except UnreadableError as error:
            problems.append(SettingsProblem(self.path.name, str(error)))
        except BrokenError as error:
            kept_aside = self._keep_aside()
            text = tr("{error}; defaults are used", error=error)
            if kept_aside is not None:
                text = tr(
                    "{error}; defaults are used, and the file was kept as {name}",
                    error=error,
                    name=kept_aside.name,
                )
            problems.append(SettingsProblem(self.path.name, text))
        merged, ignored = _above(policy, own)
        told = set(map(_known_by, problems))
        found = read_settings(merged)
        return LoadedSettings(
            settings=found.settings,
            problems=(
                *problems,
                *ignored,
                *(one for one in found.problems if _known_by(one) not in told),
            ),
            kept_aside=kept_aside,
            locks=policy.locks if policy else MappingProxyType({}),
            presets=policy.presets if policy else frozenset(),
        )

    def read_policy(self) -> Policy | None:
        """What administrators say; None when they say nothing. It never raises."""
        remembers = self._memory_file is not None and self._memory_file.exists()
        has_any = any(path.exists() for path in self._site_files) or remembers
        if not has_any and self._memory is None and not self._places.hold_any():
            return None  # nothing of it is loaded then
        from screenpop.config.policy import policy_of, read_layers, read_site_file
        from screenpop.config.policy_memory import PolicyMemory

        if self._memory is None:
            self._memory = PolicyMemory(self._memory_file)
        sites = (
            read_site_file(path, self._places)
            for path in self._site_files
            if path not in self._places.files
        )
        layers = (*filter(None, sites), *read_layers(self._places))
        return policy_of(self._memory.mended(layers))

    def read_own(self) -> tuple[dict[str, Any], tuple[SettingsProblem, ...]]:
        """What the user's own file says, and what is wrong with it; never raises."""
        problems: list[SettingsProblem] = []
        try:
            own = _without_policy(parse_toml(read_bytes(self.path)), problems)
        except (UnreadableError, BrokenError) as error:
            return {}, (SettingsProblem(self.path.name, str(error)),)
        merged, ignored = _above(self.read_policy(), own)
        alone = _complaints(own)
        found = [alone[key] for key in _complaints(merged) if key in alone]
        return own, (*problems, *ignored, *found)

    def refuse_locked(self, place: str) -> None:
        """Let a change of ``place`` pass unless it is locked, before it costs anything.

        Args:
            place: A setting, "accounts" for adding one, "accounts.acme" for removing
                it, or one of the desktop's switches.

        Raises:
            PolicyError: It is locked.
        """
        policy = self.read_policy()
        if policy is not None:
            refuse_locked(policy.locks, place)

    def kept_aside_files(self) -> tuple[Path, ...]:
        """Every broken file that was ever moved aside, oldest first."""
        return tuple(sorted(self.path.parent.glob(f"{self.path.name}.broken-*")))

    def add_account(self, account: AccountSettings) -> None:
        """Append an account; one that comes by the team's relay always may be.

        Raises:
            PolicyError: Administrators let nobody add one.
            ConfigurationError: There is one of that id, the account itself is wrong,
                or the file cannot be changed.
        """
        from screenpop.config import toml_edit

        if account.via != "relay":
            self.refuse_locked("accounts")
        self._change(lambda document: toml_edit.add_account(document, account))

    def remove_account(self, account_id: str) -> None:
        """Take an account out; one that administrators set up is hidden.

        Raises:
            PolicyError: Administrators locked it.
            ConfigurationError: The file has no such account, or cannot be changed.
        """
        from screenpop.config import toml_edit

        is_preset = self._preset("accounts", account_id)
        self._change(
            lambda document: toml_edit.remove_account(
                document, account_id, is_preset=is_preset
            )
        )

    def add_source(self, source: SourceSettings) -> None:
        """Append a contact source.

        Raises:
            PolicyError: Administrators let nobody add one.
            ConfigurationError: There is one of that id, the source itself is wrong,
                or the file cannot be changed.
        """
        from screenpop.config import toml_edit

        self.refuse_locked("sources")
        self._change(lambda document: toml_edit.add_source(document, source))

    def remove_source(self, source_id: str) -> None:
        """Take a contact source out; one that administrators set up is hidden.

        Raises:
            PolicyError: Administrators locked it.
            ConfigurationError: The file has no such source, or cannot be changed.
        """
        from screenpop.config import toml_edit

        is_preset = self._preset("sources", source_id)
        self._change(
            lambda document: toml_edit.remove_source(
                document, source_id, is_preset=is_preset
            )
        )

    def set_source_value(
        self, source_id: str, key: str, value: SettingValue | None
    ) -> None:
        """Set one value of a contact source, or take it out.

        Raises:
            ConfigurationError: As for ``set_value``, or no such source.
        """
        from screenpop.config import toml_edit

        is_preset = self._preset("sources", source_id, key, value)
        self._change(
            lambda document: toml_edit.set_source_value(
                document, source_id, key, value, is_preset=is_preset
            )
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

        self.refuse_locked(place)
        self._change(lambda document: toml_edit.set_value(document, place, value))

    def set_account_value(
        self, account_id: str, key: str, value: SettingValue | None
    ) -> None:
        """Set one value of an account, or take it out.

        Raises:
            ConfigurationError: As for ``set_value``, or no such account.
        """
        from screenpop.config import toml_edit

        is_preset = self._preset("accounts", account_id, key, value)
        self._change(
            lambda document: toml_edit.set_account_value(
                document, account_id, key, value, is_preset=is_preset
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

        self.refuse_locked("lines")
        policy = self.read_policy()
        inherited = read_settings(policy.table if policy else {}).settings.lines
        self._change(
            lambda document: line_edit.change_line(document, before, after, inherited)
        )

    def _preset(
        self,
        section: str,
        entry_id: str,
        key: str = "",
        value: SettingValue | None = None,
    ) -> bool:
        """Whether administrators set an entry up; a change must not be of their part.

        Args:
            section: "accounts" or "sources".
            entry_id: Which.
            key: What is to be changed; "" for all of it, to remove it.
            value: What it is to be.

        Raises:
            PolicyError: They locked it, and what is to be changed is theirs.
        """
        policy = self.read_policy()
        if policy is None:
            return False
        place = f"{section}.{entry_id}"
        entry = entry_of(policy.table, place)
        said = {**UNSAID.get(section, {}), **(entry or {})}
        is_theirs = not key or entry is None or key in said
        is_as_it_is = key and entry is not None and said.get(key) == value
        if lock_of(policy.locks, place) and is_theirs and not is_as_it_is:
            shown = f"{place}.{key}" if key else place
            raise PolicyError(tr("{place} is set by your administrator", place=shown))
        return entry is not None

    def _change(self, change: Callable[[TOMLDocument], None]) -> None:
        """Apply one change to what is on disk now, whoever else is editing."""
        from screenpop.config.atomic_file import held_lock

        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with held_lock(self.path.with_name(f".{self.path.name}.lock")):
                for _ in range(_TRIES):
                    if self._try_change(change):
                        return
        except (OSError, UnreadableError, BrokenError) as error:
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

        before = read_bytes(self.path)
        old = parse_toml(before)
        try:
            document = tomlkit.parse((before or _FRESH_FILE).decode("utf-8-sig"))
        except TOMLKitError as error:
            raise BrokenError(
                tr("it cannot be edited: {error}", error=error)
            ) from error
        change(document)
        after = tomlkit.dumps(document).encode()
        new = parse_toml(after)
        if new != document.unwrap():
            raise BrokenError(tr("the change cannot be written into it as it stands"))
        self._refuse_new_problems(old, new)
        if read_bytes(self.path) != before:
            return False
        replace_file(self.path, after)
        return True

    def _refuse_new_problems(self, old: dict[str, Any], new: dict[str, Any]) -> None:
        """A change must not make the file worse than it was.

        Raises:
            ConfigurationError: It would.
        """
        policy = self.read_policy()
        known = _complaints(_above(policy, old)[0])
        for key, problem in _complaints(_above(policy, new)[0]).items():
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


def _without_policy(
    own: dict[str, Any], problems: list[SettingsProblem]
) -> dict[str, Any]:
    """The user's settings, less what is the administrators' to say."""
    if _POLICY not in own:
        return own
    text = tr("only an administrator's file may say this; it is ignored")
    problems.append(SettingsProblem(_POLICY, text))
    return {key: value for key, value in own.items() if key != _POLICY}


def _above(
    policy: Policy | None, own: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[SettingsProblem, ...]]:
    """The user's settings above the policy, and what of them cannot count."""
    if policy is None:
        return layered({}, own), ()
    return above(policy.table, policy.locks, own)


def _complaints(merged: dict[str, Any]) -> dict[tuple[str, str], SettingsProblem]:
    """The problems by what they are about, whatever the account's position."""
    return {_known_by(problem): problem for problem in read_settings(merged).problems}


def _known_by(problem: SettingsProblem) -> tuple[str, str]:
    return _POSITION.sub("", problem.place), problem.text
