"""Who somebody is changes while their call is on the screen, and in the log."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

from screenpop.desktop.control_client import ask
from screenpop.domain.contacts import ContactDraft
from screenpop.domain.numbers import read_number
from screenpop.services.contact_news import MOST_NUMBERS, ContactNews
from screenpop.services.events import MissedChanged, PopUpdated
from screenpop.simulator import ReleaseReason
from tests.builders import LONDON, a_row
from tests.services.office import ANA, BEN
from tests.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.desktop.control_message import ControlAnswer
    from screenpop.services.events import CallCard
    from tests.services.office import Office


async def _ringing(office: Office) -> CallCard:
    office.cloud.incoming_call(ANA).ring()
    card = await office.popped()
    await eventually(
        lambda: not office.app.screen_pop.recent()[0].is_lookup_pending, "the look-up"
    )
    return card


def _title(office: Office, card: CallCard) -> str:
    shown = office.app.screen_pop.card(card.ref)
    assert shown is not None
    return shown.title


async def test_a_contact_made_from_the_card_is_on_it_and_in_the_log(
    office: Office,
) -> None:
    card = await _ringing(office)
    draft = ContactDraft("Ana", "Example", company="Example Ltd", numbers=(ANA,))
    made = await office.app.contacts.create(draft)
    assert _title(office, card) == "Ana Example"
    told = office.all(PopUpdated)[-1].card
    assert (told.ref, told.title, told.company) == (
        card.ref,
        "Ana Example",
        "Example Ltd",
    )
    await office.app.contacts.update(made, ContactDraft("Anna", numbers=(ANA,)))
    assert _title(office, card) == "Anna"
    await eventually(lambda: office.log()[0].name == "Anna", "the name in the log")
    (hit,) = await office.app.contacts.search("Anna")
    await office.app.contacts.delete(hit.contact)
    assert _title(office, card) == card.number_text


async def test_calls_of_before_take_the_new_name_and_those_of_others_do_not(
    office: Office,
) -> None:
    book, log = office.app.contacts, office.app.call_log
    ann = await book.create(ContactDraft("Ann", numbers=(LONDON,)))
    rows = [a_row(name, remote_number=LONDON) for name in ("hers", "his")]
    await asyncio.wrap_future(log.commit(rows=rows))
    await asyncio.wrap_future(log.set_match("acme", "hers", "Ann", ""))
    await asyncio.wrap_future(log.set_match("acme", "his", "Bob", ""))
    draft = ContactDraft("Ann", "Sample", company="Example Ltd", numbers=(LONDON,))
    await book.update(ann, draft)
    named = {each.ref.call_id: (each.name, each.company) for each in office.log()}
    assert named == {"hers": ("Ann Sample", "Example Ltd"), "his": ("Bob", "")}
    assert [each.ref.call_id for each in office.log(text="sample")] == ["hers"]


async def test_who_was_chosen_stays_chosen_while_others_change(office: Office) -> None:
    for name in ("Ana", "Bob"):
        await office.app.contacts.create(ContactDraft(name, numbers=(ANA,)))
    card = await _ringing(office)
    bob = next(i for i, m in enumerate(card.matches) if m.contact.name == "Bob")
    office.app.screen_pop.choose(card.ref, bob)
    (hit,) = await office.app.contacts.search("Ana")
    await office.app.contacts.update(hit.contact, ContactDraft("Anna", numbers=(ANA,)))
    assert _title(office, card) == "Bob"


async def test_news_of_another_number_leaves_a_card_alone(office: Office) -> None:
    await _ringing(office)
    before = len(office.all(PopUpdated))
    await office.app.contacts.create(ContactDraft("Ben", numbers=(BEN,)))
    assert len(office.all(PopUpdated)) == before


# --- from the command line ----------------------------------------------------------


async def _command(office: Office, *words: str) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "screenpop", "contacts", *words),
        env={**os.environ, "SCREENPOP_HOME": str(office.app.paths.data_dir)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, error = await process.communicate()
    assert (process.returncode, error) == (0, b"")
    return out.decode()


async def test_a_number_forgotten_by_a_command_is_gone_from_the_running_app(
    office: Office,
) -> None:
    missed: list[int] = []
    office.app.bus.subscribe(MissedChanged, lambda event: missed.append(event.count))
    call = office.cloud.incoming_call(ANA)
    call.ring()
    await office.popped()
    call.hang_up(ReleaseReason.NO_ANSWER)
    await eventually(lambda: missed[-1:] == [1], "a missed call")
    assert "traces removed" in await _command(office, "forget", ANA, "--yes")
    assert office.app.screen_pop.recent() == ()
    assert office.log() == ()
    await eventually(lambda: missed[-1:] == [0], "the tray to hear of it")


async def test_contacts_imported_by_a_command_are_on_standing_cards(
    office: Office, tmp_path: Path
) -> None:
    card = await _ringing(office)
    file = tmp_path / "people.csv"
    file.write_text(f"Name,Phone\nAna Example,{ANA}\n", encoding="utf-8")
    await _command(office, "import", str(file), "--yes")
    assert _title(office, card) == "Ana Example"


async def test_what_says_no_contacts_is_refused_in_words(office: Office) -> None:
    paths = office.app.paths

    def tell(args: dict[str, object]) -> ControlAnswer:
        return ask(paths.socket_file, paths.lock_file, "contacts", args)

    for args in (
        {},
        {"numbers": ANA, "forgotten": []},
        {"numbers": [], "forgotten": 7},
    ):
        answer = await asyncio.to_thread(tell, dict(args))
        assert (answer.is_ok, answer.error_kind) == (False, "UsageError")
    answer = await asyncio.to_thread(tell, {"numbers": [""], "forgotten": ["nobody"]})
    assert answer.is_ok


def test_more_changes_than_can_be_listed_are_told_as_any() -> None:
    news = ContactNews()
    assert news.told() is None
    numbers = [read_number(f"+44207946{n:04}", "GB") for n in range(MOST_NUMBERS + 1)]
    news.changed(tuple(numbers[:2]))
    assert news.told() == {
        "numbers": ["+442079460000", "+442079460001"],
        "forgotten": [],
    }
    news.changed(tuple(numbers))
    assert news.told() == {"numbers": [], "forgotten": []}
