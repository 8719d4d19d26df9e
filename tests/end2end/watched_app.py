"""The real program, with a note of what it asks its windows to show.

    watched_app.py NOTES DIES [ARGUMENT …]

Each is a line in the file NOTES: "card" and the call's id, "asked" and the number that
the user shall confirm, "window" and its name, "notice" and its title. With DIES the
process ends as by a power cut, when a webhook has come to that point:

    ""               never
    before-fold      never; but nothing that was answered is ever thought about
    before-card      its call is on disk, nobody has been told
    step NAME NUMBER the step of this name comes for so many-th time, see ``_Steps``
    steps            never; each step is a line "step" with its name in NOTES
"""

from __future__ import annotations

import os
import re
import signal
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screenpop.cli.main import main
from screenpop.listener.connection import HookConnection
from screenpop.services import application
from screenpop.services.bus import Bus
from screenpop.services.call_tracker import CallChanged, CallTracker
from screenpop.services.events import (
    DialConfirmationNeeded,
    PopRequested,
    UserNotice,
    WindowRequested,
)
from screenpop.store.database import Database

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _Steps:
    """What is done for a webhook that somebody outside this process could notice.

    Each statement that the writer of the database begins, each event that is told,
    each hand-over from thread to thread, each piece of an answer. They are taken from
    what the program does, so that one that is new is among them by itself. They count
    once the file "armed" lies beside the notes.
    """

    def __init__(self, notes: Path, dies: str) -> None:
        self._notes = notes
        self._dies_at = tuple(dies.split()[1:]) if dies.startswith("step ") else ()
        self._met: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.is_armed = False

    def begin(self) -> None:
        """A request has been read."""
        self.is_armed = self.is_armed or self._notes.with_name("armed").exists()

    def reach(self, name: str) -> None:
        """The step comes next; any thread."""
        if not self.is_armed:
            return
        with self._lock:
            self._met[name] += 1
            number = self._met[name]
            if self._dies_at == (name, str(number)):
                _die()
            if not self._dies_at:
                with self._notes.open("a", encoding="utf-8") as notes:
                    notes.write(f"step {name} {number}\n")

    def watch(self) -> None:
        """Put the counters where the steps are made."""
        steps = self
        tell, hand_over = Bus.publish, CallTracker.deliver
        take, write = HookConnection._take_request, HookConnection._write
        open_ = Database.__init__

        def publish(bus: Bus, event: object) -> None:
            steps.reach(f"tell-{type(event).__name__}")
            tell(bus, event)

        def deliver(tracker: CallTracker, delivery: Delivery) -> None:
            steps.reach("hand-over")
            hand_over(tracker, delivery)

        def take_request(self: HookConnection, *words: Any) -> None:
            steps.begin()
            steps.reach("request")
            take(self, *words)

        def answer(self: HookConnection, data: bytes) -> None:
            steps.reach("answer")
            write(self, data)

        def opened(self: Database, *words: Any, **options: Any) -> None:
            open_(self, *words, **options)
            self._connection.set_trace_callback(
                lambda sql: steps.reach(_statement(sql))
            )

        for kind, name, watched in (
            (Bus, "publish", publish),
            (CallTracker, "deliver", deliver),
            (HookConnection, "_take_request", take_request),
            (HookConnection, "_write", answer),
            (Database, "__init__", opened),
        ):
            setattr(kind, name, watched)


def _statement(sql: str) -> str:
    """What a statement does to which table, in one word."""
    found = _STATEMENT.match(sql)
    words = [word for word in (found.groups() if found else ()) if word]
    return "-".join(["sql", *words]).lower()


_STATEMENT = re.compile(
    r"\W*(\w+)(?:\s+OR\s+\w+)?(?:\s+(?:INTO|FROM|TO|IMMEDIATE))*(?:\s+(\w+))?", re.I
)


class _DyingTracker(CallTracker):
    """Ends the process, or does nothing, where the test wants that."""

    dies = ""

    def deliver(self, delivery: Delivery) -> None:
        if self.dies != "before-fold":
            super().deliver(delivery)


class _WatchedApplication(application.Application):
    """Writes down what is to be shown before anybody else hears of it."""

    notes = Path()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bus.subscribe(
            PopRequested, lambda event: self._note("card", event.card.ref.call_id)
        )
        self.bus.subscribe(
            DialConfirmationNeeded, lambda event: self._note("asked", event.number_text)
        )
        self.bus.subscribe(
            WindowRequested, lambda event: self._note("window", event.window)
        )
        self.bus.subscribe(UserNotice, lambda event: self._note("notice", event.title))

    def _build_calls(self) -> None:
        if _DyingTracker.dies == "before-card":
            self.bus.subscribe(CallChanged, lambda _change: _die())
        super()._build_calls()

    def _note(self, kind: str, what: str) -> None:
        with self.notes.open("a", encoding="utf-8") as notes:
            notes.write(f"{kind} {what}\n")


def run(arguments: list[str]) -> int:
    """Be the program."""
    _WatchedApplication.notes = Path(arguments[0])
    _DyingTracker.dies = arguments[1]
    if arguments[1].startswith("step"):
        _Steps(Path(arguments[0]), arguments[1]).watch()
    vars(application).update(CallTracker=_DyingTracker, Application=_WatchedApplication)
    return main(arguments[2:])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
