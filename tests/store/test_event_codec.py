"""Events survive the way through JSON, also that of an older or newer program."""

from __future__ import annotations

import dataclasses
import json

import pytest
from hypothesis import given

from screenpop.domain.cdr import CallDetailRecord
from screenpop.domain.errors import PayloadError
from screenpop.domain.events import CallEvent, CallRecorded, LegAlerting
from screenpop.store.event_codec import (
    EVENT_TYPES,
    decode_event,
    decode_record,
    encode_event,
    encode_record,
    event_key,
)
from tests.builders import a_ring, at
from tests.store.strategies import events, moments, records


@given(events)
def test_an_event_comes_back_as_it_was(event: CallEvent) -> None:
    again = decode_event(encode_event(event))
    assert again == event
    assert type(again) is type(event)
    assert again.received_at == event.received_at


@given(records)
def test_a_record_comes_back_as_it_was(record: CallDetailRecord) -> None:
    assert decode_record(encode_record(record)) == record


@given(events, moments)
def test_when_we_heard_of_it_is_no_part_of_a_fact(
    event: CallEvent, other: object
) -> None:
    heard_again = dataclasses.replace(event, received_at=other)  # type: ignore[arg-type]
    assert event_key(heard_again) == event_key(event)


@given(events, events)
def test_two_facts_have_two_keys(one: CallEvent, other: CallEvent) -> None:
    assert (event_key(one) == event_key(other)) == (one == other)


def test_every_kind_of_event_can_be_stored() -> None:
    # By name: dataclasses with slots leave a second class of the same name behind.
    names = {kind.__name__ for kind in CallEvent.__subclasses__()}
    assert set(EVENT_TYPES) == names


def test_the_text_says_version_and_type() -> None:
    stored = json.loads(encode_event(a_ring()))
    assert (stored["v"], stored["type"]) == (1, "LegAlerting")


def test_half_a_surrogate_pair_survives() -> None:
    event = a_ring(call_id="\ud800")
    text = encode_event(event)
    assert text.isascii()
    assert decode_event(text) == event


def test_keys_of_a_newer_program_are_passed_over() -> None:
    stored = json.loads(encode_event(a_ring()))
    stored["mood"] = "cheerful"
    stored["caller"]["mood"] = "cheerful"
    assert decode_event(json.dumps(stored)) == a_ring()


def test_what_an_older_program_did_not_write_has_its_default() -> None:
    stored = {
        "v": 1,
        "type": "LegAlerting",
        "account_id": "acme",
        "call_id": "call-1",
        "occurred_at": "2026-03-02T09:00:00+00:00",
        "received_at": "2026-03-02T09:00:00+00:00",
    }
    assert decode_event(json.dumps(stored)) == LegAlerting(
        account_id="acme", call_id="call-1", occurred_at=at(), received_at=at()
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "[" * 100_000,
        "{}",
        '{"v": 2, "type": "LegAlerting"}',
        '{"v": 1, "type": "LegForwarded"}',
        '{"v": 1, "type": "LegAlerting"}',
        '{"v": 1, "type": ["LegAlerting"]}',
        '{"v": 1, "type": "LegAlerting", "caller": 5, "occurred_at": "yesterday"}',
        '{"v": 1, "type": "CallRecorded", "record": null}',
    ],
)
def test_what_cannot_be_read_is_refused(text: str) -> None:
    with pytest.raises(PayloadError):
        decode_event(text)


def test_an_event_is_no_record() -> None:
    with pytest.raises(PayloadError):
        decode_record(encode_event(a_ring()))


def test_a_moment_without_a_zone_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="zone"):
        encode_event(a_ring(occurred_at=at().replace(tzinfo=None)))


def test_a_recorded_call_holds_its_record() -> None:
    record = CallDetailRecord(
        started_at=at(), caller=a_ring().caller, callee=a_ring().callee
    )
    event = CallRecorded(
        account_id="acme",
        call_id="call-1",
        occurred_at=at(),
        received_at=at(),
        record=record,
    )
    again = decode_event(encode_event(event))
    assert isinstance(again, CallRecorded)
    assert again.record == record
