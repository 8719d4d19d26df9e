"""Key-value buckets as the broker keeps them: one message a key, in a stream.

As https://github.com/nats-io/nats-architecture-and-design/blob/main/adr/ADR-8.md has
it. Values are read from the stream's leader, so that compare-and-set works in a
cluster, too.
"""

from __future__ import annotations

import asyncio
import base64
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, cast

from screenpop.domain.errors import (
    RelayConflict,
    RelayError,
    RelayMissing,
    RelayUnavailable,
)
from screenpop.relay.broker.protocol import AckPolicy, ConsumerPlan, Entry
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.relay.broker.nats_broker import NatsBroker
    from screenpop.relay.broker.protocol import BrokerMessage, Watching

_log = logging.getLogger(__name__)

_OPERATION: Final = "KV-Operation"
_EXPECTED: Final = "Nats-Expected-Last-Subject-Sequence"
_MARKER: Final = "Nats-Marker-Reason"
_BATCH: Final = 256
_READ_SECONDS: Final = 2.0
_WATCH_SECONDS: Final = 30.0
_PAUSE_SECONDS: Final = 0.5


class NatsBucket:
    """See ``screenpop.relay.broker.protocol.KeyValue``."""

    def __init__(self, broker: NatsBroker, name: str) -> None:
        self._broker = broker
        self._stream = f"KV_{name}"
        self._prefix = f"$KV.{name}."

    async def get(self, key: str) -> Entry | None:
        """See ``KeyValue``."""
        entry = await self._last(key)
        return entry if entry is not None and entry.value is not None else None

    async def _last(self, key: str) -> Entry | None:
        """The last that was written, be it a deletion."""
        question = {"last_by_subj": f"{self._prefix}{key}"}
        try:
            answer = await self._broker.api(f"STREAM.MSG.GET.{self._stream}", question)
        except RelayMissing:
            return None
        message = cast("dict[str, JsonValue]", answer.get("message") or {})
        seq, data = message.get("seq"), message.get("data", "")
        head = base64.b64decode(str(message.get("hdrs", "")))
        value = base64.b64decode(str(data))
        is_gone = any(each.encode() in head for each in (_OPERATION, _MARKER))
        revision = seq if isinstance(seq, int) else 0
        return Entry(key, None if is_gone else value, revision)

    async def put(self, key: str, value: bytes) -> int:
        """See ``KeyValue``."""
        return (await self._broker.publish(f"{self._prefix}{key}", value)).seq

    async def create(self, key: str, value: bytes) -> int:
        """See ``KeyValue``."""
        try:
            return await self.update(key, value, 0)
        except RelayConflict:
            # A deletion is a message as well.
            last = await self._last(key)
            if last is None or last.value is not None:
                raise
            return await self.update(key, value, last.revision)

    async def update(self, key: str, value: bytes, revision: int) -> int:
        """See ``KeyValue``."""
        headers = {_EXPECTED: str(revision)}
        subject = f"{self._prefix}{key}"
        return (await self._broker.publish(subject, value, headers=headers)).seq

    async def delete(self, key: str, revision: int | None = None) -> None:
        """See ``KeyValue``."""
        headers = {_OPERATION: "DEL"}
        if revision is not None:
            headers[_EXPECTED] = str(revision)
        await self._broker.publish(f"{self._prefix}{key}", b"", headers=headers)

    async def entries(self) -> tuple[Entry, ...]:
        """See ``KeyValue``."""
        found: list[Entry] = []
        name = await self._consumer()
        try:
            pending = (await self._broker.consumer_state(self._stream, name)).pending
            async with self._broker.reader(self._stream, name) as reader:
                while pending:
                    messages = await reader.fetch(_BATCH, _READ_SECONDS)
                    if not messages:
                        raise RelayUnavailable(tr("The relay's broker is slow"))
                    found += [self._entry(message) for message in messages]
                    pending = messages[-1].pending
        finally:
            await self._drop(name)
        return tuple(each for each in found if each.value is not None)

    async def watch(self, heard: Callable[[Entry], Awaitable[None]]) -> Watching:
        """See ``KeyValue``."""
        return _Watch(self, heard)

    async def follow(self, heard: Callable[[Entry], Awaitable[None]]) -> None:
        """Hear the values and changes until the connection breaks.

        Raises:
            RelayError: It broke, or the consumer went.
        """
        name = await self._consumer()
        generation = self._broker.generation
        try:
            async with self._broker.reader(self._stream, name) as reader:
                while generation == self._broker.generation:
                    for message in await reader.fetch(_BATCH, _WATCH_SECONDS):
                        await heard(self._entry(message))
        finally:
            await self._drop(name)

    async def _consumer(self) -> str:
        name = self._broker.new_inbox().rpartition(".")[2]
        plan = ConsumerPlan(name=name, is_durable=False, ack=AckPolicy.NONE)
        await self._broker.make_last_reader(self._stream, plan)
        return name

    async def _drop(self, name: str) -> None:
        try:
            await self._broker.remove_consumer(self._stream, name)
        except RelayError as error:
            # It goes by itself after a while.
            _log.debug("a consumer was left: %s", error.title)

    def _entry(self, message: BrokerMessage) -> Entry:
        is_gone = _OPERATION in message.headers or _MARKER in message.headers
        key = message.subject[len(self._prefix) :]
        return Entry(key, None if is_gone else message.body, message.seq)


class _Watch:
    """Follows a bucket, from connection to connection."""

    def __init__(
        self, bucket: NatsBucket, heard: Callable[[Entry], Awaitable[None]]
    ) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run(bucket, heard))

    async def _run(
        self, bucket: NatsBucket, heard: Callable[[Entry], Awaitable[None]]
    ) -> None:
        while True:
            try:
                await bucket.follow(heard)
            except RelayError as error:
                _log.debug("a watch begins again: %s", error.title)
            await asyncio.sleep(_PAUSE_SECONDS)

    async def stop(self) -> None:
        """See ``Watching``."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
