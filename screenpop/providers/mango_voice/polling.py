"""Repair gaps: Mango Voice sends nothing twice, but it keeps a list of all calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.frozen import frozen
from screenpop.providers.mango_voice.answers import CallFilters
from screenpop.providers.mango_voice.mapping import to_record
from screenpop.providers.mango_voice.payloads import (
    read_record,
    record_name,
    without_link,
)
from screenpop.providers.mango_voice.requests import parameters_of

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.mango_voice.client import MangoVoiceClient

# No limit of the vendor's is published.
POLL_INTERVAL_SECONDS: Final = 60.0
# A record bears the time its call began, and comes when the call is over.
USUAL_REACH: Final = timedelta(minutes=20)
LONG_REACH: Final = timedelta(hours=4)
LONG_REACH_EVERY: Final = 15
RECORD_DELAY: Final = timedelta(minutes=3)


@frozen
class _Sighting:
    """A record as it was at one poll."""

    name: str
    body: bytes
    began_at: datetime
    ended_at: datetime


class RecordPoller:
    """Asks for call records, and knows those again that it has seen."""

    def __init__(self, client: MangoVoiceClient, account_id: str) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._account_id = account_id
        self._seen: dict[str, tuple[int, datetime]] = {}
        self._polls = 0

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The records of calls that ended after ``since``, oldest first.

        The same ``since`` gives the same records again, so that none is lost when
        the caller could not keep them; of earlier ones those that are new or changed.

        Raises:
            ProviderError: By kind; then nothing counts as seen.
        """
        is_long = self._polls % LONG_REACH_EVERY == 0
        reach = LONG_REACH if is_long else USUAL_REACH
        records, reply = await self._client.list_calls(CallFilters(since=since - reach))
        now = reply.received_at
        sightings = [_sighting(record, now) for record in records]
        wanted = [
            each
            for each in sightings
            if each.ended_at > since - RECORD_DELAY or self._is_changed(each)
        ]
        self._polls += 1
        self._remember(sightings, since)
        wanted.sort(key=lambda each: each.began_at)
        return tuple(self._delivery(each.body, now) for each in wanted)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What the vendor has of one call."""
        records, _ = await self._client.list_calls(CallFilters(call_id=call_id))
        now = datetime.now(UTC)
        return tuple(self._delivery(_kept(each), now) for each in records)

    def _delivery(self, body: bytes, received_at: datetime) -> Delivery:
        return Delivery(
            account_id=self._account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=body,
            content_type="application/json",
        )

    def _is_changed(self, sighting: _Sighting) -> bool:
        known = self._seen.get(sighting.name)
        return known is not None and known[0] != hash(sighting.body)

    def _remember(self, sightings: list[_Sighting], since: datetime) -> None:
        """Keep what the longest reach may show again."""
        for each in sightings:
            self._seen[each.name] = (hash(each.body), each.ended_at)
        oldest = since - LONG_REACH
        self._seen = {
            name: seen for name, seen in self._seen.items() if seen[1] >= oldest
        }


def _sighting(record: dict[str, JsonValue], now: datetime) -> _Sighting:
    payload = read_record(parameters_of(record))
    booked = to_record(payload, received_at=now)
    length = timedelta(seconds=booked.duration_seconds or 0)
    body = _kept(record)
    return _Sighting(
        record_name(record) or body.decode(),
        body,
        booked.started_at,
        booked.started_at + length,
    )


def _kept(record: dict[str, JsonValue]) -> bytes:
    """The record as one body, the same as long as nothing in it has changed."""
    kept = without_link(record)
    return json.dumps(kept, sort_keys=True, separators=(",", ":")).encode()
