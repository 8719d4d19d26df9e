"""A replay gives the same calls, also of what the journal has only in part."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.services.dial_correlation import DialBook
from screenpop.services.replay import Replay
from screenpop.store.retention import prune
from tests.services.test_tracking import Tracking, after, answer, release, ring

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from screenpop.services.replay import ReplayReport


async def replayed(
    desk: Tracking, since: datetime | None = None, *, write: bool = True
) -> ReplayReport:
    replay = Replay(
        journal=desk.journal,
        log=desk.log,
        accounts=desk.account,
        dials=DialBook("GB"),
        clock=lambda: desk.now,
    )
    return await replay.run(since, write=write)


async def test_a_call_whose_beginning_was_pruned_stays_whole(tmp_path: Path) -> None:
    desk = Tracking(tmp_path / "screenpop.db")
    await desk.hear(ring(0))
    await desk.hear(answer(8))
    await desk.hear(release(60))
    prune(desk.database, deliveries_before=after(30), calls_before=after(-30))
    report = await replayed(desk)
    assert (report.deliveries, report.calls, report.differences) == (1, 1, ())
    row = desk.row()
    assert (row.outcome, row.direction) == (CallOutcome.ANSWERED, Direction.INBOUND)
    assert (row.ring_seconds, row.talk_seconds) == (8, 52)
    assert (await replayed(desk, after(50))).differences == ()
    await desk.stop()


async def test_a_replay_brings_back_a_row_that_was_lost(tmp_path: Path) -> None:
    desk = Tracking(tmp_path / "screenpop.db")
    await desk.hear(ring(0))
    await desk.hear(release(20))
    before = desk.log.all_rows()
    desk.log.replace_all_derived([]).result()
    assert (await replayed(desk, write=False)).differences
    assert desk.log.all_rows() == ()
    assert (await replayed(desk)).calls == 1
    assert desk.log.all_rows() == before
    await desk.stop()
