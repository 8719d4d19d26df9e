"""The thread under the database's writer and the relay's spool."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import dataclass, field

from screenpop.group_worker import GroupWorker


@dataclass
class Note:
    """A task that says what it is."""

    word: str
    future: Future[None] = field(default_factory=Future)


class Desk:
    """Does notes in groups; the first waits at a gate."""

    def __init__(self) -> None:
        self.groups: list[list[str]] = []
        self.has_begun = threading.Event()
        self.gate = threading.Event()

    def do(self, notes: list[Note]) -> None:
        self.groups.append([note.word for note in notes])
        self.has_begun.set()
        assert self.gate.wait(10)
        for note in notes:
            note.future.set_result(None)


def test_what_queues_up_meanwhile_is_done_in_one_go_and_in_its_order() -> None:
    desk = Desk()
    worker = GroupWorker[Note]("notes", desk.do, most=3)
    notes = [Note(word) for word in "abcdef"]
    worker.put(notes[0])
    assert desk.has_begun.wait(10)
    for note in notes[1:]:
        worker.put(note)
    assert worker.queued == 5
    desk.gate.set()
    worker.close()
    assert desk.groups == [["a"], ["b", "c", "d"], ["e", "f"]]
    assert all(note.future.done() for note in notes)


def test_what_is_cancelled_before_its_turn_is_not_done() -> None:
    desk = Desk()
    worker = GroupWorker[Note]("notes", desk.do, most=3)
    first, unwanted, last = (Note(word) for word in "abc")
    worker.put(first)
    assert desk.has_begun.wait(10)
    worker.put(unwanted)
    worker.put(last)
    unwanted.future.cancel()
    desk.gate.set()
    worker.close()
    assert desk.groups == [["a"], ["c"]]


def test_a_closed_worker_takes_nothing_and_can_be_closed_again() -> None:
    desk = Desk()
    desk.gate.set()
    worker = GroupWorker[Note]("notes", desk.do, most=3)
    worker.close()
    assert not worker.put(Note("late"))
    worker.close()
    assert desk.groups == []


def test_it_tidies_up_once_nothing_came_for_a_while() -> None:
    desk, tidied = Desk(), threading.Event()
    desk.gate.set()
    pauses = iter((None, 0.001))
    worker = GroupWorker[Note](
        "notes",
        desk.do,
        most=3,
        idle_seconds=lambda: next(pauses, None),
        idle=tidied.set,
    )
    assert not tidied.is_set()
    worker.put(Note("a"))
    assert tidied.wait(10)
    worker.close()
    assert desk.groups == [["a"]]
