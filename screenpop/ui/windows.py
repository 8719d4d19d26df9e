"""The windows beside the cards, each built when it is first asked for."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.domain.contacts import Contact
    from screenpop.services.application import Application
    from screenpop.services.events import (
        AccountState,
        CallCard,
        DialConfirmationNeeded,
        DialProgress,
        UserNotice,
    )
    from screenpop.ui.call_log.messages import MessagesWindow
    from screenpop.ui.call_log.window import CallLogWindow
    from screenpop.ui.desk import Desk
    from screenpop.ui.dialer.pane import DialerPane
    from screenpop.ui.memory import FileMemory
    from screenpop.ui.settings.page import PageOffer, SettingsPage
    from screenpop.ui.settings.welcome import WelcomeWindow
    from screenpop.ui.settings.window import SettingsWindow
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.voicemail.window import VoicemailWindow
    from screenpop.ui.widgets.window import Sheet

_TILL_IN_FRONT_MS = 150
_LONGEST_SELECTION = 2_000
_CALLS_WITH_LINES = 100


class Windows:
    """Dialer, call log, settings, welcome and contact editor."""

    def __init__(self, theme: Theme, services: Application, desk: Desk) -> None:
        self._theme = theme
        self._services = services
        self._desk = desk
        self._editors: list[Sheet] = []

    @cached_property
    def memory(self) -> FileMemory:
        """What windows remember between runs."""
        from screenpop.ui.memory import FileMemory

        return FileMemory(self._services.paths.data_dir / "windows.ini")

    @cached_property
    def dialer(self) -> DialerPane:
        """The dialer pane."""
        from screenpop.ui.dialer.pane import DialerPane
        from screenpop.ui.dialer.view_model import DialerModel

        model = DialerModel(
            self._services.dial_desk, self._services.dialer, self.memory
        )
        return DialerPane(self._theme, self.memory, model)

    def open_dialer(self, text: str = "") -> None:
        """Show the dialer beside the tray icon, with ``text`` in its box."""
        is_new = "dialer" not in self.__dict__
        self.dialer.open_with(text)
        if is_new:
            self.dialer.place_near(self._desk.tray.geometry(), self._desk.card_place())

    def open_dialer_with_selection(self) -> None:
        """Show the dialer with what is marked anywhere, as far as that can be read.

        On Wayland only the window in front may read it, so the dialer comes first.
        """
        from PySide6.QtCore import QTimer

        self.open_dialer()
        dialer = self.dialer
        QTimer.singleShot(_TILL_IN_FRONT_MS, dialer, lambda: _take_selection(dialer))

    def ask_about_dial(self, needed: DialConfirmationNeeded) -> None:
        """A link or another program asks to call."""
        self.dialer.ask(needed)

    def show_dial(self, progress: DialProgress) -> None:
        """News of a dial, for the dialer if it was ever opened."""
        if "dialer" in self.__dict__:
            self.dialer.show_progress(progress)

    def log_changed(self, ref: CallRef) -> None:
        """The call log has changed."""
        if "dialer" in self.__dict__:
            self.dialer.refresh()
        if "call_log" in self.__dict__:
            self.call_log.call_changed(ref)

    def contacts_changed(self) -> None:
        """Somebody has another name, number or company."""
        if "dialer" in self.__dict__:
            self.dialer.refresh()
        if "call_log" in self.__dict__:
            self.call_log.refresh_soon()
        if "settings" in self.__dict__ and self.settings.contacts is not None:
            self.settings.contacts.refresh_soon()

    def account_changed(self, state: AccountState) -> None:
        """An account stands differently."""
        if "settings" in self.__dict__:
            self.settings.account_changed(state)
            self.settings.refresh_page("team")
        if "welcome" in self.__dict__:
            self.welcome.close()

    # --- call log --------------------------------------------------------------------

    @cached_property
    def call_log(self) -> CallLogWindow:
        """The call log."""
        from screenpop.services.vendor_calls import VendorCalls
        from screenpop.ui.call_log.view_model import CallLogModel
        from screenpop.ui.call_log.window import CallLogActions, CallLogWindow

        actions = CallLogActions(
            call=self.open_dialer,
            create_contact=self.open_contact_editor,
            open_url=self._open_url,
            open_voicemail=self.open_voicemail,
            has_voicemail=self._desk.has_voicemail,
            open_messages=self.open_messages,
            has_messages=lambda: self._services.lists.has_text_messages,
            accounts=lambda: tuple(
                (one.account_id, one.label) for one in self._services.connections.all()
            ),
            vendor=VendorCalls(self._services.connections),
        )
        services = self._services
        lost = services.lists.lost_callers
        model = CallLogModel(
            services.history,
            services.clock,
            lost,
            services.call_notes,
            lambda: services.team.claims,
        )
        return CallLogWindow(self._theme, self.memory, model, actions)

    @cached_property
    def messages(self) -> MessagesWindow:
        """The text messages."""
        from screenpop.ui.call_log.messages import MessagesActions, MessagesWindow

        actions = MessagesActions(self.open_dialer, self._services.clock)
        book = self._services.lists.text_messages
        return MessagesWindow(self._theme, self.memory, book, actions)

    def open_messages(self) -> None:
        """Show the text messages."""
        self.messages.open()

    def message_arrived(self, account_id: str) -> None:
        """An account has one more text message."""
        if "messages" in self.__dict__:
            self.messages.message_arrived(account_id)

    def _open_url(self, url: str) -> None:
        self._desk.open_url(url)

    def open_call_log(self) -> None:
        """Show the call log."""
        self.call_log.open_with()

    def lost_changed(self) -> None:
        """A phone system's list of callers to call back has changed."""
        if "call_log" in self.__dict__:
            self.call_log.lost_changed()

    def team_changed(self, what: frozenset[str]) -> None:
        """Somebody of the team took a caller on, or the like."""
        if "claims" in what:
            self.lost_changed()
        if "presence" in what and "dialer" in self.__dict__:
            self.dialer.refresh()

    def open_call(self, ref: CallRef) -> None:
        """Show the call log at one call."""
        self.call_log.open_at(ref)

    def open_missed_calls(self) -> None:
        """Show the calls that nobody has called back."""
        self.call_log.open_with(kind="missed")

    # --- voicemail -------------------------------------------------------------------

    @cached_property
    def voicemail(self) -> VoicemailWindow:
        """The messages that callers left."""
        from screenpop.ui.voicemail.view_model import VoicemailModel
        from screenpop.ui.voicemail.window import VoicemailActions, VoicemailWindow

        actions = VoicemailActions(
            call=self.open_dialer,
            open_url=self._desk.open_url,
            open_file=self._desk.open_file,
        )
        services = self._services
        model = VoicemailModel(services.lists.voicemails, services.clock)
        return VoicemailWindow(self._theme, self.memory, model, actions)

    def open_voicemail(self) -> None:
        """Show the messages that callers left."""
        self.voicemail.open()

    def voicemail_changed(self, account_id: str) -> None:
        """A phone system's messages have changed."""
        if "voicemail" in self.__dict__:
            self.voicemail.account_changed(account_id)

    # --- settings, first run ---------------------------------------------------------

    @cached_property
    def settings(self) -> SettingsWindow:
        """The settings."""
        from screenpop.services.first_call import FirstCall
        from screenpop.services.vendor_calls import VendorCalls
        from screenpop.ui.contacts.page import ContactsPage
        from screenpop.ui.settings.account_page import AccountSource
        from screenpop.ui.settings.window import SettingsWindow

        accounts = self._services.accounts
        source = AccountSource(
            accounts=accounts,
            tools=accounts,
            vendor_of=accounts.manifest_of,
            option_of=accounts.option_of,
            clock=self._services.clock,
            open_url=self._open_url,
            recordings=VendorCalls(self._services.connections),
            lock_of=self._services.preferences.lock,
            preset_of=self._services.preferences.preset,
        )
        contacts = ContactsPage(self._theme, self._services.contacts)
        return SettingsWindow(
            self._theme,
            self.memory,
            self._services.preferences,
            source,
            contacts,
            self._page_offers(),
            lambda account_id: FirstCall(self._services, account_id),
        )

    def _page_offers(self) -> tuple[PageOffer, ...]:
        from screenpop.ui.settings.page import PageOffer
        from screenpop.ui.wording import tr

        return (
            PageOffer(
                "sources", tr("Contact sources"), "link", self._build_sources_page
            ),
            PageOffer(
                "opening", tr("Opening records"), "open", self._build_opening_page
            ),
            PageOffer("lines", tr("Lines"), "phone", self._build_lines_page),
            PageOffer("team", tr("Team"), "phone-in", self._build_team_page),
            PageOffer("quiet", tr("Quiet"), "moon", self._build_quiet_page),
            PageOffer("hotkeys", tr("Hotkeys"), "keyboard", self._build_hotkeys_page),
            PageOffer("marks", tr("Marked numbers"), "quiet", self._build_marks_page),
            PageOffer("updates", tr("Updates"), "refresh", self._build_updates_page),
            PageOffer("more", tr("More settings"), "more", self._build_further_page),
        )

    def _build_team_page(self) -> SettingsPage:
        from screenpop.ui.settings.team_page import TeamPage

        services = self._services
        return TeamPage(
            self._theme, services.membership, services.states, services.preferences
        )

    def _build_quiet_page(self) -> SettingsPage:
        from screenpop.ui.settings.quiet_page import QuietPage

        services, tray = self._services, self._desk.tray
        return QuietPage(
            self._theme,
            services.preferences,
            services.around.quiet,
            lambda: tray.view.quiet_line(services.clock()),
        )

    def _build_hotkeys_page(self) -> SettingsPage:
        from screenpop.ui.settings.hotkeys_page import HotkeysPage

        services = self._services
        hotkeys = services.around.hotkeys
        return HotkeysPage(self._theme, services.preferences, hotkeys)

    def _build_updates_page(self) -> SettingsPage:
        from screenpop.ui.settings.updates_page import UpdatesPage

        services = self._services
        desk = services.updates.desk
        return UpdatesPage(self._theme, services.preferences, desk, services.clock)

    def _build_further_page(self) -> SettingsPage:
        from screenpop.services.preferences import setting_keys
        from screenpop.ui.settings.further_page import FurtherPage

        return FurtherPage(self._theme, self._services.preferences, setting_keys())

    def settings_page_changed(self, key: str) -> None:
        """What a page of the settings shows has changed elsewhere."""
        if "settings" in self.__dict__:
            self.settings.refresh_page(key)

    def _build_opening_page(self) -> SettingsPage:
        from screenpop.services.call_history import LogFilter
        from screenpop.ui.settings.opening_page import OpeningPage

        services = self._services
        return OpeningPage(
            self._theme,
            services.preferences,
            services.callers.opener,
            calls=lambda: services.history.search(LogFilter(), limit=10),
            settings=lambda: services.settings,
            clock=services.clock,
        )

    def _build_lines_page(self) -> SettingsPage:
        from screenpop.services.call_history import LogFilter
        from screenpop.ui.settings.lines_page import LinesPage

        history, preferences = self._services.history, self._services.preferences
        return LinesPage(
            self._theme,
            preferences,
            lambda: history.search(LogFilter(), limit=_CALLS_WITH_LINES),
        )

    def _build_marks_page(self) -> SettingsPage:
        from screenpop.ui.settings.marks_page import MarksPage

        services = self._services
        return MarksPage(
            self._theme,
            services.callers.marks,
            region=lambda: services.region,
            clock=services.clock,
        )

    def _build_sources_page(self) -> SettingsPage:
        from screenpop.services.source_overview import SourceOverview
        from screenpop.ui.settings.sign_in_page import open_sign_in_page
        from screenpop.ui.settings.sources_page import SourcesPage

        services = self._services
        return SourcesPage(
            self._theme,
            SourceOverview(services),
            taken=lambda: {one.id for one in services.settings.accounts},
            open_url=open_sign_in_page,
            clock=services.clock,
            lock_of=services.preferences.lock,
        )

    def open_settings(self, account_id: str = "") -> None:
        """Show the settings, at an account when given."""
        self.settings.open_at(account_id)

    def ask_for_keys(self) -> None:
        """Ask for what the first preset account lacks, if one lacks anything."""
        self._services.supervisor.start("preset-keys", self._ask_for_keys())

    async def _ask_for_keys(self) -> None:
        accounts = self._services.accounts
        for place in sorted(self._services.loaded.presets):
            section, _, account_id = place.partition(".")
            if "." in account_id:
                continue
            keys = await accounts.lacking_keys(account_id)
            if section == "accounts" and keys:
                self.settings.ask_for_keys(account_id, keys, self.ask_for_keys)
                return

    def show_notice(self, notice: UserNotice) -> None:
        """Show the whole of a notice in the settings, where most can be mended."""
        from screenpop.ui.tray_window import notice_tone

        self.open_settings()
        self.settings.message.say(notice.title, notice.advice, tone=notice_tone(notice))

    @cached_property
    def welcome(self) -> WelcomeWindow:
        """The first-run window."""
        from screenpop.ui.settings.welcome import WelcomeActions, WelcomeWindow

        actions = WelcomeActions(
            add_account=self._add_account,
            try_demo=self._try_demo,
            import_contacts=self._import_contacts,
        )
        locked = self._services.preferences.lock("accounts")
        return WelcomeWindow(self._theme, self.memory, actions, locked)

    def open_welcome(self) -> None:
        """Show the first-run window."""
        self.welcome.open()

    def _add_account(self) -> None:
        self.open_settings()
        self.settings.add_account()

    def _import_contacts(self) -> None:
        self.open_settings()
        self.settings.open_contacts()

    def _try_demo(self) -> None:
        from PySide6.QtCore import QProcess

        from screenpop.services.own_program import own_command

        program, *words = own_command("demo")
        QProcess.startDetached(program, words)

    def open_contact_editor(self, number: str, name: str) -> None:
        """Begin a new contact."""
        from screenpop.ui.contacts.editor import ContactEditor
        from screenpop.ui.contacts.view_model import form_for_caller

        form = form_for_caller(number, name)
        editor = ContactEditor(self._theme, None, self._services.contacts, form=form)
        self._keep_open(editor)

    def open_contact_picker(self, card: CallCard) -> None:
        """Begin to add the number of a call to a contact."""
        from screenpop.ui.contacts.editor import ContactEditor
        from screenpop.ui.contacts.picker import ContactPicker
        from screenpop.ui.contacts.view_model import form_with_number

        book = self._services.contacts
        picker = ContactPicker(
            self._theme,
            None,
            book,
            number_text=card.number_text,
            text=card.caller_name,
        )

        def edit(contact: Contact) -> None:
            form = form_with_number(contact, card.number_e164)
            editor = ContactEditor(self._theme, None, book, contact=contact, form=form)
            self._keep_open(editor)

        picker.picked.connect(edit)
        self._keep_open(picker)

    def _keep_open(self, sheet: Sheet) -> None:
        self._editors.append(sheet)
        sheet.finished.connect(lambda _code: self._forget_editor(sheet))
        sheet.open()

    def _forget_editor(self, editor: Sheet) -> None:
        if editor in self._editors:
            self._editors.remove(editor)
            editor.deleteLater()

    def close(self) -> None:
        """Close what is open."""
        windows = ("dialer", "call_log", "voicemail", "messages", "settings", "welcome")
        for name in windows:
            if name in self.__dict__:
                getattr(self, name).close()
        for editor in tuple(self._editors):
            editor.close()


def _take_selection(dialer: DialerPane) -> None:
    """Put what is marked into the box of the dialer, now that it is in front."""
    from PySide6.QtGui import QClipboard, QGuiApplication

    clipboard = QGuiApplication.clipboard()
    if dialer.isActiveWindow() and clipboard.supportsSelection():
        text = clipboard.text(QClipboard.Mode.Selection).strip()
        if text:
            dialer.open_with(text[:_LONGEST_SELECTION])
