"""Every setting is found by its name and by others, and the keyboard leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from screenpop.services.preferences import setting_keys
from screenpop.services.quietness import NOT_QUIET
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.settings.account_page import AccountSource
from screenpop.ui.settings.further_page import FurtherPage
from screenpop.ui.settings.hotkeys_page import HotkeysPage
from screenpop.ui.settings.page import PageOffer
from screenpop.ui.settings.quiet_page import QuietPage
from screenpop.ui.settings.search_index import Mark, search
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from tests.ui.dialing_desk import Memory
from tests.ui.phone_accounts import (
    MANIFEST,
    NOW,
    HeldKeys,
    KeptSettings,
    People,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from screenpop.ui.widgets.fields import Choice


class StillDesktop:
    """A desktop that tells nothing."""

    attention = None
    now = NOT_QUIET

    async def watch_desktop(self) -> None:
        return


@pytest.fixture
def theme(qapp: QApplication) -> Theme:
    return Theme(qapp, "light")


@pytest.fixture
def kept() -> KeptSettings:
    return KeptSettings()


@pytest.fixture
def keys(kept: KeptSettings) -> HeldKeys:
    return HeldKeys(kept, "Ctrl+Alt+D")


@pytest.fixture
async def window(
    theme: Theme, kept: KeptSettings, keys: HeldKeys
) -> AsyncIterator[SettingsWindow]:
    accounts = PhoneAccounts(state())
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    desktop: Any = StillDesktop()
    offers = (
        PageOffer(
            "quiet",
            "Quiet",
            "moon",
            lambda: QuietPage(theme, kept, desktop, lambda: ""),
        ),
        PageOffer(
            "hotkeys", "Hotkeys", "keyboard", lambda: HotkeysPage(theme, kept, keys)
        ),
        PageOffer(
            "more", "More", "more", lambda: FurtherPage(theme, kept, setting_keys())
        ),
    )
    contacts = ContactsPage(theme, People())
    window = SettingsWindow(theme, Memory(), kept, source, contacts, offers)
    window.open_at()
    yield window
    window.close()
    window.deleteLater()
    QApplication.processEvents()


def _found(window: SettingsWindow) -> list[str]:
    return [row.title for row in window.search.rows.rows_model.rows]


async def test_a_setting_is_found_by_other_names_and_reached_by_the_keyboard(
    window: SettingsWindow,
) -> None:
    QTest.keyClick(window, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = window.search.field
    assert window.focusWidget() is field
    QTest.keyClicks(field, "Autostart")
    assert _found(window) == ["Start when I log in"]
    assert not window.side.isVisible()
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert window.focusWidget() is window.general.autostart
    assert window.findChildren(Mark)
    # What was found on another page is there as well, by a word of its own.
    field.setText("webhook port")
    QTest.keyClick(field, Qt.Key.Key_Down)
    QTest.keyClick(window.search.rows, Qt.Key.Key_Return)
    reached = window.focusWidget()
    assert isinstance(reached, QWidget)
    assert reached.accessibleName() == "Port to listen at"
    assert reached.isVisible()


async def test_tabs_and_buttons_of_an_account_are_found(window: SettingsWindow) -> None:
    window.search.field.setText("click-to-dial")
    assert "Click-to-dial" in _found(window)
    window.search.field.setText("replace key")
    QTest.keyClick(window.search.field, Qt.Key.Key_Return)
    reached = window.focusWidget()
    assert isinstance(reached, QWidget)
    assert reached.accessibleName() == "Replace API key…"


async def test_only_what_is_there_is_found_and_the_mark_goes_with_it(
    window: SettingsWindow,
) -> None:
    window.search.field.setText("remove the key")
    assert _found(window) == []
    window.search.field.clear()
    window.search.field.setText("suggested")
    QTest.keyClick(window.search.field, Qt.Key.Key_Return)
    assert [mark.isVisible() for mark in window.findChildren(Mark)] == [True]
    page = next(
        one for one in window.findChildren(QWidget) if isinstance(one, HotkeysPage)
    )
    page.suggest_button.click()
    await shown(lambda: not page.suggest_button.isVisible(), "all keys")
    assert not any(mark.isVisible() for mark in window.findChildren(Mark))
    window.search.field.clear()
    window.search.field.setText("remove the key")
    assert len(_found(window)) > 1


async def test_what_is_called_by_no_word_is_said_and_esc_ends_the_search(
    window: SettingsWindow,
) -> None:
    window.search.field.setText("zeppelin")
    assert window.search.nothing.isVisible()
    assert not window.search.rows.isVisible()
    QTest.keyClick(window.search.field, Qt.Key.Key_Escape)
    assert window.side.isVisible()
    assert window.isVisible()


async def test_every_setting_of_the_file_has_its_field(
    window: SettingsWindow, theme: Theme, kept: KeptSettings
) -> None:
    window._index()
    pages = window.findChildren(QWidget)
    further = next(one for one in pages if isinstance(one, FurtherPage))
    quiet = next(one for one in pages if isinstance(one, QuietPage))
    fields = {
        *further.fields.fields,
        *quiet.fields.fields,
        *window.general._fields.fields,
    }
    fields |= {"ui.theme"} if "theme" in fields else set()
    elsewhere = {
        # Opening records has a page of its own, where programs are told but not set.
        *("card.open_record", "card.open_outbound", "card.open_url"),
        *("card.link_hosts", "card.open_program"),
        *("hotkeys.focus_card", "hotkeys.dial_selection", "hotkeys.search"),
        # The team's page has them, for those who are in one.
        *("team.presence", "team.share_rules"),
        # The page of updates, which needs an installation to tell of.
        *("updates.enabled", "updates.channel"),
        # The tray's, and kept by the program itself.
        "ui.quiet_until",
    }
    assert set(setting_keys()) - fields - elsewhere == set()
    # A key nobody has thought of is not lost either.
    grown = FurtherPage(theme, kept, (*setting_keys(), "card.brand_new"))
    assert "card.brand_new" in grown.fields.fields
    grown.deleteLater()


def test_accents_and_order_of_words_do_not_matter(
    window: SettingsWindow,
) -> None:
    index = window._index()
    assert [one.title for one in search(index, "SCREEN córner")] == [
        "Corner of the screen"
    ]
    assert search(index, "   ") == ()


# --- what is locked ------------------------------------------------------------------


async def test_a_locked_setting_is_shown_as_locked_with_who_locked_it(
    window: SettingsWindow, kept: KeptSettings
) -> None:
    kept.locks["card.corner"] = "Set by IT, ext. 200."
    window.general.refresh()
    corner: Choice = window.general.corner
    assert not corner.isEnabled()
    assert corner.accessibleDescription() == "Set by IT, ext. 200."
    window.search.field.setText("corner")
    QTest.keyClick(window.search.field, Qt.Key.Key_Return)
    assert window.findChildren(Mark)
    kept.locks.clear()
    window.general.refresh()
    assert corner.isEnabled()


# --- hotkeys -------------------------------------------------------------------------


async def test_a_hotkey_is_set_by_pressing_it_and_says_who_has_it(
    window: SettingsWindow, kept: KeptSettings, keys: HeldKeys
) -> None:
    window.open_page("hotkeys")
    page = next(
        one for one in window.findChildren(QWidget) if isinstance(one, HotkeysPage)
    )
    search_line, dial_line = (
        next(line for action, line in page.lines.items() if action.value == name)
        for name in ("search", "dial_selection")
    )
    search_line.field.setFocus()
    assert keys.is_paused
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier
    # A bare letter is for typing, and changes nothing.
    QTest.keyClick(search_line.field, Qt.Key.Key_F)
    QTest.keyClick(search_line.field, Qt.Key.Key_F, both)
    await shown(lambda: search_line.field.text() == "Ctrl+Alt+F", "the key")
    assert kept.values["hotkeys.search"] == "Ctrl+Alt+F"
    await shown(page.isEnabled, "the page")
    dial_line.field.setFocus()
    QTest.keyClick(dial_line.field, Qt.Key.Key_D, both)
    taken = page._fates[dial_line.action][1]
    await shown(lambda: "Another program" in taken.text(), "the conflict")
    await shown(page.isEnabled, "the page")
    QTest.keyClick(dial_line.field, Qt.Key.Key_Backspace)
    await shown(lambda: dial_line.field.text() == "", "no key")
    assert not taken.isVisible()
    await shown(page.isEnabled, "the page")
    window.search.field.setFocus()
    await shown(lambda: not keys.is_paused, "the keys to be held again")
