"""Pictures of what the desktop around the program needs: settings, tray, test call.

    python -m tests.x11.gallery_around DIR

Light and dark; run it with ``QT_SCALE_FACTOR=2`` for a screen of twice the density,
with ``TEXT_SCALE=2`` for text of twice the size, with ``LANGUAGE=lt`` for another
language, with ``LANGUAGE=mirrored`` for one that is written from the right.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QApplication, QDialog, QWidget

from screenpop.config.card_settings import LineSettings
from screenpop.config.settings import CardRule, CardSettings, Settings
from screenpop.desktop.attention import Attention
from screenpop.domain.contacts import Mark
from screenpop.services.preferences import setting_keys
from screenpop.services.quietness import FOR_GOOD, Quiet, QuietReason
from screenpop.store.number_marks import MarkedNumber
from screenpop.ui.card_veil import veiled
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.view_model import card_view
from screenpop.ui.settings.account_page import AccountSource
from screenpop.ui.settings.first_call import FirstCallSheet
from screenpop.ui.settings.further_page import FurtherPage
from screenpop.ui.settings.hotkeys_page import HotkeysPage
from screenpop.ui.settings.line_editor import LineEditor
from screenpop.ui.settings.lines_page import LinesPage
from screenpop.ui.settings.marks_page import MarksPage
from screenpop.ui.settings.opening_page import OpeningPage
from screenpop.ui.settings.page import PageOffer, SettingsPage
from screenpop.ui.settings.quiet_page import QuietPage
from screenpop.ui.settings.source_wizard import SourceWizard
from screenpop.ui.settings.sources_page import SourcesPage
from screenpop.ui.settings.team_page import TeamPage
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from screenpop.ui.tray import Tray
from screenpop.ui.tray_window import TrayWindow
from screenpop.ui.wording import tr
from tests.ui import card_samples
from tests.ui.dialing_desk import Memory
from tests.ui.known_sources import ASKED, BROKEN, COPIED, KnownSources
from tests.ui.past_calls import entry
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
from tests.ui.settings.test_first_call import TriedAccount
from tests.ui.settings.test_opening_page import Opener
from tests.ui.settings.test_team_page import FACTS, Team
from tests.ui.test_tray import TrayActionsTaken, account
from tests.x11.mirrored_language import enlarge_text, speak_for_pictures

if TYPE_CHECKING:
    from screenpop.services.call_history import LogEntry

_VALUES = {
    "hotkeys.focus_card": "Ctrl+Alt+Space",
    "hotkeys.dial_selection": "Ctrl+Alt+D",
    "quiet.focus_mode": "tray",
    "quiet.sharing": "name",
    "quiet.times": "mon-fri 18:00-08:00",
    "quiet.times_level": "silent",
}
_LOCKS = {
    "card.corner": "Set by IT help desk, ext. 200.",
    "quiet.sharing": "Set by your administrator, in /etc/xdg/screenpop/config.toml.",
}


class _TellingDesktop:
    attention = Attention(focus_mode=True)

    async def watch_desktop(self) -> None:
        await asyncio.sleep(0)


class _SetLines:
    """Lines as a small office has them."""

    def lines(self) -> tuple[LineSettings, ...]:
        return (
            LineSettings(
                line="+442079460100",
                name="Sales UK",
                color="teal",
                greeting="Good morning, Example Sales",
                sound="chime",
            ),
            LineSettings(line="Support", color="rose", sound="none"),
            LineSettings(line="104"),
        )

    def lock(self, _key: str) -> str:
        return ""

    async def change_line(
        self, before: LineSettings | None, after: LineSettings | None
    ) -> None:
        """Nothing is kept for a picture."""


class _Marks:
    async def all(self) -> tuple[MarkedNumber, ...]:
        return (
            MarkedNumber("+442079460777", Mark.SPAM, NOW),
            MarkedNumber("+447700900412", Mark.PRIVATE, NOW),
        )

    async def mark(self, number: object, mark: Mark) -> None:
        """Nothing is kept for a picture."""

    async def clear(self, _number: object) -> bool:
        return False


async def _latest() -> tuple[LogEntry, ...]:
    return tuple(entry(at) for at in range(3))


def _quiet(theme: Theme, kept: KeptSettings) -> SettingsPage:
    desktop: Any = _TellingDesktop()
    said = tr("Quiet while do not disturb is on")
    return QuietPage(theme, kept, desktop, lambda: said)


def _opening(theme: Theme, kept: KeptSettings) -> SettingsPage:
    settings = replace(Settings(), card=CardSettings(rules=(CardRule(line="Sales"),)))
    return OpeningPage(
        theme,
        kept,
        Opener(),
        calls=_latest,
        settings=lambda: settings,
        clock=lambda: NOW,
    )


def _sources(theme: Theme, _kept: KeptSettings) -> SettingsPage:
    return SourcesPage(
        theme,
        KnownSources([ASKED, COPIED, BROKEN]),
        taken=set,
        open_url=lambda _url: None,
        clock=lambda: NOW,
    )


def _team(theme: Theme, kept: KeptSettings) -> SettingsPage:
    return TeamPage(theme, Team(FACTS), lambda: (state(),), kept)


_PAGES: tuple[
    tuple[str, str, str, Callable[[Theme, KeptSettings], SettingsPage]], ...
] = (
    ("sources", "Contact sources", "link", _sources),
    ("opening", "Opening records", "open", _opening),
    (
        "lines",
        "Lines",
        "phone",
        lambda theme, _kept: LinesPage(theme, _SetLines(), _latest),
    ),
    ("team", "Team", "phone-in", _team),
    ("quiet", "Quiet", "moon", _quiet),
    (
        "hotkeys",
        "Hotkeys",
        "keyboard",
        lambda theme, kept: HotkeysPage(theme, kept, HeldKeys(kept, "Ctrl+Alt+D")),
    ),
    (
        "marks",
        "Marked numbers",
        "quiet",
        lambda theme, _kept: MarksPage(
            theme, _Marks(), region=lambda: "GB", clock=lambda: NOW
        ),
    ),
    (
        "more",
        "More settings",
        "more",
        lambda theme, kept: FurtherPage(theme, kept, setting_keys()),
    ),
)


def settings_window(theme: Theme) -> SettingsWindow:
    """The settings with some things set and some locked."""
    kept = KeptSettings()
    kept.values |= _VALUES
    kept.locks = dict(_LOCKS)
    accounts = PhoneAccounts(state())
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    offers = tuple(
        PageOffer(key, tr(title), icon, partial(build, theme, kept))
        for key, title, icon, build in _PAGES
    )
    contacts = ContactsPage(theme, People())
    return SettingsWindow(theme, Memory(), kept, source, contacts, offers)


async def take(folder: Path) -> None:
    """Write every picture."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = Theme(app, "light")

    def shoot(name: str, widget: QWidget) -> None:
        app.processEvents()
        widget.grab().save(str(folder / f"{name}-{theme.choice}.png"))

    for choice in ("light", "dark"):
        theme.set_choice("dark" if choice == "dark" else "light")
        window = settings_window(theme)
        window.open_at()
        shoot("settings-locked", window)
        for page, *_ in _PAGES:
            window.open_page(page)
            await _settled()
            shoot(f"settings-{page}", window)
        await _shoot_sheets(window, shoot)
        for text, name in (("name", "found"), ("zeppelin", "nothing")):
            window.search.field.setText(text)
            shoot(f"settings-{name}", window)
        window.search.field.setText("premium")
        window.search._choose()
        shoot("settings-marked", window)
        window.close()
        _shoot_the_rest(theme, shoot)


async def _settled() -> None:
    for _ in range(30):
        QApplication.processEvents()
        await asyncio.sleep(0)


async def _shoot_sheets(window: SettingsWindow, shoot: Any) -> None:
    pages = (("lines", LineEditor), ("sources", SourceWizard), ("marks", QDialog))
    for key, kind in pages:
        window.open_page(key)
        await _settled()
        page = window._offered[key]
        page.add_button.click()  # type: ignore[attr-defined]
        sheet = next(one for one in page.findChildren(kind) if one.isVisible())
        await _settled()
        shoot(f"sheet-{key}", sheet)
        sheet.reject()


def _shoot_the_rest(theme: Theme, shoot: Any) -> None:
    sheet = FirstCallSheet(theme, None, TriedAccount(), lambda: None)
    sheet.show()
    shoot("first-call", sheet)
    sheet.close()
    card = Card(theme)
    card.show_view(card_view(veiled(card_samples.known()), card_samples.NOW))
    card.resize(card.wanted_size())
    shoot("card-veiled", card)
    actions = TrayActionsTaken()
    tray = Tray(theme, actions, is_available=lambda: False)
    tray.set_account(account("acme"))
    tray.set_missed(3)
    tray.set_quiet(Quiet("tray", QuietReason.BY_HAND, FOR_GOOD))
    tray.menu.build()
    tray.menu.resize(tray.menu.sizeHint())
    shoot("tray-menu-quiet", tray.menu)
    fallback = TrayWindow(theme, tray, actions)
    fallback.show()
    shoot("tray-window", fallback)
    fallback.deleteLater()


def main(arguments: list[str]) -> int:
    """Write the pictures into the folder and return the exit status."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m tests.x11.gallery_around FOLDER\n")
        return 2
    folder = Path(arguments[0])
    folder.mkdir(parents=True, exist_ok=True)
    app = QApplication(["gallery"])
    speak_for_pictures(app, os.environ.get("LANGUAGE", "en"))
    enlarge_text(app, float(os.environ.get("TEXT_SCALE", "1")))
    asyncio.run(take(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
