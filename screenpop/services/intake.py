"""Take a delivery: on disk first, then answered, then thought about."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, cast

from screenpop.domain.delivery import DeliveryAnswer
from screenpop.domain.errors import StoreError
from screenpop.providers.abilities import SupportsSecretDeliveries

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.domain.delivery import Delivery
    from screenpop.services.store_news import StoreNews

_log = logging.getLogger(__name__)

PATIENCE_SECONDS: Final = 0.5
HAND_OVER_SECONDS: Final = 1.0
"""How long a vendor that hands us a secret waits until it is in the keychain.

Vendors give up after 1.5 s at the earliest and never hand it over again.
"""


class DeliveryJournal(Protocol):
    """Where deliveries are kept before anything else happens to them."""

    def append(self, delivery: Delivery) -> Future[int]:
        """Store it durably; the future gives its number once it is on disk."""
        ...


class Answerer(Protocol):
    """Knows what a vendor wants to hear."""

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """The answer to a delivery; pure and quick."""
        ...


class _Post:
    """Brings what the writer's thread has stored to a loop, a group with one call.

    ``asyncio.wrap_future`` would wake the loop once for each, by a byte in a socket
    that the writer's thread stops for.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._arrived: deque[tuple[asyncio.Future[int], Future[int]]] = deque()
        self._is_called = False

    async def wait_for(
        self, stored: Future[int], then: Callable[[Future[int]], None]
    ) -> int:
        """Its result; whoever is cancelled here cancels it, if it has not begun.

        ``then`` is called first, on the thread that has stored it.
        """
        waiting: asyncio.Future[int] = self.loop.create_future()
        # One for both: each takes a lock that the writer's thread wants, too.
        stored.add_done_callback(partial(self._arrive, waiting, then))
        try:
            return await waiting
        except asyncio.CancelledError:
            stored.cancel()
            raise

    def _arrive(
        self,
        waiting: asyncio.Future[int],
        then: Callable[[Future[int]], None],
        stored: Future[int],
    ) -> None:
        then(stored)
        self._arrived.append((waiting, stored))
        if not self._is_called and not self.loop.is_closed():
            self._is_called = True
            self.loop.call_soon_threadsafe(self._hand_out)

    def _hand_out(self) -> None:
        # First of all: what arrives after the last look below calls again.
        self._is_called = False
        while self._arrived:
            waiting, stored = self._arrived.popleft()
            if waiting.done():
                continue
            if stored.cancelled():
                waiting.cancel()
            elif (error := stored.exception()) is not None:
                waiting.set_exception(error)
            else:
                waiting.set_result(stored.result())


class WebhookIntake:
    """What the listener calls for every authenticated delivery.

    ``accept`` runs on the listener's own thread and loop, so that no window and no
    look-up can delay the vendor's answer. What is on disk is handed to ``deliver``,
    which must be safe to call from any thread.
    """

    def __init__(
        self,
        journal: DeliveryJournal,
        answerer: Callable[[str], Answerer | None],
        deliver: Callable[[Delivery], None],
        take_over: Callable[[Delivery], Future[None]] | None = None,
        *,
        news: StoreNews | None = None,
        hand_over_seconds: float = HAND_OVER_SECONDS,
    ) -> None:
        """Take deliveries.

        Args:
            journal: Where they are kept.
            answerer: Who knows an account's answers.
            deliver: Is given what is on disk.
            take_over: Keeps the secret in a delivery where it may lie; from any thread.
            news: Tells the user when deliveries cannot be kept.
            hand_over_seconds: How long the vendor's answer waits for that.
        """
        self._journal = journal
        self._answerer = answerer
        self._deliver = deliver
        self._take_over = take_over
        self._news = news
        self._hand_over_seconds = hand_over_seconds
        self._keeping: set[asyncio.Future[None]] = set()
        self._post: _Post | None = None
        self._is_stripper: dict[type, bool] = {}

    async def accept(self, delivery: Delivery) -> DeliveryAnswer:
        """Journal ``delivery`` durably, pass it on, and give the vendor's answer.

        An answer that must arrive is given even when the disk fails; the delivery is
        then passed on without a number.

        Raises:
            StoreError: It is not on disk, so it must not be acknowledged.
        """
        answerer = self._answerer(delivery.account_id)
        answer = _answer_of(answerer, delivery)
        kept = _without_secrets(self._stripper(answerer), delivery)
        if answer.must_arrive:
            await self._try_to_keep(delivery, kept)
        else:
            await self._keep(delivery, kept)
        if kept is not delivery:
            await self._hand_over(delivery)
        return answer

    async def _hand_over(self, delivery: Delivery) -> None:
        """Have a secret that is not on the disk kept before the vendor is answered.

        A kill after the answer would lose it for good. A keychain that waits for its
        user must not cost the answer, though: then it goes on without one.
        """
        if self._take_over is None:
            return
        try:
            taking = asyncio.wrap_future(self._take_over(delivery))
        except RuntimeError as error:
            # The app is on its way out; what is on the disk tells the next start.
            _log.info("what was handed over is not kept: %s", type(error).__name__)
            return
        taking.add_done_callback(_note_failure)
        await asyncio.wait((taking,), timeout=self._hand_over_seconds)

    def _stripper(self, answerer: Answerer | None) -> SupportsSecretDeliveries | None:
        """The adapter if it is handed secrets; asking takes as long as storing."""
        kind = type(answerer)
        able: object = answerer
        if kind not in self._is_stripper:
            self._is_stripper[kind] = isinstance(able, SupportsSecretDeliveries)
        if self._is_stripper[kind]:
            return cast("SupportsSecretDeliveries", able)
        return None

    async def _keep(self, delivery: Delivery, kept: Delivery) -> None:
        stored = self._journal.append(kept)
        post = self._post_of(asyncio.get_running_loop())
        # Passed on straight from the writer's thread: by way of this thread's loop a
        # card would wait for two more thread switches, up to 5 ms each on a busy
        # machine.
        await post.wait_for(stored, partial(self._pass_on, delivery))

    def _post_of(self, loop: asyncio.AbstractEventLoop) -> _Post:
        if self._post is None or self._post.loop is not loop:
            # The listener was started again, on a thread and a loop of its own.
            self._post = _Post(loop)
        return self._post

    def _pass_on(self, delivery: Delivery, stored: Future[int]) -> None:
        if stored.cancelled():
            return
        error = stored.exception()
        if error is None:
            self._deliver(replace(delivery, seq=stored.result()))
        if self._news is not None:
            if error is None:
                self._news.worked()
            elif isinstance(error, StoreError):
                self._news.failed(error)

    async def _try_to_keep(self, delivery: Delivery, kept: Delivery) -> None:
        """Keep it within the vendor's patience, or go on keeping it meanwhile."""
        keeping = asyncio.ensure_future(self._keep(delivery, kept))
        self._keeping.add(keeping)
        keeping.add_done_callback(partial(self._kept, delivery))
        await asyncio.wait((keeping,), timeout=PATIENCE_SECONDS)

    def _kept(self, delivery: Delivery, keeping: asyncio.Future[None]) -> None:
        self._keeping.discard(keeping)
        if not keeping.cancelled() and keeping.exception() is not None:
            kind = type(keeping.exception()).__name__
            _log.error("a delivery was answered but is not on disk: %s", kind)
            # It will not be sent again: better shown from memory than not at all.
            self._deliver(delivery)


def _without_secrets(
    stripper: SupportsSecretDeliveries | None, delivery: Delivery
) -> Delivery:
    """What may be kept; nothing but where it came if the adapter fails at it."""
    if stripper is None:
        return delivery
    try:
        return stripper.without_secrets(delivery)
    except Exception as error:  # noqa: BLE001 - adapters may be foreign
        _log.error("an adapter cannot part its secrets: %s", type(error).__name__)
        return replace(delivery, body=b"", query="", headers=())


def _note_failure(taking: asyncio.Future[None]) -> None:
    """Whoever takes the delivery in hand next meets the same and tells the user."""
    if not taking.cancelled() and taking.exception() is not None:
        kind = type(taking.exception()).__name__
        _log.info("what was handed over is not kept: %s", kind)


def _answer_of(answerer: Answerer | None, delivery: Delivery) -> DeliveryAnswer:
    """The vendor's answer; an adapter that fails at it costs no delivery."""
    if answerer is None:
        return DeliveryAnswer()
    try:
        return answerer.answer(delivery)
    except Exception as error:  # noqa: BLE001 - adapters may be foreign
        _log.error("an adapter has no answer: %s", type(error).__name__)
        return DeliveryAnswer()
