"""Sources that hang, die and come back while calls ring: a real directory server."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from screenpop.services.events import CardPhase, PopDismissed, PopUpdated
from screenpop.services.source_setup import SourceDraft
from screenpop.simulator import ReleaseReason
from tests.lookup.sources.openldap import BASE, OpenLdap, openldap, person
from tests.net.stalling_proxy import StallingProxy
from tests.services.office import Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from screenpop.services.events import CallCard
    from screenpop.simulator import SimulatedCall, VendorCloud

CALLERS = [f"+4420794601{each:02}" for each in range(20)]
PAUSE_SECONDS = 31.0
TOP = "[lookup]\nsoft_seconds = 0.2\nhard_seconds = {hard}\n"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLdap]:
    people = "".join(
        person(f"Caller {each}", f"telephoneNumber: {number}")
        for each, number in enumerate(CALLERS)
    )
    with openldap(tmp_path_factory.mktemp("ldap"), people) as running:
        yield running


@dataclass
class Desk:
    """A running desk that asks a directory through a middleman.

    Attributes:
        seconds: The clock of the lookup; only the test moves it.
    """

    office: Office
    proxy: StallingProxy
    seconds: float = 1000.0

    async def ring(self, caller: int) -> SimulatedCall:
        """A call, once its card stands."""
        before = len(self.office.pops)
        call = self.office.cloud.incoming_call(CALLERS[caller])
        call.ring()
        card = await self.office.popped(before + 1)
        assert card.number_e164 == CALLERS[caller]
        return call

    async def card(self, call: SimulatedCall) -> CallCard:
        shown = await self.office.card(call)
        assert shown is not None
        return shown

    async def named(self, caller: int) -> None:
        """Wait until the newest card has the caller's name."""

        def is_named() -> bool:
            return self.office.app.screen_pop.recent()[0].title == f"Caller {caller}"

        await eventually(is_named, "the name")

    async def given_up(self) -> None:
        """Wait until nobody is asked about the newest card any more."""

        def is_over() -> bool:
            return not self.office.app.screen_pop.recent()[0].is_lookup_pending

        await eventually(is_over, "the end of the lookup")

    def problem(self) -> str:
        return self.office.app.lookup.problem_of("staff")


async def open_desk(
    tmp_path: Path, cloud: VendorCloud, server: OpenLdap, hard: float
) -> AsyncIterator[Desk]:
    paths = write_config(tmp_path / "home", cloud.base_url, top=TOP.format(hard=hard))
    office = open_office(paths, cloud)
    async with StallingProxy(server.port) as proxy:
        desk = Desk(office, proxy)
        # Before any source is there, so that each one's breaker goes by it.
        office.app.lookup._clock = lambda: desk.seconds
        await office.app.start()
        try:
            await office.is_live()
            draft = SourceDraft(
                source_id="staff",
                kind="ldap",
                fields={
                    "server": f"ldap://127.0.0.1:{proxy.port}",
                    "base_dn": f"ou=people,{BASE}",
                },
            )
            await office.app.source_desk.setup.add(draft)
            await eventually(office.app.source_desk.live, "the source to be open")
            yield desk
        finally:
            await office.app.stop()
            await eventually(lambda: not questions(), "the threads to end")


@pytest.fixture
async def desk(
    tmp_path: Path, cloud: VendorCloud, server: OpenLdap
) -> AsyncIterator[Desk]:
    """The directory may take long."""
    async for each in open_desk(tmp_path, cloud, server, hard=30.0):
        yield each


@pytest.fixture
async def hasty(
    tmp_path: Path, cloud: VendorCloud, server: OpenLdap
) -> AsyncIterator[Desk]:
    """The directory is given up soon."""
    async for each in open_desk(tmp_path, cloud, server, hard=0.5):
        yield each


def questions() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "screenpop-ldap"]


async def test_the_card_stands_while_the_directory_hangs_and_is_named_when_it_answers(
    desk: Desk,
) -> None:
    desk.proxy.stall()
    call = await desk.ring(1)
    card = await desk.card(call)
    assert card.title == "020 7946 0101"
    assert card.is_lookup_pending
    desk.proxy.flow()
    await desk.named(1)


async def test_an_answer_after_the_call_brings_no_card_back(desk: Desk) -> None:
    desk.proxy.stall()
    call = await desk.ring(2)
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: desk.office.all(PopDismissed), "the end of the call")
    told_before = len(desk.office.told)
    desk.proxy.flow()
    await eventually(lambda: not questions(), "the answer")
    await desk.office.app.tracker.settled()
    assert len(desk.office.pops) == 1
    later = desk.office.told[told_before:]
    updates = [each.card for each in later if isinstance(each, PopUpdated)]
    assert all(card.phase is not CardPhase.RINGING for card in updates)
    (entry,) = await desk.office.logged(1)
    assert entry.is_missed
    again = await desk.ring(2)
    await desk.named(2)
    again.hang_up(ReleaseReason.NO_ANSWER)


async def test_a_directory_that_hangs_is_given_up_and_left_alone_for_a_while(
    hasty: Desk,
) -> None:
    hasty.proxy.stall()
    for caller in (3, 4, 5):
        await hasty.ring(caller)
        await hasty.given_up()
        assert hasty.problem()
    asked = hasty.proxy.accepted
    call = await hasty.ring(6)
    await hasty.given_up()
    assert (await hasty.card(call)).title == "020 7946 0106"
    assert hasty.proxy.accepted == asked
    hasty.proxy.flow()
    hasty.seconds += PAUSE_SECONDS
    await hasty.ring(7)
    await hasty.named(7)
    assert hasty.problem() == ""


async def test_a_directory_killed_in_mid_call_costs_the_call_nothing(
    desk: Desk, server: OpenLdap
) -> None:
    await desk.ring(8)
    await desk.named(8)
    desk.proxy.stall()
    before = desk.proxy.chunks
    call = await desk.ring(9)
    await eventually(lambda: desk.proxy.chunks > before, "the question to arrive")
    server.kill()
    try:
        desk.proxy.flow()
        await desk.given_up()
        card = await desk.card(call)
        assert (card.title, card.phase) == ("020 7946 0109", CardPhase.RINGING)
        assert "staff" in desk.problem()
        for caller in (10, 11):
            await desk.ring(caller)
            await desk.given_up()
        asked = desk.proxy.accepted
        await desk.ring(12)
        await desk.given_up()
        assert desk.proxy.accepted == asked
    finally:
        server.start()
    desk.seconds += PAUSE_SECONDS
    await desk.ring(13)
    await desk.named(13)
    call.answer()
    call.hang_up()
    await eventually(lambda: desk.office.all(PopDismissed), "the end of the call")


async def test_quitting_does_not_wait_for_a_directory_that_hangs(desk: Desk) -> None:
    desk.proxy.stall()
    await desk.ring(14)
    await eventually(questions, "the question to be on its way")
    await desk.office.app.stop()
    await eventually(lambda: not questions(), "the thread to end")
