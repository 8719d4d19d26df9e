"""What is made of deliveries that are not as they should be."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screenpop.providers.voxloud.webhook import answer, parse
from tests.providers.contract import delivery
from tests.providers.voxloud.stand_in import recorded


def _problem(body: bytes) -> str | None:
    return parse(delivery(body)).problem


def test_every_delivery_gets_an_empty_200() -> None:
    given = answer(delivery(b"rubbish"))
    assert (given.status, given.body) == (200, b"")


def test_what_is_understood_has_no_problem() -> None:
    for name in ("call_incoming", "phone_call", "fax", "click_to_call", "history_fax"):
        assert _problem(json.dumps(recorded(name)).encode()) is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "It is empty"),
        (b"nonsense", "It is not JSON"),
        (b"[" * 100_000, "The JSON is nested too deeply"),
        (b"3", "not an object"),
        (b"[3, null]", "not an object"),
        (b"[]", "an empty list"),
        (b"{}", "type is missing"),
        (b'{"type": "CALL_PARKED"}', "type is none that is known"),
        (
            b'{"type": 7, "data": 8}',
            "data is not an object; type is none that is known",
        ),
        (
            b'{"type": "HANGUP", "callId": "a", "callId": "b"}',
            "a field given twice",
        ),
        (
            b'{"type": "HANGUP", "callId": "a", "timestamp": NaN}',
            "NaN or Infinity for a number",
        ),
        (
            '{"type": "HANGUP", "callId": "a", "originatorName": "Zoë"}'.encode(
                "latin-1"
            ),
            "not in UTF-8",
        ),
    ],
)
def test_a_problem_is_named_without_values(body: bytes, problem: str) -> None:
    assert _problem(body) == problem


def test_the_fields_of_a_wrong_type_are_named() -> None:
    parsed = parse(delivery(json.dumps(recorded("fault_wrong_types")).encode()))
    assert parsed.problem == (
        "timestamp is not a point in time; originatorNumber is not text; "
        "destinationName is not text; userEmail is not text"
    )
    (event,) = parsed.events
    assert event.user.extension == "101"


def test_a_list_of_deliveries_is_read_one_by_one() -> None:
    batch: list[Any] = [recorded("call_incoming"), 3, recorded("call_hangup")]
    parsed = parse(delivery(json.dumps(batch).encode()))
    assert [type(event).__name__ for event in parsed.events] == [
        "LegAlerting",
        "LegReleased",
    ]
    assert parsed.problem == "not an object"


def test_a_latin_1_name_is_read() -> None:
    body = '{"type": "INCOMING", "callId": "a", "originatorName": "Zoë"}'
    (event,) = parse(delivery(body.encode("latin-1"))).events
    assert event.caller.name == "Zoë"  # type: ignore[attr-defined]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_other_encodings_are_read(encoding: str) -> None:
    body = json.dumps(recorded("call_incoming")).encode(encoding)
    assert len(parse(delivery(body)).events) == 1
