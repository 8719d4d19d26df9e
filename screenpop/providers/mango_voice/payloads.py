"""What Mango Voice tells of calls and messages, typed; with ``answers`` all its names.

Written from the vendor's historical API document (support.mangovoice.com, API v2
documentation). It has lost the parameters of the Interactive Phone Platform, the
fields of the call events, and those of voicemail: the names tried for them are
inferred, from a platform of the same shape (Zoho PhoneBridge), from the vendor's own
call records, and from FreeSWITCH, whose voicemail has the one field that is named.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.providers.mango_voice.requests import squeezed

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.providers.mango_voice.requests import Parameters

SECURITY_HEADER: Final = "x-mango-security-token"


class Endpoint(StrEnum):
    """What a request to our hook address is for, by the end of its path."""

    INTEGRATE = "integrate"
    ACTIVE_USERS = "activeusers"
    CALL_CONTROL = "callcontrol"
    RINGING = "callringing"
    ANSWERED = "callanswered"
    DIALLED = "calldialed"
    MISSED = "callmissed"
    HANGUP = "callhangup"
    SWITCHBOARD = "switchboard"
    EVENTS = ""


_ENDPOINTS: Final = {
    each.value: each for each in Endpoint if each is not Endpoint.EVENTS
}


def endpoint_of(path: str) -> Endpoint:
    """The endpoint that ``path`` names, with or without ``/mango`` before it."""
    for segment in reversed(path.split("/")):
        found = _ENDPOINTS.get(unquote(segment).strip().casefold())
        if found is not None:
            return found
    return Endpoint.EVENTS


# --- live calls -----------------------------------------------------------------------


class LivePhase(StrEnum):
    """What happened to a call."""

    RINGING = "ringing"
    DIALLED = "dialled"
    ANSWERED = "answered"
    MISSED = "missed"
    HANGUP = "hangup"


PHASES: Final = {
    Endpoint.RINGING: LivePhase.RINGING,
    Endpoint.ANSWERED: LivePhase.ANSWERED,
    Endpoint.DIALLED: LivePhase.DIALLED,
    Endpoint.MISSED: LivePhase.MISSED,
    Endpoint.HANGUP: LivePhase.HANGUP,
    Endpoint.SWITCHBOARD: LivePhase.RINGING,
}
_PHASE_WORDS: Final = {
    **dict.fromkeys(("ringing", "ring", "alerting", "incoming", "early"), "ringing"),
    **dict.fromkeys(("offered",), "ringing"),
    **dict.fromkeys(("dialed", "dialled", "dialing", "dialling"), "dialled"),
    **dict.fromkeys(("outgoing",), "dialled"),
    **dict.fromkeys(("answered", "answer", "connected"), "answered"),
    **dict.fromkeys(("inuse", "talking", "oncall", "bridged", "confirmed"), "answered"),
    **dict.fromkeys(("missed", "noanswer", "unanswered"), "missed"),
    **dict.fromkeys(("hangup", "hungup", "ended", "end"), "hangup"),
    **dict.fromkeys(("completed", "disconnected", "terminated", "idle"), "hangup"),
    **dict.fromkeys(("rejected", "cancelled", "canceled"), "hangup"),
}
# ``line_extension_state.ringing``, ``callringing``
_STATE_PREFIX: Final = re.compile(r"^(?:line)?(?:extension)?(?:state)?(?:call)?")
_STATE_NAMES: Final = (
    *("state", "callstate", "extensionstate", "lineextensionstate", "linestate"),
    *("newstate", "status", "callstatus", "event", "eventtype", "eventname"),
    *("action", "type"),
)
_TOPIC_NAMES: Final = (
    *("eventtype", "event", "eventname", "topic", "webhooktype", "notificationtype"),
    *("type", "category"),
)
_CALL_ID_NAMES: Final = (
    *("callid", "calluuid", "calluid", "callrefid", "uuid", "uniqueid", "id"),
)
_CALLER_NAMES: Final = (
    *("from", "fromnumber", "caller", "callernumber", "calleridnumber", "callerid"),
    *("sourcenumber", "cidnumber", "ani", "source"),
)
_CALLER_NAME_NAMES: Final = (
    *("calleridname", "callername", "fromname", "cidname", "sourcename"),
)
_CALLEE_NAMES: Final = (
    *("to", "tonumber", "callee", "calleenumber", "dialednumber", "dialledno"),
    *("destinationnumber", "numberdialed", "did", "destination"),
)
_CALLEE_NAME_NAMES: Final = (
    *("calleename", "toname", "dialnumbername", "dialednumbername", "destinationname"),
)
_DIRECTION_NAMES: Final = ("direction", "calldirection", "calltype", "type")
_DIRECTION_WORDS: Final = {
    **dict.fromkeys(("inbound", "incoming", "received", "in"), "inbound"),
    **dict.fromkeys(("outbound", "outgoing", "dialed", "dialled", "out"), "outbound"),
    **dict.fromkeys(("internal", "local"), "internal"),
    "missed": "inbound",
}
_EXTENSION_NAMES: Final = (
    *("ext", "extension", "extensionnumber", "userextension", "userext"),
    *("agentextension", "agentext", "lineextension", "usernumber"),
)
_EMAIL_NAMES: Final = ("email", "useremail", "agentemail", "mail")
_USER_NAMES: Final = ("zohouser", "userid", "user", "agentid", "agent", "username")
USER_FIELDS: Final = (*_EXTENSION_NAMES, *_EMAIL_NAMES, *_USER_NAMES)
_USER_NAME_NAMES: Final = ("userfullname", "agentname", "extensionname", "displayname")
# Not when the call began: it may have waited in a queue since.
_MOMENT_NAMES: Final = ("eventtime", "eventtimestamp", "timestamp", "timeutc", "time")
_CAUSE_NAMES: Final = (
    *("hangupcause", "cause", "hangupreason", "reason", "callstatus", "status"),
    *("state",),
)
_QUEUE_NAMES: Final = ("queuename", "queue", "queueextension")


@frozen
class PartyPayload:
    """A number with the name that goes with it, both as sent.

    Attributes:
        is_hidden: A field for the number was there, and empty.
    """

    number: str = ""
    name: str = ""
    is_hidden: bool = False


@frozen(kw_only=True)
class UserPayload:
    """Whom a request is about, by whatever it names."""

    extension: str = ""
    email: str = ""
    user_id: str = ""
    name: str = ""

    @property
    def is_named(self) -> bool:
        """Whether anything says who it is."""
        return bool(self.extension or self.email or self.user_id)


@frozen(kw_only=True)
class LivePayload:
    """Something happened to a call while it goes on.

    Attributes:
        direction: ``inbound``, ``outbound``, ``internal``; "" when not told.
        at: When, as far as the event says; the zone is not documented.
        cause: The word for why it ended, squeezed; "" when none is told.
        queue: The queue it waits in.
    """

    phase: LivePhase
    call_id: str
    direction: str
    caller: PartyPayload
    callee: PartyPayload
    user: UserPayload
    at: datetime | None
    cause: str
    queue: str


@frozen(kw_only=True)
class VoicemailPayload:
    """A message, from the voicemail list or its webhook."""

    voicemail_id: str
    call_id: str
    caller: PartyPayload
    box: str
    at: datetime | None
    seconds: float | None
    audio_url: str
    read_epoch: float | None
    transcription: str


@frozen(kw_only=True)
class RecordPayload:
    """A call record (CDR), by the names that the document gives.

    Attributes:
        direction: ``inbound``, ``outbound`` or ``internal``; "" unknown.
        status: ``answered``, ``hangup``, ``rejected`` or ``voicemail``, lower case.
        has_recording: It says that there is one; polled records keep no link.
    """

    record_id: str
    call_id: str
    at: datetime | None
    direction: str
    caller: PartyPayload
    callee: PartyPayload
    source_extension: str
    destination_extension: str
    status: str
    duration_seconds: float | None
    recording_url: str
    has_recording: bool
    details: tuple[tuple[str, str], ...]


@frozen
class OtherPayload:
    """Understood, and nothing about a call: a text message, a queue's change."""


EventPayload = LivePayload | VoicemailPayload | RecordPayload | OtherPayload

_TOPICS: Final = (
    ("voicemail", re.compile(r"voicemail|^vm$")),
    ("record", re.compile(r"calllog|^cdr$|callrecord|calldetail")),
    ("other", re.compile(r"integrationmessage|^sms|^message")),
    ("queue", re.compile(r"callqueue|^queue")),
)
_RECORD_MARKS: Final = ("callflow", "srcext", "dstext", "temprecordingurl")


def read_call_request(parameters: Parameters, phase: LivePhase) -> LivePayload:
    """A request of the Interactive Phone Platform or of a Switchboard."""
    return _live(parameters.fields, phase)


def read_event(parameters: Parameters) -> EventPayload | None:
    """A call-event webhook of either generation, or a polled call record.

    Returns:
        What it says; None (and a problem noted) when it is nothing we know.
    """
    fields = parameters.fields
    topic = _topic(fields)
    if topic == "voicemail":
        return read_voicemail(parameters)
    if topic == "record" or (not topic and _is_record(fields)):
        return read_record(parameters)
    if topic == "other":
        return OtherPayload()
    phase = _phase(fields)
    if phase is None and topic == "queue":
        return OtherPayload()
    if phase is None:
        fields.problems.append("no state of a call that is known")
        return None
    live = _live(fields, phase)
    if (live.queue or topic == "queue") and not live.user.is_named:
        # A queue rings nobody's phone by itself; the phones it rings tell their own.
        return OtherPayload()
    return live


def _topic(fields: FieldReader) -> str:
    words = [squeezed(fields.text(name)) for name in _TOPIC_NAMES]
    for topic, pattern in _TOPICS:
        if any(pattern.search(word) for word in words):
            return topic
    return ""


def _is_record(fields: FieldReader) -> bool:
    has_mark = any(fields.has(name) for name in _RECORD_MARKS)
    return has_mark and (fields.has("callstatus") or fields.has("calltime"))


def _phase(fields: FieldReader) -> LivePhase | None:
    for name in _STATE_NAMES:
        word = _STATE_PREFIX.sub("", squeezed(fields.text(name)))
        if word in _PHASE_WORDS:
            return LivePhase(_PHASE_WORDS[word])
    return None


def _live(fields: FieldReader, phase: LivePhase) -> LivePayload:
    return LivePayload(
        phase=phase,
        call_id=fields.text(*_CALL_ID_NAMES),
        direction=_direction(fields),
        caller=_party(fields, _CALLER_NAMES, _CALLER_NAME_NAMES),
        callee=_party(fields, _CALLEE_NAMES, _CALLEE_NAME_NAMES),
        user=read_user(fields),
        at=_moment(fields, _MOMENT_NAMES),
        cause=_cause(fields),
        queue=fields.text(*_QUEUE_NAMES),
    )


def read_user(fields: FieldReader) -> UserPayload:
    """Whom a request is about."""
    return UserPayload(
        extension=fields.text(*_EXTENSION_NAMES),
        email=fields.text(*_EMAIL_NAMES),
        user_id=fields.text(*_USER_NAMES),
        name=fields.text(*_USER_NAME_NAMES),
    )


def _direction(fields: FieldReader) -> str:
    words = (squeezed(fields.text(name)) for name in _DIRECTION_NAMES)
    return next((_DIRECTION_WORDS[w] for w in words if w in _DIRECTION_WORDS), "")


def _party(
    fields: FieldReader, numbers: tuple[str, ...], names: tuple[str, ...]
) -> PartyPayload:
    inner = tuple(f"{name}number" for name in numbers)
    is_hidden = any(fields.source.get(name) == "" for name in (*numbers, *inner))
    return PartyPayload(fields.text(*numbers, *inner), fields.text(*names), is_hidden)


def _moment(fields: FieldReader, names: tuple[str, ...]) -> datetime | None:
    return next((at for name in names if (at := fields.moment(name))), None)


def _cause(fields: FieldReader) -> str:
    words = [squeezed(fields.text(name)) for name in _CAUSE_NAMES]
    return next((word for word in words if word in CAUSE_WORDS), "")


CAUSE_WORDS: Final = frozenset(
    {"busy", "userbusy", "rejected", "callrejected", "declined", "cancelled"}
    | {"canceled", "originatorcancel", "noanswer", "answeredelsewhere", "loserace"}
    | {"failed", "transferred"}
)


# --- records and messages -------------------------------------------------------------


def read_record(parameters: Parameters) -> RecordPayload:
    """A call record, polled or sent as a "Call Logs" event."""
    fields = parameters.fields
    link = fields.text("temprecordingurl", "recordingurl")
    has_recording = bool(fields.flag("hasrecording"))
    notable = [(name, fields.text(squeezed(name))) for name in _NOTABLE]
    return RecordPayload(
        record_id=fields.text("cdrid", "recordid", "id"),
        call_id=fields.text("calluuid", "callid", "uuid"),
        at=_moment(fields, ("calltime", "starttime", "timestamp", "time")),
        direction=_direction(fields),
        caller=_party(fields, _CALLER_NAMES, _CALLER_NAME_NAMES),
        callee=_party(fields, _CALLEE_NAMES, _CALLEE_NAME_NAMES),
        source_extension=fields.text("srcext", "sourceextension"),
        destination_extension=fields.text("dstext", "destinationextension"),
        status=squeezed(fields.text("callstatus", "status")),
        duration_seconds=_seconds(fields, "duration"),
        recording_url=link,
        has_recording=has_recording or bool(link),
        details=(*((name, text) for name, text in notable if text), *fields.rest()),
    )


def read_voicemail(parameters: Parameters) -> VoicemailPayload:
    """A message; only ``read_epoch`` is documented, the rest is FreeSWITCH's."""
    fields = parameters.fields
    return VoicemailPayload(
        voicemail_id=fields.text(
            *("voicemailid", "vmid", "messageid", "msgid", "id", "uuid")
        ),
        call_id=fields.text("calluuid", "callid"),
        caller=_party(fields, _CALLER_NAMES, _CALLER_NAME_NAMES),
        box=fields.text("mailbox", *_EXTENSION_NAMES, *_USER_NAMES),
        at=_moment(
            fields, ("createdepoch", "created", "createdat", "date", "calltime", "time")
        ),
        seconds=_seconds(fields, "messagelen", "messagelength", "length", "duration"),
        audio_url=fields.text(
            *("tempurl", "temprecordingurl", "recordingurl", "audiourl", "voiceuri"),
            *("fileurl", "url"),
        ),
        read_epoch=fields.number("readepoch"),
        transcription=fields.text("transcription", "transcript", "transcribedtext"),
    )


_NOTABLE: Final = ("callflow", "conference_id")
_RECORDING_LINKS: Final = frozenset({"temprecordingurl", "recordingurl"})


def without_link(record: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """A call record to keep: the link, a secret dead in 300 s, becomes a mark.

    It is another one at every question, too, so that a record that has not changed
    would look as if it had.
    """
    links = {name for name in record if squeezed(name) in _RECORDING_LINKS}
    kept = {name: value for name, value in record.items() if name not in links}
    if any(record[name] for name in links):
        kept["has_recording"] = True
    return kept


def record_name(record: dict[str, JsonValue]) -> str:
    """What tells a call record from others; "" when it bears no id."""
    fields = FieldReader(record)
    ids = (fields.text("id"), fields.text("call_uuid"))
    return "/".join(ids) if any(ids) else ""


def _seconds(fields: FieldReader, *names: str) -> float | None:
    """Seconds, also written as ``hh:mm:ss``."""
    for name in names:
        text = fields.text(name)
        clock = _CLOCK.fullmatch(text)
        if clock is not None:
            hours, minutes, seconds = (float(part or 0) for part in clock.groups())
            return hours * 3600 + minutes * 60 + seconds
        if text:
            return fields.number(name)
    return None


_CLOCK: Final = re.compile(r"(?:(\d{1,3}):)?(\d{1,2}):(\d{1,2}(?:\.\d{1,6})?)")
