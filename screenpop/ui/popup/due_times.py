"""For when a call back can be promised, and how such a moment is told. Knows no Qt."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.ui.popup.card_parts import NOBODY, PersonRow
from screenpop.ui.time_text import clock_text, day_text
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

_SOON: Final = (timedelta(minutes=15), timedelta(hours=1))
_AFTERNOON_HOUR: Final = 15
_LATEST_FOR_AFTERNOON: Final = 13
_MORNING: Final = time(9)
_SATURDAY: Final = 5


def due_choices(now: datetime) -> tuple[datetime, ...]:
    """The moments that are offered: soon, this afternoon, the next working day."""
    here = now.astimezone().replace(second=0, microsecond=0)
    moments = [here + soon for soon in _SOON]
    if here.hour < _LATEST_FOR_AFTERNOON:
        moments.append(here.replace(hour=_AFTERNOON_HOUR, minute=0))
    days = 1
    while (here + timedelta(days=days)).weekday() >= _SATURDAY:
        days += 1
    # By the clock on the wall, also over a change of summer time.
    day = (here + timedelta(days=days)).date()
    moments.append(datetime.combine(day, _MORNING).astimezone())
    return tuple(moments)


def due_rows(moments: Sequence[datetime], now: datetime) -> tuple[PersonRow, ...]:
    """The choices as rows of the card, and one for no set time."""
    names = [tr("In 15 minutes"), tr("In an hour")]
    if len(moments) > len(_SOON) + 1:
        names.append(tr("This afternoon"))
    is_next_day = moments[-1].date() == now.astimezone().date() + timedelta(days=1)
    names.append(tr("Tomorrow morning") if is_next_day else tr("Next working day"))
    rows = [
        PersonRow(place, str(place + 1), name, due_text(moment, now))
        for place, (name, moment) in enumerate(zip(names, moments, strict=True))
    ]
    return (*rows, PersonRow(NOBODY, "0", tr("At no set time"), ""))


def due_text(moment: datetime, now: datetime) -> str:
    """A moment to come, or just gone: "today, 15:00", "tomorrow, 09:00"."""
    here, today = moment.astimezone(), now.astimezone()
    clock = clock_text(moment)
    if here.date() == today.date():
        return tr("today, {time}", time=clock)
    if here.date() == today.date() + timedelta(days=1):
        return tr("tomorrow, {time}", time=clock)
    return tr("{day}, {time}", day=day_text(moment, now), time=clock)
