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
        TimelineStep(event.occurred_at, f"{_VERB[type(event)]}{_who(event, lines)}")
        for event in ordered
    )
    return tuple(dict.fromkeys(steps))


def _who(event: CallEvent, lines: LineBook) -> str:
    who = user_text(lines.colleague(event.account_id, event.user))
    return f" ({who})" if who else ""


_VERB: Final[dict[type[CallEvent], str]] = {
    LegInitiated: "Dialled",
    LegAlerting: "Rang",
    LegConnected: "Answered",
    LegReleased: "Hung up",
    CallRecorded: "The phone system's record arrived",
}
