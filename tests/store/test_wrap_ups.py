"""What calls came to and when to call back: kept, found, told, and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.store.call_rows import delete_calls
from screenpop.store.outbox import NoteOutbox
from screenpop.store.promises import due_promises, mark_reminded
from screenpop.store.wrap_ups import WrapUps
from tests.builders import a_missed_row, a_row, at

if TYPE_CHECKING:
    from screenpop.store.call_log import CallLog
    from screenpop.store.database import Database


def test_a_disposition_is_found_with_its_call_and_goes_with_it(
    call_log: CallLog, database: Database
) -> None:
    wrap_ups = WrapUps(database)
    wrap_ups.put("acme", "call-1", "Sold", at=at(50)).result()
    wrap_ups.put("acme", "call-1", "Order changed", at=at(60)).result()
    call_log.commit(rows=[a_row()]).result()
    assert call_log.search("changed order")[0].disposition == "Order changed"
    assert call_log.search("sold") == ()
    database.submit(lambda c: delete_calls(c, [("acme", "call-1")])).result()
    assert wrap_ups.get("acme", "call-1") == ""


def test_a_disposition_that_is_taken_back_is_gone(database: Database) -> None:
    wrap_ups = WrapUps(database)
    wrap_ups.put("acme", "call-1", "Sold", at=at(50)).result()
    wrap_ups.put("acme", "call-1", "", at=at(60)).result()
    assert wrap_ups.get("acme", "call-1") == ""


def test_the_vendor_is_told_the_disposition_before_the_words(
    call_log: CallLog, database: Database
) -> None:
    outbox = NoteOutbox(database)
    WrapUps(database).put("acme", "call-1", "Sold", at=at(50)).result()
    for text, told in (("", "[Sold]"), ("Two of each", "[Sold] Two of each")):
        kept = outbox.keep(
            "acme", "call-1", text, needs_follow_up=False, severity=0, at=at(60)
        ).result()
        assert kept is not None
        assert kept.text == told
    note = call_log.note("acme", "call-1")
    assert note is not None
    assert note.text == "Two of each"


def test_a_promised_time_is_kept_until_told_or_settled(
    call_log: CallLog, database: Database
) -> None:
    call_log.commit(rows=[a_missed_row("early"), a_missed_row("late")]).result()
    call_log.promise_call_back("acme", "late", at=at(5), due_at=at(900)).result()
    call_log.promise_call_back("acme", "early", at=at(6), due_at=at(300)).result()
    early, late = due_promises(database)
    assert [(one.call_id, one.due_at) for one in (early, late)] == [
        ("early", at(300)),
        ("late", at(900)),
    ]
    assert call_log.missed_open()[0].due_at in (at(300), at(900))
    mark_reminded(database, [early], at=at(301)).result()
    assert due_promises(database) == (late,)
    call_log.promise_call_back("acme", "early", at=at(7)).result()
    call_log.commit(rows=[a_row("talk", started_at=at(400))]).result()
    assert due_promises(database) == ()


def test_who_of_several_was_last_talked_with_is_known_by_name(
    call_log: CallLog,
) -> None:
    rows = [
        a_row("one", started_at=at(0), matched_name="Ana"),
        a_row("two", started_at=at(100), matched_name="Ana"),
        a_row("three", started_at=at(200), matched_name="Bo"),
        a_missed_row("four", started_at=at(300), matched_name="Bo"),
    ]
    call_log.commit(rows=rows).result()
    party = rows[0].party
    found = dict(call_log.spoken_with(party, at(400)))
    assert found == {"Ana": at(100), "Bo": at(200)}
    assert dict(call_log.spoken_with(party, at(150))) == {"Ana": at(100)}
