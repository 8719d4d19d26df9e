"""Enrol many desks the way the relay does, without a code and a request for each."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from screenpop.relay.devices import Device, Line
from screenpop.relay.enrolment import ensure_desk
from screenpop.relay.identity.nkey import KeyKind, KeyPair
from screenpop.relay.names import DESKS_STREAM, Bucket, desk_consumer
from tests.relay.lean_desk import Pass
from tests.relay.team_server import now

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.relay.broker import Broker
    from screenpop.relay.setup.keys import TeamSecrets

FIRST_EXTENSION: Final = 10_000
_AT_ONCE: Final = 32


def extension_of(number: int) -> str:
    """Whose calls the desk of that number hears of."""
    return str(FIRST_EXTENSION + number)


def device_of(number: int) -> str:
    """Its id."""
    return f"lean-{number}"


async def enrol(
    broker: Broker, secrets: TeamSecrets, numbers: Iterable[int]
) -> list[Pass]:
    """Have each in the registry with its consumer; what lets them in."""
    signer, at = secrets.desktop_signer(), now()
    devices = broker.bucket(Bucket.DEVICES.value)
    gate = asyncio.Semaphore(_AT_ONCE)

    async def add(number: int) -> Pass:
        key = KeyPair.generate(KeyKind.USER)
        device = Device(
            device_id=device_of(number),
            agent=f"Agent {number}",
            host="desk.example.com",
            public_key=key.public,
            lines=(Line("acme", extension_of(number)),),
            joined_at=at,
        )
        async with gate:
            await ensure_desk(broker, device.device_id)
            await devices.put(device.device_id, device.to_json())
        statement = signer.device(key.public, device.device_id, ("acme",), at)
        return Pass(device.device_id, key.seed().reveal(), statement)

    return list(await asyncio.gather(*map(add, numbers)))


async def dismiss(broker: Broker, numbers: Iterable[int]) -> None:
    """Leave nothing of them behind, for brokers that tests share."""
    devices = broker.bucket(Bucket.DEVICES.value)
    for number in numbers:
        await devices.delete(device_of(number))
        await broker.remove_consumer(DESKS_STREAM, desk_consumer(device_of(number)))
