"""What MobTexting's payloads mean in our words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.errors import ConfigurationError
from screenpop.domain.events import CallEvent, CallRecorded, Direction, LegAlerting
from screenpop.domain.json_fields import FieldReader
from screenpop.providers.mobtexting.mapping import (
    call_id_of,
    digits_of,
    is_made_up,
    readable_number,
    to_event,
    zone_problem,
)
from screenpop.providers.mobtexting.payloads import DeliveryPayload, read_delivery
from screenpop.providers.mobtexting.zone import AccountZone, account_zone
from tests.providers.contract import RECEIVED_AT
from tests.providers.mobtexting.conftest import ANA, LINE, recorded

ZONE = account_zone("UTC", "")
GUESSED = account_zone("", "GB")


def payload(name: str, **changes: Any) -> DeliveryPayload:
    read = read_delivery(FieldReader(recorded(name) | changes))
    assert read is not None
    return read


def event(
    name: str,
    zone: AccountZone = ZONE,
    received_at: datetime = RECEIVED_AT,
    **changes: Any,
) -> CallEvent:
    made = to_event(
        payload(name, **changes),
        account_id="acme",
        received_at=received_at,
        zone=zone,
    )
    assert made is not None
    return made


def ring(name: str = "step_ringing", **changes: Any) -> LegAlerting:
    made = event(name, **changes)
    assert isinstance(made, LegAlerting)
    return made


def record(name: str = "report", **changes: Any) -> CallDetailRecord:
    made = event(name, **changes)
    assert isinstance(made, CallRecorded)
    return made.record


# --- a step of a flow -----------------------------------------------------------------


def test_a_flow_step_says_who_calls_which_line() -> None:
    made = ring()
    assert (made.caller.number, made.caller.name) == (ANA, "Ana Example")
    assert (made.line.number, made.callee.number) == (LINE, LINE)
    assert made.occurred_at == RECEIVED_AT - timedelta(seconds=2)
    assert made.is_time_reported


@pytest.mark.parametrize("number", ["", "anonymous", "Private"])
def test_a_hidden_number_is_withheld(number: str) -> None:
    made = ring(**{"from": number})
    assert made.caller.is_withheld
    assert made.caller.number == ""


def test_the_line_is_what_was_called_where_no_bridge_is_told() -> None:
    assert ring(bridge="").line.number == LINE
    assert ring(bridge="", to="").line.number == ""


@pytest.mark.parametrize(
    ("start_at", "is_believed"),
    [
        ("2026-11-22 09:50:00", True),
        ("2026-11-22 04:30:00", False),
        ("2026-11-22 15:30:00", False),
        ("1999-11-22 09:50:00", False),
        ("soon", False),
        ("", False),
    ],
)
def test_a_guessed_zone_makes_no_ring_old(start_at: str, is_believed: bool) -> None:
    made = ring(zone=GUESSED, start_at=start_at)
    assert made.is_time_reported is is_believed
    assert is_believed or made.occurred_at == RECEIVED_AT


def test_a_zone_that_the_user_gave_is_believed() -> None:
    made = ring(start_at="2026-11-22 04:30:00")
    assert made.occurred_at == datetime(2026, 11, 22, 4, 30, tzinfo=UTC)


def test_neither_call_nor_party_is_no_event() -> None:
    nobody = payload("step_ringing", **{"id": "", "from": "", "to": ""})
    arguments = {"account_id": "acme", "received_at": RECEIVED_AT, "zone": ZONE}
    assert to_event(nobody, **arguments) is None  # type: ignore[arg-type]


# --- reports --------------------------------------------------------------------------


def test_the_documented_report_is_a_click_to_call_of_ours() -> None:
    made = event("report")
    assert isinstance(made, CallRecorded)
    assert made.line.number == LINE
    assert made.user.extension == "442079460150"
    found = made.record
    assert found.kind is RecordKind.CLICK_TO_DIAL
    assert found.direction is Direction.OUTBOUND
    assert (found.caller.number, found.callee.number) == ("+442079460150", ANA)
    assert found.outcome is CallOutcome.ANSWERED
    assert (found.duration_seconds, found.ring_seconds) == (23, 0)
    assert found.started_at == datetime(2021, 4, 9, 16, 27, 39, tzinfo=UTC)
    assert found.recording_url == "https://media.example.com/c2c.mp3"
    assert dict(found.details) == {
        "unixtime": "1653455555",
        "hangup_by": "caller",
        "status1": "RECEIVED",
        "status2": "ANSWER",
    }


def test_numbers_as_text_and_as_numbers_are_the_same_call() -> None:
    assert event("report") == event("report_texts", webhook_id=None)


@pytest.mark.parametrize(
    ("status", "first", "second", "outcome"),
    [
        ("COMPLETED", "RECEIVED", "ANSWER", CallOutcome.ANSWERED),
        ("answer", "", "", CallOutcome.ANSWERED),
        ("RECEIVED", "RECEIVED", "BUSY", CallOutcome.BUSY),
        ("RECEIVED", "RECEIVED", "CONGESTION", CallOutcome.FAILED),
        ("RECEIVED", "RECEIVED", "CHANUNAVAIL", CallOutcome.FAILED),
        ("MISSED", "RECEIVED", "NOANSWER", CallOutcome.NO_ANSWER),
        ("NOANSWER", "NOANSWER", "", CallOutcome.NO_ANSWER),
        ("", "CANCEL", "", CallOutcome.CANCELLED),
        ("RECEIVED", "RECEIVED", "", CallOutcome.NO_ANSWER),
        ("RECEIVED", "RECEIVED", "ANSWER", CallOutcome.ANSWERED),
        ("BUSY", "", "ANSWER", CallOutcome.BUSY),
        ("TELEPORTED", "", "", CallOutcome.UNKNOWN),
        ("", "", "", CallOutcome.UNKNOWN),
    ],
)
def test_how_a_call_we_asked_for_ended(
    status: str, first: str, second: str, outcome: CallOutcome
) -> None:
    found = record(status=status, status1=first, status2=second)
    assert found.outcome is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        ("COMPLETED", CallOutcome.ANSWERED),
        ("RECEIVED", CallOutcome.ANSWERED),
        ("MISSED", CallOutcome.NO_ANSWER),
        ("CANCEL", CallOutcome.CANCELLED),
        ("NEW", CallOutcome.UNKNOWN),
    ],
)
def test_how_a_call_to_us_ended(status: str, outcome: CallOutcome) -> None:
    found = record("step_over", status=status)
    assert found.direction is Direction.INBOUND
    assert found.outcome is outcome
    assert found.kind is RecordKind.CALL


def test_words_that_are_not_known_are_kept() -> None:
    found = record(source="FAX", status="TELEPORTED", mid="order-17")
    assert {"source": "FAX", "status": "TELEPORTED", "mid": "order-17"}.items() <= dict(
        found.details
    ).items()


@pytest.mark.parametrize(
    ("changes", "direction"),
    [
        ({"source": "in"}, Direction.INBOUND),
        ({"source": "OBD"}, Direction.OUTBOUND),
        ({"source": ""}, Direction.OUTBOUND),
        ({"source": "", "to": 442079460100}, Direction.INBOUND),
        ({"source": "", "to": "", "bridge": ""}, Direction.OUTBOUND),
    ],
)
def test_which_way_a_call_went(changes: dict[str, Any], direction: Direction) -> None:
    assert record(**changes).direction is direction


def test_a_call_to_a_flow_is_with_whoever_was_rung() -> None:
    found = record("report_flow")
    assert (found.caller.number, found.callee.number) == (LINE, ANA)
    assert found.outcome is CallOutcome.ANSWERED


def test_the_length_follows_from_the_times_where_it_is_not_told() -> None:
    found = record(duration="", billing="")
    assert (found.duration_seconds, found.ring_seconds) == (16, None)
    assert record(duration="", end_at="").duration_seconds is None
    assert record(duration="", start_at="").duration_seconds is None
    assert record(duration="99999999999").duration_seconds == 16
    assert record(duration="", start_at="2021-04-09 17:00:00").duration_seconds is None


def test_a_call_that_nobody_took_rang_all_the_time() -> None:
    found = record(status="NOANSWER", status1="NOANSWER", status2="")
    assert (found.duration_seconds, found.ring_seconds) == (23, 23)


def test_a_log_entry_has_its_caller_name_notes_and_lengths() -> None:
    found = record("log_inbound")
    assert (found.caller.number, found.caller.name) == (ANA, "Ana Example")
    assert found.description == "Asked for a quote"
    assert (found.duration_seconds, found.ring_seconds) == (12, 0)
    assert ("pulsing", "30") in found.details


def test_a_report_without_a_line_has_none() -> None:
    assert event("report", bridge="").line.number == ""
    assert event("step_over", bridge="").line.number == LINE


# --- which call it is -----------------------------------------------------------------


def test_report_and_log_entry_of_a_click_to_call_are_one_call() -> None:
    made = event("report").call_id
    assert is_made_up(made)
    assert event("log_click_to_call").call_id == made
    swapped = event(
        "log_click_to_call", call_from="442079460123", call_to="442079460150"
    )
    assert swapped.call_id == made
    assert event("report", start_at="2021-04-09 16:27:40").call_id != made


def test_another_zone_makes_no_other_call() -> None:
    elsewhere = account_zone("Asia/Kolkata", "")
    assert event("report", zone=elsewhere).call_id == event("report").call_id


def test_flow_step_and_log_entry_of_an_inbound_call_are_one_call() -> None:
    assert event("step_ringing").call_id == event("log_inbound").call_id
    assert event("step_over").call_id == event("log_inbound").call_id
    assert not is_made_up(event("log_inbound").call_id)


def test_the_call_id_goes_before_the_reference_before_line_and_parties() -> None:
    assert event("report_mid", callId="x").call_id == "x"
    assert event("report_mid").call_id == "mid-order-17"
    assert is_made_up("mid-order-17")
    assert event("report_campaign").call_id.startswith("made-")


def test_a_log_entry_without_a_start_goes_by_its_id() -> None:
    found = event("log_click_to_call", start_at="")
    assert found.call_id == "26074c32-b316-4ffa-99d7-9f6a99da56d6"


def test_without_a_start_the_minute_of_receipt_names_the_call() -> None:
    bare = payload("fault_no_id", start_at="")
    assert call_id_of(bare, RECEIVED_AT) == call_id_of(
        bare, RECEIVED_AT + timedelta(seconds=20)
    )
    assert call_id_of(bare, RECEIVED_AT) != call_id_of(
        bare, RECEIVED_AT + timedelta(minutes=1)
    )


# --- numbers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("442079460123", ANA),
        ("00442079460123", ANA),
        (ANA, ANA),
        ("6581234567", "6581234567"),
        ("101", "101"),
        ("", ""),
    ],
)
def test_the_plus_is_added_where_that_is_clear(text: str, number: str) -> None:
    assert readable_number(text) == number


def test_digits_only_are_what_mobtexting_wants() -> None:
    assert digits_of(ANA) == "442079460123"
    assert digits_of("flow:220") == ""


# --- time zones -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "region", "hours", "is_certain"),
    [
        ("", "IN", 5.5, False),
        ("", "in", 5.5, False),
        ("", "GB", 0, False),
        ("UTC", "IN", 0, True),
        ("+05:30", "", 5.5, True),
        ("-3", "", -3, True),
        ("UTC+8", "", 8, True),
        ("Asia/Kolkata", "", 5.5, True),
    ],
)
def test_the_zone_is_the_users_or_that_of_the_country(
    text: str, region: str, hours: float, is_certain: bool
) -> None:
    zone = account_zone(text, region)
    wanted = datetime(2026, 1, 1, 12, tzinfo=UTC) - timedelta(hours=hours)
    assert zone.moment("2026-01-01 12:00:00") == wanted
    assert zone.is_certain is is_certain


@pytest.mark.parametrize("text", ["Mars/Phobos", "../etc/passwd", "Asia", "+99:00"])
def test_a_zone_that_does_not_exist_is_a_mistake_to_mend(text: str) -> None:
    with pytest.raises(ConfigurationError, match="time zone"):
        account_zone(text, "")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("2021-04-09 04:27:39 PM", datetime(2021, 4, 9, 16, 27, 39, tzinfo=UTC)),
        ("2021-04-09 12:27:39 am", datetime(2021, 4, 9, 0, 27, 39, tzinfo=UTC)),
        ("2021-04-09T16:27:39+05:30", datetime(2021, 4, 9, 10, 57, 39, tzinfo=UTC)),
        ("1617985659", datetime(2021, 4, 9, 16, 27, 39, tzinfo=UTC)),
        ("0001-01-01 00:00:00+23:00", None),
        ("tomorrow", None),
    ],
)
def test_a_stamp_is_read_in_every_documented_way(
    text: str, wanted: datetime | None
) -> None:
    assert ZONE.moment(text) == wanted


@pytest.mark.parametrize(
    ("name", "changes", "has_problem"),
    [
        ("report", {}, False),
        ("report", {"date": "2026-11-22 10:00:01"}, False),
        ("report", {"date": "2026-11-22 15:30:01"}, True),
        ("report", {"date": "2026-11-22 04:30:00"}, True),
        ("report", {"date": ""}, False),
        ("report", {"start_at": "2026-11-22 15:30:01"}, True),
        ("step_ringing", {"start_at": "2026-11-22 15:30:01"}, True),
        ("step_ringing", {}, False),
        ("log_inbound", {"date": "2026-11-22 15:30:01"}, False),
    ],
)
def test_a_zone_that_seems_wrong_is_told(
    name: str, changes: dict[str, str], has_problem: bool
) -> None:
    problem = zone_problem(payload(name, **changes), RECEIVED_AT, ZONE)
    assert bool(problem) is has_problem
