"""What sources said a short while ago."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.contacts import Contact

_HIT_SECONDS: Final = 2 * 60 * 60.0
_MISS_SECONDS: Final = 5 * 60.0
_CAPACITY: Final = 2000


@frozen
class _Entry:
    contacts: tuple[Contact, ...]
    expires_at: float
    told_at: datetime | None


class LookupCache:
    """Answers by source and number; the ones not asked for longest go first."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        hit_seconds: float = _HIT_SECONDS,
        miss_seconds: float = _MISS_SECONDS,
        capacity: int = _CAPACITY,
    ) -> None:
        """An empty cache.

        Args:
            clock: Seconds that only go forward.
            hit_seconds: How long found contacts are believed.
            miss_seconds: How long "not known" is believed.
            capacity: The most answers kept.
        """
        self._clock = clock
        self._hit_seconds = hit_seconds
        self._miss_seconds = miss_seconds
        self._capacity = capacity
        self._entries: OrderedDict[tuple[str, str], _Entry] = OrderedDict()

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, source: str, number_key: str) -> tuple[Contact, ...] | None:
        """What the source said; None when that is not known or too long ago."""
        entry = self._entries.get((source, number_key))
        if entry is None:
            return None
        if self._clock() >= entry.expires_at:
            del self._entries[source, number_key]
            return None
        self._entries.move_to_end((source, number_key))
        return entry.contacts

    def told_at(self, source: str, number_key: str) -> datetime | None:
        """When the source said what ``get`` gives."""
        entry = self._entries.get((source, number_key))
        return entry.told_at if entry else None

    def put(
        self,
        source: str,
        number_key: str,
        contacts: tuple[Contact, ...],
        told_at: datetime | None = None,
    ) -> None:
        """Keep what the source said just now: whoever has the number, and no other.

        A record without it would be taken for a find and hide for hours that the
        number is not known.
        """
        life = self._hit_seconds if contacts else self._miss_seconds
        expires_at = self._clock() + life
        self._entries[source, number_key] = _Entry(contacts, expires_at, told_at)
        self._entries.move_to_end((source, number_key))
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)

    def forget_number(self, number_key: str) -> None:
        """Drop everything about a number: it was edited, or is to be forgotten."""
        for key in [key for key in self._entries if key[1] == number_key]:
            del self._entries[key]

    def forget_source(self, source: str) -> None:
        """Drop everything a source said: its account changed."""
        for key in [key for key in self._entries if key[0] == source]:
            del self._entries[key]

    def clear(self) -> None:
        """Drop everything."""
        self._entries.clear()
