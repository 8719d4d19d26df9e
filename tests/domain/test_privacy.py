"""Secrets and full numbers stay out of what people read or send."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.domain.privacy import Secret, mask_number, redact


def test_a_secret_shows_itself_only_when_asked() -> None:
    secret = Secret("SEKRET-value")
    assert "SEKRET" not in f"{secret} {secret!r} {[secret]} {secret!s:>20}"
    assert secret.reveal() == "SEKRET-value"


def test_secrets_compare_by_value() -> None:
    assert Secret("one") == Secret("one")
    assert Secret("one") != Secret("two")
    assert Secret("one") != "one"
    assert len({Secret("one"), Secret("one")}) == 1
    assert Secret("one")
    assert not Secret("")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("+12025550123", "+12***23"),
        ("+390655501234", "+39***34"),
        (" 06 5550 1234 ", "06 ***34"),
        ("101", "101"),
        ("123456", "123456"),
        ("1234567", "123***67"),
        ("anonymous", "anonymous"),
        ("", ""),
        ("sip:101@pbx.example.com", "sip:101@pbx.example.com"),
        ("101@pbx.example.com", "101@pbx.example.com"),
        ("sip:mario@example.com", "sip:ma***@example.com"),
        ("mario@example.com", "ma***@example.com"),
        ("sip:+390655501234@example.com", "sip:+39***34@example.com"),
        (
            "\u0660\u0666\u0665\u0665\u0665\u0660\u0661",
            "\u0660\u0666\u0665***\u0660\u0661",
        ),
    ],
)
def test_the_middle_of_a_number_is_hidden(text: str, masked: str) -> None:
    assert mask_number(text) == masked


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("call from +390655501234 ended", "call from +39***34 ended"),
        ("tel:+390655501234", "tel:+39***34"),
        ("from=390655501234&to=101", "from=390***34&to=101"),
        ('{"originatorNumber": "0655501234"}', '{"originatorNumber": "065***34"}'),
        ("+39 06 5550 1234 rang", "+39***34 rang"),
        ("06/5550.1234", "06/***34"),
        ("+1 (202) 555-0123.", "+1 ***23."),
        ("+39 (0)6 - 5550 1234", "+39***34"),
        ("+39\u00a006\u00a05550\u20111234", "+39***34"),
        ("sip:390655501234@example.com", "sip:390***34@example.com"),
        ("user390655501234x", "user390***34x"),
        ("number:0655501234:end", "number:065***34:end"),
        ("a +12025550100, b +12025550101", "a +12***00, b +12***01"),
        ("2026-11-22 10:00:00 +390655501234", "2026-11-22 10:00:00 +39***34"),
    ],
)
def test_a_number_is_hidden_wherever_it_stands(text: str, kept: str) -> None:
    assert redact(text) == kept


@pytest.mark.parametrize(
    "text",
    [
        "extension 101 rang",
        "2026-11-22",
        "2026-11-22 10:00:00,123 INFO",
        "2026-11-22T10:00:00.123456+00:00",
        "2026-11-22T10:00:00Z done",
        "took 0.123456789 s",
        "id 3f2504e0-4f89-11d3-9a0c-030512345678",
        "digest a3f555012b555012c555012",
        "http://127.0.0.1:8787/status",
        "phonenumberslite 9.0.42, pid 12345",
        "10:30:00 101 -> 102",
        "queue depths 1, 2, 3, 4, 5, 6, 7, 8",
    ],
)
def test_what_a_log_needs_stays(text: str) -> None:
    assert redact(text) == text


def test_percent_encoding_hides_no_number() -> None:
    assert "555" not in redact("tel:%2B39%2006%20555%2001234")


def test_known_secrets_are_hidden_the_longest_first() -> None:
    text = redact("key SEKRET-one-two and SEKRET-one", ["SEKRET-one", "SEKRET-one-two"])
    assert text == "key *** and ***"


def test_a_very_short_secret_does_not_blank_out_words() -> None:
    assert redact("an ordinary sentence", ["an"]) == "an ordinary sentence"


_SEPARATORS = st.sampled_from(["", " ", "-", ".", "/", " (", ") ", "\u2011", "\u00a0"])


@given(
    st.lists(st.text("0123456789", min_size=1, max_size=4), min_size=3, max_size=5),
    st.lists(_SEPARATORS, min_size=4, max_size=4),
    st.sampled_from(["+", "", "tel:", "tel:+", "from=", "x", "(", '"', "2026-11-22 "]),
    st.sampled_from(["", ".", ",", ")", '"', "x", "@example.com", ";ext=5", ":"]),
)
@example(["065", "550", "1234"], ["", "", "", ""], "a1b2c3", "")
def test_no_number_is_left_whole(
    groups: list[str], separators: list[str], before: str, after: str
) -> None:
    number = groups[0] + "".join(
        separator + group
        for separator, group in zip(separators, groups[1:], strict=False)
    )
    digits = re.sub(r"\D", "", number)
    is_date = re.match(r"(19|20)\d\d-\d\d-\d\d", number)
    is_fraction = re.fullmatch(r"0\.\d+", number)
    if not 7 <= len(digits) <= 15 or is_date or is_fraction:
        return
    shown = redact(f"{before}{number}{after}")
    assert number not in shown
    bare = re.sub(r"[ \-./()\u2011\u00a0]", "", shown.removeprefix("2026-11-22 "))
    assert not re.search(r"\d{7}", bare)


@given(st.text(max_size=200))
def test_redacting_never_fails_and_comes_to_rest(text: str) -> None:
    once = redact(text)
    assert redact(once) == once
    mask_number(text)


def test_a_megabyte_is_redacted_in_passing() -> None:
    for text in ("1" * 1_000_000, "a" * 1_000_000, "1 " * 500_000, "1(((((" * 150_000):
        assert len(redact(text)) <= len(text)
