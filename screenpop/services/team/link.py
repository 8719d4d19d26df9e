"""Read what the team's relay keeps for this computer: on disk first, then acknowledged.

One loop that never ends by itself: it waits through broken connections, reads what was
missed, says in the tray how things stand, and has the computer's statement renewed
long before it ends. When the relay says that the computer is no longer in the team, it
stops.
"""

from __future__ import annotations

import asyncio
import logging
import random
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import (
    ConfigurationError,
    RelayMissing,
    RelayRefused,
    RelayUnavailable,
    ScreenpopError,
    SecretError,
    StoreError,
)
from screenpop.relay.broker import Broker, BrokerAddress, BrokerCredentials
from screenpop.relay.enrolment_client import open_enrolment
from screenpop.relay.names import DESKS_STREAM, desk_consumer, device_inbox
from screenpop.services.events import SourceState
from screenpop.services.team.clock_offset import DOUBT
from screenpop.services.team.relayed import RelayedMail
from screenpop.wording import tr

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import timedelta

    from screenpop.domain.delivery import Delivery
    from screenpop.relay.broker import BrokerMessage, BrokerReader, BrokerState
    from screenpop.relay.envelope import Notice
    from screenpop.relay.grant import DeviceGrant
    from screenpop.relay.identity.nkey import KeyPair
    from screenpop.services.clock import Clock
    from screenpop.services.team.clock_offset import ClockOffset
    from screenpop.services.team.handed_over import HandedOver
    from screenpop.services.team.membership import (
        DeviceKey,
        Membership,
        MembershipFile,
    )

_log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 64
CATCH_UP_SECONDS: Final = 0.5
"""How long nothing must come until everything that was missed counts as read."""
WAIT_SECONDS: Final = 240.0
RENEW_SECONDS: Final = 24 * 3600.0
RETRY_CAP_SECONDS: Final = 600.0
RENEW_AGAIN_SECONDS: Final = 600.0
"""How soon a renewal that failed is tried again."""
MENDED_SECONDS: Final = 60.0
"""How soon after a renewal another refusal means that renewing does not help."""
MEASURE_SECONDS: Final = 3.0
"""How long messages wait until it is known how far the clocks are apart."""


class Inbox(Protocol):
    """Where deliveries are kept."""

    def append(self, delivery: Delivery) -> Future[int]:
        """Journal one durably."""
        ...


class Sharing(Protocol):
    """Uses the connection for what the team shares besides calls."""

    def opened(self, broker: Broker, grant: DeviceGrant) -> None:
        """There is a connection, or there will be."""
        ...

    async def closed(self) -> None:
        """It ends."""
        ...


Told = Callable[[SourceState, str, str], None]


class TeamLink:
    """One computer's connection to its team's relay.

    Attributes:
        broker: The connection, for team requests; None while there is none.
        offset: How far our clock is from the relay's.
        sharing: What else goes by the connection; None for nothing.
    """

    def __init__(
        self,
        *,
        kept: MembershipFile,
        key: DeviceKey,
        servers: tuple[str, ...],
        inbox: Inbox,
        deliver: Callable[[tuple[Delivery, ...]], None],
        tell: Told,
        skew: Callable[[timedelta], None],
        clock: Clock,
        handed: HandedOver,
        random_source: Callable[[], float] = random.random,
    ) -> None:
        """Connect to nothing yet.

        Args:
            kept: What the relay granted.
            key: This computer's key.
            servers: Where the broker is, instead of where the relay says; none usually.
            inbox: Where deliveries are kept.
            deliver: Takes those that are.
            tell: Takes a state, its headline and its advice, for the tray.
            skew: Told how far our clock is from the relay's.
            clock: What time it is.
            handed: Keeps what vendors handed to the relay.
            random_source: For jitter.
        """
        self._kept = kept
        self._key = key
        self._servers = servers
        self._mail = RelayedMail(inbox, deliver)
        self._mail.noticed = self._note_notice
        self._handed = handed
        self._tell = tell
        self._skew = skew
        self._clock = clock
        self._backoff = Backoff(random=random_source, cap_seconds=RETRY_CAP_SECONDS)
        self._random = random_source
        self.broker: Broker | None = None
        self.sharing: Sharing | None = None
        self.offset: ClockOffset = self._mail.offset
        self._membership: Membership | None = None
        self._pair: KeyPair | None = None
        self._reading: asyncio.Timeout | None = None
        self._renewing: asyncio.Task[None] | None = None
        self._is_behind = True
        self._is_refused = False
        self._wake = asyncio.Event()
        self._is_due = asyncio.Event()
        self._spread = 0.0
        self._is_looked_at = asyncio.Event()
        self._mended_at = -MENDED_SECONDS
        self._doubted_at = -DOUBT.total_seconds()

    async def run(self) -> None:
        """Read for ever; returns when this computer is not in the team any more."""
        while True:
            try:
                await self._live()
            except RelayRefused as error:
                self._tell(SourceState.REFUSED, error.title, error.advice)
                return
            except (SecretError, ConfigurationError) as error:
                self._tell(SourceState.NEEDS_KEY, error.title, error.advice)
            except ScreenpopError as error:
                self._tell(SourceState.RECONNECTING, error.title, error.advice)
            except Exception:  # noqa: BLE001 - the loop must outlive any bug
                _log.exception("the team's relay could not be read")
                self._tell(
                    SourceState.RECONNECTING,
                    tr("Something went wrong inside screenpop"),
                    tr("The log says more; screenpop tries again by itself."),
                )
            self._wake.clear()
            try:
                async with asyncio.timeout(self._backoff.next_delay()):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def look_again(self, headline: str) -> None:
        """Connect anew: after a sleep, or on another network."""
        self._backoff.reset()
        self._wake.set()
        if self.broker is not None:
            self._fall_behind()
            self._tell(
                SourceState.RECONNECTING,
                headline,
                tr("screenpop looks for what came meanwhile."),
            )
            self.broker.renew()

    # --- one life of it --------------------------------------------------------------

    async def _live(self) -> None:
        membership = await asyncio.to_thread(self._kept.load)
        if membership is None:
            raise ConfigurationError(
                tr("This computer has not joined its team"),
                tr("Ask for an enrolment code and enter it: screenpop team join."),
            )
        self._membership, self._pair = membership, await self._key.get()
        # The broker's library takes a moment to load.
        connect = await asyncio.to_thread(broker_connector)
        async with AsyncExitStack() as stack:
            broker = connect(self._address(membership))
            self.broker = broker
            stack.push_async_callback(self._let_go)
            broker.on_state(self._note_state)
            if self.sharing is not None:
                self.sharing.opened(broker, membership.grant)
                stack.push_async_callback(self.sharing.closed)
            stack.push_async_callback(self._stop_renewing)
            self._renewing = asyncio.create_task(self._keep_renewed(), name="renew")
            consumer = desk_consumer(membership.grant.device_id)
            reader = broker.reader(DESKS_STREAM, consumer)
            async with reader:
                await self._read(reader)

    async def _read(self, reader: BrokerReader) -> None:
        self._is_behind = True
        while True:
            if self._is_refused:
                await self._renew_refused()
            messages = await self._fetched(reader)
            if messages is None:
                continue
            if messages:
                await self._look_at_clock(messages[-1])
                await self._take(reader, messages)
            is_connected = self.broker is not None and self.broker.state.is_connected
            is_up_to_date = not messages or messages[-1].pending == 0
            if self._is_behind and is_connected and is_up_to_date:
                self._is_behind = False
                self._backoff.reset()
                self._tell_live()

    async def _fetched(self, reader: BrokerReader) -> tuple[BrokerMessage, ...] | None:
        """What came in a while; None when it is time to look how things stand."""
        seconds = CATCH_UP_SECONDS if self._is_behind else WAIT_SECONDS
        try:
            async with asyncio.timeout(None) as reading:
                self._reading = reading
                return await reader.fetch(MOST_AT_ONCE, seconds)
        except TimeoutError:
            return None
        except RelayRefused:
            # By age, or for good: the relay says which.
            self._is_refused = True
            return None
        except RelayMissing:
            # The relay makes it anew for whoever is in the team.
            await self._renew()
            return None
        finally:
            self._reading = None

    async def _take(
        self, reader: BrokerReader, messages: tuple[BrokerMessage, ...]
    ) -> None:
        """Keep, hand on, acknowledge; what is not kept comes again.

        Raises:
            StoreError: Some of it is not on disk.
        """
        try:
            async for message in self._mail.take(messages):
                await reader.ack(message)
        except StoreError as error:
            self._fall_behind()
            raise error from None

    async def _look_at_clock(self, newest: BrokerMessage) -> None:
        """See that the age of what came can be told, before anything pops or not."""
        try:
            async with asyncio.timeout(MEASURE_SECONDS):
                await self._is_looked_at.wait()
                now = self._clock()
                is_news = self.offset.bounded_by(newest.stored_at, now)
                doubts = self.offset.is_doubted_by(newest.stored_at, now)
                if not self._is_behind and doubts and self._may_doubt():
                    await self._renew()
        except (ScreenpopError, TimeoutError) as error:
            _log.info("the relay does not tell its time: %s", type(error).__name__)
            return
        if is_news:
            self._skew(self.offset.value)

    def _may_doubt(self) -> bool:
        """At most once in a while: the message may really have been on its way."""
        now = asyncio.get_running_loop().time()
        is_due = now - self._doubted_at > DOUBT.total_seconds()
        if is_due:
            self._doubted_at = now
        return is_due

    # --- the statement ---------------------------------------------------------------

    async def _keep_renewed(self) -> None:
        """At each start, daily, and when there is something to fetch."""
        while True:
            seconds = RENEW_SECONDS
            self._is_due.clear()
            try:
                await self._renew()
            except RelayRefused:
                self._is_refused = True
                self._look()
                return
            except ScreenpopError as error:
                _log.info("the statement is not renewed: %s", error.title)
                seconds = RENEW_AGAIN_SECONDS
            self._is_looked_at.set()
            try:
                async with asyncio.timeout(seconds * (0.75 + 0.5 * self._random())):
                    await self._is_due.wait()
            except TimeoutError:
                continue
            await asyncio.sleep(self._spread * self._random())

    def _note_notice(self, notice: Notice) -> None:
        self._spread = notice.spread_seconds
        self._is_due.set()

    async def _renew_refused(self) -> None:
        """The broker turned us away: it may be by age, or for good.

        Raises:
            RelayRefused: For good.
            RelayUnavailable: The relay does not say.
        """
        now = asyncio.get_running_loop().time()
        if now - self._mended_at < MENDED_SECONDS:
            self._is_refused = False
            raise RelayUnavailable(
                tr("The team's relay turns this computer away"),
                tr("Ask whoever runs it to look at its log; screenpop tries again."),
            )
        await self._renew()
        self._mended_at = now
        self._is_refused = False
        if self.broker is not None:
            self.broker.renew()

    async def _renew(self) -> None:
        membership, pair = self._membership, self._pair
        if membership is None or pair is None:
            return
        device_id = membership.grant.device_id
        async with open_enrolment(membership.relay_url, self._clock) as client:
            granted = await client.renew(device_id, pair, socket.gethostname())
        if self.offset.measured(granted.clock_offset):
            self._skew(self.offset.value)
        renewed = type(membership)(
            relay_url=membership.relay_url,
            grant=replace(granted.grant, handed=()),
            added=membership.added,
        )
        self._membership = renewed
        await self._handed.take(granted.grant, pair)
        await asyncio.to_thread(self._kept.save, renewed)

    # --- how it stands ---------------------------------------------------------------

    def _note_state(self, state: BrokerState) -> None:
        if state.is_connected:
            self._fall_behind()
            return
        self._is_behind = True
        if state.is_refused:
            self._is_refused = True
            self._look()
        elif state.problem:
            self._tell(SourceState.RECONNECTING, state.problem, state.advice)

    def _fall_behind(self) -> None:
        self._is_behind = True
        self._look()

    def _look(self) -> None:
        """Have the loop look how things stand, if it waits for messages."""
        if self._reading is not None:
            self._reading.reschedule(asyncio.get_running_loop().time())
            self._reading = None

    def _tell_live(self) -> None:
        self._tell(SourceState.LIVE, tr("Calls are shown as they ring"), "")

    def _address(self, membership: Membership) -> BrokerAddress:
        pair = self._pair

        def credentials() -> BrokerCredentials | None:
            known = self._membership
            if known is None or pair is None:
                return None
            return BrokerCredentials(seed=pair.seed(), jwt=known.grant.statement)

        device_id = membership.grant.device_id
        return BrokerAddress(
            urls=self._servers or membership.grant.servers,
            name=device_id,
            credentials=credentials,
            inbox_prefix=device_inbox(device_id),
        )

    async def _let_go(self) -> None:
        broker, self.broker = self.broker, None
        if broker is not None:
            await broker.close()

    async def _stop_renewing(self) -> None:
        renewing, self._renewing = self._renewing, None
        if renewing is not None:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)


def broker_connector() -> Callable[[BrokerAddress], Broker]:
    """What connects to a broker; loading it takes a moment.

    Raises:
        ConfigurationError: It is not installed.
    """
    try:
        from screenpop.relay.broker.nats_broker import connect
    except ImportError:
        raise ConfigurationError(
            tr("This installation lacks the part for teams"),
            tr("Install it with: pip install 'screenpop[team]'."),
        ) from None
    return connect
