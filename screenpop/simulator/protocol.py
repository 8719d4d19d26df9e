"""What every simulated vendor cloud can do, whatever its vendor's spelling.

A cloud is a local HTTP server that answers as the vendor's documents say, and sends
webhooks to whoever registered for them. Tests and the demo make calls happen on it.
"""

from __future__ import annotations

import json
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from screenpop.simulator.faults import Faults
    from screenpop.simulator.people import PastCall, Person


class ReleaseReason(StrEnum):
    """Why a simulated call ended."""

    NORMAL = "normal"
    """Somebody hung up; before an answer: the caller gave up."""
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    REJECTED = "rejected"
    TRANSFERRED = "transferred"


@frozen(kw_only=True)
class ReceivedRequest:
    """A request that a cloud received.

    Attributes:
        path: Without the query.
        query: As sent, still encoded.
        status: What was answered; 0 when there was no answer.
    """

    method: str
    path: str
    query: str
    body: bytes
    status: int


class DeliveryResult(StrEnum):
    """What became of one attempt to deliver a webhook."""

    ACCEPTED = "accepted"
    FAILED = "failed"
    DROPPED = "dropped"


@frozen(kw_only=True)
class WebhookDelivery:
    """One attempt to deliver a webhook, or the decision to lose it.

    Attributes:
        event_type: As the vendor spells it.
        attempt: 1 for the first; 0 when dropped.
        status: What the receiver answered; 0 when it did not.
        error: Why it failed, without addresses; "" when accepted.
    """

    event_type: str
    result: DeliveryResult
    attempt: int
    status: int
    error: str
    url: str
    body: bytes

    @property
    def payload(self) -> object:
        """The body, read as JSON."""
        return json.loads(self.body)


class SimulatedCall(Protocol):
    """A call on a simulated cloud, moved on by the test or the demo.

    A step that makes no sense (answering what does not ring) raises ``UsageError``.
    """

    @property
    def call_id(self) -> str:
        """As the vendor will spell it in events."""
        ...

    def ring(self) -> None:
        """The phones ring (inbound), or the far phone is dialled (outbound)."""
        ...

    def answer(self, extension: str = "") -> None:
        """Somebody picks up; by default the first extension that rings."""
        ...

    def hang_up(self, cause: ReleaseReason = ReleaseReason.NORMAL) -> None:
        """The call ends. From here on it is in the vendor's call history."""
        ...

    def publish_record(
        self,
        *,
        recorded: bool = False,
        voicemail: bool = False,
        transcription: str = "",
        summary: str = "",
        labels: Sequence[str] = (),
    ) -> None:
        """The vendor finishes the call's record and sends it."""
        ...


class VendorCloud(Protocol):
    """A local stand-in for one vendor's cloud.

    It keeps its state over :meth:`stop` and :meth:`start`, and its port too: an
    outage is a stop and a start.
    """

    @property
    def vendor(self) -> str:
        """The vendor's id, such as ``voxloud``."""
        ...

    @property
    def base_url(self) -> str:
        """The server's root, ``http://127.0.0.1:PORT``.

        Raises:
            UsageError: The cloud was never started.
        """
        ...

    @property
    def credentials(self) -> Mapping[str, str]:
        """What an account needs to sign in: field key to value."""
        ...

    @property
    def extension(self) -> str:
        """The demo agent's extension."""
        ...

    @property
    def lines(self) -> tuple[str, ...]:
        """The company's own numbers, in E.164; the main one first."""
        ...

    @property
    def example_request(self) -> str:
        """A shell command that tries the cloud."""
        ...

    def start(self) -> None:
        """Listen on loopback."""
        ...

    def stop(self) -> None:
        """Close every connection; webhooks not yet sent are lost."""
        ...

    def __enter__(self) -> VendorCloud: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def incoming_call(
        self,
        caller: str,
        *,
        caller_name: str = "",
        line: str = "",
        extensions: Sequence[str] = (),
    ) -> SimulatedCall:
        """A call from outside, not ringing yet.

        Args:
            caller: In E.164, or an extension; "" withholds the number.
            caller_name: What the vendor says the caller is called; may be "".
            line: Which of the company's numbers was called; default its main one.
            extensions: Who rings; default the demo agent.

        Raises:
            UsageError: A number, line or extension that this cloud does not know.
        """
        ...

    def outgoing_call(
        self,
        callee: str,
        *,
        callee_name: str = "",
        line: str = "",
        extension: str = "",
    ) -> SimulatedCall:
        """A call that somebody makes on their own phone, not ringing yet.

        Raises:
            UsageError: As for :meth:`incoming_call`.
        """
        ...

    @property
    def placed_calls(self) -> tuple[SimulatedCall, ...]:
        """The calls that requests to this cloud started, oldest first."""
        ...

    def wait_for_placed_calls(
        self, count: int, timeout: float = 5.0
    ) -> tuple[SimulatedCall, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        ...

    def seed_contacts(self, people: Sequence[Person]) -> None:
        """Put `people` into the vendor's own contact list, where it has one."""
        ...

    def seed_history(self, calls: Sequence[PastCall]) -> None:
        """Put finished calls into the history, without any webhook."""
        ...

    def set_faults(self, faults: Faults) -> None:
        """Misbehave like this from now on."""
        ...

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """What was asked so far."""
        ...

    def wait_for_requests(
        self, count: int, timeout: float = 5.0
    ) -> tuple[ReceivedRequest, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        ...

    @property
    def deliveries(self) -> tuple[WebhookDelivery, ...]:
        """Every attempt to deliver a webhook so far, dropped ones among them."""
        ...

    def wait_for_deliveries(
        self, count: int, timeout: float = 5.0
    ) -> tuple[WebhookDelivery, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        ...


@runtime_checkable
class WebhookPortal(Protocol):
    """A cloud whose webhooks are set up by hand, on the vendor's own web pages."""

    def enter_callback_url(self, url: str) -> None:
        """Do there what an administrator does: have everything delivered to `url`."""
        ...
