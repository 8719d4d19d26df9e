"""What the call log says of a call. Knows no Qt."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import Direction
from screenpop.domain.links import openable
from screenpop.domain.plain_text import plain
from screenpop.ui.time_text import day_text, length_text
from screenpop.ui.wording import joined, tr, tr_count

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.services.call_history import LogEntry

_HAPPY: Final = 65
_UNHAPPY: Final = 35


@dataclass(frozen=True, slots=True, kw_only=True)
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


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the details: what it is and what it says."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RecordLink:
    """Something at the vendor or the CRM that can be opened.

    Attributes:
        host: Where the link leads, shown before it is opened.
    """

    label: str
    url: str
    host: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedCaller:
    """Somebody who called in vain, once or several times.

    Attributes:
        refs: Their missed calls, the latest first.
        is_promised: Not missed at all: the user wants to call them back.
    """

    refs: tuple[CallRef, ...]
    who: str
    details: str
    number: str
    name: str
    account_id: str
    is_promised: bool = False


def row_of(entry: LogEntry, now: datetime) -> LogRow:
    """The line of a call."""
    icon, role = _icon_of(entry)
    who = who_text(entry)
    number = plain(entry.number_text)
    return LogRow(
        icon=icon,
        role=role,
        who=who,
        details=joined(plain(entry.company), number if number != who else ""),
        line=plain(entry.line_text) or plain(entry.account_label),
        when=when_text(entry.started_at, now),
        result=result_text(entry),
        is_urgent=icon == "phone-missed" and role == "bad",
    )


def spoken(row: LogRow) -> str:
    """The whole line for a screen reader."""
    details = row.details.replace(" · ", ", ")
    texts = (row.who, details, row.line, row.when, row.result)
    return ", ".join(text for text in texts if text)


def who_text(entry: LogEntry) -> str:
    """The name, else the number, else that there is none."""
    known = plain(entry.name) or plain(entry.company) or plain(entry.number_text)
    if known:
        return known
    return tr("Number withheld") if entry.is_withheld else tr("Number not reported")


def when_text(moment: datetime, now: datetime) -> str:
    """Day and time by the clock on the wall."""
    day = day_text(moment, now)
    here = moment.astimezone()
    if here.date() == now.astimezone().date():
        return day
    return tr("{day}, {time}", day=day, time=f"{here:%H:%M}")


def result_text(entry: LogEntry) -> str:
    """How it ended, with the length that matters."""
    if entry.is_live:
        return tr("Going on now")
    if entry.kind is RecordKind.FAX:
        return tr("Fax")
    if entry.outcome is CallOutcome.ANSWERED:
        return _answered_text(entry)
    if entry.is_missed and entry.called_back_by:
        return tr("Missed, called back by {name}", name=plain(entry.called_back_by))
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
    return tr(_OUTCOMES.get(outcome, "Ended"))


def _answered_text(entry: LogEntry) -> str:
    if entry.talk_seconds is None:
        return tr("Answered")
    return tr("Talked {time}", time=length_text(entry.talk_seconds))


_OUTCOMES: Final = {
    CallOutcome.NO_ANSWER: "No answer",
    CallOutcome.BUSY: "Busy",
    CallOutcome.REJECTED: "Declined",
    CallOutcome.CANCELLED: "Cancelled",
    CallOutcome.VOICEMAIL: "Left a message",
    CallOutcome.FAILED: "Failed",
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
        Fact(tr("Account"), plain(entry.account_label)),
    ]
    if entry.is_end_inferred:
        facts.append(
            Fact(tr("Note"), tr("The phone system never reported the end of this call"))
        )
    return tuple(fact for fact in facts if fact.text)


def record_facts(record: CallDetailRecord) -> tuple[Fact, ...]:
    """What the vendor's record adds."""
    named = (
        (tr("Labels"), ", ".join(plain(one) for one in record.labels)),
        (tr("Mood"), sentiment_text(record.sentiment)),
        (tr("Routing"), ", ".join(plain(one) for one in record.rules)),
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
    return " ".join(words).capitalize(), text


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


def links_of(record: CallDetailRecord) -> tuple[RecordLink, ...]:
    """What can be opened: only https, and the host is shown before."""
    named = (
        (tr("Open recording"), record.recording_url),
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
    entries: tuple[LogEntry, ...], now: datetime
) -> tuple[MissedCaller, ...]:
    """The work list: who still waits for a call, each caller once."""
    groups: dict[tuple[str, str], list[LogEntry]] = {}
    for entry in entries:
        if not entry.needs_call_back:
            continue
        number = entry.number_e164 or entry.number_text or entry.ref.call_id
        groups.setdefault((entry.ref.account_id, number), []).append(entry)
    return tuple(_missed_caller(group, now) for group in groups.values())


def _missed_caller(group: list[LogEntry], now: datetime) -> MissedCaller:
    latest = group[0]
    times = tr_count("once", "{count} times", len(group)) if len(group) > 1 else ""
    row = row_of(latest, now)
    is_promised = not any(entry.is_missed for entry in group)
    promised = tr("to call back") if is_promised else ""
    return MissedCaller(
        refs=tuple(entry.ref for entry in group),
        who=row.who,
        details=joined(promised, times, row.when, row.details, row.line),
        number=latest.number_e164 or latest.number_text,
        name=plain(latest.name),
        account_id=latest.ref.account_id,
        is_promised=is_promised,
    )
