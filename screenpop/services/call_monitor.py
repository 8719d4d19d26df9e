"""Keep every account's events coming: webhooks where they reach us, polling elsewhere.

For each account it runs one loop that never ends by itself: make sure the vendor's
subscriptions are right, or poll; catch up from the vendor's call history after every
gap; say in the tray how things stand; wait with growing, jittered pauses on trouble.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import random
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import (
    AuthenticationFailed,
    NotOffered,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    QuotaExceeded,
    ScreenpopError,
    SecretError,
)
from screenpop.providers.abilities import (
    SupportsEventStream,
    SupportsPollingOnly,
)
from screenpop.providers.protocol import (
    SupportsCallPolling,
    SupportsWebhook,
    SupportsWebhookSubscription,
)
from screenpop.services.call_sources import (
    SUBSCRIPTION_CHECK_SECONDS,
    recheck_seconds,
    way_to_live_calls,
)
from screenpop.services.earlier_addresses import EarlierAddresses
from screenpop.services.events import (
    AccountRemoved,
    AccountState,
    AccountStateChanged,
    SourceState,
)
from screenpop.services.live_proof import HookedDeliveries, LiveProof, waiting_texts
from screenpop.services.supervisor import wait_quietly
from screenpop.wording import tr

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.domain.delivery import Delivery
    from screenpop.providers.protocol import SubscriptionOutcome
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connection
    from screenpop.services.supervisor import Supervisor

_log = logging.getLogger(__name__)

OVERLAP: Final = timedelta(minutes=2)
FIRST_FILL: Final = timedelta(days=3)
# A long holiday: most vendors keep at least two months.
LONGEST_GAP: Final = timedelta(days=31)
SOON_SECONDS: Final = 2.0
STREAM_PROVEN: Final = timedelta(minutes=1)
REMEMBERED_RECORDS: Final = 5_000
_AT_WORK: Final = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)


class Inbox(HookedDeliveries, Protocol):
    """Where polled deliveries go."""

    def append(self, delivery: Delivery) -> Future[int]:
        """Journal one durably."""
        ...

    def latest_of(self, account_id: str) -> datetime | None:
        """When anything last came from an account."""
        ...


@dataclass(slots=True)
class _Watch:
    """One account's loop.

    Attributes:
        reading: Ends the reading of a stream when its time is up; None while none is.
    """

    connection: Connection
    backoff: Backoff
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    reading: asyncio.Timeout | None = None
    task: asyncio.Task[None] | None = None

    def renew(self) -> None:
        """Look again now, over new connections."""
        self.wake.set()
        if self.reading is not None:
            self.reading.reschedule(asyncio.get_running_loop().time())
            self.reading = None

    async def end(self) -> None:
        """Look no more."""
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)


class CallMonitor:
    """Runs the event source of every account and reports its state.

    Attributes:
        registered: What the latest look at each account's registrations came to.
    """

    def __init__(
        self,
        *,
        inbox: Inbox,
        deliver: Callable[[tuple[Delivery, ...]], None],
        callback_url: Callable[[Connection], str],
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        random_source: random.Random | None = None,
        on_turn: Callable[[], object] = lambda: None,
    ) -> None:
        """Watch nothing yet.

        Args:
            inbox: Where polled deliveries go.
            deliver: Takes those that are journalled.
            callback_url: What a vendor is told to call; "" when it cannot reach us.
            bus: Where the accounts' states are told.
            supervisor: Runs the accounts' loops.
            clock: What time it is.
            random_source: For jitter.
            on_turn: Called whenever an account's wait has ended.
        """
        self._on_turn = on_turn
        self._inbox = inbox
        self._deliver = deliver
        self._callback_url = callback_url
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._random = random_source or random.Random()  # noqa: S311 - jitter only
        self._watches: dict[str, _Watch] = {}
        self._states: dict[str, AccountState] = {}
        self._seen: OrderedDict[tuple[str, bytes], None] = OrderedDict()
        self._caught_up_at: dict[str, datetime] = {}
        self._heard_at_start: dict[str, datetime | None] = {}
        self._no_room: dict[str, str] = {}
        self.registered: dict[str, tuple[SubscriptionOutcome, ...]] = {}
        self._proof = LiveProof(inbox)
        self._earlier = EarlierAddresses()

    def states(self) -> tuple[AccountState, ...]:
        """How every account stands, in the order of the configuration."""
        return tuple(self._states.values())

    def state(self, account_id: str) -> AccountState | None:
        """How one account stands."""
        return self._states.get(account_id)

    async def watch(
        self,
        connections: tuple[Connection, ...],
        elsewhere: frozenset[str] = frozenset(),
    ) -> None:
        """Watch exactly these accounts; those ``elsewhere`` are there all the same."""
        wanted = {connection.account_id: connection for connection in connections}
        for account_id, watch in tuple(self._watches.items()):
            if wanted.get(account_id) is not watch.connection:
                del self._watches[account_id]
                self._states.pop(account_id, None)
                await watch.end()
                if account_id not in wanted and account_id not in elsewhere:
                    self._bus.publish(AccountRemoved(account_id))
        for account_id, connection in wanted.items():
            if account_id not in self._watches:
                self._tell(connection, SourceState.STARTING, tr("Starting"))
                watch = _Watch(connection, Backoff(random=self._random.random))
                self._watches[account_id] = watch
                watch.task = self._supervisor.start(
                    f"watch {account_id}", self._run(watch)
                )

    async def stop(self) -> None:
        """Watch nothing any more; the accounts stay as they were told last."""
        watches, self._watches = tuple(self._watches.values()), {}
        await asyncio.gather(*(watch.end() for watch in watches))

    def wake(self, account_id: str = "") -> None:
        """Look again now: after a change of the settings, or a new key."""
        for key, watch in self._watches.items():
            if account_id in ("", key):
                watch.wake.set()

    def look_again(self, headline: str) -> None:
        """Look again soon, over new connections: those there are may be dead.

        After a sleep or a change of the network they may be so for minutes before they
        notice, and what came meanwhile is not known yet.

        Args:
            headline: Why, for the tray; until it is known how things stand.
        """
        for account_id, watch in self._watches.items():
            known = self._states.get(account_id)
            if known is not None and known.state in _AT_WORK:
                advice = tr("screenpop looks for what came meanwhile.")
                state = SourceState.RECONNECTING
                self._tell(watch.connection, state, headline, advice)
            watch.backoff.reset()
            # Not at once: the network is often back a moment later than the program,
            # and a whole company may wake up at nine.
            soon = SOON_SECONDS * (0.25 + 0.75 * self._random.random())
            asyncio.get_running_loop().call_later(soon, watch.renew)

    def heard_from(self, account_id: str, at: datetime) -> None:
        """Note that something came from an account."""
        known = self._states.get(account_id)
        if known is not None:
            latest = max(at, known.last_event_at or at)
            self._states[account_id] = replace(known, last_event_at=latest)
            watch = self._watches.get(account_id)
            if known.state is SourceState.WAITING and watch is not None:
                self._supervisor.start(
                    f"look whether {account_id} is live", self._tell_live(watch)
                )

    async def fetch_call(self, connection: Connection, call_id: str) -> None:
        """Ask the vendor what became of a call that went silent."""
        poller = connection.able(SupportsCallPolling)
        if poller is not None and not connection.is_relayed:
            try:
                await self._take(await poller.fetch_call(call_id))
            except ScreenpopError as error:
                _log.info("a silent call could not be asked for: %s", error.title)

    # --- one account's loop ----------------------------------------------------------

    async def _run(self, watch: _Watch) -> None:
        connection, wake, backoff = watch.connection, watch.wake, watch.backoff
        if connection.provider is None:
            self._tell(connection, SourceState.BROKEN, connection.problem)
            return
        # Before anything is asked for: a vendor's challenge to a new webhook must not
        # pass for calls that were heard of.
        account_id = connection.account_id
        self._heard_at_start[account_id] = await asyncio.to_thread(
            self._inbox.latest_of, account_id
        )
        while True:
            wake.clear()
            try:
                pause = await self._look(watch)
                backoff.reset()
            except asyncio.CancelledError:
                raise
            except ScreenpopError as error:
                pause = self._trouble(connection, error, backoff)
            except Exception:  # noqa: BLE001 - the loop must outlive any bug
                _log.exception("watching account %s failed", connection.account_id)
                pause = backoff.next_delay()
                self._tell(
                    connection,
                    SourceState.RECONNECTING,
                    tr("Something went wrong inside screenpop"),
                    tr("The log says more; screenpop tries again by itself."),
                )
            await wait_quietly(wake, pause)
            self._on_turn()

    async def _look(self, watch: _Watch) -> float:
        """Do what keeps events coming; returns how long that holds, in seconds."""
        connection = watch.connection
        if connection.able(SupportsEventStream) is not None:
            await self._listen(watch)
            return 0.0
        poller = connection.able(SupportsCallPolling)
        if await self._is_called_back(connection, can_poll=poller is not None):
            await self._reconcile(connection)
            if await self._proof.holds_for(connection):
                self._tell_ringing(connection)
            else:
                self._tell(connection, SourceState.WAITING, *waiting_texts(connection))
            return self._jittered(recheck_seconds(connection, poller))
        if poller is not None:
            await self._catch_up(connection)
            self._tell(
                connection,
                SourceState.POLLING,
                tr("Calls are seen only after they end"),
                way_to_live_calls(connection),
            )
            return self._jittered(poller.poll_interval_seconds)
        self._tell(
            connection,
            SourceState.OFF,
            tr("Calls cannot be seen without a public address"),
            tr("Set listener.public_url in the settings."),
        )
        return self._jittered(SUBSCRIPTION_CHECK_SECONDS)

    async def _listen(self, watch: _Watch) -> None:
        """Read the vendor's stream until it breaks or a new one is wanted.

        Streams are closed now and then by every vendor: one that brought something or
        lasted was no failure, and does not lengthen the wait before the next.

        Raises:
            ProviderUnavailable: It ended, which is a reason to reconnect.
        """
        connection, backoff = watch.connection, watch.backoff
        async with connection.ability(SupportsEventStream).open_stream() as stream:
            await self._reconcile(connection)
            self._tell(connection, SourceState.LIVE, tr("Calls are shown as they ring"))
            opened_at = self._clock()
            reading = asyncio.timeout(None)
            try:
                async with reading:
                    watch.reading = reading
                    async for delivery in stream:
                        backoff.reset()
                        # What has begun to be stored is also handed on.
                        await asyncio.shield(self._take((delivery,)))
            except TimeoutError:
                if not reading.expired():
                    raise
                return
            finally:
                watch.reading = None
                if self._clock() - opened_at > STREAM_PROVEN:
                    backoff.reset()
        raise ProviderUnavailable(tr("The phone system closed the event stream"))

    async def _is_called_back(self, connection: Connection, *, can_poll: bool) -> bool:
        """Make sure of the vendor's webhooks; whether they reach us."""
        if connection.able(SupportsPollingOnly) is not None:
            return False
        url = self._callback_url(connection)
        registrar = connection.able(SupportsWebhookSubscription)
        if not url or registrar is None:
            return bool(url) and connection.able(SupportsWebhook) is not None
        try:
            outcomes = await registrar.ensure_subscriptions(url)
        except (PermissionDenied, NotOffered):
            if can_poll:
                return False
            raise
        from screenpop.services.webhook_room import room_text

        await self._earlier.drop(connection, registrar, url)
        self.registered[connection.account_id] = outcomes
        self._no_room[connection.account_id] = room_text(
            registrar.event_types, outcomes
        )
        return True

    def _tell_ringing(self, connection: Connection) -> None:
        advice = self._no_room.get(connection.account_id, "")
        self._tell(
            connection, SourceState.LIVE, tr("Calls are shown as they ring"), advice
        )

    async def _tell_live(self, watch: _Watch) -> None:
        connection = watch.connection
        if await self._proof.holds_for(connection):
            known = self._states.get(connection.account_id)
            if known is not None and known.state is SourceState.WAITING:
                self._tell_ringing(connection)

    async def _reconcile(self, connection: Connection) -> None:
        """Fill gaps beside the webhooks, where the vendor lets us read its log."""
        try:
            await self._catch_up(connection)
        except (PermissionDenied, NotOffered) as error:
            _log.info("account %s: %s", connection.account_id, error.title)

    async def _catch_up(self, connection: Connection) -> None:
        poller = connection.able(SupportsCallPolling)
        if poller is None:
            return
        account_id, skew = connection.account_id, connection.vendor_clock.skew
        # By the vendor's clock, as the times in its log are: ours may be hours ahead,
        # or be set between two looks.
        now = self._clock() - skew
        latest = self._heard_at_start.get(account_id)
        # Webhooks that came since tell nothing of those that got lost between them.
        known = self._caught_up_at.get(account_id, latest and latest - skew)
        since = now - FIRST_FILL if known is None else min(known, now) - OVERLAP
        since = max(since, now - LONGEST_GAP)
        await self._take(await poller.poll(since))
        self._caught_up_at[account_id] = now

    async def _take(self, polled: tuple[Delivery, ...]) -> None:
        """Journal what is new; a poll sees the same records again and again.

        Raises:
            StoreError: Some of it is not on disk and counts as never seen.
        """
        deliveries = tuple(each for each in polled if self._is_news(each))
        futures = [
            asyncio.wrap_future(self._inbox.append(delivery)) for delivery in deliveries
        ]
        results = await asyncio.gather(*futures, return_exceptions=True)
        stored: list[Delivery] = []
        for delivery, seq in zip(deliveries, results, strict=True):
            if isinstance(seq, int):
                self._remember(delivery)
                stored.append(replace(delivery, seq=seq))
        self._deliver(tuple(stored))
        for failure in results:
            if isinstance(failure, BaseException):
                raise failure

    def _is_news(self, delivery: Delivery) -> bool:
        key = _fingerprint(delivery)
        if key in self._seen:
            self._seen.move_to_end(key)
            return False
        return True

    def _remember(self, delivery: Delivery) -> None:
        self._seen[_fingerprint(delivery)] = None
        if len(self._seen) > REMEMBERED_RECORDS:
            self._seen.popitem(last=False)

    # --- reporting -------------------------------------------------------------------

    def _trouble(
        self, connection: Connection, error: ScreenpopError, backoff: Backoff
    ) -> float:
        """Say what is wrong; returns how long to wait before the next look."""
        match error:
            case AuthenticationFailed() | SecretError():
                state = SourceState.NEEDS_KEY
            case PermissionDenied() | NotOffered() | QuotaExceeded():
                state = SourceState.REFUSED
            case _:
                state = SourceState.RECONNECTING
        self._tell(connection, state, error.title, error.advice)
        _log.info("account %s: %s", connection.account_id, error.title)
        if state in (SourceState.NEEDS_KEY, SourceState.REFUSED):
            return self._jittered(SUBSCRIPTION_CHECK_SECONDS)
        asked = (
            error.retry_after_seconds if isinstance(error, ProviderThrottled) else None
        )
        return backoff.next_delay(asked)

    def _tell(
        self,
        connection: Connection,
        state: SourceState,
        headline: str,
        advice: str = "",
    ) -> None:
        known = self._states.get(connection.account_id)
        told = AccountState(
            account_id=connection.account_id,
            label=connection.label,
            state=state,
            headline=headline,
            advice=advice,
            last_event_at=known.last_event_at if known else None,
        )
        self._states[connection.account_id] = told
        if known is None or (known.state, known.headline, known.advice) != (
            state,
            headline,
            advice,
        ):
            self._bus.publish(AccountStateChanged(told))

    def _jittered(self, seconds: float) -> float:
        return seconds * (0.9 + 0.2 * self._random.random())


def _fingerprint(delivery: Delivery) -> tuple[str, bytes]:
    """Two accounts of one company are each told the same."""
    return delivery.account_id, hashlib.sha256(delivery.body).digest()
