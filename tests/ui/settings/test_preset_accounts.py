"""Accounts, sources and teams that administrators set up, and locked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from screenpop.ui.settings.account_page import AccountPage, AccountSource
from screenpop.ui.settings.missing_keys import MissingKeysSheet
from screenpop.ui.settings.sources_page import SourcesPage
from screenpop.ui.settings.team_page import TeamPage
from screenpop.ui.settings.welcome import WelcomeActions, WelcomeWindow
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Memory
from tests.ui.known_sources import ASKED, KnownSources
from tests.ui.known_sources import NOW as SOURCES_NOW
from tests.ui.phone_accounts import (
    MANIFEST,
    NOW,
    KeptSettings,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown
from tests.ui.settings.test_team_page import FACTS, STATE, Team

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

WHO = "Set by IT, ext. 200."
SECRETS = tuple(one for one in MANIFEST.fields if one.kind == "secret")


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
def kept() -> KeptSettings:
    kept = KeptSettings()
    kept.locks = {"accounts": WHO, "accounts.acme": WHO}
    return kept


@pytest.fixture
def accounts() -> PhoneAccounts:
    return PhoneAccounts(replace(state(), account_id="acme"))


@pytest.fixture
async def window(
    theme: Theme, kept: KeptSettings, accounts: PhoneAccounts
) -> AsyncIterator[SettingsWindow]:
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
        lock_of=kept.lock,
        preset_of=lambda place: kept.lock(place) or "Set up by your administrator.",
    )
    window = SettingsWindow(theme, Memory(), kept, source)
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def _page(window: SettingsWindow) -> AccountPage:
    return next(iter(window.findChildren(AccountPage)))


async def test_a_locked_account_cannot_be_removed_nor_another_added(
    window: SettingsWindow, kept: KeptSettings
) -> None:
    window.open_at("acme")
    page = _page(window)
    assert not page.remove_button.isEnabled()
    assert page.remove_button.accessibleDescription() == WHO
    assert page.lock_note.isVisible()
    assert not window.add_button.isEnabled()
    assert page.key_button.isEnabled()
    # What the administrator left out is the user's to set.
    kept.locks["accounts.acme.base_url"] = WHO
    page.options.load()
    address = page.options.form.field("base_url")
    assert not address.isEnabled()
    assert address.accessibleDescription() == WHO
    assert page.options.form.field("site").isEnabled()
    assert page.user.isEnabled()

    kept.locks.clear()
    window.account_changed(replace(state(), account_id="acme"))
    assert page.remove_button.isEnabled()
    assert window.add_button.isEnabled()
    assert page.preset_note.isVisible()


async def test_the_missing_key_is_asked_for_and_nothing_else(
    window: SettingsWindow, accounts: PhoneAccounts
) -> None:
    asked_on: list[bool] = []
    accounts.options["label"] = "Acme"
    window.ask_for_keys("acme", SECRETS, lambda: asked_on.append(True))
    sheet = next(iter(window.findChildren(MissingKeysSheet)))
    assert list(sheet.fields) == ["api_key"]
    field = sheet.fields["api_key"]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert sheet.message.title == "API key is missing."
    QTest.keyClicks(field, "made-up-key-0001")
    QTest.keyClick(field, Qt.Key.Key_Return)
    await shown(lambda: bool(accounts.secrets), "the key to be kept")
    ((account, name, secret),) = accounts.secrets
    assert (account, name, secret.reveal()) == ("acme", "api_key", "made-up-key-0001")
    page = _page(window)
    await shown(page.message.isVisible, "the account to be checked")
    assert asked_on == [True]


async def test_locked_sources_cannot_be_removed_or_added(theme: Theme) -> None:
    place = f"sources.{ASKED.source_id}"
    locks = {"sources": WHO, place: WHO}
    page = SourcesPage(
        theme,
        KnownSources([ASKED]),
        taken=set,
        open_url=lambda _url: None,
        clock=lambda: SOURCES_NOW,
        lock_of=lambda key: locks.get(key, ""),
    )
    page.show()
    page.load()
    await shown(lambda: page.chosen is not None, "the source")
    assert not page.add_button.isEnabled()
    assert not page.remove_button.isEnabled()
    assert page.lock_note.text.text() == WHO
    page.close_tasks()
    page.close()
    page.deleteLater()


async def test_who_must_stay_in_a_team_cannot_leave_it(
    theme: Theme, kept: KeptSettings
) -> None:
    kept.locks["team.membership"] = WHO
    page = TeamPage(theme, Team(FACTS), lambda: (STATE,), kept)
    page.show()
    page.load()
    await page.tasks.idle()
    assert page.leave_button.isVisible()
    assert not page.leave_button.isEnabled()
    assert page.lock_note.text.text() == WHO
    page.close_tasks()
    page.close()
    page.deleteLater()


async def test_where_nobody_may_add_an_account_the_welcome_says_so(
    theme: Theme,
) -> None:
    actions = WelcomeActions(lambda: None, lambda: None, lambda: None)
    window = WelcomeWindow(theme, Memory(), actions, WHO)
    window.open()
    assert not window.first.isEnabled()
    assert window.first.accessibleDescription() == WHO
    window.close()
    window.deleteLater()
