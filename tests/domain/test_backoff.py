"""Waiting before trying again."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.backoff import Backoff

ALMOST_ONE = 0.999999


def test_delays_grow_up_to_the_cap_and_start_again_after_success() -> None:
    backoff = Backoff(random=lambda: ALMOST_ONE, base_seconds=1, cap_seconds=10)
    assert [round(backoff.next_delay()) for _ in range(6)] == [1, 2, 4, 8, 10, 10]
    backoff.reset()
    assert round(backoff.next_delay()) == 1


def test_delays_are_spread_over_the_whole_interval() -> None:
    source = random.Random(4711)  # noqa: S311 - no secret
    firsts = [Backoff(random=source.random).next_delay() for _ in range(500)]
    assert min(firsts) < 0.1
    assert max(firsts) > 0.9


def test_a_thing_that_fails_for_ever_overflows_nothing() -> None:
    backoff = Backoff(random=lambda: ALMOST_ONE, cap_seconds=300)
    backoff.failures = 100_000
    assert 299 < backoff.next_delay() <= 300


@given(
    asked=st.floats(min_value=0, max_value=86_400),
    drawn=st.floats(min_value=0, max_value=ALMOST_ONE),
    failures=st.integers(min_value=0, max_value=40),
)
def test_what_the_vendor_asks_for_is_never_undercut(
    asked: float, drawn: float, failures: int
) -> None:
    backoff = Backoff(random=lambda: drawn)
    backoff.failures = failures
    delay = backoff.next_delay(asked)
    assert delay >= asked
    assert delay <= max(asked + 1, 300)


def test_an_absurd_wish_is_believed_up_to_a_day_and_a_negative_one_not_at_all() -> None:
    backoff = Backoff(random=lambda: 0.0)
    assert backoff.next_delay(1e12) == 86_400
    assert backoff.next_delay(-5) == 0
