"""What administrators locked: their value holds, whatever a user's own file says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from screenpop.domain.errors import PolicyError
from screenpop.wording import tr


def locked_places(site: Mapping[str, Any]) -> tuple[str, ...]:
    """The settings that an administrators' file locks: keys and whole sections."""
    policy = site.get("policy")
    locked = policy.get("locked") if isinstance(policy, dict) else None
    places = locked if isinstance(locked, list) else ()
    return tuple(place for place in places if isinstance(place, str))


def lock_of(locks: Mapping[str, Path], place: str) -> Path | None:
    """The file that locks a setting, itself or its section; None when none does."""
    return locks.get(place) or locks.get(place.partition(".")[0])


def without_locked(own: dict[str, Any], locks: Mapping[str, Path]) -> dict[str, Any]:
    """A user's settings less what is locked; the others are as they were."""
    kept = {key: value for key, value in own.items() if key not in locks}
    for place in locks:
        section, _, key = place.partition(".")
        values = kept.get(section)
        if key and isinstance(values, dict):
            kept[section] = {one: what for one, what in values.items() if one != key}
    return kept


def refuse_locked(locks: Mapping[str, Path], place: str) -> None:
    """Let a change of ``place`` pass unless it is locked.

    Raises:
        PolicyError: It is.
    """
    if lock_of(locks, place) is not None:
        raise PolicyError(tr("{place} is set by your administrator", place=place))
