"""Calls on the simulated MobTexting: what each step tells, which is little."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.simulator.call_story import CallStory, Phase
from screenpop.simulator.mobtexting.logs import FinishedCall
from screenpop.simulator.mobtexting.options import FlowSteps
from screenpop.simulator.mobtexting.spelling import (
    REPORT,
    STEP_OVER,
    STEP_RINGING,
    bare,
    new_uuid,
    stamp,
)
from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.webhooks import Webhook

if TYPE_CHECKING:
    import random
    import threading
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.mobtexting.logs import Logs
    from screenpop.simulator.mobtexting.options import MobTextingOptions
    from screenpop.simulator.mobtexting.registrations import Registrations

_LEG_STATES = {
    ReleaseReason.NORMAL: "CANCEL",
    ReleaseReason.NO_ANSWER: "NOANSWER",
    ReleaseReason.BUSY: "BUSY",
    ReleaseReason.REJECTED: "BUSY",
    ReleaseReason.TRANSFERRED: "NOANSWER",
}


@frozen(kw_only=True)
class Exchange:
    """What a call needs of the cloud.

    Attributes:
        send: Takes a webhook to be delivered.
        name_of: What the account's contacts call a number; "" for nobody.
    """

    clock: Clock
    lock: threading.RLock
    random: random.Random
    options: MobTextingOptions
    registrations: Registrations
    logs: Logs
    send: Callable[[Webhook], None]
    name_of: Callable[[str], str]

    def stamp(self, at: datetime | None) -> str:
        """A moment as MobTexting writes it."""
        return stamp(at or self.clock.now(), self.options.utc_offset_minutes)


class _Call(ABC):
    """What calls in both directions share."""

    def __init__(self, exchange: Exchange, phones: Sequence[str]) -> None:
        self._exchange = exchange
        self._call_id = new_uuid(exchange.random)
        self._finished: FinishedCall | None = None
        self.story = CallStory(exchange.clock, phones)

    @property
    def call_id(self) -> str:
        """As in the flow and in the call log."""
        return self._call_id

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """The call ends and is in the call log."""
        with self._exchange.lock:
            self.story.hang_up(cause)
            self._finished = self._book(cause)
            self._exchange.logs.add(self._finished)
            self._tell_end(self._finished)

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """The log entry gets its recording and notes; nothing is sent about it.

        Args:
            recorded: There is a recording.
            voicemail: Not known to MobTexting.
            transcription: Not known to MobTexting.
            summary: What somebody typed into the portal's notes.
            labels: Not known to MobTexting.
        """
        with self._exchange.lock:
            if self._finished is None:
                raise UsageError("Only a call that is over has a record")
            self._finished.notes = summary
            if recorded and self._finished.recorded_at is None:
                self._exchange.logs.attach_recording(self._finished)

    @abstractmethod
    def _book(self, cause: ReleaseReason) -> FinishedCall:
        """The call as the log keeps it."""

    @abstractmethod
    def _tell_end(self, finished: FinishedCall) -> None:
        """Tell whoever is told."""


class IncomingCall(_Call):
    """A call that a voice flow takes and passes on to the agents.

    Args:
        caller: In E.164; "" when withheld.
        phones: The agents that the flow dials.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        caller: str,
        caller_name: str,
        line: str,
        phones: Sequence[str],
    ) -> None:
        super().__init__(exchange, phones)
        self._caller = caller
        self._name = caller_name or exchange.name_of(caller)
        self._line = line

    def ring(self) -> None:
        """The flow's first “HTTP Request” step, where the customer put one."""
        with self._exchange.lock:
            self.story.ring()
            if self._exchange.options.flow_steps is not FlowSteps.NONE:
                self._step(STEP_RINGING, {**self._variables(), "name": self._name})

    def answer(self, extension: str = "") -> None:
        """An agent picks up; nobody is told."""
        with self._exchange.lock:
            self.story.answer(extension)

    def _book(self, cause: ReleaseReason) -> FinishedCall:
        story, now = self.story, self._exchange.clock.now()
        talk = story.seconds - story.ring_seconds if story.was_answered else 0
        missed = "CANCEL" if cause is ReleaseReason.NORMAL else "MISSED"
        return FinishedCall(
            call_id=self._call_id,
            call_from=self._caller,
            call_to=self._line,
            service="IN",
            bridge=self._line,
            status="COMPLETED" if story.was_answered else missed,
            seconds=story.seconds,
            talk_seconds=talk,
            start_at=story.rang_at or now,
            end_at=story.ended_at or now,
            hangup_by="caller",
            name=self._name,
        )

    def _tell_end(self, finished: FinishedCall) -> None:
        """The flow's second step, where the customer put one."""
        if self._exchange.options.flow_steps is not FlowSteps.RINGING_AND_OVER:
            return
        self._step(
            STEP_OVER,
            {
                **self._variables(),
                "end_at": self._exchange.stamp(finished.end_at),
                "source": "IN",
                "status": finished.status,
                "duration": str(finished.seconds),
                "billing": str(finished.talk_seconds),
                "hangup_by": finished.hangup_by,
            },
        )

    def _variables(self) -> JsonObject:
        return {
            "id": self._call_id,
            "from": bare(self._caller),
            "to": bare(self._line),
            "bridge": bare(self._line),
            "start_at": self._exchange.stamp(self.story.rang_at),
        }

    def _step(self, kind: str, payload: JsonObject) -> None:
        for one in self._exchange.registrations.active():
            self._exchange.send(
                Webhook(kind, one.uri, payload, one.webhook_id, one.headers)
            )


class AskedCall(_Call):
    """A call that a request started: one phone rings, then the other.

    Args:
        first: Who is rung first, in E.164.
        then: Who is connected, in E.164 or ``flow:<id>``.
        service: ``C2C``, or ``OBD`` for a campaign, which has one leg only.
        redials: How often an unanswered phone is rung again.
        campaign: What a call of a campaign is called.
        retry_minutes: When an unanswered one is tried again; 0 for never.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        bridge: str,
        first: str,
        then: str,
        service: str = "C2C",
        reference: str = "",
        webhook_id: str = "",
        is_recorded: bool = False,
        redials: int = 0,
        campaign: str = "",
        retry_minutes: int = 0,
    ) -> None:
        super().__init__(exchange, (bare(first),))
        self.campaign, self.retry_minutes = campaign, retry_minutes
        self.bridge, self.first, self.then = bridge, first, then
        self.redials = redials
        self._service = service
        self._reference = reference
        self._webhook_id = webhook_id
        self._is_recorded = is_recorded
        self._first_at: datetime | None = None
        self._statuses = ("", "")

    @property
    def rings(self) -> int:
        """How often the first phone rings when nobody picks up."""
        return 1 if self._first_at else 1 + self.redials

    @property
    def _has_one_leg(self) -> bool:
        return self._service == "OBD" or self.then.startswith("flow:")

    def ring(self) -> None:
        """The first phone rings; nobody is told."""
        with self._exchange.lock:
            self.story.ring()

    def answer(self, extension: str = "") -> None:
        """The phone that rings is picked up: the first, then the second."""
        with self._exchange.lock:
            if self.story.phase is not Phase.RINGING:
                raise UsageError("A call that does not ring cannot be answered")
            if self._first_at is None and not self._has_one_leg:
                self._first_at = self._exchange.clock.now()
            else:
                self._first_at = self._first_at or self._exchange.clock.now()
                self.story.answer(extension)

    def _book(self, cause: ReleaseReason) -> FinishedCall:
        story, now = self.story, self._exchange.clock.now()
        talk = story.seconds - story.ring_seconds if story.was_answered else 0
        self._statuses = first, second = self._leg_states(cause)
        status = "COMPLETED" if story.was_answered else second or first
        if self._has_one_leg:
            status = "ANSWER" if story.was_answered else first
        finished = FinishedCall(
            call_id=self._call_id,
            call_from=self.first,
            call_to=self.first if self._has_one_leg else self.then,
            service=self._service,
            bridge=self.bridge,
            status=status,
            seconds=story.seconds,
            talk_seconds=talk,
            start_at=story.rang_at or now,
            end_at=story.ended_at or now,
            hangup_by="agent",
            reference=self._reference,
        )
        if self._is_recorded and story.was_answered:
            self._exchange.logs.attach_recording(finished)
        return finished

    def _leg_states(self, cause: ReleaseReason) -> tuple[str, str]:
        if self.story.was_answered:
            return "RECEIVED", "" if self._has_one_leg else "ANSWER"
        if self._first_at is not None:
            return "RECEIVED", _LEG_STATES[cause]
        return _LEG_STATES[cause], ""

    def _tell_end(self, finished: FinishedCall) -> None:
        """The report: the only thing that is told of such a call."""
        payload = self._report(finished)
        for one in self._exchange.registrations.for_report(self._webhook_id):
            self._exchange.send(
                Webhook(REPORT, one.uri, payload, one.webhook_id, one.headers)
            )

    def _report(self, finished: FinishedCall) -> JsonObject:
        exchange, options = self._exchange, self._exchange.options
        first, second = self._statuses
        report: JsonObject = {
            "bridge": self._spelled(self.bridge),
            "from": self._spelled(self.first),
            "to": self._spelled(self.then),
            "source": self._service,
            "start_at": exchange.stamp(finished.start_at),
            "end_at": exchange.stamp(finished.end_at),
            "date": exchange.stamp(None),
            # As in the document's example, it fits none of the other times.
            "unixtime": "1653455555",
            "duration": str(finished.seconds),
            "billing": str(finished.talk_seconds),
            "status": finished.status,
            "hangup_by": finished.hangup_by,
        }
        if self._service == "C2C":
            report |= {"status1": first, "status2": second}
        if finished.recorded_at is not None:
            report["recording_url"] = exchange.logs.link(finished)
        if self._reference and (
            options.report_repeats_reference or self._service == "OBD"
        ):
            report["mid"] = self._reference
        if options.report_has_call_id:
            report["callId"] = self._call_id
        return report

    def _spelled(self, number: str) -> str | int:
        digits = bare(number)
        is_text = self._exchange.options.numbers_are_text or not digits.isdigit()
        return digits if is_text else int(digits)
