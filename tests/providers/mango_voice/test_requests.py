"""Every encoding and spelling of a request reads the same."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from screenpop.providers.mango_voice.requests import (
    parameters_of,
    read_parameters,
    squeezed,
)
from tests.providers.contract import delivery

SAYS = {"callId": "1", "from": "12025550143", "ext": "101"}
FORM = "application/x-www-form-urlencoded"


def read(body: bytes, **changes: Any) -> dict[str, object]:
    (found,), problems = read_parameters(delivery(body, **changes))
    assert problems == []
    return dict(found.fields.source)


@pytest.mark.parametrize(
    ("body", "changes"),
    [
        (json.dumps(SAYS).encode(), {}),
        (json.dumps(SAYS).encode(), {"content_type": FORM}),
        (json.dumps([SAYS]).encode(), {"content_type": ""}),
        (urlencode(SAYS).encode(), {"content_type": FORM}),
        (urlencode(SAYS).encode(), {}),
        (b"", {"query": urlencode(SAYS)}),
        (b" \r\n", {"query": urlencode(SAYS), "method": "GET"}),
        (b'{"callId": "1", "from": "12025550143"}', {"query": "ext=101"}),
        (json.dumps({"data": SAYS}).encode(), {}),
        (json.dumps({"event": {"payload": SAYS}}).encode(), {}),
        (urlencode({"payload": json.dumps(SAYS)}).encode(), {"content_type": FORM}),
    ],
)
def test_json_form_and_query_are_one(body: bytes, changes: dict[str, Any]) -> None:
    assert read(body, **changes) == {
        "callid": "1",
        "from": "12025550143",
        "ext": "101",
    }


def test_case_and_punctuation_of_a_name_do_not_matter() -> None:
    assert {squeezed(name) for name in ("callId", "call_id", "Call-ID")} == {"callid"}


def test_an_object_that_is_no_wrapper_names_what_is_in_it() -> None:
    source: dict[str, Any] = {"caller": {"number": "12025550143", "name": "Nora"}}
    assert parameters_of(source).fields.source == {
        "callernumber": "12025550143",
        "callername": "Nora",
    }


def test_the_body_wins_over_the_query_and_outer_over_inner() -> None:
    assert read(b'{"id": "body", "data": {"id": "inner"}}', query="id=query") == {
        "id": "body"
    }


def test_a_name_given_twice_keeps_its_first_value() -> None:
    assert read(b"id=1&id=2", content_type=FORM) == {"id": "1"}


def test_depth_and_number_of_fields_are_bounded() -> None:
    deep: dict[str, Any] = {"id": "deep"}
    for _ in range(9):
        deep = {"data": deep}
    assert read(json.dumps(deep).encode()) == {}
    wide = {f"name{number}": number for number in range(1_000)}
    assert len(read(json.dumps(wide).encode())) == 300


def test_text_in_a_wrapper_that_is_no_json_stays_text() -> None:
    assert read(b'{"data": "{broken"}') == {"data": "{broken"}


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"<html>", "text/html", "It is not JSON"),
        (b"{broken=", "", "It is not JSON"),
        (b"[]", "", "an empty list"),
        (b"[1]", "", "not an object"),
        (b"&".join(b"a%d=1" % n for n in range(999)), FORM, "too many parameters"),
        ("name=Zoë".encode("latin-1"), FORM, "not in UTF-8"),
        (b'{"a": 1, "a": 2}', "", "a field given twice"),
    ],
)
def test_what_is_wrong_is_named(body: bytes, content_type: str, problem: str) -> None:
    _, problems = read_parameters(delivery(body, content_type=content_type))
    assert problems == [problem]


def test_names_are_told_as_they_were_spelled() -> None:
    source: dict[str, Any] = {"event": "x", "data": {"callId": "1", "user": {"ext": 1}}}
    assert parameters_of(source).names() == ("event", "data.callId", "data.user.ext")
