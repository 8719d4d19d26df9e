"""The simulated Voxloud: a strict, stateful reading of the vendor's document."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.cloud import CloudFrame
from screenpop.simulator.faults import NO_FAULTS
from screenpop.simulator.fields import is_e164
from screenpop.simulator.http_server import json_answer
from screenpop.simulator.routing import Refusal, Router
from screenpop.simulator.voxloud.calls import PhoneCall
from screenpop.simulator.voxloud.click_to_call import ClickToCalls
from screenpop.simulator.voxloud.contacts import ContactBook
from screenpop.simulator.voxloud.exchange import Exchange
from screenpop.simulator.voxloud.history import History
from screenpop.simulator.voxloud.options import VoxloudOptions
from screenpop.simulator.voxloud.payloads import (
    WEBHOOK_FORMAT,
    WITHHELD,
    Party,
    text_timestamp,
)
from screenpop.simulator.voxloud.pbx import Pbx
from screenpop.simulator.voxloud.records import keep_fax, keep_past_call
from screenpop.simulator.voxloud.subscriptions import Subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import Answer, Request
    from screenpop.simulator.people import PastCall, Person
    from screenpop.simulator.voxloud.click_calls import ClickToCallCall
    from screenpop.simulator.voxloud.pbx import User
    from screenpop.simulator.voxloud.subscriptions import DisabledNotice, Subscription
    from screenpop.simulator.webhooks import RetryPolicy, Webhook


class VoxloudCloud(CloudFrame):
    """A local stand-in for Voxloud.

    Args:
        options: How to read what the document leaves open.
        autoplay_seconds: Calls placed by request go on by themselves, a step every
            so many seconds; None leaves them to the test.
    """

    vendor = "voxloud"
    extension = "101"

    def __init__(
        self,
        *,
        port: int = 0,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        clock: Clock | None = None,
        retry: RetryPolicy | None = None,
        autoplay_seconds: float | None = None,
        options: VoxloudOptions | None = None,
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
        self.options = options or VoxloudOptions()
        self._api_key = f"simulated-{self.random.getrandbits(128):032x}"
        self.pbx = Pbx(self.random)
        self._subscriptions = Subscriptions(self.options, self.random)
        self._contacts = ContactBook(self.options, self.clock, self.random)
        self._history = History(self.options)
        self._exchange = Exchange(
            clock=self.clock,
            lock=self.lock,
            chance=self.random,
            pbx=self.pbx,
            contacts=self._contacts,
            history=self._history,
            subscriptions=self._subscriptions,
            send=self.deliverer.send,
        )
        self._click_to_calls = ClickToCalls(
            self._exchange,
            self.options,
            self.random,
            is_quota_spent=lambda: self.fault_source.faults.quota,
            placed=self._placed,
        )
        self._router = Router(
            (
                *self._click_to_calls.routes(),
                *self.pbx.routes(),
                *self._contacts.routes(),
                *self._subscriptions.routes(),
                *self._history.routes(),
            )
        )

    @property
    def credentials(self) -> Mapping[str, str]:
        """The API key."""
        return {"api_key": self._api_key}

    @property
    def lines(self) -> tuple[str, ...]:
        """The company's numbers, the main one first."""
        return tuple(did.number for did in self.pbx.dids)

    @property
    def example_request(self) -> str:
        """A shell command that tries the key."""
        return (
            f'curl -X POST "{self.base_url}/api/v1/validate-auth"'
            f' -H "Voverc-Auth: {self._api_key}"'
        )

    @property
    def subscriptions(self) -> tuple[Subscription, ...]:
        """The webhook subscriptions as they stand."""
        with self.lock:
            return self._subscriptions.all()

    @property
    def notices(self) -> tuple[DisabledNotice, ...]:
        """The mails that disabling subscriptions would have sent."""
        with self.lock:
            return tuple(self._subscriptions.notices)

    def answer(self, request: Request) -> Answer:
        """Carry `request` out; the key comes first, whatever the path."""
        if request.headers.get("voverc-auth") != self._api_key:
            raise Refusal(401, "Your API key is wrong")
        return self._router.answer(request)

    def refuse(self, status: int, reason: str) -> Answer:
        """An error; the body's shape is not documented and not to be relied on."""
        body = {
            "timestamp": text_timestamp(self.clock.now()),
            "status": status,
            "error": HTTPStatus(status).phrase,
            "message": reason,
        }
        return json_answer(body, status)

    def is_wanted(self, webhook: Webhook) -> bool:
        """Whether its subscription is there and enabled."""
        with self.lock:
            return self._subscriptions.is_enabled(webhook.recipient)

    def report_attempt(self, webhook: Webhook, error: str) -> None:
        """Count it for its subscription."""
        with self.lock:
            self._subscriptions.report_attempt(webhook.recipient, error)

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> PhoneCall:
        """A call to one of the company's numbers, or from a colleague."""
        callees = [self.pbx.user(one) for one in extensions or (self.extension,)]
        if self.pbx.has_user(caller):
            colleague = self.pbx.user(caller)
            return self._call(
                "INTERNAL",
                Party(caller, colleague.name, colleague),
                Party(callees[0].extension, callees[0].name),
                callees,
            )
        number = caller or WITHHELD
        if number != WITHHELD and not is_e164(number):
            raise UsageError("A simulated caller needs a number in E.164")
        name = WITHHELD if number == WITHHELD else caller_name
        called = Party(self._line(line))
        return self._call("INBOUND", Party(number, name), called, callees)

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> PhoneCall:
        """A call that a user dials on their own phone."""
        user = self.pbx.user(extension or self.extension)
        if self.pbx.has_user(callee):
            return self.incoming_call(user.extension, extensions=(callee,))
        if not is_e164(callee):
            raise UsageError("A simulated callee needs a number in E.164")
        shown = Party(self._line(line or user.dids[0].number), user.name, user)
        return self._call("OUTBOUND", shown, Party(callee, callee_name), ())

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Put `people` into the company's contacts."""
        with self.lock:
            for person in people:
                self._contacts.add(person)

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the history."""
        with self.lock:
            for call in sorted(calls, key=lambda one: -one.minutes_ago):
                keep_past_call(self._exchange, call, self.pbx.user(self.extension))

    def receive_fax(self, sender: str, *, line: str = "", pages: int = 2) -> None:
        """A fax arrives: FAX_CALL. An empty `sender` is withheld."""
        with self.lock:
            record = keep_fax(
                self._exchange,
                sender=sender or WITHHELD,
                recipient=self._line(line),
                pages=pages,
                is_inbound=True,
            )
            self._exchange.publish(record, {})

    def send_fax(self, recipient: str, *, line: str = "", pages: int = 2) -> None:
        """Somebody sends a fax: FAX_CALL."""
        with self.lock:
            record = keep_fax(
                self._exchange,
                sender=self._line(line),
                recipient=recipient,
                pages=pages,
                is_inbound=False,
            )
            self._exchange.publish(record, {})

    def _call(
        self,
        direction: str,
        originator: Party,
        destination: Party,
        callees: Sequence[User],
    ) -> PhoneCall:
        return PhoneCall(
            self._exchange,
            direction=direction,
            originator=originator,
            destination=destination,
            callees=callees,
        )

    def _placed(self, call: ClickToCallCall) -> None:
        record = partial(
            call.publish_record, recorded=True, summary="Called back as promised."
        )
        # Both legs are picked up, one after the other.
        self.note_placed_call(call, (call.answer, call.answer, call.hang_up, record))

    def _line(self, line: str) -> str:
        number = line or self.pbx.dids[0].number
        if not self.pbx.has_number(number):
            raise UsageError("The simulated company has no such number")
        return number
