"""Records that open by themselves: once, for our calls, when it is sure who it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.calls import CallRef
from screenpop.domain.contacts import Contact, ContactNumber, Mark
from screenpop.domain.errors import UsageError
from screenpop.domain.numbers import read_number
from screenpop.domain.record_opening import OpenWhen
from screenpop.services.events import RecordWanted
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.services.test_who_is_who import ring
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    from screenpop.simulator import VendorCloud

    Opens = Callable[..., Awaitable[tuple[Office, list[RecordWanted]]]]

TEMPLATE = 'open_url = "https://crm.example.com/?phone={e164}&name={name}"'
OPENED = "https://crm.example.com/?phone=%2B442079460123&name=Ana%20Bell"


@pytest.fixture
async def opens(tmp_path: Path, cloud: VendorCloud) -> AsyncIterator[Opens]:
    """A running desk with these lines under ``[card]``, and what it opened."""
    offices: list[Office] = []

    async def start(*lines: str) -> tuple[Office, list[RecordWanted]]:
        card = "\n".join(("[card]", *lines, ""))
        paths = write_config(tmp_path / "home", cloud.base_url)
        text = paths.config_file.read_text()
        paths.config_file.write_text(f"{text}\n{card}")
        desk = open_office(paths, cloud)
        opened: list[RecordWanted] = []
        desk.app.bus.subscribe(RecordWanted, opened.append)
        await desk.app.start()
        offices.append(desk)
        await desk.is_live()
        return desk, opened

    yield start
    for desk in offices:
        await desk.app.stop()


async def knows(office: Office, name: str, number: str, url: str = "") -> None:
    contact = Contact(
        source="local",
        source_id=name,
        name=name,
        numbers=(ContactNumber(number, number),),
        url=url,
    )
    await asyncio.wrap_future(office.app.local_contacts.save(contact))


async def considered() -> None:
    """Nothing more comes of the cards so far."""
    busy = ("consider a record", "open a record")
    await eventually(
        lambda: not [one for one in asyncio.all_tasks() if one.get_name() in busy],
        "all that was considered",
    )


async def test_nothing_opens_by_itself_unless_it_was_asked_for(opens: Opens) -> None:
    office, opened = await opens(TEMPLATE)
    await knows(office, "Ana Bell", ANA)
    call, card = await ring(office)
    call.answer()
    await considered()
    assert opened == []
    # The button makes use of the address all the same.
    assert card.record_url == OPENED
    assert office.app.callers.opener.on_click(card.ref) == OPENED


async def test_a_ring_opens_the_record_once_whatever_comes_after(opens: Opens) -> None:
    office, opened = await opens('open_record = "ring"', TEMPLATE)
    await knows(office, "Ana Bell", ANA)
    call, card = await ring(office)
    await eventually(lambda: opened, "the record")
    assert [each.url for each in opened] == [OPENED]
    call.answer()
    office.app.note_contacts(())
    call.hang_up()
    await office.logged(1)
    # Not even another run of the program opens it again.
    office.app.callers.opener._done.clear()
    office.app.callers.opener.consider(card)
    _, other = await ring(office, BEN)
    await eventually(lambda: len(opened) > 1, "the next record")
    assert [each.ref for each in opened] == [card.ref, other.ref]


async def test_an_answer_opens_it_when_that_was_asked_for(opens: Opens) -> None:
    office, opened = await opens(
        'open_record = "answer"', 'link_hosts = ["example.com"]'
    )
    await knows(office, "Ana Bell", ANA, "https://crm.example.com/contact/17")
    missed, _ = await ring(office)
    missed.hang_up()
    await office.logged(1)
    await considered()
    assert opened == []
    call, _ = await ring(office)
    call.answer()
    await eventually(lambda: opened, "the record")
    assert [each.url for each in opened] == ["https://crm.example.com/contact/17"]


async def test_several_people_open_nothing_before_one_is_chosen(opens: Opens) -> None:
    office, opened = await opens('open_record = "ring"', TEMPLATE)
    await knows(office, "Ana Bell", ANA)
    await knows(office, "Bo Lind", ANA)
    _, card = await ring(office)
    assert card.chosen is None
    await considered()
    assert opened == []
    names = [match.contact.name for match in card.matches]
    office.app.screen_pop.choose(card.ref, names.index("Ana Bell"))
    await eventually(lambda: opened, "the record")
    assert opened[0].url == OPENED


async def test_who_is_not_sure_is_spam_or_private_opens_nothing(opens: Opens) -> None:
    office, opened = await opens('open_record = "ring"', TEMPLATE)
    await knows(office, "Ana Bell", "+39" + ANA.removeprefix("+44"))
    _, card = await ring(office)
    assert card.chosen is not None
    plan = await office.app.callers.opener.rehearse(card.ref)
    assert plan.reason == "It is not sure who it is"
    await office.app.callers.marks.mark(read_number(BEN, "GB"), Mark.PRIVATE)
    _, other = await ring(office, BEN)
    plan = await office.app.callers.opener.rehearse(other.ref)
    assert plan.reason == "The number is private"
    await considered()
    assert opened == []


async def test_a_program_gets_the_number_as_an_argument(opens: Opens) -> None:
    office, opened = await opens(
        'open_record = "ring"', 'open_program = ["crm", "--call", "{e164}"]'
    )
    await ring(office)
    await eventually(lambda: opened, "the program")
    assert opened[0].argv == ("crm", "--call", ANA)


async def test_a_line_and_a_direction_have_rules_of_their_own(opens: Opens) -> None:
    office, opened = await opens(
        'open_record = "ring"',
        'open_outbound = "ring"',
        TEMPLATE,
        "[[card.rules]]",
        'direction = "outbound"',
        'open_url = "https://out.example.com/{national}"',
    )
    office.cloud.outgoing_call(ANA).ring()
    await eventually(lambda: opened, "the record")
    assert opened[0].url == "https://out.example.com/2079460123"


async def test_a_past_call_is_tried_and_opened_as_a_test(opens: Opens) -> None:
    office, opened = await opens(TEMPLATE)
    await knows(office, "Ana Bell", ANA)
    call, card = await ring(office)
    call.hang_up()
    await office.logged(1)
    plan = await office.app.callers.opener.rehearse(card.ref)
    assert plan.target is not None
    assert (plan.when, plan.target.url) == (OpenWhen.NEVER, OPENED)
    assert opened == []
    await office.app.callers.opener.repeat(card.ref)
    await office.app.callers.opener.repeat(card.ref)
    assert [each.url for each in opened] == [OPENED, OPENED]
    with pytest.raises(UsageError):
        await office.app.callers.opener.rehearse(CallRef("acme", "none"))
