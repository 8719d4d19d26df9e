"""Reading foreign JSON."""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import PayloadError
from screenpop.domain.json_fields import FieldReader, read_json, storable

anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(st.binary())
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        read_json(body)
    except PayloadError:
        return


@given(anything)
def test_whatever_is_json_is_read(value: Any) -> None:
    text = json.dumps(value)
    document = read_json(text.encode())
    if "NaN" not in text and "Infinity" not in text:
        assert document.value == value
        assert document.oddities == ()


@given(anything)
def test_a_field_of_any_type_is_read_or_named(value: Any) -> None:
    for read in ("text", "number", "flag", "texts", "moment", "child", "children"):
        reader = FieldReader({"known": value})
        getattr(reader, read)("known")
        assert all(problem.startswith("known is not ") for problem in reader.problems)
    reader = FieldReader({"known": value})
    for name, text in reader.rest():
        (name + text).encode()


def test_a_big_body_is_read_without_looking_for_doubles() -> None:
    body = b'{"a": 1, "a": 2, "b": "' + b"x" * 70_000 + b'"}'
    document = read_json(body)
    assert document.oddities == ()
    assert read_json(b'{"a": 1, "a": 2}').oddities == ("a field given twice",)


def test_an_integer_of_any_length_is_read() -> None:
    value = read_json(b'{"a": ' + b"9" * 5_000 + b', "b": 12}').value
    assert value == {"a": "9" * 5_000, "b": 12}
    assert FieldReader({"a": "9" * 5_000}).number("a") is None
    assert FieldReader({"a": 10**400}).number("a") is None
    assert FieldReader({"a": 10**400}).moment("a") is None


def test_text_becomes_storable() -> None:
    assert storable("plain") == "plain"
    assert storable("\ud83d\ude00") == "\U0001f600"
    assert storable("a\ud83db") == "a\ufffdb"
    assert storable("a\x00b") == "ab"


@given(st.text(alphabet=st.characters(codec=None, categories=None)))
def test_any_text_becomes_storable(text: str) -> None:
    storable(text).encode()


def test_the_first_field_that_says_something_counts() -> None:
    reader = FieldReader({"a": " ", "b": None, "c": "x", "d": []})
    assert reader.text("a", "b", "c", "d") == "x"
    assert reader.problems == []


@pytest.mark.parametrize(
    ("value", "flag"),
    [(True, True), ("TRUE", True), (1, True), ("0", False), (0, False), ("", None)],
)
def test_truth_is_read_as_it_comes(value: Any, flag: bool | None) -> None:
    assert FieldReader({"a": value}).flag("a") is flag


@pytest.mark.parametrize("value", ["maybe", 2, 1.0, [], {}])
def test_what_is_neither_true_nor_false_is_named(value: Any) -> None:
    reader = FieldReader({"a": value})
    assert reader.flag("a") is None
    assert reader.problems == ["a is not true or false"]


def test_lists_are_read_item_by_item() -> None:
    reader = FieldReader({"a": ["x", None, 3, " ", []], "b": [{"c": 1}, 4], "c": {}})
    assert reader.texts("a") == ("x", "3")
    assert [child.number("c") for child in reader.children("b")] == [1]
    assert len(reader.children("c")) == 1
    assert reader.children("none") == ()
    assert reader.problems == ["a is not a list of texts", "b is not a list of objects"]


def test_numbers_that_are_none_are_nothing() -> None:
    values: tuple[Any, ...] = (math.nan, math.inf, "nan", "x", True, [], {})
    for value in values:
        reader = FieldReader({"a": value})
        assert reader.number("a") is None
        assert reader.problems == ["a is not a number"]
    assert FieldReader({"a": math.inf}).text("a") == ""


def test_the_edge_of_the_calendar_is_no_point_in_time() -> None:
    for value in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", 1e300):
        assert FieldReader({"a": value}).moment("a") is None
    assert FieldReader({"a": "2026-11-22"}).moment("a") == datetime(
        2026, 11, 22, tzinfo=UTC
    )


def test_what_was_not_asked_for_is_kept_in_short() -> None:
    deep: Any = "x"
    for _ in range(5_000):
        deep = [deep]
    source: dict[str, Any] = {f"f{n}": n for n in range(60)}
    reader = FieldReader({"used": 1, "long": "x" * 5_000, "deep": deep, **source})
    reader.text("used")
    rest = dict(reader.rest())
    assert len(rest) == 40
    assert len(rest["long"]) == 1_000
    assert rest["deep"] == "…"
    assert "used" not in rest
