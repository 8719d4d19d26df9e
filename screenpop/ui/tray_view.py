"""What the tray tells: state, tool tip and menu texts, decided without any window."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.time_text import ago_text, clock_text, day_text
from screenpop.ui.wording import listed, marked, tr, tr_count, tr_marked

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.domain.events import Direction
    from screenpop.services.events import AccountState, SourceState, UserNotice
    from screenpop.services.quietness import Quiet

RECENT_SHOWN: Final = 5
ACCOUNTS_SHOWN: Final = 8
NOTICES_KEPT: Final = 5
_LONGEST_TEXT: Final = 60
_LONGEST_NAME: Final = 40
# Of a quiet without end: Quietness.FOR_GOOD, whose module may not be loaded yet.
_NEVER_YEAR: Final = 9999


class TrayState(Enum):
    """What the icon says by its shape, from the most pressing to the calmest."""

    NEEDS_KEY = "needs_key"
    BROKEN = "broken"
    RECONNECTING = "reconnecting"
    QUIET = "quiet"
    POLLING = "polling"
    WAITING = "waiting"
    STARTING = "starting"
    LIVE = "live"
    EMPTY = "empty"


def _state_of(state: SourceState) -> TrayState:
    """What an account in that state asks the icon to say; never asked of OFF."""
    from screenpop.services.events import SourceState

    return {
        SourceState.NEEDS_KEY: TrayState.NEEDS_KEY,
        SourceState.REFUSED: TrayState.BROKEN,
        SourceState.BROKEN: TrayState.BROKEN,
        SourceState.RECONNECTING: TrayState.RECONNECTING,
        SourceState.WAITING: TrayState.WAITING,
        SourceState.POLLING: TrayState.POLLING,
        SourceState.STARTING: TrayState.STARTING,
        SourceState.LIVE: TrayState.LIVE,
    }[state]


@frozen(kw_only=True)
class RecentCall:
    """A call as the tray's menu lists it.

    Attributes:
        title: The name, else the number, else that it was withheld.
    """

    ref: CallRef
    title: str
    direction: Direction
    started_at: datetime
    is_missed: bool = False


@dataclass(slots=True)
class TrayView:
    """What is known, and what follows for the tray.

    Attributes:
        accounts: By account id, in the order in which they became known.
        missed_count: Missed calls that nobody has called back.
        message_count: Messages that came since somebody looked at them.
        quiet: How quiet it is and why; None when it is not.
        notices: What the user has not looked at yet, by key, the latest last.
    """

    accounts: dict[str, AccountState] = field(default_factory=dict)
    missed_count: int = 0
    message_count: int = 0
    quiet: Quiet | None = None
    notices: dict[str, UserNotice] = field(default_factory=dict)

    def keep_notice(self, notice: UserNotice) -> None:
        """Hold on to it until somebody has looked; it replaces one of the same key."""
        key = notice.key or notice.title
        self.notices.pop(key, None)
        self.notices[key] = notice
        while len(self.notices) > NOTICES_KEPT:
            del self.notices[next(iter(self.notices))]

    def drop_notice(self, notice: UserNotice) -> None:
        """Somebody has looked at it."""
        self.notices.pop(notice.key or notice.title, None)

    def notice_lines(self) -> tuple[tuple[UserNotice, str], ...]:
        """Each notice that waits, the latest first, and its line of the menu."""
        latest_first = reversed(self.notices.values())
        return tuple((one, plain(one.title, _LONGEST_TEXT)) for one in latest_first)

    def state(self) -> TrayState:
        """The most pressing state of all accounts, quiet included."""
        states = {_state_of(account.state) for account in self._active()}
        if self.quiet is not None and self.quiet.level == "tray":
            states.add(TrayState.QUIET)
        return next((state for state in TrayState if state in states), TrayState.EMPTY)

    def tooltip(self, now: datetime) -> str:
        """One line of ours alone: some desktops read markup in it."""
        missed = messages = ""
        if self.missed_count:
            missed = tr_count(
                "{count} missed call", "{count} missed calls", self.missed_count
            )
        if self.message_count:
            messages = tr_count(
                "{count} new message", "{count} new messages", self.message_count
            )
        hushed = self.hushed_text(now) if self._active() else ""
        parts = (self._status(now), hushed, missed, messages)
        return tr("screenpop: {status}", status=listed(parts))

    def account_lines(self) -> tuple[tuple[str, str], ...]:
        """Each account's id and what to say of it."""
        accounts = list(self.accounts.values())[:ACCOUNTS_SHOWN]
        return tuple((one.account_id, _account_text(one)) for one in accounts)

    def missed_text(self) -> str:
        """The menu's entry for missed calls."""
        if not self.missed_count:
            return tr("Missed calls")
        return tr("Missed calls ({count})", count=self.missed_count)

    def voicemail_text(self) -> str:
        """The menu's entry for messages."""
        if not self.message_count:
            return tr("Voicemail")
        return tr("Voicemail ({count} new)", count=self.message_count)

    def quiet_line(self, now: datetime) -> str:
        """The menu's line about a quiet; only asked while there is one."""
        text = self.hushed_text(now)
        if not text and self.quiet is not None:
            text = quiet_text(self.quiet, now)
        return text[:1].upper() + text[1:]

    def hushed_text(self, now: datetime) -> str:
        """What is so while cards are shown, but not as usual; "" otherwise."""
        if self.quiet is None or self.quiet.level == "tray":
            return ""
        return quiet_text(self.quiet, now)

    def _active(self) -> tuple[AccountState, ...]:
        if not self.accounts:
            # As at every start, when the services are not imported yet.
            return ()
        from screenpop.services.events import SourceState

        accounts = self.accounts.values()
        return tuple(one for one in accounts if one.state is not SourceState.OFF)

    def _status(self, now: datetime) -> str:
        active = self._active()
        if not active:
            return tr("no account is set up yet")
        if self.quiet is not None and self.quiet.level == "tray":
            return quiet_text(self.quiet, now)
        live = sum(_state_of(account.state) is TrayState.LIVE for account in active)
        if live == len(active):
            return tr_count(
                "listening on {count} account", "listening on {count} accounts", live
            )
        if live:
            return tr(
                "listening on {live} of {count} accounts", live=live, count=len(active)
            )
        return tr_marked(_STATUS[self.state()])


_STATUS: Final = {
    TrayState.NEEDS_KEY: marked("an account needs its key"),
    TrayState.BROKEN: marked("no calls are received"),
    TrayState.RECONNECTING: marked("reconnecting"),
    TrayState.POLLING: marked("calls are seen only after they end"),
    TrayState.WAITING: marked("waiting for the first call"),
    TrayState.STARTING: marked("connecting"),
    TrayState.EMPTY: marked("no account is set up yet"),
}


def _account_text(account: AccountState) -> str:
    label = plain(account.label or account.account_id, _LONGEST_TEXT)
    state = plain(account.headline, _LONGEST_TEXT)
    if state.startswith(label):
        # Named after its vendor, as most are, and the vendor is what this is about.
        return state
    return tr("{account}: {state}", account=label, state=state)


def quiet_text(quiet: Quiet, now: datetime) -> str:
    """What is not shown or said, and until when or why."""
    if quiet.until is not None and quiet.until.year == _NEVER_YEAR:
        return tr("quiet until you end it")
    sentences = _QUIET[quiet.level]
    if quiet.until is not None:
        return tr_marked(sentences["until"], time=until_text(quiet.until, now))
    return tr_marked(
        sentences["sharing" if quiet.reason == "sharing" else "focus_mode"]
    )


_QUIET: Final = {
    "tray": {
        "until": marked("quiet until {time}"),
        "focus_mode": marked("quiet while do not disturb is on"),
        "sharing": marked("quiet while the screen is shared"),
    },
    "name": {
        "until": marked("names hidden until {time}"),
        "focus_mode": marked("names hidden while do not disturb is on"),
        "sharing": marked("names hidden while the screen is shared"),
    },
    "silent": {
        "until": marked("no sound until {time}"),
        "focus_mode": marked("no sound while do not disturb is on"),
        "sharing": marked("no sound while the screen is shared"),
    },
}


def until_text(moment: datetime, now: datetime) -> str:
    """A moment to come: the time of day, with the day unless it is today."""
    here, today = moment.astimezone(), now.astimezone()
    time = clock_text(moment)
    if here.date() == today.date():
        return time
    if here.date() == today.date() + timedelta(days=1):
        return tr("tomorrow, {time}", time=time)
    return tr("{day}, {time}", day=day_text(moment, now), time=time)


def recent_text(call: RecentCall, now: datetime) -> str:
    """A recent call as one line of the menu."""
    title = plain(call.title, _LONGEST_NAME)
    return tr("{name}, {when}", name=title, when=ago_text(call.started_at, now))


def recent_icon(call: RecentCall) -> str:
    """The name of its icon."""
    if call.is_missed:
        return "phone-missed"
    from screenpop.domain.events import Direction

    return "phone-out" if call.direction is Direction.OUTBOUND else "phone-in"
