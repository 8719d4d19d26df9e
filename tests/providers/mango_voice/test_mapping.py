"""Payloads in our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import CallerId, Direction, LegInitiated, LineUser
from screenpop.providers.mango_voice import mapping
from screenpop.providers.mango_voice.directory import Directory
from screenpop.providers.mango_voice.payloads import (
    LivePhase,
    UserPayload,
    read_call_request,
    read_event,
    read_record,
    read_voicemail,
    record_name,
    without_link,
)
from screenpop.providers.mango_voice.requests import parameters_of

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DIRECTORY = Directory.read(
    "101=Amelia Hart <amelia@example.com>, u7=Rui <rui@x.example>"
)
RING: dict[str, Any] = {
    "id": "c1",
    "from": "12025550143",
    "to": "12025550100",
    "ext": "101",
}
RECORD: dict[str, Any] = {
    "id": 901,
    "call_uuid": "c1",
    "call_direction": "inbound",
    "call_status": "answered",
    "call_time": "2026-11-22 09:58:00",
    "duration": 64,
    "source_number": "12025550143",
    "destination_number": "12025550100",
    "src_ext": "",
    "dst_ext": "101",
}


def live(phase: LivePhase = LivePhase.RINGING, **changes: Any) -> Any:
    payload = read_call_request(parameters_of(RING | changes), phase)
    return mapping.to_event(
        payload, account_id="acme", received_at=NOW, directory=DIRECTORY
    )


def ring_from(caller: str, phase: LivePhase = LivePhase.RINGING, **changes: Any) -> Any:
    return live(phase, **(changes | {"from": caller}))


def booked(**changes: Any) -> Any:
    payload = read_record(parameters_of(RECORD | changes))
    return mapping.to_record(payload, received_at=NOW)


def recorded(**changes: Any) -> Any:
    payload = read_event(parameters_of(RECORD | changes))
    assert payload is not None
    return mapping.to_event(
        payload,  # type: ignore[arg-type]
        account_id="acme",
        received_at=NOW,
        directory=DIRECTORY,
    )


# --- parties --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "readable"),
    [
        ("12025550143", "+12025550143"),
        ("+12025550143", "+12025550143"),
        ("1 (202) 555-0143", "+12025550143"),
        ("2025550143", "2025550143"),
        ("101", "101"),
        ("", ""),
    ],
)
def test_a_number_gets_its_plus_where_that_is_clear(sent: str, readable: str) -> None:
    assert mapping.readable_number(sent) == readable


@pytest.mark.parametrize("sent", ["", "anonymous", "Restricted", "unknown"])
def test_a_hidden_caller_is_withheld(sent: str) -> None:
    assert ring_from(sent).caller == CallerId(is_withheld=True)


def test_a_caller_that_no_field_tells_of_is_not_called_hidden() -> None:
    payload = read_call_request(parameters_of({"id": "c1"}), LivePhase.RINGING)
    event: Any = mapping.to_event(
        payload, account_id="acme", received_at=NOW, directory=DIRECTORY
    )
    assert event.caller == CallerId()


def test_we_are_not_hidden_when_our_own_number_is_not_told() -> None:
    event = ring_from("", LivePhase.DIALLED)
    assert event.caller == CallerId()
    assert isinstance(event, LegInitiated)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("Nora Whitfield", "Nora Whitfield"),
        ("+1 202 555-0143", ""),
        ("anonymous", ""),
        ("", ""),
    ],
)
def test_a_name_that_only_repeats_the_number_is_none(name: str, kept: str) -> None:
    assert live(callerid_name=name).caller.name == kept


def test_an_extension_is_no_line() -> None:
    assert live(to="101").line == CallerId()
    assert live().line == CallerId("+12025550100")


# --- directions -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "is_initiated"),
    [
        ({"direction": "inbound"}, False),
        ({"direction": "outbound"}, True),
        ({"call_direction": "outgoing"}, True),
        ({"type": "dialed"}, True),
        ({"direction": "internal"}, False),
        ({"direction": "internal", "from": "101", "to": "102"}, True),
        ({"direction": "internal", "from": "102", "to": "101"}, False),
    ],
)
def test_a_ring_is_the_far_phones_on_a_call_of_ours(
    changes: dict[str, str], is_initiated: bool
) -> None:
    assert isinstance(live(LivePhase.RINGING, **changes), LegInitiated) is is_initiated


# --- users ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("payload", "user"),
    [
        (UserPayload(), LineUser()),
        (
            UserPayload(extension="101"),
            LineUser("101", "amelia@example.com", "Amelia Hart"),
        ),
        (
            UserPayload(email="AMELIA@example.com"),
            LineUser("101", "AMELIA@example.com", "Amelia Hart"),
        ),
        (
            UserPayload(user_id="amelia@example.com"),
            LineUser("101", "amelia@example.com", "Amelia Hart"),
        ),
        (UserPayload(user_id="u7"), LineUser("", "rui@x.example", "Rui")),
        (UserPayload(user_id="103"), LineUser("103")),
        (
            UserPayload(user_id="sip:103@pbx.example.com"),
            LineUser("103", "sip:103@pbx.example.com"),
        ),
        (UserPayload(user_id="zz-9"), LineUser("zz-9")),
        (UserPayload(user_id="zz-9", name="Zoë"), LineUser("zz-9", "", "Zoë")),
    ],
)
def test_a_user_is_known_by_extension_address_or_our_own_id(
    payload: UserPayload, user: LineUser
) -> None:
    assert mapping.to_user(payload, DIRECTORY) == user


# --- times ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "seconds_ago", "is_reported"),
    [
        ({"timestamp": "2026-11-22T09:59:50Z"}, 10, True),
        ({"time": "2026-11-22 09:59:50"}, 10, True),
        ({"event_time": 1795341605000}, -5, True),
        ({"timestamp": "2026-11-22T03:00:00"}, 0, False),
        ({"start_time": "2026-11-22 09:59:50"}, 0, False),
        ({}, 0, False),
    ],
)
def test_only_a_time_close_by_is_believed(
    changes: dict[str, Any], seconds_ago: int, is_reported: bool
) -> None:
    event = live(**changes)
    assert event.occurred_at == NOW - timedelta(seconds=seconds_ago)
    assert event.is_time_reported is is_reported


# --- calls without an id --------------------------------------------------------------


def test_parties_and_minute_stand_in_for_an_id() -> None:
    first, again = live(id=""), live(id="")
    assert first.call_id == again.call_id
    assert mapping.is_made_up(first.call_id)
    assert ring_from("12025550144", id="").call_id != first.call_id
    assert recorded(call_uuid="").call_id == "record-901"
    nameless = recorded(call_uuid="", id="")
    assert nameless.call_id.startswith("nameless-")
    assert not mapping.is_made_up("c1")


GAVE_UP: dict[str, Any] = {"call_status": "hangup", "dst_ext": ""}

# --- records --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, CallOutcome.ANSWERED),
        ({"call_status": "Rejected"}, CallOutcome.REJECTED),
        ({"call_status": "voicemail"}, CallOutcome.VOICEMAIL),
        (GAVE_UP, CallOutcome.CANCELLED),
        ({"call_status": "hangup"}, CallOutcome.UNKNOWN),
        (GAVE_UP | {"call_direction": "outbound"}, CallOutcome.UNKNOWN),
        (
            GAVE_UP | {"call_direction": "outbound", "duration": 0},
            CallOutcome.CANCELLED,
        ),
        ({"call_status": "parked"}, CallOutcome.UNKNOWN),
        ({"call_status": None}, CallOutcome.UNKNOWN),
    ],
)
def test_the_outcome_of_a_record(changes: dict[str, Any], outcome: CallOutcome) -> None:
    assert booked(**changes).outcome is outcome


def test_a_record_in_full() -> None:
    record = booked(
        callflow="Main > 101",
        conference_id="",
        temp_recording_url="https://r.example/1",
        odd=3,
    )
    assert record.record_id == "901"
    assert record.direction is Direction.INBOUND
    assert record.started_at == NOW - timedelta(minutes=2)
    assert record.caller == CallerId("+12025550143")
    assert record.answered_by == CallerId("101")
    assert record.duration_seconds == 64
    assert record.recording_url == "https://r.example/1"
    details = dict(record.details)
    assert details["recording"] == "available"
    assert details["callflow"] == "Main > 101"
    assert details["odd"] == "3"
    assert "temprecordingurl" not in details


def test_an_event_keeps_no_link_that_dies() -> None:
    event = recorded(temp_recording_url="https://r.example/1")
    assert event.record.recording_url == ""
    assert ("recording", "available") in event.record.details
    assert event.user.extension == "101"
    assert event.line == CallerId("+12025550100")


def test_who_a_record_is_about() -> None:
    outbound = recorded(call_direction="outbound", src_ext="102", dst_ext="")
    assert outbound.user.extension == "102"
    assert outbound.line == CallerId()
    internal = recorded(call_direction="internal", src_ext="101", dst_ext="102")
    assert internal.record.is_internal
    assert internal.user == LineUser()
    assert recorded(dst_ext="", destination_number="101").line == CallerId()


def test_an_end_without_a_number_is_its_extension() -> None:
    record = booked(call_direction="internal", source_number="", src_ext="102")
    assert record.caller == CallerId("102")
    assert booked(source_number="", src_ext="").caller.is_withheld


@pytest.mark.parametrize(
    ("sent", "seconds"),
    [
        *(("64", 64), ("00:01:04", 64), ("1:04", 64)),
        *(("-3", None), ("long", None), (None, None), (9e99, None)),
    ],
)
def test_a_duration_is_seconds_or_a_clocks(sent: Any, seconds: float | None) -> None:
    assert booked(duration=sent).duration_seconds == seconds


@pytest.mark.parametrize("sent", ["1999-12-31 23:59:59", "2027-01-01 00:00:00", "soon"])
def test_a_time_that_cannot_be_is_not_believed(sent: str) -> None:
    assert booked(call_time=sent).started_at == NOW
    assert not recorded(call_time=sent).is_time_reported


def test_a_kept_record_has_a_mark_for_its_link() -> None:
    linked: dict[str, Any] = {"id": 1, "temp_recording_url": "https://r.example/1"}
    assert without_link(linked) == {"id": 1, "has_recording": True}
    assert without_link({"id": 1, "temp_recording_url": ""}) == {"id": 1}
    assert booked(has_recording=True).recording_url == ""
    assert ("recording", "available") in booked(has_recording=True).details


def test_a_record_is_told_from_others_by_its_ids() -> None:
    assert record_name({"id": 1, "call_uuid": "c"}) == "1/c"
    assert record_name({"odd": 1}) == ""


# --- voicemail ------------------------------------------------------------------------


def test_a_message_in_the_words_of_freeswitch() -> None:
    source: dict[str, Any] = {
        "uuid": "vm-1",
        "ext": 101,
        "cid_number": "12025550143",
        "cid_name": "Nora",
        "created_epoch": 1795341480,
        "read_epoch": 0,
        "message_len": 12,
        "temp_url": "https://r.example/vm",
    }
    message = mapping.to_voicemail(read_voicemail(parameters_of(source)))
    assert (message.voicemail_id, message.box) == ("vm-1", "101")
    assert message.caller == "+12025550143"
    assert message.left_at == datetime(2026, 11, 22, 9, 58, tzinfo=UTC)
    assert message.seconds == 12
    assert message.audio_url == "https://r.example/vm"
    assert message.is_heard is False


@pytest.mark.parametrize(
    ("epoch", "is_heard"), [(0, False), ("0", False), (1795342000, True), (None, None)]
)
def test_read_epoch_says_whether_it_was_heard(
    epoch: Any, is_heard: bool | None
) -> None:
    source = {"id": "vm-1", "read_epoch": epoch}
    assert (
        mapping.to_voicemail(read_voicemail(parameters_of(source))).is_heard is is_heard
    )


def test_a_message_of_no_call_is_no_event() -> None:
    payload = read_voicemail(parameters_of({"id": "vm-1"}))
    assert (
        mapping.to_event(
            payload, account_id="acme", received_at=NOW, directory=DIRECTORY
        )
        is None
    )
