from __future__ import annotations

import pytest

from screenpop.lookup.circuit_breaker import CircuitBreaker


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    return CircuitBreaker(clock, failures=3, pause_seconds=30)


def fail(breaker: CircuitBreaker, times: int = 3) -> None:
    for _ in range(times):
        assert breaker.admit()
        breaker.failed()


def test_a_few_failures_are_forgiven(breaker: CircuitBreaker) -> None:
    fail(breaker, 2)
    assert breaker.admit()
    breaker.succeeded()
    fail(breaker, 2)
    assert breaker.admit()


def test_many_failures_in_a_row_open_it(breaker: CircuitBreaker) -> None:
    fail(breaker)
    assert not breaker.admit()
    assert breaker.resumes_in_seconds == 30


def test_after_the_pause_one_question_is_a_trial(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    clock.now = 30
    assert breaker.admit()
    assert not breaker.admit()
    breaker.succeeded()
    assert breaker.admit()
    assert breaker.resumes_in_seconds == 0


def test_each_failed_trial_doubles_the_pause_up_to_ten_minutes(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    pauses = []
    for _ in range(7):
        clock.now += breaker.resumes_in_seconds
        fail(breaker, 1)
        pauses.append(breaker.resumes_in_seconds)
    assert pauses == [60, 120, 240, 480, 600, 600, 600]


def test_an_abandoned_trial_lets_the_next_one_try(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    clock.now = 30
    assert breaker.admit()
    breaker.abandoned()
    assert breaker.admit()


def test_a_trial_nothing_was_heard_of_does_not_block_for_good(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    fail(breaker)
    clock.now = 30
    assert breaker.admit()
    clock.now = 60
    assert breaker.admit()


def test_the_pause_a_source_asks_for_is_kept(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    assert breaker.admit()
    breaker.failed(retry_after_seconds=90)
    clock.now = 89
    assert not breaker.admit()
    clock.now = 90
    assert breaker.admit()


def test_a_source_cannot_ask_for_an_endless_pause(breaker: CircuitBreaker) -> None:
    breaker.failed(retry_after_seconds=1e9)
    assert breaker.resumes_in_seconds == 600
