"""Where deliveries go at the relay: to the broker, or for a while to the own disk."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from concurrent.futures import Future
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayError, ScreenpopError, StoreError
from screenpop.domain.frozen import frozen
from screenpop.relay.envelope import DELIVERY_HEADER, enclose, message_id
from screenpop.relay.names import intake_subject
from screenpop.relay.spool import SpooledMessage
from screenpop.services.supervisor import wait_quietly

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from screenpop.domain.delivery import Delivery
    from screenpop.relay.broker import Broker, Published
    from screenpop.relay.spool import Spool
    from screenpop.services.relay.meters import RelayMeters

_log = logging.getLogger(__name__)

SOON_SECONDS: Final = 0.025
"""After so long without the broker's word a delivery is put on the own disk as well,
and the vendor answered by whichever of the two is first."""

PATIENCE_SECONDS: Final = 0.3
"""After so long the broker counts as slow, and deliveries go to the own disk only.

The first vendor to give up does so after 1.5 s.
"""

_DRAIN_BATCH: Final = 200
_DRAIN_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.5
_DISK_SECONDS: Final = 2.0
_MOST_IN_MEMORY: Final = 1000


@frozen
class Kept:
    """Where a message is.

    Attributes:
        number: In the broker's stream, or in the spool.
    """

    number: int
    is_at_broker: bool


class Outlet:
    """Keeps each delivery durably, one way or the other.

    While the broker does not answer, everything goes to the spool at once: waiting for
    each delivery anew would cost every vendor the whole of the patience. One that is
    drained proves that the broker is back.
    """

    def __init__(
        self,
        broker: Broker,
        spool: Spool,
        meters: RelayMeters,
        *,
        kept: Callable[[Delivery], None] = lambda _: None,
    ) -> None:
        """Drain nothing yet; see ``drain``.

        Args:
            broker: Where deliveries go.
            spool: Where they go meanwhile.
            meters: What counts them.
            kept: Told of each that is kept.
        """
        self._broker = broker
        self._spool = spool
        self._meters = meters
        self._kept = kept
        self._is_slow = False
        self._spooled = asyncio.Event()
        self._drained = asyncio.Event()
        self._keeping: set[asyncio.Task[None]] = set()
        self._unkept: deque[SpooledMessage] = deque(maxlen=_MOST_IN_MEMORY)
        self._sent_to = self._removed_to = 0
        self._disk_problem = ""
        if spool.count:
            self._spooled.set()

    @property
    def under_way(self) -> int:
        """How many deliveries are being kept right now."""
        return len(self._keeping)

    @property
    def is_taking(self) -> bool:
        """Whether a delivery that came now would go straight to the broker."""
        return self._broker.state.is_connected and not self._is_slow

    def append(self, delivery: Delivery) -> Future[int]:
        """Keep a delivery; the future gives a number once it is kept.

        Must be called on the event loop.

        Raises (through the future):
            StoreError: Neither the broker nor the disk has it.
        """
        stored: Future[int] = Future()
        self._keep_task(self._keep(delivery, stored))
        return stored

    def _keep_task(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)

    async def _keep(self, delivery: Delivery, stored: Future[int]) -> None:
        try:
            number = await self._kept_number(delivery)
        except ScreenpopError as error:
            if stored.set_running_or_notify_cancel():
                stored.set_exception(error)
            return
        self._kept(delivery)
        # Whoever waited may have gone; it is kept all the same.
        if stored.set_running_or_notify_cancel():
            stored.set_result(number)

    async def _kept_number(self, delivery: Delivery) -> int:
        published = await self.keep(_message(delivery))
        kept = "broker" if published.is_at_broker else "spool"
        self._meters.deliveries.add(account=delivery.account_id, kept=kept)
        return published.number

    async def keep(self, message: SpooledMessage) -> Kept:
        """Have a message stored by the broker, or on the disk until it can be.

        Raises:
            StoreError: Neither takes it.
        """
        if not self.is_taking:
            return await self._keep_here(message)
        publishing = asyncio.get_running_loop().create_task(
            self._try_to_publish(message)
        )
        done, _ = await asyncio.wait((publishing,), timeout=SOON_SECONDS)
        if done:
            return publishing.result() or await self._keep_here(message)
        # Whichever is first: the disk takes many at once, the broker one by one.
        try:
            number = await asyncio.wrap_future(self._spool.append(message))
        except StoreError:
            kept = await publishing
            if kept is None:
                raise
            return kept
        spooled = replace(message, number=number)
        self._keep_task(self._tidy(publishing, spooled))
        return Kept(number, is_at_broker=False)

    async def _try_to_publish(self, message: SpooledMessage) -> Kept | None:
        """Where it is at the broker; None when the broker does not say in time."""
        try:
            published = await self._publish(message, PATIENCE_SECONDS)
        except RelayError as error:
            self._note_slow(error.title)
            return None
        if published.is_duplicate:
            self._meters.duplicates.add()
        return Kept(published.seq, is_at_broker=True)

    def _note_slow(self, problem: str) -> None:
        """Say it once for each change; "" when the broker answers again."""
        if problem and not self._is_slow:
            _log.warning("no broker: messages go to the spool: %s", problem)
        elif self._is_slow and not problem:
            _log.info("messages go to the broker again")
        self._is_slow = bool(problem)

    async def _keep_here(self, message: SpooledMessage) -> Kept:
        number = await asyncio.wrap_future(self._spool.append(message))
        self._spooled.set()
        return Kept(number, is_at_broker=False)

    async def _tidy(
        self, publishing: asyncio.Task[Kept | None], spooled: SpooledMessage
    ) -> None:
        """Take a message out of the spool that the broker has after all."""
        if await publishing is None:
            self._spooled.set()
            return
        try:
            await asyncio.wrap_future(self._spool.remove((spooled,)))
        except StoreError as error:
            _log.info("a message stays in the spool: %s", error.title)
            self._spooled.set()

    async def _publish(self, message: SpooledMessage, seconds: float) -> Published:
        return await self._broker.publish(
            message.subject,
            message.body,
            headers={DELIVERY_HEADER: message.header} if message.header else None,
            message_id=message.message_id,
            timeout_seconds=seconds,
        )

    def keep_in_memory(self, delivery: Delivery) -> None:
        """Try further to keep a delivery that was answered though nothing took it."""
        self._unkept.append(_message(delivery))
        self._spooled.set()

    # --- draining --------------------------------------------------------------------

    async def drain(self) -> None:
        """Bring to the broker what is spooled, for as long as this runs."""
        while True:
            if not self._spool.count and not self._unkept and not self._is_slow:
                self._spooled.clear()
                self._drained.set()
                await self._spooled.wait()
                self._drained.clear()
            try:
                await self._broker.connected(60.0)
                await self._drain_some()
                self._note_disk("")
            except RelayError as error:
                _log.info("the spool waits: %s", error.title)
                await wait_quietly(asyncio.Event(), _PAUSE_SECONDS)
            except StoreError as error:
                self._note_disk(error.title)
                await wait_quietly(asyncio.Event(), _DISK_SECONDS)

    def _note_disk(self, problem: str) -> None:
        if problem and problem != self._disk_problem:
            _log.warning("messages stay in the spool: %s", problem)
        self._disk_problem = problem

    async def mend(self) -> None:
        """See now and then whether a spool that took nothing takes something again.

        Without that nobody would: the web server sends nothing to a relay that cannot
        keep it.
        """
        while True:
            await asyncio.sleep(_DISK_SECONDS)
            if self._spool.is_broken:
                try:
                    await asyncio.wrap_future(self._spool.probe())
                except StoreError as error:
                    _log.debug("the spool takes nothing: %s", error.title)

    async def _drain_some(self) -> None:
        while self._unkept:
            await self._publish(self._unkept[0], _DRAIN_SECONDS)
            self._unkept.popleft()
        oldest = await asyncio.wrap_future(
            self._spool.oldest(_DRAIN_BATCH, after=self._sent_to)
        )
        failure: BaseException | None = None
        if oldest:
            failure = await self._send(oldest)
        elif self._is_slow:
            # Nothing is left to prove it with.
            await self._broker.last_seq("INTAKE")
        if failure is None:
            # Before the removal, which a full disk does not let happen: what comes
            # now need not go there.
            self._note_slow("")
        if self._sent_to > self._removed_to:
            await asyncio.wrap_future(self._spool.remove_to(self._sent_to))
            self._removed_to = self._sent_to
        if failure is not None:
            raise failure

    async def _send(self, messages: tuple[SpooledMessage, ...]) -> BaseException | None:
        """Send them as far as the broker takes them; why not all."""
        # In order, and yet without waiting for each: the broker stores them as they
        # come.
        results = await asyncio.gather(
            *(self._publish(message, _DRAIN_SECONDS) for message in messages),
            return_exceptions=True,
        )
        for message, result in zip(messages, results, strict=True):
            if isinstance(result, BaseException):
                # What is behind it is sent again, and stored once.
                return result
            self._sent_to = message.number
            self._meters.drained.add()
        return None

    async def settle(self, seconds: float) -> None:
        """Wait until what is on its way is kept, and the spool is drained if it can be.

        What stays in the spool is drained by the next start.
        """
        if self._keeping:
            await asyncio.wait(tuple(self._keeping), timeout=seconds)
        if self._spool.count and self.is_taking:
            await wait_quietly(self._drained, seconds)


def _message(delivery: Delivery) -> SpooledMessage:
    envelope = enclose(delivery)
    return SpooledMessage(
        message_id(delivery),
        intake_subject(delivery.account_id),
        envelope.headers[DELIVERY_HEADER],
        envelope.body,
    )
