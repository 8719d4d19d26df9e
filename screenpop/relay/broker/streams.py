"""Streams and consumers through the broker's own API, JSON over requests."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final, cast

from screenpop.domain.errors import RelayMissing, RelayRefused, RelayUnavailable
from screenpop.relay.broker import faults, plans
from screenpop.relay.broker.protocol import ConsumerPlan, ConsumerState, StreamPlan
from screenpop.wording import tr

if TYPE_CHECKING:
    from nats.aio.msg import Msg

    from screenpop.domain.json_fields import JsonValue

_log = logging.getLogger(__name__)

_API: Final = "$JS.API."
_MOST_READERS: Final = "max_consumers"
_API_SECONDS: Final = 5.0
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?Z")


class Streams:
    """What a broker's connection can do with streams and consumers."""

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
        raise NotImplementedError

    async def api(
        self, verb: str, question: Mapping[str, JsonValue] | None = None
    ) -> Mapping[str, JsonValue]:
        """One request of the JetStream API, such as ``STREAM.INFO.DESKS``.

        Raises:
            RelayError: By kind.
        """
        body = json.dumps(question).encode() if question is not None else b""
        try:
            answer = await self.ask(f"{_API}{verb}", body, None, _API_SECONDS)
        except RelayMissing:
            raise RelayUnavailable(
                tr("The relay's broker keeps no streams"),
                tr("Whoever runs it must switch JetStream on, as nats.conf has it."),
            ) from None
        fields = json_object(answer.data)
        if "error" in fields:
            raise faults.api_error(fields["error"])
        return fields

    async def ensure_stream(self, plan: StreamPlan) -> None:
        """See ``Broker``."""
        await self._ensure_stream(plans.stream_config(plan))

    async def _ensure_stream(self, wanted: dict[str, JsonValue]) -> None:
        name = wanted["name"]
        try:
            info = await self.api(f"STREAM.INFO.{name}")
        except RelayMissing:
            await self.api(f"STREAM.CREATE.{name}", wanted)
            return
        there = as_object(info.get("config"))
        changed = {key for key, value in wanted.items() if there.get(key) != value}
        try:
            if changed:
                await self.api(f"STREAM.UPDATE.{name}", {**there, **wanted})
        except RelayRefused as error:
            if changed != {_MOST_READERS}:
                raise
            # A broker that does not let it be changed has no limit of its own either.
            _log.debug("a stream stays as it is: %s", error.title)

    async def ensure_consumer(self, stream: str, plan: ConsumerPlan) -> None:
        """See ``Broker``."""
        wanted = plans.consumer_config(plan)
        verb = f"CONSUMER.CREATE.{stream}.{plan.name}"
        if plan.filter_subject:
            verb = f"{verb}.{plan.filter_subject}"
        try:
            info = await self.api(f"CONSUMER.INFO.{stream}.{plan.name}")
        except RelayMissing:
            config = {**wanted, **plans.consumer_start(plan)}
            await self.api(verb, {"stream_name": stream, "config": config})
            return
        there = as_object(info.get("config"))
        if any(there.get(key) != value for key, value in wanted.items()):
            config = {**there, **wanted}
            await self.api(verb, {"stream_name": stream, "config": config})

    async def make_last_reader(self, stream: str, plan: ConsumerPlan) -> None:
        """A new consumer of the last message of each subject, and what follows."""
        config = {**plans.consumer_config(plan), "deliver_policy": "last_per_subject"}
        # It asks for a filter, be it everything.
        config["filter_subject"] = ">"
        verb = f"CONSUMER.CREATE.{stream}.{plan.name}"
        await self.api(verb, {"stream_name": stream, "config": config})

    async def remove_consumer(self, stream: str, name: str) -> None:
        """See ``Broker``."""
        try:
            await self.api(f"CONSUMER.DELETE.{stream}.{name}")
        except RelayMissing:
            return

    async def consumer_state(self, stream: str, name: str) -> ConsumerState:
        """See ``Broker``."""
        info = await self.api(f"CONSUMER.INFO.{stream}.{name}")
        floor = as_object(info.get("ack_floor"))
        return ConsumerState(
            pending=integer(info.get("num_pending")),
            unacked=integer(info.get("num_ack_pending")),
            acked_seq=integer(floor.get("stream_seq")),
        )

    async def last_seq(self, stream: str) -> int:
        """See ``Broker``."""
        info = await self.api(f"STREAM.INFO.{stream}")
        return integer(as_object(info.get("state")).get("last_seq"))

    async def last_stored_at(self, stream: str, subject: str) -> datetime | None:
        """See ``Broker``."""
        return await self._stored_at(stream, {"last_by_subj": subject})

    async def stored_at(self, stream: str, seq: int) -> datetime | None:
        """See ``Broker``."""
        return await self._stored_at(stream, {"seq": seq})

    async def _stored_at(
        self, stream: str, question: Mapping[str, JsonValue]
    ) -> datetime | None:
        try:
            answer = await self.api(f"STREAM.MSG.GET.{stream}", question)
        except RelayMissing:
            return None
        text = str(as_object(answer.get("message")).get("time", ""))
        # Python reads microseconds, the broker writes up to nine digits.
        found = _MOMENT.fullmatch(text)
        if found is None:
            return None
        fraction = f"{found[2] or '.':0<7}"[:7]
        return datetime.fromisoformat(f"{found[1]}{fraction}+00:00")

    async def purge(self, stream: str, subject: str) -> None:
        """See ``Broker``."""
        await self.api(f"STREAM.PURGE.{stream}", {"filter": subject})


def json_object(body: bytes) -> Mapping[str, JsonValue]:
    """The object in an answer of the broker.

    Raises:
        RelayUnavailable: It is none.
    """
    try:
        return as_object(json.loads(body))
    except (ValueError, RecursionError):
        raise RelayUnavailable(
            tr("The relay's broker gives a strange answer")
        ) from None


def as_object(value: object) -> dict[str, JsonValue]:
    """The object, or an empty one for anything else."""
    return cast("dict[str, JsonValue]", value) if isinstance(value, dict) else {}


def integer(value: object) -> int:
    """The number, or 0 for anything else."""
    return value if isinstance(value, int) else 0
