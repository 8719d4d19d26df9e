"""Times read the way people say them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from screenpop.ui.time_text import ago_text, day_text, length_text, since_text

NOW = datetime(2026, 11, 14, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (-3, "0:00"),
        (0, "0:00"),
        (7.9, "0:07"),
        (65, "1:05"),
        (725, "12:05"),
        (3723, "1:02:03"),
    ],
)
def test_a_length(seconds: float, expected: str) -> None:
    assert length_text(seconds) == expected


def test_a_running_time_never_is_negative() -> None:
    assert since_text(NOW + timedelta(seconds=5), NOW) == "0:00"


@pytest.mark.parametrize(
    ("ago", "expected"),
    [
        (timedelta(seconds=-4), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(minutes=12, seconds=40), "12 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=30), "15 Oct"),
        (timedelta(days=400), "10 Oct 2025"),
    ],
)
def test_how_long_ago(ago: timedelta, expected: str) -> None:
    assert ago_text(NOW - ago, NOW) == expected


def test_which_day() -> None:
    assert day_text(NOW, NOW) == f"today, {NOW.astimezone():%H:%M}"
    assert day_text(NOW - timedelta(days=1), NOW) == "yesterday"
    assert day_text(NOW - timedelta(days=2), NOW) == "12 Nov"
