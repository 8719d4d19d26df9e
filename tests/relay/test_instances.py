"""Two relays as processes of their own: duties, kills, upgrades."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from screenpop.domain.errors import RelayError
from screenpop.relay.broker import Broker, BrokerAddress
from screenpop.relay.broker.nats_broker import connect
from screenpop.services.supervisor import wait_quietly
from tests.relay.http_sender import Sender
from tests.relay.nats_server import NatsServer
from tests.relay.relay_office import DeskReader, join
from tests.relay.relay_process import TOKEN, RelayProcess
from tests.waiting import eventually, until

NUMBER = "+442079460123"
_PAUSE_SECONDS = 0.01


@dataclass
class Pair:
    """Two relays and their broker."""

    nats: NatsServer
    relays: tuple[RelayProcess, RelayProcess]

    def owners(self) -> list[RelayProcess]:
        return [relay for relay in self.relays if relay.is_owner]

    @asynccontextmanager
    async def broker(self) -> AsyncIterator[Broker]:
        broker = connect(BrokerAddress(urls=(self.nats.url,)))
        try:
            await broker.connected(20)
            yield broker
        finally:
            await broker.close()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="sp-relays-") as name:
        folder = Path(name)
        nats = NatsServer(folder / "nats")
        nats.start()
        relays = (
            RelayProcess(folder / "one", nats),
            RelayProcess(folder / "two", nats),
        )
        for relay in relays:
            relay.start(waits=False)
        made = Pair(nats, relays)
        try:
            until(lambda: len(made.owners()) == 1, "one owner", seconds=30)
            asyncio.run(_join_desks(made))
            until(
                lambda: all(each.readiness().get("devices") == 3 for each in relays),
                "both to know the desks",
            )
            yield made
        finally:
            for relay in relays:
                relay.stop()
            nats.stop()


async def _join_desks(pair: Pair) -> None:
    async with pair.broker() as broker:
        await join(broker, "amy", ("acme", "101"))
        await join(broker, "rui", ("acme", "102"))
        await join(broker, "boss", ("acme", ""))


async def desk_of(pair: Pair, broker: Broker, device_id: str) -> DeskReader:
    """A desk that has read what earlier tests left."""
    await eventually(lambda: len(pair.owners()) == 1, "one owner", seconds=20)
    await broker.purge("DESKS", f"desk.{device_id}")
    return DeskReader(broker, device_id)


def event(kind: str, call: str, extension: int = 101) -> bytes:
    data = {
        "timestamp": 1772442000000,
        "callId": call,
        "type": "INCOMING",
        "originatorNumber": NUMBER,
        "destinationNumber": "+442079460100",
        "userExtension": extension,
    }
    return json.dumps({"timestamp": 1, "type": kind, "data": data}).encode()


@dataclass
class Burst:
    """Deliveries sent without a pause, to whichever relay takes connections.

    Attributes:
        left_out: Relays that said they leave, as a proxy's health check would notice.
    """

    name: str
    relays: tuple[RelayProcess, ...]
    taken: list[bytes] = field(default_factory=list)
    broken: int = 0
    left_out: list[RelayProcess] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, name: str, prefers: int) -> None:
        number = 0
        senders = [Sender(relay.port) for relay in self.relays]
        while not self.over.is_set():
            number += 1
            body = event("CALL_INCOMING", f"{name}-{number}")
            for turn in range(len(senders)):
                position = (prefers + turn) % len(senders)
                if self.relays[position] in self.left_out:
                    continue
                try:
                    target = self.relays[position].target
                    answer = await senders[position].send(target, body)
                except ConnectionRefusedError:
                    continue
                except ConnectionError:
                    # Nobody knows whether it was taken: a vendor would send it again.
                    self.broken += 1
                    continue
                if answer.status == 200:
                    self.taken.append(body)
                    break
            await wait_quietly(self.over, _PAUSE_SECONDS)
        for sender in senders:
            sender.close()

    async def during(self, story: Callable[[], None], least: int) -> None:
        """Send while ``story`` happens, and until so many were taken."""
        sending = [
            asyncio.ensure_future(self.send(f"{self.name}{each}", each % 2))
            for each in range(4)
        ]
        await asyncio.to_thread(story)
        await eventually(lambda: len(self.taken) >= least, "the burst", seconds=30)
        self.over.set()
        await asyncio.gather(*sending)


async def test_the_other_one_takes_over_the_calls_that_go_on(pair: Pair) -> None:
    async with pair.broker() as broker:
        amy = await desk_of(pair, broker, "amy")
        rui = await desk_of(pair, broker, "rui")
        (owner,) = pair.owners()
        (other,) = [relay for relay in pair.relays if relay is not owner]
        sender = Sender(other.port)
        ringing = event("CALL_INCOMING", "long")
        assert (await sender.send(other.target, ringing)).status == 200
        await amy.read(1)
        owner.kill()
        # It names another extension only: the first must be known from before.
        answered = event("CALL_ANSWERED", "long", 102)
        assert (await sender.send(other.target, answered)).status == 200
        await amy.read(2)
        assert [each.body for each in await rui.read(2)] == [ringing, answered]
        assert other.is_owner
        sender.close()
        owner.start()
        assert not owner.is_owner


async def test_nothing_that_was_acknowledged_is_lost_by_kills_in_a_burst(
    pair: Pair,
) -> None:
    async with pair.broker() as broker:
        await desk_of(pair, broker, "boss")
    burst = Burst("kill", pair.relays)

    def story() -> None:
        (owner,) = pair.owners()
        until(lambda: len(burst.taken) > 50, "a burst")
        owner.kill()
        pair.nats.kill()
        before = len(burst.taken)
        owner.start(waits=False)
        until(lambda: len(burst.taken) > before + 50, "deliveries without the broker")
        pair.nats.start()

    await burst.during(story, least=400)
    async with pair.broker() as broker:
        desk = DeskReader(broker, "boss")
        await desk.read_all(burst.taken)
        await eventually(
            lambda: all(each.readiness().get("spooled") == 0 for each in pair.relays),
            "the spools to drain",
            seconds=30,
        )
    got = Counter(each.body for each in desk.got)
    assert max(got.values()) == 1


async def test_an_upgrade_leaves_no_gap(pair: Pair) -> None:
    """One after the other ends and starts again while vendors keep sending."""
    async with pair.broker() as broker:
        await desk_of(pair, broker, "boss")
    burst = Burst("upgrade", pair.relays)

    def story() -> None:
        for relay in pair.relays:
            until(lambda: len(pair.owners()) == 1, "an owner", seconds=20)
            before = len(burst.taken)
            relay.terminate()
            until(lambda: not relay.is_healthy, "it to say so")  # noqa: B023
            burst.left_out.append(relay)
            assert relay.wait() == 0
            until(lambda: len(burst.taken) > before + 20, "further deliveries")  # noqa: B023
            relay.start()
            burst.left_out.remove(relay)

    await burst.during(story, least=100)
    assert burst.broken == 0
    async with pair.broker() as broker:
        await DeskReader(broker, "boss").read_all(burst.taken)


def test_logs_are_lines_of_json_without_secrets_and_numbers(pair: Pair) -> None:
    for relay in pair.relays:
        text = relay.log.read_text("utf-8")
        lines = [json.loads(line) for line in text.splitlines()]
        assert all({"at", "level", "logger", "text"} <= set(line) for line in lines)
        assert not any(line["level"] == "error" for line in lines), text
        assert TOKEN not in text
        assert NUMBER[3:] not in text


def test_a_relay_runs_without_qt(pair: Pair) -> None:
    for relay in pair.relays:
        loaded = Path(f"/proc/{relay.pid}/maps").read_text("utf-8")
        assert "python" in loaded
        assert "Qt6" not in loaded
        assert "PySide6" not in loaded


async def test_a_broker_that_is_not_there_is_told(pair: Pair) -> None:
    broker = connect(BrokerAddress(urls=("nats://127.0.0.1:9",)))
    with pytest.raises(RelayError):
        await broker.connected(0.2)
    await broker.close()
