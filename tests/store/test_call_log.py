"""Facts once, calls up to date, cards popped once, notes kept."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.domain.call_fold import derive
from screenpop.domain.calls import CallState
from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.errors import StoreError
from screenpop.domain.events import CallerId, CallEvent, Direction
from screenpop.store.call_log import CallLog, PopClaim
from screenpop.store.call_rows import CallRow
from screenpop.store.database import Database
from tests.builders import (
    LONDON,
    MOBILE,
    OTHER_LONDON,
    a_delivery,
    a_missed_row,
    a_ring,
    a_row,
    at,
)
from tests.store.strategies import events

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from screenpop.store.journal import Journal

LATER = datetime(2100, 1, 2, tzinfo=UTC)

FULL_ROW = a_row(
    is_internal=True,
    is_end_inferred=True,
    remote_name="Ann 😀 Example",
    remote_is_withheld=True,
    line_number=OTHER_LONDON,
    line_name="Sales",
    user_extension="101",
    answered_by="Bob Example",
    started_at=at(0.000001),
    connected_at=at(4.5),
    ring_seconds=4.5,
    talk_seconds=55.5,
    kind=RecordKind.CLICK_TO_DIAL,
    dial_id="dial-1",
    is_own_leg=True,
    recording_url="https://example.com/r",
    voicemail_url="https://example.com/v",
    has_voicemail=True,
    transcription="Hello",
    summary="A greeting",
    sentiment=99.5,
    labels=("new", "loud"),
    rules=("night",),
    contact_source="crm",
    contact_url="https://example.com/c",
    attachment_url="https://example.com/a",
    pages=3,
    description="odd",
    record_id="cdr-1",
    matched_name="Ann",
    matched_company="Example Ltd",
)


def put(call_log: CallLog, *rows: CallRow) -> None:
    call_log.commit(rows=rows).result()


def ids(rows: Sequence[CallRow]) -> list[str]:
    return [row.call_id for row in rows]


# --- rows and events ------------------------------------------------------------------


@pytest.mark.parametrize(
    "row",
    [
        FULL_ROW,
        a_row(),
        a_row(state=CallState.ALERTING, outcome=None, ended_at=None),
    ],
)
def test_a_row_comes_back_as_it_was(call_log: CallLog, row: CallRow) -> None:
    put(call_log, row)
    assert call_log.get("acme", "call-1") == row
    assert call_log.all_rows() == (row,)


def test_the_full_row_leaves_no_field_at_its_default() -> None:
    for field in dataclasses.fields(CallRow):
        if field.name not in ("outcome", "note", "mark", "disposition", "due_at"):
            assert getattr(FULL_ROW, field.name) != field.default, field.name


def test_a_later_row_replaces_the_earlier_one(call_log: CallLog) -> None:
    put(call_log, a_row(outcome=None, ended_at=None, state=CallState.ALERTING))
    put(call_log, a_row())
    assert call_log.all_rows() == (a_row(),)


def test_who_it_was_outlasts_new_facts(call_log: CallLog) -> None:
    put(call_log, a_row(remote_name="Sales desk"))
    call_log.set_match("acme", "call-1", "Ann Example", "Café Ltd").result()
    put(call_log, a_row(remote_name="Sales desk"))
    (row,) = call_log.search("ann sales cafe")
    assert (row.matched_name, row.matched_company) == ("Ann Example", "Café Ltd")


def test_an_unknown_call_is_none(call_log: CallLog) -> None:
    assert call_log.get("acme", "call-9") is None
    assert call_log.events_of("acme", "call-9") == ()


def test_the_same_fact_twice_is_stored_once_as_first_heard(call_log: CallLog) -> None:
    call_log.commit(events=[a_ring(), a_ring(received_at=at(30))]).result()
    call_log.commit(events=[a_ring(received_at=at(60))]).result()
    (event,) = call_log.events_of("acme", "call-1")
    assert event.received_at == at(0.2)


def test_calls_are_told_apart_by_account(call_log: CallLog) -> None:
    call_log.commit(events=[a_ring(), a_ring(account_id="brand")]).result()
    assert len(call_log.events_of("acme", "call-1")) == 1
    assert list(call_log.call_keys()) == [("acme", "call-1"), ("brand", "call-1")]


def test_hostile_ids_and_names_are_stored_all_the_same(call_log: CallLog) -> None:
    event = a_ring(call_id="\ud800", caller=CallerId("\x00", "\udfff"))
    row = a_row("\ud800", remote_name="\ud800x", remote_e164="", remote_number="\udfff")
    call_log.commit(events=[event], rows=[row]).result()
    assert call_log.events_of("acme", "\ud800") == (event,)
    found = call_log.get("acme", "\ud800")
    assert found is not None
    assert found.remote_name == "\ufffdx"


def test_a_commit_is_all_or_nothing(call_log: CallLog, journal: Journal) -> None:
    journal.append(a_delivery()).result()
    bad: Any = object()
    future = call_log.commit(
        delivery_seqs=[1],
        events=[a_ring()],
        rows=[a_row(record_id=bad)],
        pop_claims=[PopClaim("acme", "call-1", "ring")],
    )
    with pytest.raises(StoreError):
        future.result()
    assert call_log.events_of("acme", "call-1") == ()
    assert [delivery.seq for delivery in journal.pending()] == [1]


def test_replacing_all_rows_keeps_what_cannot_be_derived(call_log: CallLog) -> None:
    call_log.commit(events=[a_ring()], rows=[a_row(), a_row("call-2")]).result()
    call_log.set_note("acme", "call-1", "Asked for a quote", at=at(70)).result()
    call_log.replace_all_derived([a_row(summary="anew")]).result()
    (row,) = call_log.all_rows()
    assert (row.summary, row.note) == ("anew", "Asked for a quote")
    assert len(call_log.events_of("acme", "call-1")) == 1


def test_open_calls_are_those_without_an_end(call_log: CallLog) -> None:
    put(
        call_log,
        a_row("ended"),
        a_row("talking", state=CallState.CONNECTED, outcome=None, ended_at=None),
        a_row("ringing", state=CallState.ALERTING, outcome=None, ended_at=None),
    )
    assert set(ids(call_log.open_calls())) == {"talking", "ringing"}


def row_of(call_id: str, facts: Sequence[CallEvent]) -> CallRow:
    """A row as the services make it, as far as this matters here."""
    call = derive(facts, own_extension="", now=LATER)
    assert call is not None
    return a_row(
        call_id,
        account_id=call.ref.account_id,
        direction=call.direction,
        state=call.state,
        outcome=call.outcome,
        remote_number=call.remote.number,
        remote_name=call.remote.name,
        remote_e164="",
        started_at=call.started_at,
        connected_at=call.connected_at,
        ended_at=call.ended_at,
        last_heard_at=at(),
    )


def logged(commits: Sequence[Sequence[CallEvent]]) -> tuple[CallRow, ...]:
    """The whole log after these commits, each followed by the call made anew."""
    with (
        TemporaryDirectory() as folder,
        Database(Path(folder) / "screenpop.db") as database,
    ):
        call_log = CallLog(database)
        for group in commits:
            call_log.commit(events=group).result()
            for account_id, call_id in sorted(
                {(e.account_id, e.call_id) for e in group}
            ):
                facts = call_log.events_of(account_id, call_id)
                call_log.commit(rows=[row_of(call_id, facts)]).result()
        return call_log.all_rows()


@settings(max_examples=25)
@given(st.data())
def test_any_order_with_any_doubles_gives_the_same_log(data: st.DataObject) -> None:
    facts = data.draw(st.lists(events, min_size=1, max_size=6))
    doubles = data.draw(st.lists(st.sampled_from(facts), max_size=4))
    shuffled = data.draw(st.permutations([*facts, *doubles]))
    cut = data.draw(st.integers(0, len(shuffled)))
    groups = [group for group in (shuffled[:cut], shuffled[cut:]) if group]
    assert logged(groups) == logged([facts])


# --- claims ---------------------------------------------------------------------------


def test_a_card_is_claimed_once_for_ever(path: Path) -> None:
    ring = PopClaim("acme", "call-1", "ring")
    dial = PopClaim("acme", "call-1", "dial")
    with Database(path) as database:
        call_log = CallLog(database)
        assert call_log.commit(pop_claims=[ring, ring]).result() == {ring}
        assert call_log.commit(pop_claims=[ring, dial]).result() == {dial}
    with Database(path) as database:
        assert CallLog(database).commit(pop_claims=[ring, dial]).result() == set()


def test_a_hundred_claims_at_once_give_one_card(call_log: CallLog) -> None:
    claim = PopClaim("acme", "call-1", "ring")
    futures = [call_log.commit(pop_claims=[claim]) for _ in range(100)]
    assert sum(len(future.result()) for future in futures) == 1


# --- notes ----------------------------------------------------------------------------


def test_a_note_travels_with_its_call(call_log: CallLog) -> None:
    put(call_log, a_row())
    call_log.set_note("acme", "call-1", "Wants", at=at(61)).result()
    call_log.set_note("acme", "call-1", "Wants a quote\n", at=at(62)).result()
    note = call_log.note("acme", "call-1")
    assert note is not None
    assert (note.text, note.updated_at) == ("Wants a quote\n", at(62))
    assert call_log.search()[0].note == "Wants a quote\n"


def test_an_emptied_note_is_gone(call_log: CallLog) -> None:
    call_log.set_note("acme", "call-1", "Oops", at=at()).result()
    call_log.set_note("acme", "call-1", "  ", at=at()).result()
    assert call_log.note("acme", "call-1") is None


def test_a_note_may_come_before_the_call_is_logged(call_log: CallLog) -> None:
    call_log.set_note("acme", "call-1", "Early", at=at()).result()
    put(call_log, a_row())
    assert call_log.search("early")[0].note == "Early"


# --- search ---------------------------------------------------------------------------


def test_the_newest_calls_come_first_page_by_page(call_log: CallLog) -> None:
    put(call_log, *(a_row(f"call-{n}", started_at=at(n)) for n in range(5)))
    assert ids(call_log.search(limit=2)) == ["call-4", "call-3"]
    assert ids(call_log.search(limit=2, offset=2)) == ["call-2", "call-1"]
    assert ids(call_log.search(until=at(1))) == ["call-0"]
    assert ids(call_log.search(since=at(3))) == ["call-4", "call-3"]


@pytest.mark.parametrize(
    "text",
    [
        "ann",
        "EXAMPLE",
        "ann exam",
        "cafe",
        "sales",
        "quote",
        "ann quote",
        "020 7946 0123",
        "+44 20 7946",
        "0207946",
        "0123",
        "ann 7946",
        "greeting",
        "  ",
    ],
)
def test_a_call_is_found_by_what_is_known_of_it(call_log: CallLog, text: str) -> None:
    put(
        call_log,
        a_row(
            remote_name="Ann Example",
            matched_company="Café Example",
            line_name="Sales",
            summary="A greeting",
        ),
    )
    call_log.set_note("acme", "call-1", "Wants a quote", at=at()).result()
    assert ids(call_log.search(text)) == ["call-1"]


@pytest.mark.parametrize("text", ["bob", "ann bob", "0999", "b%", "020 7946 9", "z_"])
def test_a_call_is_not_found_by_anything_else(call_log: CallLog, text: str) -> None:
    put(call_log, a_row(remote_name="Ann Example"))
    assert call_log.search(text) == ()


def test_filters_narrow_the_search(call_log: CallLog) -> None:
    put(
        call_log,
        a_row("in"),
        a_row("out", direction=Direction.OUTBOUND),
        a_row("missed", outcome=CallOutcome.NO_ANSWER),
        a_row("refused", outcome=CallOutcome.REJECTED),
        a_row("fax", outcome=CallOutcome.FAILED, kind=RecordKind.FAX),
        a_row("tried", outcome=CallOutcome.BUSY, direction=Direction.OUTBOUND),
    )
    assert set(ids(call_log.search(direction=Direction.OUTBOUND))) == {"out", "tried"}
    assert ids(call_log.search(missed_only=True)) == ["missed"]


def test_our_own_leg_hides_behind_its_call(call_log: CallLog) -> None:
    own = a_row("own", dial_id="dial-1", is_own_leg=True, started_at=at(-5))
    put(call_log, own)
    assert ids(call_log.search()) == ["own"]
    put(call_log, a_row("far", dial_id="dial-1", direction=Direction.OUTBOUND))
    assert ids(call_log.search()) == ["far"]
    assert len(call_log.all_rows()) == 2


# --- earlier calls with a party -------------------------------------------------------


def test_recent_numbers_come_once_each_newest_first(call_log: CallLog) -> None:
    put(
        call_log,
        a_row("1", started_at=at(1)),
        a_row("2", started_at=at(2), remote_e164=MOBILE, matched_name="Bob Example"),
        a_row("3", started_at=at(3), remote_name="Ann Example"),
        a_row("4", started_at=at(4), remote_number="", remote_e164=""),
        a_row("5", started_at=at(5), is_own_leg=True, remote_e164=OTHER_LONDON),
        a_row("6", started_at=at(6), remote_e164="", remote_number="102"),
    )
    recent = call_log.recent_numbers()
    assert [(each.number_e164 or each.number_raw, each.name) for each in recent] == [
        ("102", ""),
        (LONDON, "Ann Example"),
        (MOBILE, "Bob Example"),
    ]
    assert len(call_log.recent_numbers(limit=1)) == 1


def test_a_party_has_a_history(call_log: CallLog) -> None:
    put(
        call_log,
        a_row("talk", started_at=at(0), answered_by="Bob Example"),
        a_row("missed", started_at=at(100), outcome=CallOutcome.NO_ANSWER),
        a_row("other", started_at=at(150), remote_e164=MOBILE),
        a_row("now", started_at=at(200), outcome=None, ended_at=None),
    )
    call_log.set_note("acme", "talk", "Wants a quote", at=at(70)).result()
    history = call_log.last_with(LONDON, at(200))
    assert history is not None
    assert history.last_call is not None
    assert history.last_call.call_id == "missed"
    assert history.last_talk is not None
    assert history.last_talk.note == "Wants a quote"
    assert (history.missed_count, history.call_count) == (1, 2)
    assert history.last_talk.call_id == "talk"


def test_a_stranger_has_none(call_log: CallLog) -> None:
    put(call_log, a_row(remote_is_withheld=True))
    assert call_log.last_with(MOBILE, at(100)) is None
    assert call_log.last_with("", at(100)) is None


def test_an_extension_has_a_history_by_its_number_as_sent(call_log: CallLog) -> None:
    put(call_log, a_row(remote_e164="", remote_number="102", is_internal=True))
    history = call_log.last_with("", at(100), raw="102")
    assert history is not None
    assert history.call_count == 1


def test_missed_calls_are_counted_from_an_index_alone(
    call_log: CallLog, database: Database
) -> None:
    put(call_log, a_missed_row())
    asked: list[str] = []

    def plan(connection: sqlite3.Connection) -> list[str]:
        connection.set_trace_callback(asked.append)
        assert call_log.missed_count() == 1
        connection.set_trace_callback(None)
        (question,) = (each for each in asked if each.startswith("SELECT"))
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {question}")]

    assert "SCAN c USING COVERING INDEX calls_missed" in database.read(plan)
