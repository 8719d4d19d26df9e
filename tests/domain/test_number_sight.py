"""Numbers read at sight, by the million, are read as with a closer look."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import phonenumbers
from hypothesis import example, given
from hypothesis import strategies as st

from screenpop.domain.number_lookalikes import is_date, is_network_address
from screenpop.domain.number_sight import e164_at_sight, e164s_at_sight
from screenpop.domain.numbering_plans import is_surely_canonical, sure_national

_CORPUS = Path(__file__).with_name("corpus") / "numbers.csv"
_REGIONS = ("IT", "US", "GB", "IN", "LT", "DE", "FR", "BR", "CI", "")
_PLAIN = re.compile(r"\+?[0-9(][0-9 .()\-]{6,30}")
_SEPARATORS = re.compile(r"[ .()\-]")
PLAIN_TEXTS = st.builds(
    "{}{}".format,
    st.sampled_from(["", "+", "00", "0", "+39", "+1", "+44", "+49", "+225", "("]),
    st.text("0123456789 -.()", min_size=5, max_size=16),
)
BARE_TEXTS = st.builds(
    "{}{}".format, st.sampled_from(["", "+"]), st.from_regex(r"[0-9 -]{7,14}")
)


def with_a_close_look(text: str, region: str) -> str:
    """The same, from all digits by the numbering plans, nothing kept in mind."""
    if not _PLAIN.fullmatch(text) or re.search(r"\(\s*0\s*\)", text):
        return ""
    digits = _SEPARATORS.sub("", text)
    if digits.startswith("+"):
        return digits if is_surely_canonical(digits) else ""
    if text.count(".") == 3 and is_network_address(text):
        return ""
    if len(digits) <= 8 and is_date(text):
        return ""
    return sure_national(digits, region)


def test_every_text_of_the_corpus_is_read_alike_at_sight() -> None:
    with _CORPUS.open(encoding="utf-8", newline="") as file:
        texts = [row["input"] for row in csv.DictReader(file)]
    for region in _REGIONS:
        expected = [with_a_close_look(text, region) for text in texts]
        assert [e164_at_sight(text, region) for text in texts] == expected
        assert e164s_at_sight(texts, region) == expected
        assert any(expected)


@given(PLAIN_TEXTS, st.sampled_from(sorted(phonenumbers.SUPPORTED_REGIONS)))
@example("(------", "IT")
@example("2024 01 01", "NO")
@example("0 2024-01-01", "FR")
def test_a_number_at_sight_is_what_all_its_digits_say(text: str, region: str) -> None:
    assert e164_at_sight(text, region) == with_a_close_look(text, region)


@given(
    st.lists(st.one_of(BARE_TEXTS, BARE_TEXTS, st.just("")), max_size=6)
    | st.lists(PLAIN_TEXTS | st.text(max_size=4), max_size=6),
    st.sampled_from(_REGIONS),
)
@example(["0655501234\n0655501235"], "IT")
@example(["0655501234", "20240101"], "IT")
def test_many_numbers_are_read_as_each_by_itself(texts: list[str], region: str) -> None:
    expected = [e164_at_sight(text, region) for text in texts]
    assert e164s_at_sight(texts, region) == expected
