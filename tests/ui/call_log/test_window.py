"""The call log's window with coroutines that really run."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from screenpop.domain.calls import CallRef
from screenpop.domain.errors import StoreBusy
from screenpop.ui.call_log.view_model import CallLogModel
from screenpop.ui.call_log.window import CallLogActions, CallLogWindow
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Memory
from tests.ui.past_calls import NOW, RECORD, PastCalls, entry, missed
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Around:
    """What the window asked of the rest of the program."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.created: list[tuple[str, str]] = []
        self.opened: list[str] = []

    @property
    def actions(self) -> CallLogActions:
        return CallLogActions(
            call=self.called.append,
            create_contact=lambda number, name: self.created.append((number, name)),
            open_url=self.opened.append,
            accounts=lambda: (("acme", "Acme"), ("beta", "Home office")),
        )


@pytest.fixture
def past() -> PastCalls:
    first = entry(0)
    past = PastCalls((first, *(entry(n) for n in range(1, 6)), missed(6), missed(10)))
    past.records[first.ref] = RECORD
    return past


@pytest.fixture
def around() -> Around:
    return Around()


@pytest.fixture
async def window(
    qapp: QApplication, past: PastCalls, around: Around
) -> AsyncIterator[CallLogWindow]:
    model = CallLogModel(past, lambda: NOW)
    window = CallLogWindow(Theme(qapp, "light"), Memory(), model, around.actions)
    window.open_with()
    await shown(lambda: window.table.model().rowCount(), "the calls")
    yield window
    window.close()
    await window.tasks.idle()
    window.deleteLater()
    QApplication.processEvents()


def _button(window: QWidget, text: str) -> QPushButton:
    return next(
        button
        for button in window.findChildren(QPushButton)
        if button.text() == text and button.isVisible()
    )


def _texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


async def test_typing_searches(window: CallLogWindow, past: PastCalls) -> None:
    QTest.keyClicks(window.search, "bo lind")
    await shown(lambda: window.table.model().rowCount() == 2, "the found calls")

    assert [one.text for one in past.searches if one.kind == "all"][-1] == "bo lind"


async def test_time_and_account_narrow_the_list_by_the_keyboard(
    window: CallLogWindow, past: PastCalls
) -> None:
    past.entries.append(entry(2, started_at=NOW - timedelta(days=3)))
    period, account = window.filters.period, window.filters.account
    QTest.keyClick(period, Qt.Key.Key_Down)
    await shown(lambda: past.searches[-1].since is not None, "the search")
    today = NOW.astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    assert (period.currentText(), past.searches[-1].since) == ("Today", today)
    await shown(lambda: window.table.model().rowCount() == 8, "today's calls")
    QTest.keyClick(period, Qt.Key.Key_Down)
    await shown(lambda: window.table.model().rowCount() == 9, "the calls of a week")
    QTest.keyClick(account, Qt.Key.Key_End)
    await shown(lambda: "No calls at that time or account" in _texts(window), "why")
    window.open_at(past.entries[0].ref)
    await shown(lambda: window.table.model().rowCount() == 9, "every call again")
    assert (period.currentText(), account.currentText()) == ("Any time", "All accounts")


async def test_the_details_show_record_timeline_and_links(
    window: CallLogWindow, around: Around
) -> None:
    window.table.selectRow(0)
    await shown(lambda: "invoice of October" in _texts(window), "the record")

    texts = _texts(window)
    assert "good (81 of 100)" in texts
    assert "invoice, urgent" in texts
    assert "Answered (Dana)" in texts
    assert "Ana: It is about the invoice." in texts
    _button(window.details, "Open recording").click()
    assert around.opened == [RECORD.recording_url]
    assert "unsafe" not in texts


async def test_a_note_is_kept_when_the_writer_pauses(
    window: CallLogWindow, past: PastCalls
) -> None:
    window.table.selectRow(1)
    QTest.keyClicks(window.details.note, "call again on Monday")
    ref = CallRef("acme", "call-1")
    await shown(lambda: past.note(ref) == "call again on Monday", "the note")
    await shown(lambda: "Saved" in _texts(window), "the sign")


async def test_what_a_call_came_to_can_be_said_here_and_taken_back(
    window: CallLogWindow, past: PastCalls
) -> None:
    window.table.selectRow(1)
    choice = window.details.disposition
    await shown(choice.isVisible, "the choice")
    ref = CallRef("acme", "call-1")
    for said in ("Thinks about it", ""):
        choice.choose(said)
        await window.tasks.idle()
        (found,) = (one for one in past.entries if one.ref == ref)
        assert found.disposition == said


async def test_closing_at_once_keeps_the_note(
    window: CallLogWindow, past: PastCalls
) -> None:
    window.table.selectRow(1)
    QTest.keyClicks(window.details.note, "half a sentence")
    window.close()
    await window.tasks.idle()

    assert past.note(CallRef("acme", "call-1")) == "half a sentence"


async def test_the_work_list_calls_back_and_ticks_off_with_undo(
    window: CallLogWindow, past: PastCalls, around: Around
) -> None:
    await shown(window.work_list.isVisible, "the work list")
    _button(window.work_list, "Call back").click()
    assert around.called == ["+12025550163"]

    _button(window.work_list, "Done").click()
    await shown(lambda: not window.work_list.isVisible(), "the empty work list")
    assert not any(one.needs_call_back for one in past.entries)

    _button(window.message, "Undo").click()
    await shown(window.work_list.isVisible, "the work list again")


async def test_a_new_call_appears_and_the_chosen_one_stays_chosen(
    window: CallLogWindow, past: PastCalls
) -> None:
    window.table.selectRow(2)
    fresh = entry(0, ref=CallRef("acme", "new"), started_at=NOW, name="Zoe")
    past.entries.insert(0, fresh)
    window.call_changed(fresh.ref)
    await shown(lambda: window.table.model().rowCount() == 9, "the new call")

    assert window.table.currentIndex().row() == 3
    assert window.table.model().index(0, 0).data() == "Zoe"


async def test_an_unknown_caller_can_become_a_contact(
    window: CallLogWindow, around: Around
) -> None:
    window.table.selectRow(2)
    _button(window.details, "Create contact").click()
    assert around.created == [("+12025550163", "")]


async def test_trouble_is_told_in_the_window(
    window: CallLogWindow, past: PastCalls
) -> None:
    past.error = StoreBusy("The database is busy", "Close the other program.")
    QTest.keyClicks(window.search, "x")
    await shown(window.message.isVisible, "the message")

    assert window.message.text == "The database is busy Close the other program."


async def test_enter_on_a_call_calls_and_export_writes_a_file(
    window: CallLogWindow, around: Around, tmp_path: Path
) -> None:
    window.table.selectRow(0)
    QTest.keyClick(window.table, Qt.Key.Key_Return)
    assert around.called == ["+12025550142"]

    window.export_to(tmp_path / "calls.csv")
    await shown((tmp_path / "calls.csv").exists, "the file")
    await shown(lambda: "8 calls written" in _texts(window), "the sentence")


async def test_esc_empties_the_search_before_it_closes(
    window: CallLogWindow,
) -> None:
    QTest.keyClicks(window.search, "bo")
    QTest.keyClick(window.search, Qt.Key.Key_Escape)
    assert window.isVisible()
    assert window.search.text() == ""
    QTest.keyClick(window.search, Qt.Key.Key_Escape)
    assert not window.isVisible()


async def test_a_call_far_down_is_shown_when_asked_for(
    window: CallLogWindow, past: PastCalls
) -> None:
    far = tuple(entry(n) for n in range(20, 400))
    past.entries.extend(far)
    window.open_at(CallRef("acme", "call-23"))
    await shown(lambda: window.details.entry == entry(23), "the call in the list")

    window.open_at(far[-1].ref)
    await shown(lambda: window.details.entry == far[-1], "the call beyond it")


async def test_a_screen_reader_finds_table_search_and_note(
    window: CallLogWindow,
) -> None:
    names = {
        QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        for widget in (window.table, window.search, window.details.note)
    }
    assert names == {"Calls", "Search names, numbers and notes", "Note"}


async def test_the_details_of_an_unknown_caller_are_wholly_to_be_seen(
    window: CallLogWindow, past: PastCalls
) -> None:
    new = CallRef("acme", "new")
    past.entries.insert(0, entry(0, ref=new, name=""))
    window.open_at(new)
    await shown(window.details.create_button.isVisible, "the unknown caller")
    window.details.resize(window.details.minimumWidth(), 500)
    area = window.details._area
    inner = area.widget()
    assert inner is not None
    assert inner.minimumSizeHint().width() <= window.theme.px(300)


async def test_an_empty_log_has_one_empty_place(
    window: CallLogWindow, past: PastCalls
) -> None:
    past.entries.clear()
    window.open_with()
    await shown(lambda: "No calls yet" in _texts(window), "the empty log")
    assert not window.details.isVisible()
