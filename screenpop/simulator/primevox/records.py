"""What the simulated PrimeVOX keeps of a call: its row in the list, and its events."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject

INBOUND, OUTBOUND, INTERNAL = 1, 2, 3


@frozen
class Event:
    """One step of a call, as a row of the table of event types has it."""

    event_id: str
    at: datetime
    kind: int
    data: tuple[str, ...] = ()

    def spelled(self, offset: int) -> JsonObject:
        """As the details write it."""
        columns = (*self.data, "", "", "", "")[:4]
        at = self.at + timedelta(minutes=offset)
        return {
            "eventUuid": self.event_id,
            "eventDate": at.strftime("%Y-%m-%d %H:%M:%S.%f"),
            "eventType": self.kind,
            **{f"eventData{number}": one for number, one in enumerate(columns, 1)},
        }


@dataclass(slots=True, kw_only=True)
class Record:
    """One call.

    Attributes:
        took: The extensions that spoke to the caller, or whose voicemail took it.
        made_by: The extension that dialled.
        is_over: It is in the call list.
    """

    call_uuid: str
    direction: int
    at: datetime
    caller_name: str
    caller: str
    dialled: str
    seconds: int = 0
    recording: str = ""
    did_description: str = ""
    did_group: str = ""
    prefix: str = ""
    last_event: str = ""
    is_flagged: bool = False
    severity: int = 0
    notes: str = ""
    went_to_voicemail: bool = False
    spoke_to_person: bool = False
    transcription: str = ""
    took: set[str] = field(default_factory=set)
    made_by: str = ""
    is_over: bool = False
    events: list[Event] = field(default_factory=list)

    def spelled(self, offset: int, base_url: str) -> JsonObject:
        """As the call list writes it, but for the transcription."""
        url = ""
        if self.recording:
            url = f"{base_url}/recordings/{self.recording}"
        inside = self.direction != OUTBOUND
        row: JsonObject = {
            "callUuid": self.call_uuid,
            "callDate": (self.at + timedelta(minutes=offset)).strftime(
                "%Y-%m-%d %H:%M:%S"
            ),
            "callDirection": self.direction,
            "cidName": self.caller_name,
            "cidNum": self.caller,
            "numDialed": self.dialled,
            "duration": self.seconds,
            "callRecorded": int(bool(self.recording)),
            "recordingUrl": url,
            "lastEvent": self.last_event,
            "callFlagged": int(self.is_flagged),
            "callSeverity": self.severity,
            "callNotes": self.notes,
            "wentToVoicemail": int(self.went_to_voicemail) if inside else None,
            "spokeToPerson": int(self.spoke_to_person) if inside else None,
        }
        if self.direction == INBOUND:
            row["didDescription"] = self.did_description
            row["cidPrefix"] = self.prefix
            row["didGroup"] = self.did_group
        return row
