"""How an account is doing and what its vendor keeps for it, in words. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.number_format import format_number
from screenpop.domain.plain_text import plain
from screenpop.providers.protocol import DialFirst, SubscriptionChange
from screenpop.services.events import SourceState
from screenpop.ui.call_log.texts import when_text
from screenpop.ui.time_text import length_text
from screenpop.ui.wording import Marked, joined, listed, marked, tr, tr_count, tr_marked

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.protocol import (
        DialResource,
        LineHolder,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.services.events import AccountState

StateTone = Literal["soft", "good", "warn", "bad"]

_STATES: Final[dict[SourceState, tuple[str, StateTone]]] = {
    SourceState.STARTING: ("refresh", "soft"),
    SourceState.LIVE: ("check", "good"),
    SourceState.WAITING: ("later", "warn"),
    SourceState.POLLING: ("later", "warn"),
    SourceState.RECONNECTING: ("refresh", "warn"),
    SourceState.NEEDS_KEY: ("key", "bad"),
    SourceState.REFUSED: ("alert", "bad"),
    SourceState.BROKEN: ("alert", "bad"),
    SourceState.OFF: ("quiet", "soft"),
}


def state_icon(state: SourceState) -> str:
    """The icon of a state."""
    return _STATES[state][0]


def state_tone(state: SourceState) -> StateTone:
    """The tone of a state."""
    return _STATES[state][1]


def last_event_text(state: AccountState, now: datetime) -> str:
    """When anything last came from the phone system."""
    if state.last_event_at is None:
        return tr("Nothing has come from it since screenpop was started.")
    when = when_text(state.last_event_at, now)
    return tr("Last heard from: {when}.", when=when)


def user_choices(users: tuple[LineHolder, ...]) -> tuple[tuple[str, str], ...]:
    """Extension and text of everybody whose phone it may be."""
    return tuple(
        (user.extension, joined(plain(user.extension), plain(user.name)))
        for user in users
        if user.extension
    )


def caller_id_choices(user: LineHolder | None) -> tuple[tuple[str, str], ...]:
    """Number and text of what a user may show when calling."""
    usual = tr("The phone system's default")
    if user is None:
        return (("", usual),)
    own = user.caller_id
    if own is not None:
        usual = joined(usual, number_shown(own.number))
    rest = tuple(
        (each.number, joined(number_shown(each.number), plain(each.label)))
        for each in user.caller_ids
    )
    return (("", usual), *rest)


def number_shown(number: str) -> str:
    """A number as the vendor keeps it, with the spaces that people read it by."""
    return plain(format_number(number, ""))


def subscription_texts(each: Subscription, own_url: str) -> tuple[str, str]:
    """Title and details of a webhook registration."""
    is_ours = bool(own_url) and each.callback_url == own_url
    owner = tr("this computer") if is_ours else _host_of(each.callback_url)
    state = tr("on") if each.is_enabled else tr("switched off by the phone system")
    failed = ""
    if each.failed_count:
        failed = tr_count(
            "{count} failed delivery", "{count} failed deliveries", each.failed_count
        )
    return plain(each.event_type), joined(
        state, owner, failed, plain(each.last_error, 120)
    )


def _host_of(url: str) -> str:
    """Whose it is, without the secret at the end of the address."""
    _scheme, _, rest = plain(url).partition("://")
    return rest.partition("/")[0] or tr("unknown address")


def shown_address(url: str) -> str:
    """The callback address without the secret that makes it ours."""
    head, slash, secret = url.rpartition("/")
    return f"{head}{slash}{'•' * 12}" if slash and secret else url


def outcome_text(outcomes: tuple[SubscriptionOutcome, ...]) -> str:
    """What setting the registrations right has changed."""
    counts = {
        change: sum(one.change is change for one in outcomes)
        for change in SubscriptionChange
    }
    parts = (
        (SubscriptionChange.CREATED, marked("{count} made")),
        (SubscriptionChange.ENABLED, marked("{count} switched on again")),
        (SubscriptionChange.DELETED, marked("{count} surplus removed")),
        (SubscriptionChange.KEPT, marked("{count} were right")),
    )
    told = [
        tr_marked(text, count=counts[change])
        for change, text in parts
        if counts[change]
    ]
    return (
        tr("Registrations: {what}.", what=listed(told))
        if told
        else (tr("There is nothing to register."))
    )


def dial_resource_texts(each: DialResource) -> tuple[str, str]:
    """Title and details of a click-to-dial set-up."""
    first = {
        DialFirst.EXTENSION: tr("rings your phone first"),
        DialFirst.CONTACT: tr("rings the other party first"),
    }[each.dial_first]
    return plain(each.name), joined(
        tr("extension {extension}", extension=plain(each.extension)),
        number_shown(each.caller_id),
        first,
    )


def history_texts(record: CallDetailRecord, now: datetime) -> tuple[str, str, str]:
    """Title, details and end of a record of the vendor's history."""
    caller, callee = (
        plain(party.name) or number_shown(party.number) or tr("unknown")
        for party in (record.caller, record.callee)
    )
    lasted = record.duration_seconds
    return (
        tr("{caller} to {callee}", caller=caller, callee=callee),
        when_text(record.started_at, now),
        joined(
            tr_marked(_OUTCOMES[record.outcome]),
            length_text(lasted) if lasted is not None else "",
        ),
    )


_OUTCOMES: Final = {
    CallOutcome.ANSWERED: marked("Answered"),
    CallOutcome.NO_ANSWER: marked("No answer"),
    CallOutcome.BUSY: marked("Busy"),
    CallOutcome.REJECTED: marked("Declined"),
    CallOutcome.CANCELLED: marked("Cancelled"),
    CallOutcome.VOICEMAIL: marked("Voicemail"),
    CallOutcome.FAILED: marked("Failed"),
    CallOutcome.UNKNOWN: Marked(""),
}
