"""The window of text messages."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from screenpop.services.text_messages import TextEntry, TextListing
from screenpop.ui.call_log.messages import MessagesActions, MessagesWindow
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Memory
from tests.ui.past_calls import NOW
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FROM_ANA = TextEntry(
    account_id="acme",
    account_label="Office",
    is_inbound=True,
    number_text="(202) 555-0142",
    number_e164="+12025550142",
    name="Ana Rossi",
    line_text="(202) 555-0100",
    text="<b>See you</b> at 5\nBring the papers",
    at=NOW - timedelta(minutes=5),
    is_from_vendor=True,
)
TO_ANA = replace(FROM_ANA, is_inbound=False, text="Agreed")


class Book:
    """Messages in memory."""

    def __init__(self) -> None:
        self.entries = [TO_ANA, FROM_ANA]
        self.problem = ""
        self.asked: list[tuple[str, bool]] = []

    def accounts(self) -> tuple[tuple[str, str], ...]:
        return (("acme", "Office"),)

    async def listing(
        self, account_id: str, limit: int = 200, *, is_vendor_asked: bool = True
    ) -> TextListing:
        await asyncio.sleep(0)
        self.asked.append((account_id, is_vendor_asked))
        return TextListing(tuple(self.entries[:limit]), self.problem)


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def called() -> list[str]:
    return []


@pytest.fixture
async def window(
    qapp: QApplication, book: Book, called: list[str]
) -> AsyncIterator[MessagesWindow]:
    actions = MessagesActions(called.append, lambda: NOW)
    window = MessagesWindow(Theme(qapp, "light"), Memory(), book, actions)
    window.open()
    await shown(lambda: window.list.rows_model.rows, "the messages")
    yield window
    window.close()
    await window.tasks.idle()
    window.deleteLater()
    QApplication.processEvents()


async def test_each_is_listed_with_who_and_when_and_read_as_plain_text(
    window: MessagesWindow,
) -> None:
    rows = window.list.rows_model.rows
    assert [(row.title, row.details) for row in rows] == [
        ("To Ana Rossi", "Agreed"),
        ("Ana Rossi", "<b>See you</b> at 5 Bring the papers"),
    ]
    assert window.text.toPlainText() == "Agreed"
    QTest.keyClick(window.list, Qt.Key.Key_Down)
    assert window.text.toPlainText() == "<b>See you</b> at 5\nBring the papers"


async def test_the_sender_can_be_called(
    window: MessagesWindow, called: list[str]
) -> None:
    window.call_button.click()
    assert called == ["+12025550142"]


async def test_a_new_message_appears_without_asking_the_vendor(
    window: MessagesWindow, book: Book
) -> None:
    book.entries.insert(0, replace(FROM_ANA, text="One more"))
    window.message_arrived("other")
    window.message_arrived("acme")
    await shown(lambda: len(window.list.rows_model.rows) == 3, "the new message")
    assert book.asked == [("acme", True), ("acme", False)]


async def test_a_vendor_that_lists_nothing_is_told_of(
    window: MessagesWindow, book: Book
) -> None:
    book.problem = "Office gives no answer"
    book.entries.clear()
    window.refresh_button.click()
    await shown(window.message.isVisible, "the problem")
    assert "Office gives no answer" in window.message.text
    assert not window.call_button.isEnabled()


async def test_a_screen_reader_finds_list_and_message(window: MessagesWindow) -> None:
    names = {
        QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)
        for widget in (window.list, window.text)
    }
    assert names == {"Text messages", "The chosen message"}
