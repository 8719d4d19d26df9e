"""Times of the week, as settings name them: "mon-fri 18:00-08:00"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_DAY_MINUTES: Final = 24 * 60
_MIDNIGHT: Final = "24:00"
_FORM: Final = re.compile(
    r"(?P<days>[a-z]{3}(?:\s*-\s*[a-z]{3})?(?:\s*,\s*[a-z]{3}(?:\s*-\s*[a-z]{3})?)*)?"
    r"\s*(?:(?P<start>\d{1,2}:\d{2})\s*-\s*(?P<end>\d{1,2}:\d{2}))?"
)


@frozen
class WeekTime:
    """A span of every week.

    Attributes:
        days: The days it begins on, 0 for Monday.
        start: Minutes after midnight.
        end: Minutes after midnight; not after ``start`` means that of the next day.
    """

    days: frozenset[int]
    start: int = 0
    end: int = 0

    def spans(self, moment: datetime) -> Iterable[tuple[datetime, datetime]]:
        """Its spans that can touch ``moment`` or come next, in ``moment``'s zone."""
        midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
        length = (self.end - self.start) % _DAY_MINUTES or _DAY_MINUTES
        for offset in range(-1, 8):
            # By the wall clock, also on days that are an hour shorter or longer.
            day = midnight + timedelta(days=offset)
            if day.weekday() in self.days:
                begin = day + timedelta(minutes=self.start)
                yield begin, begin + timedelta(minutes=length)


def read_week_time(text: str) -> WeekTime:
    """The span that ``text`` names: days, a time from-to, or both.

    Raises:
        ConfigurationError: It names none.
    """
    found = _FORM.fullmatch(text.strip().casefold())
    if found is None or not text.strip():
        raise _refusal(text)
    days = _days(found["days"] or "mon-sun", text)
    if found["start"] is None:
        return WeekTime(days)
    start, end = _minutes(found["start"], text), _minutes(found["end"], text)
    if start == end and found["end"] != _MIDNIGHT:
        raise _refusal(text)
    return WeekTime(days, start, end)


def check_week_time(text: str) -> str:
    """What is wrong with a span, in words; "" when nothing is."""
    try:
        read_week_time(text)
    except ConfigurationError as error:
        return tr("{title}: write it like mon-fri 18:00-08:00", title=error.title)
    return ""


def end_of(times: Iterable[WeekTime], moment: datetime) -> datetime | None:
    """When the time that ``moment`` lies in ends; None when it lies in none."""
    end = moment
    spans = [span for time in times for span in time.spans(moment)]
    # One span may begin where another ends.
    for begin, until in sorted(spans):
        if begin <= end < until:
            end = until
    return end if end > moment else None


def next_begin(times: Iterable[WeekTime], moment: datetime) -> datetime | None:
    """When the next span begins after ``moment``; None when there is none."""
    begins = (begin for time in times for begin, _until in time.spans(moment))
    return min((begin for begin in begins if begin > moment), default=None)


def _days(text: str, whole: str) -> frozenset[int]:
    days: set[int] = set()
    for part in text.split(","):
        names = [name.strip() for name in part.split("-")]
        if any(name not in DAYS for name in names):
            raise _refusal(whole)
        first, last = DAYS.index(names[0]), DAYS.index(names[-1])
        days |= {day % 7 for day in range(first, last + (7 if last < first else 0) + 1)}
    return frozenset(days)


def _minutes(text: str, whole: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if hours > 24 or minutes > 59 or (hours == 24 and minutes):
        raise _refusal(whole)
    return (60 * hours + minutes) % _DAY_MINUTES


def _refusal(text: str) -> ConfigurationError:
    return ConfigurationError(
        tr("“{text}” is no time of the week", text=text.strip()[:40]),
        tr("Write it like mon-fri 18:00-08:00."),
    )
