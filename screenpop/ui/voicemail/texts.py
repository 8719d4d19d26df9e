"""What the voicemail window says of a message. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.plain_text import plain
from screenpop.ui.call_log.texts import Fact, when_text
from screenpop.ui.time_text import length_text
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.services.voicemail import MessageEntry


def who_text(entry: MessageEntry) -> str:
    """The name, else the number, else that there is none."""
    known = plain(entry.name) or plain(entry.company) or plain(entry.number_text)
    return known or tr("Number withheld")


def party_text(entry: MessageEntry) -> str:
    """Company and number, as far as they are not said already."""
    who = who_text(entry)
    parts = (plain(entry.company), plain(entry.number_text))
    return joined(*(part for part in parts if part != who))


def details_text(entry: MessageEntry) -> str:
    """The second line of a message in the list."""
    new = tr("New") if entry.is_heard is False else ""
    length = "" if entry.seconds is None else length_text(entry.seconds)
    return joined(new, length, party_text(entry), plain(entry.account_label))


def left_text(entry: MessageEntry, now: datetime) -> str:
    """When it was left; "" when nobody says."""
    return when_text(entry.left_at, now) if entry.left_at else ""


def facts_of(entry: MessageEntry, now: datetime) -> tuple[Fact, ...]:
    """What is known of a message beside the caller."""
    heard = {True: tr("Heard"), False: tr("Not heard yet"), None: ""}[entry.is_heard]
    length = "" if entry.seconds is None else length_text(entry.seconds)
    facts = (
        Fact(tr("Left"), left_text(entry, now)),
        Fact(tr("Length"), length),
        Fact(tr("Box"), plain(entry.box)),
        Fact(tr("State"), heard),
        Fact(tr("Account"), plain(entry.account_label)),
    )
    return tuple(fact for fact in facts if fact.text)


def file_name(entry: MessageEntry) -> str:
    """What a file with the message may be called: no path, nothing foreign but who."""
    who = "".join(
        char for char in who_text(entry) if char.isalnum() or char in " -"
    ).strip()
    at = entry.left_at
    when = f" {at.astimezone():%Y-%m-%d %H.%M}" if at is not None else ""
    return tr("Message from {who}{when}", who=who[:60] or tr("a caller"), when=when)
