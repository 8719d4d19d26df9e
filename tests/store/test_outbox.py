"""Notes on their way: the latest of each call, until it has arrived."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from screenpop.store.migrations import STEPS, migrate
from screenpop.store.outbox import NoteOutbox, OutboxState, OutgoingNote
from tests.builders import at

if TYPE_CHECKING:
    from pathlib import Path


def keep(
    outbox: NoteOutbox, text: str, call_id: str = "c-1", **marks: int
) -> OutgoingNote | None:
    return outbox.keep(
        "acme",
        call_id,
        text,
        needs_follow_up=bool(marks.get("follow_up")),
        severity=marks.get("severity", 0),
        at=at(0),
    ).result()


def test_only_the_latest_note_of_a_call_waits_and_calls_keep_their_order(
    database: Database,
) -> None:
    outbox = NoteOutbox(database)
    keep(outbox, "Wa")
    keep(outbox, "Other", "c-2")
    keep(outbox, "Third", "c-3")
    keep(outbox, "Wants a call", severity=2)
    found = [(one.call_id, one.text) for one in outbox.waiting("acme")]
    assert found == [("c-2", "Other"), ("c-3", "Third"), ("c-1", "Wants a call")]
    assert outbox.waiting_accounts() == ("acme",)


def test_a_note_changed_while_it_was_sent_goes_again(database: Database) -> None:
    outbox = NoteOutbox(database)
    sending = keep(outbox, "First")
    assert sending is not None
    keep(outbox, "Second")
    assert not outbox.mark_sent(sending).result()
    (waiting,) = outbox.waiting("acme")
    assert waiting.text == "Second"
    assert outbox.mark_sent(waiting).result()
    assert outbox.waiting("acme") == ()
    assert not CallLog(database).has_waiting_notes()


def test_what_is_the_same_is_not_sent_again_unless_it_was_refused(
    database: Database,
) -> None:
    outbox = NoteOutbox(database)
    note = keep(outbox, "Same", follow_up=1)
    assert note is not None
    outbox.mark_sent(note).result()
    kept = keep(outbox, "Same", follow_up=1)
    assert kept == replace(note, state=OutboxState.SENT)
    outbox.mark_refused(note, "No right", "Ask for it.").result()
    again = keep(outbox, "Same", follow_up=1)
    assert again is not None
    assert (again.state, again.problem) == (OutboxState.WAITING, "")


def test_a_note_is_kept_here_and_sent_together(database: Database) -> None:
    outbox, log = NoteOutbox(database), CallLog(database)
    keep(outbox, "  Both  ")
    note = log.note("acme", "c-1")
    assert note is not None
    assert note.text == "  Both  "
    (waiting,) = outbox.waiting("acme")
    assert waiting.text == "Both"


def test_nothing_is_sent_of_a_call_that_never_had_a_note(database: Database) -> None:
    outbox = NoteOutbox(database)
    assert keep(outbox, "  ") is None
    assert outbox.waiting("acme") == ()


def test_a_note_that_is_taken_back_is_taken_back_there_too(database: Database) -> None:
    outbox = NoteOutbox(database)
    note = keep(outbox, "Wrong call")
    assert note is not None
    outbox.mark_sent(note).result()
    keep(outbox, "")
    (waiting,) = outbox.waiting("acme")
    assert waiting.text == ""


def test_notes_of_the_first_version_stay_and_are_not_sent(path: Path) -> None:
    path.parent.mkdir()
    old = sqlite3.connect(path, isolation_level=None)
    migrate(old, path, STEPS[:1])
    old.execute("INSERT INTO notes VALUES ('acme', 'c-1', 'From before', 'from', 1)")
    old.close()
    with Database(path) as database:
        note = CallLog(database).note("acme", "c-1")
        assert note is not None
        assert note.text == "From before"
        assert not CallLog(database).has_waiting_notes()
        assert keep(NoteOutbox(database), "From now on") is not None
    assert path.with_name(f"{path.name}.v1").exists()
