"""What one instance alone does at the phone systems, once, and the next after it."""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.config.settings import AccountSettings
from screenpop.providers.protocol import SupportsWebhookSubscription
from screenpop.services.events import SourceState
from screenpop.simulator import create_cloud
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from tests.relay.relay_office import Relay, relay_settings, running_relay
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker
    from tests.relay.nats_server import NatsServer


def registered(cloud: VoxloudCloud) -> Counter[str]:
    return Counter(one.event_type for one in cloud.subscriptions)


async def at_work(relay: Relay) -> None:
    """Wait until both accounts are seen to."""
    monitor = relay.server.owner.monitor

    def is_up() -> bool:
        known = {state.account_id: state.state for state in monitor.states()}
        return (
            known.get("tele2") is SourceState.LIVE and "voxloud" in monitor.registered
        )

    await eventually(is_up, "the accounts", seconds=20)


async def test_subscriptions_are_made_once_healed_and_counted_and_a_stream_is_one(
    tmp_path: Path, shared_server: NatsServer, broker: Broker
) -> None:
    async with AsyncExitStack() as stack:
        voxloud = stack.enter_context(create_cloud("voxloud"))
        tele2 = stack.enter_context(create_cloud("tele2"))
        assert isinstance(voxloud, VoxloudCloud)
        assert isinstance(tele2, Tele2Cloud)
        accounts = [
            AccountSettings(
                id=cloud.vendor, vendor=cloud.vendor, base_url=cloud.base_url
            )
            for cloud in (voxloud, tele2)
        ]
        secrets = {
            (cloud.vendor, name): value
            for cloud in (voxloud, tele2)
            for name, value in cloud.credentials.items()
        }
        opening, following = [
            running_relay(
                replace(
                    relay_settings(tmp_path / name, shared_server, accounts),
                    public_url="https://relay.example.com",
                ),
                secrets,
            )
            for name in ("one", "two")
        ]
        leaving = AsyncExitStack()
        first = await leaving.enter_async_context(opening)
        stack.push_async_exit(leaving)
        second = await stack.enter_async_context(following)
        await first.is_owner()
        await at_work(first)
        once = registered(voxloud)
        assert set(once.values()) == {1}
        assert len(tele2.streams) == 1
        assert second.server.owner.monitor.states() == ()
        metrics = (await first.get("/metrics", admin=True)).body.decode()
        count = f'screenpop_relay_subscriptions{{account="voxloud"}} {len(once)}'
        assert count in metrics
        # One that somebody has deleted is there again after the next look.
        registrar = first.server.connections.get("voxloud").ability(
            SupportsWebhookSubscription
        )
        await registrar.delete_subscription(voxloud.subscriptions[0].subscription_id)
        assert registered(voxloud) != once
        first.server.owner.monitor.wake("voxloud")
        await eventually(lambda: registered(voxloud) == once, "the healing")
        # Whoever comes next makes none anew, and reads the one stream.
        await leaving.aclose()
        await second.is_owner()
        await at_work(second)
        assert registered(voxloud) == once
        await eventually(lambda: len(tele2.streams) == 1, "one stream")
