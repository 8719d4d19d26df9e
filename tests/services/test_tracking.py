"""Folding goes on whatever comes, and no call stays open or pops twice for ever."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.calls import CallRef, CallState
from screenpop.domain.delivery import Delivery, ParsedDelivery
from screenpop.domain.events import (
    CallEvent,
    LegConnected,
    LegReleased,
    LineUser,
)
from screenpop.services.bus import Bus
from screenpop.services.call_tracker import CallChanged, CallTracker, TrackedAccount
from screenpop.services.dial_correlation import DialBook
from screenpop.services.supervisor import Supervisor
from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import a_delivery, a_ring
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.store.call_rows import CallRow

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ME = LineUser("101")
JONAS = LineUser("102")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def ring(second: float, user: LineUser = ME, call_id: str = "call-1") -> CallEvent:
    moment = after(second)
    return a_ring(call_id=call_id, occurred_at=moment, received_at=moment, user=user)


def release(second: float, user: LineUser = ME) -> CallEvent:
    return _event(LegReleased, second, user)


def answer(second: float, user: LineUser = ME) -> CallEvent:
    return _event(LegConnected, second, user)


def _event(
    kind: type[LegReleased | LegConnected], second: float, user: LineUser
) -> CallEvent:
    return kind(
        account_id="acme",
        call_id="call-1",
        occurred_at=after(second),
        received_at=after(second),
        user=user,
    )


@dataclass
class Reader:
    """Reads each delivery as the events that a test has put behind its body."""

    meaning: dict[bytes, tuple[CallEvent, ...]] = field(default_factory=dict)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        return ParsedDelivery(self.meaning[delivery.body])


class Tracking:
    """A tracker on a real database, with a clock of the test's own."""

    def __init__(self, file: Path) -> None:
        self.database = Database(file)
        self.journal = Journal(self.database)
        self.log = CallLog(self.database)
        self.reader = Reader()
        self.now = NOW
        self.changes: list[CallChanged] = []
        self._count = 0
        bus = Bus()
        bus.subscribe(CallChanged, self.changes.append)
        self.supervisor = Supervisor()
        self.tracker = CallTracker(
            log=self.log,
            accounts=self.account,
            dials=DialBook("GB"),
            bus=bus,
            supervisor=self.supervisor,
            clock=lambda: self.now,
        )

    def account(self, _account_id: str) -> TrackedAccount:
        return TrackedAccount("101", "GB", self.reader)

    async def hear(self, *events: CallEvent) -> None:
        """Take one delivery that says these."""
        self._count += 1
        body = str(self._count).encode()
        self.reader.meaning[body] = events
        self.now = max(self.now, *(event.received_at for event in events))
        self.deliver(body)
        await self.tracker.settled()

    def deliver(self, body: bytes) -> None:
        delivery = a_delivery(body=body, received_at=self.now)
        seq = self.journal.append(delivery).result()
        self.tracker.deliver_many(
            [a_delivery(body=body, received_at=self.now, seq=seq)]
        )

    @property
    def pops(self) -> int:
        return sum(change.is_pop_granted for change in self.changes)

    def row(self, call_id: str = "call-1") -> CallRow:
        row = self.log.get("acme", call_id)
        assert row is not None
        return row

    async def stop(self) -> None:
        await self.tracker.stop()
        await self.supervisor.stop()
        self.database.close()


@pytest.fixture
async def tracking(tmp_path: Path) -> AsyncIterator[Tracking]:
    made = Tracking(tmp_path / "screenpop.db")
    yield made
    await made.stop()


async def test_a_call_that_rings_again_after_a_hang_up_pops_again(
    tracking: Tracking,
) -> None:
    await tracking.hear(ring(0))
    await tracking.hear(release(20))
    assert tracking.pops == 1
    await tracking.hear(ring(25))
    assert tracking.pops == 2
    await tracking.hear(ring(0))
    await tracking.hear(ring(25.5))
    assert tracking.pops == 2


async def test_an_old_hang_up_that_comes_late_pops_nothing(tracking: Tracking) -> None:
    await tracking.hear(ring(25))
    assert tracking.pops == 1
    await tracking.hear(ring(0))
    await tracking.hear(release(20))
    await tracking.hear(answer(27))
    assert tracking.pops == 1
    assert tracking.row().state is CallState.CONNECTED


@pytest.mark.parametrize("is_release_told", [True, False])
async def test_a_group_call_that_a_colleague_transfers_here_pops_again(
    tracking: Tracking, is_release_told: bool
) -> None:
    await tracking.hear(ring(0), ring(0, JONAS))
    await tracking.hear(answer(4, JONAS))
    if is_release_told:
        await tracking.hear(release(4.1))
    assert (tracking.pops, tracking.row().state) == (1, CallState.ENDED)
    await tracking.hear(ring(50))
    assert (tracking.pops, tracking.row().state) == (2, CallState.ALERTING)


@pytest.mark.expects_log("could not be folded")
async def test_a_delivery_that_cannot_be_folded_keeps_none_of_the_others(
    tracking: Tracking,
) -> None:
    # Moments have a zone; an adapter of somebody else's may forget that.
    broken = a_ring(call_id="broken", occurred_at=NOW.replace(tzinfo=None))
    tracking.reader.meaning |= {b"broken": (broken,), b"good": (ring(0),)}
    for body in (b"good", b"broken", b"good"):
        tracking.deliver(body)
    await tracking.tracker.settled()
    assert tracking.row().state is CallState.ALERTING
    assert tracking.journal.pending() == []
    (problem,) = tracking.journal.problems()
    assert problem.problem == "folding failed: TypeError"


async def test_a_call_left_open_by_the_last_run_gets_its_end(tmp_path: Path) -> None:
    first = Tracking(tmp_path / "screenpop.db")
    await first.hear(ring(0))
    await first.stop()
    second = Tracking(tmp_path / "screenpop.db")
    second.now = after(3_600 * 30)
    (open_call,) = second.log.open_calls()
    second.tracker.restore([CallRef(open_call.account_id, open_call.call_id)])
    await eventually(lambda: second.row().state is CallState.ENDED, "the end")
    assert second.row().is_end_inferred
    await eventually(lambda: second.changes, "the change to be told")
    (change,) = second.changes
    assert change.before is not None
    assert not change.is_pop_granted
    await second.stop()
