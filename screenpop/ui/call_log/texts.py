"""What the call log says of a call. Knows no Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.links import openable
from screenpop.domain.plain_text import plain
from screenpop.ui.popup.due_times import due_text
from screenpop.ui.time_text import clock_text, day_text, length_text
from screenpop.ui.wording import (
    joined,
    listed,
    marked,
    reworded,
    tr,
    tr_count,
    tr_marked,
)

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.services.call_history import LogEntry
    from screenpop.services.lost_callers import LostEntry, LostKey
    from screenpop.services.team.claims import ClaimView

_HAPPY: Final = 65
_UNHAPPY: Final = 35


@frozen(kw_only=True)
class LogRow:
    """One call as a line of the log; plain text.

    Attributes:
        role: The colour role of the icon.
        is_urgent: Missed, and nobody has called back.
    """

    icon: str
    role: str
    who: str
    details: str
    line: str
    when: str
    result: str
    is_urgent: bool


@frozen
class Fact:
    """One line of the details: what it is and what it says."""

    label: str
    text: str


@frozen
class RecordLink:
    """Something at the vendor or the CRM that can be opened.

    Attributes:
        host: Where the link leads, shown before it is opened.
    """

    label: str
    url: str
    host: str


@frozen(kw_only=True)
class CallerClaim:
    """Whose a waiting caller is, where a team shares the work.

    Attributes:
        text: Who has them; "" for nobody.
        is_mine: The user has them and may let go.
        is_free: The user may take them.
    """

    text: str = ""
    is_mine: bool = False
    is_free: bool = False


NO_TEAM: Final = CallerClaim()


@frozen(kw_only=True)
class MissedCaller:
    """Somebody who called in vain, once or several times.

    Attributes:
        refs: Their missed calls, the latest first.
        is_promised: Not missed at all: the user wants to call them back.
        lost: Their entries in the lists of phone systems.
        claim: Whose they are.
    """

    refs: tuple[CallRef, ...]
    who: str
    details: str
    number: str
    name: str
    account_id: str
    is_promised: bool = False
    lost: tuple[LostKey, ...] = ()
    claim: CallerClaim = NO_TEAM


def row_of(entry: LogEntry, now: datetime) -> LogRow:
    """The line of a call."""
    icon, role = _icon_of(entry)
    who = who_text(entry)
    number = plain(entry.number_text)
    return LogRow(
        icon=icon,
        role=role,
        who=who,
        details=joined(
            mark_text(entry), plain(entry.company), number if number != who else ""
        ),
        line=plain(entry.line_text) or plain(entry.account_label),
        when=when_text(entry.started_at, now),
        result=result_text(entry),
        is_urgent=icon == "phone-missed" and role == "bad",
    )


def spoken(row: LogRow) -> str:
    """The whole line for a screen reader."""
    details = row.details.split(" · ")
    return listed((row.who, *details, row.line, row.when, row.result))


def who_text(entry: LogEntry) -> str:
    """The name, else the number, else that there is none."""
    known = plain(entry.name) or plain(entry.company) or plain(entry.number_text)
    if known:
        return known
    return tr("Number withheld") if entry.is_withheld else tr("Number not reported")


def mark_text(entry: LogEntry) -> str:
    """How the number is marked; "" when it is not."""
    return tr_marked(_MARKS[entry.mark]) if entry.mark in _MARKS else ""


_MARKS: Final = {
    "spam": marked("Spam"),
    "private": marked("Private"),
    "team-spam": marked("Spam, your team says"),
}


def when_text(moment: datetime, now: datetime) -> str:
    """Day and time by the clock on the wall."""
    day = day_text(moment, now)
    here = moment.astimezone()
    if here.date() == now.astimezone().date():
        return day
    return tr("{day}, {time}", day=day, time=clock_text(moment))


def result_text(entry: LogEntry) -> str:
    """How it ended, with the length that matters."""
    if entry.is_live:
        return tr("Going on now")
    if entry.kind is RecordKind.FAX:
        return tr("Fax")
    if entry.outcome is CallOutcome.ANSWERED:
        return _answered_text(entry)
    if entry.is_missed and entry.called_back_by:
        return tr("Missed, called back")
    if entry.has_voicemail:
        return tr("Left a message")
    if entry.is_missed:
        rang = entry.ring_seconds
        return (
            tr("Missed, rang {time}", time=length_text(rang))
            if rang
            else (tr("Missed"))
        )
    outcome = entry.outcome or CallOutcome.UNKNOWN
    return tr_marked(_OUTCOMES.get(outcome, marked("Ended")))


def _answered_text(entry: LogEntry) -> str:
    if entry.talk_seconds is None:
        return tr("Answered")
    return tr("Talked {time}", time=length_text(entry.talk_seconds))


_OUTCOMES: Final = {
    CallOutcome.NO_ANSWER: marked("No answer"),
    CallOutcome.BUSY: marked("Busy"),
    CallOutcome.REJECTED: marked("Declined"),
    CallOutcome.CANCELLED: marked("Cancelled"),
    CallOutcome.VOICEMAIL: marked("Left a message"),
    CallOutcome.FAILED: marked("Failed"),
}


def _icon_of(entry: LogEntry) -> tuple[str, str]:
    if entry.is_live:
        return "phone", "good"
    if entry.is_missed and entry.needs_call_back and not entry.is_internal:
        return "phone-missed", "bad"
    if entry.is_missed:
        return "phone-missed", "text_faint"
    if entry.direction is Direction.OUTBOUND:
        return "phone-out", "text_faint"
    return "phone-in", "text_faint"


def facts_of(entry: LogEntry, now: datetime) -> tuple[Fact, ...]:
    """What is known of a call beside the party."""
    is_outbound = entry.direction is Direction.OUTBOUND
    way = tr("Outgoing") if is_outbound else tr("Incoming")
    facts = [
        Fact(tr("When"), when_text(entry.started_at, now)),
        Fact(tr("Result"), joined(way, result_text(entry))),
        Fact(tr("Line"), plain(entry.line_text)),
        Fact(tr("Answered by"), plain(entry.answered_by)),
        Fact(tr("Called back by"), plain(entry.called_back_by)),
        Fact(tr("Account"), plain(entry.account_label)),
        Fact(tr("Number"), mark_text(entry)),
    ]
    if entry.is_end_inferred:
        facts.append(
            Fact(tr("Note"), tr("The phone system never reported the end of this call"))
        )
    return tuple(fact for fact in facts if fact.text)


def record_facts(record: CallDetailRecord) -> tuple[Fact, ...]:
    """What the vendor's record adds."""
    named = (
        (tr("Labels"), listed(plain(reworded(one)) for one in record.labels)),
        (tr("Mood"), sentiment_text(record.sentiment)),
        (tr("Routing"), listed(plain(one) for one in record.rules)),
        (tr("Contact from"), plain(record.contact_source)),
        (tr("Description"), plain(record.description, 1000)),
        (
            tr("Pages"),
            tr_count("{count} page", "{count} pages", record.pages)
            if record.pages is not None
            else "",
        ),
        *(_detail(key, value) for key, value in record.details),
    )
    return tuple(Fact(label, text) for label, text in named if text)


def _detail(key: str, value: str) -> tuple[str, str]:
    """A field that only this vendor has, in words; "" for what tells people nothing."""
    words = _WORD_ENDS.sub(" ", plain(key, 60)).replace("_", " ").lower().split()
    text = plain(value)
    if not words or words[-1] in _FOR_MACHINES or text.lower() in _NOTHING:
        return "", ""
    if text.lower() == "true":
        text = tr("yes")
    return reworded(" ".join(words).capitalize()), text


_WORD_ENDS: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_FOR_MACHINES: Final = ("id", "ids", "uuid", "guid")
_NOTHING: Final = ("", "false", "null", "none", "[]", "{}")


def sentiment_text(value: float | None) -> str:
    """How the talk went, in words and as the vendor's number."""
    if value is None:
        return ""
    word = tr("neutral")
    if value >= _HAPPY:
        word = tr("good")
    elif value <= _UNHAPPY:
        word = tr("poor")
    return tr("{word} ({value} of 100)", word=word, value=round(value))


def links_of(
    record: CallDetailRecord, *, with_recording: bool = True
) -> tuple[RecordLink, ...]:
    """What can be opened: only https, and the host is shown before."""
    named = (
        (tr("Open recording"), record.recording_url if with_recording else ""),
        (tr("Open voicemail"), record.voicemail_url),
        (tr("Open contact in the CRM"), record.contact_url),
        (tr("Open attachment"), record.attachment_url),
    )
    return tuple(
        RecordLink(label, url, host) for label, url in named if (host := safe_host(url))
    )


def safe_host(url: str) -> str:
    """The host of an address that may be opened by a click; "" for any other text."""
    address = openable(url) if url.isascii() else ""
    return urlsplit(address).hostname or ""


def missed_callers(
    entries: tuple[LogEntry, ...], now: datetime, lost: tuple[LostEntry, ...] = ()
) -> tuple[MissedCaller, ...]:
    """The work list: who still waits for a call, each caller once, the latest first.

    Args:
        entries: Their calls, newest first.
        now: The present moment.
        lost: Whom the phone systems list besides, or as well.
    """
    groups: dict[tuple[str, str], _Waiting] = {}
    for entry in entries:
        if not entry.needs_call_back:
            continue
        number = entry.number_e164 or entry.number_text or entry.ref.call_id
        groups.setdefault((entry.ref.account_id, number), _Waiting()).calls.append(
            entry
        )
    for one in lost:
        number = one.number_e164 or one.number_text
        groups.setdefault((one.key.account_id, number), _Waiting()).lost.append(one)
    latest_first = sorted(groups.values(), key=_latest, reverse=True)
    return tuple(_missed_caller(group, now) for group in latest_first)


@dataclass(slots=True)
class _Waiting:
    """What is known of one caller: calls of ours, entries of vendors' lists."""

    calls: list[LogEntry] = field(default_factory=list)
    lost: list[LostEntry] = field(default_factory=list)


def claim_of(view: ClaimView | None) -> CallerClaim:
    """Whose a caller is, in words; ``None`` for one who is no business of a team."""
    if view is None:
        return NO_TEAM
    name = plain(view.by, 40)
    if view.holder == "colleague":
        text = tr("{name} has it", name=name)
        if not view.is_confirmed:
            text = tr("{name} had it when the team was last reached", name=name)
        return CallerClaim(text=text)
    if view.holder == "me":
        text = tr("You have it")
        if not view.is_confirmed:
            text = tr("You have it, not confirmed: the team cannot be reached")
        return CallerClaim(text=text, is_mine=True)
    return CallerClaim(is_free=True)


def _latest(group: _Waiting) -> float:
    moments = [call.started_at for call in group.calls]
    moments += [one.last_at for one in group.lost if one.last_at is not None]
    return max((moment.timestamp() for moment in moments), default=0.0)


def _missed_caller(group: _Waiting, now: datetime) -> MissedCaller:
    # The vendor counts attempts that never rang here, too.
    count = max(len(group.calls), sum(one.attempts for one in group.lost))
    times = tr_count("once", "{count} times", count) if count > 1 else ""
    when = when_text(datetime.fromtimestamp(_latest(group), UTC), now)
    if not group.calls:
        return _lost_caller(group.lost, joined(times, when))
    latest = group.calls[0]
    row = row_of(latest, now)
    is_promised = not any(entry.is_missed for entry in group.calls)
    promised = _promise(group.calls, now, is_promised=is_promised)
    return MissedCaller(
        refs=tuple(entry.ref for entry in group.calls),
        who=row.who,
        details=joined(promised, times, when, row.details, row.line),
        number=latest.number_e164 or latest.number_text,
        name=plain(latest.name),
        account_id=latest.ref.account_id,
        is_promised=is_promised,
        lost=tuple(one.key for one in group.lost),
    )


def _promise(calls: list[LogEntry], now: datetime, *, is_promised: bool) -> str:
    """That they are to be called back, and for when; "" for those who called."""
    due = min((call.due_at for call in calls if call.due_at), default=None)
    if due is not None:
        return tr("to call back {when}", when=due_text(due, now))
    return tr("to call back") if is_promised else ""


def _lost_caller(group: list[LostEntry], when: str) -> MissedCaller:
    """Somebody of whom no call ever came here."""
    latest = group[0]
    name, company = plain(latest.name), plain(latest.company)
    number = plain(latest.number_text)
    who = name or company or number
    company = company if company != who else ""
    number = number if number != who else ""
    told = plain(latest.vendor_name)
    line = plain(latest.line_text) or plain(latest.account_label)
    return MissedCaller(
        refs=(),
        who=who,
        details=joined(when, company, number, told if told != who else "", line),
        number=latest.number_e164 or latest.number_text,
        name=name,
        account_id=latest.key.account_id,
        lost=tuple(one.key for one in group),
    )
