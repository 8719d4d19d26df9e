"""A colleague who has called back saves everybody else from doing it again."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.events import (
    CallerId,
    CallRecorded,
    Direction,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
)
from screenpop.services.events import MissedChanged
from screenpop.simulator import ReleaseReason
from screenpop.store.contacts import LocalContacts
from screenpop.store.forgetting import forget_party
from screenpop.store.retention import prune
from screenpop.ui.call_log.texts import facts_of, result_text
from tests.services.office import ANA, BEN
from tests.services.test_replay import replayed
from tests.services.test_tracking import Tracking, after, release, ring
from tests.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.events import CallEvent
    from screenpop.simulator import SimulatedCall
    from tests.services.office import Office

COLLEAGUE = "102"
SHUFFLES = 20


async def _missed(office: Office, number: str = ANA) -> None:
    call = office.cloud.incoming_call(number)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed call")


def _by_colleague(office: Office, number: str = ANA) -> SimulatedCall:
    return office.cloud.outgoing_call(number, extension=COLLEAGUE)


async def test_a_colleagues_call_back_settles_it_and_says_whose_it_was(
    office: Office,
) -> None:
    told: list[int] = []
    office.app.bus.subscribe(MissedChanged, lambda event: told.append(event.count))
    await eventually(
        lambda: office.app.lines.name_of("acme", COLLEAGUE), "the colleague's name"
    )
    await _missed(office)
    back = _by_colleague(office)
    back.ring()
    back.answer()
    await eventually(lambda: office.app.history.missed_count == 0, "the call back")
    await eventually(lambda: told[-1:] == [0], "the tray to hear of it")
    (entry,) = office.log()
    name = office.app.lines.name_of("acme", COLLEAGUE)
    assert (entry.is_missed, entry.needs_call_back) == (True, False)
    assert entry.called_back_by == name
    assert result_text(entry) == "Missed, called back"
    facts = {fact.label: fact.text for fact in facts_of(entry, office.app.clock())}
    assert facts["Called back by"] == name
    back.hang_up()
    await office.app.tracker.settled()
    assert office.app.history.missed_now() == ()
    assert len(office.pops) == 1, "a colleague's call raises no card"


@pytest.mark.parametrize("kind", ["nobody answers", "another number", "before"])
async def test_what_reaches_nobody_settles_nothing(office: Office, kind: str) -> None:
    number = BEN if kind == "another number" else ANA
    if kind == "before":
        _talk(_by_colleague(office, number))
        await office.app.tracker.settled()
    await _missed(office)
    call = _by_colleague(office, number)
    if kind == "nobody answers":
        call.ring()
        call.hang_up(ReleaseReason.NO_ANSWER)
    elif kind == "another number":
        _talk(call)
    deliveries = len(office.cloud.deliveries)
    await eventually(
        lambda: office.app.listener.stats().accepted >= deliveries, "every webhook"
    )
    await office.app.tracker.settled()
    assert office.app.history.missed_count == 1
    assert office.log()[0].called_back_by == ""


def _talk(call: SimulatedCall) -> None:
    call.ring()
    call.answer()
    call.hang_up()


LONDON = CallerId("+442079460123")


def _out(call_id: str, begun: float, *, colleague: str = "102") -> list[CallEvent]:
    """A colleague's call to the one whose call we missed, on which people talked."""
    heard: dict[str, Any] = {
        "account_id": "acme",
        "call_id": call_id,
        "user": LineUser(colleague, name=f"Colleague {colleague}"),
        "caller": CallerId(colleague),
        "callee": LONDON,
    }
    return [
        kind(**heard, occurred_at=after(begun + late), received_at=after(begun + late))
        for kind, late in ((LegInitiated, 0), (LegConnected, 5), (LegReleased, 40))
    ]


def _nobody_answered(call_id: str, begun: float) -> CallRecorded:
    """What the phone system says in the end of what looked like a talk."""
    record = CallDetailRecord(
        record_id="record-1",
        direction=Direction.OUTBOUND,
        caller=CallerId("103"),
        callee=LONDON,
        outcome=CallOutcome.NO_ANSWER,
        started_at=after(begun),
    )
    return CallRecorded(
        account_id="acme",
        call_id=call_id,
        occurred_at=after(begun + 41),
        received_at=after(begun + 41),
        record=record,
    )


def _kept(desk: Tracking) -> list[tuple[object, ...]]:
    return desk.database.read(
        lambda c: c.execute("SELECT * FROM call_backs ORDER BY call_id").fetchall()
    )


def _story() -> list[CallEvent]:
    return [
        ring(0),
        release(20),
        *_out("back", 100),
        *_out("not-yet", 60, colleague="103"),
        _nobody_answered("not-yet", 60),
    ]


async def test_any_order_of_events_keeps_the_same_call_back(tmp_path: Path) -> None:
    source = random.Random(11)  # noqa: S311 - shuffling
    kept = []
    for number in range(SHUFFLES):
        desk = Tracking(tmp_path / f"{number}.db")
        told = _story()
        told += source.choices(told, k=4)
        source.shuffle(told)
        for event in told:
            # The clock only goes forward: what comes late was received late.
            await desk.hear(replace(event, received_at=max(desk.now, after(200))))
        assert desk.log.missed_open() == ()
        assert desk.log.called_back_by(desk.row()) == "Colleague 102"
        kept.append(_kept(desk))
        await desk.stop()
    assert [row[1] for row in kept[0]] == ["back"]
    assert all(each == kept[0] for each in kept)


async def test_a_replay_finds_call_backs_again_and_drops_what_is_none(
    tmp_path: Path,
) -> None:
    desk = Tracking(tmp_path / "screenpop.db")
    for event in _story():
        await desk.hear(event)
    before = _kept(desk)
    desk.database.submit(
        lambda c: c.execute("UPDATE call_backs SET call_id = 'not-yet'")
    ).result()
    assert (await replayed(desk)).differences == ()
    assert _kept(desk) == before
    await desk.stop()


@pytest.mark.parametrize("way", ["pruned", "forgotten"])
async def test_what_is_pruned_or_forgotten_leaves_no_call_back(
    tmp_path: Path, way: str
) -> None:
    desk = Tracking(tmp_path / "screenpop.db")
    for event in _story():
        await desk.hear(event)
    assert len(_kept(desk)) == 1
    if way == "pruned":
        prune(desk.database, deliveries_before=after(900), calls_before=after(900))
    else:
        forget_party(
            LocalContacts(desk.database),
            LONDON.number,
            calling_code="44",
            national="2079460123",
        )
    assert _kept(desk) == []
    await desk.stop()
