"""The real program, with a note of what it asks its windows to show.

    watched_app.py NOTES DIES [ARGUMENT …]

Each is a line in the file NOTES: "card" and the call's id, "asked" and the number that
the user shall confirm, "window" and its name. With DIES the process ends as by a power
cut, when a webhook has come to that point:

    ""               never
    before-answer    it is on disk, its sender has not been answered
    before-fold      never; but nothing that was answered is ever thought about
    before-card      its call is on disk, nobody has been told
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screenpop.cli.main import main
from screenpop.services import application
from screenpop.services.call_tracker import CallChanged, CallTracker
from screenpop.services.events import (
    DialConfirmationNeeded,
    PopRequested,
    WindowRequested,
)

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class _DyingTracker(CallTracker):
    """Ends the process, or does nothing, where the test wants that."""

    dies = ""

    def deliver(self, delivery: Delivery) -> None:
        if self.dies == "before-answer":
            _die()
        elif self.dies != "before-fold":
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
    vars(application).update(CallTracker=_DyingTracker, Application=_WatchedApplication)
    return main(arguments[2:])


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
