"""Quiet by hand, by the clock and by the desktop's wish; nothing is forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.desk_settings import QuietSettings
from screenpop.desktop.attention import Attention, AttentionChanged
from screenpop.services.bus import Bus
from screenpop.services.events import ComputerResumed, UserNotice
from screenpop.services.quietness import (
    FOR_GOOD,
    NOT_QUIET,
    Quiet,
    QuietChanged,
    Quietness,
    QuietReason,
)
from screenpop.services.supervisor import Supervisor
from screenpop.simulator import create_cloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.store.call_log import CallLog

# A Wednesday, at noon by the clock on the wall.
NOON = datetime(2026, 11, 18, 12, 0).astimezone()


@dataclass
class Desktop:
    """A desktop that tells, and one that must be asked."""

    must_be_asked: bool = False
    now: Attention = field(default_factory=Attention)
    tell: AttentionChanged = lambda _now: None

    async def start(self, changed: AttentionChanged) -> None:
        self.tell = changed
        changed(self.now)

    async def look(self) -> Attention:
        return self.now

    async def stop(self) -> None:
        self.tell = lambda _now: None


class EmptyLog:
    def get(self, _account_id: str, _call_id: str) -> None:
        return None


@dataclass
class Desk:
    """What the quiet of these tests is made of."""

    quiet: Quietness
    desktop: Desktop
    bus: Bus
    told: list[Quiet]
    time: list[datetime]


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    bus, supervisor, desktop = Bus(), Supervisor(), Desktop()
    told: list[Quiet] = []
    time = [NOON]
    bus.subscribe(QuietChanged, lambda event: told.append(event.quiet))
    settings = QuietSettings(times=("wed 18:00-20:00",), times_level="silent")
    log: CallLog = EmptyLog()  # type: ignore[assignment]
    quiet = Quietness(
        settings=lambda: settings,
        log=log,
        bus=bus,
        supervisor=supervisor,
        clock=lambda: time[0],
        watch=lambda: desktop,
    )
    quiet.start()
    yield Desk(quiet, desktop, bus, told, time)
    await quiet.stop()
    await supervisor.stop()


async def test_the_quietest_reason_counts_and_by_hand_comes_first(desk: Desk) -> None:
    await desk.quiet.watch_desktop()
    assert desk.quiet.now == NOT_QUIET
    desk.desktop.tell(Attention(focus_mode=False, sharing=True))
    assert desk.quiet.now == Quiet("name", QuietReason.SHARING)
    desk.desktop.tell(Attention(focus_mode=True, sharing=True))
    assert desk.quiet.now == Quiet("tray", QuietReason.FOCUS_MODE)
    until = NOON + timedelta(hours=1)
    desk.quiet.set_until(until)
    assert desk.quiet.now == Quiet("tray", QuietReason.BY_HAND, until)
    desk.quiet.set_until(None)
    desk.desktop.tell(Attention())
    assert desk.told[-1] == NOT_QUIET


async def test_times_of_the_week_begin_and_end_by_the_clock(desk: Desk) -> None:
    turn = desk.quiet._turn
    assert turn is not None
    # It sleeps until the quiet begins, and looks at no clock in between.
    now = turn.when() - (NOON.replace(hour=18) - NOON).total_seconds()
    desk.time[0] = NOON.replace(hour=18)
    desk.bus.publish(ComputerResumed())
    evening = Quiet("silent", QuietReason.TIME, NOON.replace(hour=20))
    assert desk.told == [evening]
    following = desk.quiet._turn
    assert following is not None
    assert following.when() - now == pytest.approx(2 * 3600, abs=60)
    desk.time[0] = NOON.replace(hour=20)
    desk.bus.publish(ComputerResumed())
    assert desk.told == [evening, NOT_QUIET]


async def test_quiet_for_good_lasts_and_needs_no_timer(desk: Desk) -> None:
    desk.quiet.set_until(FOR_GOOD)
    assert desk.quiet.now.until == FOR_GOOD
    desk.time[0] = NOON + timedelta(days=400)
    assert desk.quiet.now.level == "tray"


async def test_a_desktop_that_tells_nothing_by_itself_is_asked(desk: Desk) -> None:
    desk.desktop.must_be_asked = True
    before = desk.quiet.must_look
    await desk.quiet.watch_desktop()
    assert (before, desk.quiet.must_look) == (False, True)
    desk.desktop.now = Attention(sharing=True)
    await desk.quiet.look()
    assert desk.quiet.now.reason is QuietReason.SHARING


# --- at a desk -----------------------------------------------------------------------


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    with create_cloud("voxloud") as cloud:
        desk = open_office(write_config(tmp_path / "home", cloud.base_url), cloud)
        await desk.app.start()
        try:
            await desk.is_live()
            yield desk
        finally:
            await desk.app.stop()


async def test_what_came_while_it_was_quiet_is_summed_up_after_it(
    office: Office,
) -> None:
    quiet = office.app.around.quiet
    quiet.set_until(datetime.now(UTC) + timedelta(hours=1))
    for number in (ANA, BEN):
        call = office.cloud.incoming_call(number)
        call.ring()
        call.hang_up()
    await eventually(lambda: office.app.history.missed_count == 2, "two missed calls")
    assert office.pops == []
    assert not [one for one in office.all(UserNotice) if one.key == "digest"]
    quiet.set_until(None)
    (digest,) = [one for one in office.all(UserNotice) if one.key == "digest"]
    assert digest.title == "2 calls while it was quiet"
    assert digest.advice == "2 of them missed"
    facts = office.app.control.facts()["desktop"]
    assert facts["quiet"]["level"] == "none"
