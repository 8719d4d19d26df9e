"""What the log says of calls, and which links it would open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.ui.call_log.texts import (
    links_of,
    missed_callers,
    record_facts,
    result_text,
    row_of,
    safe_host,
    sentiment_text,
    spoken,
    who_text,
)
from tests.ui.past_calls import NOW, RECORD, entry, missed


def test_a_call_is_told_in_one_breath() -> None:
    row = row_of(entry(0), NOW)

    assert spoken(row).startswith("Ana Rossi, Example Bakery, (202) 555-0142, Sales")
    assert spoken(row).endswith("Talked 4:12")


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"is_live": True}, "Going on now"),
        ({"talk_seconds": None}, "Answered"),
        ({"outcome": CallOutcome.BUSY}, "Busy"),
        ({"outcome": CallOutcome.NO_ANSWER, "is_missed": True}, "Missed, rang 0:07"),
        ({"outcome": CallOutcome.NO_ANSWER, "has_voicemail": True}, "Left a message"),
        ({"outcome": None}, "Ended"),
    ],
)
def test_the_result_says_how_it_ended(changes: dict[str, object], text: str) -> None:
    assert result_text(entry(0, **changes)) == text


def test_a_hidden_number_is_said_to_be_hidden() -> None:
    hidden = entry(0, name="", company="", number_text="", is_withheld=True)
    assert who_text(hidden) == "Number withheld"


def test_a_caller_who_tried_three_times_is_listed_once() -> None:
    callers = missed_callers((missed(0), missed(4), missed(8), missed(1)), NOW)

    assert [caller.who for caller in callers] == ["Ana Rossi", "Bo Lind"]
    assert callers[0].details.startswith("3 times")
    assert len(callers[0].refs) == 3


def test_only_https_links_are_offered_and_their_host_is_shown() -> None:
    assert [(link.label, link.host) for link in links_of(RECORD)] == [
        ("Open recording", "media.example.com"),
        ("Open contact in the CRM", "crm.example.org"),
    ]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "http://example.com/a",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "https://user@example.com/",
        "https://good.example.com\\@example.org/",
        "https://ex\u0430mple.com/",
        "https:///nothing",
        "https://[broken",
        "https://example.com/a b",
    ],
)
def test_other_links_are_not_opened(url: str) -> None:
    assert safe_host(url) == ""


def test_mood_is_a_word_and_the_number_behind_it() -> None:
    assert sentiment_text(81) == "good (81 of 100)"
    assert sentiment_text(10.4) == "poor (10 of 100)"
    assert sentiment_text(None) == ""


def test_a_promised_call_back_is_told_from_a_missed_call() -> None:
    promised = entry(0, needs_call_back=True)
    (caller,) = missed_callers((promised,), NOW)
    assert caller.is_promised
    assert caller.details.startswith("to call back · ")
    assert not missed_callers((missed(1),), NOW)[0].is_promised


def test_a_missed_colleague_is_no_work_to_be_done() -> None:
    assert row_of(missed(0), NOW).is_urgent
    assert not row_of(missed(0, is_internal=True), NOW).is_urgent


def test_fields_of_one_vendor_are_told_in_words_or_not_at_all() -> None:
    details = (
        ("accountId", "f728b4fa"),
        ("archived", "false"),
        ("hasRecording", "true"),
        ("queue_name", "Front desk"),
    )
    facts = record_facts(replace(RECORD, details=details))
    assert [(fact.label, fact.text) for fact in facts[-2:]] == [
        ("Has recording", "yes"),
        ("Queue name", "Front desk"),
    ]
    assert "f728b4fa" not in str(facts)
