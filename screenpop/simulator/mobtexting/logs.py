"""The call log and the recording log of the simulated MobTexting."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from screenpop.simulator.mobtexting.spelling import (
    bare,
    clock_text,
    day_range,
    new_uuid,
    page_answer,
    stamp,
    success,
)
from screenpop.simulator.routing import Refusal, Route

if TYPE_CHECKING:
    import random

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import Answer, JsonObject
    from screenpop.simulator.mobtexting.options import MobTextingOptions
    from screenpop.simulator.routing import Question

CALLS = "/api/v2/voice/calls"
RECORDINGS = "/api/v2/voice/recordings"
CALL_STATE = "/api/v2/outgoing/callstatus"
LINK_SECONDS = 3600
KEPT_DAYS = 60
# The last three are what the vendor's own client for Python sends by mistake when it
# asks for recordings: it gets the log, unfiltered.
_LOG_FILTERS = frozenset(
    {
        "datetime[end_at]",
        "page",
        "datetime[r.created_at]",
        "Accept",
        "Authorization",
    }
)


@dataclass(slots=True, kw_only=True)
class FinishedCall:
    """A call that is over.

    Attributes:
        service: ``IN``, ``C2C`` or ``OBD``.
        recorded_at: When its recording was ready; None without one.
    """

    call_id: str
    call_from: str
    call_to: str
    service: str
    bridge: str
    status: str
    seconds: int
    talk_seconds: int
    start_at: datetime
    end_at: datetime
    hangup_by: str
    name: str = ""
    notes: str = ""
    reference: str = ""
    recording_id: str = ""
    recorded_at: datetime | None = None


class Logs:
    """Every finished call, and the API that lists them newest first."""

    def __init__(
        self, options: MobTextingOptions, clock: Clock, chance: random.Random
    ) -> None:
        self._options = options
        self._clock = clock
        self._random = chance
        self._calls: list[FinishedCall] = []

    def routes(self) -> tuple[Route, ...]:
        """The logs."""
        return (
            Route(
                method="GET",
                path=CALLS,
                respond=self._list_calls,
                query=_LOG_FILTERS,
            ),
            Route(
                method="GET",
                path=RECORDINGS,
                respond=self._list_recordings,
                query=frozenset({"datetime[r.created_at]", "page"}),
            ),
            Route(
                method="GET",
                path=CALL_STATE,
                respond=self._state,
                query=frozenset({"id", "cid", "date", "mobile"}),
            ),
        )

    def add(self, call: FinishedCall) -> None:
        """Keep `call`."""
        self._calls.append(call)

    def attach_recording(self, call: FinishedCall) -> None:
        """Its recording is ready now."""
        call.recording_id = new_uuid(self._random)
        call.recorded_at = self._clock.now()

    def link(self, call: FinishedCall) -> str:
        """A pre-signed address of its recording, another one each time."""
        signed = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        return (
            f"https://media.example.com/rc/{call.call_id}.mp3?X-Amz-Date={signed}"
            f"&X-Amz-Expires={LINK_SECONDS}&X-Amz-Signature="
            f"{self._random.getrandbits(128):032x}"
        )

    def _kept(self) -> list[FinishedCall]:
        horizon = self._clock.now() - timedelta(days=KEPT_DAYS)
        kept = [call for call in self._calls if call.end_at > horizon]
        return sorted(kept, key=lambda call: call.end_at, reverse=True)

    def _list_calls(self, question: Question) -> Answer:
        offset = self._options.utc_offset_minutes
        days = day_range(question.query, "end_at", offset)
        found = [
            self._spelled(call)
            for call in self._kept()
            if days is None or days[0] <= call.end_at < days[1]
        ]
        return page_answer(
            found,
            question.query,
            path=CALLS,
            is_older=self._options.has_older_log_pages,
        )

    def _list_recordings(self, question: Question) -> Answer:
        offset = self._options.utc_offset_minutes
        days = day_range(question.query, "r.created_at", offset)
        found: list[JsonObject] = [
            {
                "id": call.recording_id,
                "call_from": bare(call.call_from),
                "call_to": bare(call.call_to),
                "audio": self.link(call),
                "duration": clock_text(call.seconds),
                "agent": None,
                "created_at": stamp(call.recorded_at, offset),
            }
            for call in self._kept()
            if call.recorded_at is not None
            and (days is None or days[0] <= call.recorded_at < days[1])
        ]
        return page_answer(
            found,
            question.query,
            path=RECORDINGS,
            is_older=self._options.has_older_log_pages,
        )

    def _state(self, question: Question) -> Answer:
        """Of calls that requests started, by one of their names."""
        query = question.query
        if len(query) != 1:
            raise Refusal(422, "One of id, cid, date and mobile is required")
        ((name, wanted),) = query.items()
        offset = self._options.utc_offset_minutes
        found: list[JsonObject] = [
            {
                "id": call.call_id,
                "channel": "outgoing",
                "from": bare(call.bridge),
                "to": bare(call.call_to),
                "created_at": stamp(call.start_at, offset),
                "foreign_id": call.reference,
                "status": call.status,
                "start_at": stamp(call.start_at, offset),
                "end_at": stamp(call.end_at, offset),
                "dtmf": "",
            }
            for call in self._kept()
            if call.service != "IN"
            and wanted
            == {
                "id": call.call_id,
                "cid": call.reference,
                "date": stamp(call.start_at, offset)[:10],
                "mobile": bare(call.call_to),
            }[name]
        ]
        if not found and name == "id":
            raise Refusal(404, "Call not found")
        return success(found)

    def _spelled(self, call: FinishedCall) -> JsonObject:
        offset = self._options.utc_offset_minutes
        return {
            "id": call.call_id,
            "call_from": bare(call.call_from),
            "call_to": bare(call.call_to),
            "service": call.service,
            "bridge": bare(call.bridge),
            "status": call.status,
            "duration": clock_text(call.seconds),
            "billing": clock_text(call.talk_seconds),
            "pulsing": "30",
            "charges": "0.0150",
            "start_at": stamp(call.start_at, offset),
            "end_at": stamp(call.end_at, offset),
            "hangup_by": call.hangup_by,
            "dtmf": None,
            "location": "GB",
            "region": None,
            "provider": None,
            "notes": call.notes or None,
            "audio": self.link(call) if call.recorded_at else None,
            "name": call.name or None,
        }
