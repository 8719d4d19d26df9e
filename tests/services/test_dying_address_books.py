"""A copied address book whose server hangs, dies and comes back while calls ring."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import ProviderUnavailable
from screenpop.domain.privacy import Secret
from screenpop.services.events import CardPhase, PopDismissed
from screenpop.services.source_setup import SourceDraft
from tests.lookup.sources.radicale_server import (
    PASSWORD,
    USER,
    Radicale,
    card,
    radicale,
)
from tests.net.stalling_proxy import StallingProxy
from tests.services.office import ANA, BEN, Office
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@dataclass
class Desk:
    """A running desk that copies an address book through a middleman."""

    office: Office
    proxy: StallingProxy
    server: Radicale

    async def sync(self) -> None:
        await self.office.app.source_desk.copies.sync("team")

    async def is_asked(self) -> asyncio.Task[None]:
        """A sync on its way that the server does not answer."""
        self.proxy.stall()
        before = self.proxy.chunks
        syncing = asyncio.create_task(self.sync())
        await eventually(lambda: self.proxy.chunks > before, "the question to arrive")
        return syncing

    def problem(self) -> str:
        return self.office.app.source_desk.copies.state("team").problem


@pytest.fixture
async def desk(office: Office, tmp_path: Path) -> AsyncIterator[Desk]:
    folder = tmp_path / "radicale"
    folder.mkdir()
    with radicale(folder) as server:
        server.make_book("Team", {"a.vcf": card("a", "Ana Bell", ANA)})
        server.start()
        async with StallingProxy(server.port) as proxy:
            draft = SourceDraft(
                source_id="team",
                kind="carddav",
                fields={"base_url": f"http://127.0.0.1:{proxy.port}", "user": USER},
                secrets={"password": Secret(PASSWORD)},
            )
            await office.app.source_desk.setup.add(draft)
            made = Desk(office, proxy, server)
            copies = office.app.source_desk.copies
            await eventually(lambda: copies.state("team").synced_at, "the first copy")
            yield made


async def test_whoever_was_copied_is_named_at_once_while_the_server_hangs(
    desk: Desk,
) -> None:
    syncing = await desk.is_asked()
    desk.office.cloud.incoming_call(ANA).ring()
    shown = await desk.office.popped()
    assert shown.title == "Ana Bell"
    desk.proxy.flow()
    await syncing
    assert desk.problem() == ""


async def test_a_server_killed_in_mid_call_takes_nobody_away_and_is_found_again(
    desk: Desk,
) -> None:
    desk.server.put(f"/{USER}/team/b.vcf", card("b", "Ben Shaw", BEN))
    syncing = await desk.is_asked()
    call = desk.office.cloud.incoming_call(BEN)
    call.ring()
    assert (await desk.office.popped()).title == "020 7946 0456"
    desk.server.kill()
    desk.proxy.flow()
    with pytest.raises(ProviderUnavailable):
        await syncing
    assert desk.problem()
    shown = await desk.office.card(call)
    assert shown is not None
    assert (shown.title, shown.phase) == ("020 7946 0456", CardPhase.RINGING)
    call.answer()
    call.hang_up()
    await eventually(lambda: desk.office.all(PopDismissed), "the end of the call")
    desk.office.cloud.incoming_call(ANA).ring()
    assert (await desk.office.popped(2)).title == "Ana Bell"
    desk.server.start()
    await desk.sync()
    assert desk.problem() == ""
    assert len(desk.office.pops) == 2
    desk.office.cloud.incoming_call(BEN).ring()
    assert (await desk.office.popped(3)).title == "Ben Shaw"
