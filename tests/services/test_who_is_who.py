"""What the user says of who calls: kept for the next call, and taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from screenpop.services.source_overview import SourceOverview
from tests.services.office import ANA, BEN
from tests.services.test_contact_sources import Crm, crm
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactMatch
    from screenpop.services.events import CallCard
    from screenpop.simulator import SimulatedCall
    from tests.services.office import Office

__all__ = ["crm"]


async def ring(office: Office, number: str = ANA) -> tuple[SimulatedCall, CallCard]:
    """A call, and its card once everybody was asked."""
    call = office.cloud.incoming_call(number, caller_name="")
    call.ring()

    def settled() -> CallCard | None:
        cards = office.app.screen_pop.recent()
        found = (one for one in cards if one.ref.call_id == call.call_id)
        return next((one for one in found if not one.is_lookup_pending), None)

    card = await eventually(settled, "the card with all that is known")
    assert card is not None
    return call, card


def name_of(match: ContactMatch | None) -> str:
    return match.contact.name if match else ""


async def shown(office: Office, call: SimulatedCall) -> CallCard:
    card = await office.card(call)
    assert card is not None
    return card


async def test_a_choice_is_kept_for_the_next_call_and_can_be_taken_back(
    office: Office,
) -> None:
    await office.knows("Ada", ANA)
    await office.knows("Jonas", ANA)
    first, card = await ring(office)
    assert card.chosen is None
    names = [match.contact.name for match in card.matches]
    office.app.screen_pop.choose(card.ref, names.index("Jonas"))
    await eventually(
        lambda: office.app.callers.people.choice(ANA), "the choice to be kept"
    )
    first.hang_up()

    second, card = await ring(office)
    assert name_of(card.chosen) == "Jonas"
    assert card.chosen is not None
    assert card.chosen.chosen_at is not None
    second.hang_up()
    await eventually(
        lambda: [entry.name for entry in office.log()] == ["Jonas", "Jonas"],
        "the name in the log",
    )

    third, card = await ring(office)
    await office.app.callers.corrections.take_choice_back(card.ref)
    assert (await shown(office, third)).chosen is None
    assert office.app.callers.people.choice(ANA) is None
    third.hang_up()
    _, card = await ring(office)
    assert card.chosen is None


async def test_a_choice_is_for_its_number_alone(office: Office) -> None:
    for number in (ANA, BEN):
        await office.knows(f"Ada {number[-3:]}", number)
        await office.knows(f"Jonas {number[-3:]}", number)
    _, card = await ring(office)
    office.app.screen_pop.choose(card.ref, 0)
    await eventually(
        lambda: office.app.callers.people.choice(ANA), "the choice to be kept"
    )
    _, other = await ring(office, BEN)
    assert other.chosen is None


async def test_a_choice_waits_for_the_source_that_knows_them(
    office: Office, crm: Crm
) -> None:
    """Nobody else is shown in the meantime, though one is known at once."""
    await office.knows("Ada", ANA)
    crm.people[ANA] = "Jonas"
    await SourceOverview(office.app).add(crm.draft())
    call, card = await ring(office)
    names = [match.contact.name for match in card.matches]
    assert sorted(names) == ["Ada", "Jonas"]
    office.app.screen_pop.choose(card.ref, names.index("Jonas"))
    await eventually(
        lambda: office.app.callers.people.choice(ANA), "the choice to be kept"
    )
    call.hang_up()

    office.app.lookup.forget_all()
    office.told.clear()
    await ring(office)
    told = [card.chosen for card in office.pops]
    assert [name_of(each) for each in told] == [""]
    # Should the source be gone, the others are shown as ever.
    await SourceOverview(office.app).remove("crm")
    _, card = await ring(office)
    assert name_of(card.chosen) == "Ada"


async def test_two_entries_are_one_person_from_now_on(office: Office, crm: Crm) -> None:
    for number in (ANA, BEN):
        await office.knows(f"A. Bell {number[-3:]}", number)
        crm.people[number] = f"Ana Bell {number[-3:]}"
    await SourceOverview(office.app).add(crm.draft())
    call, card = await ring(office)
    assert card.chosen is None
    assert len(card.matches) == 2
    await office.app.callers.corrections.join(card.ref, 0, 1)
    joined = await shown(office, call)
    assert name_of(joined.chosen) == "A. Bell 123"
    assert joined.chosen is not None
    assert joined.chosen.is_joined
    assert joined.chosen.source_label.endswith("+ Our CRM")
    call.hang_up()
    # The record with the same id has another number there: the entries are one.
    _, again = await ring(office)
    assert len(again.matches) == 1

    await office.app.callers.corrections.part(again.ref)
    (latest,) = [one for one in office.app.screen_pop.recent() if one.ref == again.ref]
    assert latest.chosen is None
    assert len(latest.matches) == 2


async def test_somebody_with_the_same_last_digits_is_nobody_until_confirmed(
    office: Office,
) -> None:
    wrong = "+39" + ANA.removeprefix("+44")
    await office.knows("Ana Bell", wrong)
    call, card = await ring(office)
    assert name_of(card.chosen) == "Ana Bell"
    assert card.chosen is not None
    assert not card.chosen.is_sure
    call.hang_up()
    (entry, *_) = await office.logged(1)
    assert entry.name != "Ana Bell"

    office.app.screen_pop.choose(card.ref, 0)
    await eventually(
        lambda: office.app.callers.people.choice(ANA), "the choice to be kept"
    )
    _, card = await ring(office)
    assert card.chosen is not None
    assert card.chosen.is_sure


async def test_forgetting_a_number_forgets_what_was_said_of_it(office: Office) -> None:
    await office.knows("Ada", ANA)
    await office.knows("Jonas", ANA)
    _, card = await ring(office)
    office.app.screen_pop.choose(card.ref, 0)
    await eventually(
        lambda: office.app.callers.people.choice(ANA), "the choice to be kept"
    )
    await office.app.contacts.forget(ANA)
    assert office.app.callers.people.choice(ANA) is None
    assert ANA not in json.dumps(
        [each.name for each in office.app.callers.people.choices()]
    )
