"""Spam raises no card, a private number leaves no name; both stay on this computer."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.contacts import Mark
from screenpop.domain.errors import UsageError
from screenpop.domain.numbers import read_number
from screenpop.services.source_overview import SourceOverview
from screenpop.simulator import ReleaseReason
from screenpop.store.lost_callers import LostCallerList, LostKey, LostRow
from tests.builders import at
from tests.services.office import ANA, BEN
from tests.services.test_contact_sources import Crm, crm
from tests.services.test_who_is_who import name_of, ring
from tests.waiting import eventually

if TYPE_CHECKING:
    from tests.services.office import Office

__all__ = ["crm"]

ANA_READ = read_number(ANA, "GB")


async def test_spam_raises_no_card_and_waits_for_no_call_back(office: Office) -> None:
    call, card = await ring(office)
    await office.app.callers.corrections.mark(card.ref, Mark.SPAM)
    marked = next(one for one in office.app.screen_pop.recent() if one.ref == card.ref)
    assert marked.mark == "spam"
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: office.app.history.missed_count == 0, "nothing missed")

    office.told.clear()
    spam = office.cloud.incoming_call(ANA)
    spam.ring()
    spam.hang_up(ReleaseReason.NO_ANSWER)
    other = office.cloud.incoming_call(BEN)
    other.ring()
    await office.popped()
    assert [each.number_e164 for each in office.pops] == [BEN]
    logged = [entry for entry in office.log() if entry.number_e164 == ANA]
    assert len(logged) == 2
    assert {entry.mark for entry in logged} == {"spam"}
    assert not any(entry.needs_call_back for entry in logged)
    assert office.app.history.missed_now() == ()

    await office.app.callers.corrections.unmark(card.ref)
    await eventually(lambda: office.app.history.missed_count == 2, "them missed again")
    office.told.clear()
    office.cloud.incoming_call(ANA).ring()
    await office.popped()


async def test_a_call_to_a_number_marked_as_spam_still_has_its_card(
    office: Office,
) -> None:
    await office.app.callers.marks.mark(ANA_READ, Mark.SPAM)
    office.cloud.outgoing_call(ANA).ring()
    card = await office.popped()
    assert card.mark == "spam"


async def test_a_private_number_is_asked_of_nobody_and_logged_without_a_name(
    office: Office, crm: Crm
) -> None:
    crm.people[ANA] = "Ana Bell"
    await SourceOverview(office.app).add(crm.draft())
    call, card = await ring(office)
    assert name_of(card.chosen) == "Ana Bell"
    call.hang_up()
    await eventually(
        lambda: [entry.name for entry in office.log()] == ["Ana Bell"], "the name"
    )

    await office.app.callers.corrections.mark(card.ref, Mark.PRIVATE)
    assert [entry.name for entry in office.log()] == [""]
    assert office.app.call_log.search("ana bell") == ()
    call, card = await ring(office)
    assert card.chosen is None
    assert card.mark == "private"
    answer = await office.app.lookup.ask(ANA_READ, lambda _: None)
    assert [each.problem for each in answer.reports if each.source == "crm"] == [
        "the number is private"
    ]
    call.hang_up()

    # Who is in the contacts here is shown on the card, and nowhere else.
    await office.knows("Ana at home", ANA)
    call, card = await ring(office)
    assert name_of(card.chosen) == "Ana at home"
    call.hang_up()
    await office.logged(3)
    assert {entry.name for entry in office.log()} == {""}
    await office.app.callers.corrections.unmark(card.ref)
    assert "Ana at home" in {entry.name for entry in office.log()}


async def test_a_private_number_is_named_by_no_list(office: Office) -> None:
    await office.knows("Ana at home", ANA)
    lost = LostRow(
        key=LostKey("acme", ANA, ""),
        party=ANA,
        name="Ana at home",
        attempts=1,
        last_at=at(0),
    )
    lost_callers = LostCallerList(office.app.database)
    await asyncio.wrap_future(lost_callers.put(lost, heard_at=at(0)))
    call, _ = await ring(office)
    call.hang_up()
    await office.logged(1)
    desk = office.app.dial_desk

    def named() -> set[str]:
        lost = office.app.lists.lost_callers.open_now()
        return {
            *(each.name for each in desk.suggest("")),
            *(each.name for each in desk.suggest("020 7946")),
            *(each.name or each.vendor_name for each in lost),
        }

    assert named() == {"Ana at home"}
    await office.app.callers.marks.mark(ANA_READ, Mark.PRIVATE)
    assert named() == {""}
    assert office.app.known(ANA_READ) is None
    # Whoever types the name means them.
    assert [each.name for each in desk.suggest("ana")] == ["Ana at home"]


async def test_an_extension_is_a_colleague_and_cannot_be_marked(
    office: Office,
) -> None:
    with pytest.raises(UsageError):
        await office.app.callers.marks.mark(read_number("104", "GB"), Mark.SPAM)


async def test_forgetting_a_number_forgets_its_mark(office: Office) -> None:
    await office.app.callers.marks.mark(ANA_READ, Mark.PRIVATE)
    await office.app.contacts.forget(ANA)
    assert office.app.callers.said.mark_of(ANA_READ) == ""
