"""The page of the contact sources and the wizard, with coroutines that really run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QDialog,
    QLabel,
    QLineEdit,
    QWidget,
)

from screenpop.domain.errors import AuthenticationFailed, ProviderUnavailable
from screenpop.domain.privacy import Secret
from screenpop.services.source_setup import TOKENS
from screenpop.ui.settings.source_wizard import SourceWizard
from screenpop.ui.settings.sources_page import SourcesPage
from screenpop.ui.theme import Theme
from tests.ui.known_sources import ASKED, BROKEN, COPIED, NOW, KnownSources
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from screenpop.ui.widgets.rows import Row


@pytest.fixture
def sources() -> KnownSources:
    return KnownSources([ASKED, COPIED, BROKEN])


@pytest.fixture
def opened() -> list[str]:
    """Addresses that the browser was given."""
    return []


@pytest.fixture
async def page(
    qapp: QApplication, sources: KnownSources, opened: list[str]
) -> AsyncIterator[SourcesPage]:
    page = SourcesPage(
        Theme(qapp, "light"),
        sources,
        taken=lambda: {"acme"},
        open_url=opened.append,
        clock=lambda: NOW,
    )
    page.show()
    page.load()
    yield page
    page.close_tasks()
    page.close()
    page.deleteLater()
    QApplication.processEvents()


def _rows(page: SourcesPage) -> list[Row]:
    return list(page.list.rows_model.rows)


async def _choose(page: SourcesPage, key: str) -> None:
    await shown(lambda: key in [row.key for row in _rows(page)], "the source")
    page.list.choose([row.key for row in _rows(page)].index(key))


def _sheet(page: QWidget) -> QDialog:
    return next(one for one in page.findChildren(QDialog) if one.isVisible())


def _button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        button
        for button in window.findChildren(QAbstractButton)
        if button.text() == text and button.isVisible()
    )


def _line(window: QWidget, name: str) -> QLineEdit:
    return next(
        one for one in window.findChildren(QLineEdit) if one.accessibleName() == name
    )


def _texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def _menu(page: SourcesPage) -> dict[str, Callable[[], None]]:
    actions = page.change_button.menu().actions()
    return {action.text(): action.trigger for action in actions}


async def test_each_source_says_how_it_stands(page: SourcesPage) -> None:
    await shown(lambda: len(_rows(page)) == 3, "the sources")
    told = {row.title: row.details for row in _rows(page)}
    assert told["Head office"] == (
        "Company directory · asked about each caller · answered 3 min ago"
    )
    assert told["Address book"] == "CardDAV · 1240 contacts · copied 12 min ago"
    assert told["Old CRM"] == "Cloud CRM · Old CRM refuses the key"
    await _choose(page, "dir")
    assert not page.sync_button.isEnabled()
    assert page.check_button.isEnabled()


async def test_a_source_is_tested_synced_and_switched_off(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "book")
    page.check_button.click()
    await shown(lambda: "Signed in as reader" in page.message.text, "the answer")
    page.sync_button.click()
    await shown(lambda: "3 contacts came, 1 went" in page.message.text, "the sync")

    page.switch_button.click()
    await shown(lambda: page.switch_button.text() == "Switch on", "the change")
    assert sources.done == ["check book", "sync book", "disable book"]
    (row,) = [row for row in _rows(page) if row.key == "book"]
    assert "switched off · 1240 contacts of it stay known" in row.details
    assert not page.sync_button.isEnabled()


async def test_what_goes_wrong_is_said_and_the_keyboard_stays(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "dir")
    sources.error = ProviderUnavailable("Head office does not answer", "Try later.")
    page.activateWindow()
    page.check_button.setFocus()
    page.check_button.click()
    await shown(lambda: "does not answer" in page.message.text, "the trouble")
    await shown(page.check_button.isEnabled, "the buttons back")


async def test_removing_asks_first_and_says_what_goes(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "book")
    page.remove_button.click()
    assert "the copy of its contacts" in _texts(_sheet(page))
    QTest.keyClick(_sheet(page), Qt.Key.Key_Return)
    assert sources.done == []

    page.remove_button.click()
    _button(_sheet(page), "Remove").click()
    await shown(lambda: len(_rows(page)) == 2, "the removal")
    assert sources.done == ["remove book"]


async def test_a_password_is_replaced_and_tried(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "dir")
    _menu(page)["Replace Password…"]()
    field = _line(_sheet(page), "Password")
    assert field.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(field, "new-one")
    _button(_sheet(page), "Replace").click()
    await shown(lambda: sources.secrets, "the password")
    assert sources.secrets == [("dir", "password", Secret("new-one"))]
    await shown(lambda: "check dir" in sources.done, "the trial")


async def test_settings_of_a_source_are_shown_and_changed(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "dir")
    _menu(page)["Settings…"]()
    sheet = _sheet(page)
    server = _line(sheet, "Server")
    assert server.text() == "ldap.example.com"
    assert "Password" not in [one.accessibleName() for one in _lines(sheet)]
    size = _line(sheet, "Entries at once (optional)")
    size.setText("many")
    _button(sheet, "Save").click()
    assert "Entries at once is not a number" in _texts(sheet)

    size.clear()
    server.setText("ldap2.example.com")
    _button(sheet, "Save").click()
    await shown(lambda: sources.done, "the change")
    assert sources.done[0] == "change dir: ldap2.example.com"


def _lines(window: QWidget) -> list[QLineEdit]:
    return window.findChildren(QLineEdit)


async def test_signing_in_again_opens_the_browser(
    page: SourcesPage, sources: KnownSources, opened: list[str]
) -> None:
    await _choose(page, "crm")
    _menu(page)["Sign in again…"]()
    await shown(lambda: "You are signed in" in page.message.text, "the sign-in")
    assert opened == ["https://login.example.com/authorize"]


# --- the wizard -----------------------------------------------------------------------


def _wizard(page: SourcesPage) -> SourceWizard:
    page.add_button.click()
    return next(one for one in page.findChildren(SourceWizard) if one.isVisible())


async def test_a_source_is_tried_before_it_is_kept(
    page: SourcesPage, sources: KnownSources
) -> None:
    await _choose(page, "dir")
    wizard = _wizard(page)
    wizard.next_button.click()
    assert wizard.heading.text() == "Add Company directory"
    wizard.next_button.click()
    assert wizard.message.text == "Server is missing."

    QTest.keyClicks(_line(wizard, "Server"), "ldap.example.com")
    QTest.keyClicks(_line(wizard, "Password"), "pass-word")
    wizard.name.setText("Acme")
    sources.error = AuthenticationFailed("The directory refuses the password")
    wizard.next_button.click()
    await shown(lambda: "refuses" in wizard.message.text, "the refusal")
    assert sources.added == []

    sources.error = None
    wizard.next_button.click()
    await shown(wizard.welcome.isVisible, "the result")
    assert wizard.welcome.text == "Signed in as <b>reader</b>"
    wizard.next_button.click()
    await shown(lambda: sources.added, "the source")
    (draft,) = sources.added
    # An account is called "acme" already, and they share their names.
    assert draft.source_id == "acme-2"
    assert draft.fields == {"server": "ldap.example.com", "label": "Acme"}
    assert draft.secrets == {"password": Secret("pass-word")}
    await shown(
        lambda: page.chosen is not None and page.chosen.source_id == "acme-2",
        "the new source chosen",
    )


async def test_a_source_with_a_sign_in_opens_the_browser_first(
    page: SourcesPage, sources: KnownSources, opened: list[str]
) -> None:
    sources.token = Secret("made-up-tokens")
    wizard = _wizard(page)
    wizard.kinds.choose(1)
    wizard.next_button.click()
    assert wizard.next_button.text() == "Sign in"
    assert "in your browser" in _texts(wizard)
    QTest.keyClicks(_line(wizard, "Client id"), "client-1")
    wizard.next_button.click()
    await shown(wizard.welcome.isVisible, "the result")
    assert opened == ["https://login.example.com/authorize"]
    wizard.next_button.click()
    await shown(lambda: sources.added, "the source")
    assert sources.added[0].secrets == {TOKENS: Secret("made-up-tokens")}


async def test_of_several_address_books_those_that_are_wanted_are_ticked(
    page: SourcesPage, sources: KnownSources
) -> None:
    sources.offered = {"server": ("Customers", "Private", "Suppliers")}
    wizard = _wizard(page)
    wizard.next_button.click()
    QTest.keyClicks(_line(wizard, "Server"), "ldap.example.com")
    QTest.keyClicks(_line(wizard, "Password"), "pass-word")
    wizard.next_button.click()
    await shown(wizard.welcome.isVisible, "the result")
    (offer,) = wizard.offers
    assert offer.chosen == ("Customers", "Private", "Suppliers")
    for tick in offer.ticks:
        tick.setChecked(False)
    wizard.next_button.click()
    assert "Choose at least one" in _texts(wizard)
    offer.ticks[0].setChecked(True)
    offer.ticks[2].setChecked(True)
    wizard.next_button.click()
    await shown(lambda: bool(sources.added), "the source to be kept")
    assert sources.added[0].fields["server"] == "Customers, Suppliers"
