"""Two relays behind the real web server: webhooks, a desk, an upgrade, a flood."""

from __future__ import annotations

import asyncio
import ssl
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.relay.devices import Line
from screenpop.relay.enrolment import Invitation, invite
from screenpop.relay.names import LONGEST_BODY
from screenpop.services.events import SourceState
from tests.end2end.voxloud_calls import webhook
from tests.relay.caddy import HOST, Caddy
from tests.relay.http_sender import Answer, Sender
from tests.relay.relay_process import RelayProcess
from tests.relay.team_office import TeamDeskApp
from tests.relay.team_server import now
from tests.requirements import require_program
from tests.waiting import eventually, until

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker
    from tests.relay.team_server import TeamServer

CALLER = "+442079460123"
SENDERS = 4


@dataclass
class Site:
    """What the internet sees, and what stands behind it."""

    caddy: Caddy
    relays: tuple[RelayProcess, RelayProcess]

    def vendor(self) -> Sender:
        tls = ssl.create_default_context(cafile=str(self.caddy.authority))
        return Sender(self.caddy.port, HOST, tls)

    async def is_well(self) -> bool:
        vendor = self.vendor()
        try:
            return (await vendor.send("/healthz", method="GET")).status == 200
        except OSError:
            return False
        finally:
            vendor.close()

    async def hook(self, vendor: Sender, body: bytes) -> Answer:
        return await vendor.send(self.relays[0].target, body)


@pytest.fixture(scope="module")
def site(team: TeamServer) -> Iterator[Site]:
    require_program("caddy")
    with tempfile.TemporaryDirectory(prefix="sp-caddy-") as name:
        folder = Path(name)
        keys = team.keys.relay
        one, two = (
            RelayProcess(folder / each, team.nats, keys, leave_seconds=2.5)
            for each in ("one", "two")
        )
        caddy = Caddy(folder / "web", team.nats.web_port, (one.port, two.port))
        try:
            for relay in (one, two):
                relay.start(waits=False)
            # Caddy takes for well what it has not looked at yet, and for ill, until its
            # next look, what is only just starting.
            for relay in (one, two):
                until(lambda: relay.is_healthy, "a relay", seconds=30)  # noqa: B023
            caddy.start()
            site = Site(caddy, (one, two))
            until(lambda: asyncio.run(site.is_well()), "Caddy to know of it")
            yield site
        finally:
            caddy.stop()
            for relay in (one, two):
                relay.kill()


async def test_a_desk_joins_and_hears_of_its_calls_through_the_web_server(
    site: Site, relay: NatsBroker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(site.caddy.authority))
    invitation = Invitation(
        agent="Ana", lines=(Line("acme", "101"),), expires_at=now() + timedelta(days=1)
    )
    code = await invite(relay, site.caddy.url, invitation)
    desk = TeamDeskApp(Paths.under(tmp_path / "desk"))
    await desk.join(code.text().reveal())
    desk.set("team.servers", [site.caddy.desktop_url])
    await desk.start()
    await desk.is_in(SourceState.LIVE)
    vendor = site.vendor()
    answer = await site.hook(vendor, webhook("through-caddy", "INCOMING", CALLER))
    assert answer.status == 200
    card = await desk.popped()
    assert card.number_e164 == CALLER
    vendor.close()
    await desk.stop()


async def test_a_body_that_is_too_long_costs_nobody_else_a_relay(site: Site) -> None:
    vendor = site.vendor()
    too_long = b"x" * (LONGEST_BODY + 1)
    for _ in range(3):
        assert (await site.hook(vendor, too_long)).status == 413
        assert (
            await site.hook(vendor, webhook("short", "INCOMING", CALLER))
        ).status == 200
    vendor.close()


async def test_what_is_not_the_relays_is_not_reached_from_outside(site: Site) -> None:
    vendor = site.vendor()
    for path in ("/metrics", "/readyz", "/", "/varz"):
        assert (await vendor.send(path, method="GET")).status == 404
    assert (await vendor.send("/healthz", method="GET")).status == 200
    vendor.close()
    # The way to an account is its secret.
    assert site.relays[0].target not in site.caddy.log


async def test_a_relay_that_is_stopped_under_load_costs_no_vendor_an_answer(
    site: Site,
) -> None:
    statuses: list[int] = []
    refused: list[Answer] = []
    over = asyncio.Event()

    async def keep_sending(name: int) -> None:
        vendor = site.vendor()
        while not over.is_set():
            body = webhook(f"load-{name}-{len(statuses)}", "INCOMING", CALLER)
            answer = await site.hook(vendor, body)
            statuses.append(answer.status)
            if answer.status != 200:
                refused.append(answer)
        vendor.close()

    sending = [asyncio.ensure_future(keep_sending(each)) for each in range(SENDERS)]
    # The one that is preferred, while it answers.
    await eventually(lambda: len(statuses) > 100, "a load", seconds=20)
    stopped = site.relays[0]
    stopped.terminate()
    assert await asyncio.to_thread(stopped.wait) == 0
    after = len(statuses)
    await eventually(lambda: len(statuses) > after + 100, "the other", seconds=20)
    over.set()
    await asyncio.gather(*sending)
    assert refused == [], site.caddy.log[-3000:]
    await asyncio.to_thread(stopped.start)
