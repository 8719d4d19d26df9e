"""What the services tell the rest of the program; each says when it is published."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.line_look import PLAIN_LINE, LineLook

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.domain.cdr import CallOutcome
    from screenpop.domain.contacts import ContactMatch
    from screenpop.domain.dialing import FlowSpeech
    from screenpop.domain.events import Direction
    from screenpop.providers.abilities import News


class CardPhase(StrEnum):
    """What a card stands for right now.

    ELSEWHERE: it left our phone and rings at a colleague's. LOST: its end was never
    told. WRAP_UP: it is over, and the user is asked what it came to.
    """

    RINGING = "ringing"
    DIALLING = "dialling"
    CONNECTED = "connected"
    ELSEWHERE = "elsewhere"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    MISSED = "missed"
    DECLINED = "declined"
    LOST = "lost"
    WRAP_UP = "wrap_up"
    ENDED = "ended"


@frozen
class LastTalk:
    """The latest earlier call with the same party.

    Attributes:
        by: Who of ours talked; "" when unknown.
        note: What was written down then; may be "".
    """

    at: datetime
    direction: Direction
    outcome: CallOutcome
    by: str = ""
    note: str = ""


@frozen(kw_only=True)
class EarlierCall:
    """One of the latest calls with a party.

    Attributes:
        ref: None for a call of a colleague, which is not in the log.
        by: Who of ours talked; "" when unknown.
        talk_seconds: None when nobody talked or it is not known.
    """

    ref: CallRef | None
    at: datetime
    direction: Direction
    outcome: CallOutcome
    by: str = ""
    note: str = ""
    talk_seconds: float | None = None


@frozen
class CallerContext:
    """What we know of earlier calls with the party.

    Attributes:
        missed_count: Missed calls of theirs that nobody has called back.
        promised_at: When we promised to call them back, if nobody has since.
        due_at: For when we promised it; None for no set time.
    """

    last_talk: LastTalk | None = None
    missed_count: int = 0
    call_count: int = 0
    promised_at: datetime | None = None
    due_at: datetime | None = None


NO_CONTEXT: Final = CallerContext()


@frozen(kw_only=True)
class DeliveryReceipt:
    """How long the news of a call took, step by step.

    Attributes:
        occurred_at: By the vendor's clock.
        received_at: When our side had it.
        published_at: When the services handed it to whoever paints.
    """

    occurred_at: datetime
    received_at: datetime
    published_at: datetime


@frozen(kw_only=True)
class CallCard:
    """Everything a card shows of one call. All texts are foreign: show as plain text.

    Attributes:
        number_text: The number as people write it here; "" when withheld.
        number_e164: Canonical, to copy and to dial; "" when there is none.
        place: The code of the number's country; "" when unknown.
        area: The state or city of the number, in English, when nobody is known.
        caller_name: What the network or the vendor calls the party; may be "".
        matches: Who it may be, best first; empty while unknown.
        chosen: The match that is shown; None when there is none or several are equal.
        is_lookup_pending: Sources are still being asked.
        silent: The names of sources that were asked and gave no answer.
        line_text: Which of our lines or queues; "" when not told.
        account_label: Which account; shown when there are several.
        phase_since: When the present phase began, by our clock (for a running timer).
        answered_by: Who took it, when somebody else did.
        dial_id: The click-to-dial it belongs to; "" for others.
        record_url: The page that a click may open; "" for none.
        mark: "spam" or "private", as the user marked the number; "" for neither.
        outcome: How it ended; None while it goes on or nobody knows.
        look: How its line is shown.
        dispositions: What it can come to; empty where nobody is asked.
        disposition: What it came to, by the user's word; "" for not said yet.
        spoken: When people of that name were last talked with on this number.
        is_veiled: What tells who it is was taken out, because others may look on.
    """

    ref: CallRef
    direction: Direction
    phase: CardPhase
    phase_since: datetime
    number_text: str
    number_e164: str = ""
    place: str = ""
    area: str = ""
    caller_name: str = ""
    is_withheld: bool = False
    is_internal: bool = False
    matches: tuple[ContactMatch, ...] = ()
    chosen: ContactMatch | None = None
    is_lookup_pending: bool = False
    silent: tuple[str, ...] = ()
    line_text: str = ""
    account_label: str = ""
    context: CallerContext = NO_CONTEXT
    answered_by: str = ""
    is_end_inferred: bool = False
    note: str = ""
    dial_id: str = ""
    record_url: str = ""
    receipt: DeliveryReceipt | None = None
    mark: str = ""
    outcome: CallOutcome | None = None
    look: LineLook = PLAIN_LINE
    dispositions: tuple[str, ...] = ()
    disposition: str = ""
    spoken: tuple[tuple[str, datetime], ...] = ()
    is_veiled: bool = False

    @property
    def title(self) -> str:
        """The largest text: the name, else the number, else that it is withheld."""
        if self.chosen and self.chosen.contact.display_name:
            return self.chosen.contact.display_name
        return self.caller_name or self.number_text

    @property
    def company(self) -> str:
        """The chosen contact's company, unless it already is the title."""
        if self.chosen is None or not self.chosen.contact.name:
            return ""
        return self.chosen.contact.company


@frozen
class PopRequested:
    """A card shall appear; published once per call and direction, ever."""

    card: CallCard


@frozen
class PopUpdated:
    """What a shown card shows has changed."""

    card: CallCard


@frozen
class PopDismissed:
    """A card's call is over; it may linger (typed in, pinned) by the window's rules.

    Attributes:
        linger_seconds: How long to leave it up when nobody touches it.
    """

    card: CallCard
    linger_seconds: float


@frozen
class WrapUpWanted:
    """A call that was answered here is over: ask what it came to.

    Attributes:
        seconds: How long to ask; 0 for until it is said or the card hidden.
    """

    card: CallCard
    seconds: float


@frozen
class RecordWanted:
    """A call's record shall be opened; published once for a call, or for a test.

    Attributes:
        url: The address, checked; "" for none.
        argv: A program and its arguments, for no shell; empty for none.
    """

    ref: CallRef
    url: str = ""
    argv: tuple[str, ...] = ()


@frozen
class CallLogChanged:
    """A call was added to the log or changed in it."""

    ref: CallRef


@frozen
class CallBackPromised:
    """A call back was promised for a set time."""


@frozen
class CallBackDue:
    """The time has come for which a call back was promised."""

    ref: CallRef


@frozen
class NewsArrived:
    """A delivery told something besides calls; it may be told again after a kill."""

    account_id: str
    received_at: datetime
    news: tuple[News, ...]


@frozen
class TextMessageArrived:
    """An account has a text message that it did not have before."""

    account_id: str


@frozen
class MissedChanged:
    """The number of missed calls that nobody has called back is now ``count``."""

    count: int


@frozen
class LostCallersChanged:
    """An account's list of callers to call back has changed here."""

    account_id: str


@frozen
class VoicemailChanged:
    """Messages were left, heard or deleted; ``new_count`` of them are new.

    Attributes:
        account_id: Whose list has changed at the phone system; "" for a change of ours.
    """

    account_id: str
    new_count: int


class SourceState(StrEnum):
    """How well an account's events reach us.

    WAITING is set up here and, for all that can be told, not yet at the vendor.
    """

    STARTING = "starting"
    LIVE = "live"
    WAITING = "waiting"
    POLLING = "polling"
    RECONNECTING = "reconnecting"
    NEEDS_KEY = "needs_key"
    REFUSED = "refused"
    BROKEN = "broken"
    OFF = "off"


@frozen(kw_only=True)
class AccountState:
    """What an account can do right now.

    Attributes:
        headline: One sentence for the tray, "Calls are seen only after they end".
        advice: What the user can do; may be "".
        last_event_at: When anything last came from it.
    """

    account_id: str
    label: str
    state: SourceState
    headline: str
    advice: str = ""
    last_event_at: datetime | None = None


@frozen
class AccountStateChanged:
    """An account's state is now this."""

    state: AccountState


@frozen
class AccountRemoved:
    """An account is no longer there."""

    account_id: str


@frozen
class SettingsChanged:
    """The settings were read anew; ask whoever holds them."""


class NoticeLevel(StrEnum):
    """How loud a notice is."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@frozen
class UserNotice:
    """Something the user should know; never a reason to take the focus.

    Attributes:
        key: Notices of the same key replace each other.
    """

    level: NoticeLevel
    title: str
    advice: str = ""
    key: str = ""


class DialState(StrEnum):
    """How far a click-to-dial has come."""

    INTENDED = "intended"
    SENDING = "sending"
    ACCEPTED = "accepted"
    OWN_PHONE_RINGS = "own_phone_rings"
    CALLING = "calling"
    CONNECTED = "connected"
    ENDED = "ended"
    FAILED = "failed"
    UNCLEAR = "unclear"
    CANCELLED = "cancelled"


@frozen(kw_only=True)
class DialProgress:
    """A dial has come this far.

    Attributes:
        text: One sentence: "Your phone is ringing: pick up".
        advice: What to do when it failed or is unclear.
        is_flow: The phone system speaks; no phone of ours rings.
    """

    dial_id: str
    state: DialState
    number_text: str
    name: str = ""
    text: str = ""
    advice: str = ""
    is_flow: bool = False


@frozen
class DialConfirmationNeeded:
    """Somebody (a link, a command) asks to dial; the user must say yes first.

    Attributes:
        reasons: Why it is asked, one sentence each.
        speech: What the phone system shall say; None for an ordinary call.
    """

    number_text: str
    number_raw: str
    account_id: str = ""
    origin: str = ""
    reasons: tuple[str, ...] = ()
    speech: FlowSpeech | None = None


@frozen
class WindowRequested:
    """A window shall be shown.

    Attributes:
        window: "dialer", "call_log", "voicemail", "settings" or "welcome".
    """

    window: str
    text: str = ""


@frozen
class ContactsChanged:
    """Some numbers may belong to somebody else now, or to somebody at last.

    Attributes:
        number_keys: ``PhoneNumber.key`` of each; empty when it may be any number.
    """

    number_keys: frozenset[str] = frozenset()

    def concerns(self, number_key: str) -> bool:
        """Whether that number's owner may have changed."""
        return not self.number_keys or number_key in self.number_keys


@frozen
class TeamChanged:
    """What the team shares has changed, as far as this desk has heard.

    Attributes:
        what: Some of "claims", "presence" and "rules".
    """

    what: frozenset[str]


@frozen
class ComputerResumed:
    """The computer slept: what was timed to happen meanwhile is late."""


@frozen
class DigestReady:
    """What happened while the app was away or asleep, instead of a burst of cards."""

    missed: int
    answered: int
    others: int
    since: datetime
