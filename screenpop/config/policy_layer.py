"""What one administrators' file or registry key says: one layer of the policy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from pathlib import PurePath
from typing import Any, Final

from screenpop.config.layers import LISTS, entry_of, layered
from screenpop.config.locks import UNSAID
from screenpop.config.section_reader import (
    LOOKS_SECRET,
    SectionReader,
    SettingsProblem,
)
from screenpop.config.setting_kinds import Kind, is_setting, setting_kinds
from screenpop.config.settings_reader import read_settings
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

MEMBERSHIP: Final = "team.membership"
"""The place to lock so that users cannot leave their team."""
DESKTOP_PLACES: Final = ("autostart", "tel_links", MEMBERSHIP)
"""What can be locked and is no key of a file."""
_MOST_VALUES: Final = 100_000
_DEEPEST: Final = 12
_PERMISSIONS: Final = ("open_records", "programs", "login_start")
"""Of ``[policy]``: what cannot be read here forbids."""


class PolicyOrigin(StrEnum):
    """Where a layer is from, the weakest first."""

    EVERYBODY = "file for everybody"
    MACHINE_FILE = "machine file"
    DROP_IN = "drop-in file"
    REGISTRY_USER = "registry, user"
    REGISTRY_MACHINE = "registry, machine"
    MANAGED_USER = "managed preferences, user"
    MANAGED_MACHINE = "managed preferences, machine"


@frozen(kw_only=True)
class PolicyLayer:
    """One of them.

    Attributes:
        name: The path of the file or key.
        table: What it says, in the form of ``config.toml``.
        locked: The places that it locks.
        problems: What is wrong with it.
        is_broken: It could not be read as it was meant; what there is of ``table`` is
            what could be saved of it, or what it said when it was last in order.
    """

    origin: PolicyOrigin
    name: str
    table: Mapping[str, Any]
    locked: tuple[str, ...] = ()
    problems: tuple[SettingsProblem, ...] = ()
    is_broken: bool = False


def layer_of(
    origin: PolicyOrigin,
    name: str,
    table: Mapping[str, Any],
    *,
    locked: tuple[str, ...] = (),
    problems: tuple[SettingsProblem, ...] = (),
    is_broken: bool = False,
) -> PolicyLayer:
    """A layer of what was read, checked by itself.

    A value that cannot be is taken out, so that it hides none of a weaker layer; its
    lock stays. A permission that cannot be read is refused, an account's key too.

    Args:
        origin: Where it is from.
        name: The path of the file or key.
        table: What was read.
        locked: What is locked besides what ``policy.locked`` names.
        problems: What was found wrong so far.
        is_broken: As for ``PolicyLayer``.
    """
    found = [*problems]
    if _is_boundless(table):
        text = tr("it holds a value that nobody can read")
        found.append(SettingsProblem(PurePath(name).name, text))
        table, is_broken = {}, True
    kept = straightened(table)
    reader = SectionReader(table, "", found)
    for key in kept:
        if kept[key] is not table[key]:
            reader.section(key)
    found += _take_out_secrets(kept)
    named, bad_locks = _named_locks(kept)
    found += bad_locks
    found += _take_out_wrong(kept)
    return PolicyLayer(
        origin=origin,
        name=name,
        table=kept,
        locked=tuple(dict.fromkeys((*locked, *named))),
        problems=tuple(replace(one, source=name) for one in found),
        is_broken=is_broken,
    )


def straightened(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table, with ``[[policy]]`` read as the ``[policy]`` it was meant to be."""
    sections = {one.section for one in setting_kinds().values()}
    kept = dict(table)
    for key, value in table.items():
        if key in sections and isinstance(value, list):
            whole: dict[str, Any] = {}
            for part in value:
                whole = layered(whole, part if isinstance(part, dict) else {})
            kept[key] = whole
    return kept


def locked_part(layer: PolicyLayer) -> dict[str, Any]:
    """What a layer says of the places that it locks itself."""
    part: dict[str, Any] = {}
    for place in layer.locked:
        section, _, key = place.partition(".")
        values = layer.table.get(section)
        if not key and section in layer.table:
            part[section] = values
        elif section in LISTS:
            entry = entry_of(layer.table, place)
            if entry is not None:
                part.setdefault(section, []).append(entry)
        elif isinstance(values, dict) and key in values:
            part = layered(part, {section: {key: values[key]}})
    return part


def preset_places(table: Mapping[str, Any]) -> Iterator[str]:
    """The accounts and sources that a table has, as "accounts.acme"."""
    for section in LISTS:
        entries = table.get(section)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict) and isinstance(entry.get("id"), str):
                yield f"{section}.{entry['id']}"


def preset_keys(table: Mapping[str, Any]) -> Iterator[str]:
    """What a table says of its accounts and sources, as "accounts.acme.label"."""
    for place in preset_places(table):
        entry = entry_of(table, place) or {}
        unsaid = UNSAID.get(place.partition(".")[0], {})
        yield from (f"{place}.{key}" for key in {**unsaid, **entry})


def _is_boundless(table: Mapping[str, Any]) -> bool:
    """Whether it is too deep or too large to go through, or holds itself.

    A property list in binary form can be each of them in a few hundred bytes.
    """
    rest: list[tuple[object, int]] = [(table, 0)]
    for _ in range(_MOST_VALUES):
        if not rest:
            return False
        value, depth = rest.pop()
        if isinstance(value, Mapping):
            value = list(value.values())
        if isinstance(value, list):
            if depth > _DEEPEST:
                return True
            rest += [(inner, depth + 1) for inner in value]
    return True


# --- what is wrong in one ------------------------------------------------------------


def _named_locks(
    table: Mapping[str, Any],
) -> tuple[tuple[str, ...], list[SettingsProblem]]:
    """What ``policy.locked`` names; a text alone is read as a list of one."""
    policy = table.get("policy")
    named = policy.get("locked") if isinstance(policy, dict) else None
    if isinstance(named, str):
        named = [named]
    places = [one for one in named or () if isinstance(one, str)] if named else []
    unknown = [
        SettingsProblem(
            "policy.locked",
            tr("“{place}” is no setting; nothing is locked by it", place=place[:80]),
        )
        for place in places
        if not _can_be_locked(place)
    ]
    return tuple(place for place in places if _can_be_locked(place)), unknown


def _can_be_locked(place: str) -> bool:
    section, _, key = place.partition(".")
    if section in LISTS and key:
        return True
    return place in DESKTOP_PLACES or (section != "policy" and is_setting(place))


def _take_out_wrong(table: dict[str, Any]) -> list[SettingsProblem]:
    kinds = setting_kinds()
    found = list(read_settings(table).problems)
    for problem in found:
        section, _, key = problem.place.rpartition(".")
        known = kinds.get(problem.place)
        if problem.is_warning or (known is not None and known.kind is Kind.TEXTS):
            continue  # the good ones of a list stay
        if not section and key in table:
            table.pop(key)
        elif known is not None and isinstance(table.get(section), dict):
            table[section] = _without(table[section], section, key)
    # It may be set where this layer's accounts are not known.
    return [one for one in found if one.place != "dialing.account"]


def _without(values: Mapping[str, Any], section: str, key: str) -> dict[str, Any]:
    kept = {one: what for one, what in values.items() if one != key}
    if section == "policy" and key in _PERMISSIONS:
        kept[key] = False
    return kept


def _take_out_secrets(table: dict[str, Any]) -> list[SettingsProblem]:
    """Everybody on the computer can read a policy."""
    found = []
    for section in LISTS:
        entries = table.get(section)
        if not isinstance(entries, list):
            continue
        kept = []
        for position, entry in enumerate(entries, start=1):
            secrets = _secret_keys(entry)
            for key in secrets:
                text = tr("a secret must not be in a policy; it is left out")
                found.append(SettingsProblem(f"{section}[{position}].{key}", text))
            kept.append(
                {key: value for key, value in entry.items() if key not in secrets}
                if secrets
                else entry
            )
        table[section] = kept
    return found


def _secret_keys(entry: object) -> list[str]:
    if not isinstance(entry, dict):
        return []
    return [key for key in entry if LOOKS_SECRET.search(key.lower())]
