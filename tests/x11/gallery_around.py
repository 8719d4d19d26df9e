"""Pictures of what the desktop around the program needs: settings, tray, test call.

    python -m tests.x11.gallery_around DIR

Light and dark; run it with ``QT_SCALE_FACTOR=2`` or ``TEXT_SCALE=2`` for larger ones.
"""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication, QWidget

from screenpop.desktop.attention import Attention
from screenpop.services.preferences import setting_keys
from screenpop.services.quietness import FOR_GOOD, Quiet, QuietReason
from screenpop.ui.card_veil import veiled
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.view_model import card_view
from screenpop.ui.settings.account_page import AccountSource
from screenpop.ui.settings.first_call import FirstCallSheet
from screenpop.ui.settings.further_page import FurtherPage
from screenpop.ui.settings.hotkeys_page import HotkeysPage
from screenpop.ui.settings.page import PageOffer
from screenpop.ui.settings.quiet_page import QuietPage
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from screenpop.ui.tray import Tray
from screenpop.ui.tray_window import TrayWindow
from tests.ui import card_samples
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
from tests.ui.settings.test_first_call import TriedAccount
from tests.ui.test_tray import TrayActionsTaken, account

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


def settings_window(theme: Theme) -> SettingsWindow:
    """The settings with some things set and some locked."""
    kept = KeptSettings()
    kept.values |= _VALUES
    kept.locks = dict(_LOCKS)
    accounts = PhoneAccounts(state())
    desktop: Any = _TellingDesktop()
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    said = "Quiet while do not disturb is on"
    keys = HeldKeys(kept, "Ctrl+Alt+D")
    offers = (
        PageOffer(
            "quiet",
            "Quiet",
            "moon",
            lambda: QuietPage(theme, kept, desktop, lambda: said),
        ),
        PageOffer(
            "hotkeys", "Hotkeys", "keyboard", lambda: HotkeysPage(theme, kept, keys)
        ),
        PageOffer(
            "more",
            "More settings",
            "more",
            lambda: FurtherPage(theme, kept, setting_keys()),
        ),
    )
    contacts = ContactsPage(theme, People())
    return SettingsWindow(theme, Memory(), kept, source, contacts, offers)


async def take(folder: Path) -> None:
    """Write every picture."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = Theme(app, "light", text_scale=float(os.environ.get("TEXT_SCALE", "1")))

    def shoot(name: str, widget: QWidget) -> None:
        app.processEvents()
        widget.grab().save(str(folder / f"{name}-{theme.choice}.png"))

    for choice in ("light", "dark"):
        theme.set_choice("dark" if choice == "dark" else "light")
        window = settings_window(theme)
        window.open_at()
        shoot("settings-locked", window)
        for page in ("quiet", "hotkeys", "more"):
            window.open_page(page)
            for _ in range(30):
                QApplication.processEvents()
                await asyncio.sleep(0)
            shoot(f"settings-{page}", window)
        for text, name in (("name", "found"), ("zeppelin", "nothing")):
            window.search.field.setText(text)
            shoot(f"settings-{name}", window)
        window.search.field.setText("premium")
        window.search._choose()
        shoot("settings-marked", window)
        window.close()
        _shoot_the_rest(theme, shoot)


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
    _app = QApplication(["gallery"])
    asyncio.run(take(folder))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
