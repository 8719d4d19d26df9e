"""What happened on a call, in order and in words."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.events import (
    CallEvent,
    CallRecorded,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
)
from screenpop.domain.frozen import frozen
from screenpop.services.call_rows import user_text
from screenpop.wording import Marked, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.services.line_book import LineBook


@frozen
class TimelineStep:
    """One thing that happened on a call, in words."""

    at: datetime
    text: str


def timeline_of(
    events: tuple[CallEvent, ...], lines: LineBook
) -> tuple[TimelineStep, ...]:
    """What happened on a call, in order, in words."""
    order = {kind: rank for rank, kind in enumerate(_VERB)}
    ordered = sorted(events, key=lambda event: (event.occurred_at, order[type(event)]))
    steps = (
        TimelineStep(event.occurred_at, _text_of(event, lines)) for event in ordered
    )
    return tuple(dict.fromkeys(steps))


def _text_of(event: CallEvent, lines: LineBook) -> str:
    who = user_text(lines.colleague(event.account_id, event.user))
    what = tr_marked(_VERB[type(event)])
    return tr("{what} ({who})", what=what, who=who) if who else what


_VERB: Final[dict[type[CallEvent], Marked]] = {
    LegInitiated: marked("Dialled"),
    LegAlerting: marked("Rang"),
    LegConnected: marked("Answered"),
    LegReleased: marked("Hung up"),
    CallRecorded: marked("The phone system's record arrived"),
}
