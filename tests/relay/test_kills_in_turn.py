"""Receiver, broker and desktop killed one after the other, in the middle of a burst."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.relay.broker.nats_broker import connect
from screenpop.relay.devices import Line
from screenpop.relay.enrolment import Invitation, invite
from screenpop.services.supervisor import wait_quietly
from tests.end2end.running_app import DeskHome
from tests.end2end.voxloud_calls import Hook, burst
from tests.relay.http_sender import Sender
from tests.relay.relay_process import RelayProcess
from tests.relay.team_office import TeamDeskApp
from tests.relay.team_server import TeamServer, now
from tests.waiting import eventually, until

if TYPE_CHECKING:
    from tests.end2end.running_app import AppProcess

CALLS = 40
BODIES = "SELECT body FROM deliveries WHERE source = 'relay'"


@dataclass
class Company:
    """A broker, two relays and one desk, each a process of its own."""

    team: TeamServer
    relays: tuple[RelayProcess, RelayProcess]
    home: DeskHome

    def owner(self) -> RelayProcess | None:
        return next((each for each in self.relays if each.is_owner), None)

    def journalled(self) -> Counter[bytes]:
        return Counter(bytes(body) for (body,) in self.home.select(BODIES))

    async def deliver(self, hook: Hook) -> None:
        """Send it as a vendor does that tries the second address, then again."""
        for turn in range(1_000):
            relay = self.relays[turn % 2]
            sender = Sender(relay.port)
            try:
                answer = await sender.send(relay.target, hook.body)
            except ConnectionError:
                await wait_quietly(asyncio.Event(), 0.01)
                continue
            finally:
                sender.close()
            if answer.status == 200:
                return
        raise AssertionError("nobody takes deliveries")


@pytest.fixture
async def company(tmp_path: Path) -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        team = TeamServer(tmp_path / "broker")
        team.nats.start()
        stack.callback(team.nats.stop)
        relays = (
            RelayProcess(tmp_path / "one", team.nats, team.keys.relay),
            RelayProcess(tmp_path / "two", team.nats, team.keys.relay),
        )
        for relay in relays:
            relay.start(waits=False)
            stack.callback(relay.stop)
        until(lambda: any(each.is_owner for each in relays), "an owner", seconds=40)
        for relay in relays:
            until(lambda: relay.readiness().get("ready"), "a relay", seconds=40)  # noqa: B023
        home = await _joined(team, relays[0], tmp_path / "desk")
        made = Company(team, relays, home)
        yield made
        for app in home.apps:
            app.kill()


async def _joined(team: TeamServer, relay: RelayProcess, folder: Path) -> DeskHome:
    broker = connect(team.relay_address())
    await broker.connected(20)
    invitation = Invitation(
        agent="Robin",
        lines=(Line("acme", "101"),),
        expires_at=now() + timedelta(hours=1),
    )
    code = await invite(broker, f"http://127.0.0.1:{relay.port}", invitation)
    await broker.close()
    desk = TeamDeskApp(Paths.under(folder))
    await desk.join(code.text().reveal())
    desk.set("team.servers", [team.nats.url])
    environment = os.environ | {"SCREENPOP_HOME": str(folder)}
    for name in ("device_seed", "team_key"):
        secret = await desk.secrets.get("_team", name)
        environment[f"SCREENPOP_SECRET__TEAM_{name.upper()}"] = secret.reveal()
    return DeskHome(desk.paths, environment)


async def test_killed_one_after_the_other_they_lose_nothing_and_pop_nothing_twice(
    company: Company,
) -> None:
    hooks = burst(CALLS, random.Random())  # noqa: S311
    home, step = company.home, len(hooks) // 4

    async def comes_up() -> AppProcess:
        app = home.start("--headless")
        await asyncio.to_thread(until, app.is_up, "the app", seconds=60)
        return app

    def has(count: int) -> bool:
        return len(company.journalled()) >= count

    async def send(part: int) -> None:
        for hook in hooks[part * step : (part + 1) * step if part < 3 else None]:
            await company.deliver(hook)

    app = await comes_up()
    await send(0)
    await eventually(lambda: has(10), "the first calls", seconds=40)
    # The receiver, which is the one that routes.
    killed = company.owner()
    assert killed is not None
    sending = asyncio.ensure_future(send(1))
    killed.kill()
    await sending
    killed.start(waits=False)
    # The broker.
    sending = asyncio.ensure_future(send(2))
    company.team.nats.kill()
    await asyncio.to_thread(company.team.nats.start)
    await sending
    # The desktop, while it takes them.
    sending = asyncio.ensure_future(send(3))
    app.kill()
    await sending
    app = await comes_up()
    # All of them were acknowledged by a relay.
    wanted = {hook.body for hook in hooks}
    await eventually(
        lambda: set(company.journalled()) == wanted, "all calls", seconds=60
    )
    await eventually(home.all_read, "everything to be read", seconds=20)
    assert app.terminate() == 0
    pops = home.pops()
    assert pops
    assert set(pops) <= {hook.call_id for hook in hooks}
    assert set(pops.values()) == {1}
    assert home.errors() == []
