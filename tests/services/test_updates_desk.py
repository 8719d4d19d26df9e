"""Updates beside a running desk: never while somebody is on the phone."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import UpdateError
from screenpop.services.dialer import DialOrder
from screenpop.services.events import CardPhase, UserNotice
from screenpop.services.updates.busy import is_busy
from screenpop.services.updates.desk import UpdateDesk
from screenpop.services.updates.finding import Standing
from tests.services.office import ANA, Office, open_office, write_config
from tests.updates.workshop import Served, Workshop, serving
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from screenpop.simulator import VendorCloud

QUICK = (sys.executable, "-c", """print('{"standing": "current"}')""")
HANGS = (sys.executable, "-c", "import time; time.sleep(600)")
FAILS = (sys.executable, "-c", """print('{"title": "No connection", "advice": "x"}')""")


@pytest.fixture
def workshop(tmp_path: Path) -> Iterator[Workshop]:
    served = Served()
    with serving(served):
        yield Workshop(tmp_path / "installed", served)


@pytest.fixture
async def asking(tmp_path: Path, cloud: VendorCloud) -> AsyncIterator[Office]:
    """A desk that asks what each call came to."""
    extra = '[wrap_up]\ndispositions = ["Sold", "No"]\n'
    paths = write_config(tmp_path / "home", cloud.base_url, account=extra)
    desk = open_office(paths, cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        yield desk
    finally:
        await desk.app.stop()


def desk_of(
    office: Office, workshop: Workshop, command: tuple[str, ...] = QUICK
) -> UpdateDesk:
    now = office.app.clock()
    return UpdateDesk(office.app, lambda: workshop.place(now=now), command, 0.02)


async def test_a_look_tells_what_the_worker_says(
    office: Office, workshop: Workshop
) -> None:
    view = await desk_of(office, workshop).look()
    assert (view.version, view.ready, view.off) == ("0.1.0", "", "")
    with pytest.raises(UpdateError, match="No connection"):
        await desk_of(office, workshop, FAILS).look()


async def test_from_the_first_ring_to_the_answer_what_it_came_to_nothing_is_done(
    asking: Office, workshop: Workshop
) -> None:
    app = asking.app
    assert not is_busy(app)
    call = asking.cloud.incoming_call(ANA)
    call.ring()
    await asking.popped()
    assert is_busy(app)
    with pytest.raises(UpdateError, match="while you are on the phone"):
        await desk_of(asking, workshop).look()
    call.answer()
    call.hang_up()

    def is_asked() -> bool:
        return app.screen_pop.recent()[0].phase is CardPhase.WRAP_UP

    await eventually(is_asked, "the question")
    assert is_busy(app)
    app.screen_pop.wrap_up(app.screen_pop.recent()[0].ref, "Sold")
    assert not is_busy(app)


async def test_a_dial_on_its_way_keeps_updates_waiting(office: Office) -> None:
    order = DialOrder(text=ANA, origin=DialOrigin.TYPED)
    dialling = asyncio.create_task(office.app.dialer.dial(order))
    await asyncio.sleep(0)
    assert is_busy(office.app)
    await dialling


async def test_a_call_that_comes_in_ends_the_worker_at_once(
    office: Office, workshop: Workshop
) -> None:
    desk = desk_of(office, workshop, HANGS)
    daily = asyncio.create_task(desk.daily())
    await asyncio.sleep(0)
    office.cloud.incoming_call(ANA).ring()
    # It comes again in a quarter of an hour.
    assert await daily == 900.0


async def test_update_now_waits_for_the_end_of_the_call(
    office: Office, workshop: Workshop
) -> None:
    desk = desk_of(office, workshop)
    with pytest.raises(UpdateError, match="No update is ready"):
        await desk.install()
    workshop.put("0.2.0")
    workshop.versions.set_ready("0.2.0")
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    await desk.install()
    view = await desk.standing()
    assert (view.is_wanted, view.ready) == (True, "0.2.0")
    assert not office.app.quit_requested.is_set()
    call.answer()
    call.hang_up()
    await eventually(office.app.quit_requested.is_set, "the restart")
    assert office.app.is_restart_wanted


async def test_it_looks_once_a_day_and_tells_once_what_became_of_an_update(
    office: Office, workshop: Workshop
) -> None:
    desk = desk_of(office, workshop)
    place = workshop.place()
    memory = place.memory()
    memory.asked_at = office.app.clock().isoformat()
    memory.news = ["The update to version 0.2.0 was taken back", "It hung."]
    memory.is_bad_news = True
    place.remember(memory)
    hour = 3600
    assert 21 * hour < await desk.daily() < 23 * hour
    assert 21 * hour < await desk.daily() < 23 * hour
    told = [one for one in office.all(UserNotice) if one.key == "update"]
    assert [(one.title, one.advice) for one in told] == [
        ("The update to version 0.2.0 was taken back", "It hung.")
    ]


async def test_the_real_worker_has_the_version_ready(
    office: Office, workshop: Workshop
) -> None:
    workshop.publish()
    found = await workshop.stage()
    assert found.standing is Standing.OFFERED
    desk = desk_of(office, workshop)
    assert (await desk.standing()).ready == desk.ready_version == "0.2.0"


async def test_a_checkout_has_not_even_a_timer(office: Office) -> None:
    assert office.app.updates.has_package is False
    assert office.app.updates._timer is None
