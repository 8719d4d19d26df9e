"""Read the deliveries of the whole team in order and put copies out for the desks.

Every instance reads them and remembers what calls have touched; one, the owner, also
sends. So another one that takes over knows the calls that go on, and begins where the
last position was written: what it sends twice then, the broker drops by message id.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import (
    PayloadError,
    RelayError,
    RelayMissing,
    RelayUnavailable,
)
from screenpop.domain.frozen import frozen
from screenpop.relay.broker import AckPolicy, ConsumerPlan, Outgoing
from screenpop.relay.envelope import Envelope, enclose, unfold
from screenpop.relay.names import (
    INTAKE_STREAM,
    MESSAGE_ID_HEADER,
    Bucket,
    desk_subject,
)
from screenpop.services.relay.routing import Copy, Routes, Seen

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker, BrokerMessage, BrokerReader
    from screenpop.services.relay.meters import RelayMeters

_log = logging.getLogger(__name__)

POSITION: Final = "router"
LONGEST_CALL: Final = timedelta(hours=4)
MOST_HISTORY: Final = 10_000
"""How many earlier deliveries a start reads to know the calls that go on."""

POSITION_SECONDS: Final = 0.5
_BATCH: Final = 64
_FETCH_SECONDS: Final = 20.0
_PUBLISH_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.25
LONGEST_PAUSE_SECONDS: Final = 5.0
_MOST_UNDER_WAY: Final = 64


@frozen
class _Position:
    """Up to which delivery everything was sent.

    Attributes:
        at: When the broker stored that one.
    """

    seq: int = 0
    at: datetime | None = None

    def to_json(self) -> bytes:
        at = self.at.isoformat() if self.at else ""
        return json.dumps({"seq": self.seq, "at": at}).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> _Position:
        try:
            found = json.loads(raw)
            return cls(int(found["seq"]), datetime.fromisoformat(found["at"]))
        except (KeyError, TypeError, ValueError):
            return cls()


class Router:
    """One instance's reading of the deliveries."""

    def __init__(
        self,
        broker: Broker,
        routes: Routes,
        meters: RelayMeters,
        *,
        instance: str,
        prepare: Callable[[], Awaitable[None]],
        heard: Callable[[Seen], None] = lambda _: None,
        for_nobody: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Read nothing yet.

        Args:
            broker: Where the deliveries are.
            routes: Decides whose they are.
            meters: What counts them.
            instance: Names the consumer; unlike any other's.
            prepare: Has everything at the broker that is needed; called again after
                each trouble.
            heard: Told of each delivery, once, owner or not.
            for_nobody: Told of the account of each call that goes to nobody because it
                names nobody.
        """
        self._broker = broker
        self._routes = routes
        self._meters = meters
        self._consumer = f"router-{instance}"
        self._prepare = prepare
        self._heard = heard
        self._for_nobody = for_nobody
        self._positions = broker.bucket(Bucket.POSITIONS.value)
        self._position = _Position()
        self._is_position_sound = True
        self._kept: _Position | None = None
        self._kept_at = 0.0
        self._read_seq = 0
        self._pending = 0
        self._is_owner = False
        self._changed = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    @property
    def lag(self) -> int:
        """How many deliveries wait to be read."""
        return self._pending

    @property
    def position(self) -> int:
        """Up to which delivery everything was sent, as far as this instance knows."""
        return self._position.seq

    async def lead(self) -> None:
        """Send from now on."""
        self._is_owner = True
        self._changed.set()

    async def follow(self) -> None:
        """Only read from now on; returns when nothing is being sent any more."""
        self._is_owner = False
        self._changed.set()
        await self._quiet.wait()

    async def run(self) -> None:
        """Read until cancelled."""
        backoff = Backoff(
            random=random.random,
            base_seconds=_PAUSE_SECONDS,
            cap_seconds=LONGEST_PAUSE_SECONDS,
        )
        while True:
            self._changed.clear()
            try:
                await self._broker.connected(60.0)
                await self._prepare()
                backoff.reset()
                await self._read(is_owner=self._is_owner)
            except RelayError as error:
                _log.info("the router begins again: %s", error.title)
                await asyncio.sleep(_PAUSE_SECONDS + backoff.next_delay())
            finally:
                self._quiet.set()

    # --- reading ---------------------------------------------------------------------

    async def _read(self, *, is_owner: bool) -> None:
        """Read until the duty changes or something breaks."""
        if is_owner:
            await self._load_position()
        start = await self._start(is_owner=is_owner)
        plan = ConsumerPlan(
            name=self._consumer, is_durable=False, ack=AckPolicy.NONE, start_seq=start
        )
        await self._broker.remove_consumer(INTAKE_STREAM, self._consumer)
        await self._broker.ensure_consumer(INTAKE_STREAM, plan)
        async with self._broker.reader(INTAKE_STREAM, self._consumer) as reader:
            while self._is_owner is is_owner:
                is_kept = not is_owner or self._position == self._kept
                seconds = _FETCH_SECONDS if is_kept else POSITION_SECONDS
                messages = await self._fetch(reader, seconds)
                if messages:
                    self._pending = messages[-1].pending
                if is_owner:
                    await self._route(messages)
                else:
                    for message in messages:
                        self._take(message)

    async def _fetch(
        self, reader: BrokerReader, seconds: float
    ) -> tuple[BrokerMessage, ...]:
        """What is there; empty when the duty has changed meanwhile, or time is up."""
        fetching = asyncio.ensure_future(reader.fetch(_BATCH, seconds))
        changing = asyncio.ensure_future(self._changed.wait())
        try:
            await asyncio.wait(
                (fetching, changing), return_when=asyncio.FIRST_COMPLETED
            )
            return await fetching if fetching.done() else ()
        finally:
            fetching.cancel()
            changing.cancel()

    async def _load_position(self) -> None:
        """Read how far everything was sent, and whether that is still the same place.

        A broker that lost its latest messages, or all of them, gives their numbers to
        others: then the time of storing tells what was sent.
        """
        entry = await self._positions.get(POSITION)
        self._position = _Position()
        self._is_position_sound = True
        if entry is not None and entry.value is not None:
            self._position = _Position.from_json(entry.value)
            at = await self._broker.stored_at(INTAKE_STREAM, self._position.seq)
            last = await self._broker.last_seq(INTAKE_STREAM)
            # What has grown too old is gone, and nothing is wrong with that.
            is_gone = at is None and last >= self._position.seq
            self._is_position_sound = at == self._position.at or is_gone
        if not self._is_position_sound:
            _log.warning("the broker has lost deliveries: what may be is sent again")
            self._read_seq = 0
        self._kept = self._position

    async def _start(self, *, is_owner: bool) -> int:
        """Where to begin: late enough to be quick, early enough to know the calls."""
        last = await self._broker.last_seq(INTAKE_STREAM)
        if self._read_seq > last:
            self._read_seq = 0
        if self._read_seq:
            known = self._read_seq
            return (min(self._position.seq, known) if is_owner else known) + 1
        is_sound = is_owner and self._is_position_sound
        until = self._position.seq if is_sound else last
        return max(1, until - MOST_HISTORY + 1)

    def _take(self, message: BrokerMessage) -> tuple[Copy, ...]:
        """Remember a delivery; which copies there are to send."""
        is_new = message.seq > self._read_seq
        self._read_seq = max(self._read_seq, message.seq)
        is_old = message.stored_at < datetime.now(UTC) - LONGEST_CALL
        if is_old and not self._is_due(message):
            return ()
        try:
            delivery = unfold(message.headers, message.body)
        except PayloadError:
            self._meters.unread.add()
            return ()
        seen = Seen(message.seq, delivery, message.headers.get(MESSAGE_ID_HEADER, ""))
        if is_new:
            self._heard(seen)
        copies = self._routes.take(seen)
        is_lost = not copies and self._is_owner and self._is_due(message)
        if is_lost and self._routes.begins_for_nobody(seen):
            self._for_nobody(delivery.account_id)
        return copies

    def _is_due(self, message: BrokerMessage) -> bool:
        if self._is_position_sound:
            return message.seq > self._position.seq
        at = self._position.at
        return at is None or message.stored_at >= at

    # --- sending ---------------------------------------------------------------------

    async def _route(self, messages: tuple[BrokerMessage, ...]) -> None:
        self._quiet.clear()
        try:
            copies: list[Copy] = []
            due = 0
            for message in messages:
                found = self._take(message)
                if self._is_due(message):
                    copies += found
                    due += 1
            await self._send(copies)
            if due:
                self._position = _Position(messages[-1].seq, messages[-1].stored_at)
                self._is_position_sound = True
                self._meters.copies.add(len(copies))
                self._meters.routed.add(due)
            await self._keep_position()
        finally:
            self._quiet.set()

    async def _send(self, copies: list[Copy]) -> None:
        """Put copies out, in order.

        Raises:
            RelayError: The broker went; all of them are sent again when it is back.
        """
        envelopes: dict[int, Envelope] = {}
        for first in range(0, len(copies), _MOST_UNDER_WAY):
            outgoing = []
            for copy in copies[first : first + _MOST_UNDER_WAY]:
                envelope = envelopes.get(copy.seen.seq)
                if envelope is None:
                    envelope = enclose(copy.seen.delivery)
                    envelopes[copy.seen.seq] = envelope
                outgoing.append(_outgoing(copy, envelope))
            try:
                await self._broker.publish_all(
                    outgoing, timeout_seconds=_PUBLISH_SECONDS
                )
            except RelayMissing:
                raise RelayUnavailable("The desks' stream is missing") from None

    async def _keep_position(self) -> None:
        """Write how far everything was sent, now and then.

        Each writing costs the broker's disk as much as a delivery does. What is sent
        again for want of it, the broker drops by its message id. That two instances
        write in turn for a second, as when one has not noticed yet that it lost its
        lease, does no more harm than that.
        """
        is_last = not self._is_owner
        is_due = time.monotonic() - self._kept_at >= POSITION_SECONDS
        if self._position != self._kept and (is_due or is_last):
            await self._positions.put(POSITION, self._position.to_json())
            self._kept, self._kept_at = self._position, time.monotonic()


def _outgoing(copy: Copy, envelope: Envelope) -> Outgoing:
    return Outgoing(
        subject=desk_subject(copy.device_id),
        body=envelope.body,
        headers=envelope.headers,
        # Not by its number, which a broker that lost messages gives out again.
        message_id=f"{copy.seen.message_id or copy.seen.seq}:{copy.device_id}",
    )
