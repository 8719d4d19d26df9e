"""The call list and the call details of the simulated PrimeVOX."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.simulator.primevox.options import EmptyData
from screenpop.simulator.primevox.records import INBOUND, INTERNAL, OUTBOUND

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.primevox.options import PrimevoxOptions
    from screenpop.simulator.primevox.records import Record

_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
# The star code that each value of filterInternalApp stands for.
_SERVICES = {"1": "*45", "2": "*97", "3": "*43", "4": "*62", "5": "*49", "6": "*80"}
_SWITCHES = {"0", "1"}
_MENU_EVENTS = {"0": {51, 52, 53, 54, 55}, "52": {52}, "53": {53}, "54": {54, 55}}

LIST_NAMES = frozenset(
    {
        *("fromDate", "toDate", "utcOffset", "page"),
        *("showInbound", "showOutbound", "showInternal"),
        *("filterInboundCallerNumber", "filterInboundDid"),
        *("filterInboundExtenReceived", "filterOutboundNumberDialed"),
        *("filterOutboundExtenDialed", "filterInternalExten", "filterInternalApp"),
        *("filterWentToVoicemail", "filterSpokeToPerson", "filterFlaggedFollowup"),
        *("filterCallSeverity", "filterCallHasNotes", "filterIvrId"),
        *("filterIvrEventType", "filterIvrPushed"),
    }
)


class Complaint(Exception):
    """The request is answered with this error message."""


class Archive:
    """Every call, oldest first."""

    def __init__(self, options: PrimevoxOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._records: dict[str, Record] = {}

    def add(self, record: Record) -> None:
        """Keep `record`."""
        self._records[record.call_uuid] = record

    def find(self, call_uuid: str) -> Record | None:
        """The call of that UUID."""
        return self._records.get(call_uuid)

    def all(self) -> tuple[Record, ...]:
        """Every call, those going on among them."""
        return tuple(self._records.values())

    def listed(self, query: Mapping[str, str], base_url: str) -> JsonObject:
        """The answer of ``call_list.php``.

        Raises:
            Complaint: A value is not one of those the page allows.
        """
        offset = whole(query, "utcOffset", 0)
        start, end = self._day(offset)
        since = moment(query, "fromDate", offset) or start
        until = moment(query, "toDate", offset) or end
        fits = _filters(query)
        found = [
            record
            for record in self._records.values()
            if record.is_over and since <= record.at <= until and fits(record)
        ]
        found.sort(key=lambda record: record.at, reverse=self._options.newest_first)
        size, page = self._options.page_size, whole(query, "page", 1)
        if page < 1:
            raise Complaint("The page is invalid.")
        shown = found[(page - 1) * size : page * size]
        answer: JsonObject = {
            "currentResultSize": len(shown),
            "currentPage": page,
            "maxResultSize": len(found),
            "maxPages": -(-len(found) // size),
            "utcOffset": offset,
        }
        return answer | self._data(shown, offset, base_url)

    def detailed(self, query: Mapping[str, str], base_url: str) -> JsonObject:
        """The answer of the call details.

        Raises:
            Complaint: There is no such call.
        """
        offset = whole(query, "utcOffset", 0)
        record = self._records.get(query.get("callUUID", ""))
        is_shown = record is not None and (
            record.is_over or self._options.details_while_going_on
        )
        if record is None or not is_shown:
            raise Complaint("Your CallUUID is missing.")
        size, page = self._options.page_size, whole(query, "page", 1)
        shown = record.events[(page - 1) * size : page * size]
        return {
            "currentResultSize": len(shown),
            "currentPage": page,
            "maxResultSize": len(record.events),
            "maxPages": -(-len(record.events) // size),
            "utcOffset": offset,
            **record.spelled(offset, base_url),
            self._options.events_name: {
                event.event_id: event.spelled(offset) for event in shown
            },
        }

    def _data(self, shown: list[Record], offset: int, base_url: str) -> JsonObject:
        if shown:
            rows: JsonObject = {
                record.call_uuid: record.spelled(offset, base_url)
                | {"transcription": record.transcription or None}
                for record in shown
            }
            return {"data": rows}
        empty: dict[EmptyData, JsonObject] = {
            EmptyData.ARRAY: {"data": []},
            EmptyData.NULL: {"data": None},
            EmptyData.ABSENT: {},
            EmptyData.OBJECT: {"data": {}},
        }
        return empty[self._options.empty_data]

    def _day(self, offset: int) -> tuple[datetime, datetime]:
        """Today, as seen from the offset."""
        here = self._clock.now() + timedelta(minutes=offset)
        start = here.replace(hour=0, minute=0, second=0, microsecond=0)
        start -= timedelta(minutes=offset)
        return start, start + timedelta(days=1, seconds=-1)


def whole(query: Mapping[str, str], name: str, default: int) -> int:
    """A whole number from the query; raises Complaint."""
    text = query.get(name, str(default))
    if not re.fullmatch(r"-?\d{1,6}", text):
        raise Complaint(f"{name} is invalid.")
    return int(text)


def moment(query: Mapping[str, str], name: str, offset: int) -> datetime | None:
    """A date and time from the query, as seen from the offset; raises Complaint."""
    text = query.get(name)
    if text is None:
        return None
    if not _DATE.fullmatch(text):
        raise Complaint(f"{name} is invalid.")
    here = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return here - timedelta(minutes=offset)


def _filters(query: Mapping[str, str]) -> Callable[[Record], bool]:
    """Whether a call passes every filter of the query; raises Complaint."""
    for name in ("showInbound", "showOutbound", "showInternal"):
        _expect(query, name, _SWITCHES)
    for name in ("filterWentToVoicemail", "filterSpokeToPerson"):
        _expect(query, name, _SWITCHES)
    for name in ("filterFlaggedFollowup", "filterCallHasNotes"):
        _expect(query, name, _SWITCHES)
    _expect(query, "filterCallSeverity", set("012345"))
    _expect(query, "filterInternalApp", set(_SERVICES))
    _expect(query, "filterIvrEventType", set(_MENU_EVENTS))
    _expect(query, "filterIvrPushed", set("0123456789*#"))
    by_direction = {
        INBOUND: lambda record: _inbound_fits(record, query),
        OUTBOUND: lambda record: _outbound_fits(record, query),
        INTERNAL: lambda record: _internal_fits(record, query),
    }

    def fits(record: Record) -> bool:
        return by_direction[record.direction](record) and _marks_fit(record, query)

    return fits


def _inbound_fits(record: Record, query: Mapping[str, str]) -> bool:
    return (
        query.get("showInbound", "1") == "1"
        and query.get("filterInboundCallerNumber", record.caller) == record.caller
        and query.get("filterInboundDid", record.dialled) == record.dialled
        and _is_one_of(query.get("filterInboundExtenReceived"), record.took)
        and (query.get("filterWentToVoicemail") != "1" or record.went_to_voicemail)
        and (query.get("filterSpokeToPerson") != "1" or record.spoke_to_person)
    )


def _outbound_fits(record: Record, query: Mapping[str, str]) -> bool:
    return (
        query.get("showOutbound", "1") == "1"
        and query.get("filterOutboundNumberDialed", record.dialled) == record.dialled
        and _is_one_of(query.get("filterOutboundExtenDialed"), {record.made_by})
    )


def _internal_fits(record: Record, query: Mapping[str, str]) -> bool:
    service = query.get("filterInternalApp")
    return (
        query.get("showInternal", "1") == "1"
        and _is_one_of(
            query.get("filterInternalExten"), {record.caller, record.dialled}
        )
        and (service is None or record.dialled == _SERVICES[service])
    )


def _marks_fit(record: Record, query: Mapping[str, str]) -> bool:
    severity = query.get("filterCallSeverity")
    return (
        (query.get("filterFlaggedFollowup") != "1" or record.is_flagged)
        and (query.get("filterCallHasNotes") != "1" or bool(record.notes))
        and (severity is None or record.severity == int(severity))
        and _menu_fits(record, query)
    )


def _menu_fits(record: Record, query: Mapping[str, str]) -> bool:
    menu = query.get("filterIvrId")
    kinds = _MENU_EVENTS[query.get("filterIvrEventType", "0")]
    pushed = query.get("filterIvrPushed")
    if menu is None:
        return True
    return any(
        event.kind in kinds
        and event.data[0] == menu
        and (pushed is None or event.data[3:4] == (pushed,))
        for event in record.events
    )


def _is_one_of(wanted: str | None, known: set[str]) -> bool:
    return wanted is None or wanted in known


def _expect(query: Mapping[str, str], name: str, values: set[str]) -> None:
    if name in query and query[name] not in values:
        raise Complaint(f"{name} is invalid.")
