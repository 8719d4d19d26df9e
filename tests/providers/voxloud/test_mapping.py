"""What Voxloud's payloads mean, field by field."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.events import (
    NO_PARTY,
    CallerId,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
)
from screenpop.providers.voxloud import mapping
from screenpop.providers.voxloud.webhook import parse
from tests.providers.contract import RECEIVED_AT, delivery
from tests.providers.voxloud.stand_in import recorded

if TYPE_CHECKING:
    from screenpop.domain.delivery import ParsedDelivery


def _parsed(payload: Any) -> ParsedDelivery:
    return parse(delivery(json.dumps(payload).encode()))


def _event(payload: Any) -> Any:
    (event,) = _parsed(payload).events
    return event


def _leg(**changes: Any) -> Any:
    """The event of the recorded ring with some fields changed or (None) taken out."""
    payload = recorded("call_incoming")
    payload["data"] |= changes
    return _event(payload)


def _record(**changes: Any) -> CallDetailRecord:
    event = _event(recorded("phone_call_bare") | changes)
    assert isinstance(event, CallRecorded)
    return event.record


# --- call events ----------------------------------------------------------------------


def test_an_incoming_call_rings_at_the_user_it_names() -> None:
    event = _event(recorded("call_incoming"))
    assert event == LegAlerting(
        account_id="acme",
        call_id="9cb33f1b427c4d8983a064f0bd68be95",
        occurred_at=datetime(2017, 12, 6, 9, 23, 46, tzinfo=UTC),
        received_at=RECEIVED_AT,
        user=LineUser("101", "user@example.com", "Some User"),
        line=CallerId("+3912345678"),
        caller=CallerId("+390687654321", "Another User"),
        callee=CallerId("+3912345678", "Some User"),
    )


def test_wrapped_and_bare_say_the_same() -> None:
    assert _event(recorded("call_incoming")) == _event(recorded("call_incoming_bare"))
    assert _event(recorded("phone_call")) == _event(recorded("phone_call_bare"))
    assert _event(recorded("fax")) == _event(recorded("fax_bare"))


def test_a_started_call_is_the_originators() -> None:
    event = _event(recorded("call_started_internal"))
    assert isinstance(event, LegInitiated)
    assert event.user == LineUser("101", "user1@example.com", "User1 User1")
    assert event.caller == CallerId("101", "User1 User1")
    assert event.callee == CallerId("102", "User2 User2")
    assert event.line == NO_PARTY


def test_a_started_call_told_of_the_one_who_is_called_rings_there() -> None:
    payload = recorded("call_started_internal")
    payload["data"]["userExtension"] = 102
    event = _event(payload)
    assert isinstance(event, LegAlerting)
    assert event.user.name == "User2 User2"
    assert event.line == NO_PARTY


def test_a_call_to_oneself_is_started_by_oneself() -> None:
    payload = recorded("call_started_internal")
    payload["data"]["destinationNumber"] = "101"
    assert isinstance(_event(payload), LegInitiated)


def test_answer_and_hangup_are_the_users() -> None:
    answered, hung_up = (
        _event(recorded("call_answered")),
        _event(recorded("call_hangup")),
    )
    assert isinstance(answered, LegConnected)
    assert isinstance(hung_up, LegReleased)
    assert answered.call_id == hung_up.call_id
    assert answered.user.leg_key == "101"
    # Which of the two names is the user's is not clear here.
    assert answered.user.name == ""
    assert answered.line == NO_PARTY


def test_the_type_may_be_told_by_the_envelope_alone_or_with_its_prefix() -> None:
    assert isinstance(_leg(type=None), LegAlerting)
    assert isinstance(_leg(type="CALL_HANGUP"), LegReleased)
    assert isinstance(_leg(type="answered"), LegConnected)


def test_the_envelopes_time_stands_in() -> None:
    assert _leg(timestamp=None).occurred_at.year == 2017


@pytest.mark.parametrize(
    "written",
    [
        1512552226000,
        "1512552226000",
        1512552226,
        "2017-12-06T09:23:46.000+0000",
        "2017-12-06T10:23:46+01:00",
        "2017-12-06T09:23:46Z",
        "2017-12-06T09:23:46",
    ],
)
def test_times_are_read_as_they_come(written: Any) -> None:
    event = _leg(timestamp=written)
    assert event.occurred_at == datetime(2017, 12, 6, 9, 23, 46, tzinfo=UTC)
    assert event.is_time_reported


@pytest.mark.parametrize(
    "written",
    [None, "", "yesterday", -1, 0, 1e30, 10**30, "9" * 50, [], True, 253402300799000],
)
def test_without_a_believable_time_that_of_receipt_stands_in(written: Any) -> None:
    payload = recorded("call_incoming_bare") | {"timestamp": written}
    event = _event(payload)
    assert event.occurred_at == RECEIVED_AT
    assert not event.is_time_reported


def test_a_clock_that_is_a_little_ahead_is_believed() -> None:
    soon = RECEIVED_AT + timedelta(hours=2)
    event = _leg(timestamp=int(soon.timestamp() * 1000))
    assert event.occurred_at == soon


# --- parties --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ("+390687654321", "+390687654321"),
        ("390663971096", "+390663971096"),
        (390663971096, "+390663971096"),
        (390663971096.0, "+390663971096"),
        ("00447700900123", "+447700900123"),
        ("12025550123", "+12025550123"),
        ("+44 7700 900123", "+44 7700 900123"),
        ("0697631539", "0697631539"),
        ("3287035654", "3287035654"),
        ("101", "101"),
        (101, "101"),
        ("sip:bob@example.com", "sip:bob@example.com"),
        ("0039", "0039"),
    ],
)
def test_a_number_gets_its_plus_only_where_that_is_sure(sent: Any, read: str) -> None:
    event = _leg(originatorNumber=sent)
    assert event.caller.number == read
    assert not event.caller.is_withheld


@pytest.mark.parametrize(
    "sent", ["anonymous", "Anonymous", "", None, "sip:anonymous@anonymous.invalid"]
)
def test_a_caller_who_hides_the_number_is_withheld(sent: Any) -> None:
    event = _leg(originatorNumber=sent, originatorName="anonymous")
    assert event.caller == CallerId(is_withheld=True)


def test_a_hidden_callers_name_is_kept() -> None:
    event = _leg(originatorNumber="anonymous", originatorName="Front desk")
    assert event.caller == CallerId(name="Front desk", is_withheld=True)


def test_our_own_user_without_a_number_hides_nothing() -> None:
    event = _leg(type="STARTED", originatorNumber="")
    assert event.caller == CallerId(name="Another User")


@pytest.mark.parametrize(
    ("number", "name", "shown"),
    [
        ("393287035654", "393287035654", ""),
        ("+393287035654", "+39 328 703-5654", ""),
        ("anonymous", "393287035654", ""),
        ("101", "101", ""),
        ("+393287035654", "0393287035654", ""),
        ("+393287035654", "118 Soccorso", "118 Soccorso"),
        ("+393287035654", "747", "747"),
        ("+393287035654", "<b>Ann</b>", "<b>Ann</b>"),
        ("+393287035654", "", ""),
        ("+393287035654", None, ""),
        ("+393287035654", "unknown", ""),
        ("+393287035654", "Zo\u00eb \ud83d\ude00", "Zo\u00eb \U0001f600"),
        ("+393287035654", "a\ud800b\u0000c", "a\ufffdbc"),
    ],
)
def test_a_name_is_shown_unless_it_is_a_number(
    number: str, name: Any, shown: str
) -> None:
    event = _leg(originatorNumber=number, originatorName=name)
    assert event.caller.name == shown


@pytest.mark.parametrize("destination", ["101", "", None])
def test_an_extension_is_no_line(destination: Any) -> None:
    assert _leg(destinationNumber=destination).line.number == ""


def test_users_without_extension_are_told_apart_by_email() -> None:
    event = _leg(userExtension=None, userEmail="User@Example.com")
    assert event.user.leg_key == "user@example.com"
    assert event.user.name == "Some User"


# --- call ids -------------------------------------------------------------------------


def test_the_click_to_call_mark_is_taken_off() -> None:
    assert _leg(callId="abc-clicktocall").call_id == "abc"
    event = _event(recorded("click_to_call"))
    assert event.call_id == "303b553038d9847c93ca59ebd310225fae95"


def test_a_call_without_id_is_named_by_its_parties_and_the_minute() -> None:
    payload = recorded("fault_missing_call_id")
    first = _event(payload)
    payload["data"]["timestamp"] += 1000
    payload["data"]["type"] = "HANGUP"
    same_minute = _event(payload)
    payload["data"]["timestamp"] += 60_000
    later = _event(payload)
    assert first.call_id == same_minute.call_id != later.call_id
    assert "390687654321" not in first.call_id
    assert mapping.is_made_up(first.call_id)
    assert _parsed(payload).problem == "callId is missing"


def test_records_without_call_id_are_named_too() -> None:
    assert _event(recorded("fax")).call_id == "fax-1234"
    assert _parsed(recorded("fax")).problem is None
    bare = recorded("phone_call_bare")
    del bare["callId"]
    assert _event(bare).call_id == "record-8395"
    del bare["id"]
    assert _event(bare).call_id.startswith("nameless-")


def test_an_event_that_names_nothing_is_a_problem() -> None:
    parsed = _parsed(recorded("fault_nothing_but_type"))
    assert parsed.events == ()
    assert parsed.problem == "callId and both numbers are missing"


# --- records --------------------------------------------------------------------------


def test_a_record_is_read_whole() -> None:
    event = _event(recorded("phone_call"))
    record = event.record
    assert record.kind is RecordKind.CALL
    assert record.record_id == "8395"
    assert (record.direction, record.is_internal) == (None, True)
    assert record.started_at == datetime(2018, 4, 10, 14, 11, 26, tzinfo=UTC)
    assert record.caller == CallerId("101", "User1 User2")
    assert record.callee == CallerId("102", "User2 User2")
    assert record.answered_by == CallerId("102", "User2 User2")
    assert record.outcome is CallOutcome.ANSWERED
    assert (record.duration_seconds, record.ring_seconds) == (4, 1)
    assert record.recording_url.endswith("5e6389.mp3")
    assert record.has_voicemail
    assert "/vm_" in record.voicemail_url
    assert record.labels == ("label1", "label2")
    assert record.rules == ("IVRRule1", "IVRRule2")
    assert record.contact_source == "Hubspot"
    assert record.contact_url.startswith("https://app.hubspot.com/")
    assert record.transcription.startswith("Workers")
    assert record.summary.startswith("A study")
    assert record.sentiment == 73
    assert dict(record.details) == {
        "accountId": "faffd4879c2b686fe9c5fb1673ce2800",
        "archived": "false",
        "crmLogo": "https://fake.cloudfront.net/image/logos/fake-hubspot.png",
        "recorded": "true",
    }
    assert event.user == LineUser()


def test_a_click_to_call_record_is_an_answered_outbound_call() -> None:
    record = _event(recorded("click_to_call")).record
    assert record.kind is RecordKind.CLICK_TO_DIAL
    assert record.direction is Direction.OUTBOUND
    assert record.outcome is CallOutcome.ANSWERED
    assert record.caller == CallerId("+390663971096", "Pinco Pallino")
    assert record.callee == CallerId("+393287035654")
    assert dict(record.details)["clickToCallType"] == "EXTENSION"


def test_a_fax_is_read_from_its_own_fields() -> None:
    record = _event(recorded("fax_bare")).record
    assert record.kind is RecordKind.FAX
    assert record.direction is Direction.OUTBOUND
    assert record.caller == CallerId("+39123456789")
    assert record.callee == CallerId("+39987654321")
    assert record.attachment_url.endswith(".pdf")
    assert (record.pages, record.description) == (4, "A fax description")
    assert record.outcome is CallOutcome.UNKNOWN


def test_a_fax_in_the_history_is_read_from_the_fields_of_a_call() -> None:
    event = _event(recorded("history_fax"))
    record = event.record
    assert record.kind is RecordKind.FAX
    assert record.caller == CallerId(is_withheld=True)
    assert record.callee.number == "+3907331980093"
    assert record.started_at == datetime(2018, 5, 15, 15, 47, 3, tzinfo=UTC)
    assert event.line == CallerId("+3907331980093")


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({"lastEvent": "CALL_ANSWERED"}, CallOutcome.ANSWERED),
        ({"lastEvent": "call_transferred"}, CallOutcome.ANSWERED),
        ({"lastEvent": "CALL_LOST_NO_ANSWER"}, CallOutcome.NO_ANSWER),
        ({"lastEvent": "CALL_LOST_USER_BUSY"}, CallOutcome.BUSY),
        ({"lastEvent": "CALL_REJECTED"}, CallOutcome.REJECTED),
        ({"lastEvent": "CALL_CANCELED_BY_ORIGINATOR"}, CallOutcome.CANCELLED),
        ({"lastEvent": "CALL_LOST_LOSE_RACE"}, CallOutcome.ANSWERED),
        ({"lastEvent": "CALL_REQUEST"}, CallOutcome.ANSWERED),
        ({"lastEvent": None}, CallOutcome.ANSWERED),
    ],
)
def test_the_last_event_and_the_answerer_tell_how_it_ended(
    changes: dict[str, Any], outcome: CallOutcome
) -> None:
    assert _record(**changes).outcome is outcome


_NOBODY = {"answererName": None, "answererNumber": None, "voicemail": False}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, CallOutcome.ANSWERED),
        ({"ringTime": None}, CallOutcome.ANSWERED),
        ({"duration": None}, CallOutcome.ANSWERED),
        ({"duration": 9, "ringTime": 9}, CallOutcome.NO_ANSWER),
        ({"voicemail": True}, CallOutcome.VOICEMAIL),
        ({"voicemail": "true"}, CallOutcome.VOICEMAIL),
        ({"lastEvent": "CALL_LOST_NO_ANSWER", "voicemail": 1}, CallOutcome.VOICEMAIL),
        ({"lastEvent": "CALL_STARTED"}, CallOutcome.UNKNOWN),
        ({"lastEvent": "CALL_LOST_LOSE_RACE"}, CallOutcome.ANSWERED),
        ({"type": "CLICK_TO_CALL", "lastEvent": None}, CallOutcome.ANSWERED),
        (
            {"type": "CLICK_TO_CALL", "lastEvent": None, "ringTime": 4},
            CallOutcome.NO_ANSWER,
        ),
        (
            {"type": "CLICK_TO_CALL", "lastEvent": None, "ringTime": None},
            CallOutcome.UNKNOWN,
        ),
        ({"type": "FAX_CALL", "lastEvent": "CALL_REJECTED"}, CallOutcome.REJECTED),
    ],
)
def test_a_call_without_answerer_is_answered_only_when_somebody_talked(
    changes: dict[str, Any], outcome: CallOutcome
) -> None:
    assert _record(**(_NOBODY | changes)).outcome is outcome


def test_words_that_are_not_known_are_kept() -> None:
    record = _record(
        lastEvent="CALL_PARKED", direction="SIDEWAYS", novelty={"a": [1]}, other=1.5
    )
    assert record.outcome is CallOutcome.ANSWERED
    details = dict(record.details)
    assert details["lastEvent"] == "CALL_PARKED"
    assert details["direction"] == "SIDEWAYS"
    assert details["novelty"] == '{"a": [1]}'
    assert details["other"] == "1.5"


def test_a_masked_caller_is_withheld() -> None:
    record = _record(direction="INBOUND", maskCallerNumber=True)
    assert record.caller == CallerId("101", "User1 User2", is_withheld=True)


@pytest.mark.parametrize(
    ("changes", "extension"),
    [
        ({"direction": "INBOUND"}, "102"),
        ({"direction": "INBOUND", "answererNumber": "+390655501234"}, "102"),
        (
            {
                "direction": "INBOUND",
                "answererNumber": None,
                "destinationNumber": "+390655501234",
            },
            "",
        ),
        ({"direction": "OUTBOUND"}, "101"),
        ({"direction": "OUTBOUND", "originatorNumber": "390655501234"}, ""),
        ({"direction": "INTERNAL"}, ""),
        ({"direction": None}, ""),
    ],
)
def test_a_record_belongs_to_a_user_where_that_is_clear(
    changes: dict[str, Any], extension: str
) -> None:
    event = _event(recorded("phone_call_bare") | changes)
    assert event.user.extension == extension


def test_an_inbound_record_names_the_line_unless_it_is_an_extension() -> None:
    inbound = recorded("phone_call_bare") | {"direction": "INBOUND"}
    assert _event(inbound).line == NO_PARTY
    inbound["destinationNumber"] = "390655501234"
    assert _event(inbound).line == CallerId("+390655501234")


@pytest.mark.parametrize(
    "sent", [-1, "nonsense", None, 1e300, float("nan"), True, [], "9" * 400]
)
def test_numbers_that_cannot_be_are_left_out(sent: Any) -> None:
    record = _record(duration=sent, ringTime=sent, total_pages=sent)
    assert record.duration_seconds is None
    assert record.ring_seconds is None
    assert record.pages is None


def test_numbers_may_be_written_as_text() -> None:
    record = _record(duration="12.5", ringTime="2", recorded="yes", labels="one")
    assert (record.duration_seconds, record.ring_seconds) == (12.5, 2)
    assert record.labels == ("one",)
