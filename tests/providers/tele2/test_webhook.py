"""What is made of messages as they come, and of those that are not as they should."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import pytest

from screenpop.providers.abilities import ListChange, LostCallerNews, VoicemailNews
from screenpop.providers.key_names import KeyNames
from screenpop.providers.tele2.own_employee import OwnEmployee
from screenpop.providers.tele2.webhook import answer, news, note_names, parse
from tests.providers.contract import delivery

FIXTURES = Path(__file__).parent / "fixtures"
NOBODY = OwnEmployee()


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def _body(value: object) -> bytes:
    return json.dumps(value).encode()


def _problem(body: bytes) -> str | None:
    return parse(delivery(body), NOBODY).problem


def test_every_delivery_gets_an_empty_200() -> None:
    given = answer(delivery(b"rubbish"))
    assert (given.status, given.body) == (200, b"")


@pytest.mark.parametrize(
    "name",
    sorted(path.stem for path in FIXTURES.glob("*.json") if "fault" not in path.stem),
)
def test_what_is_documented_is_understood(name: str) -> None:
    assert _problem(_body(recorded(name))) is None


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "It is empty"),
        (b"nonsense", "It is not JSON"),
        (b"[" * 100_000, "The JSON is nested too deeply"),
        (b"3", "not an object"),
        (b"[3, null]", "not an object"),
        (b"[]", "an empty list"),
        (b"{}", "eventType is missing"),
        (b'{"type": "Event", "data": {"x": 1}}', "eventType is missing"),
        (b'{"type": "CallParked"}', "eventType is none that is known"),
        (b'{"eventType": "CallStarted", "data": 8}', None),
        (
            b'{"eventType": "CallStarted", "callID": 1, "callID": 2}',
            "a field given twice",
        ),
        (
            '{"eventType": "CallStarted", "callID": 1, "caller": "Zoë"}'.encode(
                "latin-1"
            ),
            "not in UTF-8",
        ),
        (
            b'{"eventType": "CallStarted", "caller": "07700900123"}',
            "callID is missing",
        ),
    ],
)
def test_a_problem_is_named_without_values(body: bytes, problem: str | None) -> None:
    wanted = problem or "data is not an object; callID and both numbers are missing"
    assert _problem(body) == wanted


def test_the_fields_of_a_wrong_type_are_named() -> None:
    parsed = parse(delivery(_body(recorded("fault_wrong_types"))), NOBODY)
    assert parsed.problem == (
        "caller is not text; callConnected is not a point in time; "
        "contactID is not text"
    )
    (event,) = parsed.events
    assert not event.is_time_reported


def test_a_list_of_messages_is_read_one_by_one() -> None:
    batch = [recorded("call_started"), 3, recorded("lost_caller_added")]
    parsed = parse(delivery(_body(batch)), NOBODY)
    assert [type(event).__name__ for event in parsed.events] == ["LegAlerting"]
    assert parsed.problem == "not an object"
    assert len(news(delivery(_body(batch)))) == 1


@pytest.mark.parametrize(
    "name",
    ["CallConnected", "callconnected", "CallConnectedEvent", "CALLCONNECTEDEVENT"],
)
def test_events_are_known_by_either_spelling(name: str) -> None:
    payload = recorded("call_connected") | {"eventType": name}
    (event,) = parse(delivery(_body(payload)), NOBODY).events
    assert type(event).__name__ == "LegConnected"


def test_an_event_that_is_named_inside_its_data_is_known() -> None:
    data = recorded("call_started")["data"] | {"eventType": "CallStarted"}
    (event,) = parse(delivery(_body({"data": data})), NOBODY).events
    assert type(event).__name__ == "LegAlerting"


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("LostCallerAdded", ListChange.ADDED),
        ("LostCallerCreated", ListChange.ADDED),
        ("LostCallerUpdatedEvent", ListChange.UPDATED),
        ("LostCallerRemoved", ListChange.REMOVED),
        ("LostCallerDeleted", ListChange.REMOVED),
    ],
)
def test_lost_callers_are_news_and_no_call(name: str, change: ListChange) -> None:
    body = _body(recorded("lost_caller_added") | {"eventType": name})
    parsed = parse(delivery(body), NOBODY)
    assert (parsed.events, parsed.problem) == ((), None)
    (found,) = news(delivery(body))
    assert isinstance(found, LostCallerNews)
    assert found.change is change
    assert (found.caller.number, found.caller.line) == ("07700900123", "02079460100")


def test_messages_are_news_and_no_call() -> None:
    (left,) = news(delivery(_body(recorded("voicemail_created"))))
    assert isinstance(left, VoicemailNews)
    assert left.change is ListChange.ADDED
    assert left.voicemail.voicemail_id == "1524664400000001"
    assert left.voicemail.audio_url.startswith("https://media.example.com/")
    (gone,) = news(delivery(_body(recorded("voicemail_deleted"))))
    assert isinstance(gone, VoicemailNews)
    assert gone.change is ListChange.REMOVED
    assert gone.voicemail.voicemail_id == left.voicemail.voicemail_id


@pytest.mark.parametrize("body", [b"", b"3", b"[]", b"{}", b'{"eventType": 4}'])
def test_rubbish_is_no_news(body: bytes) -> None:
    assert news(delivery(body)) == ()


def test_the_names_of_fields_are_learnt_and_no_value(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    names = KeyNames("Tele2")
    payload = recorded("call_started")
    payload["data"] |= {"queueName": "SEKRET", "07700900123": 1}
    note_names(payload, names)
    note_names(payload, names)
    note_names({"eventType": "07700900123", "odd": 1}, names)
    note_names(["SEKRET"], names)
    said = [record.getMessage() for record in caplog.records]
    assert len(said) == 3
    assert "queueName" in said[1]
    assert "message" in said[2]
    assert "SEKRET" not in caplog.text
    assert "0900123" not in caplog.text
