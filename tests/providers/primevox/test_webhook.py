"""What is made of deliveries, good ones and others."""

from __future__ import annotations

import json

import pytest

from screenpop.domain.events import CallEvent, LegAlerting
from screenpop.providers.primevox.did_map import DidMap
from screenpop.providers.primevox.webhook import answer, parse
from tests.providers.contract import delivery
from tests.providers.primevox.recordings import CALL, form, recorded

NOBODY = DidMap({})
FORM = "application/x-www-form-urlencoded"


def _form(body: bytes, content_type: str = FORM) -> tuple[CallEvent, ...]:
    return parse(delivery(body, content_type=content_type), NOBODY).events


def _problem(body: bytes, content_type: str = "") -> str | None:
    return parse(delivery(body, content_type=content_type), NOBODY).problem


def test_every_delivery_gets_an_empty_200() -> None:
    given = answer(delivery(b"rubbish"))
    assert (given.status, given.body) == (200, b"")


@pytest.mark.parametrize("name", ["hook_inbound_call", "hook_hangup_call"])
@pytest.mark.parametrize("content_type", [FORM, f"{FORM}; charset=UTF-8", "", "x/y"])
def test_a_form_and_json_say_the_same(name: str, content_type: str) -> None:
    events = _form(form(name), content_type)
    as_json = json.dumps(recorded(name)).encode()
    assert events
    assert events == _form(as_json, "application/json")
    assert events == _form(as_json, FORM)


def test_what_is_understood_has_no_problem() -> None:
    for name in ("hook_inbound_call", "call_bare", "poll_answered", "poll_going_on"):
        assert _problem(json.dumps(recorded(name)).encode()) is None
    assert _problem(form("hook_hangup_call"), FORM) is None


@pytest.mark.parametrize("name", ["message_inbound", "message_outbound"])
def test_a_text_message_is_no_call_and_no_problem(name: str) -> None:
    parsed = parse(delivery(json.dumps(recorded(name)).encode()), NOBODY)
    assert parsed.events == ()
    assert parsed.problem is None


@pytest.mark.parametrize(
    ("body", "content_type", "problem"),
    [
        (b"", "", "It is empty"),
        (b"", FORM, "It is empty"),
        (b"nonsense", "", "It is not JSON"),
        (b"[]", "", "an empty list"),
        (b"3", "", "not an object"),
        (b"{}", "", "eventType is missing"),
        (b"a=1", FORM, "eventType is missing"),
        (b"eventType=ParkCall&callUuid=a", FORM, "eventType is none that is known"),
        (b"eventType=HangupCall", FORM, "callUuid and the caller are missing"),
        (
            b"eventType=HangupCall&callUuid=a&callUuid=b",
            FORM,
            "a field given twice",
        ),
        (b"&".join(b"a%d=1" % n for n in range(300)), FORM, "too many fields"),
        (b'{"callDate": "2026-01-01"}', "", "callUuid and both numbers are missing"),
        (
            b'{"events": [{"eventType": 3}]}',
            "",
            "callUuid and both numbers are missing",
        ),
        (
            b'{"callUuid": "a", "callDate": "yesterday", "callDirection": "in"}',
            "",
            "callDirection is not a number; callDate is not a point in time",
        ),
    ],
)
def test_a_problem_is_named_without_values(
    body: bytes, content_type: str, problem: str
) -> None:
    assert _problem(body, content_type) == problem


def test_a_call_without_its_id_is_shown_and_named() -> None:
    body = json.dumps(recorded("fault_missing_call_uuid")).encode()
    parsed = parse(delivery(body), NOBODY)
    assert parsed.problem == "callUuid is missing"
    (event,) = parsed.events
    assert event.call_id.startswith("nameless-")


def test_fields_of_a_wrong_type_are_named() -> None:
    body = json.dumps(recorded("fault_wrong_types")).encode()
    assert _problem(body) == (
        "didNumber is not text; didDescription is not text; callerIdName is not text"
    )


def test_a_list_of_deliveries_is_read_one_by_one() -> None:
    batch = [recorded("hook_inbound_call"), 3, recorded("poll_missed")]
    parsed = parse(delivery(json.dumps(batch).encode()), NOBODY)
    assert [event.call_id for event in parsed.events] == [CALL, CALL]
    assert parsed.problem == "not an object"


def test_a_form_in_another_encoding_is_read() -> None:
    (event,) = _form(b"eventType=InboundCall&callUuid=a&callerIdName=Zo%E9")
    assert isinstance(event, LegAlerting)
    assert event.caller.name == "Zo�"
    (event,) = _form("eventType=InboundCall&callUuid=a&callerIdName=Zoë".encode())
    assert isinstance(event, LegAlerting)
    assert event.caller.name == "Zoë"
