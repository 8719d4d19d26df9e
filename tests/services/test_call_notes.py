"""Notes on calls, from where they are typed to the phone system that takes them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from screenpop.domain.calls import CallRef
from screenpop.services import note_sender
from screenpop.services.call_notes import NoteMarks
from screenpop.services.events import UserNotice
from screenpop.services.note_progress import NoteProgress, NoteStage
from screenpop.simulator import Faults, create_cloud
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

PATH = "/api/call_notes.php"


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Notes go as soon as they are kept, and again soon after a failure."""
    monkeypatch.setattr(note_sender, "SETTLE", timedelta())
    monkeypatch.setattr(note_sender, "FIRST_PAUSE", 0.02)


@pytest.fixture
def cloud() -> Iterator[PrimevoxCloud]:
    with create_cloud("primevox") as running:
        assert isinstance(running, PrimevoxCloud)
        yield running


def open_desk(home: Path, cloud: PrimevoxCloud, *options: str) -> Office:
    paths = write_config(home, cloud.base_url, account="\n".join(options))
    text = paths.config_file.read_text()
    paths.config_file.write_text(text.replace('"voxloud"', '"primevox"'))
    office = open_office(paths, cloud)
    office.app.bus.subscribe(NoteProgress, office.told.append)
    return office


@pytest.fixture
async def office(tmp_path: Path, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    desk = open_desk(tmp_path / "home", cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        cloud.enter_callback_url(desk.hook_url())
        yield desk
    finally:
        await desk.app.stop()


async def rung(office: Office, cloud: PrimevoxCloud, number: str = ANA) -> CallRef:
    """A call whose card stands there."""
    before = len(office.pops)
    cloud.incoming_call(number).ring()
    return (await office.popped(before + 1)).ref


def received(cloud: PrimevoxCloud) -> list[dict[str, list[str]]]:
    """The forms that the vendor was sent, without what signs them."""
    forms = [
        parse_qs(one.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        for one in cloud.requests
        if one.path == PATH
    ]
    return [{k: v for k, v in form.items() if k.startswith("call")} for form in forms]


async def _stage(office: Office, ref: CallRef, stage: NoteStage) -> NoteProgress:
    def told() -> NoteProgress | None:
        found = [one for one in office.all(NoteProgress) if one.ref == ref]
        return found[-1] if found and found[-1].stage is stage else None

    await eventually(told, f"the note to be {stage.value}")
    found = told()
    assert found is not None
    return found


async def test_a_note_typed_on_the_card_arrives_as_the_documented_form(
    office: Office, cloud: PrimevoxCloud
) -> None:
    ref = await rung(office, cloud)
    office.app.screen_pop.set_note(ref, "Kehrt zurück: 50 % & mehr")
    progress = await _stage(office, ref, NoteStage.SENT)
    assert progress.account_label == "acme"
    assert received(cloud) == [
        {
            "callUuid": [ref.call_id],
            "callFlagged": ["0"],
            "callSeverity": ["0"],
            "callNotes": ["Kehrt zurück: 50 % & mehr"],
        }
    ]
    (request,) = [one for one in cloud.requests if one.path == PATH]
    assert (request.method, request.query, request.status) == ("POST", "", 200)
    assert b"callNotes=Kehrt+zur%C3%BCck%3A+50+%25+%26+mehr" in request.body


async def test_marks_go_with_the_note_and_stay_when_it_is_changed(
    office: Office, cloud: PrimevoxCloud
) -> None:
    ref = await rung(office, cloud)
    await office.app.call_notes.set_marks(ref, NoteMarks(True, 3))
    await _stage(office, ref, NoteStage.SENT)
    await office.app.history.set_note(ref, "Wants a call at five")
    await eventually(lambda: len(received(cloud)) == 2, "the words")
    flags, words = received(cloud)
    assert (flags["callFlagged"], flags["callSeverity"]) == (["1"], ["3"])
    assert flags["callNotes"] == [""]
    assert words["callNotes"] == ["Wants a call at five"]
    assert (words["callFlagged"], words["callSeverity"]) == (["1"], ["3"])
    assert office.app.call_notes.marks(ref) == NoteMarks(True, 3)


async def test_a_note_waits_for_a_dead_vendor_and_only_the_latest_goes(
    office: Office, cloud: PrimevoxCloud
) -> None:
    first, second = await rung(office, cloud), await rung(office, cloud, BEN)
    cloud.stop()
    for text in ("Wa", "Wants a ca", "Wants a call at five"):
        office.app.screen_pop.set_note(first, text)
        await _stage(office, first, NoteStage.WAITING)
    office.app.screen_pop.set_note(second, "Second")
    await _stage(office, second, NoteStage.WAITING)
    assert office.log()[-1].note == "Wants a call at five"
    assert not office.all(UserNotice)
    cloud.start()
    await _stage(office, first, NoteStage.SENT)
    await _stage(office, second, NoteStage.SENT)
    texts = sorted(form["callNotes"][0] for form in received(cloud))
    assert texts == ["Second", "Wants a call at five"]


async def test_a_note_that_the_vendor_cannot_place_keeps_no_other_waiting(
    office: Office, cloud: PrimevoxCloud
) -> None:
    """PrimeVOX says "try again later" of a call it does not know."""
    unknown = CallRef("acme", "0b2f3a52-0000-4000-8000-000000000000")
    await office.app.history.set_note(unknown, "About nobody")
    await _stage(office, unknown, NoteStage.WAITING)
    ref = await rung(office, cloud)
    office.app.screen_pop.set_note(ref, "About Ana")
    await _stage(office, ref, NoteStage.SENT)
    progress = office.app.call_notes.progress(unknown)
    assert progress is not None
    assert progress.stage is NoteStage.WAITING


async def test_a_note_that_a_dying_program_left_is_sent_by_the_next_one(
    tmp_path: Path, cloud: PrimevoxCloud
) -> None:
    home = tmp_path / "home"
    before = open_desk(home, cloud)
    await before.app.start()
    await before.is_live()
    cloud.enter_callback_url(before.hook_url())
    ref = await rung(before, cloud)
    cloud.stop()
    before.app.screen_pop.set_note(ref, "Kept over night")
    await _stage(before, ref, NoteStage.WAITING)
    await before.app.stop()
    cloud.start()
    after = open_desk(home, cloud)
    await after.app.start()
    try:
        await _stage(after, ref, NoteStage.SENT)
    finally:
        await after.app.stop()
    assert [form["callNotes"] for form in received(cloud)] == [["Kept over night"]]


async def test_a_refusal_is_told_and_can_be_tried_again(
    office: Office, cloud: PrimevoxCloud
) -> None:
    ref = await rung(office, cloud)
    cloud.set_faults(Faults(forbidden=True, only_path="call_notes"))
    office.app.screen_pop.set_note(ref, "Not for everybody")
    refused = await _stage(office, ref, NoteStage.REFUSED)
    assert refused.problem
    (notice,) = office.all(UserNotice)
    assert notice.title.startswith("A note was not taken by acme: ")
    assert notice.advice.endswith("The note is kept here.")
    assert office.log()[0].note == "Not for everybody"
    cloud.set_faults(Faults())
    await office.app.call_notes.send_again(ref)
    await _stage(office, ref, NoteStage.SENT)


async def test_a_note_that_is_too_long_stays_here_as_a_whole(
    office: Office, cloud: PrimevoxCloud
) -> None:
    terms = office.app.call_notes.terms("acme")
    assert terms is not None
    assert terms.longest == 255
    ref = await rung(office, cloud)
    long = "x" * 256
    await office.app.history.set_note(ref, long)
    refused = await _stage(office, ref, NoteStage.REFUSED)
    assert "longer than the 255 characters" in refused.problem
    assert (office.log()[0].note, received(cloud)) == (long, [])
    await office.app.history.set_note(ref, long[:255])
    await _stage(office, ref, NoteStage.SENT)


async def test_nothing_is_built_while_nobody_writes_a_note(
    office: Office, cloud: PrimevoxCloud
) -> None:
    await rung(office, cloud)
    assert "call_notes" not in vars(office.app)


async def test_a_removed_number_takes_its_waiting_note_with_it(
    office: Office, cloud: PrimevoxCloud
) -> None:
    ref = await rung(office, cloud)
    cloud.stop()
    office.app.screen_pop.set_note(ref, "Forget me")
    await _stage(office, ref, NoteStage.WAITING)
    await office.app.contacts.forget(ANA)
    assert office.app.call_notes.progress(ref) is None
