"""A desk behind a proxy, and one that is killed in the middle of a burst."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.relay.names import DESKS_STREAM, desk_consumer
from screenpop.services.events import SourceState
from tests.end2end.running_app import DeskHome
from tests.end2end.voxloud_calls import burst, webhook
from tests.relay.doorways import Doorway, private_authority
from tests.relay.team_office import TeamDeskApp, TeamOffice, team_office
from tests.relay.team_server import TeamServer, now
from tests.waiting import eventually, until

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker

CALLER = "+442079460123"
HOST = "relay.example.com"
CALLS = 60
KILLS = 3
BODIES = "SELECT body FROM deliveries WHERE source = 'relay'"


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> AsyncIterator[TeamOffice]:
    async with team_office(team, relay, tmp_path / "relay") as office:
        yield office


# The library for WebSockets trips over a certificate refused behind a proxy (17.4).
@pytest.mark.expects_log(r"Exception in callback Connection\.connection_lost")
async def test_calls_come_through_a_proxy_by_a_web_socket_of_a_private_authority(
    team: TeamServer,
    office: TeamOffice,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    authority, tls = private_authority(tmp_path, HOST)
    desk = TeamDeskApp(Paths.under(tmp_path / "desk"))
    await desk.join(await office.code())
    desk.set("team.servers", [f"wss://{HOST}/nats"])
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    async with (
        Doorway(team.nats.web_port, tls=tls) as web_server,
        Doorway(web_server.port, is_proxy=True) as proxy,
    ):
        for name in ("HTTPS_PROXY", "https_proxy", "WSS_PROXY", "wss_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        # A certificate of somebody unknown is not taken, and that is said.
        await desk.start()
        told = await desk.is_in(SourceState.RECONNECTING)
        assert "certificate" in told.headline
        await desk.stop()
        monkeypatch.setenv("SSL_CERT_FILE", str(authority))
        await desk.start()
        await desk.is_in(SourceState.LIVE)
        await office.hook(webhook(office.call("1"), "INCOMING", CALLER))
        await desk.popped()
        assert proxy.asked_for[0].startswith(f"CONNECT {HOST}:443 ")
        await desk.stop()


async def test_killed_in_a_burst_a_desk_loses_no_acknowledged_call_and_pops_none_twice(
    office: TeamOffice, tmp_path: Path
) -> None:
    rng = random.Random()  # noqa: S311
    desk = TeamDeskApp(Paths.under(tmp_path / "desk"))
    device_id = await desk.join(await office.code())
    seed = await desk.secrets.get("_team", "device_seed")
    team_key = await desk.secrets.get("_team", "team_key")
    environment = os.environ | {
        "SCREENPOP_HOME": str(tmp_path / "desk"),
        "SCREENPOP_SECRET__TEAM_DEVICE_SEED": seed.reveal(),
        "SCREENPOP_SECRET__TEAM_TEAM_KEY": team_key.reveal(),
    }
    home = DeskHome(desk.paths, environment)
    hooks = burst(CALLS, rng)
    points = sorted(rng.sample(range(10, len(hooks) - 40), KILLS))

    def journalled() -> Counter[bytes]:
        if not is_started:
            return Counter()
        return Counter(bytes(body) for (body,) in home.select(BODIES))

    def has(wanted: set[bytes]) -> bool:
        # What was not acknowledged before the kill comes again, and counts once.
        return len(journalled()) >= len(wanted)

    sent, is_started = 0, False
    for number, point in enumerate(points):
        app = home.start(*("--headless",)[number % 2 :])
        while sent < point + 30:
            await office.publish(device_id, hooks[sent].body, now())
            sent += 1
        until(app.is_up, "the app", seconds=60)
        is_started = True
        enough = partial(has, {hook.body for hook in hooks[:point]})
        await eventually(enough, "some calls", seconds=40)
        app.kill()
        # What is acknowledged is on disk, before anybody mends anything. The broker
        # counts what was just published a moment later, and notices beside the calls:
        # of those, so many are acknowledged at least.
        states = [
            await office.broker.consumer_state(DESKS_STREAM, desk_consumer(device_id))
            for _ in range(200)
        ]
        waiting = max(each.pending + each.unacked for each in states)
        acknowledged = max(0, sent - waiting)
        found = journalled()
        assert len(found) >= len({one.body for one in hooks[:acknowledged]}), (
            states[-1],
            sent,
            Counter(found.values()),
            sorted(each.name for each in desk.paths.data_dir.iterdir()),
        )
    for hook in hooks[sent:]:
        await office.publish(device_id, hook.body, now())
    app = home.start("--headless")
    wanted = {hook.body for hook in hooks}
    await eventually(lambda: set(journalled()) == wanted, "all calls", seconds=40)
    await eventually(home.all_read, "everything to be read", seconds=20)
    assert app.terminate() == 0
    pops = home.pops()
    assert {hook.call_id for hook in hooks} >= set(pops)
    assert set(pops.values()) <= {1}, points
    assert home.errors() == []
