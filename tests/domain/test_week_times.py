"""Times of the week are read as people write them, and end when they say."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.week_times import end_of, next_begin, read_week_time

WEDNESDAY = datetime(2026, 11, 18, 0, 0).astimezone()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return WEDNESDAY.replace(day=day, hour=hour, minute=minute)


@pytest.mark.parametrize(
    ("text", "moment", "until"),
    [
        ("mon-fri 18:00-08:00", at(18, 19), at(19, 8)),
        ("mon-fri 18:00-08:00", at(19, 7, 59), at(19, 8)),
        ("mon-fri 18:00-08:00", at(19, 8), None),
        # Friday's night is over on Saturday, and that of Sunday is none.
        ("mon-fri 18:00-08:00", at(21, 7), at(21, 8)),
        ("mon-fri 18:00-08:00", at(23, 7), None),
        ("sat-sun", at(21, 12), at(23, 0)),
        ("fri-sat 00:00-24:00", at(20, 9), at(22, 0)),
        ("12:00-13:00", at(18, 12, 30), at(18, 13)),
        ("Sat, wed 9:00-10:00", at(18, 9), at(18, 10)),
    ],
)
def test_a_span_holds_from_its_beginning_to_its_end(
    text: str, moment: datetime, until: datetime | None
) -> None:
    assert end_of([read_week_time(text)], moment) == until


def test_spans_that_meet_are_one() -> None:
    times = [read_week_time("fri 18:00-24:00"), read_week_time("sat-sun")]
    assert end_of(times, at(20, 20)) == at(23, 0)
    assert next_begin(times, at(18, 9)) == at(20, 18)
    assert next_begin([], at(18, 9)) is None


@pytest.mark.parametrize("text", ["", "someday", "mon 25:00-26:00", "mon 8:00", "8-9"])
def test_what_is_no_time_of_the_week_is_refused(text: str) -> None:
    with pytest.raises(ConfigurationError):
        read_week_time(text)


@settings(max_examples=30)
@given(st.integers(0, 525_600))
def test_quiet_never_ends_before_now_and_the_next_begins_after_it(minute: int) -> None:
    aware = WEDNESDAY + timedelta(minutes=minute)
    times = [read_week_time("mon-fri 17:30-09:00"), read_week_time("sat-sun")]
    until = end_of(times, aware)
    assert until is None or until > aware
    following = next_begin(times, aware)
    assert following is not None
    assert following > aware
