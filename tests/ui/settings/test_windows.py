"""Settings, the wizard and the welcome with coroutines that really run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QWidget,
)

from screenpop.domain.errors import AuthenticationFailed, NotOffered
from screenpop.domain.privacy import Secret
from screenpop.providers.manifest import AccountField
from screenpop.services.events import SourceState
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.settings.account_page import AccountPage, AccountSource
from screenpop.ui.settings.account_wizard import AccountWizard
from screenpop.ui.settings.view_model import WizardModel
from screenpop.ui.settings.welcome import WelcomeActions, WelcomeWindow
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Memory
from tests.ui.phone_accounts import (
    MANIFEST,
    NOW,
    URL,
    KeptSettings,
    People,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
def accounts() -> PhoneAccounts:
    return PhoneAccounts(state())


@pytest.fixture
def tools() -> VendorTools:
    return VendorTools()


@pytest.fixture
def settings() -> KeptSettings:
    return KeptSettings()


@pytest.fixture
def opened() -> list[str]:
    """Addresses that the browser was given."""
    return []


@pytest.fixture
async def window(
    theme: Theme,
    accounts: PhoneAccounts,
    tools: VendorTools,
    settings: KeptSettings,
    opened: list[str],
) -> AsyncIterator[SettingsWindow]:
    source = AccountSource(
        accounts=accounts,
        tools=tools,
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=opened.append,
    )
    contacts = ContactsPage(theme, People())
    window = SettingsWindow(theme, Memory(), settings, source, contacts)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def _button(window: QWidget, text: str) -> QAbstractButton:
    return next(
        button
        for button in window.findChildren(QAbstractButton)
        if button.text() == text and button.isVisible()
    )


def _texts(window: QWidget) -> str:
    labels = window.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if label.isVisible())


def _sheet(window: QWidget) -> QDialog:
    return next(one for one in window.findChildren(QDialog) if one.isVisible())


def _account_page(window: SettingsWindow) -> AccountPage:
    return next(iter(window.findChildren(AccountPage)))


async def test_the_wizard_tries_before_it_saves_and_asks_whose_phone(
    theme: Theme, accounts: PhoneAccounts
) -> None:
    wizard = AccountWizard(theme, None, WizardModel(accounts))
    added: list[str] = []
    wizard.added.connect(added.append)
    wizard.open()
    wizard.next_button.click()
    assert wizard.message.text == "API key is missing."

    key = next(
        one
        for one in wizard.findChildren(QLineEdit)
        if one.accessibleName() == "API key"
    )
    assert key.echoMode() is QLineEdit.EchoMode.Password
    QTest.keyClicks(key, "key-of-mine")
    accounts.error = AuthenticationFailed("The phone system refuses the key")
    wizard.next_button.click()
    await shown(lambda: "refuses the key" in wizard.message.text, "the refusal")
    await shown(
        lambda: wizard.focusWidget() is key, "the keyboard back where the mistake is"
    )
    assert accounts.added == []

    accounts.error = None
    wizard.next_button.click()
    await shown(wizard.user.isVisible, "the people")
    assert "Connected as Acme Ltd." in _texts(wizard)
    assert wizard.focusWidget() is wizard.user
    wizard.next_button.click()
    assert "Choose your phone" in wizard.message.text
    wizard.user.setCurrentIndex(1)
    wizard.next_button.click()
    await shown(lambda: added, "the account")

    assert accounts.added[0].fields["extension"] == "102"


async def test_an_account_says_how_it_is_doing_and_can_be_checked(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    accounts.known = [state(SourceState.NEEDS_KEY, "The key is missing")]
    window.open_at("acme")
    page = _account_page(window)
    assert "The key is missing" in _texts(window)

    page.check_button.click()
    await shown(page.message.isVisible, "the answer")
    assert "The phone system answers: Acme Ltd." in page.message.text
    assert "95 seconds off" in page.message.text

    window.account_changed(state())
    assert "Calls arrive at once" in page.state.text


async def test_whose_phone_it_is_can_be_changed(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    window.open_at("acme")
    page = _account_page(window)
    await shown(lambda: page.user.count() == 3, "the people")
    assert page.user.key == "101"
    page.user.setCurrentIndex(1)
    await shown(lambda: accounts.options["extension"] == "102", "the change")


async def test_a_key_is_replaced_and_tried(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    window.open_at("acme")
    _account_page(window).key_button.click()
    sheet = _sheet(window)
    QTest.keyClicks(sheet.findChildren(QLineEdit)[0], "new-key")
    _button(sheet, "Replace").click()
    await shown(lambda: accounts.secrets, "the key")

    assert accounts.secrets == [("acme", "api_key", Secret("new-key"))]


async def test_removing_asks_and_says_what_goes(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    window.open_at("acme")
    _account_page(window).remove_button.click()
    sheet = _sheet(window)
    assert "registrations" in _texts(sheet)
    QTest.keyClick(sheet, Qt.Key.Key_Return)
    assert accounts.removed == []

    _account_page(window).remove_button.click()
    _button(_sheet(window), "Remove").click()
    await shown(lambda: accounts.removed == ["acme"], "the removal")
    await shown(lambda: "The account was removed" in window.message.text, "the word")


async def test_registrations_are_listed_switched_and_set_right(
    window: SettingsWindow, tools: VendorTools
) -> None:
    window.open_at("acme")
    page = _account_page(window)
    page._tabs.setCurrentIndex(1)
    await shown(lambda: len(page.webhooks.list.rows_model.rows) == 3, "the list")
    page.webhooks.list.choose(1)
    assert page.webhooks.switch_button.text() == "Switch on"
    page.webhooks.switch_button.click()
    await shown(lambda: tools.registered["s2"].is_enabled, "the switch")

    await shown(page.webhooks.isEnabled, "the buttons")
    _button(page.webhooks, "Set right").click()
    await shown(lambda: "were right" in page.webhooks.message.text, "the outcome")

    page.webhooks.copy_button.click()
    assert QGuiApplication.clipboard().text() == URL
    assert "secret-token" not in page.webhooks.address.text()


async def test_the_vendors_history_is_read_page_by_page(
    window: SettingsWindow, tools: VendorTools, tmp_path: Path
) -> None:
    window.open_at("acme")
    page = _account_page(window)
    page._tabs.setCurrentIndex(2)
    await shown(lambda: len(page.history.list.rows_model.rows) == 6, "the calls")
    assert not page.history.newer_button.isEnabled()
    page.history.older_button.click()
    await shown(page.history.newer_button.isEnabled, "the second page")
    assert [one.page for one in tools.asked] == [0, 1]
    assert not page.history.older_button.isEnabled()

    page.history.export_to(tmp_path / "history.csv")
    await shown(lambda: "4 bytes written" in page.history.message.text, "the file")


async def test_what_a_vendor_does_not_offer_is_said_in_its_place(
    window: SettingsWindow, tools: VendorTools
) -> None:
    tools.error = NotOffered("This phone system has no webhooks")
    window.open_at("acme")
    page = _account_page(window)
    page._tabs.setCurrentIndex(1)
    await shown(page.webhooks.message.isVisible, "the message")
    assert page.webhooks.message.text == "This phone system has no webhooks"


async def test_deleting_a_click_to_dial_set_up_asks_first(
    window: SettingsWindow, tools: VendorTools
) -> None:
    window.open_at("acme")
    page = _account_page(window)
    page._tabs.setCurrentIndex(3)
    await shown(lambda: page.resources.list.rows_model.rows, "the list")
    page.resources.list.choose(0)
    _button(page.resources, "Delete…").click()
    _button(_sheet(window), "Delete").click()
    await shown(lambda: not tools.resources, "the deletion")


async def test_general_settings_are_kept_at_once_and_a_refusal_is_told(
    window: SettingsWindow, settings: KeptSettings
) -> None:
    window.open_at()
    general = window.general
    assert general.region.key == "IT"
    general.colors.setCurrentIndex(2)
    await shown(lambda: window.theme.colors.is_dark, "the other colours")
    assert settings.values["theme"] == "dark"

    general.autostart.click()
    await shown(general.message.isVisible, "the refusal")
    assert "Starting at login is locked" in general.message.text
    assert not general.autostart.isChecked()


async def test_the_welcome_offers_three_ways_to_begin(theme: Theme) -> None:
    done: list[str] = []
    actions = WelcomeActions(
        add_account=lambda: done.append("account"),
        try_demo=lambda: done.append("demo"),
        import_contacts=lambda: done.append("contacts"),
    )
    window = WelcomeWindow(theme, Memory(), actions)
    window.open()
    for text in ("Add an account", "Try the demo", "Import contacts"):
        _button(window, text).click()
    assert done == ["account", "demo", "contacts"]
    window.close()
    window.deleteLater()


async def test_every_control_has_a_name_of_letters(window: SettingsWindow) -> None:
    window.open_at("acme")
    page = _account_page(window)
    for tab in range(7):
        page._tabs.setCurrentIndex(tab)
        await shown(page.webhooks.isEnabled, "the tab")
        for control in window.findChildren(QWidget):
            is_control = isinstance(control, QAbstractButton | QLineEdit | QComboBox)
            if is_control and control.isVisible():
                name = QAccessible.queryAccessibleInterface(control).text(
                    QAccessible.Text.Name
                )
                if isinstance(control, QComboBox):
                    # On Linux Qt tells the choice; the label is a relation.
                    name = control.accessibleName()
                assert any(char.isalpha() for char in name), control


async def test_a_new_account_is_shown_as_soon_as_it_is_listed(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    window.open_at()
    window._added("second")
    assert window.side.chosen is not None
    assert window.side.chosen.title == "General"

    new = replace(state(), account_id="second", label="Second")
    accounts.known.append(new)
    window.account_changed(new)

    assert window.side.chosen.title == "Second"
    window.show_page("general")
    window.account_changed(new)
    assert window.side.chosen.title == "General"


async def test_enter_presses_the_button_that_has_the_keyboard(theme: Theme) -> None:
    pressed: list[str] = []
    welcome = WelcomeWindow(
        theme,
        Memory(),
        WelcomeActions(
            add_account=lambda: pressed.append("account"),
            try_demo=lambda: pressed.append("demo"),
            import_contacts=lambda: pressed.append("contacts"),
        ),
    )
    welcome.open()
    assert welcome.focusWidget() is welcome.first
    QTest.keyClick(welcome.first, Qt.Key.Key_Return)
    assert pressed == ["account"]
    welcome.close()
    welcome.deleteLater()


async def test_a_window_without_a_remembered_place_opens_in_the_middle(
    window: SettingsWindow,
) -> None:
    window.open_at()
    middle = window.screen().availableGeometry().center()
    off = window.geometry().center() - middle
    assert max(abs(off.x()), abs(off.y())) <= 40


async def test_many_keys_share_one_button(
    theme: Theme, accounts: PhoneAccounts, tools: VendorTools
) -> None:
    fields = tuple(
        AccountField(key=f"part{number}", label=f"Part {number}", kind="secret")
        for number in range(5)
    )
    source = AccountSource(
        accounts=accounts,
        tools=tools,
        vendor_of=lambda _account: replace(MANIFEST, fields=fields),
        option_of=lambda _account, _key: "",
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    page = AccountPage(theme, source, state())
    page.show()
    menu = page.key_button.menu()
    assert [one.text() for one in menu.actions()] == [f"Part {n}…" for n in range(5)]
    menu.actions()[2].trigger()
    assert _sheet(page).windowTitle() == "Replace Part 2"
    _sheet(page).reject()
    page.close_tasks()
    page.deleteLater()
