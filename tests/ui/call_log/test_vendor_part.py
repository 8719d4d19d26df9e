"""What the call log tells of a call from its vendor, and where its note is."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import NotFound, ProviderUnavailable
from screenpop.providers.abilities import Sound, TimelineEntry
from screenpop.services.call_notes import NoteMarks, NoteTerms
from screenpop.services.note_progress import NoteProgress, NoteStage
from screenpop.services.vendor_calls import VendorOffer
from screenpop.simulator.sounds import beep
from screenpop.ui.call_log.view_model import CallLogModel
from screenpop.ui.call_log.window import CallLogActions, CallLogWindow
from screenpop.ui.theme import Theme
from tests.desktop.hand_device import HandDevice
from tests.ui.dialing_desk import Memory
from tests.ui.past_calls import NOW, RECORD, PastCalls, entry
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LINK = "https://media.example.com/fresh"
REF = CallRef("acme", "call-0")


class Vendor:
    """A vendor with everything, or with what a test leaves it."""

    def __init__(self) -> None:
        self.offered = VendorOffer("Office", has_steps=True, has_link=True)
        self.asked = 0
        self.recording = b"RIFF" + bytes(2044)
        self.error: Exception | None = None

    def offer(self, account_id: str) -> VendorOffer:
        return self.offered if account_id == "acme" else VendorOffer(account_id)

    async def steps(self, ref: CallRef) -> tuple[TimelineEntry, ...]:
        await self._answer()
        texts = ("Reached the menu", "Extension rang: <b>101</b>")
        return tuple(
            TimelineEntry(NOW + timedelta(seconds=at), text)
            for at, text in enumerate(texts)
        )

    async def recording_link(self, ref: CallRef) -> str:
        await self._answer()
        return f"{LINK}/{self.asked}"

    async def sound(self, ref: CallRef) -> Sound:
        await self._answer()
        return Sound(self.recording, "audio/wav")

    async def _answer(self) -> None:
        await asyncio.sleep(0)
        self.asked += 1
        if self.error is not None:
            raise self.error


class Notes:
    """Notes that a vendor takes, kept in memory."""

    def __init__(self, past: PastCalls) -> None:
        self._past = past
        self._marks = NoteMarks()
        self.stage: NoteStage | None = None
        self.repeated: list[CallRef] = []

    def terms(self, account_id: str) -> NoteTerms | None:
        return NoteTerms("Office", 255)

    def text(self, ref: CallRef) -> str:
        return self._past.note(ref)

    def marks(self, ref: CallRef) -> NoteMarks:
        return self._marks

    def progress(self, ref: CallRef) -> NoteProgress | None:
        if self.stage is None:
            return None
        problem = "No right" if self.stage is NoteStage.REFUSED else ""
        return NoteProgress(
            ref=ref, stage=self.stage, account_label="Office", problem=problem
        )

    async def set_marks(self, ref: CallRef, marks: NoteMarks) -> None:
        self._marks = marks
        self.stage = NoteStage.SENT

    async def send_again(self, ref: CallRef) -> None:
        self.repeated.append(ref)
        self.stage = NoteStage.WAITING


@pytest.fixture
def past() -> PastCalls:
    past = PastCalls((entry(0, has_recording=True), entry(1)))
    past.records[REF] = RECORD
    return past


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def notes(past: PastCalls) -> Notes:
    return Notes(past)


@pytest.fixture
def opened() -> list[str]:
    return []


@pytest.fixture
async def window(
    qapp: QApplication,
    past: PastCalls,
    vendor: Vendor,
    notes: Notes,
    opened: list[str],
) -> AsyncIterator[CallLogWindow]:
    actions = CallLogActions(
        call=lambda _number: None,
        create_contact=lambda _number, _name: None,
        open_url=opened.append,
        vendor=vendor,
    )
    model = CallLogModel(past, lambda: NOW, notes=notes)
    window = CallLogWindow(Theme(qapp, "light"), Memory(), model, actions)
    window.open_with()
    await shown(lambda: "invoice of October" in texts(window), "the first call")
    yield window
    window.close()
    await window.tasks.idle()
    window.deleteLater()
    QApplication.processEvents()


def texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def button(window: QWidget, text: str) -> QPushButton:
    (found,) = [
        one
        for one in window.findChildren(QPushButton)
        if one.text() == text and one.isVisible()
    ]
    return found


async def test_steps_are_asked_for_on_demand_and_shown_as_plain_text(
    window: CallLogWindow, vendor: Vendor
) -> None:
    assert "What happened, as Office tells it" in texts(window)
    assert vendor.asked == 0
    button(window, "Ask Office").click()
    await shown(lambda: "Reached the menu" in texts(window), "the steps")
    assert "Extension rang: <b>101</b>" in texts(window)
    window.table.selectRow(1)
    assert "Reached the menu" not in texts(window)
    assert button(window, "Ask Office").isEnabled()


async def test_a_vendor_that_does_not_answer_can_be_asked_again(
    window: CallLogWindow, vendor: Vendor
) -> None:
    vendor.error = ProviderUnavailable("Office gives no answer")
    button(window, "Ask Office").click()
    await shown(window.message.isVisible, "the trouble")
    assert window.message.text.startswith("Office gives no answer")
    assert button(window, "Ask Office").isEnabled()


async def test_each_opening_of_a_recording_asks_for_a_fresh_link(
    window: CallLogWindow, opened: list[str]
) -> None:
    for count in (1, 2):
        await shown(button(window, "Open recording").isEnabled, "the button")
        button(window, "Open recording").click()
        await shown(lambda count=count: len(opened) == count, "the browser")  # type: ignore[misc]
    assert opened == [f"{LINK}/1", f"{LINK}/2"]


async def test_a_recording_that_nobody_knows_of_is_looked_for(
    window: CallLogWindow, vendor: Vendor, opened: list[str]
) -> None:
    window.table.selectRow(1)
    vendor.error = NotFound("This call has no recording")
    button(window, "Look for a recording").click()
    await shown(window.message.isVisible, "the answer")
    assert (window.message.text, opened) == ("This call has no recording", [])


async def test_a_recording_plays_in_the_window_until_another_call_is_chosen(
    window: CallLogWindow, vendor: Vendor
) -> None:
    vendor.offered = VendorOffer("Office", has_sound=True)
    vendor.recording = beep(4)
    window._vendor.player._open_device = HandDevice
    window.table.selectRow(1)
    window.table.selectRow(0)
    button(window, "Play recording").click()
    await shown(window._vendor.player.isVisible, "the bar that plays")
    assert "0:00 of 0:04" in texts(window)
    assert not window._vendor.recording.play_button.isVisible(), "the bar is there now"
    window.table.selectRow(1)
    assert not window._vendor.player.has_sound


async def test_a_recording_of_an_unknown_kind_is_told(
    window: CallLogWindow, vendor: Vendor
) -> None:
    vendor.offered = VendorOffer("Office", has_sound=True)
    window.table.selectRow(1)
    window.table.selectRow(0)
    button(window, "Play recording").click()
    await shown(window.message.isVisible, "the answer")
    assert window.message.title == "This sound cannot be played here"


async def test_a_recording_is_saved_where_the_user_wants_it(
    window: CallLogWindow, vendor: Vendor, tmp_path: Path
) -> None:
    vendor.offered = VendorOffer("Office", has_sound=True)
    window.table.selectRow(1)
    window.table.selectRow(0)
    button(window, "Save recording…")
    # The dialog itself belongs to the system.
    sound = await vendor.sound(REF)
    window._vendor.save_to(tmp_path / "talk.wav", sound)
    await shown(lambda: "Recording saved as talk.wav (2 KiB)" in texts(window), "it")
    assert (tmp_path / "talk.wav").read_bytes() == sound.data


async def test_without_any_such_vendor_nothing_is_offered(
    window: CallLogWindow, vendor: Vendor
) -> None:
    vendor.offered = VendorOffer("Office")
    window.table.selectRow(1)
    window.table.selectRow(0)
    await shown(lambda: "What happened" in texts(window), "our own timeline")
    assert "as Office tells it" not in texts(window)
    assert not window._vendor.recording.isVisible()


async def test_marks_are_set_with_what_is_being_written(
    window: CallLogWindow, past: PastCalls, notes: Notes
) -> None:
    foot = window.details.foot
    QTest.keyClicks(window.details.note, "call again")
    foot.follow_up.click()
    await shown(lambda: "Saved here and sent to Office" in texts(window), "the state")
    assert past.note(REF) == "call again"
    assert notes.marks(REF) == NoteMarks(True, 0)
    assert foot.counter.text() == "10 of 255"


async def test_a_refusal_is_shown_and_can_be_repeated(
    window: CallLogWindow, past: PastCalls, notes: Notes
) -> None:
    past.entries[0] = replace(past.entries[0], note="Private")
    notes.stage = NoteStage.REFUSED
    window.open_with()
    await shown(
        lambda: "Saved here. Not taken by Office: No right" in texts(window), "it"
    )
    button(window, "Send again").click()
    await shown(
        lambda: "Saved here, waiting to be sent to Office" in texts(window), "the try"
    )
    assert notes.repeated == [REF]


async def test_all_of_it_is_to_be_seen_in_the_narrowest_panel(
    window: CallLogWindow, vendor: Vendor
) -> None:
    vendor.offered = VendorOffer(
        "Office", has_steps=True, has_link=True, has_sound=True
    )
    window.table.selectRow(1)
    window.table.selectRow(0)
    window.details.resize(window.details.minimumWidth(), 500)
    inner = window.details._area.widget()
    assert inner is not None
    assert inner.minimumSizeHint().width() <= window.theme.px(300)
