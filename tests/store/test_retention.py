"""Old things go, with all that belongs to them; what is unfinished stays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.calls import CallState
from screenpop.domain.dialing import DialOrigin
from screenpop.store.call_log import CallLog, PopClaim
from screenpop.store.dials import Dial, Dials, DialState
from screenpop.store.journal import Journal
from screenpop.store.outbox import NoteOutbox
from screenpop.store.retention import prune
from screenpop.store.text_messages import StoredText, TextMessages
from tests.builders import LONDON, a_delivery, a_ring, a_row, at

if TYPE_CHECKING:
    from screenpop.store.database import Database

TABLES = (
    "deliveries",
    "call_events",
    "calls",
    "notes",
    "missed_dismissals",
    "call_back_promises",
    "pop_claims",
    "dials",
)


def rows(database: Database) -> dict[str, int]:
    return database.read(
        lambda c: {
            table: c.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608
            for table in TABLES
        }
    )


def fill(database: Database, call_id: str, seconds: float) -> None:
    """One of everything, that long after nine."""
    log, dials = CallLog(database), Dials(database)
    delivery = a_delivery(received_at=at(seconds))
    seq = Journal(database).append(delivery).result()
    dial = Dial(
        dial_id=call_id,
        account_id="acme",
        extension="101",
        number_e164=LONDON,
        number_raw=LONDON,
        requested_at=at(seconds),
        state_at=at(seconds),
        source=DialOrigin.TYPED,
    )
    dials.record_intent(dial).result()
    dials.set_state(call_id, DialState.CANCELLED, at=at(seconds)).result()
    log.commit(
        delivery_seqs=[seq],
        events=[a_ring(call_id=call_id, occurred_at=at(seconds))],
        rows=[a_row(call_id, started_at=at(seconds))],
        pop_claims=[PopClaim("acme", call_id, "ring")],
    ).result()
    log.set_note("acme", call_id, "note", at=at(seconds)).result()
    log.promise_call_back("acme", call_id, at=at(seconds)).result()
    log.dismiss_missed("acme", call_id, at=at(seconds)).result()


def test_what_is_old_goes_and_what_is_new_stays(database: Database) -> None:
    fill(database, "old", 0)
    fill(database, "new", 100)
    result = prune(database, deliveries_before=at(50), calls_before=at(50))
    assert (result.deliveries, result.calls, result.dials) == (1, 1, 1)
    assert set(rows(database).values()) == {1}
    assert [row.call_id for row in CallLog(database).all_rows()] == ["new"]


def test_deliveries_and_calls_may_be_kept_for_different_times(
    database: Database,
) -> None:
    fill(database, "old", 0)
    prune(database, deliveries_before=at(50), calls_before=at(-50))
    assert rows(database) == {**dict.fromkeys(TABLES, 1), "deliveries": 0}


def test_what_is_unfinished_stays_however_old(database: Database) -> None:
    Journal(database).append(a_delivery()).result()
    row = a_row(state=CallState.CONNECTED, outcome=None, ended_at=None)
    CallLog(database).commit(rows=[row]).result()
    result = prune(database, deliveries_before=at(9_999), calls_before=at(9_999))
    assert (result.deliveries, result.calls, result.dials) == (0, 0, 0)
    assert len(CallLog(database).open_calls()) == 1


def test_facts_of_calls_that_are_none_of_ours_go_too(database: Database) -> None:
    log = CallLog(database)
    for call_id, seconds in (("old", 0), ("new", 100)):
        ring = a_ring(call_id=call_id, occurred_at=at(seconds), received_at=at(seconds))
        log.commit(events=[ring]).result()
    prune(database, deliveries_before=at(50), calls_before=at(50))
    assert list(log.call_keys()) == [("acme", "new")]


def test_the_claim_of_a_dial_goes_with_it(database: Database) -> None:
    for dial_id, seconds in (("old", 0), ("new", 100)):
        fill(database, dial_id, seconds)
        claim = PopClaim("acme", dial_id, "dial")
        CallLog(database).commit(pop_claims=[claim]).result()
    prune(database, deliveries_before=at(50), calls_before=at(50))
    assert rows(database)["pop_claims"] == 2


def test_no_delivery_outlives_its_call_to_bring_it_back(database: Database) -> None:
    fill(database, "old", 0)
    prune(database, deliveries_before=at(-50), calls_before=at(50))
    assert set(rows(database).values()) == {0}


def test_notes_dials_and_texts_may_go_before_the_calls(database: Database) -> None:
    fill(database, "old", 0)
    text = StoredText(
        account_id="acme",
        is_inbound=True,
        sender=LONDON,
        recipient="101",
        text="Hello",
        conversation_id="",
        received_at=at(0),
    )
    TextMessages(database).add(text).result()
    prune(
        database,
        deliveries_before=at(-50),
        calls_before=at(-50),
        notes_before=at(50),
        dials_before=at(50),
        texts_before=at(50),
    )
    left = rows(database)
    assert (left["notes"], left["dials"]) == (0, 0)
    assert (left["calls"], left["deliveries"]) == (1, 1)
    assert TextMessages(database).latest() == ()


def test_nothing_is_kept_for_longer_than_the_calls(database: Database) -> None:
    fill(database, "old", 0)
    prune(
        database,
        deliveries_before=at(-50),
        calls_before=at(50),
        notes_before=at(-50),
        dials_before=at(-50),
        texts_before=at(-50),
    )
    assert set(rows(database).values()) == {0}


def test_a_note_that_waits_for_its_vendor_stays(database: Database) -> None:
    fill(database, "old", 0)
    NoteOutbox(database).keep(
        "acme", "old", "note", needs_follow_up=True, severity=0, at=at(0)
    ).result()
    prune(database, deliveries_before=at(-9), calls_before=at(-9), notes_before=at(50))
    assert rows(database)["notes"] == 1
