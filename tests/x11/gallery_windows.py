"""Pictures of the windows beside the card.

    python -m tests.x11.gallery_windows DIR [NAME …]

Light and dark; run it with ``QT_SCALE_FACTOR=2`` for a screen of twice the density,
with ``TEXT_SCALE=2`` for text of twice the size, with ``LANGUAGE=lt`` for another
language, with ``LANGUAGE=mirrored`` for one that is written from the right.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QApplication, QWidget

from screenpop.domain.dialing import DialOrigin, FlowSpeech
from screenpop.domain.errors import ProviderUnavailable
from screenpop.providers.abilities import HistoryFilter, NamedThing, Sound
from screenpop.providers.protocol import OwnedNumber
from screenpop.services.dialer import DialOrder
from screenpop.services.events import DialConfirmationNeeded, DialState, SourceState
from screenpop.services.team.claims import ClaimView, Holder
from screenpop.services.voicemail import Mailbox
from screenpop.simulator.sounds import beep
from screenpop.ui.call_log.view_model import CallLogModel
from screenpop.ui.call_log.window import CallLogActions, CallLogWindow
from screenpop.ui.contacts.editor import ContactEditor
from screenpop.ui.contacts.import_dialog import ImportDialog
from screenpop.ui.contacts.page import ContactsPage
from screenpop.ui.contacts.view_model import form_for_caller
from screenpop.ui.dialer.pane import DialerPane
from screenpop.ui.dialer.view_model import DialerModel
from screenpop.ui.settings.account_page import AccountPage, AccountSource
from screenpop.ui.settings.account_wizard import AccountWizard
from screenpop.ui.settings.history_narrowing import NarrowSheet
from screenpop.ui.settings.view_model import WizardModel
from screenpop.ui.settings.welcome import WelcomeActions, WelcomeWindow
from screenpop.ui.settings.window import SettingsWindow
from screenpop.ui.theme import Theme
from screenpop.ui.voicemail.view_model import VoicemailModel
from screenpop.ui.voicemail.window import VoicemailActions, VoicemailWindow
from screenpop.ui.widgets.window import confirm
from tests.desktop.hand_device import HandDevice
from tests.ui.dialing_desk import FROM_CRM, Desk, Memory, PhoneLine
from tests.ui.left_messages import LeftMessages, message
from tests.ui.past_calls import NOW, RECORD, PastCalls, entry, missed
from tests.ui.phone_accounts import (
    MANIFEST,
    KeptSettings,
    People,
    PhoneAccounts,
    VendorTools,
    state,
)
from tests.ui.pumping import shown
from tests.x11.mirrored_language import enlarge_text, speak_for_pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

Shot = tuple[str, QWidget]


def _pane(theme: Theme, desk: Desk | None = None) -> tuple[DialerPane, PhoneLine]:
    line = PhoneLine()
    model = DialerModel(desk or Desk(), line, Memory())
    return DialerPane(theme, Memory(), model), line


async def dialer_screens(theme: Theme) -> AsyncIterator[Shot]:
    """The dialer in each of its states."""
    pane, line = _pane(theme)
    pane.open_with()
    yield "dialer-empty", pane
    desk = Desk()
    await desk.set_favourite("+12025550142", "Ana Rossi", is_wanted=True)
    await desk.set_favourite("+12025550117", "Bo Lind", is_wanted=True)
    pane, line = _pane(theme, desk)
    pane.open_with()
    pane.box.moved.emit(1)
    yield "dialer-favourites", pane
    desk = Desk(
        lines=(("a", "Example Bakery"), ("b", "Home office")),
        numbers={"a": (OwnedNumber("+12025550100", "Sales"),)},
        slow=(FROM_CRM,),
    )
    pane, line = _pane(theme, desk)
    pane.open_with("ana")
    yield "dialer-name", pane
    pane.box.setText("")
    pane._edited("911")
    pane.box.setText("911")
    yield "dialer-emergency", pane
    pane._call()
    yield "dialer-asking", pane
    pane, line = _pane(theme)
    pane.open_with("Office 202-555-0142, mobile 202-555-0117")
    yield "dialer-numbers", pane
    order = DialOrder(text="2025550142", origin=DialOrigin.TYPED, name="Ana Rossi")
    pane.open_with("ana")
    pane._call()
    await pane.tasks.idle()
    pane.show_progress(line.progress(DialState.CALLING, order))
    yield "dialer-calling", pane
    flow = NamedThing("220", "Reminder", (("variable", "Name"), ("variable", "otp")))
    pane, line = _pane(theme, Desk(speaking={"acme": (flow,)}))
    pane.open_with("2025550142")
    await pane.tasks.idle()
    yield "dialer-myself", pane
    pane.flow_panel.who.choose("flow:220")
    pane.flow_panel.lines()[0].setText("Ana")
    pane.flow_panel.add_button.click()
    yield "dialer-flow", pane
    speech = FlowSpeech(flow_id="220", variables=(("Name", "Ana"), ("otp", "4711")))
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142",
            "2025550142",
            origin="link",
            reasons=("Another program asks to call this number.",),
            speech=speech,
        )
    )
    yield "dialer-flow-asked", pane
    pane, line = _pane(theme, Desk(recent=()))
    pane.open_with("zoe")
    yield "dialer-nobody", pane
    pane.ask(
        DialConfirmationNeeded(
            "(202) 555-0142",
            "tel:+12025550142",
            origin="link",
            reasons=("A link asks to call this number.",),
        )
    )
    yield "dialer-link", pane


async def call_log_screens(theme: Theme) -> AsyncIterator[Shot]:
    """The call log with work to do, searching in vain, and empty."""
    first = entry(0)
    calls = (first, *(entry(n) for n in range(1, 40)), missed(42), missed(6), missed(1))
    past = PastCalls(calls)
    past.records[first.ref] = RECORD
    window = _call_log(theme, past)
    yield "calls", window
    window.search.setText("nobody of this name")
    await shown(lambda: window.table.model().rowCount() == 0, "an empty search")
    yield "calls-none", window
    yield "calls-empty", _call_log(theme, PastCalls())
    past = PastCalls((entry(0), *(missed(n) for n in (1, 3, 6, 8)), entry(2)))
    shared = _call_log(theme, past, SharedWork(past))
    await shown(lambda: shared.table.model().rowCount() > 0, "the calls")
    yield "calls-team", shared


class SharedWork:
    """A colleague has the first caller, we the second, the third nobody."""

    def __init__(self, past: PastCalls) -> None:
        self._numbers = [each.number_e164 for each in past.entries if each.is_missed]

    def view(self, _account_id: str, e164: str) -> ClaimView | None:
        place = self._numbers.index(e164) if e164 in self._numbers else 9
        views = {
            0: ClaimView(Holder.COLLEAGUE, "Ana"),
            1: ClaimView(Holder.ME),
            2: ClaimView(Holder.ME, is_confirmed=False),
        }
        return views.get(place, ClaimView(Holder.NOBODY))

    async def claim(self, account_id: str, e164: str) -> ClaimView | None:
        return self.view(account_id, e164)

    async def release(self, account_id: str, e164: str) -> ClaimView | None:
        return self.view(account_id, e164)


def _call_log(
    theme: Theme, past: PastCalls, claims: SharedWork | None = None
) -> CallLogWindow:
    actions = CallLogActions(lambda _n: None, lambda _n, _w: None, lambda _u: None)
    model = CallLogModel(past, lambda: NOW, claims=lambda: claims)
    window = CallLogWindow(theme, Memory(), model, actions)
    window.open_with()
    return window


async def voicemail_screens(theme: Theme) -> AsyncIterator[Shot]:
    """Messages, one account out of order, and none at all."""
    left = LeftMessages(*(message(number) for number in range(4)))
    window = _voicemail(theme, left)
    yield "voicemail", window
    left.sound = Sound(beep(10), "audio/wav")
    window.details.listen_button.click()
    await shown(window.player.isVisible, "the bar that plays")
    window.player.seek_bar.setValue(4)
    yield "voicemail-playing", window
    left.boxes.append(Mailbox("beta", "Home office", is_editable=False))
    left.errors["beta"] = ProviderUnavailable(
        "The phone system is out of order at the moment (status 503)"
    )
    yield "voicemail-trouble", _voicemail(theme, left)
    yield "voicemail-empty", _voicemail(theme, LeftMessages())


def _voicemail(theme: Theme, left: LeftMessages) -> VoicemailWindow:
    model = VoicemailModel(left, lambda: NOW)
    actions = VoicemailActions(
        lambda _: None, lambda _: True, lambda _: True, HandDevice
    )
    window = VoicemailWindow(theme, Memory(), model, actions)
    window.open()
    return window


async def settings_screens(theme: Theme) -> AsyncIterator[Shot]:
    """The settings, the wizard and the welcome."""
    window = _settings(theme)
    window.open_at()
    yield "settings-general", window
    window.open_at("acme")
    yield "settings-account", window
    page = window.findChildren(AccountPage)[0]
    tabs = ("webhooks", "history", "resources", "lists", "options", "operations")
    for tab, name in enumerate(tabs, 1):
        page._tabs.setCurrentIndex(tab)
        yield f"settings-{name}", window
    page._tabs.setCurrentIndex(2)
    page.history.narrow(HistoryFilter(extension="101"), {})
    yield "settings-history-narrowed", window
    page.history.narrow_button.click()
    sheet = page.findChildren(NarrowSheet)[0]
    yield "narrow", sheet
    sheet.reject()
    window.open_contacts()
    yield "settings-contacts", window
    model = WizardModel(PhoneAccounts())
    wizard = AccountWizard(theme, None, model)
    wizard.open()
    wizard.next_button.click()
    yield "wizard-form", wizard
    model.fill_in("Acme", {}, {"api_key": "k"})
    await model.try_out()
    wizard._show_page(2)
    yield "wizard-phone", wizard
    nothing = WelcomeActions(lambda: None, lambda: None, lambda: None)
    welcome = WelcomeWindow(theme, Memory(), nothing)
    welcome.open()
    yield "welcome", welcome
    yield (
        "confirm",
        confirm(
            theme,
            welcome,
            "Remove “Acme”?",
            "Its key is deleted from your keychain, and its registrations from the "
            "phone system. The call log stays.",
            "Remove",
            lambda: None,
        ),
    )


def _settings(theme: Theme) -> SettingsWindow:
    accounts = PhoneAccounts(
        replace(
            state(SourceState.POLLING, "Calls are seen only after they end"),
            advice="Set a public address to see them while they ring.",
        )
    )
    source = AccountSource(
        accounts=accounts,
        tools=VendorTools(),
        vendor_of=lambda _account: MANIFEST,
        option_of=lambda _account, key: accounts.options.get(key, ""),
        clock=lambda: NOW,
        open_url=lambda _url: None,
    )
    contacts = ContactsPage(theme, People())
    return SettingsWindow(theme, Memory(), KeptSettings(), source, contacts)


async def contact_screens(theme: Theme) -> AsyncIterator[Shot]:
    """Editing and importing contacts."""
    form = form_for_caller("+12025550163", "Zoe Kern")
    editor = ContactEditor(theme, None, People(), form=form)
    editor.open()
    yield "contact-editor", editor
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        path.write_text("Town,Name,Mobile\nX,Ana Rossi,+12025550142\n", "utf-8")
        dialog = ImportDialog(theme, None, People(), path)
        dialog.open()
        dialog.read()
        await shown(dialog.import_button.isEnabled, "the columns")
        yield "contact-import", dialog
        dialog._import()
        yield "contact-import-done", dialog
        cards = Path(folder) / "people.vcf"
        cards.write_text(
            "BEGIN:VCARD\nFN:Ana Rossi\nORG:Example Bakery\nTEL:+12025550142\n"
            "END:VCARD\n"
            "BEGIN:VCARD\nFN:Bo Lind\nTEL;CELL:+442079460018\nEND:VCARD\n",
            "utf-8",
        )
        dialog = ImportDialog(theme, None, People(), cards)
        dialog.open()
        dialog.read()
        await shown(dialog.import_button.isEnabled, "the cards")
        yield "contact-import-cards", dialog


SCREENS: list[Callable[[Theme], AsyncIterator[Shot]]] = [
    dialer_screens,
    call_log_screens,
    voicemail_screens,
    settings_screens,
    contact_screens,
]


async def take(folder: Path) -> None:
    """Write every picture."""
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    theme = Theme(app, "light")
    only = sys.argv[2:] or [""]
    for choice in ("light", "dark"):
        theme.set_choice(choice)
        for screens in SCREENS:
            async for name, window in screens(theme):
                for _ in range(30):
                    QApplication.processEvents()
                    await asyncio.sleep(0)
                if any(name.startswith(wanted) for wanted in only):
                    window.grab().save(str(folder / f"{name}-{choice}.png"))


def main() -> None:
    """Take the pictures."""
    app = QApplication(sys.argv[:1])
    speak_for_pictures(app, os.environ.get("LANGUAGE", "en"))
    enlarge_text(app, float(os.environ.get("TEXT_SCALE", "1")))
    app.setQuitOnLastWindowClosed(False)
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(take(folder))


if __name__ == "__main__":
    main()
