"""Look back: the list of call records, looked through and cut into pages here."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from screenpop.domain.errors import NotFound
from screenpop.domain.numbers import national_significant, read_number
from screenpop.providers.mango_voice import mapping
from screenpop.providers.mango_voice.answers import CallFilters
from screenpop.providers.mango_voice.client import SERVICE
from screenpop.providers.mango_voice.payloads import RecordPayload, read_record
from screenpop.providers.mango_voice.requests import parameters_of
from screenpop.providers.protocol import HistoryPage
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.events import CallerId
    from screenpop.providers.mango_voice.client import MangoVoiceClient
    from screenpop.providers.protocol import HistoryQuery

# Fewer digits than these are an extension, and compared as a whole.
_FEWEST_DIGITS = 7


class CallList:
    """Reads the call records; what a filter was asked for is looked at again here.

    Mango Voice documents neither pages nor an order nor a filter by number.
    """

    def __init__(self, client: MangoVoiceClient, region: str) -> None:
        """Remember whom to ask, and how to read national numbers."""
        self._client = client
        self._region = region

    async def page(
        self,
        query: HistoryQuery,
        filters: CallFilters,
        *,
        caller: str = "",
        callee: str = "",
    ) -> HistoryPage:
        """One page of the finished calls that fit all of it."""
        filters = replace(filters, since=query.since, until=query.until)
        records, reply = await self._client.list_calls(filters)
        fitting: list[tuple[RecordPayload, CallDetailRecord]] = []
        for record in records:
            payload = read_record(parameters_of(record))
            booked = mapping.to_record(payload, received_at=reply.received_at)
            numbers = ((query.number, True, True), (caller, True, False))
            if _fits(payload, booked, filters) and all(
                self._concerns(booked, text, at_caller=first, at_callee=second)
                for text, first, second in (*numbers, (callee, False, True))
            ):
                fitting.append((payload, booked))
        fitting.sort(key=lambda each: each[1].started_at, reverse=query.newest_first)
        start = query.page * query.size
        shown = fitting[start : start + query.size]
        return HistoryPage(
            records=tuple(booked for _, booked in shown),
            call_ids=tuple(
                mapping.call_id_of(payload, reply.received_at) for payload, _ in shown
            ),
            page=query.page,
            has_next=len(fitting) > start + query.size,
            total=len(fitting),
        )

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by the vendor's record id.

        Raises:
            NotFound: There is none.
        """
        for found in await self._booked(CallFilters(record_id=record_id)):
            if found.record_id == record_id:
                return found
        raise NotFound(tr("{service} does not know it", service=SERVICE))

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call, each with a fresh link if recorded."""
        if call_id.startswith(mapping.RECORD_PREFIX):
            record_id = call_id.removeprefix(mapping.RECORD_PREFIX)
            return await self._booked(CallFilters(record_id=record_id))
        if mapping.is_made_up(call_id):
            return ()
        try:
            return await self._booked(CallFilters(call_id=call_id))
        except NotFound:
            return ()

    async def _booked(self, filters: CallFilters) -> tuple[CallDetailRecord, ...]:
        records, _ = await self._client.list_calls(filters)
        now = datetime.now(UTC)
        payloads = [read_record(parameters_of(each)) for each in records]
        return tuple(
            mapping.to_record(payload, received_at=now)
            for payload in payloads
            if not filters.call_id or payload.call_id in ("", filters.call_id)
        )

    def _concerns(
        self, booked: CallDetailRecord, text: str, *, at_caller: bool, at_callee: bool
    ) -> bool:
        """Whether one of these ends of a call is the number in ``text``."""
        if not text.strip():
            return True
        wanted = self._comparable(text.strip())
        ends = [booked.caller] * at_caller + [booked.callee] * at_callee
        return any(self._is_at(end, wanted) for end in ends)

    def _is_at(self, end: CallerId, wanted: str) -> bool:
        known = self._comparable(end.number)
        if len(wanted) < _FEWEST_DIGITS:
            return known == wanted
        return known.endswith(wanted)

    def _comparable(self, text: str) -> str:
        number = read_number(mapping.readable_number(text), self._region)
        digits = "".join(filter(str.isdigit, text))
        return national_significant(number.e164) or number.extension or digits


def _fits(
    payload: RecordPayload, booked: CallDetailRecord, filters: CallFilters
) -> bool:
    """Whether a record is what was asked for; one that does not say is kept."""
    at = booked.started_at
    extensions = (
        *(payload.source_extension, payload.destination_extension),
        *(payload.caller.number, payload.callee.number),
    )
    return (
        (filters.since is None or at >= filters.since)
        and (filters.until is None or at <= filters.until)
        and (not filters.direction or payload.direction in ("", filters.direction))
        and (not filters.extension or filters.extension in extensions)
    )
