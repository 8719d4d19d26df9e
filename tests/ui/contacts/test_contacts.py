"""Creating, changing, importing and forgetting contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDialog, QLineEdit, QWidget

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.lookup.csv_columns import guess_columns
from screenpop.lookup.csv_headings import ContactField
from screenpop.services.contact_book import ImportReport
from screenpop.ui.contacts.editor import ContactEditor
from screenpop.ui.contacts.import_dialog import ImportDialog
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.contacts.view_model import (
    ContactForm,
    form_for_caller,
    form_of,
    report_texts,
    shown_order,
)
from screenpop.ui.theme import Theme
from tests.ui.phone_accounts import People
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
async def book() -> People:
    return People()


@pytest.fixture
def page(theme: Theme, book: People) -> Iterator[ContactsPage]:
    page = ContactsPage(theme, book)
    page.resize(600, 500)
    page.show()
    yield page
    page.tasks.close()
    page.close()
    page.deleteLater()
    QApplication.processEvents()


def _button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        button
        for button in window.findChildren(QAbstractButton)
        if button.text() == text and button.isVisible()
    )


def _sheet(window: QWidget) -> QDialog:
    return next(one for one in window.findChildren(QDialog) if one.isVisible())


def test_a_caller_begins_a_contact_with_number_and_name() -> None:
    form = form_for_caller("+12025550142", "Ana de Rossi")
    assert (form.first_name, form.last_name) == ("Ana", "de Rossi")
    assert form.numbers == "+12025550142"
    assert form_for_caller("+12025550142", "+1 202 555 0142").first_name == ""


def test_what_keeps_a_contact_from_being_saved_is_said() -> None:
    assert "name or a company" in ContactForm(numbers="1").problem
    assert "at least one number" in ContactForm(company="A").problem
    assert ContactForm(company="A", numbers="1").problem == ""


def test_a_contact_comes_back_from_the_editor_as_it_went_in() -> None:
    contact = Contact(
        source="local",
        name="Ana Rossi",
        company="Example Bakery",
        numbers=(ContactNumber("+1 202 555 0142"), ContactNumber("101")),
        emails=("ana@example.com",),
    )
    draft = form_of(contact).draft()
    assert (draft.first_name, draft.last_name) == ("Ana", "Rossi")
    assert draft.numbers == ("+1 202 555 0142", "101")
    assert draft.emails == ("ana@example.com",)


def test_an_import_is_told_in_numbers() -> None:
    title, details = report_texts(
        ImportReport(imported=2, skipped=1, problems=("Line 3 has no number.",))
    )
    assert title == "2 contacts imported"
    assert details == "1 entry gave no contact. Line 3 has no number."
    _, details = report_texts(ImportReport(imported=2, unreadable=3))
    assert details == "3 numbers could not be read and were left out."
    assert report_texts(ImportReport(imported=0, is_stopped=True))[0].startswith(
        "Stopped"
    )


def test_columns_that_are_taken_stand_before_those_that_are_left_out() -> None:
    guess = guess_columns(["Town", "Name", "Fax number", "Hobby"], [])
    assert shown_order(guess) == (1, 2, 0, 3)


async def test_who_was_added_elsewhere_is_listed_while_somebody_looks(
    page: ContactsPage, book: People
) -> None:
    page.load()
    await shown(lambda: page.list.model().rowCount() == 3, "the contacts")
    del book.hits[0]
    page.refresh_soon()
    await shown(lambda: page.list.model().rowCount() == 2, "the change")
    page.hide()
    page.refresh_soon()
    assert not page._pause.isActive()


async def test_an_unknown_caller_is_saved(theme: Theme, book: People) -> None:
    editor = ContactEditor(theme, None, book, form=form_for_caller("+12025550163", ""))
    editor.open()
    editor.save_button.click()
    assert "name or a company" in editor.message.text
    QTest.keyClicks(editor.first_name, "Zoe")
    editor.save_button.click()
    await shown(lambda: book.created, "the contact")

    draft, source = book.created[0]
    assert (draft.first_name, draft.numbers, source) == (
        "Zoe",
        ("+12025550163",),
        "local",
    )


async def test_contacts_are_found_changed_and_deleted(
    page: ContactsPage, book: People
) -> None:
    page.load()
    await shown(lambda: len(page.list.rows_model.rows) == 3, "the contacts")
    page.list.choose(2)
    assert not page.edit_button.isEnabled()
    page.search.setText("ana")
    await shown(lambda: len(page.list.rows_model.rows) == 1, "the found one")
    page.list.choose(0)
    page.edit_button.click()
    editor = _sheet(page)
    assert isinstance(editor, ContactEditor)
    assert editor.first_name.text() == "Ana"
    QTest.keyClicks(editor.job_title, "Owner")
    editor.save_button.click()
    await shown(lambda: book.updated, "the change")
    assert book.updated[0][1].job_title == "Owner"

    page.edit_button.click()
    again = _sheet(page)
    assert isinstance(again, ContactEditor)
    again.delete_button.click()
    _button(_sheet(again), "Delete").click()
    await shown(lambda: book.deleted, "the deletion")


async def test_forgetting_a_number_tells_how_much_went(
    page: ContactsPage, book: People
) -> None:
    _button(page, "Forget a number…").click()
    sheet = _sheet(page)
    QTest.keyClicks(sheet.findChildren(QLineEdit)[0], "+1 202 555 0142")
    _button(sheet, "Forget it").click()
    await shown(lambda: "4 traces removed" in page.message.text, "the sentence")
    assert book.forgotten == ["+1 202 555 0142"]


@pytest.fixture
def csv_file(tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    path.write_text(
        "Name,Mobile,Town\nAna Rossi,+12025550142,Springfield\n"
        "Bo Lind,+12025550117,Shelbyville\n",
        "utf-8",
    )
    return path


async def test_the_guessed_columns_are_confirmed_before_an_import(
    theme: Theme, book: People, csv_file: Path
) -> None:
    dialog = ImportDialog(theme, None, book, csv_file)
    told: list[bool] = []
    dialog.imported.connect(lambda: told.append(True))
    dialog.open()
    dialog.read()
    await shown(lambda: len(dialog.columns) == 3, "the columns")
    assert [one.key for one in dialog.columns[:2]] == ["name", "phone"]
    assert dialog.columns[1].accessibleName() == "Mobile"
    assert dialog.columns[1].accessibleDescription() == "+12025550142"

    # Who agrees with the guess presses Enter.
    assert dialog.focusWidget() is dialog.import_button

    dialog.columns[1].choose(ContactField.IGNORED.value)
    assert not dialog.import_button.isEnabled()
    assert "which column holds the phone numbers" in dialog.message.text
    dialog.columns[1].choose(ContactField.PHONE.value)
    dialog.import_button.click()
    await shown(lambda: told, "the import")
    dialog.close()


async def test_the_first_contacts_of_a_vcard_file_are_shown_before_an_import(
    theme: Theme, book: People, tmp_path: Path
) -> None:
    path = tmp_path / "people.vcf"
    path.write_text(
        "BEGIN:VCARD\nFN:Ana <b>Rossi</b>\nTEL:+12025550142\nEND:VCARD\n"
        "BEGIN:VCARD\nFN:Bo Lind\nORG:Lind\nTEL:+12025550117\nEND:VCARD\n",
        "utf-8",
    )
    dialog = ImportDialog(theme, None, book, path)
    told: list[bool] = []
    dialog.imported.connect(lambda: told.append(True))
    dialog.open()
    dialog.read()
    await shown(dialog.import_button.isEnabled, "the cards")
    assert "2 cards" in dialog.cards_text.text()
    rows = dialog.sample.rows_model.rows
    assert [row.title for row in rows] == ["Ana <b>Rossi</b>", "Bo Lind"]
    assert "Lind" in rows[1].details
    dialog.import_button.click()
    await shown(lambda: told, "the import")
    dialog.close()


async def test_a_running_import_can_be_stopped(
    theme: Theme, book: People, csv_file: Path
) -> None:
    book.gate.clear()
    dialog = ImportDialog(theme, None, book, csv_file)
    dialog.open()
    dialog.read()
    await shown(dialog.import_button.isEnabled, "the columns")
    dialog.import_button.click()
    await shown(lambda: "1 contact so far" in dialog.progress_text.text(), "progress")
    dialog.cancel_button.click()
    await dialog.tasks.idle()

    assert book.was_stopped
    dialog.close()
