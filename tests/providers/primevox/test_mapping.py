"""What PrimeVOX's payloads mean, field by field."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screenpop.domain.cdr import CallDetailRecord, CallOutcome
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.events import (
    NO_PARTY,
    NO_USER,
    CallerId,
    CallEvent,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegReleased,
    LineUser,
    ReleaseCause,
)
from screenpop.domain.json_fields import FieldReader, JsonValue
from screenpop.providers.primevox import event_types, mapping
from screenpop.providers.primevox.did_map import DidMap
from screenpop.providers.primevox.parties import dialable, readable_number
from screenpop.providers.primevox.payloads import (
    EventPayload,
    read_conversations,
    read_event,
    read_messages,
)
from screenpop.providers.primevox.webhook import parse
from tests.providers.contract import RECEIVED_AT, delivery
from tests.providers.primevox.recordings import CALL, recorded

BEGAN = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
AMELIA, RUI = LineUser("101", name="Amelia Hart"), LineUser("102", name="Rui Costa")


def _events(payload: Any, did_map: str = "") -> tuple[CallEvent, ...]:
    body = json.dumps(payload).encode()
    return parse(delivery(body), DidMap.read(did_map)).events


def _hook(name: str = "hook_inbound_call", did_map: str = "", **changes: Any) -> Any:
    return _events(recorded(name) | changes, did_map)


def _record(**changes: Any) -> CallDetailRecord:
    *_legs, event = _events(recorded("call_bare") | changes)
    assert isinstance(event, CallRecorded)
    return event.record


def _polled(*events: EventPayload | Any, **changes: Any) -> Any:
    return _events({"summary": recorded("call_bare") | changes, "events": list(events)})


def _step(kind: int, second: int = 0, *data: str) -> dict[str, Any]:
    columns = (*data, "", "", "", "")[:4]
    return {
        "eventType": kind,
        "eventDate": f"2026-11-22 09:30:{second:02}.000000",
        **{f"eventData{number}": one for number, one in enumerate(columns, 1)},
    }


def _legs(events: tuple[CallEvent, ...]) -> list[tuple[str, str]]:
    return [
        (type(event).__name__, event.user.extension)
        for event in events
        if not isinstance(event, CallRecorded)
    ]


# --- webhooks -------------------------------------------------------------------------


def test_a_ring_names_the_number_and_nobody() -> None:
    assert _hook() == (
        LegAlerting(
            account_id="acme",
            call_id=CALL,
            occurred_at=RECEIVED_AT,
            received_at=RECEIVED_AT,
            is_time_reported=False,
            user=NO_USER,
            line=CallerId("+12025550100", "Main office"),
            caller=CallerId("+12025550123", "ADA EXAMPLE"),
            callee=CallerId("+12025550100"),
        ),
    )


def test_a_map_says_whose_number_it_is() -> None:
    found = _hook(did_map="2025550100=101+102, 2025550101=103")
    assert [event.user.extension for event in found] == ["101", "102"]
    (event,) = _hook(did_map="2025550101=103")
    assert event.user is NO_USER


def test_a_ring_that_names_an_extension_is_that_extensions() -> None:
    (event,) = _hook(did_map="2025550100=102", extNumber="101", extName="Amelia Hart")
    assert event.user == AMELIA


def test_a_hang_up_by_an_extension_was_answered_there() -> None:
    connected, released = _hook("hook_hangup_call")
    assert isinstance(connected, LegConnected)
    assert isinstance(released, LegReleased)
    assert connected.user == released.user == AMELIA
    assert connected.caller == CallerId("+12025550123", "ADA EXAMPLE")


def test_a_hang_up_by_nobody_only_ends() -> None:
    (event,) = _hook("hook_hangup_call_unanswered")
    assert isinstance(event, LegReleased)
    assert event.user is NO_USER


def test_a_hang_up_without_a_caller_hides_nobody() -> None:
    (event,) = _hook("hook_hangup_call_unanswered", callerIdNum="", callerIdName="")
    assert event.caller == NO_PARTY


def test_an_answer_is_believed_though_no_page_lists_it() -> None:
    (event,) = _hook("hook_hangup_call", eventType="AnswerCall")
    assert isinstance(event, LegConnected)
    assert event.user == AMELIA


@pytest.mark.parametrize("sent", ["anonymous", "Anonymous", "", None, "Restricted"])
def test_a_caller_who_hides_the_number_is_withheld(sent: Any) -> None:
    (event,) = _hook(callerIdNum=sent, callerIdName="Anonymous")
    assert event.caller == CallerId(is_withheld=True)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("SALES: ADA EXAMPLE", "ADA EXAMPLE"),
        ("sales ADA", "ADA"),
        ("ADA EXAMPLE", "ADA EXAMPLE"),
        ("SALES 2025550123", ""),
        ("12025550123", ""),
    ],
)
def test_a_callers_name_is_freed_of_the_prefix_and_of_the_number(
    name: str, read: str
) -> None:
    (event,) = _hook(callerIdName=name)
    assert event.caller.name == read


def test_a_line_without_a_description_has_its_groups_name() -> None:
    (event,) = _hook(didDescription="")
    assert event.line == CallerId("+12025550100", "Sales")
    (event,) = _hook(didNumber="")
    assert event.line == NO_PARTY


def test_a_repeated_ring_without_an_id_is_the_same_call() -> None:
    first, second = (_hook(callUuid=None)[0].call_id for _ in range(2))
    assert first == second
    (other,) = _hook(callUuid=None, callerIdNum="2025550124")
    assert other.call_id != first


# --- numbers and the map --------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("2025550123", "+12025550123"),
        ("(202) 555-0123", "+12025550123"),
        ("12025550123", "+12025550123"),
        ("+12025550123", "+12025550123"),
        ("011442079460123", "+442079460123"),
        ("00442079460123", "+442079460123"),
        ("442079460123", "+442079460123"),
        ("101", "101"),
        ("", ""),
        ("sip:bob@example.com", "sip:bob@example.com"),
        ("0123456789", "0123456789"),
    ],
)
def test_a_number_is_completed_only_where_that_is_sure(sent: str, read: str) -> None:
    assert readable_number(sent) == read


@pytest.mark.parametrize(
    ("e164", "sent"),
    [
        ("+12025550123", "12025550123"),
        ("+442079460123", "011442079460123"),
        ("+1202555", ""),
        ("12025550123", ""),
        ("", ""),
        ("+", ""),
    ],
)
def test_a_number_is_dialled_without_its_plus(e164: str, sent: str) -> None:
    assert dialable(e164) == sent


def test_the_map_is_read_in_every_spelling() -> None:
    read = DidMap.read(
        "2025550100=101, +1 (202) 555-0101 = 102 + 103;\n2025550100=104,"
    )
    assert read.extensions("12025550100") == ("101", "104")
    assert read.extensions("2025550101") == ("102", "103")
    assert read.extensions("2025550199") == ()
    assert read.numbers == ("2025550100", "2025550101")


@pytest.mark.parametrize("text", ["101", "2025550100", "2025550100=Amelia", "=101"])
def test_a_map_that_cannot_be_read_says_how_to_write_it(text: str) -> None:
    with pytest.raises(ConfigurationError, match="did_map") as caught:
        DidMap.read(text)
    assert "2025550100=101" in caught.value.advice


# --- records --------------------------------------------------------------------------


def test_a_call_of_the_list_becomes_a_record() -> None:
    assert _record(fileSize=17) == CallDetailRecord(
        record_id=CALL,
        direction=Direction.INBOUND,
        started_at=BEGAN,
        caller=CallerId("+12025550123", "ADA EXAMPLE"),
        callee=CallerId("+12025550100"),
        outcome=CallOutcome.ANSWERED,
        duration_seconds=75,
        recording_url=recorded("call_bare")["recordingUrl"],
        labels=("follow up", "severity 3"),
        rules=("Sales",),
        description="Wants a quote",
        details=(
            ("Ended with", "Hangup (Normal)"),
            ("Number prefix", "SALES"),
            ("fileSize", "17"),
        ),
    )


@pytest.mark.parametrize(
    ("written", "offset"),
    [
        ("2026-11-22 09:30:00", 0),
        ("2026-11-22 09:30:00", None),
        ("2026-11-22 04:30:00", -300),
        ("2026-11-22T10:30:00", "60"),
        ("2026-11-22T04:30:00-05:00", 60),
        ("2026-11-22 09:30:00.000", 99_999),
    ],
)
def test_times_are_in_the_offset_of_the_answer(written: str, offset: Any) -> None:
    record = _record(callDate=written, utcOffset=offset)
    assert record.started_at == BEGAN


@pytest.mark.parametrize("written", ["0000-00-00 00:00:00", "", "1970-01-01 00:00:00"])
def test_without_a_believable_time_that_of_receipt_stands_in(written: str) -> None:
    *_legs, event = _events(recorded("call_bare") | {"callDate": written})
    assert event.occurred_at == RECEIVED_AT
    assert not event.is_time_reported


def test_a_time_at_the_edge_of_the_calendar_is_no_crash() -> None:
    record = _record(callDate="0001-01-01 00:00:00", utcOffset=60)
    assert record.started_at == RECEIVED_AT


@pytest.mark.parametrize(
    ("spoke", "voicemail", "last_event", "outcome"),
    [
        (1, 0, "", CallOutcome.ANSWERED),
        (1, 1, "Voicemail Left", CallOutcome.ANSWERED),
        (0, 1, "", CallOutcome.VOICEMAIL),
        (0, 0, "", CallOutcome.NO_ANSWER),
        (0, 0, "Hangup (Normal)", CallOutcome.NO_ANSWER),
        (0, 0, "Extension Busy", CallOutcome.BUSY),
        (0, 0, "Queue Abandoned by Caller", CallOutcome.CANCELLED),
        (0, 0, "Call blocked (Globally)", CallOutcome.REJECTED),
        (0, 0, "Extension Answer", CallOutcome.NO_ANSWER),
        (None, None, "Extension Answer", CallOutcome.ANSWERED),
        (None, None, "Extension No Answer", CallOutcome.NO_ANSWER),
        (None, None, "Ring Group Timeout", CallOutcome.NO_ANSWER),
        (None, None, "Dial-Out Failed - Invalid PIN", CallOutcome.FAILED),
        (None, None, "", CallOutcome.UNKNOWN),
    ],
)
def test_what_is_told_outright_comes_before_the_words(
    spoke: int | None, voicemail: int | None, last_event: str, outcome: CallOutcome
) -> None:
    record = _record(
        spokeToPerson=spoke, wentToVoicemail=voicemail, lastEvent=last_event
    )
    assert record.outcome is outcome
    assert record.has_voicemail == bool(voicemail)


@pytest.mark.parametrize(
    ("seen", "outcome"),
    [
        ((37, 89), CallOutcome.ANSWERED),
        ((43,), CallOutcome.NO_ANSWER),
        ((6,), CallOutcome.UNKNOWN),
    ],
)
def test_an_outbound_call_ends_as_its_events_say(
    seen: tuple[int, ...], outcome: CallOutcome
) -> None:
    call = recorded("poll_outbound")["summary"] | {"lastEvent": "Hangup (Normal)"}
    events = [_step(kind, number) for number, kind in enumerate(seen)]
    *_legs, event = _events({"summary": call, "events": events})
    assert isinstance(event, CallRecorded)
    assert event.record.outcome is outcome
    assert event.record.answered_by is None


def test_voicemail_is_known_by_the_events_too() -> None:
    (*_legs, event) = _polled(
        _step(25, 1, "63492d1e45d3c", "101", "Amelia Hart"),
        _step(36, 5),
        spokeToPerson=None,
    )
    assert event.record.outcome is CallOutcome.VOICEMAIL
    assert event.record.has_voicemail


@pytest.mark.parametrize("seconds", [-1, 1e12, "NaN", "soon"])
def test_an_impossible_length_is_left_out(seconds: Any) -> None:
    assert _record(duration=seconds).duration_seconds is None


def test_severity_none_and_no_flag_give_no_label() -> None:
    assert _record(callFlagged=0, callSeverity=0).labels == ()
    assert _record(callFlagged=0, callSeverity=None, didGroup="").rules == ()


def test_a_call_without_id_is_named_by_its_parties() -> None:
    *_legs, first = _events(recorded("call_bare") | {"callUuid": None})
    *_legs, second = _events(recorded("call_bare") | {"callUuid": None})
    assert first.call_id == second.call_id
    assert first.call_id.startswith("nameless-")


# --- who rang, who answered -----------------------------------------------------------


def test_events_say_who_rang_who_answered_and_when() -> None:
    events = _events(recorded("poll_answered"))
    assert [
        (type(event).__name__, event.user, (event.occurred_at - BEGAN).total_seconds())
        for event in events
    ] == [
        ("LegAlerting", AMELIA, 2.0),
        ("LegAlerting", RUI, 2.0),
        ("LegConnected", AMELIA, 10.5),
        ("LegReleased", RUI, 10.5),
        ("LegReleased", AMELIA, 75.0),
        ("CallRecorded", NO_USER, 0.0),
    ]
    causes = [event.cause for event in events if isinstance(event, LegReleased)]
    assert causes == [ReleaseCause.ANSWERED_ELSEWHERE, ReleaseCause.NORMAL]
    record = events[-1]
    assert isinstance(record, CallRecorded)
    assert record.record.answered_by == CallerId("101", "Amelia Hart")
    assert record.record.ring_seconds == 10.5


def test_a_call_that_goes_on_has_no_record() -> None:
    events = _events(recorded("poll_going_on"))
    assert not any(isinstance(event, CallRecorded) for event in events)
    assert _legs(events)[-2:] == [("LegConnected", "101"), ("LegReleased", "102")]


def test_a_phone_that_gives_up_says_why() -> None:
    events = _polled(
        _step(3, 1, "63492d1e45d3c", "101", "Amelia Hart"),
        _step(9, 2, "63492d1e45d4d", "102", "Rui Costa"),
        _step(10, 9, "63492d1e45d3c", "101", "Amelia Hart"),
        _step(11, 10, "63492d1e45d5e", "103", "Sara"),
        _step(98, 11, "104", "Tom", "20"),
        spokeToPerson=0,
    )
    released = {
        event.user.extension: event.cause
        for event in events
        if isinstance(event, LegReleased)
    }
    assert released == {
        "101": ReleaseCause.NO_ANSWER,
        "102": ReleaseCause.BUSY,
        "103": ReleaseCause.FAILED,
        "104": ReleaseCause.NO_ANSWER,
    }


def test_a_parked_call_is_whose_picks_it_up() -> None:
    events = _polled(_step(58, 30, "lot-1", "Lot", "701", "102"))
    assert _legs(events) == [("LegConnected", "102"), ("LegReleased", "102")]


def test_our_own_phone_of_a_click_to_call_calls_out() -> None:
    events = _polled(
        _step(6),
        _step(3, 1, "63492d1e45d3c", "101", "Amelia Hart"),
        _step(4, 4, "63492d1e45d3c", "101", "Amelia Hart"),
        _step(37, 4, "2025550123", "Amelia Hart", "101"),
        _step(89, 9),
        _step(5, 60, "0", "0") | {"eventDate": "2026-11-22 09:31:00"},
        callDirection=2,
        cidNum="2025550100",
        numDialed="2025550123",
    )
    assert _legs(events) == [
        ("LegInitiated", "101"),
        ("LegConnected", "101"),
        ("LegReleased", "101"),
    ]
    assert events[1].occurred_at == BEGAN + timedelta(seconds=9)


def test_a_dialled_call_that_goes_on_is_outbound() -> None:
    events = _events(
        {
            "callUuid": CALL,
            "events": [
                _step(37, 0, "2025550123", "Amelia Hart", "101"),
                _step(3, 1, "63492d1e45d3c", "101", "Amelia Hart"),
            ],
        }
    )
    assert _legs(events) == [("LegInitiated", "101")]


def test_events_without_a_time_keep_their_place() -> None:
    late = _step(4, 0, "63492d1e45d3c", "101", "A") | {"eventDate": None}
    events = _polled(_step(3, 7, "63492d1e45d3c", "101", "A"), late)
    assert [event.occurred_at for event in events[:2]] == [
        BEGAN + timedelta(seconds=7)
    ] * 2


def test_an_internal_call_is_begun_by_its_caller() -> None:
    call = recorded("poll_internal")
    events = _events(
        {**call, "events": [_step(3, 1, "63492d1e45d4d", "102", "Rui Costa")]}
    )
    assert _legs(events)[:2] == [("LegInitiated", "101"), ("LegAlerting", "102")]
    record = events[-1]
    assert isinstance(record, CallRecorded)
    assert record.record.is_internal
    assert record.record.direction is None
    assert record.line == NO_PARTY
    without = _events(call)
    assert _legs(without) == [("LegInitiated", "101"), ("LegReleased", "101")]


def test_without_events_the_map_and_the_list_say_whose_call_it_was() -> None:
    call = recorded("poll_missed")
    assert _legs(_events(call, "2025550100=102")) == [
        ("LegAlerting", "102"),
        ("LegReleased", "102"),
    ]
    events = _events(call | {"owner": "101"} | {"summary": recorded("call_bare")})
    assert _legs(events) == [("LegAlerting", "101"), ("LegReleased", "101")]
    record = events[-1]
    assert isinstance(record, CallRecorded)
    assert record.record.answered_by == CallerId("101")


def test_an_outbound_call_without_events_says_nothing_of_legs() -> None:
    (event,) = _events(recorded("poll_outbound"))
    assert isinstance(event, CallRecorded)
    assert event.record.caller == CallerId("101", "Amelia Hart")
    assert event.record.callee == CallerId("+12025550123")
    assert event.record.direction is Direction.OUTBOUND


# --- the timeline ---------------------------------------------------------------------


def _event(kind: int | None, *data: str) -> EventPayload:
    columns = [*data, "", "", "", ""][:4]
    return EventPayload(BEGAN, kind, (columns[0], columns[1], columns[2], columns[3]))


def test_every_type_of_the_table_has_words() -> None:
    assert sorted(event_types.EVENT_TYPES) == list(range(1, 99))
    texts = [event_types.text_of(_event(kind)) for kind in range(1, 99)]
    assert len(set(texts)) == 98
    assert all(text[0].isupper() and ":" not in text[-1] for text in texts)


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (_event(1, "2025550100"), "Called our number: 2025550100"),
        (
            _event(3, "63492d1e45d3c", "101", "Amelia Hart"),
            "Rang at extension: 101, Amelia Hart",
        ),
        (
            _event(28, "63492d1e45d3c", "8311", "All Phones 1"),
            "Tried ring group: 8311, All Phones 1",
        ),
        (_event(28, "8311", "All Phones 1"), "Tried ring group: 8311, All Phones 1"),
        (
            _event(29, "101", "63492d1e45d3c", "All Phones"),
            "Answered in ring group: 101, peer 63492d1e45d3c, All Phones",
        ),
        (
            _event(52, "menu-1", "900", "Main menu", "2"),
            "Chose in menu: menu extension 900, Main menu, option 2",
        ),
        (
            _event(64, "b", "80", "Board", "4711"),
            "Wrong PIN for conference: conference extension 80, Board",
        ),
        (_event(40, "4711", "Amelia"), "Not dialled: wrong PIN: Amelia"),
        (_event(5, "3", "0"), "Hung up: total jitter 3, total packet loss 0"),
        (_event(36), "Left a message"),
        (_event(99, "x", "", "y"), "Event of type 99: x, y"),
        (_event(None), "Event of type ?"),
    ],
)
def test_an_event_is_told_in_one_line(event: EventPayload, text: str) -> None:
    assert event_types.text_of(event) == text


def test_the_timeline_is_in_order_and_lends_missing_times() -> None:
    events = tuple(
        read_event(FieldReader(one))
        for one in (
            _step(36) | {"eventDate": None},
            _step(5, 9),
            _step(1, 2, "2025550100"),
        )
    )
    told = mapping.timeline(events)
    assert [entry.text for entry in told] == [
        "Called our number: 2025550100",
        "Left a message",
        "Hung up",
    ]
    assert mapping.timeline((EventPayload(None, 5, ("", "", "", "")),)) == ()


def test_a_number_where_the_extension_should_be_is_none() -> None:
    assert event_types.extension_of(_event(3, "e", "Amelia", "101")) == ("", "")
    assert mapping.has_ended((_event(31),))
    assert not mapping.has_ended((_event(4),))


def test_a_map_that_php_made_a_list_of_is_read() -> None:
    listed: JsonValue = {
        "messages": [{"messageFrom": "2025550123", "messageText": "Hi"}, 3]
    }
    (message,) = read_messages(listed)
    assert (message.text_id, message.text) == ("0", "Hi")
    assert read_conversations({"conversations": []}) == ()
