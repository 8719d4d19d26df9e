"""Read a pull consumer: ask for messages, and notice when a question got lost."""

from __future__ import annotations

import asyncio
import json
import time
from collections import deque
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.errors import (
    RelayError,
    RelayMissing,
    RelayRefused,
    RelayUnavailable,
)
from screenpop.relay.broker import faults
from screenpop.relay.broker.protocol import BrokerMessage, ConsumerState, Watching
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from nats.aio.msg import Msg

_STATUS: Final = "Status"
_HEARTBEAT: Final = "100"
_NO_RESPONDERS: Final = "503"
_DELETED: Final = "consumer deleted"
_SHORTEST_PULL_SECONDS: Final = 1.0
_HEARTBEAT_SECONDS: Final = 15.0
_GRACE_SECONDS: Final = 3.0
_PAUSE_SECONDS: Final = 0.25
_MOST_UNANSWERED: Final = 20
_SHORT_ACK_TOKENS: Final = 9
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Wire(Protocol):
    """What a reader needs of the connection."""

    def new_inbox(self) -> str:
        """A subject of our own that nobody uses."""
        ...

    async def hear(
        self,
        subject: str,
        heard: Callable[[Msg], Awaitable[None]],
        *,
        begun: Callable[[], None],
    ) -> Watching:
        """Hear raw messages, after reconnects too; ``begun`` is called at each."""
        ...

    async def tell(self, subject: str, body: bytes, reply: str) -> None:
        """Publish."""
        ...

    async def consumer_state(self, stream: str, name: str) -> ConsumerState:
        """Whether the consumer is there."""
        ...

    async def connected(self, wait_seconds: float) -> None:
        """Wait for the connection."""
        ...

    def refusal_of(self, subject: str) -> RelayError | None:
        """Whether the broker said, on this connection, that it is not for us."""
        ...


@dataclass(slots=True)
class _Pull:
    """A question for messages that is not answered to its end yet."""

    remaining: int
    heard_by: float


class PullReader:
    """One consumer's messages; see ``BrokerReader``."""

    def __init__(self, wire: Wire, stream: str, consumer: str) -> None:
        self._wire = wire
        self._stream = stream
        self._consumer = consumer
        self._next = f"$JS.API.CONSUMER.MSG.NEXT.{stream}.{consumer}"
        self._inbox = wire.new_inbox()
        self._pulls: dict[str, _Pull] = {}
        self._count = 0
        self._arrived: deque[Msg] = deque()
        self._news = asyncio.Event()
        self._hearing: Watching | None = None
        self._is_doubtful = False
        self._unanswered = 0

    async def __aenter__(self) -> PullReader:
        self._hearing = await self._wire.hear(
            f"{self._inbox}.*", self._take, begun=self._begin_again
        )
        return self

    def _begin_again(self) -> None:
        """Nothing that an earlier connection was asked will be answered."""
        self._pulls.clear()
        self._news.set()

    async def __aexit__(self, *exc_info: object) -> None:
        if self._hearing is not None:
            await self._hearing.stop()
            self._hearing = None
        while self._arrived:
            # Whoever reads next need not wait until the broker gives up on these.
            message = self._arrived.popleft()
            try:
                await self._wire.tell(message.reply, b"-NAK", "")
            except RelayError:
                return

    async def fetch(self, most: int, wait_seconds: float) -> tuple[BrokerMessage, ...]:
        """See ``BrokerReader.fetch``."""
        until = time.monotonic() + wait_seconds
        while True:
            if self._arrived:
                count = min(most, len(self._arrived))
                return tuple(_message(self._arrived.popleft()) for _ in range(count))
            left = until - time.monotonic()
            if left <= 0:
                return ()
            self._news.clear()
            try:
                await self._ask(most, left)
            except RelayUnavailable:
                await _until_connected(self._wire, left)
                continue
            await self._wait(min(left, self._patience()))

    async def ack(self, message: BrokerMessage) -> None:
        """See ``BrokerReader.ack``."""
        await self._wire.tell(message.reply, b"+ACK", "")

    async def _ask(self, most: int, seconds: float) -> None:
        self._forget_lost()
        refusal = self._wire.refusal_of(self._next)
        if refusal is not None:
            raise refusal
        if self._is_doubtful:
            # It may be gone, or the broker may just be starting.
            await self._look()
            self._is_doubtful = False
        if self._pulls:
            return
        seconds = max(seconds, _SHORTEST_PULL_SECONDS)
        question: dict[str, int] = {"batch": most, "expires": _nanoseconds(seconds)}
        is_long = seconds > 2 * _HEARTBEAT_SECONDS
        if is_long:
            question["idle_heartbeat"] = _nanoseconds(_HEARTBEAT_SECONDS)
        self._count += 1
        token = str(self._count)
        patience = _HEARTBEAT_SECONDS if is_long else seconds
        self._pulls[token] = _Pull(most, time.monotonic() + patience + _GRACE_SECONDS)
        body = json.dumps(question).encode()
        try:
            await self._wire.tell(self._next, body, f"{self._inbox}.{token}")
        except RelayError:
            del self._pulls[token]
            raise

    async def _look(self) -> None:
        try:
            await self._wire.consumer_state(self._stream, self._consumer)
        except RelayRefused:
            # Desktops may fetch, and not ask. A broker that is starting says the same
            # for a moment.
            self._unanswered += 1
            if self._unanswered > _MOST_UNANSWERED:
                self._unanswered = 0
                raise faults.missing() from None

    def _forget_lost(self) -> None:
        now = time.monotonic()
        for token, pull in tuple(self._pulls.items()):
            if now > pull.heard_by:
                # Release 2.9 says nothing at all when the consumer is gone.
                self._is_doubtful = True
                del self._pulls[token]

    def _patience(self) -> float:
        """How long until a question must count as lost, in seconds."""
        now = time.monotonic()
        latest = max((pull.heard_by for pull in self._pulls.values()), default=now)
        return max(_PAUSE_SECONDS, latest - now)

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return
        if self._is_doubtful:
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _take(self, message: Msg) -> None:
        headers = message.headers or {}
        status = headers.get(_STATUS) if not message.data else None
        # What is no message of the stream comes under the subject that we asked with.
        token = message.subject.rpartition(".")[2]
        pull = self._pulls.get(token)
        if status is None:
            self._arrived.append(message)
            self._unanswered = 0
            self._count_down()
        elif status == _HEARTBEAT:
            if pull is not None:
                patience = _HEARTBEAT_SECONDS + _GRACE_SECONDS
                pull.heard_by = time.monotonic() + patience
            return
        else:
            self._pulls.pop(token, None)
            description = headers.get("Description", "").lower()
            # Anything but "your time is up" may mean that the consumer is gone.
            if status == _NO_RESPONDERS or description.startswith(_DELETED):
                self._is_doubtful = True
        self._news.set()

    def _count_down(self) -> None:
        """A message answers the only question that is open, or a lost one."""
        for token, pull in tuple(self._pulls.items())[:1]:
            pull.remaining -= 1
            if pull.remaining <= 0:
                del self._pulls[token]


async def _until_connected(wire: Wire, seconds: float) -> None:
    """Wait for the connection, or for as long as there is time."""
    try:
        await wire.connected(seconds)
    except RelayUnavailable:
        return
    # Connected, and yet there was no answer: the broker may be starting.
    await asyncio.sleep(min(_PAUSE_SECONDS, seconds))


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1_000_000_000)


def _message(message: Msg) -> BrokerMessage:
    """Everything about a stored message but its body is in the subject of its ack.

    ``$JS.ACK.[domain.account.]stream.consumer.deliveries.seq.order.time.pending[.…]``
    """
    tokens = message.reply.split(".")
    # A domain and an account's hash were put in front with 2.8.
    facts = tokens[4:] if len(tokens) <= _SHORT_ACK_TOKENS else tokens[6:]
    try:
        deliveries, seq, _order, stored, pending = map(int, facts[:5])
    except ValueError:
        raise RelayMissing(
            tr("A message of the relay's broker cannot be read")
        ) from None
    return BrokerMessage(
        subject=message.subject,
        body=message.data,
        headers=message.headers or {},
        reply=message.reply,
        seq=seq,
        stored_at=_EPOCH + timedelta(microseconds=stored // 1000),
        deliveries=deliveries,
        pending=pending,
    )
