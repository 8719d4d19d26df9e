"""What follows a call: what it came to, the line's look, and the promised call back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from screenpop.services import note_sender
from screenpop.services.call_csv import row_of_entry
from screenpop.services.events import CallBackDue, CardPhase, PopDismissed, WrapUpWanted
from screenpop.services.note_progress import NoteProgress
from screenpop.simulator import ReleaseReason, create_cloud
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from tests.services.office import ANA, BEN, Office, open_office, write_config
from tests.waiting import eventually

SET = """
[wrap_up]
dispositions = ["Sold", "Thinks about it"]
seconds = 45
[[lines]]
line = "Main office"
color = "teal"
greeting = "Good morning, Example Ltd"
sound = "chime"
"""


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(note_sender, "SETTLE", timedelta())


@pytest.fixture
def cloud() -> Iterator[PrimevoxCloud]:
    with create_cloud("primevox") as running:
        assert isinstance(running, PrimevoxCloud)
        yield running


@pytest.fixture
async def office(tmp_path: Path, cloud: PrimevoxCloud) -> AsyncIterator[Office]:
    paths = write_config(tmp_path / "home", cloud.base_url, account=SET)
    text = paths.config_file.read_text()
    paths.config_file.write_text(text.replace('"voxloud"', '"primevox"'))
    desk = open_office(paths, cloud)
    for kind in (WrapUpWanted, CallBackDue, NoteProgress):
        desk.app.bus.subscribe(kind, desk.told.append)
    await desk.app.start()
    try:
        await desk.is_live()
        cloud.enter_callback_url(desk.hook_url())
        yield desk
    finally:
        await desk.app.stop()


async def talked(office: Office, number: str = ANA) -> Any:
    call = office.cloud.incoming_call(number)
    call.ring()
    await office.popped()
    call.answer()
    call.hang_up()
    return call


async def test_after_a_call_that_was_answered_here_is_asked_what_it_came_to(
    office: Office,
) -> None:
    await talked(office)
    await eventually(lambda: office.all(WrapUpWanted), "the question")
    (asked,) = office.all(WrapUpWanted)
    assert asked.card.phase is CardPhase.WRAP_UP
    assert asked.card.dispositions == ("Sold", "Thinks about it")
    assert asked.seconds == 45
    office.app.screen_pop.set_note(asked.card.ref, "Two of each")
    office.app.screen_pop.wrap_up(asked.card.ref, "Sold")
    (card,) = office.app.screen_pop.recent()
    assert (card.phase, card.disposition) == (CardPhase.ENDED, "Sold")
    await eventually(lambda: office.log(text="sold"), "it in the log")
    (entry,) = office.log(text="sold")
    assert entry.disposition == "Sold"
    assert row_of_entry(entry)[-2:] == ("Two of each", "Sold")

    def told() -> list[str]:
        notes = [one for one in office.cloud.requests if "call_notes" in one.path]
        return [one.body.decode() for one in notes]

    await eventually(
        lambda: any("%5BSold%5D+Two+of+each" in one for one in told()), "the vendor"
    )


async def test_nobody_is_asked_about_a_call_that_was_not_answered_here(
    office: Office,
) -> None:
    missed = office.cloud.incoming_call(ANA)
    missed.ring()
    await office.popped()
    missed.hang_up(ReleaseReason.NO_ANSWER)
    taken = office.cloud.incoming_call(BEN, extensions=("101", "102"))
    taken.ring()
    await office.popped(2)
    taken.answer("102")
    taken.hang_up()
    await eventually(lambda: len(office.all(PopDismissed)) == 2, "both cards to go")
    assert office.all(WrapUpWanted) == []


async def test_a_line_is_shown_and_heard_as_the_user_set_it(office: Office) -> None:
    office.cloud.incoming_call(ANA).ring()
    look = (await office.popped()).look
    assert (look.color, look.sound) == ("teal", "chime")
    assert look.greeting == "Good morning, Example Ltd"


async def test_a_promised_call_back_is_reminded_of_once_when_it_is_due(
    office: Office,
) -> None:
    await talked(office)
    (entry,) = await office.logged(1)
    due = office.app.clock() + timedelta(milliseconds=50)
    await office.app.history.promise_call_back(entry.ref, due)
    assert office.log()[0].due_at == due
    await eventually(lambda: office.all(CallBackDue), "the reminder")
    assert office.all(CallBackDue) == [CallBackDue(entry.ref)]
    assert not office.app.call_log.has_due_promises()
