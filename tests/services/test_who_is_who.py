"""What the user says of who calls: kept for the next call, and taken back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from screenpop.domain.contacts import Contact, ContactNumber
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


async def test_whom_the_user_chose_is_named_before_the_source_has_answered(
    office: Office, crm: Crm
) -> None:
    """Nobody else is shown in the meantime, though one is known at once."""
    await chosen_in_the_crm(office, crm)
    office.app.lookup.forget_all()
    office.told.clear()
    await ring(office)
    told = [card.chosen for card in office.pops]
    assert [name_of(each) for each in told] == ["Jonas"]
    # Should the source be gone, the others are shown as ever, and nothing is kept.
    await SourceOverview(office.app).remove("crm")
    _, card = await ring(office)
    assert name_of(card.chosen) == "Ada"
    assert office.app.callers.people.choices() == ()


async def test_whom_the_user_chose_is_shown_though_their_source_is_away(
    office: Office, crm: Crm
) -> None:
    """The other one with the number is not guessed in their place."""
    await chosen_in_the_crm(office, crm)
    office.app.lookup.forget_all()
    crm.is_away = True
    _, card = await ring(office)
    assert name_of(card.chosen) == "Jonas"
    assert [name_of(match) for match in card.matches] == ["Jonas", "Ada"]
    assert card.silent == ("Our CRM",)


async def test_somebody_chosen_who_is_no_longer_in_their_source_is_not_shown(
    office: Office, crm: Crm
) -> None:
    await chosen_in_the_crm(office, crm)
    office.app.lookup.forget_all()
    crm.people.clear()
    _, card = await ring(office)
    assert name_of(card.chosen) == "Ada"


async def chosen_in_the_crm(office: Office, crm: Crm) -> None:
    """Two have the number; the one whom only the CRM knows was chosen."""
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


async def test_none_of_these_stays_none_when_a_source_answers_late(
    office: Office, crm: Crm
) -> None:
    await office.knows("Ada", ANA)
    await office.knows("Jonas", ANA)
    crm.people[ANA] = "Nora"
    crm.may_answer.clear()
    await SourceOverview(office.app).add(crm.draft())
    call = office.cloud.incoming_call(ANA, caller_name="")
    call.ring()
    card = await office.popped()
    office.app.screen_pop.choose(card.ref, -1)
    crm.may_answer.set()

    def named() -> bool:
        return name_of(office.app.screen_pop.recent()[0].chosen) == "Nora"

    await eventually(named, "the one whom the source knows")
    assert len((await shown(office, call)).matches) == 1


async def test_of_two_namesakes_the_name_is_shown_and_no_record_is_opened(
    office: Office,
) -> None:
    for source_id in ("1", "2"):
        page = f"https://crm.example.com/{source_id}"
        await office.keep(
            Contact(
                source="local",
                source_id=source_id,
                name="Ada Bell",
                url=page,
                numbers=(ContactNumber(ANA, ANA),),
            )
        )
    _, card = await ring(office)
    assert name_of(card.chosen) == "Ada Bell"
    assert card.record_url == ""
    assert office.app.callers.opener.on_click(card.ref) == ""
    office.app.screen_pop.choose(card.ref, 1)
    assert office.app.callers.opener.on_click(card.ref) == "https://crm.example.com/2"


async def test_a_page_that_may_not_be_opened_is_not_offered(office: Office) -> None:
    await office.keep(
        Contact(
            source="local",
            source_id="1",
            name="Ada Bell",
            url="javascript:alert(1)",
            numbers=(ContactNumber(ANA, ANA),),
        )
    )
    _, card = await ring(office)
    assert name_of(card.chosen) == "Ada Bell"
    assert card.record_url == ""


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
