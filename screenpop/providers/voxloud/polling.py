"""See finished calls without a webhook, by asking for records again and again."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.providers.voxloud.mapping import to_record
from screenpop.providers.voxloud.payloads import (
    RecordPayload,
    read_delivery,
    record_name,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.providers.voxloud.client import VoxloudClient

POLL_INTERVAL_SECONDS: Final = 30.0
PAGE_SIZE: Final = 100
MOST_PAGES: Final = 50
# A record bears the time its call began but comes when the call is over, and some
# seconds later still: so each question reaches back, now and then a long way.
USUAL_REACH: Final = timedelta(minutes=15)
LONG_REACH: Final = timedelta(hours=4)
LONG_REACH_EVERY: Final = 20
RECORD_DELAY: Final = timedelta(minutes=2)


class RecordPoller:
    """Asks for records, and knows those again that it has seen.

    A record changes when its recording, transcription or summary is ready; it is
    handed over again then, even when its call is long over.
    """

    def __init__(self, client: VoxloudClient, account_id: str) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._account_id = account_id
        self._seen: dict[str, _Sighting] = {}
        self._polls = 0

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The records of calls that ended after ``since``, oldest first.

        The same ``since`` gives the same records again, so that none is lost when
        the caller could not keep them; of earlier ones only those that changed.

        Raises:
            ProviderError: By kind; then nothing counts as seen.
        """
        is_long = self._polls % LONG_REACH_EVERY == 0
        start = since - (LONG_REACH if is_long else USUAL_REACH)
        now = datetime.now(UTC)
        sightings: list[_Sighting] = []
        async for page in self._pages(start):
            sightings += [self._sighting(record, now) for record in page]
        self._polls += 1
        wanted = [
            sighting
            for sighting in sightings
            if sighting.ended_at > since - RECORD_DELAY or self._has_changed(sighting)
        ]
        self._remember(sightings, since)
        wanted.sort(key=lambda sighting: sighting.began_at)
        return tuple(self.delivery(sighting.record, now) for sighting in wanted)

    def delivery(self, record: dict[str, JsonValue], received_at: datetime) -> Delivery:
        """One record as if it had been delivered alone."""
        return Delivery(
            account_id=self._account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=_canonical(record),
            content_type="application/json",
        )

    async def _pages(
        self, start: datetime
    ) -> AsyncIterator[tuple[dict[str, JsonValue], ...]]:
        last: tuple[dict[str, JsonValue], ...] = ()
        for number in range(MOST_PAGES):
            page = await self._client.query_events(
                since=start, page=number, size=PAGE_SIZE, newest_first=False
            )
            if not page.content or page.content == last:
                return
            last = page.content
            yield last
            if page.is_last:
                return

    def _sighting(self, record: dict[str, JsonValue], now: datetime) -> _Sighting:
        text = _canonical(record)
        name, fingerprint = record_name(record) or text.decode(), hash(text)
        known = self._seen.get(name)
        if known is not None and known.fingerprint == fingerprint:
            return replace(known, record=record)
        began_at, ended_at = _span(record, now)
        return _Sighting(name, fingerprint, began_at, ended_at, record)

    def _has_changed(self, sighting: _Sighting) -> bool:
        known = self._seen.get(sighting.name)
        return known is not None and known.fingerprint != sighting.fingerprint

    def _remember(self, sightings: list[_Sighting], since: datetime) -> None:
        """Keep what the longest reach may show again, without the records."""
        oldest = since - LONG_REACH
        for sighting in sightings:
            self._seen[sighting.name] = replace(sighting, record={})
        self._seen = {
            name: seen for name, seen in self._seen.items() if seen.ended_at >= oldest
        }


@frozen
class _Sighting:
    """A record as it was at one poll."""

    name: str
    fingerprint: int
    began_at: datetime
    ended_at: datetime
    record: dict[str, JsonValue]


def _span(record: dict[str, JsonValue], now: datetime) -> tuple[datetime, datetime]:
    """When the record's call began and, at the latest, ended."""
    payload = read_delivery(FieldReader(record))
    if not isinstance(payload, RecordPayload):
        return now, now
    booked = to_record(payload, received_at=now)
    length = timedelta(seconds=booked.duration_seconds or 0)
    return booked.started_at, booked.started_at + length


def _canonical(record: dict[str, JsonValue]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
