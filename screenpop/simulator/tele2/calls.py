"""Calls on the simulated Tele2: which events each step sends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.call_story import CallStory
from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.tele2.archive import CallEntry
from screenpop.simulator.tele2.spelling import timestamp

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.tele2.company import Employee
    from screenpop.simulator.tele2.exchange import Exchange

_MESSAGE_SECONDS = 14
_STARTED, _CONNECTED, _COMPLETED = 1, 3, 5


class MobileCall:
    """A call to or from one or several employees.

    Args:
        direction: ``in`` or ``out``.
        caller: In E.164; "" withheld.
        destination: In E.164.
        employees: Whose phones ring, or who calls.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        direction: str,
        caller: str,
        destination: str,
        employees: Sequence[Employee],
    ) -> None:
        self._exchange = exchange
        self._direction = direction
        self._caller = exchange.company.spelled(caller)
        self._destination = exchange.company.spelled(destination)
        self._by_id = {str(one.contact_id): one for one in employees}
        self._call_id = exchange.new_id()
        self._previous: Employee | None = None
        self._holder: Employee | None = None
        self._entry: CallEntry | None = None
        self.story = CallStory(exchange.clock, list(self._by_id))

    @property
    def call_id(self) -> str:
        """The ``callID`` of its events, as text."""
        return str(self._call_id)

    def ring(self) -> None:
        """CallStarted, once for each employee."""
        with self._exchange.lock:
            self.story.ring()
            for employee in self._by_id.values():
                self._tell("CallStarted", employee, status=_STARTED)

    def answer(self, extension: str = "") -> None:
        """CallConnected for who talks; nothing for the others."""
        with self._exchange.lock:
            self.story.answer(extension)
            self._holder = self._by_id[self.story.answered_by]
            self._tell(
                "CallConnected",
                self._holder,
                status=_CONNECTED,
                callConnected=timestamp(self.story.answered_at),
            )

    def transfer(self, employee: Employee) -> None:
        """CallTransfered: from now on `employee` has the call."""
        with self._exchange.lock:
            if self._holder is None:
                raise UsageError("Only a call that was answered can be transferred")
            now = self._exchange.clock.now()
            self._previous, self._holder = self._holder, employee
            self._tell(
                "CallTransfered",
                employee,
                status=_CONNECTED,
                callConnected=timestamp(self.story.answered_at),
                connectionTime=self._talked_until(now),
                previous_contactID=self._previous.contact_id,
            )

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """CallCompleted, and what becomes of the list of lost callers."""
        with self._exchange.lock:
            at = self.story.hang_up(cause)
            for employee in self._enders():
                self._complete(at, employee)
            self._entry = CallEntry(
                call_id=self._call_id,
                caller=self._caller,
                destination=self._destination,
                direction=self._direction,
                status=self._final_status(),
                started_at=self.story.rang_at or at,
                connected_at=self.story.answered_at,
                ended_at=at,
                contact_id=self._ender_id(),
            )
            self._exchange.keep(self._entry)
            self._settle_lost()

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """CallRecorded and VoicemailCreated; Tele2 has nothing of the rest."""
        with self._exchange.lock:
            if self._entry is None:
                raise UsageError("Only a call that is over has a record")
            if recorded:
                self._exchange.record(self._entry)
            if voicemail:
                self._exchange.leave_message(self._entry, _MESSAGE_SECONDS)

    def _complete(self, at: datetime, employee: Employee | None) -> None:
        previous = self._previous.contact_id if self._previous else None
        added: JsonObject = {
            "callConnected": timestamp(self.story.answered_at),
            "connectionTime": self._talked_until(at),
            "previous_contactID": previous,
        }
        if self._exchange.options.completed_has_end:
            added["callEnded"] = timestamp(at)
        self._tell("CallCompleted", employee, status=self._final_status(), **added)

    def _enders(self) -> tuple[Employee | None, ...]:
        if self._holder is not None:
            return (self._holder,)
        if self._exchange.options.names_unanswered:
            return tuple(self._by_id.values())
        return (None,)

    def _ender_id(self) -> int | None:
        (first, *rest) = self._enders()
        return None if first is None or rest else first.contact_id

    def _settle_lost(self) -> None:
        exchange = self._exchange
        if self._direction == "in" and not self.story.was_answered:
            exchange.lose(self._caller, self._destination)
        elif self.story.was_answered:
            is_inbound = self._direction == "in"
            exchange.find_again(self._caller if is_inbound else self._destination)

    def _final_status(self) -> int:
        if self.story.was_answered:
            return _COMPLETED
        return self._exchange.options.unanswered_status

    def _talked_until(self, at: datetime) -> int:
        if self.story.answered_at is None:
            return 0
        return max(0, round((at - self.story.answered_at).total_seconds()) - 1)

    def _tell(
        self, name: str, employee: Employee | None, *, status: int, **added: object
    ) -> None:
        data: JsonObject = {
            "callID": self._call_id,
            "caller": self._caller,
            "destination": self._destination,
            "direction": self._direction,
            "status": status,
            "callStarted": timestamp(self.story.rang_at),
            "contactID": employee.contact_id if employee else None,
            **added,
        }
        self._exchange.tell(name, data)
