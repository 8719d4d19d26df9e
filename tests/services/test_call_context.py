"""What the card tells of earlier calls, without any CRM."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.simulator import ReleaseReason
from tests.services.office import BEN
from tests.services.test_who_is_who import ring
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.services.office import Office


async def test_talks_notes_missed_calls_and_promises_are_told(office: Office) -> None:
    talk, card = await ring(office)
    talk.answer()
    office.app.screen_pop.set_note(card.ref, "waiting for the invoice")
    talk.hang_up()
    await eventually(
        lambda: [entry.note for entry in office.log()] == ["waiting for the invoice"],
        "the note",
    )
    missed, _ = await ring(office)
    missed.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 1, "the missed call")

    call, card = await ring(office)
    assert card.context.missed_count == 1
    assert card.context.promised_at is None
    newer, older = office.app.screen_pop.earlier(card.ref)
    assert newer.outcome is CallOutcome.NO_ANSWER
    assert (older.outcome, older.note) == (
        CallOutcome.ANSWERED,
        "waiting for the invoice",
    )
    assert older.by
    assert older.ref is not None

    await office.app.history.promise_call_back(card.ref)
    call.hang_up(ReleaseReason.NO_ANSWER)
    await office.logged(3)
    last, card = await ring(office)
    assert card.context.promised_at is not None
    last.hang_up()

    back = office.cloud.outgoing_call(card.number_e164)
    back.ring()
    back.answer()
    back.hang_up()
    await eventually(lambda: office.app.history.missed_count == 0, "all called back")
    _, card = await ring(office)
    assert card.context.promised_at is None
    assert card.context.missed_count == 0
    latest = office.app.screen_pop.earlier(card.ref)[0]
    assert (latest.direction, latest.outcome) == (
        Direction.OUTBOUND,
        CallOutcome.ANSWERED,
    )


async def test_a_stranger_has_no_past(office: Office) -> None:
    _, card = await ring(office, BEN)
    assert card.context.call_count == 0
    assert office.app.screen_pop.earlier(card.ref) == ()
