"""For every setting that is said anywhere: which value wins, from where, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop.config.layers import LISTS, entry_of
from screenpop.config.locks import above, lock_of
from screenpop.config.policy import NO_LAYERS, Policy, policy_of
from screenpop.config.policy_files import layer_of_file
from screenpop.config.policy_layer import PolicyLayer, PolicyOrigin
from screenpop.config.setting_kinds import is_setting, setting_kinds
from screenpop.config.toml_file import BrokenError, UnreadableError, read_bytes
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.config.section_reader import SettingsProblem
    from screenpop.config.settings_file import SettingsFile

BUILT_IN: Final = "built in"


class Reason(StrEnum):
    """Why a value holds."""

    LOCKED = "locked"
    USER = "user"
    DEFAULT = "default"
    BUILT_IN = "built-in"


@frozen(kw_only=True)
class Voice:
    """What one of those who say something about a setting says.

    Attributes:
        source: The file or key.
        value: What it says, as it stands there.
        is_lock: It locks the setting.
    """

    source: str
    value: Any
    is_lock: bool = False


@frozen(kw_only=True)
class Explained:
    """How one setting comes to its value.

    Attributes:
        place: "card.corner"; "accounts.acme" for an account.
        value: What holds.
        source: Whose value that is; `BUILT_IN` for nobody's.
        reason: Why it is that one.
        lock: What locks the setting; "" when the user may change it.
        voices: Everybody who says something, the strongest first, the user last.
    """

    place: str
    value: Any
    source: str
    reason: Reason
    lock: str
    voices: tuple[Voice, ...]


@frozen(kw_only=True)
class PolicyReport:
    """What is to be said of a computer's policy.

    Attributes:
        layers: Where it comes from, the strongest first.
        settings: Every setting that is said anywhere, in the order of the names.
        problems: What is wrong in the policies.
        own_problems: What is wrong in the user's own settings.
    """

    layers: tuple[PolicyLayer, ...]
    settings: tuple[Explained, ...]
    problems: tuple[SettingsProblem, ...]
    own_problems: tuple[SettingsProblem, ...]


def explain_policy(file: SettingsFile, preview: Path | None = None) -> PolicyReport:
    """Explain a user's settings on this computer.

    Args:
        file: The user's settings.
        preview: A policy to look at as if it were this computer's, in place of the
            machine's own file; None to look at things as they are.

    Raises:
        ConfigurationError: The file to look at cannot be read.
    """
    policy = file.read_policy() or NO_LAYERS
    if preview is not None:
        policy = _with_preview(policy, preview)
    own, own_problems = file.read_own()
    wrong = {one.place for one in own_problems}
    places = sorted(_places(policy, own))
    merged, _ = above(policy.table, policy.locks, own)
    return PolicyReport(
        layers=tuple(reversed(policy.layers)),
        settings=tuple(
            _whole(
                _explained(place, policy, own, file.path, is_bad=place in wrong), merged
            )
            for place in places
        ),
        problems=policy.problems,
        own_problems=own_problems,
    )


def _with_preview(policy: Policy, preview: Path) -> Policy:
    layer = _preview_layer(preview)
    order = list(PolicyOrigin)
    others = [one for one in policy.layers if one.origin is not layer.origin]
    return policy_of(sorted((*others, layer), key=lambda one: order.index(one.origin)))


def _preview_layer(path: Path) -> PolicyLayer:
    """A file that an administrator wrote, wherever it lies and whoever may write it."""
    if not path.is_file():
        raise ConfigurationError(f"There is no file {path}")
    try:
        data = read_bytes(path)
    except (UnreadableError, BrokenError) as error:
        raise ConfigurationError(f"{path} cannot be looked at: {error}") from error
    if path.suffix == ".plist":
        from screenpop.config.policy_plist import layer_of_plist

        return layer_of_plist(path, data, PolicyOrigin.MANAGED_MACHINE)
    return layer_of_file(path, data, PolicyOrigin.MACHINE_FILE)


# --- one setting ---------------------------------------------------------------------


def _places(policy: Policy, own: Mapping[str, Any]) -> set[str]:
    found = {place for layer in policy.layers for place in _said_in(layer.table)}
    found |= {place for place in policy.locks if place in setting_kinds()}
    return found | set(_said_in(own))


def _said_in(table: Mapping[str, Any]) -> Iterator[str]:
    """The places a table says something about, as far as they are settings."""
    for key, value in table.items():
        if key in LISTS and isinstance(value, list):
            yield from (
                f"{key}.{entry['id']}"
                for entry in value
                if isinstance(entry, dict) and isinstance(entry.get("id"), str)
            )
        elif isinstance(value, dict):
            inner = (f"{key}.{one}" for one in value)
            yield from (place for place in inner if is_setting(place))
        elif is_setting(key):
            yield key


def _value_in(table: Mapping[str, Any], place: str) -> Any:
    """What a table says of a place; None for nothing."""
    section, _, key = place.partition(".")
    if section in LISTS and key:
        return entry_of(table, place)
    values = table.get(section)
    if not key:
        return values
    return values.get(key) if isinstance(values, dict) else None


def _whole(one: Explained, merged: Mapping[str, Any]) -> Explained:
    """An account's value is what administrators and user say of it together."""
    section, _, entry_id = one.place.partition(".")
    if section not in LISTS or not entry_id:
        return one
    return replace(one, value=entry_of(merged, one.place))


def _explained(
    place: str,
    policy: Policy,
    own: Mapping[str, Any],
    own_file: Path,
    *,
    is_bad: bool,
) -> Explained:
    section = place.partition(".")[0]
    voices = [
        Voice(
            source=layer.name,
            value=value,
            is_lock=place in layer.locked or section in layer.locked,
        )
        for layer in reversed(policy.layers)
        if (value := _value_in(layer.table, place)) is not None
    ]
    users = _value_in(own, place) if section != "policy" else None
    lock = lock_of(policy.locks, place)
    known = setting_kinds().get(place)
    held = known.default if known else None
    winner: Voice | None = next(iter(voices), None)
    reason = Reason.DEFAULT if winner else Reason.BUILT_IN
    if lock or section == "policy":
        reason = Reason.LOCKED
        winner = next((one for one in voices if one.is_lock), winner)
    elif users is not None and not is_bad:
        reason = Reason.USER
        winner = Voice(source=str(own_file), value=users)
    if users is not None:
        voices.append(Voice(source=str(own_file), value=users))
    return Explained(
        place=place,
        value=held if winner is None else winner.value,
        source=BUILT_IN if winner is None else winner.source,
        reason=reason,
        lock=lock,
        voices=tuple(voices),
    )
