"""The relay's public door: who is let in, what each vendor is answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.settings import AccountSettings
from screenpop.providers import registry
from screenpop.relay.broker import AckPolicy, ConsumerPlan
from screenpop.relay.envelope import unfold
from screenpop.relay.names import INTAKE_STREAM, LONGEST_BODY
from screenpop.services.events import SourceState
from screenpop.simulator import create_cloud
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from tests.providers.hook_examples import documented
from tests.relay.http_sender import Sender
from tests.relay.relay_office import Relay, relay_settings, running_relay, settled
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.relay.broker import Broker
    from screenpop.simulator.protocol import VendorCloud
    from tests.relay.nats_server import NatsServer

_UP = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)
OPTIONS = {
    "container_id": "100200",
    "agent_number": "+442079460150",
    "outbound_number": "+442079460100",
    "active_users": "101=Amelia Hart <amelia.hart@example.com>, 102=Rui Costa",
    "switchboard_option": "102",
}


@pytest.fixture
async def five(
    tmp_path: Path, shared_server: NatsServer, broker: Broker
) -> AsyncIterator[tuple[Relay, dict[str, VendorCloud]]]:
    """A relay with an account at each vendor's simulated cloud."""
    clouds: dict[str, VendorCloud] = {}
    secrets: dict[tuple[str, str], str] = {}
    with ExitStack() as stack:
        for vendor in registry.BUILT_IN:
            cloud = stack.enter_context(create_cloud(vendor))
            clouds[vendor] = cloud
            for name, value in cloud.credentials.items():
                secrets[vendor, name] = value
        accounts = [
            AccountSettings(
                id=vendor, vendor=vendor, base_url=cloud.base_url, options=OPTIONS
            )
            for vendor, cloud in clouds.items()
        ]
        settings = relay_settings(tmp_path, shared_server, accounts)
        async with running_relay(settings, secrets) as relay:
            await relay.is_owner()
            yield relay, clouds


@pytest.fixture
async def one(
    tmp_path: Path, shared_server: NatsServer, broker: Broker
) -> AsyncIterator[Relay]:
    """A relay with one account whose vendor is not there."""
    account = AccountSettings(
        id="acme", vendor="primevox", base_url="http://127.0.0.1:9"
    )
    settings = relay_settings(tmp_path, shared_server, [account])
    secrets = {("acme", "api_key"): "k" * 20, ("acme", "container_id"): "100200"}
    async with running_relay(settings, secrets) as relay:
        yield relay


async def everything_taken(broker: Broker) -> list[Delivery]:
    last = await broker.last_seq(INTAKE_STREAM)
    plan = ConsumerPlan(name="test", is_durable=False, ack=AckPolicy.NONE)
    await broker.ensure_consumer(INTAKE_STREAM, plan)
    found: list[Delivery] = []
    async with broker.reader(INTAKE_STREAM, "test") as reader:
        seq = 0
        while seq < last:
            for message in await reader.fetch(256, 10):
                seq = message.seq
                found.append(unfold(message.headers, message.body))
    return found


async def test_every_vendor_is_taken_from_its_simulated_cloud(
    five: tuple[Relay, dict[str, VendorCloud]], broker: Broker
) -> None:
    relay, clouds = five
    monitor = relay.server.owner.monitor
    for vendor in registry.BUILT_IN:
        await eventually(
            lambda: (told := monitor.state(vendor)) and told.state in _UP,  # noqa: B023
            f"{vendor} to be up",
        )
    bearer = clouds["mobtexting"].credentials["webhook_secret"]
    signed: dict[str, tuple[tuple[str, str], ...]] = dict.fromkeys(
        registry.BUILT_IN, ()
    )
    signed["mobtexting"] = (("Authorization", f"Bearer {bearer}"),)
    for vendor in registry.BUILT_IN:
        for example in documented(vendor):
            query = f"?{example.query}" if example.query else ""
            answer = await relay.post(
                vendor,
                example.body,
                f"{example.path}{query}",
                method=example.method,
                headers=(("Content-Type", example.content_type), *signed[vendor]),
            )
            assert answer.status == 200, example.name
    await settled(relay, broker)
    taken = await everything_taken(broker)
    assert {delivery.account_id for delivery in taken} == set(registry.BUILT_IN)
    # Voxloud and MobTexting were told by the relay where to call; MobTexting asked for
    # its challenge before it believed that.
    mobtexting = clouds["mobtexting"]
    assert isinstance(mobtexting, MobTextingCloud)
    (webhook,) = mobtexting.webhooks
    assert webhook.uri.endswith(relay.target("mobtexting"))
    call = clouds["voxloud"].incoming_call("+442079460123")
    await asyncio.to_thread(call.ring)
    (delivered,) = await asyncio.to_thread(clouds["voxloud"].wait_for_deliveries, 1)
    assert delivered.status == 200


async def test_mango_platform_endpoints_are_answered_with_what_they_ask_for(
    five: tuple[Relay, dict[str, VendorCloud]], broker: Broker
) -> None:
    relay, _ = five
    users = await relay.post("mango_voice", b"", "/activeusers", method="GET")
    assert users.headers["content-type"].startswith("application/json")
    assert "Amelia Hart" in users.body.decode()
    routed = await relay.post(
        "mango_voice", b"", "/switchboard?callid=7&from=2025550100", method="GET"
    )
    assert json.loads(routed.body) is not None
    assert b"102" in routed.body
    # A secret that is handed over is kept at the broker, sealed, and nowhere else.
    secret = "https://dial.example.com/7f3c/secret-of-rui"
    body = json.dumps({"email": "rui@example.com", "url": secret}).encode()
    handed = await relay.post("mango_voice", body, "/callcontrol")
    assert handed.status == 200
    await settled(relay, broker)
    for delivery in await everything_taken(broker):
        assert b"secret-of-rui" not in delivery.body


async def test_strangers_get_the_answer_that_nothing_gets(
    one: Relay, broker: Broker
) -> None:
    sender = Sender(one.port)
    answers = [
        await one.post("acme", b""),
        await sender.send("/hooks/acme/wrong-token", b"{}"),
        await sender.send("/hooks/nobody/wrong-token", b"{}"),
        await sender.send("/", b"{}"),
        await sender.send(one.target("acme"), b"{}", method="DELETE"),
    ]
    sender.close()
    for answer in answers:
        answer.headers.pop("date", None)
    assert {answer.status for answer in answers} == {200}
    assert all(answer == answers[0] for answer in answers)
    assert await broker.last_seq(INTAKE_STREAM) == 0


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, (("Origin", "https://evil.example"),)),
        (403, (("Sec-Fetch-Site", "cross-site"),)),
        (415, (("Content-Encoding", "gzip"),)),
        (421, (("Host", "evil.example"),)),
    ],
)
async def test_browsers_and_the_like_are_turned_away(
    one: Relay, broker: Broker, status: int, headers: tuple[tuple[str, str], ...]
) -> None:
    answer = await one.post("acme", b"{}", headers=headers)
    assert answer.status == status
    assert await broker.last_seq(INTAKE_STREAM) == 0


async def test_a_body_is_bounded(one: Relay) -> None:
    assert (await one.post("acme", b" " * LONGEST_BODY)).status == 200
    sender = Sender(one.port)
    answer = await sender.send(one.target("acme"), b" " * (LONGEST_BODY + 1))
    assert answer.status == 413
    sender.close()


async def test_health_and_metrics_tell_how_the_relay_is(
    one: Relay, broker: Broker
) -> None:
    body = json.dumps({"number": "+442079460123"}).encode()
    await one.post("acme", body)
    await one.post("acme", body)
    await one.is_owner()
    await settled(one, broker)
    meters = one.server.meters
    await eventually(lambda: meters.duplicates.total() == 1, "the repetition")
    await eventually(lambda: not one.server.spool.count, "the spool to be empty")
    assert meters.deliveries.total() == 2
    assert (await one.get("/healthz")).status == 200
    assert (await one.get("/metrics")).body == b""
    ready = await one.readiness()
    assert ready["ready"] is True
    assert (ready["owner"], ready["spooled"]) == (True, 0)
    text = (await one.get("/metrics", admin=True)).body.decode()
    for line in (
        'screenpop_relay_requests_total{outcome="accepted"} 2',
        "screenpop_relay_duplicates_total 1",
        "screenpop_relay_answer_seconds_count 2",
        "screenpop_relay_broker_connected 1",
        "screenpop_relay_owner 1",
        "screenpop_relay_spooled 0",
    ):
        assert line in text.splitlines()
    assert "7946" not in text
