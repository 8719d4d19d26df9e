"""What we ask of a broker, in our words.

Everything that talks to it raises ``RelayError`` and its kin only:

- ``RelayUnavailable``: no connection, or no answer in time; try again later.
- ``RelayRefused``: the broker does not let us in, or not do that.
- ``RelayMissing``: there is no such stream, consumer, bucket or key.
- ``RelayConflict``: somebody else changed it first (compare-and-set).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret


@frozen(kw_only=True)
class BrokerCredentials:
    """Who we are at the broker.

    Attributes:
        seed: The nkey's seed ("SU…"); it never leaves this machine.
        jwt: What the team's relay signed for it; "" where the broker knows the key.
    """

    seed: Secret
    jwt: str = ""


def _nobody() -> BrokerCredentials | None:
    return None


@frozen(kw_only=True)
class BrokerAddress:
    """Where the broker is and how we come to it.

    Attributes:
        urls: ``nats://``, ``tls://``, ``ws://`` or ``wss://``, all of one kind; ws and
            wss go through the system's HTTP proxy.
        name: What the broker's operator sees us as.
        credentials: Asked at each connect, so that renewed ones are taken.
        inbox_prefix: Where answers to us arrive.
        allows_plain: Whether an unencrypted way to another machine is fine, as inside
            the network of a compose file.
        ping_seconds: How often the broker is asked whether it is still there.
    """

    urls: tuple[str, ...]
    name: str = "screenpop"
    credentials: Callable[[], BrokerCredentials | None] = _nobody
    inbox_prefix: str = "_INBOX"
    allows_plain: bool = False
    ping_seconds: float = 20.0


@frozen
class BrokerState:
    """How the connection stands.

    Attributes:
        problem: Why there is none, as a title for people; "" while there is one or
            the first is being made.
        advice: What they can do about it.
        is_refused: The broker turned us away; another try will not help by itself.
    """

    is_connected: bool
    problem: str = ""
    advice: str = ""
    is_refused: bool = False


@frozen(kw_only=True)
class Outgoing:
    """A message to be stored; see ``Broker.publish``."""

    subject: str
    body: bytes
    headers: Mapping[str, str]
    message_id: str


@frozen
class Published:
    """The broker has a message on its disk.

    Attributes:
        seq: Its number in the stream.
        is_duplicate: It was there already, by its message id.
    """

    seq: int
    is_duplicate: bool = False


@frozen(kw_only=True)
class BrokerMessage:
    """A message read from a stream.

    Attributes:
        reply: What acknowledges it.
        seq: Its number in the stream.
        stored_at: When the broker stored it, by the broker's clock.
        deliveries: How often it was handed to this consumer, this time included.
        pending: How many more the consumer has for us, when it was handed over.
    """

    subject: str
    body: bytes
    headers: Mapping[str, str]
    reply: str = ""
    seq: int = 0
    stored_at: datetime
    deliveries: int = 1
    pending: int = 0


@frozen
class BrokerRequest:
    """A request or a message outside of streams; it was never stored.

    Attributes:
        reply: Where the answer is to go, as whoever asks wants it; "" for nowhere.
    """

    subject: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    reply: str = ""


@frozen(kw_only=True)
class StreamPlan:
    """A stream as it shall be; file storage, the oldest go first.

    Attributes:
        max_age_seconds: 0 for no limit; the same for the next two.
        max_per_subject: How many messages one subject keeps.
        max_bytes: How much of the disk it may take.
        replicas: How many servers of a cluster keep it; 0 for as it is, or one.
        max_consumers: How many may read it; 0 for what the broker lets, which from
            2.15 on is a thousand.
    """

    name: str
    subjects: tuple[str, ...]
    max_age_seconds: float = 0.0
    max_per_subject: int = 0
    max_bytes: int = 0
    duplicate_window_seconds: float = 120.0
    replicas: int = 0
    max_consumers: int = 0


class AckPolicy(StrEnum):
    """Whether each message must be acknowledged."""

    EXPLICIT = "explicit"
    NONE = "none"


@frozen(kw_only=True)
class ConsumerPlan:
    """A pull consumer as it shall be.

    At most one of ``start_seq`` and ``start_at`` is given; with neither it begins with
    the oldest message.

    Attributes:
        filter_subject: "" for all of the stream.
        is_durable: It outlives its reader; otherwise it goes after a minute unused.
        ack_wait_seconds: After so long without an ack a message is handed out again.
        most_unacked: How many may wait for their ack.
        idle_days: A durable one unused for so long is removed; 0 for never.
    """

    name: str
    filter_subject: str = ""
    is_durable: bool = True
    ack: AckPolicy = AckPolicy.EXPLICIT
    ack_wait_seconds: float = 30.0
    most_unacked: int = 1000
    idle_days: float = 0.0
    start_seq: int = 0
    start_at: datetime | None = None


@frozen
class ConsumerState:
    """How far a consumer has come.

    Attributes:
        pending: How many messages it has not handed out yet.
        unacked: How many it handed out and waits for.
        acked_seq: Everything up to this number of the stream is acknowledged.
    """

    pending: int
    unacked: int
    acked_seq: int


@frozen(kw_only=True)
class BucketPlan:
    """A key-value bucket as it shall be.

    Attributes:
        max_age_seconds: A value unchanged for so long goes by itself; 0 for never.
        replicas: As of a stream.
    """

    name: str
    max_age_seconds: float = 0.0
    replicas: int = 0


@frozen
class Entry:
    """A key's value.

    Attributes:
        value: None when a watch tells that the key was deleted.
        revision: What ``update`` and ``delete`` compare with.
    """

    key: str
    value: bytes | None
    revision: int


class Watching(Protocol):
    """A subscription, a watch or an answering that goes on until it is stopped.

    It outlives the connection: what it needs is made anew after each reconnect.
    """

    async def stop(self) -> None:
        """Hear no more."""
        ...


class BrokerReader(Protocol):
    """Reads one pull consumer; use as ``async with``."""

    async def __aenter__(self) -> BrokerReader:
        """Begin."""
        ...

    async def __aexit__(self, *exc_info: object) -> None:
        """Ask for no more."""
        ...

    async def fetch(self, most: int, wait_seconds: float) -> tuple[BrokerMessage, ...]:
        """What is there, at most so many; empty when nothing came in that time.

        Returns as soon as there is anything. It waits through a broken connection.

        Raises:
            RelayMissing: The consumer is gone.
            RelayRefused: It is not ours to read.
        """
        ...

    async def ack(self, message: BrokerMessage) -> None:
        """Tell the broker that a message need not come again; it may be told late.

        Raises:
            RelayUnavailable: There is no connection: it comes again.
        """
        ...


class KeyValue(Protocol):
    """One key-value bucket."""

    async def get(self, key: str) -> Entry | None:
        """The value; None when there is none."""
        ...

    async def put(self, key: str, value: bytes) -> int:
        """Write whatever was there before; returns the revision."""
        ...

    async def create(self, key: str, value: bytes) -> int:
        """Write if there is nothing; returns the revision.

        Raises:
            RelayConflict: There is something.
        """
        ...

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """Write if nothing was written since ``revision``; returns the new one.

        Raises:
            RelayConflict: Something was.
        """
        ...

    async def delete(self, key: str, revision: int | None = None) -> None:
        """Remove; with a revision, only if nothing was written since.

        Raises:
            RelayConflict: Something was.
        """
        ...

    async def entries(self) -> tuple[Entry, ...]:
        """All values of now."""
        ...

    async def watch(self, heard: Callable[[Entry], Awaitable[None]]) -> Watching:
        """Hear each value of now and then each change, in order.

        After a reconnect the values of then are heard again.
        """
        ...


class Broker(Protocol):
    """A connection that comes back by itself, with growing, jittered pauses."""

    @property
    def state(self) -> BrokerState:
        """How the connection stands."""
        ...

    def on_state(self, told: Callable[[BrokerState], None]) -> None:
        """Tell ``told`` of each change of ``state``, on the event loop."""
        ...

    async def connected(self, wait_seconds: float) -> None:
        """Wait for the connection.

        Raises:
            RelayUnavailable: There is none after that time.
            RelayRefused: The broker turns us away.
        """
        ...

    def renew(self) -> None:
        """Connect anew at once: after a sleep, or with new credentials."""
        ...

    async def close(self) -> None:
        """Send what is on its way and close for good."""
        ...

    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str = "",
        timeout_seconds: float = 5.0,
    ) -> Published:
        """Store a message in the stream of its subject; returns when it is stored.

        Raises:
            RelayUnavailable: It may or may not be stored.
            RelayMissing: No stream takes the subject.
        """
        ...

    async def publish_all(
        self, messages: Sequence[Outgoing], *, timeout_seconds: float = 5.0
    ) -> tuple[Published, ...]:
        """Store many in this order, without waiting for each; returns when all are.

        Raises:
            RelayUnavailable: Any of them may or may not be stored.
            RelayMissing: No stream takes a subject; the others may be stored.
        """
        ...

    async def send(
        self, subject: str, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """Tell whoever listens now; nothing is stored."""
        ...

    async def request(
        self, subject: str, body: bytes, *, timeout_seconds: float = 5.0
    ) -> bytes:
        """Ask whoever answers.

        Raises:
            RelayUnavailable: Nobody did.
        """
        ...

    async def answer(
        self,
        subject: str,
        answerer: Callable[[BrokerRequest], Awaitable[bytes | None]],
        *,
        queue: str = "",
    ) -> Watching:
        """Answer requests; in a queue group each goes to one member.

        With None a request is left without an answer. The answerer must not raise; an
        error of its is logged and not answered.
        """
        ...

    async def listen(
        self, subject: str, heard: Callable[[BrokerRequest], Awaitable[None]]
    ) -> Watching:
        """Hear what is sent to a subject."""
        ...

    async def ensure_stream(self, plan: StreamPlan) -> None:
        """Have the stream as planned."""
        ...

    async def ensure_consumer(self, stream: str, plan: ConsumerPlan) -> None:
        """Have the consumer; where it begins is settled when it is first made."""
        ...

    async def remove_consumer(self, stream: str, name: str) -> None:
        """Remove it; one that is gone is fine."""
        ...

    async def consumer_state(self, stream: str, name: str) -> ConsumerState:
        """How far it has come."""
        ...

    async def last_seq(self, stream: str) -> int:
        """The number of the stream's latest message; 0 before the first."""
        ...

    async def last_stored_at(self, stream: str, subject: str) -> datetime | None:
        """When a subject's latest message was stored; None when there is none."""
        ...

    async def stored_at(self, stream: str, seq: int) -> datetime | None:
        """When the message of that number was stored; None when there is none."""
        ...

    async def purge(self, stream: str, subject: str) -> None:
        """Delete every message of a subject."""
        ...

    def reader(self, stream: str, consumer: str) -> BrokerReader:
        """A reader of a consumer that exists; several may share one."""
        ...

    async def ensure_bucket(self, plan: BucketPlan) -> KeyValue:
        """Have the bucket as planned."""
        ...

    def bucket(self, name: str) -> KeyValue:
        """A bucket that exists."""
        ...
