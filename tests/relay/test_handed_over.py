"""What vendors hand over, and what a broker that lost everything costs."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.relay.names import INTAKE_STREAM, Bucket
from screenpop.services.relay.secrets import RelaySecrets, Seal
from screenpop.services.relay.streams import ensure_streams
from tests.relay.relay_office import (
    DeskReader,
    join,
    relay_settings,
    running_relay,
    settled,
)

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker
    from screenpop.relay.spool import SpooledMessage
    from tests.relay.nats_server import NatsServer

ACCOUNT = AccountSettings(id="acme", vendor="voxloud", base_url="http://127.0.0.1:9")


async def test_a_secret_that_one_relay_was_handed_opens_at_another_only_with_the_key(
    broker: NatsBroker,
) -> None:
    await ensure_streams(broker, 1)

    async def keep(message: SpooledMessage) -> None:
        await broker.publish(message.subject, message.body)

    def relay(key: bytes) -> RelaySecrets:
        given = {"SCREENPOP_SECRET_ACME_API_KEY": "given"}
        return RelaySecrets(given, broker, Seal(key), keep)

    one, two, thief = relay(b"k" * 32), relay(b"k" * 32), relay(b"t" * 32)
    heard: asyncio.Queue[str] = asyncio.Queue()
    watching = await two.watch(heard.put)
    await one.set("acme", "dial_url", Secret("https://example.com/s3cret"))
    async with asyncio.timeout(10):
        assert await heard.get() == "acme"
    assert (await two.get("acme", "dial_url")).reveal() == "https://example.com/s3cret"
    assert (await two.get("acme", "api_key")).reveal() == "given"
    with pytest.raises(SecretMissing):
        await thief.get("acme", "dial_url")
    (entry,) = await broker.bucket(Bucket.HANDED.value).entries()
    assert b"s3cret" not in (entry.value or b"")
    await two.delete("acme", "dial_url")
    with pytest.raises(SecretMissing):
        await two.get("acme", "dial_url")
    await watching.stop()


@pytest.mark.expects_log("the broker has lost deliveries")
async def test_deliveries_reach_the_desk_though_the_broker_lost_earlier_ones(
    tmp_path: Path, shared_server: NatsServer, broker: NatsBroker
) -> None:
    settings = relay_settings(tmp_path, shared_server, [ACCOUNT])
    secrets = {("acme", "api_key"): "k" * 20}
    bodies = [json.dumps({"number": number}).encode() for number in range(5)]
    await ensure_streams(broker, 1)
    await join(broker, "boss", ("acme", ""))
    desk = DeskReader(broker, "boss")
    async with running_relay(settings, secrets) as relay:
        await relay.is_owner()
        for body in bodies[:3]:
            assert (await relay.post("acme", body)).status == 200
        await desk.read(3)
        await settled(relay, broker)
    # The next two get the numbers that the first two had.
    await broker.api(f"STREAM.DELETE.{INTAKE_STREAM}")
    async with running_relay(settings, secrets) as relay:
        for body in bodies[3:]:
            assert (await relay.post("acme", body)).status == 200
        await desk.read_all(bodies)
