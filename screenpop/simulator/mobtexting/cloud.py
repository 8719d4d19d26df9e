"""The simulated MobTexting: a strict, stateful reading of the vendor's documents."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from screenpop.domain.errors import UsageError
from screenpop.simulator.cloud import CloudFrame
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.fields import is_e164
from screenpop.simulator.http_server import json_answer
from screenpop.simulator.mobtexting.asking import Asking, as_now_documented
from screenpop.simulator.mobtexting.calls import AskedCall, Exchange, IncomingCall
from screenpop.simulator.mobtexting.logs import FinishedCall, Logs
from screenpop.simulator.mobtexting.options import MobTextingOptions
from screenpop.simulator.mobtexting.registrations import Registrations, post_challenge
from screenpop.simulator.mobtexting.spelling import (
    REPORT,
    WEBHOOK_FORMAT,
    new_uuid,
    success,
)
from screenpop.simulator.routing import Refusal, Route, Router
from screenpop.simulator.webhooks import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import Answer, Request
    from screenpop.simulator.mobtexting.registrations import (
        EventSubscription,
        RegisteredWebhook,
    )
    from screenpop.simulator.people import PastCall, Person
    from screenpop.simulator.routing import Question
    from screenpop.simulator.webhooks import Webhook

GOOD_STATUSES = frozenset({200, 202})
# Published for messages only; what holds for calls is not known.
RETRY = RetryPolicy(attempts=3, pause_seconds=1_800, good_statuses=GOOD_STATUSES)
_LINES = ("+442079460100", "+442079460101")
_AGENTS = {"442079460150": "Amelia Hart", "442079460151": "Rui Costa"}


class MobTextingCloud(CloudFrame):
    """A local stand-in for MobTexting.

    Args:
        options: How to read what the documents leave open.
        autoplay_seconds: Calls placed by request go on by themselves, a step every
            so many seconds; None leaves them to the test.
    """

    vendor = "mobtexting"
    # MobTexting has no extensions: an agent is a phone number.
    extension = "442079460150"
    lines = _LINES

    def __init__(
        self,
        *,
        port: int = 0,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        autoplay_seconds: float | None = None,
        options: MobTextingOptions | None = None,
    ) -> None:
        super().__init__(
            webhook_format=WEBHOOK_FORMAT,
            retry=replace(retry or RETRY, good_statuses=GOOD_STATUSES),
            port=port,
            faults=faults,
            seed=seed,
            clock=clock,
            autoplay_seconds=autoplay_seconds,
        )
        self.options = options or MobTextingOptions()
        self._token = f"{self.random.getrandbits(128):032x}"
        self._webhook_secret = f"simulated-{self.random.getrandbits(128):032x}"
        self._names: dict[str, str] = {}
        self._gets: deque[float] = deque()
        self._failed_steps: dict[int, Webhook] = {}
        self._registrations = Registrations(
            self.options,
            self.clock,
            self.random,
            partial(
                post_challenge, carries_secret=self.options.challenge_carries_secret
            ),
        )
        self._logs = Logs(self.options, self.clock, self.random)
        self._exchange = Exchange(
            clock=self.clock,
            lock=self.lock,
            random=self.random,
            options=self.options,
            registrations=self._registrations,
            logs=self._logs,
            send=self.deliverer.send,
            name_of=lambda number: self._names.get(number, ""),
        )
        asking = Asking(
            self._exchange,
            lines=_LINES,
            is_spent=lambda: self.fault_source.faults.quota,
            placed=self._placed,
        )
        self._router = Router(
            (
                Route(method="GET", path="/api/v2/auth/me", respond=self._me),
                *asking.routes(),
                *self._logs.routes(),
                *self._registrations.routes(),
            )
        )

    @property
    def credentials(self) -> Mapping[str, str]:
        """The access token, and a secret to agree on for webhooks."""
        return {"api_token": self._token, "webhook_secret": self._webhook_secret}

    @property
    def example_request(self) -> str:
        """A shell command that tries the token."""
        return (
            f'curl "{self.base_url}/api/v2/auth/me"'
            f' -H "Authorization: Bearer {self._token}"'
        )

    @property
    def webhooks(self) -> tuple[RegisteredWebhook, ...]:
        """The webhooks as they stand."""
        with self.lock:
            return self._registrations.webhooks()

    @property
    def subscriptions(self) -> tuple[EventSubscription, ...]:
        """The subscriptions as they stand."""
        with self.lock:
            return self._registrations.subscriptions()

    # --- requests ---------------------------------------------------------------------

    def answer(self, request: Request) -> Answer:
        """Carry `request` out; the token comes first, whatever the path."""
        pairs = parse_qsl(request.query, keep_blank_values=True)
        self._check_token(request, pairs)
        methods = [value for name, value in pairs if name == "_method"]
        is_instead = request.method == "POST" and methods in (["PUT"], ["DELETE"])
        ours = ("access_token", "_method")
        request = replace(
            request,
            method=methods[0] if is_instead else request.method,
            query=urlencode([pair for pair in pairs if pair[0] not in ours]),
        )
        if request.method == "GET":
            self._count_get()
        return self._router.answer(as_now_documented(request))

    def _check_token(self, request: Request, pairs: list[tuple[str, str]]) -> None:
        """As a bearer, in the query, or both.

        Where the query has it, the header may hold it bare: so does the vendor's own
        client for Python.
        """
        given = [value for name, value in pairs if name == "access_token"]
        header = request.headers.get("authorization", "")
        if header.startswith("Bearer ") or (header and given):
            given.append(header.removeprefix("Bearer "))
        if not given or any(token != self._token for token in given):
            raise Refusal(401, "Unauthenticated")

    def refuse(self, status: int, reason: str) -> Answer:
        """An error as documented."""
        body = {"status": "ERROR", "code": status, "message": reason}
        return json_answer(body, status)

    def _count_get(self) -> None:
        now = self.clock.monotonic()
        while self._gets and now - self._gets[0] >= 60:
            self._gets.popleft()
        if len(self._gets) >= self.options.gets_per_minute:
            raise Refusal(429, "Too Many Attempts.")
        self._gets.append(now)

    def _me(self, question: Question) -> Answer:
        """Its form is not documented."""
        return success(
            {"id": 1, "name": "Harbour Bikes Ltd", "email": "admin@example.com"}
        )

    # --- webhooks ---------------------------------------------------------------------

    def is_wanted(self, webhook: Webhook) -> bool:
        """Whether it is still switched on; a flow does not repeat a step."""
        with self.lock:
            if id(webhook) in self._failed_steps:
                return False
            return self._registrations.is_active(webhook.recipient)

    def report_attempt(self, webhook: Webhook, error: str) -> None:
        """A step of a flow that failed is not tried again; reports are."""
        with self.lock:
            if error and webhook.event_type != REPORT:
                self._failed_steps[id(webhook)] = webhook

    # --- calls ------------------------------------------------------------------------

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> IncomingCall:
        """A call to one of the account's numbers, taken by its voice flow."""
        if caller and not is_e164(caller):
            raise UsageError("A simulated caller needs a number in E.164")
        phones = tuple(extensions) or (self.extension,)
        for phone in phones:
            if phone not in _AGENTS:
                raise UsageError(f"The simulated company has no phone {phone}")
        return IncomingCall(
            self._exchange,
            caller=caller,
            caller_name=caller_name,
            line=self._line(line),
            phones=phones,
        )

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> AskedCall:
        """A click-to-call that somebody starts in the portal."""
        if not is_e164(callee):
            raise UsageError("A simulated callee needs a number in E.164")
        phone = extension or self.extension
        if phone not in _AGENTS:
            raise UsageError(f"The simulated company has no phone {phone}")
        return AskedCall(
            self._exchange, bridge=self._line(line), first=f"+{phone}", then=callee
        )

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Put `people` into the account's contacts, which flows know by name."""
        with self.lock:
            self._names |= {person.number: person.name for person in people}

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the call log."""
        with self.lock:
            for call in calls:
                self._logs.add(self._past(call))

    def _past(self, call: PastCall) -> FinishedCall:
        start = self.clock.now() - timedelta(minutes=call.minutes_ago)
        talk = max(call.seconds - 6, 0) if call.was_answered else 0
        status = "COMPLETED" if call.was_answered else "MISSED"
        if not call.is_inbound and not call.was_answered:
            status = "NOANSWER"
        line = self.lines[0]
        return FinishedCall(
            call_id=new_uuid(self.random),
            call_from=call.number if call.is_inbound else f"+{self.extension}",
            call_to=line if call.is_inbound else call.number,
            service="IN" if call.is_inbound else "C2C",
            bridge=line,
            status=status,
            seconds=call.seconds,
            talk_seconds=talk,
            start_at=start,
            end_at=start + timedelta(seconds=call.seconds),
            hangup_by="caller",
            name=call.name,
            notes=call.summary,
        )

    def _placed(self, call: AskedCall) -> None:
        steps = [call.answer, call.answer, call.hang_up]
        self.note_placed_call(
            call, steps[1:] if call.then.startswith("flow") else steps
        )

    def _line(self, line: str) -> str:
        number = line or self.lines[0]
        if number not in self.lines:
            raise UsageError("The simulated company has no such number")
        return number
