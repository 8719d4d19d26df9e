"""Messages about calls, put into our words."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from screenpop.domain.call_fold import derive
from screenpop.domain.calls import CallState
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import (
    NO_USER,
    CallerId,
    CallRecorded,
    Direction,
    LegAlerting,
    LegInitiated,
    LegReleased,
    LineUser,
    ReleaseCause,
)
from screenpop.providers.tele2.mapping import (
    to_events,
    to_lost_caller,
    to_record,
    to_voicemail,
    voicemail_age,
)
from screenpop.providers.tele2.own_employee import OwnEmployee
from screenpop.providers.tele2.payloads import (
    CallPayload,
    HistoryPayload,
    read_call,
    read_lost_caller,
    read_voicemail,
)
from screenpop.providers.tele2.webhook import parse
from tests.providers.contract import RECEIVED_AT, delivery

FIXTURES = Path(__file__).parent / "fixtures"
FIRST, SECOND = "1519045200000101", "1519045200000102"
OWN = OwnEmployee(extension=FIRST, region="GB")
OTHER = OwnEmployee(extension=SECOND, region="GB")
ALL = OwnEmployee(region="GB")
STARTED = datetime(2018, 4, 25, 13, 52, 2, tzinfo=UTC)
CONNECTED = STARTED + timedelta(seconds=7)
ENDED = STARTED + timedelta(seconds=34)


def recorded(name: str) -> Any:
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def events(name: str, own: OwnEmployee = OWN, **changes: Any) -> tuple[Any, ...]:
    """What a recorded payload says, with some of its data changed."""
    payload = recorded(name)
    target = payload.get("data", payload)
    target |= changes
    parsed = parse(delivery(json.dumps(payload).encode()), own)
    return parsed.events


def folded(*names: str, own: OwnEmployee = OWN) -> Any:
    facts = [event for name in names for event in events(name, own)]
    return derive(facts, own_extension=own.extension, now=RECEIVED_AT)


def call(name: str = "history_answered", **changes: Any) -> CallPayload:
    return read_call(recorded(name) | changes)


# --- events ---------------------------------------------------------------------------


def test_an_inbound_ring_names_caller_line_and_employee() -> None:
    (event,) = events("call_started")
    assert isinstance(event, LegAlerting)
    assert event.caller == CallerId("07700900123")
    assert event.line == event.callee == CallerId("02079460100")
    assert event.user == LineUser(FIRST)
    assert event.occurred_at == STARTED
    assert event.is_time_reported


def test_an_outbound_call_names_whom_it_is_to() -> None:
    (event,) = events("call_started_out")
    assert isinstance(event, LegInitiated)
    assert (event.caller.number, event.callee.number) == ("02079460111", "07700900456")


@pytest.mark.parametrize("caller", ["", None, "anonymous", "Unknown", "Private"])
def test_a_caller_without_a_number_hid_it(caller: str | None) -> None:
    (event,) = events("call_started", caller=caller)
    assert event.caller == CallerId(is_withheld=True)


def test_our_own_side_is_never_withheld() -> None:
    (event,) = events("call_started_out", caller="")
    assert event.caller == CallerId("")


def test_an_extension_that_was_called_is_no_line() -> None:
    (event,) = events("call_started", destination="101")
    assert event.line.number == ""


@pytest.mark.parametrize("contact", [None, 0, ""])
def test_a_call_that_names_nobody_is_nobodys(contact: object) -> None:
    (event,) = events("call_started", contactID=contact)
    assert event.user == NO_USER


@pytest.mark.parametrize(
    "extension", ["+442079460111", "020 7946 0111", "442079460111"]
)
def test_the_own_employee_is_known_by_number_until_the_id_is_learnt(
    extension: str,
) -> None:
    by_number = OwnEmployee(extension=extension, region="GB")
    (event,) = events("call_started_out", by_number)
    assert event.user == LineUser(extension)
    (event,) = events("call_started", by_number, destination="02079460111")
    assert event.user == LineUser(extension)
    (event,) = events("call_started", by_number)
    assert event.user == LineUser(FIRST)


def test_once_the_id_is_known_it_alone_decides() -> None:
    own = OwnEmployee(extension="020 7946 0111", region="GB", contact_id=FIRST)
    (event,) = events("call_started", own)
    assert event.user == LineUser("020 7946 0111")
    (event,) = events("call_started_out", own, contactID=SECOND)
    assert event.user == LineUser(SECOND)


def test_without_a_direction_the_own_number_tells_it() -> None:
    own = OwnEmployee(extension="020 7946 0111", region="GB")
    (event,) = events("call_started_out", own, direction="sideways", contactID=None)
    assert isinstance(event, LegInitiated)
    assert event.user == LineUser("020 7946 0111")
    (event,) = events("fault_no_direction", own)
    assert isinstance(event, LegAlerting)


def test_the_end_tells_the_answer_again() -> None:
    answer, end = events("call_completed")
    assert answer.occurred_at == CONNECTED
    assert isinstance(end, LegReleased)
    assert end.cause is ReleaseCause.NORMAL
    # 26 seconds, as the vendor counts them; its own times say 27.
    assert end.occurred_at == ENDED
    *_, timed = events("call_completed_captured")
    assert timed == end


def test_an_end_without_an_answer_or_a_time_is_when_we_heard_of_it() -> None:
    (end,) = events("call_completed_unanswered")
    assert end.cause is ReleaseCause.NO_ANSWER
    assert end.occurred_at == RECEIVED_AT
    assert not end.is_time_reported


@pytest.mark.parametrize("seconds", [-1, 1e30, "many", None])
def test_a_talk_of_no_length_has_no_end(seconds: object) -> None:
    _, end = events("call_completed", connectionTime=seconds)
    assert not end.is_time_reported


@pytest.mark.parametrize("at", ["1999-01-01T00:00:00+0000", "2199-01-01T00:00:00Z"])
def test_an_unbelievable_time_is_not_believed(at: str) -> None:
    (event,) = events("call_started", callStarted=at)
    assert (event.occurred_at, event.is_time_reported) == (RECEIVED_AT, False)
    answer, end = events("call_completed", callConnected=at)
    assert answer.occurred_at == end.occurred_at == RECEIVED_AT
    record = events("history_answered", callStarted=at)[-1].record
    assert record.started_at == RECEIVED_AT


def test_a_call_without_an_id_keeps_one_name_through_its_messages() -> None:
    nameless: Any = {"callID": None}
    (ring,) = events("call_started", **nameless)
    _, end = events("call_completed", **nameless)
    (other,) = events("call_started", callID="", caller="07700900456")
    (timeless,) = events("call_started", callID="", callStarted=None)
    assert ring.call_id == end.call_id
    assert len({ring.call_id, other.call_id, timeless.call_id}) == 3
    assert ring.call_id.startswith("nameless-")


def test_what_names_neither_call_nor_party_is_no_event() -> None:
    payload = HistoryPayload(read_call({}))
    found = to_events(payload, account_id="a", received_at=RECEIVED_AT, own=OWN)
    assert found == ()


# --- transfers ------------------------------------------------------------------------


def test_a_transfer_ends_one_leg_and_rings_at_another() -> None:
    talk, end, ring = events("call_transfered")
    assert talk.user == end.user == LineUser(FIRST)
    assert end.cause is ReleaseCause.TRANSFERRED
    assert isinstance(ring, LegAlerting)
    assert ring.user == LineUser(SECOND)
    assert ring.caller == CallerId("07700900123")
    assert ring.occurred_at == end.occurred_at == CONNECTED + timedelta(seconds=13)


def test_an_outbound_call_rings_at_a_colleague_as_from_the_far_party() -> None:
    changes: Any = {
        "direction": "out",
        "caller": "02079460111",
        "destination": "0770090045",
    }
    *_, ring = events("call_transfered", **changes)
    assert ring.caller == CallerId("0770090045")
    assert ring.line.number == ""


def test_a_transfer_of_an_unanswered_call_tells_no_answer() -> None:
    end, ring = events("call_transfered", callConnected=None)
    assert isinstance(end, LegReleased)
    assert isinstance(ring, LegAlerting)
    assert not ring.is_time_reported


def test_a_transfer_out_of_the_house_rings_nowhere() -> None:
    talk, end = events("call_transfered", contactID=None)
    assert talk.user == end.user == LineUser(FIRST)


def test_a_transfer_of_which_only_the_new_employee_is_told_rings_there() -> None:
    (ring,) = events("call_transfered", previous_contactID=None)
    assert ring.user == LineUser(SECOND)


def test_a_transfer_that_names_nobody_is_at_least_a_talk() -> None:
    (talk,) = events("call_transfered", previous_contactID=None, contactID=None)
    assert type(talk).__name__ == "LegConnected"


def test_a_transferred_call_ends_for_both_and_was_answered_by_the_first() -> None:
    first = folded("call_started", "call_transfered", "call_completed_after_transfer")
    assert (first.state, first.outcome) == (CallState.ENDED, CallOutcome.ANSWERED)
    second = folded(
        "call_started", "call_transfered", "call_completed_after_transfer", own=OTHER
    )
    assert second.is_ours
    assert (second.state, second.outcome) == (CallState.ENDED, CallOutcome.ANSWERED)
    assert not second.is_missed


# --- history --------------------------------------------------------------------------


def test_history_alone_gives_the_call_that_events_would_have() -> None:
    live = folded("call_started", "call_connected", "call_completed_captured")
    looked_up = folded("history_answered")
    for name in ("direction", "state", "remote", "outcome", "connected_at", "ended_at"):
        assert getattr(live, name) == getattr(looked_up, name), name
    assert looked_up.record.recording_url.startswith("https://")
    assert looked_up.talk_seconds == 26
    assert looked_up.ring_seconds == 7


def test_history_adds_no_second_ring_or_answer() -> None:
    live = {*events("call_started"), *events("call_completed_captured")}
    *phases, _record = events("history_answered")
    assert set(phases) <= live


def test_a_call_of_a_colleague_is_not_ours() -> None:
    assert folded("history_answered").is_ours
    assert not folded("history_answered", own=OTHER).is_ours
    assert folded("history_missed", own=OTHER).is_ours, "it names nobody"


def test_a_missed_call_is_missed() -> None:
    missed = folded("history_missed")
    assert missed.is_missed
    assert missed.ring_seconds == 20
    assert missed.talk_seconds is None


@pytest.mark.parametrize(
    ("changes", "is_over"),
    [
        ({}, False),
        ({"status": 1}, False),
        ({"status": 5}, True),
        ({"status": None}, True),
        ({"callEnded": "2018-04-25T13:52:36+0000"}, True),
    ],
)
def test_a_call_that_goes_on_is_not_booked(
    changes: dict[str, Any], is_over: bool
) -> None:
    found = events("history_going_on", **changes)
    assert any(isinstance(event, CallRecorded) for event in found) is is_over


# --- records --------------------------------------------------------------------------


def test_a_record_has_what_history_tells() -> None:
    record = to_record(call(), received_at=RECEIVED_AT, own=OWN)
    assert record.record_id == "1524664322937898"
    assert record.direction is Direction.INBOUND
    assert (record.caller.number, record.callee.number) == (
        "07700900123",
        "02079460100",
    )
    assert record.answered_by == CallerId(FIRST)
    assert (record.ring_seconds, record.duration_seconds) == (7, 33)
    assert record.details == ()


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, CallOutcome.ANSWERED),
        ({"callConnected": None}, CallOutcome.ANSWERED),
        ({"callConnected": None, "connectionTime": 0}, CallOutcome.NO_ANSWER),
        (
            {"callConnected": None, "connectionTime": None, "callEnded": None},
            CallOutcome.NO_ANSWER,
        ),
        (
            {
                "callConnected": None,
                "connectionTime": None,
                "callEnded": None,
                "status": 2,
            },
            CallOutcome.UNKNOWN,
        ),
    ],
)
def test_how_a_call_ended(changes: dict[str, Any], outcome: CallOutcome) -> None:
    record = to_record(call(**changes), received_at=RECEIVED_AT, own=OWN)
    assert record.outcome is outcome


def test_an_answered_call_that_names_nobody_was_answered_by_nobody_known() -> None:
    record = to_record(call(contactID=None), received_at=RECEIVED_AT, own=OWN)
    assert record.answered_by is None


def test_an_outbound_call_is_answered_outside() -> None:
    record = to_record(call(direction="out"), received_at=RECEIVED_AT, own=OWN)
    assert record.direction is Direction.OUTBOUND
    assert record.answered_by is None


def test_what_was_never_explained_is_kept() -> None:
    odd = call(status=2, direction="sideways", queue="sales")
    record = to_record(odd, received_at=RECEIVED_AT, own=OWN)
    assert record.direction is None
    assert record.details == (
        ("queue", "sales"),
        ("status", "2"),
        ("direction", "sideways"),
    )


@pytest.mark.parametrize(
    ("changes", "whole"),
    [
        ({"connectionTime": None}, 34),
        ({"callEnded": None}, 33),
        ({"callConnected": None}, 34),
        ({"callStarted": None}, None),
        ({"callEnded": "2018-04-25T13:00:00+0000", "callConnected": None}, None),
    ],
)
def test_how_long_a_call_took(changes: dict[str, Any], whole: float | None) -> None:
    record = to_record(call(**changes), received_at=RECEIVED_AT, own=OWN)
    assert record.duration_seconds == whole


def test_news_of_a_recording_names_nobody_which_is_not_withheld() -> None:
    (event,) = events("call_recorded")
    assert event.record.caller == CallerId("")
    assert event.record.outcome is CallOutcome.ANSWERED
    whole = folded("call_started", "call_completed_captured", "call_recorded")
    assert whole.remote.number == "07700900123"
    assert whole.record.recording_url
    assert whole.talk_seconds == 27


def test_a_withheld_caller_is_withheld_in_the_record() -> None:
    record = to_record(call(caller=""), received_at=RECEIVED_AT, own=OWN)
    assert record.caller == CallerId(is_withheld=True)


# --- lists ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("attempts", "count"), [(2, 2), ("3", 3), (None, 1), (-4, 1), (1e30, 1), (0, 1)]
)
def test_a_lost_caller_tried_at_least_once(attempts: object, count: int) -> None:
    item = recorded("lost_caller_added")["data"] | {"attempts": attempts}
    found = to_lost_caller(read_lost_caller(item))
    assert found.attempts == count
    assert (found.name, found.number) == ("Ana Example", "07700900123")
    assert found.last_at == STARTED + timedelta(seconds=20)


def test_a_message_is_in_a_box_by_name_or_by_id() -> None:
    item = recorded("voicemail_created")["data"]
    found = to_voicemail(read_voicemail(item))
    assert (found.box, found.seconds, found.left_at) == ("Main office", 14, STARTED)
    assert found.is_heard is None
    unnamed = to_voicemail(
        read_voicemail(item | {"voicemailBoxName": "", "length": -1})
    )
    assert unnamed.box == "1519045200000301"
    assert unnamed.seconds is None


def test_the_newest_message_comes_first() -> None:
    item = recorded("voicemail_created")["data"]
    newer = item | {"callStarted": "2018-04-26T00:00:00+0000", "voicemailID": 2}
    timeless = item | {"callStarted": None, "voicemailID": 3}
    found = [to_voicemail(read_voicemail(one)) for one in (timeless, item, newer)]
    found.sort(key=voicemail_age)
    assert [one.voicemail_id for one in found] == ["2", "1524664400000001", "3"]
