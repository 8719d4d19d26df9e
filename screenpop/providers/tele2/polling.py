"""See calls by asking for the call history, and fill the gaps of other sources."""

from __future__ import annotations

import logging
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import NotFound, PayloadError, ProviderError
from screenpop.domain.frozen import frozen
from screenpop.providers.tele2.mapping import is_over
from screenpop.providers.tele2.payloads import (
    canonical,
    is_id,
    read_call,
    with_recording,
)
from screenpop.providers.tele2.requests import CALLS, RECORDINGS, CallQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from screenpop.providers.tele2.client import Item, SmartMexClient
    from screenpop.providers.tele2.payloads import CallPayload

_log = logging.getLogger(__name__)

# Six of a hundred requests a minute, and as near to the ring as polling gets.
POLL_INTERVAL_SECONDS: Final = 10.0
# An entry bears the time its call began but comes when the call is over: each question
# reaches back, and a long way now and then and after a pause.
USUAL_REACH: Final = timedelta(minutes=15)
LONG_REACH: Final = timedelta(hours=4)
LONG_REACH_EVERY: Final = 20
LONGEST_PAUSE_SECONDS: Final = 60.0
ENTRY_DELAY: Final = timedelta(minutes=2)


class HistoryPoller:
    """Asks for history entries, and knows those again that it has handed over."""

    def __init__(
        self,
        client: SmartMexClient,
        account_id: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._account_id = account_id
        self._monotonic = monotonic
        self._known: dict[str, _Sighting] = {}
        self._polls = 0
        self._polled_at: float | None = None

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The calls that ended after ``since`` or still go on, oldest first.

        The same ``since`` gives the same calls again, so that none is lost when the
        caller could not keep them; of earlier ones only those that changed.

        Raises:
            ProviderError: By kind; then nothing counts as seen.
        """
        is_long = self._is_long()
        start = since - (LONG_REACH if is_long else USUAL_REACH)
        items = await self._client.items(
            CALLS,
            CallQuery(since=start).params(),
            seen="0" if is_long else self._mark(start),
        )
        now = datetime.now(UTC)
        sightings = [_sighting(item, now) for item in items]
        wanted = [
            each
            for each in sightings
            if each.ended_at > since - ENTRY_DELAY or self._has_changed(each)
        ]
        bodies = await self._bodies(wanted)
        self._remember(sightings, bodies, since)
        self._polls += 1
        self._polled_at = self._monotonic()
        wanted.sort(key=lambda each: (each.began_at, each.number))
        return tuple(self._delivery(bodies[each.name], now) for each in wanted)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What the history has of one call; empty when nothing."""
        try:
            item = await self._client.item(CALLS, call_id)
        except NotFound:
            return ()
        now = datetime.now(UTC)
        sighting = _sighting(item, now)
        bodies = await self._bodies([sighting])
        return (self._delivery(bodies[sighting.name], now),)

    def _is_long(self) -> bool:
        if self._polls % LONG_REACH_EVERY == 0 or self._polled_at is None:
            return True
        return self._monotonic() - self._polled_at > LONGEST_PAUSE_SECONDS

    def _mark(self, start: datetime) -> str:
        """The highest id of what began before ``start``: nothing older is wanted.

        Not the highest of all: a call that goes on has a lower id than those that
        began and ended meanwhile.
        """
        older = [each.number for each in self._known.values() if each.began_at < start]
        return str(max(older, default=0))

    async def _bodies(self, wanted: Iterable[_Sighting]) -> dict[str, bytes]:
        """What to hand over: unchanged for what did not change, links included.

        Links may differ each time they are asked for, which is no news.
        """
        bodies = {}
        unlinked: list[_Sighting] = []
        for each in wanted:
            known = self._known.get(each.name)
            if known is not None and known.text == each.text and known.body:
                bodies[each.name] = known.body
                continue
            bodies[each.name] = each.text
            if each.call.recording_id and not each.call.recording_url:
                unlinked.append(each)
        links = await self._links(unlinked)
        for each in unlinked:
            link = links.get(each.call.recording_id)
            if link:
                bodies[each.name] = canonical(with_recording(each.item, link))
        return bodies

    async def _links(self, unlinked: list[_Sighting]) -> dict[str, str]:
        """The links to recordings, by their ids; a call without one is a call too."""
        try:
            if len(unlinked) == 1:
                wanted = unlinked[0].call.recording_id
                found = [await self._client.item(RECORDINGS, wanted)]
            elif unlinked:
                start = min(each.began_at for each in unlinked)
                query = CallQuery(since=start - ENTRY_DELAY)
                found = list(await self._client.items(RECORDINGS, query.params()))
            else:
                found = []
        except (ProviderError, PayloadError) as error:
            _log.info("recordings cannot be read: %s", error.title)
            return {}
        read = [read_call(item) for item in found]
        return {each.recording_id: each.recording_url for each in read}

    def _has_changed(self, sighting: _Sighting) -> bool:
        known = self._known.get(sighting.name)
        return known is not None and known.text != sighting.text

    def _remember(
        self, sightings: list[_Sighting], bodies: dict[str, bytes], since: datetime
    ) -> None:
        """Keep what the longest reach may show again."""
        oldest = since - LONG_REACH
        for each in sightings:
            known = self._known.get(each.name)
            kept = known.body if known is not None and known.text == each.text else b""
            body = bodies.get(each.name, kept)
            self._known[each.name] = replace(each, body=body)
        self._known = {
            name: each for name, each in self._known.items() if each.ended_at >= oldest
        }

    def _delivery(self, body: bytes, received_at: datetime) -> Delivery:
        """One entry as if it had been delivered alone."""
        return Delivery(
            account_id=self._account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=body,
            content_type="application/json",
        )


@frozen
class _Sighting:
    """A history entry as it was at one poll.

    Attributes:
        name: Its call's id, or all of it where it has none.
        text: All of it, to tell changes by.
        body: What was handed over for it; empty for nothing yet.
    """

    name: str
    text: bytes
    item: Item
    call: CallPayload
    began_at: datetime
    ended_at: datetime
    body: bytes = b""

    @property
    def number(self) -> int:
        """The call's id, which grows with time; 0 where it has none."""
        return int(self.name) if is_id(self.name) else 0


def _sighting(item: Item, now: datetime) -> _Sighting:
    call, text = read_call(item), canonical(item)
    began_at = min(call.started_at or now, now)
    ended_at = call.ended_at or began_at
    if not is_over(call):
        ended_at = now
    elif call.ended_at is None and call.connected_at and call.connected_seconds:
        talk = timedelta(seconds=min(max(call.connected_seconds, 0.0), 86_400.0))
        ended_at = max(began_at, min(call.connected_at, now) + talk)
    return _Sighting(
        call.call_id or text.decode(), text, item, call, began_at, ended_at
    )
