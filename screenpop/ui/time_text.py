"""Moments and lengths of time the way people say them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from screenpop.ui.wording import marked, tr, tr_count, tr_marked

# fmt: off
_MONTHS: Final = (
    marked("Jan"), marked("Feb"), marked("Mar"), marked("Apr"),
    marked("May"), marked("Jun"), marked("Jul"), marked("Aug"),
    marked("Sep"), marked("Oct"), marked("Nov"), marked("Dec"),
)
# fmt: on
_MINUTE: Final = 60
_HOUR: Final = 3600
_DAY: Final = 86400
_NOON: Final = 12


_half_days: list[tuple[str, str]] = []


def use_half_days(names: tuple[str, str] | None) -> None:
    """Tell the time in two halves of a day, called so; None for 24 hours."""
    _half_days[:] = [] if names is None else [names]


def clock_text(moment: datetime, *, with_seconds: bool = False) -> str:
    """The time of day by the clock on the wall: "14:05", or "2:05 PM"."""
    here = moment.astimezone()
    rest = f"{here:%M:%S}" if with_seconds else f"{here:%M}"
    if not _half_days:
        return f"{here:%H}:{rest}"
    half = _half_days[0][here.hour >= _NOON]
    return f"{here.hour % _NOON or _NOON}:{rest}\u00a0{half}"


def length_text(seconds: float) -> str:
    """A running or finished length: "0:07", "12:05", "1:02:03"; never negative."""
    whole = max(0, int(seconds))
    hours, rest = divmod(whole, _HOUR)
    minutes, left = divmod(rest, _MINUTE)
    if hours:
        return f"{hours}:{minutes:02}:{left:02}"
    return f"{minutes}:{left:02}"


def since_text(since: datetime, now: datetime) -> str:
    """How long something has been going on, for a timer that ticks."""
    return length_text((now - since).total_seconds())


def ago_text(moment: datetime, now: datetime) -> str:
    """How long ago that was; the date when it is more than a week."""
    seconds = (now - moment).total_seconds()
    if seconds < _MINUTE:
        return tr("just now")
    if seconds < _HOUR:
        return tr("{count} min ago", count=int(seconds // _MINUTE))
    if seconds < _DAY:
        return tr("{count} h ago", count=int(seconds // _HOUR))
    days = int(seconds // _DAY)
    if days < 7:
        return tr_count("{count} day ago", "{count} days ago", days)
    return day_text(moment, now)


def day_text(moment: datetime, now: datetime) -> str:
    """Which day that was, by the clock on the wall: "today", "12 Nov", "3 Feb 2024"."""
    here, today = moment.astimezone(), now.astimezone()
    if here.date() == today.date():
        return tr("today, {time}", time=clock_text(moment))
    if here.date() == today.date() - timedelta(days=1):
        return tr("yesterday")
    values = {
        "day": here.day,
        "month": tr_marked(_MONTHS[here.month - 1]),
        "year": here.year,
    }
    if here.year == today.year:
        return tr("{day} {month}", **values)
    return tr("{day} {month} {year}", **values)
