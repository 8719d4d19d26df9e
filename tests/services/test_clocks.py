"""A clock that is wrong, or is set while calls ring, keeps no card away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.services.vendor_clock import VendorClock
from screenpop.simulator import Faults, ReleaseReason, create_cloud
from screenpop.simulator.clock import SystemClock
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

HOUR = timedelta(hours=1)
NO_EVENTS = Faults(
    drop_types=frozenset(
        ("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP", "PHONE_CALL")
    )
)


class WrongClock(SystemClock):
    """The phone system's: right by its own account, not by this computer's."""

    behind = timedelta(0)

    def now(self) -> datetime:
        return super().now() - self.behind


@pytest.fixture
async def apart(tmp_path: Path) -> AsyncIterator[tuple[Office, WrongClock]]:
    """A desk that is not started, and the clock of its phone system."""
    clock = WrongClock()
    with create_cloud("voxloud", clock=clock) as cloud:
        desk = open_office(write_config(tmp_path / "home", cloud.base_url), cloud)
        yield desk, clock
        await desk.app.stop()


@pytest.mark.parametrize("behind", [HOUR, -HOUR], ids=["fast", "slow"])
async def test_a_computer_whose_clock_is_wrong_shows_its_calls(
    apart: tuple[Office, WrongClock], behind: timedelta
) -> None:
    desk, clock = apart
    clock.behind = behind
    await desk.app.start()
    await desk.is_live()
    call = desk.cloud.incoming_call(ANA)
    call.ring()
    assert (await desk.popped()).number_e164 == ANA
    call.answer()
    call.hang_up()
    call.publish_record()
    await eventually(lambda: not desk.app.tracker.open_calls(), "the end")
    (entry,) = desk.log()
    assert entry.outcome is CallOutcome.ANSWERED


@pytest.mark.parametrize("jump", [HOUR, -HOUR], ids=["ahead", "back"])
async def test_a_clock_that_is_set_while_it_runs_hides_no_call_and_bursts_none(
    apart: tuple[Office, WrongClock], jump: timedelta
) -> None:
    desk, clock = apart
    await desk.app.start()
    await desk.is_live()
    desk.cloud.incoming_call(ANA).ring()
    await desk.popped()
    # As if this computer's had been set: the two differ from now on, and what nobody
    # can set says by how much.
    clock.behind = jump
    known = desk.app.connections.get("acme").vendor_clock
    known._wall = lambda: datetime.now(UTC).timestamp() + jump.total_seconds()
    desk.cloud.incoming_call(BEN).ring()
    assert (await desk.popped(2)).number_e164 == BEN
    await desk.app.tracker.settled()
    assert len(desk.pops) == 2


def test_what_the_wall_clock_jumps_is_added_until_the_vendor_is_heard_again() -> None:
    wall, running = [1000.0], [50.0]
    clock = VendorClock(wall=lambda: wall[0], running=lambda: running[0])
    assert clock.skew == timedelta(0)
    wall[0] += 7200  # not known yet how far off it was before
    assert clock.skew == timedelta(0)
    clock.note(timedelta(seconds=3))
    wall[0] += 600 - 3600  # set back an hour within ten minutes
    running[0] += 600
    assert clock.skew == timedelta(seconds=3 - 3600)
    clock.note(timedelta(seconds=-1))
    assert clock.skew == timedelta(seconds=-1)


async def test_with_a_wrong_clock_calls_are_still_found_in_the_vendors_log(
    apart: tuple[Office, WrongClock],
) -> None:
    """Of a clock that is ahead, "since the last look" lies in the vendor's future."""
    desk, clock = apart
    clock.behind = 6 * HOUR
    await desk.app.start()
    await desk.is_live()
    desk.cloud.set_faults(NO_EVENTS)
    await eventually(lambda: not desk.app.digest.is_collecting, "the summing up")
    call = desk.cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    call.publish_record()
    desk.app.monitor.wake()
    (entry,) = await desk.logged(1)
    assert entry.outcome is CallOutcome.NO_ANSWER
