"""What the team shares, as far as this desk has heard."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from screenpop.relay.team_words import Claim, Item, Presence, Rule

T = TypeVar("T", Claim, Presence, Rule)
Place = tuple[str, type, str]
"""Account, kind, and which one of these."""


class SharedItems:
    """Claims, presences and rules of this desk's accounts; the latest word of each."""

    def __init__(self) -> None:
        """Nothing is known yet."""
        self._items: dict[Place, Item] = {}
        self._fresh: set[Place] = set()

    def put(self, account_id: str, item: Item) -> bool:
        """Take a word over; False when a later one is known."""
        place = _place(account_id, item)
        known = self._items.get(place)
        if known is not None and known.revision > item.revision:
            return False
        self._items[place] = item
        self._fresh.add(place)
        return known != item

    def begin(self) -> None:
        """A snapshot begins: what is heard from now on is newer than it."""
        self._fresh.clear()

    def replace(self, account_id: str, items: Iterable[Item]) -> frozenset[type]:
        """Take a whole snapshot over; what is not in it is not so any more.

        Returns:
            The kinds of which something has changed.
        """
        changed: set[type] = set()
        told = {_place(account_id, item): item for item in items}
        for place in [each for each in self._items if each[0] == account_id]:
            if place not in told and place not in self._fresh:
                del self._items[place]
                changed.add(place[1])
        for place, item in told.items():
            if place not in self._fresh and self._items.get(place) != item:
                self._items[place] = item
                changed.add(place[1])
        return frozenset(changed)

    def find(self, account_id: str, kind: type[T], key: str) -> T | None:
        """One of them; None when nothing was said."""
        found = self._items.get((account_id, kind, key))
        return found if isinstance(found, kind) else None

    def all(self, kind: type[T]) -> Iterator[tuple[str, T]]:
        """All of a kind, with their accounts."""
        for (account_id, _, _), item in tuple(self._items.items()):
            if isinstance(item, kind):
                yield account_id, item


def _place(account_id: str, item: Item) -> Place:
    key = item.device if isinstance(item, Presence) else item.key
    return account_id, type(item), key
