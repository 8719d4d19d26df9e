"""The simulated Tele2: a strict, stateful reading of the vendor's documents."""

from __future__ import annotations

import re
from collections import deque
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UsageError
from screenpop.simulator.cloud import CloudFrame
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.fields import Fields, is_e164
from screenpop.simulator.routing import Refusal, Route, Router
from screenpop.simulator.tele2.archive import Archive, CallEntry, LostCaller
from screenpop.simulator.tele2.asking import BASE
from screenpop.simulator.tele2.calls import MobileCall
from screenpop.simulator.tele2.carrier import STREAM_SCHEME, Carrier
from screenpop.simulator.tele2.company import LINES, Company
from screenpop.simulator.tele2.exchange import Exchange
from screenpop.simulator.tele2.options import Tele2Options
from screenpop.simulator.tele2.registrations import (
    SESSION_PATH,
    STREAM_PATH,
    Registrations,
)
from screenpop.simulator.tele2.spelling import WEBHOOK_FORMAT, failure, success
from screenpop.simulator.webhooks import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import Answer, Request
    from screenpop.simulator.people import PastCall, Person
    from screenpop.simulator.routing import Question
    from screenpop.simulator.tele2.archive import Message
    from screenpop.simulator.tele2.registrations import Stream, Webhook
    from screenpop.simulator.webhooks import Webhook as Outgoing

_DIALABLE: Final = re.compile(r"\+?\d{3,15}")
_MINUTE: Final = 60.0


class Tele2Cloud(CloudFrame):
    """A local stand-in for Tele2 Mobili Stotele.

    Args:
        options: How to read what the documents leave open.
        autoplay_seconds: Calls placed by request go on by themselves, a step every
            so many seconds; None leaves them to the test.
    """

    vendor = "tele2"
    extension = "1741000000000101"

    def __init__(
        self,
        *,
        port: int = 0,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        autoplay_seconds: float | None = None,
        options: Tele2Options | None = None,
    ) -> None:
        super().__init__(
            webhook_format=WEBHOOK_FORMAT,
            retry=retry,
            port=port,
            faults=faults,
            seed=seed,
            clock=clock,
            autoplay_seconds=autoplay_seconds,
        )
        self.options = options or Tele2Options()
        self.forbidden_paths: frozenset[str] = frozenset()
        self._api_key = f"{self.random.getrandbits(160):040x}"
        self._asked: deque[float] = deque()
        self.company = Company(self.options)
        self.archive = Archive(self.options)
        self._registrations = Registrations(
            self.options, self.lock, self.random, self._api_key
        )
        self.deliverer = Carrier(
            self.scheduler,
            faults=self.fault_source,
            log=self._deliveries,
            format=WEBHOOK_FORMAT,
            retry=retry or RetryPolicy(),
            is_wanted=self.is_wanted,
            report=self.report_attempt,
            push=self._push,
        )
        self._exchange = Exchange(
            clock=self.clock,
            lock=self.lock,
            options=self.options,
            company=self.company,
            archive=self.archive,
            registrations=self._registrations,
            send=self.deliverer.send,
            media=lambda: self.options.media_url or self.base_url,
        )
        self._router = Router(
            (
                self._dial_route(),
                *self.company.routes(),
                *self.archive.routes(),
                *self._registrations.routes(),
            )
        )
        self._older_router = Router((self._registrations.session_route(),))

    @property
    def credentials(self) -> Mapping[str, str]:
        """The API key."""
        return {"api_key": self._api_key}

    @property
    def lines(self) -> tuple[str, ...]:
        """The company's numbers, the main one first."""
        return LINES

    @property
    def example_request(self) -> str:
        """A shell command that tries the key."""
        return (
            f'curl "{self.base_url}{BASE}/trigger/contacts?initial_contact_id=0"'
            f' -H "Authorization: Bearer {self._api_key}"'
        )

    @property
    def webhooks(self) -> tuple[Webhook, ...]:
        """The webhooks as they stand."""
        with self.lock:
            return self._registrations.webhooks

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The open streams."""
        return self._registrations.streams

    def break_streams(self) -> None:
        """Close every stream, as a restart of the vendor's does."""
        self._registrations.close_streams()

    def say(self, message: bytes) -> None:
        """Send `message` as it is on every stream."""
        for stream in self.streams:
            stream.socket.send(message)

    def answer(self, request: Request) -> Answer:
        """Carry `request` out, if the key allows it and it is not too much."""
        if request.path == STREAM_PATH:
            if request.method != "GET":
                raise Refusal(405, f"Not with {request.method}", {"Allow": "GET"})
            return self._registrations.open_stream(request)
        self._count()
        if any(request.path.startswith(path) for path in self.forbidden_paths):
            raise Refusal(403, "Method is not permitted for this key")
        if request.path == SESSION_PATH:
            return self._older_router.answer(request)
        if request.headers.get("authorization") != f"Bearer {self._api_key}":
            raise Refusal(401, "Unauthorized")
        return self._router.answer(request)

    def refuse(self, status: int, reason: str) -> Answer:
        """An error, in the envelope of all answers."""
        return failure(status, reason)

    def is_wanted(self, webhook: Outgoing) -> bool:
        """Whether its webhook or stream is still there."""
        kind, _, number = webhook.recipient.partition(":")
        with self.lock:
            if f"{kind}:" == STREAM_SCHEME:
                return self._registrations.stream(int(number)) is not None
            return self._registrations.has_webhook(int(number))

    def report_attempt(self, webhook: Outgoing, error: str) -> None:
        """Nothing is published about what failures lead to."""

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> MobileCall:
        """A call to one of the company's numbers, or from a colleague."""
        employees = [
            self.company.employee(one) for one in extensions or (self.extension,)
        ]
        if self.company.has_employee(caller):
            caller = self.company.employee(caller).number
        elif caller and not is_e164(caller):
            raise UsageError("A simulated caller needs a number in E.164")
        return MobileCall(
            self._exchange,
            direction="in",
            caller=caller,
            destination=self._line(line),
            employees=employees,
        )

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> MobileCall:
        """A call that an employee dials on their own phone."""
        employee = self.company.employee(extension or self.extension)
        if self.company.has_employee(callee):
            callee = self.company.employee(callee).number
        elif not is_e164(callee):
            raise UsageError("A simulated callee needs a number in E.164")
        return MobileCall(
            self._exchange,
            direction="out",
            caller=self._line(line or employee.number),
            destination=callee,
            employees=[employee],
        )

    def delete_message(self, message: Message) -> None:
        """Somebody deletes a message on their phone: VoicemailDeleted."""
        with self.lock:
            self._exchange.delete_message(message)

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Nothing: Tele2 knows the company's own employees and nobody else."""

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the history, and who was lost into that list."""
        with self.lock:
            for call in sorted(calls, key=lambda one: -one.minutes_ago):
                self._keep_past(call)

    def _keep_past(self, call: PastCall) -> None:
        employee = self.company.employee(self.extension)
        started_at = self.clock.now() - timedelta(minutes=call.minutes_ago)
        ended_at = started_at + timedelta(seconds=call.seconds)
        other, ours = call.number, LINES[0] if call.is_inbound else employee.number
        caller, destination = (other, ours) if call.is_inbound else (ours, other)
        entry = CallEntry(
            call_id=int(started_at.timestamp() * 1_000_000),
            caller=self.company.spelled(caller),
            destination=self.company.spelled(destination),
            direction="in" if call.is_inbound else "out",
            status=5 if call.was_answered else self.options.unanswered_status,
            started_at=started_at,
            connected_at=(
                started_at + timedelta(seconds=min(6, call.seconds))
                if call.was_answered
                else None
            ),
            ended_at=ended_at,
            contact_id=employee.contact_id,
        )
        self._exchange.keep(entry)
        is_today = call.minutes_ago < 12 * 60
        if call.is_inbound and not call.was_answered and call.number and is_today:
            lost = LostCaller(
                caller=entry.caller, destination=entry.destination, last_at=ended_at
            )
            self.archive.lost.append(lost)

    def _dial_route(self) -> Route:
        return Route(
            method="POST", path=f"{BASE}/dial", respond=self._dial, takes_body=True
        )

    def _dial(self, question: Question) -> Answer:
        fields = Fields(question.content)
        destination = fields.text("destination", required=True)
        contact_id = question.content.get("contactID")
        fields.has("contactID")
        if question.content.keys() - {"destination", "contactID"}:
            raise Refusal(422, "Unknown field")
        if not isinstance(contact_id, int) or isinstance(contact_id, bool):
            raise Refusal(422, "contactID must be an integer")
        if not _DIALABLE.fullmatch(destination):
            raise Refusal(422, "destination must be a number")
        if not self.company.has_employee(str(contact_id)):
            raise Refusal(404, "No items found")
        employee = self.company.employee(str(contact_id))
        call = MobileCall(
            self._exchange,
            direction="out",
            caller=employee.number,
            destination=_international(destination),
            employees=[employee],
        )
        call.ring()
        self.note_placed_call(call, (call.answer, call.hang_up))
        return success({})

    def _count(self) -> None:
        now = self.clock.monotonic()
        while self._asked and self._asked[0] <= now - _MINUTE:
            self._asked.popleft()
        if len(self._asked) >= self.options.calls_a_minute:
            raise Refusal(429, "Too many requests")
        self._asked.append(now)

    def _push(self, number: int, message: bytes) -> bool:
        stream = self._registrations.stream(number)
        return stream is not None and stream.socket.send(message)

    def _line(self, line: str) -> str:
        number = line or LINES[0]
        if not self.company.has_line(number):
            raise UsageError("The simulated company has no such number")
        return number


def _international(number: str) -> str:
    """What was dialled, in E.164 as far as that is clear."""
    if number.startswith("00"):
        return f"+{number[2:]}"
    return f"+44{number[1:]}" if number.startswith("0") else number
