"""Where services and windows meet: news becomes visible, clicks become deeds."""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect, QUrl
from PySide6.QtGui import QDesktopServices

from screenpop.ui.tasks import Tasks
from screenpop.ui.tray import Tray
from screenpop.ui.tray_view import RecentCall
from screenpop.ui.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from PySide6.QtWidgets import QApplication

    from screenpop.domain.calls import CallRef
    from screenpop.services.application import Application
    from screenpop.services.bus import Bus
    from screenpop.services.events import (
        AccountState,
        DialProgress,
        DigestReady,
        RecordWanted,
        UserNotice,
        VoicemailChanged,
    )
    from screenpop.ui.desk_around import DeskAround
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.open_events import OpenEvents
    from screenpop.ui.popup.controller import CardStack
    from screenpop.ui.theme.theme import Theme
    from screenpop.ui.tray_window import TrayWindow
    from screenpop.ui.windows import Windows

TOMORROW_HOUR: Final = 6
_DIGEST: Final = "digest"
_TEXT_MESSAGE: Final = "text-message"
_UPDATE: Final = "update"
CALL_BACK_NOTICE: Final = "call-back"


class Desk:
    """The visible half of the running app.

    It exists before the services do, so that the tray icon is there at once; what is
    clicked before they are ready does nothing.
    """

    def __init__(self, app: QApplication, theme: Theme) -> None:
        self._qt = app
        self.theme = theme
        self.tray = Tray(theme, self)
        self.tray.tray_missing.connect(self._show_tray_window)
        self.tray.tray_found.connect(self._hide_tray_window)
        self.tasks = Tasks(self._show_trouble)
        self._open_events: OpenEvents | None = None
        if sys.platform == "darwin":
            from screenpop.ui.open_events import OpenEvents

            self._open_events = OpenEvents(theme)
            app.installEventFilter(self._open_events)
        self._tray_window: TrayWindow | None = None
        self._services: Application | None = None
        self._windows: Windows | None = None
        self._quit_early = False
        self._around: DeskAround | None = None
        self.cards: CardStack | None = None

    # --- life ------------------------------------------------------------------------

    def attach(self, services: Application) -> None:
        """Begin to show what the services tell."""
        from screenpop.services import events
        from screenpop.ui.card_desk import CardDesk
        from screenpop.ui.desk_around import DeskAround
        from screenpop.ui.popup.controller import CardStack
        from screenpop.ui.popup.screens import QtScreens
        from screenpop.ui.popup.stack_layout import StackSettings
        from screenpop.ui.windows import Windows

        self._services = services
        services.has_windows = True
        settings = services.settings
        self.theme.set_choice(settings.ui.theme)
        self._windows = Windows(self.theme, services, self)
        self.cards = CardStack(
            self.theme,
            CardDesk(services, self._windows, self),
            StackSettings.of(settings.card, account_count=len(settings.accounts)),
            QtScreens(self._qt),
            services.clock,
            lambda: self._open_windows.memory,
        )
        bus = services.bus
        around = self._around = DeskAround(services, self, self._windows, self.cards)
        bus.subscribe(events.PopRequested, lambda e: around.show(e.card))
        bus.subscribe(events.PopUpdated, lambda e: around.update(e.card))
        bus.subscribe(
            events.PopDismissed, lambda e: around.dismiss(e.card, e.linger_seconds)
        )
        bus.subscribe(
            events.WrapUpWanted,
            lambda e: self._stack.wrap_up(around.veil.seen(e.card), e.seconds),
        )
        bus.subscribe(events.CallBackDue, lambda e: self._remind(e.ref))
        bus.subscribe(events.DialProgress, self._show_dial)
        bus.subscribe(events.DialConfirmationNeeded, self._open_windows.ask_about_dial)
        bus.subscribe(
            events.AccountStateChanged, lambda e: self._account_changed(e.state)
        )
        bus.subscribe(events.AccountRemoved, lambda e: self._forget(e.account_id))
        self._listen_for_lists(bus)
        bus.subscribe(events.RecordWanted, self._open_record)
        bus.subscribe(events.UserNotice, self._notify)
        bus.subscribe(events.DigestReady, self._show_digest)
        bus.subscribe(events.WindowRequested, lambda e: self.open_window(e.window))
        bus.subscribe(events.SettingsChanged, lambda _: self._apply_settings())
        self.tray.set_missed(services.history.missed_count)
        self._stack.pool.fill_when_idle()
        quiet = settings.ui.quiet_until
        if quiet is not None and quiet > services.clock():
            services.around.quiet.set_until(quiet)
        if self._open_events is not None:
            self._open_events.hand_to(self.take_link)
        if self._quit_early:
            services.request_quit()

    def _listen_for_lists(self, bus: Bus) -> None:
        """Pass on what changes in the log, in notes and in the vendors' lists."""
        from screenpop.services import events
        from screenpop.services.note_progress import NoteProgress

        bus.subscribe(events.MissedChanged, lambda e: self.tray.set_missed(e.count))
        bus.subscribe(
            events.LostCallersChanged, lambda _: self._open_windows.lost_changed()
        )
        bus.subscribe(
            events.TeamChanged, lambda e: self._open_windows.team_changed(e.what)
        )
        bus.subscribe(events.VoicemailChanged, self._messages_changed)
        bus.subscribe(events.CallLogChanged, lambda e: self._log_changed(e.ref))
        bus.subscribe(
            events.ContactsChanged, lambda _: self._open_windows.contacts_changed()
        )
        bus.subscribe(
            events.TextMessageArrived,
            lambda e: self._open_windows.message_arrived(e.account_id),
        )
        bus.subscribe(NoteProgress, lambda e: self._log_changed(e.ref))

    def watch_events(self, watch: QObject) -> None:
        """Let ``watch`` see every event of every widget, as the demo does."""
        self._qt.installEventFilter(watch)

    def close(self) -> None:
        """Take everything off the screen."""
        if self.cards is not None:
            self.cards.hide_all()
        if self._windows is not None:
            self._windows.close()
        self._hide_tray_window()
        self.tray.stop()
        self.tasks.close()

    async def leave(self) -> None:
        """Let go of what the desktop shows or tells besides windows."""
        if self._around is not None:
            await self._around.stop()

    @property
    def _stack(self) -> CardStack:
        assert self.cards is not None  # noqa: S101 - set by attach, before any event
        return self.cards

    @property
    def _open_windows(self) -> Windows:
        assert self._windows is not None  # noqa: S101 - set by attach
        return self._windows

    def open_window(self, name: str) -> None:
        """Show the window of that name; an unknown one is the dialer."""
        windows = self._windows
        if windows is None:
            return
        if name == "call_log":
            windows.open_call_log()
        elif name == "settings":
            windows.open_settings()
        elif name == "voicemail":
            windows.open_voicemail()
        elif name == "messages":
            windows.open_messages()
        elif name == "welcome":
            windows.open_welcome()
        elif name == "keys":
            windows.ask_for_keys()
        else:
            windows.open_dialer()

    # --- what the tray asks for ------------------------------------------------------

    def open_dialer(self) -> None:
        """Show the dialer pane."""
        if self._windows is not None:
            self._windows.open_dialer()

    def recent_calls(self) -> Sequence[RecentCall]:
        """The latest calls."""
        services = self._services
        if services is None:
            return ()
        from screenpop.services.call_history import LogFilter

        return tuple(
            RecentCall(
                ref=entry.ref,
                title=entry.name or entry.number_text or tr("Number withheld"),
                direction=entry.direction,
                started_at=entry.started_at,
                is_missed=entry.is_missed and entry.needs_call_back,
            )
            for entry in services.history.search_now(LogFilter(), limit=5)
        )

    def show_call(self, ref: CallRef) -> None:
        """Show that call again: its card while it is remembered, else the log."""
        if not self._stack.recall(ref):
            self._open_windows.open_call(ref)

    def show_last_card(self) -> None:
        """Bring the last card back."""
        if self.cards is not None:
            self.cards.recall_last()

    def has_last_card(self) -> bool:
        """Whether there is a card to go to."""
        return self.cards is not None and bool(self.cards.recent())

    def are_cards_moved(self) -> bool:
        """Whether the user has put the cards somewhere else than in their corner."""
        return self.cards is not None and self.cards.layout.is_moved

    def move_cards_back(self) -> None:
        """Let the cards come up in their corner again."""
        if self.cards is not None:
            self.cards.layout.move_back()

    def focus_card(self) -> None:
        """Give the last card the keyboard, bringing it back first if it is gone."""
        if self.cards is not None:
            self.cards.focus_card()

    def card_place(self) -> QRect:
        """Where the first card stands or would stand."""
        return self.cards.home() if self.cards is not None else QRect()

    def show_notice(self, notice: UserNotice) -> None:
        """Show the whole of a notice, where something can be done about it."""
        if self._windows is None:
            return
        if notice.key in (_DIGEST, CALL_BACK_NOTICE):
            self._windows.open_missed_calls()
        elif notice.key == _TEXT_MESSAGE:
            self._windows.open_messages()
        elif notice.key == _UPDATE:
            self._windows.settings.open_page("updates")
        else:
            self._windows.show_notice(notice)

    def open_missed_calls(self) -> None:
        """Show the missed calls that nobody has called back."""
        if self._windows is not None:
            self._windows.open_missed_calls()

    def open_call_log(self) -> None:
        """Show the call log."""
        if self._windows is not None:
            self._windows.open_call_log()

    def has_voicemail(self) -> bool:
        """Whether any phone system keeps messages."""
        return self._services is not None and self._services.lists.has_voicemail

    def open_voicemail(self) -> None:
        """Show the messages that callers left."""
        if self._windows is not None:
            self._windows.open_voicemail()

    def quiet_for(self, minutes: int) -> None:
        """No cards for that long."""
        if self._services is not None:
            self._be_quiet(self._services.clock() + timedelta(minutes=minutes))

    def quiet_until_tomorrow(self) -> None:
        """No cards until tomorrow morning."""
        if self._services is not None:
            morning = self._services.clock().astimezone() + timedelta(days=1)
            self._be_quiet(
                morning.replace(hour=TOMORROW_HOUR, minute=0, second=0, microsecond=0)
            )

    def quiet_for_good(self) -> None:
        """No cards until the user says otherwise."""
        from screenpop.services.quietness import FOR_GOOD

        self._be_quiet(FOR_GOOD)

    def end_quiet(self) -> None:
        """Cards again."""
        self._be_quiet(None)

    def open_account(self, account_id: str) -> None:
        """Show that account's settings."""
        if self._windows is not None:
            self._windows.open_settings(account_id)

    def open_settings(self) -> None:
        """Show the settings."""
        if self._windows is not None:
            self._windows.open_settings()

    def open_quiet(self) -> None:
        """Show when it is quiet, in the settings."""
        if self._windows is not None:
            self._windows.settings.open_page("quiet")

    def update_version(self) -> str:
        """The version that waits to be put in place; "" for none."""
        return self._services.updates.ready_version if self._services else ""

    def open_updates(self) -> None:
        """Show how updates stand, in the settings."""
        if self._windows is not None:
            self._windows.settings.open_page("updates")

    def quit(self) -> None:
        """End the program."""
        if self._services is not None:
            self._services.request_quit()
        self._quit_early = True

    def _be_quiet(self, until: datetime | None) -> None:
        services = self._services
        if services is None:
            return
        services.around.quiet.set_until(until)
        # It holds after a restart, too.
        kept = until.isoformat(timespec="seconds") if until else ""
        self.tasks.start(services.preferences.set("ui.quiet_until", kept), slot="quiet")

    def reveal(self, ref: CallRef) -> None:
        """Show who it is on a card whose name is hidden."""
        if self._around is not None:
            self._around.reveal(ref)

    def take_link(self, link: str) -> None:
        """Somebody clicked a telephone link: it is asked about, as from the command."""
        from screenpop.domain.dialing import DialOrigin
        from screenpop.domain.errors import UsageError
        from screenpop.services.dialer import DialOrder

        if self._services is None:
            return
        try:
            self._services.dialer.request(DialOrder(text=link, origin=DialOrigin.LINK))
        except UsageError as error:
            self.show_error(error)

    # --- opening things --------------------------------------------------------------

    def open_url(self, url: str) -> bool:
        """Open a checked address in the browser; whether it was opened."""
        from screenpop.domain.links import openable

        services = self._services
        hosts = services.settings.card.link_hosts if services else ()
        address = openable(url, hosts)
        return bool(address) and QDesktopServices.openUrl(QUrl(address))

    def open_file(self, path: Path) -> bool:
        """Open a file of ours in the system's program for it; whether it was."""
        return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))

    # --- what the services tell ------------------------------------------------------

    def _apply_settings(self) -> None:
        if self._services is None:
            return
        from screenpop.ui.popup.stack_layout import StackSettings

        settings = self._services.settings
        if self.theme.choice != settings.ui.theme:
            self.theme.set_choice(settings.ui.theme)
        count = len(settings.accounts)
        self._stack.change_settings(
            StackSettings.of(settings.card, account_count=count)
        )

    def _account_changed(self, state: AccountState) -> None:
        self.tray.set_account(state)
        self._open_windows.account_changed(state)

    def _show_dial(self, progress: DialProgress) -> None:
        self._stack.show_dial(progress)
        self._open_windows.show_dial(progress)

    def _messages_changed(self, change: VoicemailChanged) -> None:
        self.tray.set_messages(change.new_count)
        if change.account_id:
            self._open_windows.voicemail_changed(change.account_id)

    def _log_changed(self, ref: CallRef) -> None:
        self._stack.notes_changed()
        self._open_windows.log_changed(ref)

    def _forget(self, account_id: str) -> None:
        self.tray.remove_account(account_id)

    def _notify(self, notice: UserNotice) -> None:
        self.tray.notify(notice)

    def _open_record(self, wanted: RecordWanted) -> None:
        from screenpop.services.events import NoticeLevel, UserNotice
        from screenpop.ui.opening import open_address, run_program

        if wanted.argv:
            is_open = run_program(wanted.argv)
            title = tr("The program for calls could not be started")
        else:
            is_open = open_address(wanted.url)
            title = tr("The record of a caller could not be opened")
        if not is_open:
            advice = tr("Look at Settings → Opening records.")
            notice = UserNotice(NoticeLevel.WARNING, title, advice, "open-record")
            self._notify(notice)

    def _show_digest(self, digest: DigestReady) -> None:
        from screenpop.services.events import NoticeLevel, UserNotice

        title = tr("While you were away")
        total = digest.missed + digest.answered + digest.others
        if digest.missed:
            text = tr_count(
                "{count} missed call to call back",
                "{count} missed calls to call back",
                digest.missed,
            )
        else:
            text = tr_count(
                "{count} call, none missed", "{count} calls, none missed", total
            )
        self._notify(UserNotice(NoticeLevel.INFO, title, text, _DIGEST))

    def _remind(self, ref: CallRef) -> None:
        """A call back that was promised is due: its card comes back, and a notice."""
        from screenpop.services.events import NoticeLevel, UserNotice

        services = self._services
        details = services.history.details_now(ref) if services else None
        if services is None or details is None:
            return
        entry = details.entry
        if not services.screen_pop.is_quiet:
            self._stack.recall(ref)
        who = entry.name or entry.number_text or tr("Number withheld")
        title = tr("Call back now: {name}", name=who)
        text = tr("You promised it for this time.")
        self._notify(UserNotice(NoticeLevel.INFO, title, text, CALL_BACK_NOTICE))

    def show_error(self, error: Exception) -> None:
        """Tell the user of an error."""
        from screenpop.ui.error_presenter import trouble_of

        self._show_trouble(trouble_of(error))

    def _show_trouble(self, trouble: Trouble) -> None:
        from screenpop.services.events import NoticeLevel, UserNotice

        self._notify(UserNotice(NoticeLevel.WARNING, trouble.title, trouble.advice))

    def _show_tray_window(self) -> None:
        from screenpop.ui.tray_window import TrayWindow

        if self._tray_window is None:
            self._tray_window = TrayWindow(self.theme, self.tray, self)
            self._tray_window.stand_aside(self.card_place())
        self._tray_window.show()

    def _hide_tray_window(self) -> None:
        if self._tray_window is not None:
            self._tray_window.hide()
            self._tray_window.deleteLater()
            self._tray_window = None
