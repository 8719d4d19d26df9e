"""Text messages: shown once, never a card, listed with who it was."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING

import pytest

from screenpop.services.events import NoticeLevel, TextMessageArrived, UserNotice
from screenpop.services.text_messages import NOTICE_KEY
from screenpop.simulator import Faults, create_cloud
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<img src="https://example.com/x.png">Tap <a href="tel:900">here</a> & win'


@pytest.fixture
def cloud() -> Iterator[PrimevoxCloud]:
    with create_cloud("primevox") as running:
        assert isinstance(running, PrimevoxCloud)
        yield running


def open_desk(home: Path, cloud: PrimevoxCloud) -> Office:
    """A desk that has the first number; the second is a colleague's."""
    mine, others = cloud.lines[0], cloud.lines[1]
    option = f'did_map = "{mine[-10:]}=101,{others[-10:]}=102"'
    paths = write_config(home, cloud.base_url, account=option)
    text = paths.config_file.read_text()
    paths.config_file.write_text(text.replace('"voxloud"', '"primevox"'))
    office = open_office(paths, cloud)
    office.app.bus.subscribe(TextMessageArrived, office.told.append)
    return office


async def started(desk: Office, cloud: PrimevoxCloud) -> None:
    await desk.app.start()
    await eventually(lambda: desk.state() in ("live", "waiting"), "an account at work")
    cloud.enter_callback_url(desk.hook_url())


@pytest.fixture
async def office(tmp_path: Path, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    desk = open_desk(tmp_path / "home", cloud)
    try:
        await started(desk, cloud)
        yield desk
    finally:
        await desk.app.stop()


def texts(office: Office) -> list[tuple[str, str]]:
    """The notices of text messages: title and words."""
    notices = office.all(UserNotice)
    return [(one.title, one.advice) for one in notices if one.key == NOTICE_KEY]


async def heard(office: Office, count: int) -> None:
    await eventually(
        lambda: len(office.all(TextMessageArrived)) >= count, f"{count} messages"
    )
    await office.app.tracker.settled()


async def test_a_text_is_told_with_the_senders_name_and_raises_no_card(
    office: Office, cloud: PrimevoxCloud
) -> None:
    await office.knows("Ana Example", ANA)
    cloud.receive_text(ANA, HOSTILE)
    await heard(office, 1)
    assert texts(office) == [("Text message from Ana Example", HOSTILE)]
    assert {one.level for one in office.all(UserNotice)} == {NoticeLevel.INFO}
    assert (office.pops, office.log()) == ([], ())


async def test_a_text_delivered_twice_is_told_once(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.set_faults(Faults(duplicate=1))
    cloud.receive_text(ANA, "See you at 5")
    cloud.wait_for_deliveries(2)
    cloud.set_faults(Faults())
    cloud.receive_text(BEN, "Me too")
    await heard(office, 2)
    assert [words for _, words in texts(office)] == ["See you at 5", "Me too"]


async def test_a_text_is_not_told_again_after_a_restart(
    tmp_path: Path, cloud: PrimevoxCloud
) -> None:
    before, after = (open_desk(tmp_path / "home", cloud) for _ in range(2))
    await started(before, cloud)
    cloud.receive_text(ANA, "See you at 5")
    await heard(before, 1)
    await before.app.stop()
    await started(after, cloud)
    try:
        # As a vendor would that did not hear our answer.
        cloud.receive_text(ANA, "See you at 5")
        cloud.receive_text(BEN, "Me too")
        await heard(after, 1)
        assert [words for _, words in texts(after)] == ["Me too"]
    finally:
        await after.app.stop()


async def test_what_goes_out_or_to_a_colleague_is_not_told(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.send_text(ANA, "From us")
    cloud.receive_text(ANA, "Not for us", line=cloud.lines[1])
    cloud.receive_text(ANA, "For us")
    await heard(office, 2)
    assert [words for _, words in texts(office)] == ["For us"]
    listed = office.app.lists.text_messages.received().entries
    assert [one.text for one in listed] == ["For us", "From us"]


async def test_a_forgotten_number_takes_its_texts_with_it(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.receive_text(ANA, "Forget me")
    cloud.receive_text(BEN, "Keep me")
    await heard(office, 2)
    await office.app.contacts.forget(ANA)
    listed = office.app.lists.text_messages.received().entries
    assert [one.text for one in listed] == ["Keep me"]


async def test_what_the_vendor_lists_and_what_came_is_one_list(
    office: Office, cloud: PrimevoxCloud
) -> None:
    cloud.receive_text(ANA, "First & foremost")
    await heard(office, 1)
    cloud.enter_callback_url("")
    cloud.send_text(ANA, "Seen in the list alone")
    book = office.app.lists.text_messages
    listed = await book.listing("acme")
    assert [(one.text, one.is_inbound) for one in listed.entries] == [
        ("Seen in the list alone", False),
        ("First & foremost", True),
    ]
    assert listed.problem == ""
    assert book.accounts() == (("acme", "acme"),)
