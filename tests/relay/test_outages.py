"""A relay whose broker is slow, away, or back again."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections import Counter
from collections.abc import AsyncIterator
from concurrent.futures import Future
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.config.settings import AccountSettings
from screenpop.domain.errors import ConfigurationError, StoreFull
from screenpop.relay.broker import BrokerAddress
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.spool import Spool, SpooledMessage
from screenpop.services.supervisor import wait_quietly
from tests.relay.nats_server import NatsServer
from tests.relay.relay_office import (
    DeskReader,
    Relay,
    join,
    relay_settings,
    running_relay,
)
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker import Published

VENDOR_PATIENCE_SECONDS = 1.5
DOWN_SECONDS = 60.0
A_SECOND = 20
ACCOUNT = AccountSettings(id="acme", vendor="voxloud", base_url="http://127.0.0.1:9")


@pytest.fixture
async def own_server(tmp_path: Path) -> AsyncIterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def relay(tmp_path: Path, own_server: NatsServer) -> AsyncIterator[Relay]:
    settings = relay_settings(tmp_path, own_server, [ACCOUNT])
    async with running_relay(settings, {("acme", "api_key"): "k" * 20}) as running:
        await running.is_owner()
        yield running


@pytest.fixture
async def reader(own_server: NatsServer, relay: Relay) -> AsyncIterator[NatsBroker]:
    broker = connect(BrokerAddress(urls=(own_server.url,)))
    await broker.connected(10)
    await join(broker, "boss", ("acme", ""))
    await eventually(lambda: relay.server.desks.count == 1, "the desk to be known")
    yield broker
    await broker.close()


def body(number: int) -> bytes:
    return json.dumps({"number": number}).encode()


async def posted(relay: Relay, *numbers: int) -> None:
    for number in numbers:
        started = time.monotonic()
        assert (await relay.post("acme", body(number))).status == 200
        assert time.monotonic() - started < VENDOR_PATIENCE_SECONDS


@pytest.mark.expects_log("no broker: ")
async def test_a_broker_that_hangs_or_is_away_costs_nothing_but_delay(
    relay: Relay, own_server: NatsServer, reader: NatsBroker
) -> None:
    await posted(relay, 1)
    own_server.pause()
    await posted(relay, 2, 3)
    assert relay.server.spool.count == 2
    own_server.resume()
    await eventually(lambda: not relay.server.spool.count, "the spool to drain")
    own_server.kill()
    await eventually(lambda: not relay.server.broker.state.is_connected, "the loss")
    await posted(relay, 4, 5)
    assert (await relay.get("/healthz")).status == 200
    assert (await relay.get("/readyz", admin=True)).status == 503
    assert (await relay.readiness())["spooled"] == 2
    own_server.start()
    relay.server.broker.renew()
    reader.renew()
    await eventually(lambda: not relay.server.spool.count, "the spool to drain")
    await reader.connected(20)
    desk = DeskReader(reader, "boss")
    got = [delivery.body for delivery in await desk.read(5)]
    # Each once: what the hanging broker took all the same is stored once.
    assert got == [body(number) for number in range(1, 6)]
    await desk.nothing_more()


@pytest.mark.soak
@pytest.mark.expects_log("no broker: ")
async def test_a_broker_that_is_down_for_a_minute_costs_nothing_but_delay(
    relay: Relay, own_server: NatsServer, reader: NatsBroker
) -> None:
    """By the clock, and with nobody who hurries the connection afterwards."""
    over, sent = asyncio.Event(), 0

    async def keep_posting() -> None:
        nonlocal sent
        while not over.is_set():
            await posted(relay, sent)
            sent += 1
            await wait_quietly(over, 1 / A_SECOND)

    posting = asyncio.ensure_future(keep_posting())
    await eventually(lambda: sent > 20, "some deliveries", seconds=30)
    own_server.kill()
    await wait_quietly(asyncio.Event(), DOWN_SECONDS)
    assert relay.server.spool.count > DOWN_SECONDS * A_SECOND / 2
    assert (await relay.get("/healthz")).status == 200
    own_server.start()
    before = sent
    await eventually(
        lambda: not relay.server.spool.count, "the spool to drain", seconds=60
    )
    await eventually(lambda: sent > before + 20, "further deliveries", seconds=30)
    over.set()
    await posting
    await reader.connected(60)
    desk = DeskReader(reader, "boss")
    wanted = [body(number) for number in range(sent)]
    await desk.read_all(wanted)
    await desk.nothing_more()
    got = Counter(delivery.body for delivery in desk.got)
    assert set(got.values()) == {1}


@pytest.mark.expects_log("no broker: ")
@pytest.mark.expects_log("a delivery for acme is not kept: ")
async def test_what_neither_broker_nor_disk_takes_is_not_acknowledged(
    relay: Relay, own_server: NatsServer
) -> None:
    own_server.kill()
    await eventually(lambda: not relay.server.broker.state.is_connected, "the loss")
    relay.server.spool._most_bytes = 0
    answer = await relay.post("acme", body(1))
    assert (answer.status, answer.headers["retry-after"]) == (503, "5")
    assert (await relay.get("/healthz")).status == 503
    relay.server.spool._most_bytes = 10**6

    # Nothing need be sent for that: no web server would.
    await eventually(relay.server.receiver.is_ready, "the spool to be tried again")
    assert (await relay.get("/healthz")).status == 200
    await posted(relay, 2)
    own_server.start()
    relay.server.broker.renew()
    await eventually(lambda: not relay.server.spool.count, "the spool to drain")


@pytest.mark.expects_log("no broker: ")
@pytest.mark.expects_log("messages stay in the spool: ")
async def test_a_disk_without_any_room_holds_up_nothing_once_the_broker_is_back(
    relay: Relay,
    own_server: NatsServer,
    reader: NatsBroker,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spool = relay.server.spool
    own_server.pause()
    await posted(relay, 1)
    await eventually(lambda: not relay.server.outlet.is_taking, "its patience to end")
    told = await relay.readiness()
    assert (told["ready"], told["broker"]) == (False, "slow: messages go to the spool")
    await posted(relay, 2)

    def refused(*_: object) -> Future[None]:
        full: Future[None] = Future()
        full.set_exception(StoreFull("The relay's spool cannot be written"))
        return full

    for name in ("append", "remove", "remove_to"):
        monkeypatch.setattr(spool, name, refused)
    own_server.resume()
    await eventually(lambda: relay.server.outlet.is_taking, "the broker's word")
    await posted(relay, 3)
    desk = DeskReader(reader, "boss")
    got = await desk.read(3)
    assert sorted(delivery.body for delivery in got) == [body(1), body(2), body(3)]
    drained = relay.server.meters.drained.total()
    assert spool.count == 2
    monkeypatch.undo()
    await eventually(lambda: not spool.count, "room on the disk")
    assert spool.bytes == 0
    # What could not be removed was not sent again and again meanwhile.
    assert relay.server.meters.drained.total() == drained
    await desk.nothing_more()


async def test_a_broker_counts_as_slow_after_three_tenths_of_a_second(
    relay: Relay, own_server: NatsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    publish = relay.server.broker.publish

    async def noted(*args: Any, timeout_seconds: float, **more: Any) -> Published:
        waited.append(timeout_seconds)
        return await publish(*args, timeout_seconds=timeout_seconds, **more)

    monkeypatch.setattr(relay.server.broker, "publish", noted)
    await posted(relay, 1)
    assert waited == [0.3]


@pytest.mark.expects_log("no broker: ")
@pytest.mark.expects_log("The relay's broker keeps no streams")
async def test_a_broker_that_keeps_no_streams_is_complained_of_once(
    tmp_path: Path, own_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.stop()
    own_server.keeps_streams = False
    own_server.start()
    caplog.set_level(logging.INFO)
    settings = relay_settings(tmp_path / "relay", own_server, [ACCOUNT])
    async with running_relay(settings, {("acme", "api_key"): "k" * 20}) as running:

        def tries() -> int:
            return caplog.text.count("the router begins again")

        await eventually(lambda: tries() >= 3, "three tries", seconds=20)
        told = await running.readiness()
        assert told["ready"] is False
        assert "keeps no streams" in str(told["broker"])
        # What comes meanwhile is kept all the same.
        await posted(running, 1)
        await eventually(lambda: running.server.spool.count == 1, "the spool")
        own_server.stop()
        own_server.keeps_streams = True
        own_server.start()
        running.server.broker.renew()
        await running.is_owner()
        await eventually(lambda: not running.server.spool.count, "the draining")
    assert caplog.text.count("no broker that can be used") == 1


def test_a_spool_survives_its_process_and_has_one_owner(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool.db")
    for number in range(3):
        message = SpooledMessage(str(number), "intake.acme", "{}", b"x" * number)
        spool.append(message).result(5)
    with pytest.raises(ConfigurationError):
        Spool(tmp_path / "spool.db")
    spool.close()
    again = Spool(tmp_path / "spool.db")
    first, *rest = again.oldest(10).result(5)
    assert [first.message_id, *(each.message_id for each in rest)] == ["0", "1", "2"]
    again.remove((first,)).result(5)
    assert again.count == 2
    size = again.bytes
    again.close()
    last = Spool(tmp_path / "spool.db")
    assert (last.count, last.bytes) == (2, size)
    last.close()


async def test_a_relay_that_is_told_to_end_answers_what_has_come(
    tmp_path: Path, own_server: NatsServer
) -> None:
    settings = relay_settings(tmp_path, own_server, [ACCOUNT])
    async with running_relay(settings, {("acme", "api_key"): "k" * 20}) as running:
        await running.is_owner()
        posting = [
            asyncio.ensure_future(running.post("acme", body(number)))
            for number in range(20)
        ]
        await asyncio.wait(posting, return_when=asyncio.FIRST_COMPLETED)
    assert {(await each).status for each in posting} == {200}
