"""What `--fault` understands."""

from __future__ import annotations

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator.faults import (
    FAULT_WORDS,
    Faults,
    describe_faults,
    parse_fault,
    parse_faults,
)


@pytest.mark.parametrize(
    ("word", "faults"),
    [
        ("delay=2.5", Faults(delay_seconds=2.5)),
        ("duplicate", Faults(duplicate=1)),
        ("duplicate=3", Faults(duplicate=3)),
        ("reorder", Faults(reorder=True)),
        ("drop", Faults(drop_probability=1)),
        ("drop=0.3", Faults(drop_probability=0.3)),
        ("drop=A,B", Faults(drop_types=frozenset({"A", "B"}))),
        ("throttle", Faults(throttle=True)),
        ("throttle=9", Faults(throttle=True, retry_after_seconds=9)),
        ("server-error", Faults(server_error=500)),
        ("server_error=503", Faults(server_error=503)),
        ("only=connect", Faults(only_path="connect")),
        ("first=2", Faults(first_requests=2)),
        ("json-numbers", Faults(numbers_as_json_numbers=True)),
        ("html", Faults(html_instead_of_json=True)),
        ("slow-drip=0.1", Faults(slow_drip_seconds=0.1)),
    ],
)
def test_a_word_names_a_fault(word: str, faults: Faults) -> None:
    assert parse_fault(word) == faults


def test_words_add_up() -> None:
    assert parse_faults(["duplicate", "reorder", "delay=1"]) == Faults(
        duplicate=1, reorder=True, delay_seconds=1
    )


@pytest.mark.parametrize(
    "word",
    [
        "",
        "sabotage",
        "reorder=yes",
        "delay=soon",
        "delay=-1",
        "delay=nan",
        "duplicate=1.5",
        "drop=1.5",
        "throttle=-1",
        "server-error=404",
        "only",
    ],
)
def test_a_word_that_makes_no_sense_is_refused_with_advice(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_fault(word)
    assert caught.value.advice


@pytest.mark.parametrize("word", FAULT_WORDS)
def test_every_word_is_described_and_does_something(word: str) -> None:
    value = "=x" if word == "only" else ""
    assert parse_fault(word + value) != Faults()
    assert word in describe_faults()
