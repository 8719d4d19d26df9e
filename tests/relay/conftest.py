"""One broker for all tests of a process; each test finds it empty."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from screenpop.relay.broker import Broker, BrokerAddress
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.services.relay.streams import ensure_streams
from tests.relay.nats_server import NatsServer
from tests.relay.team_server import TeamServer


@pytest.fixture(scope="session")
def shared_server() -> Iterator[NatsServer]:
    """A broker that no test may stop."""
    with tempfile.TemporaryDirectory(prefix="sp-nats-") as folder:
        server = NatsServer(Path(folder))
        server.start()
        yield server
        server.stop()


@pytest.fixture
async def broker(shared_server: NatsServer) -> AsyncIterator[Broker]:
    """A connection to an empty broker."""
    from screenpop.relay.broker.nats_broker import connect

    connected = connect(BrokerAddress(urls=(shared_server.url,)))
    await connected.connected(10)
    await forget_everything(connected)
    yield connected
    await connected.close()


async def forget_everything(broker: object) -> None:
    """Delete every stream, and with them every consumer and bucket."""
    from screenpop.relay.broker.nats_broker import NatsBroker

    assert isinstance(broker, NatsBroker)
    names = await broker.api("STREAM.NAMES")
    streams = names.get("streams")
    for name in streams if isinstance(streams, list) else ():
        await broker.api(f"STREAM.DELETE.{name}")


@pytest.fixture(scope="session")
def team() -> Iterator[TeamServer]:
    with tempfile.TemporaryDirectory(prefix="sp-team-") as folder:
        server = TeamServer(Path(folder))
        server.nats.start()
        yield server
        server.nats.stop()


@pytest.fixture
async def relay(team: TeamServer) -> AsyncIterator[NatsBroker]:
    broker = connect(team.relay_address())
    await broker.connected(10)
    await ensure_streams(broker, 1)
    yield broker
    await broker.close()
