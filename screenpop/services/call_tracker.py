"""Fold deliveries into calls: parse, derive, store durably, then tell.

Everything here runs on the main loop; ``deliver`` alone may be called from any thread.
A batch is one transaction: its events, the calls that come of them, the deliveries
that are done, and the claims to pop. A claim is granted once in the life of the
database, so that no kill and no restart can pop a call twice.
"""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.call_fold import RING_GUARD, TALK_GUARD, derive
from screenpop.domain.calls import Call, CallRef, CallState
from screenpop.domain.delivery import ParsedDelivery
from screenpop.domain.errors import StoreError
from screenpop.domain.frozen import frozen
from screenpop.services.call_backs import call_backs_of
from screenpop.services.call_rows import row_of
from screenpop.services.delivery_effects import DeliveryEffects
from screenpop.services.dial_correlation import joined
from screenpop.services.events import NewsArrived
from screenpop.services.pop_claims import claim_of
from screenpop.services.store_news import StoreNews
from screenpop.services.supervisor import wait_quietly

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent
    from screenpop.providers.abilities import SupportsDeliveryEffects, SupportsNews
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.dial_correlation import DialBook
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog, CallRow, PopClaim

_log = logging.getLogger(__name__)

SLICE: Final = 8
"""How many deliveries or calls are dealt with before windows get their turn."""
LARGEST_BATCH: Final = 64
"""How many deliveries share a commit when many wait."""
BURST_PAUSE_SECONDS: Final = 0.25
"""How long the intake has the processor to itself between two batches of a burst."""
STORE_RETRY_SECONDS: Final = 2.0
KEPT_AFTER_END: Final = timedelta(minutes=10)
MOST_KEPT: Final = 2_000


class DeliveryParser(Protocol):
    """Reads a vendor's deliveries."""

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says."""
        ...


@frozen
class TrackedAccount:
    """What the tracker must know of an account.

    Attributes:
        parser: None when the account's vendor is not known (any more).
        clock_skew: Our clock minus the vendor's.
        effects: Who remembers what deliveries say besides calls; None for nobody.
        is_handed_secrets: Some of that goes into the keychain, which may take long.
        news: Who reads changes of the vendor's lists in deliveries; None for nobody.
    """

    extension: str
    region: str
    parser: DeliveryParser | None
    clock_skew: timedelta = timedelta(0)
    effects: SupportsDeliveryEffects | None = None
    is_handed_secrets: bool = False
    news: SupportsNews | None = None


@frozen(kw_only=True)
class CallChanged:
    """A call is new or has changed, and that is on disk.

    Attributes:
        before: The call as it was; None for a new one.
        newest: The fact that was heard last.
        is_pop_granted: This change, and no other ever, may raise the call's card.
    """

    before: Call | None
    call: Call
    newest: CallEvent
    is_pop_granted: bool


@dataclass(slots=True)
class _Folded:
    """A call in memory with the facts it is made of."""

    facts: set[CallEvent] = field(default_factory=set)
    call: Call | None = None


@dataclass(slots=True)
class _Batch:
    """What one transaction will hold."""

    seqs: list[int] = field(default_factory=list)
    problems: dict[int, str] = field(default_factory=dict)
    events: dict[CallRef, list[CallEvent]] = field(default_factory=dict)
    is_journalled: bool = True


class CallTracker:
    """Turns deliveries into calls and publishes ``CallChanged``."""

    def __init__(
        self,
        *,
        log: CallLog,
        accounts: Callable[[str], TrackedAccount | None],
        dials: DialBook,
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        self._log = log
        self._accounts = accounts
        self._dials = dials
        self._bus = bus
        self._supervisor = supervisor
        self._effects = DeliveryEffects(bus, supervisor)
        self._news = StoreNews(bus)
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._arrived: deque[Delivery] = deque()
        self._is_called = False
        self._queue: deque[Delivery] = deque()
        self._folded: dict[CallRef, _Folded] = {}
        self._worker: asyncio.Task[None] | None = None
        self._guard: asyncio.TimerHandle | None = None
        self._taken_in = 0
        self._forget_above = MOST_KEPT // 10
        self._folding = asyncio.Lock()
        self._stopping = asyncio.Event()

    # --- taking in -------------------------------------------------------------------

    def deliver(self, delivery: Delivery) -> None:
        """Take a journalled delivery; safe to call from any thread."""
        self._arrived.append(delivery)
        if not self._is_called:
            # One call for as many as come until it is answered: each costs the main
            # loop a turn, and there are hundreds a second in a storm.
            self._is_called = True
            self._loop.call_soon_threadsafe(self._take_arrived)

    def deliver_many(self, deliveries: Iterable[Delivery]) -> None:
        """Take journalled deliveries, oldest first; main loop only."""
        self._enqueue(tuple(deliveries))

    def restore(self, refs: Iterable[CallRef]) -> None:
        """Know calls that were open when the program last ended.

        Those that fell silent meanwhile are ended like any other, a moment later.
        """
        for ref in refs:
            folded = self._fold_of(ref)
            if folded.call is not None:
                heard = folded.call.last_heard_at
                folded.call = self._derive(ref, folded.facts, now=heard)
        self._arm_guard(self.open_calls())

    def open_calls(self) -> tuple[Call, ...]:
        """The calls that have not ended, oldest first."""
        calls = [each.call for each in self._folded.values() if each.call is not None]
        live = [call for call in calls if call.state is not CallState.ENDED]
        return tuple(sorted(live, key=lambda call: call.started_at))

    @property
    def backlog(self) -> int:
        """Deliveries that wait to be read."""
        return len(self._queue)

    def forget_ended(self) -> None:
        """Keep no ended call in memory: something of it was removed from the disk."""
        for ref, folded in tuple(self._folded.items()):
            if folded.call is None or folded.call.state is CallState.ENDED:
                del self._folded[ref]

    async def settled(self) -> None:
        """Return once nothing is left to read."""
        while self._worker is not None:
            await asyncio.wait((self._worker,))

    async def stop(self) -> None:
        """Finish the batch in hand; what is left is read at the next start."""
        self._stopping.set()
        if self._guard is not None:
            self._guard.cancel()
        await self.settled()

    # --- folding ---------------------------------------------------------------------

    def _take_arrived(self) -> None:
        # First of all: who comes after the last look below calls again.
        self._is_called = False
        arrived: list[Delivery] = []
        while self._arrived:
            arrived.append(self._arrived.popleft())
        self._enqueue(tuple(arrived))

    def _enqueue(self, deliveries: tuple[Delivery, ...]) -> None:
        self._queue.extend(deliveries)
        self._taken_in += len(deliveries)
        if self._queue and self._worker is None and not self._stopping.is_set():
            self._worker = self._supervisor.start("call tracker", self._drain())

    async def _drain(self) -> None:
        try:
            while self._queue and not self._stopping.is_set():
                size = min(LARGEST_BATCH, len(self._queue))
                taken_in = self._taken_in
                await self._process(list(islice(self._queue, size)))
                for _ in range(size):
                    self._queue.popleft()
                if self._taken_in - taken_in >= SLICE:
                    # They come faster than one by one can be dealt with: that a vendor
                    # gets its answer goes before a few more cards of a storm.
                    await wait_quietly(self._stopping, BURST_PAUSE_SECONDS)
        finally:
            self._worker = None

    async def _process(self, deliveries: Sequence[Delivery]) -> None:
        """Fold a slice; what cannot be folded is set aside, and the rest goes on."""
        batch = _Batch()
        try:
            for read, delivery in enumerate(deliveries, 1):
                self._read(delivery, batch)
                await self._take_effects(delivery, batch)
                if read % SLICE == 0:
                    await asyncio.sleep(0)
            await self._until_stored(lambda: self._store(batch))
        except Exception as error:  # noqa: BLE001 - adapters may be foreign
            if len(deliveries) > 1:
                for delivery in deliveries:
                    await self._process((delivery,))
            else:
                await self._set_aside(deliveries[0], error)

    async def _set_aside(self, delivery: Delivery, error: Exception) -> None:
        """Note that a delivery cannot be dealt with, or it would block all others."""
        kind = type(error).__name__
        # The error's own text may quote the delivery, its trace does not.
        trace = "".join(traceback.format_tb(error.__traceback__))
        _log.error("a delivery could not be folded: %s\n%s", kind, trace)
        if delivery.seq is not None:
            problem = {delivery.seq: f"folding failed: {kind}"}
            batch = _Batch(seqs=[delivery.seq], problems=problem)
            await self._until_stored(lambda: self._store(batch))

    async def _until_stored(self, store: Callable[[], Awaitable[None]]) -> None:
        """One at a time; when the disk refuses, wait and try the same again."""
        while not self._stopping.is_set():
            try:
                async with self._folding:
                    await store()
            except StoreError as error:
                _log.warning("calls cannot be stored: %s", error.title)
                self._news.failed(error)
                await wait_quietly(self._stopping, STORE_RETRY_SECONDS)
            else:
                self._news.worked()
                return

    def _read(self, delivery: Delivery, batch: _Batch) -> None:
        if delivery.seq is not None:
            batch.seqs.append(delivery.seq)
        else:
            batch.is_journalled = False
        parsed = self._parsed(delivery)
        if parsed.problem and delivery.seq is not None:
            batch.problems[delivery.seq] = parsed.problem
        for event in parsed.events:
            ref = CallRef(event.account_id, event.call_id)
            batch.events.setdefault(ref, []).append(event)

    async def _take_effects(self, delivery: Delivery, batch: _Batch) -> None:
        """Before the delivery counts as done, so that a kill repeats it."""
        account = self._accounts(delivery.account_id)
        if account is None:
            return
        if account.news is not None:
            self._tell_news(account.news, delivery)
        if account.effects is None:
            return
        problem = await self._effects.take(
            account.effects, delivery, may_wait=account.is_handed_secrets
        )
        if problem and delivery.seq is not None:
            batch.problems[delivery.seq] = problem

    def _tell_news(self, reader: SupportsNews, delivery: Delivery) -> None:
        try:
            news = reader.news(delivery)
        except Exception as error:  # noqa: BLE001 - adapters may be foreign
            _log.error("news could not be read: %s", type(error).__name__)
            return
        if news:
            told = NewsArrived(delivery.account_id, delivery.received_at, news)
            self._bus.publish(told)

    def _parsed(self, delivery: Delivery) -> ParsedDelivery:
        account = self._accounts(delivery.account_id)
        if account is None or account.parser is None:
            return ParsedDelivery(problem="no such account")
        try:
            return account.parser.parse(delivery)
        except Exception as error:  # noqa: BLE001 - adapters may be foreign
            _log.error("a delivery could not be read: %s", type(error).__name__)
            return ParsedDelivery(problem=f"reader failed: {type(error).__name__}")

    async def _store(self, batch: _Batch) -> None:
        changes: list[tuple[Call | None, Call, CallEvent]] = []
        claims: dict[CallRef, PopClaim] = {}
        for looked, (ref, events) in enumerate(batch.events.items(), 1):
            if looked % SLICE == 0:
                await asyncio.sleep(0)
            folded = self._fold_of(ref)
            before = folded.call
            facts = folded.facts.union(events)
            call = self._derive(ref, facts)
            if call is None or facts == folded.facts:
                continue
            newest = max(events, key=lambda event: event.received_at)
            changes.append((before, call, newest))
            claim = claim_of(
                call,
                before,
                facts,
                newest,
                account=self._accounts(ref.account_id),
                now=self._clock(),
            )
            if claim is not None:
                claims[ref] = claim
        granted = await self._commit(
            batch, [each[:2] for each in changes], list(claims.values())
        )
        for _, call, _ in changes:
            folded = self._fold_of(call.ref)
            folded.facts.update(batch.events[call.ref])
            folded.call = call
        for told, (before, call, newest) in enumerate(changes, 1):
            self._bus.publish(
                CallChanged(
                    before=before,
                    call=call,
                    newest=newest,
                    is_pop_granted=claims.get(call.ref) in granted,
                )
            )
            if told % SLICE == 0:
                # One delivery may be a list of any length: let windows live meanwhile.
                await asyncio.sleep(0)
        self._forget_ended()
        self._arm_guard(call for _, call, _ in changes)

    async def _commit(
        self,
        batch: _Batch,
        changes: Sequence[tuple[Call | None, Call]],
        claims: list[PopClaim],
    ) -> frozenset[PopClaim]:
        events = [event for each in batch.events.values() for event in each]
        return await asyncio.wrap_future(
            # Not durable, as the journal is: a card need not wait for the disk twice.
            # After a power cut the calls are made again of their deliveries. A card of
            # the last moments may then pop once more, if it is still fresh (45 s).
            self._log.commit(
                is_durable=not batch.is_journalled,
                delivery_seqs=batch.seqs,
                problems=batch.problems,
                events=events,
                rows=[self._row(call) for _, call in changes if call.is_ours],
                pop_claims=claims,
                call_backs=call_backs_of(changes, self._region_of),
            )
        )

    def _row(self, call: Call) -> CallRow:
        return row_of(call, self._region_of(call.ref.account_id))

    def _region_of(self, account_id: str) -> str:
        account = self._accounts(account_id)
        return account.region if account else ""

    def _fold_of(self, ref: CallRef) -> _Folded:
        folded = self._folded.get(ref)
        if folded is None:
            facts = set(self._log.events_of(ref.account_id, ref.call_id))
            folded = self._folded[ref] = _Folded(facts)
            folded.call = self._derive(ref, facts)
        return folded

    def _derive(
        self, ref: CallRef, facts: Iterable[CallEvent], now: datetime | None = None
    ) -> Call | None:
        account = self._accounts(ref.account_id)
        call = derive(
            facts,
            own_extension=account.extension if account else "",
            now=now or self._clock(),
        )
        return None if call is None else joined(call, self._dials.link(call))

    # --- ends that never come --------------------------------------------------------

    def _arm_guard(self, calls: Iterable[Call]) -> None:
        """See that these calls are looked at in time; too early does no harm."""
        deadlines = [
            _deadline(call) for call in calls if call.state is not CallState.ENDED
        ]
        if not deadlines or self._stopping.is_set():
            return
        wait = (min(deadlines) - self._clock()).total_seconds() + 0.05
        when = self._loop.time() + max(wait, 0.05)
        if self._guard is not None:
            if self._guard.when() <= when:
                return
            self._guard.cancel()
        self._guard = self._loop.call_at(when, self._guard_fired)

    def _guard_fired(self) -> None:
        self._guard = None
        if not self._stopping.is_set():
            self._supervisor.start(
                "infer lost ends", self._until_stored(self._infer_ends)
            )

    async def _infer_ends(self) -> None:
        changes: list[tuple[Call, Call, CallEvent]] = []
        for before in self.open_calls():
            folded = self._folded[before.ref]
            call = self._derive(before.ref, folded.facts)
            if call is not None and call.state is CallState.ENDED:
                newest = max(folded.facts, key=lambda event: event.received_at)
                changes.append((before, call, newest))
        await self._commit(_Batch(), [each[:2] for each in changes], [])
        for before, call, newest in changes:
            self._folded[call.ref].call = call
            self._bus.publish(
                CallChanged(
                    before=before, call=call, newest=newest, is_pop_granted=False
                )
            )
        self._arm_guard(self.open_calls())

    def _forget_ended(self) -> None:
        if len(self._folded) <= self._forget_above:
            return
        horizon = self._clock() - KEPT_AFTER_END
        crowded = len(self._folded) > MOST_KEPT
        for ref, folded in tuple(self._folded.items()):
            call = folded.call
            if call is None or (
                call.state is CallState.ENDED
                and (crowded or call.last_heard_at < horizon)
            ):
                del self._folded[ref]
        # Looking at all of them after each batch would be most of a burst's work.
        self._forget_above = len(self._folded) + MOST_KEPT // 10


def _deadline(call: Call) -> datetime:
    guard = TALK_GUARD if call.state is CallState.CONNECTED else RING_GUARD
    return call.last_heard_at + guard
