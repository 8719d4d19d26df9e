"""What the desks of a team share, as the buckets say, ready to be told page by page.

Every relay instance has it whole in memory, followed by a watch; what is written for a
desk is made once for each change. So thousands of desks that come back at once cost the
broker nothing.
"""

from __future__ import annotations

import bisect
import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError
from screenpop.relay.names import Bucket
from screenpop.relay.team_words import (
    CLAIMS_KEPT_SECONDS,
    PRESENCE_SECONDS,
    Claim,
    ClaimState,
    Item,
    Presence,
    PresenceState,
    Verdict,
    write_item,
)
from screenpop.services.relay.team_records import (
    PresenceRecord,
    read_kept,
    read_presence,
)

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.relay.broker import Broker, Entry, Watching
    from screenpop.services.clock import Clock

_log = logging.getLogger(__name__)

PAGE: Final = 1_000
"""Items in one page of a snapshot; well below the broker's limit of a message."""
MOST_RULES: Final = 20_000
"""Of one account."""
MOST_CLAIMS: Final = 10_000
"""Of one account that desks are told of, the latest: each desk holds all of them."""
_SHARED: Final = (Bucket.CLAIMS, Bucket.RULES, Bucket.PRESENCE)

Told = Callable[[str, Item], None]


@dataclass(slots=True)
class _Shelf:
    """What the desks of one account see: written items, by their place."""

    places: list[str] = field(default_factory=list)
    items: dict[str, bytes] = field(default_factory=dict)
    rules: int = 0

    def put(self, place: str, item: bytes) -> None:
        if place not in self.items:
            bisect.insort(self.places, place)
        self.items[place] = item

    def drop(self, place: str) -> None:
        if self.items.pop(place, None) is not None:
            del self.places[bisect.bisect_left(self.places, place)]


class TeamBoard:
    """Follows the three buckets; tells of each change."""

    def __init__(
        self, broker: Broker, account_ids: tuple[str, ...], told: Told, clock: Clock
    ) -> None:
        """Read nothing yet.

        Args:
            broker: Where the buckets are.
            account_ids: The accounts of this relay.
            told: Hears of each item that changed, and for which account.
            clock: What time it is.
        """
        self._broker = broker
        self._shelves = {account_id: _Shelf() for account_id in account_ids}
        self._present: dict[str, PresenceRecord] = {}
        self._claimed_at: dict[str, datetime] = {}
        self._told = told
        self._clock = clock
        self._revisions: dict[tuple[Bucket, str], int] = {}
        self._watching: list[Watching] = []
        self.is_loaded = False

    async def load(self) -> None:
        """Read all that is there.

        Raises:
            RelayError: It cannot be read.
        """
        for bucket in _SHARED:
            for entry in await self._broker.bucket(bucket.value).entries():
                self._note(bucket, entry)
        self.drop_old()
        self.is_loaded = True

    async def follow(self) -> None:
        """Hear of what changes, from now on."""
        for bucket in _SHARED:
            kept = self._broker.bucket(bucket.value)
            self._watching.append(await kept.watch(partial(self._hear, bucket)))

    async def stop(self) -> None:
        """Hear no more."""
        for each in self._watching:
            await each.stop()
        self._watching.clear()

    def page(self, account_id: str, after: str) -> tuple[tuple[bytes, ...], str]:
        """Written items of an account, and where to go on; "" when these were all."""
        shelf = self._shelves.get(account_id)
        if shelf is None:
            return (), ""
        first = bisect.bisect_right(shelf.places, after) if after else 0
        places = shelf.places[first : first + PAGE]
        is_all = first + PAGE >= len(shelf.places)
        return tuple(shelf.items[each] for each in places), "" if is_all else places[-1]

    def is_full(self, account_id: str) -> bool:
        """Whether an account has as many rules as it may."""
        shelf = self._shelves.get(account_id)
        return shelf is None or shelf.rules >= MOST_RULES

    def drop_old(self) -> None:
        """Let go of claims that the bucket has let go of, too; it tells nobody.

        Where an account has more of them than desks are told of, of the oldest as well.
        """
        oldest = self._clock() - timedelta(seconds=CLAIMS_KEPT_SECONDS)
        counts: Counter[str] = Counter()
        latest_first = sorted(
            self._claimed_at.items(), key=lambda each: each[1], reverse=True
        )
        for key, at in latest_first:
            account_id = key.partition(".")[0]
            counts[account_id] += 1
            is_gone = at < oldest
            if is_gone or counts[account_id] > MOST_CLAIMS:
                del self._claimed_at[key]
                self._forget(Bucket.CLAIMS, key)
            if is_gone:
                # One that the bucket still has is no news when it is read again.
                self._revisions.pop((Bucket.CLAIMS, key), None)

    def drop_silent(self) -> None:
        """Whose desk has said nothing for long is not there any more."""
        oldest = self._clock() - timedelta(seconds=PRESENCE_SECONDS)
        for device_id, known in tuple(self._present.items()):
            if known.at < oldest:
                self._note_presence(
                    device_id, replace(known, state=PresenceState.GONE), known.revision
                )

    # --- what is heard ---------------------------------------------------------------

    async def _hear(self, bucket: Bucket, entry: Entry) -> None:
        self._note(bucket, entry)

    def _note(self, bucket: Bucket, entry: Entry) -> None:
        place = bucket, entry.key
        if entry.revision == self._revisions.get(place):
            return
        self._revisions[place] = entry.revision
        if entry.value is None:
            # Nobody deletes what must be told; what is too old goes by itself.
            self._forget(bucket, entry.key)
            return
        try:
            if bucket is Bucket.PRESENCE:
                self._note_presence(
                    entry.key, read_presence(entry.value), entry.revision
                )
            else:
                self._note_item(entry)
        except PayloadError as error:
            _log.warning("an entry of %s is passed over: %s", bucket, error.title)

    def _note_item(self, entry: Entry) -> None:
        account_id, _, _ = entry.key.partition(".")
        shelf = self._shelves.get(account_id)
        if shelf is None or entry.value is None:
            return
        item = replace(read_kept(entry.value), revision=entry.revision)
        if isinstance(item, Claim):
            self._claimed_at[entry.key] = item.at
            self._place(shelf, f"c.{item.key}", item, item.state is not ClaimState.OPEN)
        else:
            place = f"r.{item.key}"
            shelf.rules -= place in shelf.items
            self._place(shelf, place, item, item.verdict is not Verdict.NONE)
            shelf.rules += place in shelf.items
        self._told(account_id, item)

    def _note_presence(
        self, device_id: str, record: PresenceRecord, revision: int
    ) -> None:
        known = self._present.get(device_id)
        is_there = record.state is not PresenceState.GONE
        if is_there:
            self._present[device_id] = replace(record, revision=revision)
        else:
            self._present.pop(device_id, None)
        is_news = known is None or (known.state, known.lines) != (
            record.state,
            record.lines,
        )
        for line in record.lines:
            shelf = self._shelves.get(line.account_id)
            if shelf is None:
                continue
            item = Presence(
                device=device_id,
                agent=record.agent,
                extension=line.extension,
                known_as=line.known_as,
                state=record.state,
                at=record.at,
                revision=revision,
            )
            self._place(shelf, f"p.{device_id}", item, is_there)
            if is_news:
                self._told(line.account_id, item)

    @staticmethod
    def _place(shelf: _Shelf, place: str, item: Item, is_shown: bool) -> None:
        if is_shown:
            shelf.put(place, write_item(item))
        else:
            shelf.drop(place)

    def _forget(self, bucket: Bucket, key: str) -> None:
        if bucket is Bucket.PRESENCE:
            known = self._present.get(key)
            if known is not None:
                gone = replace(known, state=PresenceState.GONE)
                self._note_presence(key, gone, known.revision)
            return
        account_id, _, digest = key.partition(".")
        shelf = self._shelves.get(account_id)
        if shelf is not None:
            shelf.drop(f"{'c' if bucket is Bucket.CLAIMS else 'r'}.{digest}")
