"""The latest calls with a caller as rows of the card. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.domain.plain_text import plain
from screenpop.ui.popup.card_parts import PersonRow
from screenpop.ui.popup.card_text import LONGEST_LINE
from screenpop.ui.time_text import clock_text, day_text, length_text
from screenpop.ui.wording import joined, marked, tr, tr_marked

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.services.events import EarlierCall


def earlier_rows(calls: Sequence[EarlierCall], now: datetime) -> tuple[PersonRow, ...]:
    """When it was, how it ended, who talked, and what was written down."""
    return tuple(
        PersonRow(
            index=place,
            key=str(place + 1),
            name=_when(call.at, now),
            details=joined(
                _what(call),
                plain(call.by, LONGEST_LINE),
                plain(call.note, LONGEST_LINE),
            ),
        )
        for place, call in enumerate(calls)
    )


def _when(at: datetime, now: datetime) -> str:
    day, here = day_text(at, now), at.astimezone()
    if here.date() == now.astimezone().date():
        return day
    return tr("{day}, {time}", day=day, time=clock_text(at))


def _what(call: EarlierCall) -> str:
    if call.outcome is CallOutcome.ANSWERED:
        way = tr("we called") if call.direction is Direction.OUTBOUND else ""
        length = length_text(call.talk_seconds) if call.talk_seconds else ""
        talked = tr("talked {time}", time=length) if length else tr("talked")
        return joined(way, talked)
    texts = _WE_CALLED if call.direction is Direction.OUTBOUND else _THEY_CALLED
    return tr_marked(texts.get(call.outcome, texts[CallOutcome.NO_ANSWER]))


_THEY_CALLED: Final = {
    CallOutcome.VOICEMAIL: marked("left a message"),
    CallOutcome.REJECTED: marked("declined"),
    CallOutcome.UNKNOWN: marked("they called"),
    CallOutcome.NO_ANSWER: marked("missed"),
}
_WE_CALLED: Final = {
    CallOutcome.BUSY: marked("we called, busy"),
    CallOutcome.UNKNOWN: marked("we called"),
    CallOutcome.NO_ANSWER: marked("we called, no answer"),
}
