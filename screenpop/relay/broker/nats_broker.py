"""The broker over NATS: one connection that is replaced whenever it breaks."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from nats.errors import Error as NatsError
from nats.nuid import NUID

from screenpop.domain.backoff import Backoff
from screenpop.domain.errors import (
    RelayMissing,
    RelayRefused,
    RelayUnavailable,
    ScreenpopError,
)
from screenpop.relay.broker import faults, plans
from screenpop.relay.broker.key_values import NatsBucket
from screenpop.relay.broker.link import CLOSE_SECONDS, Link
from screenpop.relay.broker.protocol import (
    BrokerAddress,
    BrokerRequest,
    BrokerState,
    BucketPlan,
    KeyValue,
    Outgoing,
    Published,
    Watching,
)
from screenpop.relay.broker.pulling import PullReader
from screenpop.relay.broker.replies import Replies
from screenpop.relay.broker.streams import Streams, json_object
from screenpop.relay.names import MESSAGE_ID_HEADER
from screenpop.wording import tr

if TYPE_CHECKING:
    from nats.aio.msg import Msg
    from nats.aio.subscription import Subscription

    from screenpop.domain.errors import RelayError

_log = logging.getLogger(__name__)

LONGEST_PAUSE_SECONDS: Final = 30.0
_PROVEN_SECONDS: Final = 5.0
_STATUS: Final = "Status"
_NO_RESPONDERS: Final = "503"


class _Hearing:
    """A subscription that is made again on each new connection."""

    def __init__(
        self,
        broker: NatsBroker,
        subject: str,
        heard: Callable[[Msg], Awaitable[None]],
        queue: str,
        begun: Callable[[], None],
    ) -> None:
        self._broker = broker
        self._subject = subject
        self._heard = heard
        self._queue = queue
        self._begun = begun
        self._subscription: Subscription | None = None

    async def begin(self, link: Link) -> None:
        """Subscribe on this connection."""
        self._subscription = await link.subscribe(
            self._subject, queue=self._queue, cb=self._heard
        )
        self._begun()

    async def stop(self) -> None:
        """Hear no more; see ``Watching``."""
        self._broker.unhear(self)
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            try:
                await subscription.unsubscribe()
            except (NatsError, OSError) as error:
                _log.debug("a subscription went before: %s", type(error).__name__)


class NatsBroker(Streams):
    """See ``screenpop.relay.broker.protocol.Broker``."""

    def __init__(self, address: BrokerAddress) -> None:
        """Connect to nothing yet; see ``connect``."""
        self._address = address
        self._link: Link | None = None
        self._state = BrokerState(is_connected=False)
        self._told: list[Callable[[BrokerState], None]] = []
        self._changed = asyncio.Event()
        self._again = asyncio.Event()
        self._keeper: asyncio.Task[None] | None = None
        self._is_closed = False
        self._hearings: list[_Hearing] = []
        self._refused: set[str] = set()
        self._generation = 0
        self._nuid = NUID()
        self._replies = Replies(f"{self.new_inbox()}.")

    # --- the connection --------------------------------------------------------------

    def start(self) -> None:
        """Begin to connect, and to stay so."""
        if self._keeper is None:
            self._keeper = asyncio.get_running_loop().create_task(
                self._keep(), name="broker connection"
            )

    @property
    def state(self) -> BrokerState:
        """See ``Broker``."""
        return self._state

    @property
    def generation(self) -> int:
        """How many connections there have been."""
        return self._generation

    def on_state(self, told: Callable[[BrokerState], None]) -> None:
        """See ``Broker``."""
        self._told.append(told)

    async def connected(self, wait_seconds: float) -> None:
        """See ``Broker``."""
        try:
            async with asyncio.timeout(wait_seconds):
                while not self._state.is_connected:
                    if self._state.is_refused:
                        raise RelayRefused(self._state.problem, self._state.advice)
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise faults.not_connected() from None

    def renew(self) -> None:
        """See ``Broker``."""
        self._again.set()
        if self._link is not None:
            self._link.gone.set()

    async def close(self) -> None:
        """See ``Broker``."""
        keeper, self._keeper = self._keeper, None
        self._is_closed = True
        if keeper is None:
            return
        while not keeper.done():
            # The library keeps a cancellation to itself that comes while it closes.
            keeper.cancel()
            await asyncio.wait((keeper,), timeout=CLOSE_SECONDS)
        await asyncio.gather(keeper, return_exceptions=True)

    async def _keep(self) -> None:
        backoff = Backoff(
            random=random.Random().random,  # noqa: S311 - jitter only
            cap_seconds=LONGEST_PAUSE_SECONDS,
        )
        loop = asyncio.get_running_loop()
        while not self._is_closed:
            self._again.clear()
            link = Link(self._address, self._note_refusal)
            opened_at = loop.time()
            try:
                await link.open()
                await self._use(link)
                await link.gone.wait()
                self._lose(link)
            except ScreenpopError as error:
                self._tell(_broken(error))
            except (NatsError, OSError) as error:
                _log.info("the broker was lost: %s", type(error).__name__)
                self._lose(link)
            finally:
                self._link = None
                self._replies.fail_all()
                await link.shut()
            if loop.time() - opened_at > _PROVEN_SECONDS:
                backoff.reset()
            try:
                async with asyncio.timeout(backoff.next_delay()):
                    await self._again.wait()
            except TimeoutError:
                continue

    async def _use(self, link: Link) -> None:
        await link.subscribe(self._replies.subject, cb=self._replies.take)
        for hearing in tuple(self._hearings):
            await hearing.begin(link)
        self._refused.clear()
        self._generation += 1
        self._link = link
        self._tell(BrokerState(is_connected=True))

    def _lose(self, link: Link) -> None:
        fault = link.fault
        error = (
            faults.turned_away()
            if faults.is_turned_away(fault)
            else faults.not_connected()
        )
        self._tell(_broken(error))

    def _tell(self, state: BrokerState) -> None:
        if state == self._state:
            return
        self._state = state
        self._changed.set()
        for told in tuple(self._told):
            told(state)

    def _note_refusal(self, subject: str) -> None:
        self._refused.add(subject)
        self._replies.fail_subject(subject)

    def refusal_of(self, subject: str) -> RelayError | None:
        """Whether the broker said, on this connection, that it is not for us."""
        return faults.not_permitted() if subject.lower() in self._refused else None

    # --- messages --------------------------------------------------------------------

    async def publish(
        self,
        subject: str,
        body: bytes,
        *,
        headers: Mapping[str, str] | None = None,
        message_id: str = "",
        timeout_seconds: float = 5.0,
    ) -> Published:
        """See ``Broker``."""
        sent = dict(headers or {})
        if message_id:
            sent[MESSAGE_ID_HEADER] = message_id
        return _published(await self.ask(subject, body, sent or None, timeout_seconds))

    async def publish_all(
        self, messages: Sequence[Outgoing], *, timeout_seconds: float = 5.0
    ) -> tuple[Published, ...]:
        """See ``Broker``."""
        waiting: list[asyncio.Future[Msg]] = []
        try:
            for each in messages:
                reply, answer = self._replies.expect(each.subject, timeout_seconds)
                waiting.append(answer)
                sent = {**each.headers, MESSAGE_ID_HEADER: each.message_id}
                await self._tell_broker(each.subject, each.body, reply, sent)
            answers = await asyncio.gather(*waiting)
        finally:
            for answer in waiting:
                answer.cancel()
        return tuple(map(_published, answers))

    async def send(
        self, subject: str, body: bytes, *, headers: Mapping[str, str] | None = None
    ) -> None:
        """See ``Broker``."""
        await self._tell_broker(subject, body, "", dict(headers) if headers else None)

    async def tell(self, subject: str, body: bytes, reply: str) -> None:
        """Publish with a subject for answers."""
        await self._tell_broker(subject, body, reply, None)

    async def request(
        self, subject: str, body: bytes, *, timeout_seconds: float = 5.0
    ) -> bytes:
        """See ``Broker``."""
        try:
            return (await self.ask(subject, body, None, timeout_seconds)).data
        except RelayMissing:
            raise RelayUnavailable(tr("No relay answers at the moment")) from None

    async def answer(
        self,
        subject: str,
        answerer: Callable[[BrokerRequest], Awaitable[bytes | None]],
        *,
        queue: str = "",
    ) -> Watching:
        """See ``Broker``."""

        async def heard(message: Msg) -> None:
            try:
                reply = await answerer(_request(message))
                if reply is not None:
                    await self.send(message.reply, reply)
            except ScreenpopError as error:
                _log.warning("a request is not answered: %s", error.title)
            except Exception as error:  # noqa: BLE001 - the next must be answered
                kind = type(error).__name__
                _log.error("a request could not be answered: %s", kind)

        return await self.hear(subject, heard, queue=queue)

    async def listen(
        self, subject: str, heard: Callable[[BrokerRequest], Awaitable[None]]
    ) -> Watching:
        """See ``Broker``."""

        async def take(message: Msg) -> None:
            try:
                await heard(_request(message))
            except Exception as error:  # noqa: BLE001 - the next must be heard
                kind = type(error).__name__
                _log.error("a message could not be taken: %s", kind)

        return await self.hear(subject, take)

    async def hear(
        self,
        subject: str,
        heard: Callable[[Msg], Awaitable[None]],
        *,
        queue: str = "",
        begun: Callable[[], None] = lambda: None,
    ) -> Watching:
        """Hear raw messages, after reconnects too; ``begun`` is called at each."""
        hearing = _Hearing(self, subject, heard, queue, begun)
        self._hearings.append(hearing)
        if self._link is not None:
            try:
                await hearing.begin(self._link)
            except (NatsError, OSError) as error:
                # The next connection begins with it.
                _log.debug("a subscription waits: %s", type(error).__name__)
        return hearing

    def unhear(self, hearing: object) -> None:
        """Make a subscription no more."""
        self._hearings = [each for each in self._hearings if each is not hearing]

    def new_inbox(self) -> str:
        """A subject of our own that nobody uses."""
        token = bytes(self._nuid.next()).decode()
        return f"{self._address.inbox_prefix}.{token}"

    async def ask(
        self,
        subject: str,
        body: bytes,
        headers: dict[str, str] | None,
        timeout_seconds: float,
    ) -> Msg:
        """Ask and wait for the answer.

        Raises:
            RelayMissing: Nobody listens there.
        """
        reply, answer = self._replies.expect(subject, timeout_seconds)
        try:
            await self._tell_broker(subject, body, reply, headers)
            message = await answer
        finally:
            answer.cancel()
        _check_heard(message)
        return message

    async def _tell_broker(
        self, subject: str, body: bytes, reply: str, headers: dict[str, str] | None
    ) -> None:
        link = self._link
        if link is None:
            raise faults.not_connected()
        refusal = self.refusal_of(subject)
        if refusal is not None:
            raise refusal
        try:
            await link.publish(subject, body, reply=reply, headers=headers)
        except (NatsError, OSError, AttributeError):
            # AttributeError is what the library makes of a transport that went.
            raise faults.not_connected() from None

    # --- readers and buckets ------------------------------------------------------

    def reader(self, stream: str, consumer: str) -> PullReader:
        """See ``Broker``."""
        return PullReader(self, stream, consumer)

    async def ensure_bucket(self, plan: BucketPlan) -> KeyValue:
        """See ``Broker``."""
        await self._ensure_stream(plans.bucket_config(plan))
        return self.bucket(plan.name)

    def bucket(self, name: str) -> KeyValue:
        """See ``Broker``."""
        return NatsBucket(self, name)


def connect(address: BrokerAddress) -> NatsBroker:
    """A broker that begins to connect; wait with ``connected``, end with ``close``."""
    broker = NatsBroker(address)
    broker.start()
    return broker


def _check_heard(answer: Msg) -> None:
    if answer.headers and answer.headers.get(_STATUS) == _NO_RESPONDERS:
        raise faults.missing()


def _published(answer: Msg) -> Published:
    _check_heard(answer)
    fields = json_object(answer.data)
    if "error" in fields:
        raise faults.api_error(fields["error"])
    seq = fields.get("seq")
    if not isinstance(seq, int):
        # Somebody who is no stream answered.
        raise faults.missing()
    return Published(seq, is_duplicate=fields.get("duplicate") is True)


def _broken(error: ScreenpopError) -> BrokerState:
    return BrokerState(
        is_connected=False,
        problem=error.title,
        advice=error.advice,
        is_refused=not isinstance(error, RelayUnavailable),
    )


def _request(message: Msg) -> BrokerRequest:
    headers = message.headers or {}
    return BrokerRequest(message.subject, message.data, headers, message.reply)
