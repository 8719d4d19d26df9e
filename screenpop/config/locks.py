"""What administrators locked: their value holds, whatever a user's own file says."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from screenpop.config.layers import LISTS, REMOVED, entry_of, layered
from screenpop.config.section_reader import SectionReader, SettingsProblem
from screenpop.domain.errors import PolicyError
from screenpop.wording import tr

UNSAID: Final = MappingProxyType({"sources": {"is_enabled": True}})
"""What an entry says by being there: switched off, a source is as good as removed."""


def lock_of(locks: Mapping[str, str], place: str) -> str:
    """What locks a setting, itself or its section; "" when nothing does."""
    return locks.get(place) or locks.get(place.partition(".")[0]) or ""


def above(
    policy: Mapping[str, Any], locks: Mapping[str, str], own: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[SettingsProblem, ...]]:
    """A user's settings above the policy, and what of them cannot count.

    Args:
        policy: What administrators say.
        locks: What of it is locked, each with what locks it.
        own: What the user's file says.
    """
    fitting, misshapen = _of_their_shape(policy, own)
    free, ignored = without_locked(fitting, locks, policy)
    return layered(policy, free), (*misshapen, *ignored)


def _of_their_shape(
    policy: Mapping[str, Any], own: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[SettingsProblem, ...]]:
    """What is no section in the user's file must not hide one of the policy's."""
    problems: list[SettingsProblem] = []
    reader = SectionReader(own, "", problems)
    kept = dict(own)
    for key, value in own.items():
        if isinstance(policy.get(key), dict) and not isinstance(value, dict):
            reader.section(key)
            del kept[key]
        elif key in LISTS and not isinstance(value, list):
            reader.sections(key)
            del kept[key]
    return kept, tuple(problems)


def without_locked(
    own: Mapping[str, Any], locks: Mapping[str, str], policy: Mapping[str, Any]
) -> tuple[dict[str, Any], tuple[SettingsProblem, ...]]:
    """A user's settings less what is locked, and what of it was left out.

    Of a locked account, what the administrators did not say stays the user's to say.

    Args:
        own: What the user's file says.
        locks: What is locked, each with what locks it.
        policy: What administrators say.
    """
    kept = dict(own)
    ignored: list[str] = []
    for place in locks:
        section, _, key = place.partition(".")
        values = kept.get(section)
        if section in LISTS and isinstance(values, list):
            kept[section] = _entries(values, section, key, policy, ignored)
        elif not key and section in kept:
            if kept.pop(section) != policy.get(section):
                ignored.append(section)
        elif isinstance(values, dict) and key in values:
            kept[section] = {one: what for one, what in values.items() if one != key}
            if values[key] != _section(policy, section).get(key):
                ignored.append(place)
    return kept, tuple(_told(place, locks) for place in dict.fromkeys(ignored))


def refuse_locked(locks: Mapping[str, str], place: str) -> None:
    """Let a change of ``place`` pass unless it is locked.

    Raises:
        PolicyError: It is.
    """
    if lock_of(locks, place):
        raise PolicyError(tr("{place} is set by your administrator", place=place))


def _entries(
    values: list[Any],
    section: str,
    only: str,
    policy: Mapping[str, Any],
    ignored: list[str],
) -> list[Any]:
    """The entries a user may still have; of the locked ones, what is theirs to say.

    Args:
        values: The user's own.
        section: Which of the lists.
        only: The id of the one entry that is locked; "" for all of them.
        policy: What administrators say.
        ignored: Takes the places of what is left out.
    """
    kept = []
    for entry in values:
        if not isinstance(entry, dict) or (only and entry.get("id") != only):
            kept.append(entry)
            continue
        place = f"{section}.{entry.get('id')}"
        preset = entry_of(policy, place)
        if preset is None and entry.get("via") == "relay" and not only:
            kept.append(entry)  # the team's, whose relay a policy may name
            continue
        if preset is None:
            ignored.append(place)
            continue
        preset = {**UNSAID.get(section, {}), **preset}
        free = {
            key: value
            for key, value in entry.items()
            if key == "id" or (key not in preset and key != REMOVED)
        }
        if any(preset.get(key) != entry[key] for key in entry.keys() - free.keys()):
            ignored.append(place)
        kept.append(free)
    return kept


def _section(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    values = table.get(name)
    return values if isinstance(values, dict) else {}


def _told(place: str, locks: Mapping[str, str]) -> SettingsProblem:
    text = tr(
        "your administrator has set this, in {source}; what your file says is ignored",
        source=lock_of(locks, place),
    )
    return SettingsProblem(place, text, is_warning=True)
