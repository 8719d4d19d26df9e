"""Build all services of one running desktop in order; stop them in reverse."""

from __future__ import annotations

import asyncio
import logging
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from screenpop.config.settings import system_region
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.calls import CallRef, CallState
from screenpop.listener import Limits, ListenerThread, host_of_url
from screenpop.providers.protocol import SupportsWebhook
from screenpop.services import late_parts
from screenpop.services.account_views import AccountViews
from screenpop.services.around_desk import AroundDesk
from screenpop.services.bus import Bus
from screenpop.services.call_backs import is_call_back
from screenpop.services.call_history import CallHistory
from screenpop.services.call_memory import StoredCallMemory
from screenpop.services.call_monitor import CallMonitor
from screenpop.services.call_tracker import CallChanged, CallTracker
from screenpop.services.callback_url import callback_url
from screenpop.services.caller_desk import CallerDesk
from screenpop.services.caller_lookup import CallerLookup, known_locally
from screenpop.services.clock import Clock, utc_now
from screenpop.services.connections import Connection, Connections
from screenpop.services.control import ControlDesk
from screenpop.services.dial_correlation import DialBook
from screenpop.services.dialer import Dialer
from screenpop.services.digest import Digest
from screenpop.services.events import (
    AccountRemoved,
    AccountStateChanged,
    CallBackPromised,
    CallLogChanged,
    ComputerResumed,
    ContactsChanged,
    NoticeLevel,
    PopRequested,
    PopUpdated,
    SettingsChanged,
    SourceState,
    UserNotice,
)
from screenpop.services.file_news import file_news
from screenpop.services.hook_doors import HookDoors
from screenpop.services.inbox import Inbox
from screenpop.services.intake import WebhookIntake
from screenpop.services.latency import LatencyMeter
from screenpop.services.line_book import LineBook
from screenpop.services.policy_watch import PolicyWatch
from screenpop.services.resume import ResumeWatch
from screenpop.services.screen_pop import ScreenPop
from screenpop.services.source_desk import SourceDesk
from screenpop.services.store_news import StoreNews
from screenpop.services.supervisor import Supervisor
from screenpop.services.team_door import TeamDoor
from screenpop.services.update_watch import UpdateWatch
from screenpop.services.upkeep import Upkeep
from screenpop.services.vendor_lists import VendorLists
from screenpop.store.call_log import CallLog
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from screenpop.store.dials import Dials
from screenpop.store.journal import Journal
from screenpop.store.lost_sources import forget_source
from screenpop.wording import tr

if TYPE_CHECKING:
    from concurrent.futures import Future

    from screenpop.config.paths import Paths
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import LoadedSettings
    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.accounts import Accounts
    from screenpop.services.call_back_reminders import CallBackReminders
    from screenpop.services.call_notes import CallNotes
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.dial_desk import DialDesk
    from screenpop.services.events import AccountState
    from screenpop.services.preferences import Preferences
    from screenpop.services.team.joining import TeamMembership

_log = logging.getLogger(__name__)

_REACHED: Final = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)
LARGEST_WEBHOOK: Final = 1024 * 1024


class Application:
    """One running desktop without its windows.

    Attributes:
        quit_requested: Set when somebody asked the program to end.
        is_restart_wanted: It is to be started again when it has ended.
        has_windows: Whether there is somebody to ask; set by whoever shows windows.
    """

    def __init__(
        self,
        paths: Paths,
        *,
        secrets: SecretStore,
        clock: Clock = utc_now,
        loaded: LoadedSettings | None = None,
    ) -> None:
        """Build everything; nothing runs before ``start``.

        Raises:
            StoreError: The database cannot be opened.
        """
        paths.ensure()
        self.paths = paths
        self.clock = clock
        self.quit_requested = asyncio.Event()
        self.is_restart_wanted = False
        self.has_windows = False
        self._file = SettingsFile(
            paths.config_file,
            paths.site_config_files,
            paths.policy,
            paths.policy_memory_file,
        )
        self.loaded = loaded or self._file.load()
        self.settings: Settings = self.loaded.settings.with_region(system_region())
        self.region = self.settings.region
        self._language = self.settings.language
        self.bus = Bus()
        self.supervisor = Supervisor()
        self.database = Database(paths.database_file)
        self.journal = Journal(self.database)
        self.call_log = CallLog(self.database)
        self.dials = Dials(self.database)
        self.local_contacts = LocalContacts(self.database)
        self.connections = Connections(secrets)
        self.lines = LineBook()
        self.views = AccountViews(
            self.connections, self.lines, lambda: self.settings, clock
        )
        self._secrets = secrets
        self.source_desk = SourceDesk(self, file=self._file, secrets=secrets)
        self.callers = CallerDesk(self)
        self._doors = HookDoors(self)
        self.around = AroundDesk(self)
        self.policy = PolicyWatch(self)
        self.upkeep = Upkeep(self)
        self.updates = UpdateWatch(self)
        self._build_calls()
        self._build_people()
        self._build_sources()

    def _build_calls(self) -> None:
        self.dial_book = DialBook(self.region)
        self.tracker = CallTracker(
            log=self.call_log,
            accounts=self.connections.tracked,
            dials=self.dial_book,
            bus=self.bus,
            supervisor=self.supervisor,
            clock=self.clock,
        )
        self.dialer = Dialer(
            dials=self.dials,
            book=self.dial_book,
            accounts=self.views.dial_accounts,
            rules=self.views.dial_rules,
            region=self.region,
            bus=self.bus,
            clock=self.clock,
            who=self.known,
            asked_not=self.callers.said.asked_not_to_be_called,
        )
        self.history = CallHistory(
            log=self.call_log,
            settings=self.views.log_setting,
            bus=self.bus,
            supervisor=self.supervisor,
            clock=self.clock,
            who=self.known,
            keep_note=self._keep_note,
            team_mark=self.callers.said.team_mark_of,
        )

    def _build_people(self) -> None:
        self.lookup = CallerLookup(
            self.local_contacts,
            self.connections,
            self.settings.lookup,
            self.region,
            further=self.source_desk.live,
            said=self.callers.said,
            failed=self.source_desk.tell_refused,
            now=self.clock,
        )
        self.screen_pop = ScreenPop(
            lookup=self.lookup,
            memory=StoredCallMemory(
                self.call_log, self.clock, self._keep_note, self._keep_disposition
            ),
            said=self.callers.said,
            settings=self.views.card_setting,
            rules=self.around.pop_rules,
            bus=self.bus,
            supervisor=self.supervisor,
            clock=self.clock,
        )

    def _build_sources(self) -> None:
        self.inbox = Inbox(self.journal)
        self.resume = ResumeWatch(resumed=self._note_resume, moved=self._note_move)
        self.latency = LatencyMeter(self.bus)
        self.monitor = CallMonitor(
            inbox=self.inbox,
            deliver=self.tracker.deliver_many,
            callback_url=self.callback_url,
            bus=self.bus,
            supervisor=self.supervisor,
            clock=self.clock,
            on_turn=self.resume.look,
        )
        self.team = TeamDoor(self, self._secrets, self._doors.take_relayed)
        self.digest = Digest(self.call_log, self.bus, self.clock)
        taker = self.connections.taker()
        intake = WebhookIntake(
            self.inbox,
            self.views.answerer,
            self._doors.deliver,
            taker,
            news=StoreNews(self.bus),
        )
        listener = self.settings.listener
        self._listens_at = (listener.host, listener.port)
        self.listener = ListenerThread(
            *self._listens_at,
            intake=intake,
            allowed_hosts=(host_of_url(listener.public_url),),
            limits=Limits(body_bytes=LARGEST_WEBHOOK),
        )
        self.control = ControlDesk(self)
        self.lists = VendorLists(self)
        self.bus.subscribe(CallChanged, self._note_change)
        self.bus.subscribe(PopRequested, lambda e: self.callers.note_card(e.card))
        self.bus.subscribe(PopUpdated, lambda e: self.callers.note_card(e.card))
        self.bus.subscribe(AccountStateChanged, self._note_state)
        self.bus.subscribe(AccountRemoved, self._note_removal)
        self.bus.subscribe(CallBackPromised, lambda _: self.reminders.wake())

    # --- not there before somebody asks for them -------------------------------------

    @cached_property
    def contacts(self) -> ContactBook:
        """The contacts on this computer and of phone systems, to look at and change."""
        return late_parts.contact_book(self)

    @cached_property
    def dial_desk(self) -> DialDesk:
        """What the dialer shows and suggests."""
        return late_parts.dial_desk(self)

    @cached_property
    def accounts(self) -> Accounts:
        """The accounts at phone systems, to add, mend and remove."""
        return late_parts.accounts(self, self._file, self._secrets)

    @cached_property
    def preferences(self) -> Preferences:
        """The settings, to change."""
        return late_parts.preferences(self, self._file)

    @cached_property
    def membership(self) -> TeamMembership:
        """This computer's place in a team, to join and to leave."""
        return late_parts.membership(self, self._file, self._secrets)

    @cached_property
    def call_notes(self) -> CallNotes:
        """Notes on calls, once the first is written or waits."""
        return late_parts.call_notes(self)

    @cached_property
    def reminders(self) -> CallBackReminders:
        """Tells of calls back whose time has come, once one has a time."""
        return late_parts.reminders(self)

    # --- life ------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up what was left, then open the doors."""
        self._tell_about_files()
        await self.connections.apply(self.settings)
        await self.dialer.restore()
        self.digest.begin()
        self.tracker.restore(
            CallRef(row.account_id, row.call_id) for row in self.call_log.open_calls()
        )
        self._doors.take_up(self.journal.pending())
        if self.call_log.has_waiting_notes():
            self.call_notes.take_up()
        if self.call_log.has_due_promises():
            self.reminders.wake()
        await self.control.start()
        self.resume.start()
        await self.source_desk.open(self.settings)
        self.supervisor.start("open accounts", self._doors.open_accounts())
        self.upkeep.tidy()
        self.around.start()
        self.policy.start()
        self.updates.start()

    async def stop(self) -> None:
        """Close the doors, finish what is in hand, let go of everything."""
        self.resume.stop()
        self.policy.stop()
        self.updates.stop()
        await self.around.stop()
        await self.control.stop()
        await asyncio.to_thread(self.listener.stop)
        await self.monitor.stop()
        await self.team.stop()
        await self.tracker.stop()
        await self.supervisor.stop()
        await self.lists.close()
        await self.connections.aclose()
        await self.source_desk.aclose()
        await asyncio.to_thread(self.database.close)

    def request_quit(self) -> None:
        """Ask the program to end; safe to call twice."""
        self.quit_requested.set()

    def request_restart(self) -> None:
        """Ask the program to end and to be started again."""
        self.is_restart_wanted = True
        self.request_quit()

    def reload(self) -> Settings:
        """Read the settings again and bring the accounts in line."""
        self.loaded = self._file.load()
        self.settings = self.loaded.settings.with_region(system_region())
        self.supervisor.start("apply settings", self._apply_settings())
        self.bus.publish(SettingsChanged())
        return self.settings

    async def _apply_settings(self) -> None:
        listener = self.settings.listener
        self.listener.set_allowed_hosts((host_of_url(listener.public_url),))
        as_started = (listener.host, listener.port) == self._listens_at
        as_started &= self.settings.language == self._language
        if not as_started or self.settings.region != self.region:
            self.bus.publish(
                UserNotice(
                    NoticeLevel.INFO,
                    tr(
                        "The new language, country or listener address is used after a "
                        "restart"
                    ),
                    tr("Quit screenpop and start it again."),
                    "restart",
                )
            )
        await self.connections.apply(self.settings)
        await self.source_desk.open(self.settings)
        await self._doors.open_accounts()
        self.monitor.wake()

    def _tell_about_files(self) -> None:
        kept = self.database.recovered_from
        for notice in file_news(self.loaded, self.paths.config_file, kept):
            self.bus.publish(notice)

    # --- what services ask of each other ---------------------------------------------

    def states(self) -> tuple[AccountState, ...]:
        """How every account stands, whichever way its calls come."""
        return (*self.monitor.states(), *self.team.states())

    def callback_url(self, connection: Connection) -> str:
        """What the vendor is told to call; "" when it could not reach us."""
        port = self.listener.port if self.listener.is_running else 0
        return callback_url(connection, self.settings.listener, port)

    def _keep_note(self, ref: CallRef, text: str) -> Future[Any]:
        return self.call_notes.keep(ref, text)

    def _keep_disposition(self, ref: CallRef, disposition: str) -> Future[Any]:
        return self.call_notes.wrap_up(ref, disposition)

    def known(self, number: PhoneNumber) -> Contact | None:
        """The one contact on this computer with a number, unless it is private."""
        if self.callers.said.is_private(number):
            return None
        return known_locally(self.local_contacts, number)

    def note_contacts(self, numbers: tuple[PhoneNumber, ...]) -> None:
        """These numbers may be somebody else's now; with none given, any may."""
        for number in numbers:
            self.lookup.forget(number)
        if not numbers:
            self.lookup.forget_all()
        self._forget_favourites()
        self.bus.publish(ContactsChanged(frozenset(each.key for each in numbers)))

    def note_mark(self, number: PhoneNumber) -> None:
        """A number was marked as spam or private, or is so no longer."""
        self.callers.said.note_mark(number)
        self.note_contacts((number,))
        self.history.recount()

    def note_forgotten(self, number: PhoneNumber) -> None:
        """What is gone from the disk must not live on in memory."""
        self.tracker.forget_ended()
        self.screen_pop.forget(number)
        self._forget_favourites()
        self.history.recount()

    def _forget_favourites(self) -> None:
        if "dial_desk" in vars(self):  # else nobody has read them
            self.dial_desk.forget_favourites()

    def _note_resume(self, _seconds: float) -> None:
        # Nothing to restore: it has the calls that fell silent looked at in time.
        self.tracker.restore(())
        self._look_again(tr("The computer was asleep"))
        self.bus.publish(ComputerResumed())

    def _note_move(self) -> None:
        self._look_again(tr("The network changed"))

    def _look_again(self, headline: str) -> None:
        self.policy.look()
        self.monitor.look_again(headline)
        self.team.look_again(headline)
        self.source_desk.look_again()

    def _note_change(self, change: CallChanged) -> None:
        self.resume.look()
        self.policy.look()
        call = change.call
        if is_call_back(call) and not is_call_back(change.before):
            # It has no line of its own in the log, but may settle a missed call's.
            self.bus.publish(CallLogChanged(call.ref))
        self.monitor.heard_from(call.ref.account_id, change.newest.received_at)
        self.team.heard_from(call.ref.account_id, change.newest.received_at)
        self.upkeep.look(is_quiet=call.state is CallState.ENDED)
        if call.is_end_inferred and change.before is not None:
            connection = self.connections.find(call.ref.account_id)
            if connection is not None and change.before.state is not CallState.ENDED:
                self.supervisor.start(
                    "ask about a silent call",
                    self.monitor.fetch_call(connection, call.ref.call_id),
                )

    def _note_state(self, event: AccountStateChanged) -> None:
        """Sum up what the time away brought, once every account has been looked at.

        Away is the time before the start, and that without a phone system.
        """
        connection = self.connections.find(event.state.account_id)
        if connection is not None and event.state.state in _REACHED:
            self.supervisor.start("learn lines", self.lines.learn(connection))
            is_hooked = connection.able(SupportsWebhook) is not None
            is_hooked &= not connection.is_relayed
            if is_hooked and connection.hook_token is None:
                self.supervisor.start(
                    "open late", self._doors.open_late(connection.account_id)
                )
        states = {known.state for known in self.states()}
        if SourceState.RECONNECTING in states and not self.digest.is_collecting:
            self.digest.begin()
        is_back = states.isdisjoint((SourceState.STARTING, SourceState.RECONNECTING))
        if states and is_back and self.digest.is_collecting:
            self.supervisor.start("sum up", self._sum_up())

    def _note_removal(self, event: AccountRemoved) -> None:
        """With an account goes the copy of its contacts, and what was said of them."""

        async def drop() -> None:
            local = self.local_contacts
            await asyncio.to_thread(forget_source, local, event.account_id)

        self.supervisor.start("drop contacts", drop())
        self._doors.forget(event.account_id)

    async def _sum_up(self) -> None:
        await self.tracker.settled()
        self.digest.finish()
