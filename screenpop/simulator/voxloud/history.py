"""Telephony events: the history of finished calls and faxes, and its queries."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

from screenpop.simulator.fields import Fields, whole_number
from screenpop.simulator.http_server import Answer, json_answer
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.voxloud.payloads import milliseconds, without_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.routing import Question
    from screenpop.simulator.voxloud.options import VoxloudOptions
    from screenpop.simulator.voxloud.payloads import Record

_PATH = "/api/v1/telephony-events"
_DEFAULT_SIZE = 20

_SORT_KEYS: dict[str, Callable[[Record], datetime | int | str]] = {
    "timestamp": lambda record: record.at,
    "id": lambda record: record.record_id,
    "duration": lambda record: record.duration_seconds,
    "direction": lambda record: record.direction,
    "type": lambda record: record.record_type,
    "originatorNumber": lambda record: record.originator.number,
    "destinationNumber": lambda record: record.destination.number,
}

_COLUMNS = (
    "id", "type", "accountId", "direction", "timestamp", "originatorName",
    "originatorNumber", "destinationName", "destinationNumber", "answererName",
    "answererNumber", "lastEvent", "duration", "ringTime", "archived", "callId",
    "recorded", "recordingUrl", "voicemail", "voicemail_url", "labels", "ruleNames",
    "contactCrm", "contactCrmUrl", "crmLogo", "transcription", "summary",
    "sentiment_score", "maskCallerNumber", "clickToCallType", "queueCallId",
)  # fmt: skip


class History:
    """Every finished call and fax, oldest first, and the API that reads them."""

    def __init__(self, options: VoxloudOptions) -> None:
        self._options = options
        self._records: list[Record] = []
        self._last_id = 8_500

    def next_id(self) -> int:
        """An id for a new record."""
        self._last_id += 1
        return self._last_id

    def add(self, record: Record) -> None:
        """Keep `record`."""
        self._records.append(record)

    def routes(self) -> tuple[Route, ...]:
        """The telephony events API."""
        return (
            Route(
                method="POST",
                path=_PATH,
                respond=self._query,
                query=frozenset({"sort", "size", "page"}),
                takes_body=True,
                offers=("application/json", "text/csv"),
            ),
            Route(
                method="GET",
                path=_PATH,
                respond=self._by_call_id,
                query=frozenset({"callId"}),
            ),
            Route(method="GET", path=f"{_PATH}/{{id}}", respond=self._by_id),
        )

    def _query(self, question: Question) -> Answer:
        fields = Fields(question.content)
        number = fields.text("number")
        if fields.has("number") and not number.removeprefix("+").isdigit():
            raise Refusal(400, "number must be a telephone number")
        since = fields.moment("date_time_from")
        until = fields.moment("date_time_to")
        fields.finish()
        found = [
            record
            for record in self._records
            if (since is None or record.at >= since)
            and (until is None or record.at <= until)
            and (not number or _concerns(record, number))
        ]
        sort = _sort(found, question.query.get("sort", ""))
        size = whole_number(question.query, "size", default=_DEFAULT_SIZE, least=1)
        size = min(size, self._options.largest_page)
        page = whole_number(question.query, "page", default=0, least=0)
        shown = found[page * size : (page + 1) * size]
        if question.accepts == "text/csv":
            return Answer(body=_csv(shown), content_type="text/csv;charset=UTF-8")
        return json_answer(_page(shown, sort, total=len(found), size=size, page=page))

    def _by_id(self, question: Question) -> Answer:
        wanted = question.names["id"]
        for record in self._records:
            if str(record.record_id) == wanted:
                return json_answer(self._found(record))
        raise Refusal(404, "No such event")

    def _by_call_id(self, question: Question) -> Answer:
        wanted = question.query.get("callId")
        if not wanted:
            raise Refusal(400, "callId is required")
        for record in self._records:
            if record.call_id == wanted:
                event = self._found(record)
                is_array = self._options.found_by_call_id_is_array
                return json_answer([event] if is_array else event)
        raise Refusal(404, "No such event")

    def _found(self, record: Record) -> JsonObject:
        if self._options.found_timestamps_are_text:
            return record.as_queried()
        return record.spelled(milliseconds(record.at))


def _concerns(record: Record, number: str) -> bool:
    """Whether one of the record's numbers is `number`, or ends in it.

    The document asks for ``06123456789`` where events hold ``3906…`` as well: a
    national number finds the international one.
    """
    wanted = number.removeprefix("+")
    for known in map(without_plus, record.numbers()):
        is_long = len(wanted) >= 6
        if known == wanted or (is_long and known.endswith(wanted.lstrip("0"))):
            return True
    return False


def _sort(records: list[Record], text: str) -> list[JsonObject]:
    """Sort `records` in place; returns the page's description of it."""
    if not text:
        return []
    name, _, direction = text.partition(",")
    if name not in _SORT_KEYS or direction not in ("", "asc", "desc"):
        raise Refusal(400, "sort must be a property and asc or desc")
    is_descending = direction == "desc"
    records.sort(key=_SORT_KEYS[name], reverse=is_descending)
    return [
        {
            "direction": "DESC" if is_descending else "ASC",
            "property": name,
            "ignoreCase": False,
            "nullHandling": "NATIVE",
            "ascending": not is_descending,
            "descending": is_descending,
        }
    ]


def _page(
    shown: Sequence[Record],
    sort: list[JsonObject],
    *,
    total: int,
    size: int,
    page: int,
) -> JsonObject:
    pages = -(-total // size)
    return {
        "content": [record.as_queried() for record in shown],
        "last": page >= pages - 1,
        "totalElements": total,
        "totalPages": pages,
        "sort": sort,
        "first": page == 0,
        "numberOfElements": len(shown),
        "size": size,
        "number": page,
    }


def _csv(records: Sequence[Record]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_COLUMNS)
    for record in records:
        values = record.as_queried()
        writer.writerow([_cell(values.get(column)) for column in _COLUMNS])
    return text.getvalue().encode()


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value)
