"""See finished calls without a webhook, by asking for records again and again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.providers.voxloud.mapping import to_record
from screenpop.providers.voxloud.payloads import (
    RecordPayload,
    read_delivery,
    record_name,
)

if TYPE_CHECKING:
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
    """Asks for records and hands over those that are new or have changed.

    A record changes when its recording, transcription or summary is ready.
    """

    def __init__(self, client: VoxloudClient, account_id: str) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._account_id = account_id
        self._seen: dict[str, tuple[datetime, int]] = {}
        self._polls = 0

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The records of calls that ended after ``since``, oldest first.

        Raises:
            ProviderError: By kind; then nothing counts as handed over.
        """
        is_long = self._polls % LONG_REACH_EVERY == 0
        start = since - (LONG_REACH if is_long else USUAL_REACH)
        records = await self._records(start)
        self._polls += 1
        now = datetime.now(UTC)
        self._forget_before(since - LONG_REACH)
        fresh = [
            (at, source)
            for at, ended_at, source in (_timed(record, now) for record in records)
            if self._is_news(source, at, is_recent=ended_at > since - RECORD_DELAY)
        ]
        fresh.sort(key=lambda pair: pair[0])
        return tuple(self.delivery(source, now) for _at, source in fresh)

    def delivery(self, record: dict[str, JsonValue], received_at: datetime) -> Delivery:
        """One record as if it had been delivered alone."""
        return Delivery(
            account_id=self._account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=_canonical(record),
            content_type="application/json",
        )

    async def _records(self, start: datetime) -> list[dict[str, JsonValue]]:
        found: list[dict[str, JsonValue]] = []
        for page in range(MOST_PAGES):
            answer = await self._client.query_events(
                since=start, page=page, size=PAGE_SIZE, newest_first=False
            )
            is_repeated = list(answer.content) == found[-len(answer.content) :]
            if is_repeated or not answer.content:
                break
            found.extend(answer.content)
            if answer.is_last:
                break
        return found

    def _is_news(
        self, record: dict[str, JsonValue], at: datetime, *, is_recent: bool
    ) -> bool:
        text = _canonical(record)
        name = record_name(record) or text.decode()
        known, fingerprint = self._seen.get(name), hash(text)
        self._seen[name] = (at, fingerprint)
        return is_recent if known is None else known[1] != fingerprint

    def _forget_before(self, moment: datetime) -> None:
        self._seen = {
            name: seen for name, seen in self._seen.items() if seen[0] >= moment
        }


def _timed(
    record: dict[str, JsonValue], now: datetime
) -> tuple[datetime, datetime, dict[str, JsonValue]]:
    """When the record's call began and, at the latest, ended."""
    payload = read_delivery(FieldReader(record))
    if not isinstance(payload, RecordPayload):
        return now, now, record
    booked = to_record(payload, received_at=now)
    length = timedelta(seconds=booked.duration_seconds or 0)
    return booked.started_at, booked.started_at + length, record


def _canonical(record: dict[str, JsonValue]) -> bytes:
    return json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
