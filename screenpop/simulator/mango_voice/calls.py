"""Calls on the simulated Mango Voice: which requests each step makes, and for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from screenpop.domain.errors import UsageError
from screenpop.simulator.call_story import CallStory, Phase
from screenpop.simulator.mango_voice.options import Surface
from screenpop.simulator.mango_voice.records import CallRecord
from screenpop.simulator.mango_voice.spelling import LiveEvent
from screenpop.simulator.mango_voice.voicemail import Message
from screenpop.simulator.protocol import ReleaseReason

if TYPE_CHECKING:
    import threading
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.mango_voice.options import MangoVoiceOptions
    from screenpop.simulator.mango_voice.pbx import Line, User
    from screenpop.simulator.mango_voice.records import CallRecords
    from screenpop.simulator.mango_voice.voicemail import Voicemail


class Exchange(Protocol):
    """What a call needs of the cloud."""

    clock: Clock
    lock: threading.RLock
    options: MangoVoiceOptions
    records: CallRecords
    voicemail: Voicemail

    def new_call_id(self) -> str:
        """A ``call_uuid`` never used before."""
        ...

    def tell(self, event: LiveEvent) -> None:
        """Make the request for something that happened to a user's phone."""
        ...

    def route(self, call: PhoneCall, line: Line) -> tuple[User, ...]:
        """Whom a Switchboard sends the call to; those it was for when in doubt."""
        ...

    def publish(self, record: CallRecord, message: Message | None) -> None:
        """Send the webhooks of a finished call."""
        ...


class PhoneCall:
    """An ordinary call: inbound, outbound or between two extensions.

    Args:
        direction: "inbound", "outbound" or "internal".
        users: Whose phones ring, or who dials.
        line: What was called, or is shown; None between extensions.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        direction: str,
        caller: str,
        caller_name: str,
        callee: str,
        users: Sequence[User],
        line: Line | None,
    ) -> None:
        self._exchange = exchange
        self.direction = direction
        self.caller = caller
        self.caller_name = caller_name
        self.callee = callee
        self._line = line
        self._call_id = exchange.new_call_id()
        self._record: CallRecord | None = None
        self.users = tuple(users)
        self.story = self._story()

    @property
    def call_id(self) -> str:
        """The id in its events and in its record."""
        return self._call_id

    def ring(self) -> None:
        """The phones ring, or the far phone is about to; a Switchboard is asked."""
        if self._is_inbound and self._line and self._line.has_switchboard:
            self.users = self._exchange.route(self, self._line)
            self.story = self._story()
        with self._exchange.lock:
            at = self.story.ring()
            for user in self.users:
                self._tell("ringing" if self._is_inbound else "dialed", at, user)

    def answer(self, extension: str = "") -> None:
        """Somebody picks up; the phones of the others stop ringing."""
        with self._exchange.lock:
            at = self.story.answer(extension)
            if not self._is_inbound:
                self._tell_far_answer(at)
                return
            for user in self.users:
                has_won = user.extension == self.story.answered_by
                self._tell("answered" if has_won else "missed", at, user)

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """The call ends, and is in the list of call records."""
        with self._exchange.lock:
            at = self.story.hang_up(cause)
            for user in self.users:
                if not self._is_inbound or user.extension == self.story.answered_by:
                    self._tell("hangup", at, user)
                elif not self.story.was_answered:
                    self._tell("missed", at, user)
            self._record = self._kept_record(at)
            self._exchange.records.add(self._record)

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """The "Call Logs" webhook, and "Voicemail" with a message.

        Args:
            recorded: There is a recording.
            voicemail: The caller left a message.
            transcription: What was said in it.
            summary: Not in this vendor's records.
            labels: Nor are they.
        """
        del summary, labels
        with self._exchange.lock:
            record = self._record
            if record is None:
                raise UsageError("Only a call that is over has a record")
            record.has_recording = recorded
            message = None
            if voicemail:
                record.status = "voicemail"
                message = self._message(record, transcription)
                self._exchange.voicemail.add(message)
            self._exchange.publish(record, message)

    @property
    def _is_inbound(self) -> bool:
        return self.direction == "inbound"

    def _story(self) -> CallStory:
        return CallStory(self._exchange.clock, [user.extension for user in self.users])

    def _tell_far_answer(self, at: datetime) -> None:
        """The platform tells of inbound answers only."""
        if self._exchange.options.surface is not Surface.PLATFORM:
            self._tell("answered", at, self.users[0])

    def _tell(self, kind: str, at: datetime, user: User, direction: str = "") -> None:
        self._exchange.tell(
            LiveEvent(
                kind=kind,
                call_id=self._call_id,
                at=at,
                started_at=self.story.rang_at or at,
                direction=direction or self.direction,
                caller=self.caller,
                caller_name=self.caller_name,
                callee=self.callee,
                user=user,
                seconds=self.story.seconds,
            )
        )

    def _kept_record(self, at: datetime) -> CallRecord:
        story = self.story
        status = "answered" if story.was_answered else "hangup"
        if story.release_reason is ReleaseReason.REJECTED:
            status = "rejected"
        return CallRecord(
            record_id=self._exchange.records.next_id(),
            call_id=self._call_id,
            at=story.rang_at or at,
            direction=self.direction,
            caller=self.caller,
            callee=self.callee,
            source_extension="" if self._is_inbound else self.users[0].extension,
            answered_by=story.answered_by if self._is_inbound else "",
            status=status,
            seconds=story.seconds,
            callflow=self._line.name if self._line else "",
        )

    def _message(self, record: CallRecord, transcription: str) -> Message:
        return Message(
            message_id=self._exchange.voicemail.new_id(),
            extension=self.users[0].extension,
            caller=self.caller,
            caller_name=self.caller_name,
            at=self._exchange.clock.now(),
            seconds=12,
            call_id=record.call_id,
            transcription=transcription,
        )


class ClickCall(PhoneCall):
    """A call that Click2Call started: the agent's phone rings, then the far one.

    The first :meth:`answer` is the agent's, the second the far party's. What the
    agent's ring looks like to a subscriber is not documented; the harder reading is
    taken: an inbound call from the number that is being called.
    """

    def __init__(self, exchange: Exchange, *, agent: User, number: str, line: Line):
        self._agent = agent
        self._is_agent_up = False
        super().__init__(
            exchange,
            direction="outbound",
            caller=number,
            caller_name="",
            callee=agent.extension,
            users=(agent,),
            line=line,
        )
        self._number = number
        self._shown = line.number

    def ring(self) -> None:
        """The agent's own phone rings."""
        with self._exchange.lock:
            self._tell("ringing", self.story.ring(), self._agent, "inbound")

    def answer(self, extension: str = "") -> None:
        """The agent picks up and the far phone is dialled; or the far party does."""
        with self._exchange.lock:
            if self._is_agent_up:
                self._tell_far_answer(self.story.answer(extension))
                return
            if self.story.phase is not Phase.RINGING:
                raise UsageError("A call that does not ring cannot be answered")
            self._is_agent_up = True
            at = self._exchange.clock.now()
            self._tell("answered", at, self._agent, "inbound")
            self.caller, self.callee = self._shown, self._number
            self._tell("dialed", at, self._agent)

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """The call ends; its record is that of an outbound call."""
        with self._exchange.lock:
            self.caller, self.callee = self._shown, self._number
            super().hang_up(cause)
