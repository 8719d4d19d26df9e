"""The frame that every simulated cloud stands in: server, webhooks, faults, logs."""

from __future__ import annotations

import random
import threading
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from screenpop.domain.errors import UsageError
from screenpop.simulator.clock import Scheduler, SystemClock
from screenpop.simulator.faults import NO_FAULTS, FaultSource
from screenpop.simulator.http_server import LOOPBACK, LoopbackServer
from screenpop.simulator.logbook import Logbook
from screenpop.simulator.routing import Refusal
from screenpop.simulator.webhooks import Deliverer, RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType

    from screenpop.simulator.clock import Clock
    from screenpop.simulator.faults import Faults
    from screenpop.simulator.http_server import Answer, Request
    from screenpop.simulator.protocol import (
        ReceivedRequest,
        SimulatedCall,
        WebhookDelivery,
    )
    from screenpop.simulator.webhooks import Webhook, WebhookFormat


class CloudFrame(ABC):
    """What all vendors' clouds share.

    A vendor's cloud answers requests in :meth:`answer`, spells errors in
    :meth:`refuse` and hands its webhooks to ``deliverer``. Its state is guarded by
    ``lock``.

    Args:
        port: 0 for a free one.
        seed: Makes ids and chance repeatable.
        autoplay_seconds: Calls placed by request go on by themselves, a step every
            so many seconds; None leaves them to the caller.
    """

    def __init__(
        self,
        *,
        webhook_format: WebhookFormat,
        retry: RetryPolicy | None = None,
        port: int = 0,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        clock: Clock | None = None,
        autoplay_seconds: float | None = None,
    ) -> None:
        self.clock: Clock = clock or SystemClock()
        self.autoplay_seconds = autoplay_seconds
        self.random = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.lock = threading.RLock()
        self.fault_source = FaultSource(faults, seed)
        self.scheduler = Scheduler(self.clock)
        self._requests: Logbook[ReceivedRequest] = Logbook()
        self._deliveries: Logbook[WebhookDelivery] = Logbook()
        self._placed_calls: Logbook[SimulatedCall] = Logbook()
        self.server = LoopbackServer(
            self._respond,
            self.refuse,
            faults=self.fault_source,
            log=self._requests,
            clock=self.clock,
            port=port,
        )
        self.deliverer = Deliverer(
            self.scheduler,
            faults=self.fault_source,
            log=self._deliveries,
            format=webhook_format,
            retry=retry or RetryPolicy(),
            is_wanted=self.is_wanted,
            report=self.report_attempt,
        )

    @abstractmethod
    def answer(self, request: Request) -> Answer:
        """Carry `request` out; called with ``lock`` held; may raise ``Refusal``."""

    @abstractmethod
    def refuse(self, status: int, reason: str) -> Answer:
        """The vendor's error answer."""

    @abstractmethod
    def is_wanted(self, webhook: Webhook) -> bool:
        """Whether `webhook` still has a registration to go to."""

    @abstractmethod
    def report_attempt(self, webhook: Webhook, error: str) -> None:
        """Keep account of an attempt to deliver; `error` is "" for success."""

    def _respond(self, request: Request) -> Answer:
        try:
            with self.lock:
                return self.answer(request)
        except Refusal as refusal:
            answer = self.refuse(refusal.status, refusal.reason)
            return type(answer)(
                status=answer.status,
                body=answer.body,
                content_type=answer.content_type,
                headers={**answer.headers, **refusal.headers},
            )

    @property
    def base_url(self) -> str:
        """The server's root.

        Raises:
            UsageError: It was never started and has no port yet.
        """
        if not self.server.port:
            raise UsageError("The simulated cloud has not been started")
        return f"http://{LOOPBACK}:{self.server.port}"

    def start(self) -> None:
        """Listen on loopback; raises OSError when the port is taken."""
        self.server.start()
        self.scheduler.start()

    def stop(self) -> None:
        """Close every connection; webhooks not yet sent are lost."""
        self.scheduler.cancel()
        self.deliverer.stop()
        self.server.stop()
        self.scheduler.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def set_faults(self, faults: Faults) -> None:
        """Misbehave like this from now on."""
        self.fault_source.set(faults)

    @property
    def requests(self) -> tuple[ReceivedRequest, ...]:
        """What was asked so far."""
        return self._requests.entries

    def wait_for_requests(
        self, count: int, timeout: float = 5.0
    ) -> tuple[ReceivedRequest, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        return self._requests.wait_for(count, timeout)

    @property
    def deliveries(self) -> tuple[WebhookDelivery, ...]:
        """Every attempt to deliver a webhook so far, dropped ones among them."""
        return self._deliveries.entries

    def wait_for_deliveries(
        self, count: int, timeout: float = 5.0
    ) -> tuple[WebhookDelivery, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        return self._deliveries.wait_for(count, timeout)

    @property
    def placed_calls(self) -> tuple[SimulatedCall, ...]:
        """The calls that requests to this cloud started, oldest first."""
        return self._placed_calls.entries

    def wait_for_placed_calls(
        self, count: int, timeout: float = 5.0
    ) -> tuple[SimulatedCall, ...]:
        """The same, once there are `count`; raises TimeoutError."""
        return self._placed_calls.wait_for(count, timeout)

    def note_placed_call(
        self, call: SimulatedCall, steps: Sequence[Callable[[], None]]
    ) -> None:
        """Show `call` among those that a request started.

        Args:
            call: It rings already.
            steps: What is still to happen to it, if it is to play by itself.
        """
        self._placed_calls.add(call)
        if self.autoplay_seconds is not None:
            self._play_after(self.autoplay_seconds, tuple(steps))

    def _play_after(
        self, seconds: float, steps: tuple[Callable[[], None], ...]
    ) -> None:
        if steps:
            self.scheduler.after(seconds, lambda: self._play(seconds, steps))

    def _play(self, seconds: float, steps: tuple[Callable[[], None], ...]) -> None:
        try:
            steps[0]()
        except UsageError:
            # Somebody else moves this call on: it is theirs.
            return
        self._play_after(seconds, steps[1:])
