"""Calls on the simulated PrimeVOX: their events, their row, their two webhooks."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.call_story import CallStory
from screenpop.simulator.primevox.records import OUTBOUND, Event
from screenpop.simulator.protocol import ReleaseReason

if TYPE_CHECKING:
    import random
    import threading
    from collections.abc import Callable, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.primevox.options import PrimevoxOptions
    from screenpop.simulator.primevox.pbx import Did, Extension
    from screenpop.simulator.primevox.records import Record

CALLED_IN, RANG, ANSWERED, HUNG_UP, BY_API = 1, 3, 4, 5, 6
BUSY, NO_ANSWER, VOICEMAIL, GROUP, GROUP_ANSWERED, LEFT = 9, 10, 25, 28, 29, 36
DIALLED, ABROAD, FAR_ANSWERED = 37, 43, 89
_GROUP = ("8311", "All phones")
_GAVE_UP = {
    ReleaseReason.NO_ANSWER: (NO_ANSWER, "Extension No Answer"),
    ReleaseReason.REJECTED: (NO_ANSWER, "Extension No Answer"),
    ReleaseReason.BUSY: (BUSY, "Extension Busy"),
}


class Exchange:
    """What a call needs of the cloud: time, ids, a lock and webhooks out.

    Args:
        send: Takes the fields of a webhook for the number that was called.
    """

    def __init__(
        self,
        *,
        clock: Clock,
        lock: threading.RLock,
        chance: random.Random,
        options: PrimevoxOptions,
        send: Callable[[Did, JsonObject], None],
        keep: Callable[[Record], None],
    ) -> None:
        self.clock = clock
        self.lock = lock
        self.options = options
        self.send = send
        self.keep = keep
        self._random = chance

    def new_uuid(self) -> str:
        """A UUID never used before."""
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


class PrimevoxCall:
    """One call, inbound, outbound or internal.

    Args:
        record: Its row, with who called and who was called.
        phones: Whose phones ring, or who calls out.
        did: The number that was called, for an inbound call.
        by_api: A request started it: our own phone rings first.
    """

    def __init__(
        self,
        exchange: Exchange,
        record: Record,
        phones: Sequence[Extension],
        *,
        did: Did | None = None,
        by_api: bool = False,
    ) -> None:
        self._exchange = exchange
        self.record = record
        self._phones = tuple(phones)
        self._did = did
        self._by_api = by_api
        self._is_agent_up = False
        self.story = CallStory(exchange.clock, [one.number for one in phones])

    @property
    def call_id(self) -> str:
        """Its ``callUuid``."""
        return self.record.call_uuid

    def ring(self) -> None:
        """``InboundCall``, once for the number; nothing for the other directions."""
        with self._exchange.lock:
            self.record.at = self.story.ring()
            self._exchange.keep(self.record)
            if self._did is not None:
                self._note(CALLED_IN, self._did.number)
                if len(self._phones) > 1:
                    self._note(GROUP, self._phones[0].endpoint, *_GROUP)
                self._tell_of_ring(self._did)
            if self.record.direction != OUTBOUND or self._by_api:
                if self._by_api:
                    self._note(BY_API)
                for phone in self._phones:
                    self._note(RANG, phone.endpoint, phone.number, phone.name)
            else:
                self._dial()

    def answer(self, extension: str = "") -> None:
        """Somebody picks up; no webhook tells of it."""
        with self._exchange.lock:
            if self._by_api and not self._is_agent_up:
                self._is_agent_up = True
                agent = self._phones[0]
                self._note(ANSWERED, agent.endpoint, agent.number, agent.name)
                self._dial()
                return
            self.story.answer(extension)
            if self.record.direction == OUTBOUND:
                self._note(FAR_ANSWERED)
                return
            taker = self._taker()
            self._note(ANSWERED, taker.endpoint, taker.number, taker.name)
            if len(self._phones) > 1:
                self._note(GROUP_ANSWERED, taker.number, taker.endpoint, _GROUP[1])
            self.record.spoke_to_person = True
            self.record.took.add(taker.number)

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """``HangupCall`` for an inbound call; the call list has it from now on."""
        with self._exchange.lock:
            self.story.hang_up(cause)
            self.record.last_event = "Hangup (Normal)"
            if not self.story.was_answered and cause in _GAVE_UP:
                kind, self.record.last_event = _GAVE_UP[cause]
                for phone in self._phones:
                    self._note(kind, phone.endpoint, phone.number, phone.name)
            self._note(HUNG_UP, "3", "0")
            self.record.seconds = self.story.seconds
            self.record.is_over = True
            if self._did is not None:
                self._tell_of_end(self._did)

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """What was worked out since the end joins the row; no webhook tells of it.

        Args:
            recorded: There is a recording.
            voicemail: The caller left a message.
            transcription: What was said.
            summary: PrimeVOX makes none; it stands in for the transcription.
            labels: PrimeVOX has none.
        """
        with self._exchange.lock:
            if not self.record.is_over:
                raise UsageError("Only a call that is over has a record")
            if recorded:
                self.record.recording = f"{self.call_id}.wav"
            self.record.transcription = transcription or summary
            if voicemail:
                box = self._phones[0]
                self.record.went_to_voicemail = True
                self.record.took.add(box.number)
                self.record.last_event = "Voicemail Left"
                self._note(VOICEMAIL, box.endpoint, box.number, box.name)
                self._note(LEFT)

    def _dial(self) -> None:
        number = self.record.dialled
        kind = ABROAD if number.startswith("011") else DIALLED
        self._note(kind, number, self.record.caller_name, self.record.caller)

    def _taker(self) -> Extension:
        return next(one for one in self._phones if one.number == self.story.answered_by)

    def _note(self, kind: int, *data: str) -> None:
        at = self._exchange.clock.now()
        event = Event(self._exchange.new_uuid(), at, kind, data)
        self.record.events.append(event)

    def _tell_of_ring(self, did: Did) -> None:
        self._exchange.send(
            did,
            {
                "eventType": "InboundCall",
                "eventTarget": "phoneNumber",
                "didNumber": did.number,
                "didDescription": did.description,
                "didGroup": did.group,
                "cidPrefix": did.prefix,
                "callUuid": self.call_id,
                "callerIdNum": self.record.caller,
                "callerIdName": self.record.caller_name,
            },
        )

    def _tell_of_end(self, did: Did) -> None:
        is_named = self._exchange.options.hangup_names_extension
        who = self._taker() if is_named and self.story.was_answered else None
        self._exchange.send(
            did,
            {
                "eventType": "HangupCall",
                "extNumber": who.number if who else "",
                "extName": who.name if who else "",
                "callUuid": self.call_id,
                "callerIdNum": self.record.caller,
                "callerIdName": self.record.caller_name,
            },
        )
