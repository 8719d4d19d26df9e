"""A relay in the test's own process, or several, over a real broker."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.config.relay_settings import LineRule, RelaySettings
from screenpop.relay.broker import Broker, BrokerReader, ConsumerPlan
from screenpop.relay.devices import Device, Line
from screenpop.relay.envelope import unfold
from screenpop.relay.names import (
    DESKS_STREAM,
    INTAKE_STREAM,
    Bucket,
    desk_consumer,
    desk_subject,
)
from screenpop.services.relay.server import RelayServer
from tests.relay.http_sender import Answer, Sender
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.config.settings import AccountSettings
    from screenpop.domain.delivery import Delivery
    from tests.relay.nats_server import NatsServer

SEALING_KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Relay:
    """A running relay and what is needed to talk to it."""

    server: RelayServer
    tokens: Mapping[str, str]
    _senders: list[Sender] = field(default_factory=list)
    _is_closed: bool = False

    @property
    def port(self) -> int:
        return self.server.web.port

    def target(self, account_id: str, rest: str = "") -> str:
        return f"/hooks/{account_id}/{self.tokens[account_id]}{rest}"

    async def post(
        self,
        account_id: str,
        body: bytes,
        rest: str = "",
        *,
        method: str = "POST",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        sender = self._senders.pop() if self._senders else Sender(self.port)
        try:
            return await sender.send(
                self.target(account_id, rest), body, method=method, headers=headers
            )
        finally:
            if self._is_closed:
                # It was answered while the relay ended.
                sender.close()
            self._senders.append(sender)

    async def get(self, path: str, *, admin: bool = False) -> Answer:
        sender = Sender(self.server.admin_web.port if admin else self.port)
        try:
            return await sender.send(path, method="GET")
        finally:
            sender.close()

    async def readiness(self) -> dict[str, object]:
        answer = await self.get("/readyz", admin=True)
        found: dict[str, object] = json.loads(answer.body)
        return found

    async def is_owner(self) -> None:
        await eventually(lambda: self.server.owner.is_leading, "the duties")

    def close(self) -> None:
        self._is_closed = True
        for sender in self._senders:
            sender.close()


def relay_settings(
    folder: Path,
    server: NatsServer,
    accounts: Sequence[AccountSettings],
    lines: Sequence[LineRule] = (),
) -> RelaySettings:
    """Settings of a relay at any free ports that leaves at once."""
    return RelaySettings(
        port=0,
        admin_port=0,
        brokers=(server.url,),
        spool=folder / "spool",
        leave_seconds=0.0,
        accounts=tuple(accounts),
        lines=tuple(lines),
        region="GB",
    )


def given_secrets(
    accounts: Sequence[AccountSettings], secrets: Mapping[tuple[str, str], str]
) -> tuple[dict[str, str], dict[str, str]]:
    """The variables of an environment, and each account's token."""
    tokens = {account.id: f"token-of-{account.id}-{'x' * 30}" for account in accounts}
    given = {"SCREENPOP_RELAY_SEALING_KEY": SEALING_KEY}
    for (account_id, name), value in secrets.items():
        given[_variable(account_id, name)] = value
    for account_id, token in tokens.items():
        given[_variable(account_id, "hook_token")] = token
    return given, tokens


def _variable(account_id: str, name: str) -> str:
    return f"SCREENPOP_SECRET_{account_id}_{name}".upper().replace("-", "_")


@asynccontextmanager
async def running_relay(
    settings: RelaySettings, secrets: Mapping[tuple[str, str], str] | None = None
) -> AsyncIterator[Relay]:
    """Start one, and end it as an administrator would."""
    given, tokens = given_secrets(settings.accounts, secrets or {})
    relay = Relay(RelayServer(settings, given), tokens)
    await relay.server.start()
    try:
        yield relay
    finally:
        relay.close()
        await relay.server.stop()


async def join(broker: Broker, device_id: str, *lines: tuple[str, str]) -> None:
    """Enrol a device, as ``add-agent`` and the code do."""
    device = Device(
        device_id=device_id,
        agent=device_id,
        host="desk.example.com",
        public_key="U" + "A" * 55,
        lines=tuple(Line(account_id, extension) for account_id, extension in lines),
        joined_at=NOW,
    )
    plan = ConsumerPlan(
        name=desk_consumer(device_id), filter_subject=desk_subject(device_id)
    )
    await broker.ensure_consumer(DESKS_STREAM, plan)
    await broker.bucket(Bucket.DEVICES.value).put(device_id, device.to_json())


class DeskReader:
    """Reads one device's copies."""

    def __init__(self, broker: Broker, device_id: str) -> None:
        self._broker = broker
        self._consumer = desk_consumer(device_id)
        self.got: list[Delivery] = []

    async def read(self, count: int, seconds: float = 20.0) -> list[Delivery]:
        """Everything so far, once there are so many."""
        async with self._broker.reader(DESKS_STREAM, self._consumer) as reader:
            while len(self.got) < count:
                await self._fetch(reader, seconds)
        return self.got

    async def read_all(self, wanted: Collection[bytes]) -> None:
        """Read until every one of these bodies has come."""
        left = set(wanted) - {delivery.body for delivery in self.got}
        async with self._broker.reader(DESKS_STREAM, self._consumer) as reader:
            while left:
                left -= {each.body for each in await self._fetch(reader, 20.0)}

    async def _fetch(self, reader: BrokerReader, seconds: float) -> list[Delivery]:
        messages = await reader.fetch(256, seconds)
        assert messages, f"only {len(self.got)} copies came"
        found = [unfold(message.headers, message.body) for message in messages]
        for message in messages:
            await reader.ack(message)
        self.got += found
        return found

    async def nothing_more(self) -> None:
        """Be sure that no other copy is on its way."""
        state = await self._broker.consumer_state(DESKS_STREAM, self._consumer)
        assert state.pending == 0


async def settled(relay: Relay, broker: Broker) -> None:
    """Wait until everything that was taken has been routed."""
    last = await broker.last_seq(INTAKE_STREAM)
    router = relay.server.router
    await eventually(lambda: router.position >= last, "everything to be routed")
