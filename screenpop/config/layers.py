"""Settings of several origins, one upon the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

LISTS: Final = ("accounts", "sources")
"""Sections of which there are several, each with an id of its own."""
REMOVED: Final = "is_removed"
"""The key of an entry that takes out a lower layer's of the same id."""


def layered(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """The upper layer's values over the lower's, section by section."""
    merged = dict(below)
    for key, value in above.items():
        lower = merged.get(key)
        if isinstance(lower, dict) and isinstance(value, dict):
            merged[key] = layered(lower, value)
        elif key in LISTS and isinstance(value, list):
            merged[key] = _entries(lower if isinstance(lower, list) else [], value)
        else:
            merged[key] = value
    return merged


def entry_of(table: Mapping[str, Any], place: str) -> Mapping[str, Any] | None:
    """The entry at a place such as "accounts.acme"; None where there is none."""
    section, _, entry_id = place.partition(".")
    entries = table.get(section)
    if section not in LISTS or not isinstance(entries, list):
        return None
    for entry in entries:
        if isinstance(entry, dict) and entry.get("id") == entry_id:
            return entry
    return None


def _entries(below: list[Any], above: list[Any]) -> list[Any]:
    """The upper entries first; one of the same id adds to the lower, or removes it."""
    lower = {
        entry["id"]: entry
        for entry in below
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    merged = []
    for entry in above:
        key = entry.get("id") if isinstance(entry, dict) else None
        base = lower.pop(key, None) if isinstance(key, str) else None
        if isinstance(entry, dict) and entry.get(REMOVED) is True:
            continue
        merged.append(entry if base is None else {**base, **entry})
    return [*merged, *lower.values()]
