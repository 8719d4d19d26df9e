"""Call records: the list, its count, the filters, and recordings that are soon gone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl

from screenpop.simulator.fields import whole_number
from screenpop.simulator.http_server import Answer, json_answer
from screenpop.simulator.mango_voice.spelling import bare, stamp
from screenpop.simulator.routing import Refusal
from screenpop.simulator.sounds import beep

if TYPE_CHECKING:
    import random
    from collections.abc import Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject, Request
    from screenpop.simulator.mango_voice.options import MangoVoiceOptions

DEFAULT_DAYS = 30
LINK_SECONDS = 300.0
_SOUND_SECONDS = 3
_FILTERS = ("extension", "daterange", "direction", "recording", "call_uuid")
_LIST_ONLY = frozenset({"recording", "call_uuid"})
_DIRECTIONS = frozenset({"inbound", "outbound", "internal"})
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?: \d\d:\d\d:\d\d)?")


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """A finished call.

    Attributes:
        has_recording: There is something to make a temporary link to.
    """

    record_id: int
    call_id: str
    at: datetime
    direction: str
    caller: str
    callee: str
    source_extension: str = ""
    answered_by: str = ""
    status: str
    seconds: int
    callflow: str = ""
    has_recording: bool = False

    def spelled(self, link: str) -> JsonObject:
        """By the names of the document."""
        return {
            "id": self.record_id,
            "callflow": self.callflow,
            "conference_id": "",
            "duration": self.seconds,
            "source_number": bare(self.caller),
            "destination_number": bare(self.callee),
            "call_time": stamp(self.at),
            "call_direction": self.direction,
            "call_uuid": self.call_id,
            "src_ext": self.source_extension,
            "dst_ext": self.answered_by,
            "call_status": self.status,
            "temp_recording_url": link,
        }


class CallRecords:
    """Every finished call, oldest first, and the API that reads them."""

    def __init__(
        self, options: MangoVoiceOptions, clock: Clock, chance: random.Random
    ) -> None:
        self._options = options
        self._clock = clock
        self._random = chance
        self._records: list[CallRecord] = []
        self._links: dict[str, float] = {}
        self._last_id = 4_100

    def next_id(self) -> int:
        """An id for a new record."""
        self._last_id += 1
        return self._last_id

    def add(self, record: CallRecord) -> None:
        """Keep `record`."""
        self._records.append(record)

    def link(self, record: CallRecord, base_url: str) -> str:
        """A new temporary link to its recording; "" when there is none."""
        return self.new_link(base_url) if record.has_recording else ""

    def new_link(self, base_url: str) -> str:
        """A new temporary link to a sound."""
        token = f"{self._random.getrandbits(96):024x}"
        self._links[token] = self._clock.monotonic() + LINK_SECONDS
        return f"{base_url}/recordings/{token}.wav"

    def play(self, token: str) -> Answer:
        """The sound behind a link, unless it has died."""
        dies_at = self._links.get(token)
        if dies_at is None:
            raise Refusal(404, "No such recording")
        if self._clock.monotonic() >= dies_at:
            raise Refusal(403, "The link has expired")
        return Answer(body=beep(_SOUND_SECONDS), content_type="audio/x-wav")

    def answer(
        self, request: Request, action: str, segments: Sequence[str], base_url: str
    ) -> Answer:
        """``list`` or ``count`` with the filters in `segments`."""
        if request.method != "GET":
            raise Refusal(405, f"Not with {request.method}", {"Allow": "GET"})
        query = _read_query(request.query)
        filters = self._read_filters(segments, is_count=action == "count")
        found = [one for one in self._records if self._fits(one, filters)]
        if action == "count":
            return json_answer({"count": len(found)})
        # The newest come first; the document names no order.
        found.reverse()
        if not self._options.lists_in_pages:
            return json_answer([one.spelled(self.link(one, base_url)) for one in found])
        return self._page(request, found, query, base_url)

    def _page(
        self,
        request: Request,
        found: Sequence[CallRecord],
        query: dict[str, str],
        base_url: str,
    ) -> Answer:
        size = self._options.page_size
        page = whole_number(query, "page", default=1, least=1)
        shown = found[(page - 1) * size : page * size]
        following = None
        if page * size < len(found):
            following = f"{base_url}{request.path}?format=json&page={page + 1}"
        return json_answer(
            {
                "count": len(found),
                "next": following,
                "previous": None,
                "results": [one.spelled(self.link(one, base_url)) for one in shown],
            }
        )

    def _read_filters(
        self, segments: Sequence[str], *, is_count: bool
    ) -> dict[str, str]:
        if len(segments) % 2:
            raise Refusal(404, "A filter without a value")
        pairs = list(zip(segments[::2], segments[1::2], strict=True))
        names = [name for name, _ in pairs]
        if len(set(names)) != len(names) or set(names) - set(_FILTERS):
            raise Refusal(404, "No such filter")
        if is_count and _LIST_ONLY & set(names):
            raise Refusal(404, "That filter is for the list only")
        filters = dict(pairs)
        if filters.get("direction", "inbound") not in _DIRECTIONS:
            raise Refusal(400, "direction must be inbound, outbound or internal")
        if not filters.get("extension", "1").isdigit():
            raise Refusal(400, "extension must be a number")
        _read_dates(filters.get("daterange", ""))
        return filters if self._options.combines_filters else dict(pairs[:1])

    def _fits(self, record: CallRecord, filters: dict[str, str]) -> bool:
        since, until = _read_dates(filters.get("daterange", ""))
        now = self._clock.now()
        if since is None:
            since = (until or now) - timedelta(days=DEFAULT_DAYS)
        if "call_uuid" in filters or "recording" in filters:
            since, until = datetime.min.replace(tzinfo=UTC), None
        extension = filters.get("extension")
        ends = (record.source_extension, record.answered_by)
        return (
            since <= record.at <= (until or now)
            and extension in (None, *ends)
            and filters.get("direction", record.direction) == record.direction
            and filters.get("call_uuid", record.call_id) == record.call_id
            and filters.get("recording", str(record.record_id)) == str(record.record_id)
        )


def _read_query(text: str) -> dict[str, str]:
    query = dict(parse_qsl(text, keep_blank_values=True))
    if set(query) - {"format", "page"}:
        raise Refusal(400, "Unknown parameter")
    if query.get("format") != "json":
        raise Refusal(406, "The simulator shows JSON only: ?format=json")
    return query


def _read_dates(text: str) -> tuple[datetime | None, datetime | None]:
    if not text:
        return None, None
    dates = dict(parse_qsl(text, keep_blank_values=True))
    if set(dates) - {"start_date", "end_date"} or not all(
        map(_DATE.fullmatch, dates.values())
    ):
        raise Refusal(400, "daterange is start_date=…&end_date=…")
    start, end = dates.get("start_date"), dates.get("end_date")
    return _moment(start, is_end=False), _moment(end, is_end=True)


def _moment(text: str | None, *, is_end: bool) -> datetime | None:
    """A date, or a date and time, in UTC; an end date means the whole day."""
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        raise Refusal(400, "daterange holds a date that is none") from None
    return moment + timedelta(days=1) if is_end and len(text) == 10 else moment
