"""The call log and the recording log: pages of 15, read as far as is needed."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import NotFound
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.domain.numbers import read_number, same_number
from screenpop.providers.abilities import NamedThing, Recording
from screenpop.providers.mobtexting.mapping import (
    call_id_of,
    digits_of,
    readable_number,
    to_record,
)
from screenpop.providers.mobtexting.payloads import (
    ReportPayload,
    read_delivery,
    read_recordings,
)
from screenpop.providers.protocol import HistoryPage
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from datetime import date

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.mobtexting.client import MobTextingClient
    from screenpop.providers.mobtexting.payloads import PagePayload, RecordingPayload
    from screenpop.providers.mobtexting.zone import AccountZone
    from screenpop.providers.protocol import HistoryQuery, ProviderContext

POLL_INTERVAL_SECONDS: Final = 30.0
MOST_PAGES: Final = 60
USUAL_REACH: Final = timedelta(minutes=15)
LONG_REACH: Final = timedelta(hours=4)
LONG_REACH_EVERY: Final = 20
# A record may be written some time after its call ended.
RECORD_DELAY: Final = timedelta(minutes=2)
KEPT_FOR: Final = timedelta(days=60)
SILENT_CALL_REACH: Final = timedelta(days=1)
_DAY: Final = timedelta(days=1)
_RECORDING_DELAY: Final = timedelta(minutes=10)
_EARLY: Final = timedelta(minutes=1)


@frozen
class LogEntry:
    """One entry of the call log.

    Attributes:
        source: The JSON object it came as.
    """

    source: dict[str, JsonValue]
    payload: ReportPayload
    call_id: str
    record: CallDetailRecord

    @property
    def ended_at(self) -> datetime:
        """When the call was over."""
        seconds = self.record.duration_seconds or 0.0
        return self.record.started_at + timedelta(seconds=seconds)


class CallLogs:
    """Reads the logs of one account.

    Their order is not documented. Newest first is what their pages look like, so
    reading stops early where a page is in that order, and goes on where it is not.
    """

    def __init__(
        self, client: MobTextingClient, context: ProviderContext, zone: AccountZone
    ) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._context = context
        self._zone = zone

    async def entries(
        self, since: datetime | None = None, until: datetime | None = None
    ) -> AsyncIterator[LogEntry]:
        """Calls that ended between two moments, in the order of the log."""
        first, last = self._days(since, until)
        for number in range(1, MOST_PAGES + 1):
            page = await self._client.calls(first, last, number)
            found = self._read(page)
            for entry in found:
                is_after = since is None or entry.ended_at >= since
                if is_after and (until is None or entry.ended_at <= until):
                    yield entry
            if not page.has_next or not page.data or _is_past(found, since):
                return

    async def page(self, query: HistoryQuery) -> HistoryPage:
        """One page of the history; the server has neither a number filter nor sizes."""
        start, size = query.page * query.size, max(query.size, 1)
        wanted = start + size + 1
        found: list[LogEntry] = []
        async for entry in self.entries(query.since, query.until):
            if self._concerns(entry, query.number):
                found.append(entry)
            if query.newest_first and len(found) >= wanted:
                break
        if not query.newest_first:
            found.sort(key=lambda entry: entry.record.started_at)
        shown = found[start : start + size]
        return HistoryPage(
            records=tuple(entry.record for entry in shown),
            call_ids=tuple(entry.call_id for entry in shown),
            page=query.page,
            has_next=len(found) > start + size,
        )

    async def find(
        self, name: str, *, reach: timedelta = KEPT_FOR, by_record: bool = False
    ) -> LogEntry | None:
        """The entry of a call, by our call id or by the vendor's record id."""
        since = None if reach >= KEPT_FOR else datetime.now(UTC) - reach
        async for entry in self.entries(since):
            if name in (entry.payload.call_id, "" if by_record else entry.call_id):
                return entry
        return None

    async def recording(self, call_id: str) -> Recording:
        """A fresh link to the recording of a call.

        Raises:
            NotFound: It has none.
        """
        entry = await self.find(call_id)
        if entry is None:
            raise _no_recording()
        if entry.payload.recording_url:
            return _fresh(entry.payload.recording_url)
        day = self._zone.day(entry.record.started_at)
        for number in range(1, MOST_PAGES + 1):
            page = await self._client.recordings(day - _DAY, day + _DAY, number)
            for item in read_recordings(page):
                if item.url and self._belongs(item, entry):
                    return _fresh(item.url)
            if not page.has_next or not page.data:
                break
        raise _no_recording()

    async def recent_recordings(self) -> tuple[NamedThing, ...]:
        """The entries of the recording log's first page.

        Their links are left out: each opens its recording for whoever has it.
        """
        return _things(await self._client.recordings())

    async def recordings_between(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[NamedThing, ...]:
        """All entries of the recording log of those days, in its order."""
        first, last = self._days(since, until)
        found: list[NamedThing] = []
        for number in range(1, MOST_PAGES + 1):
            page = await self._client.recordings(first, last, number)
            for thing, item in zip(_things(page), read_recordings(page), strict=True):
                at = self._zone.moment(item.created_at)
                is_early = at is not None and since is not None and at < since
                is_late = at is not None and until is not None and at > until
                if not is_early and not is_late:
                    found.append(thing)
            if not page.has_next or not page.data:
                break
        return tuple(found)

    async def recorded(self, recording_id: str) -> NamedThing:
        """One entry of the recording log, with its link.

        Raises:
            NotFound: It is not among those that are kept.
        """
        for number in range(1, MOST_PAGES + 1):
            page = await self._client.recordings(page=number)
            for thing, item in zip(_things(page), read_recordings(page), strict=True):
                if thing.thing_id == recording_id:
                    link = (("sound", item.url),) if item.url else ()
                    return NamedThing(
                        thing.thing_id, thing.name, (*thing.details, *link)
                    )
            if not page.has_next or not page.data:
                break
        raise NotFound(tr("MobTexting has no such recording"))

    def read(
        self, source: dict[str, JsonValue], received_at: datetime
    ) -> LogEntry | None:
        """One object of the log; None when it is no call."""
        payload = read_delivery(FieldReader(source))
        if not isinstance(payload, ReportPayload):
            return None
        record = to_record(payload, received_at=received_at, zone=self._zone)
        return LogEntry(source, payload, call_id_of(payload, received_at), record)

    def _read(self, page: PagePayload) -> list[LogEntry]:
        now = datetime.now(UTC)
        read = (self.read(source, now) for source in page.data)
        return [entry for entry in read if entry is not None]

    def _days(
        self, since: datetime | None, until: datetime | None
    ) -> tuple[date | None, date | None]:
        """A day more on either side: the filter knows days, and zones differ."""
        if since is None and until is None:
            return None, None
        last = self._zone.day(until or datetime.now(UTC)) + _DAY
        first = self._zone.day(since) - _DAY if since else last - KEPT_FOR
        return first, last

    def _concerns(self, entry: LogEntry, number: str) -> bool:
        if not number.strip():
            return True
        wanted = read_number(readable_number(number), self._context.region)
        ends = (entry.payload.caller, entry.payload.called)
        return any(
            same_number(wanted, read_number(readable_number(end), self._context.region))
            for end in ends
        )

    def _belongs(self, item: RecordingPayload, entry: LogEntry) -> bool:
        """By id, else by its parties and the time: the ids may be of another kind."""
        if item.id == entry.payload.call_id:
            return True
        at = self._zone.moment(item.created_at)
        if at is None:
            return False
        theirs = {digits_of(item.caller), digits_of(item.called)}
        ours = {digits_of(entry.payload.caller), digits_of(entry.payload.called)}
        starts = entry.record.started_at - _EARLY
        return theirs == ours and starts <= at <= entry.ended_at + _RECORDING_DELAY


def _is_past(entries: list[LogEntry], since: datetime | None) -> bool:
    """Whether a page in newest-first order reaches back before ``since``."""
    if since is None or not entries:
        return False
    ends = [entry.ended_at for entry in entries]
    return (
        ends == sorted(ends, reverse=True) and ends[-1] < since and ends[0] != ends[-1]
    )


def _things(page: PagePayload) -> tuple[NamedThing, ...]:
    read = zip(read_recordings(page), page.data, strict=True)
    return tuple(_thing(item, FieldReader(source)) for item, source in read)


def _thing(item: RecordingPayload, source: FieldReader) -> NamedThing:
    told = (
        (marked("at"), item.created_at),
        (marked("length"), source.text("duration")),
        (marked("agent"), source.text("agent")),
    )
    parties = tr(
        "{caller} to {called}",
        caller=readable_number(item.caller),
        called=readable_number(item.called),
    )
    return NamedThing(item.id, parties, tuple(pair for pair in told if pair[1]))


def _no_recording() -> NotFound:
    return NotFound(tr("{service} has no recording of this call", service="MobTexting"))


def _fresh(url: str) -> Recording:
    """The link with its end of life, where it bears one (a pre-signed address)."""
    try:
        query = parse_qs(urlsplit(url).query)
        (signed,), (seconds,) = query["X-Amz-Date"], query["X-Amz-Expires"]
        at = datetime.strptime(signed, "%Y%m%dT%H%M%S%z")
        return Recording(url=url, expires_at=at + timedelta(seconds=int(seconds)))
    except (KeyError, ValueError, OverflowError):
        return Recording(url=url)


class LogPoller:
    """Asks the call log again and again, and knows entries again that it has seen."""

    def __init__(self, logs: CallLogs, account_id: str) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._logs = logs
        self._account_id = account_id
        self._seen: dict[str, _Sighting] = {}
        self._polls = 0

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """Calls that ended after ``since``, oldest first, and others not seen before.

        The same ``since`` gives the same calls again, so that none is lost when the
        caller could not keep them. A link that is only signed anew is no change.

        Raises:
            ProviderError: By kind; then nothing counts as seen.
        """
        is_long = self._polls % LONG_REACH_EVERY == 0
        start = since - (LONG_REACH if is_long else USUAL_REACH)
        found = [entry async for entry in self._logs.entries(start)]
        self._polls += 1
        now = datetime.now(UTC)
        wanted: dict[str, tuple[datetime, bytes]] = {}
        for entry in found:
            sighting = _Sighting.of(entry)
            known = self._seen.get(entry.call_id)
            is_old = known is not None and known.fingerprint == sighting.fingerprint
            if known is None or not is_old:
                self._seen[entry.call_id] = known = sighting
            if not is_old or entry.ended_at > since - RECORD_DELAY:
                wanted[entry.call_id] = (entry.ended_at, known.body)
        oldest = since - LONG_REACH
        self._seen = {
            name: seen for name, seen in self._seen.items() if seen.ended_at >= oldest
        }
        ordered = sorted(wanted.values(), key=lambda item: item[0])
        return tuple(self._delivery(body, now) for _, body in ordered)

    def delivery(self, source: dict[str, JsonValue]) -> Delivery:
        """One log entry as if it had been delivered alone."""
        return self._delivery(_canonical(source), datetime.now(UTC))

    def _delivery(self, body: bytes, received_at: datetime) -> Delivery:
        return Delivery(
            account_id=self._account_id,
            source=DeliverySource.POLL,
            received_at=received_at,
            body=body,
            content_type="application/json",
        )


@frozen
class _Sighting:
    """An entry as it was at one poll."""

    fingerprint: int
    ended_at: datetime
    body: bytes

    @classmethod
    def of(cls, entry: LogEntry) -> _Sighting:
        steady = {
            name: value.partition("?")[0] if isinstance(value, str) else value
            for name, value in entry.source.items()
        }
        return cls(hash(_canonical(steady)), entry.ended_at, _canonical(entry.source))


def _canonical(source: dict[str, JsonValue]) -> bytes:
    return json.dumps(source, sort_keys=True, separators=(",", ":")).encode()
