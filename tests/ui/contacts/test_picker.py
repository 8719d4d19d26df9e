"""Adding the number of a caller to somebody who is known already."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest

from screenpop.ui.contacts.picker import ContactPicker
from screenpop.ui.contacts.view_model import form_with_number
from screenpop.ui.theme import Theme
from tests.ui.phone_accounts import People
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from screenpop.domain.contacts import Contact


@pytest.fixture
async def picker(qapp: QApplication) -> ContactPicker:
    made = ContactPicker(
        Theme(qapp, "light"), None, People(), number_text="+44 20 7946 0123", text="Bo"
    )
    made.open()
    return made


async def test_the_callers_name_is_searched_for_and_one_is_picked(
    picker: ContactPicker,
) -> None:
    picked: list[Contact] = []
    picker.picked.connect(picked.append)
    await shown(lambda: picker.list.rows_model.rows, "who fits")
    assert [row.title for row in picker.list.rows_model.rows] == ["Bo Lind"]
    assert not picker.pick_button.isEnabled()
    picker.list.choose(0)
    picker.pick_button.click()
    (contact,) = picked
    form = form_with_number(contact, "+442079460123")
    assert form.numbers == "+1 202 555 0117\n+442079460123"
    assert (form.first_name, form.last_name) == ("Bo", "Lind")


async def test_who_cannot_be_changed_is_not_offered(picker: ContactPicker) -> None:
    picker.search.clear()
    QTest.keyClicks(picker.search, "example")
    await shown(
        lambda: [row.title for row in picker.list.rows_model.rows] == ["Ana Rossi"],
        "the search",
    )
    picker.reject()
