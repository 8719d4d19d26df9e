"""The page of marked numbers, on a real database."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QWidget

from screenpop.domain.contacts import Mark
from screenpop.domain.numbers import read_number
from screenpop.services.number_marks import MarkedCallers
from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from screenpop.store.number_marks import NumberMarks
from screenpop.ui.settings.marks_page import MarksPage
from screenpop.ui.theme import Theme
from tests.ui.known_sources import NOW
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

ANA = read_number("+442079460123", "GB")


@pytest.fixture
def marks(tmp_path: Path) -> Iterator[MarkedCallers]:
    database = Database(tmp_path / "screenpop.db")
    earlier = NOW - timedelta(hours=3)
    yield MarkedCallers(NumberMarks(database), CallLog(database), lambda: earlier)
    database.close()


@pytest.fixture
async def page(qapp: QApplication, marks: MarkedCallers) -> AsyncIterator[MarksPage]:
    page = MarksPage(
        Theme(qapp, "light"), marks, region=lambda: "GB", clock=lambda: NOW
    )
    page.show()
    page.load()
    yield page
    await page.tasks.idle()
    page.close_tasks()
    page.close()
    page.deleteLater()
    QApplication.processEvents()


def _rows(page: MarksPage) -> list[tuple[str, str]]:
    return [(row.title, row.details) for row in page.list.rows_model.rows]


def _button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        button
        for button in window.findChildren(QAbstractButton)
        if button.text() == text and button.isVisible()
    )


async def test_a_marked_number_is_listed_and_taken_off(
    page: MarksPage, marks: MarkedCallers
) -> None:
    await marks.mark(ANA, Mark.SPAM)
    page.load()
    await shown(
        lambda: _rows(page) == [("020 7946 0123", "Spam · marked 3 h ago")],
        "the number",
    )
    page.list.choose(0)
    page.remove_button.click()
    await shown(lambda: _rows(page) == [], "the empty list")
    assert await marks.all() == ()


async def test_a_number_is_added_by_hand(page: MarksPage, marks: MarkedCallers) -> None:
    page.add_button.click()
    sheet = next(one for one in page.findChildren(QDialog) if one.isVisible())
    field = sheet.findChildren(QLineEdit)[0]
    QTest.keyClicks(field, "101")
    _button(sheet, "Add").click()
    await shown(lambda: "whole phone number" in sheet.message.text, "the refusal")  # type: ignore[attr-defined]
    field.setText("020 7946 0123")
    _button(sheet, "Add").click()
    await shown(lambda: _rows(page), "the number")
    assert [(one.number_key, one.mark) for one in await marks.all()] == [
        (ANA.key, Mark.SPAM)
    ]
