"""What is over: the call history, recordings, messages and lost callers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.simulator.http_server import Answer
from screenpop.simulator.routing import Refusal, Route
from screenpop.simulator.sounds import beep
from screenpop.simulator.tele2.asking import (
    BASE,
    Shelf,
    date_time,
    direction,
    integer,
    page,
)
from screenpop.simulator.tele2.company import BOX_ID, BOX_NAME
from screenpop.simulator.tele2.spelling import timestamp

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.routing import Question
    from screenpop.simulator.tele2.options import Tele2Options

_MEDIA = "https://media.example.com"
_SOUNDS = "/media/voicemails"


@dataclass(slots=True, kw_only=True)
class CallEntry:
    """A finished call.

    Attributes:
        caller: As the platform spells it.
        destination: The same.
    """

    call_id: int
    caller: str
    destination: str
    direction: str
    status: int
    started_at: datetime
    connected_at: datetime | None
    ended_at: datetime
    contact_id: int | None
    recording_id: int | None = None

    @property
    def talk_seconds(self) -> int:
        """As the platform counts: one less than the difference, as was seen."""
        if self.connected_at is None:
            return 0
        return max(0, round((self.ended_at - self.connected_at).total_seconds()) - 1)

    def spelled(self) -> JsonObject:
        """As in the call history."""
        return {
            **self._common(),
            "connectionTime": self.talk_seconds,
            "recordingID": self.recording_id,
        }

    def recording(self) -> JsonObject:
        """As in the list of recordings."""
        return {
            **self._common(),
            "recordingID": self.recording_id,
            "recordingURL": recording_url(self.recording_id),
        }

    def _common(self) -> JsonObject:
        return {
            "callID": self.call_id,
            "caller": self.caller,
            "destination": self.destination,
            "direction": self.direction,
            "status": self.status,
            "callStarted": timestamp(self.started_at),
            "callConnected": timestamp(self.connected_at),
            "callEnded": timestamp(self.ended_at),
            "contactID": self.contact_id,
        }


def recording_url(recording_id: int | None) -> str:
    """Where a recording is."""
    return f"{_MEDIA}/recordings/{recording_id}.mp3"


@frozen(kw_only=True)
class Message:
    """A message that a caller left.

    Attributes:
        media: Where its sound is, without the path.
    """

    voicemail_id: int
    sender: str
    seconds: int
    left_at: datetime
    contact_id: int | None
    media: str = _MEDIA

    def spelled(self) -> JsonObject:
        """As in the list of messages, and in the event."""
        return {
            "voicemailID": self.voicemail_id,
            "sender": self.sender,
            "length": self.seconds,
            "callStarted": timestamp(self.left_at),
            "voicemailBoxID": BOX_ID,
            "voicemailBoxName": BOX_NAME,
            "messageURL": f"{self.media}{_SOUNDS}/{self.voicemail_id}.wav",
        }


@dataclass(slots=True, kw_only=True)
class LostCaller:
    """Somebody who was not answered and waits to be called back."""

    caller: str
    destination: str
    last_at: datetime
    attempts: int = 1

    def spelled(self) -> JsonObject:
        """As in the list, and in the events."""
        return {
            "contact_name": "",
            "destination": self.destination,
            "attempts": self.attempts,
            "callerid": self.caller,
            "last_contact": timestamp(self.last_at),
        }


@dataclass(slots=True)
class Archive:
    """Everything that is kept, and the API that reads it."""

    options: Tele2Options
    calls: list[CallEntry] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    lost: list[LostCaller] = field(default_factory=list)

    def routes(self) -> tuple[Route, ...]:
        """History, recordings, messages and lost callers."""
        about_calls = {
            "source": _equals("source", "caller"),
            "destination": _equals("destination", "destination"),
            "direction": lambda query, call: direction(query) == call["direction"],
            "contact_id": _is_employees,
            "date_from": self._is_after,
            "date_to": self._is_before,
        }
        about_messages = {
            "source": _equals("source", "sender"),
            "contact_id": self._is_left_for,
            "box_id": lambda query, message: (
                integer(query, "box_id") == message["voicemailBoxID"]
            ),
            "date_from": self._is_after,
            "date_to": self._is_before,
        }
        shelves = (
            Shelf("call_history", "call_id", self._history, self.options, about_calls),
            Shelf(
                "call_records", "record_id", self._records, self.options, about_calls
            ),
            Shelf(
                "voicemails",
                "voicemail_id",
                self._voicemails,
                self.options,
                about_messages,
            ),
        )
        lost = Route(
            method="GET",
            path=f"{BASE}/lost_calls",
            respond=self._lost_calls,
            query=frozenset({"limit", "offset", "destination", "date_from", "date_to"}),
        )
        sound = Route(
            method="GET",
            path=f"{_SOUNDS}/{{name}}",
            respond=self._sound,
            offers=("audio/wav",),
        )
        return (*(route for shelf in shelves for route in shelf.routes()), lost, sound)

    def lost_caller(self, caller: str) -> LostCaller | None:
        """The entry of `caller`, if there is one."""
        return next((one for one in self.lost if one.caller == caller), None)

    def _history(self) -> Iterator[tuple[int, JsonObject]]:
        for call in self.calls:
            yield call.call_id, call.spelled()

    def _records(self) -> Iterator[tuple[int, JsonObject]]:
        for call in self.calls:
            if call.recording_id is not None:
                yield call.recording_id, call.recording()

    def _voicemails(self) -> Iterator[tuple[int, JsonObject]]:
        for message in self.messages:
            yield message.voicemail_id, message.spelled()

    def _is_left_for(self, query: Mapping[str, str], message: JsonObject) -> bool:
        wanted = integer(query, "contact_id")
        return any(
            one.contact_id == wanted
            for one in self.messages
            if one.voicemail_id == message["voicemailID"]
        )

    @staticmethod
    def _is_after(query: Mapping[str, str], thing: JsonObject) -> bool:
        since = timestamp(date_time(query, "date_from")) or ""
        return str(thing["callStarted"]) >= since

    @staticmethod
    def _is_before(query: Mapping[str, str], thing: JsonObject) -> bool:
        until = timestamp(date_time(query, "date_to")) or ""
        return str(thing["callStarted"]) <= until

    def _sound(self, question: Question) -> Answer:
        """A message's sound, for those who have the key: the strictest reading."""
        wanted = question.names["name"].removesuffix(".wav")
        for message in self.messages:
            if str(message.voicemail_id) == wanted:
                return Answer(body=beep(message.seconds), content_type="audio/wav")
        raise Refusal(404, "No such message")

    def _lost_calls(self, question: Question) -> Answer:
        query = question.query
        since, until = date_time(query, "date_from"), date_time(query, "date_to")
        found = [
            one.spelled()
            for one in reversed(self.lost)
            if query.get("destination", one.destination) == one.destination
            and (since is None or one.last_at >= since)
            and (until is None or one.last_at <= until)
        ]
        return page(question, found, self.options)


def _equals(name: str, key: str) -> Callable[[Mapping[str, str], JsonObject], bool]:
    """Whole numbers only, in the platform's own form: the strictest reading."""
    return lambda query, thing: query[name] == thing[key]


def _is_employees(query: Mapping[str, str], call: JsonObject) -> bool:
    return integer(query, "contact_id") == call["contactID"]
