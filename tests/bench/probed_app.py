"""The whole program with a companion that reports what only the inside can tell.

    python -m tests.bench.probed_app

It runs ``screenpop.ui.gui.run_app`` on SCREENPOP_HOME, and prints JSON lines: the
hook's URL once the account is connected, and each first paint of a card with the moment
(CLOCK_MONOTONIC, s) and the title that the card has in that very frame. It understands
``hide`` (take all cards down), ``tick`` (begin to measure by how much a precise timer
of 5 ms is late) and ``told`` (print what was measured since).
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer

from screenpop.config.paths import Paths
from screenpop.config.secrets import KeychainSecretStore
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.services.events import SourceState
from screenpop.ui.gui import run_app
from screenpop.ui.popup import controller
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.sample import SAMPLE
from tests.bench.deliveries import CALLERS, NAMES
from tests.bench.stage import ACCOUNT

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from screenpop.services.application import Application
    from screenpop.ui.desk import Desk

TICK_MS = 5


def say(**facts: object) -> None:
    """One line for the benchmark."""
    os.write(1, (json.dumps(facts) + "\n").encode())


class WatchedCard(Card):
    """A card that tells of its first paint after it came up.

    Cards in the making are painted with a sample where nobody sees them.
    """

    _is_due = False

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802
        super().showEvent(event)
        self._is_due = self.view not in (None, SAMPLE)

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        super().paintEvent(event)
        if self._is_due and self.view is not None:
            self._is_due = False
            title = self.view.title
            # Painting is over once this turn of the loop is.
            QTimer.singleShot(
                0, lambda: say(painted={"at": time.monotonic(), "title": title})
            )


@dataclass(slots=True)
class Ticks:
    """By how many ms a precise timer fires late."""

    timer: QTimer
    last: float = 0.0
    late: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Forget what was, and begin."""
        self.late.clear()
        self.last = time.perf_counter()
        self.timer.start(TICK_MS)

    def fired(self) -> None:
        """Note one tick."""
        now = time.perf_counter()
        self.late.append(max(0.0, (now - self.last) * 1000 - TICK_MS))
        self.last = now


def ticks() -> Ticks:
    """A stopped ticker."""
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    measured = Ticks(timer)
    timer.timeout.connect(measured.fired)
    return measured


class Probe:
    """The companion; ends with the app's input."""

    def __init__(self) -> None:
        self._ticks = ticks()

    async def __call__(self, app: Application, desk: Desk) -> None:
        await self._add_people(app)
        while not self._is_live(app):
            await asyncio.wait((asyncio.ensure_future(asyncio.sleep(0)),))
        say(url=app.accounts.hook_url(ACCOUNT))
        loop = asyncio.get_running_loop()
        lines: asyncio.Queue[str] = asyncio.Queue()
        loop.add_reader(0, lambda: lines.put_nowait(os.read(0, 4096).decode()))
        while text := await lines.get():
            for word in text.split():
                self._obey(word, app, desk)
        app.request_quit()

    def _obey(self, word: str, app: Application, desk: Desk) -> None:
        if word == "hide" and desk.cards is not None:
            desk.cards.hide_all()
        elif word == "tick":
            self._ticks.start()
        elif word == "told":
            self._ticks.timer.stop()
            say(late_ms=self._ticks.late, backlog=app.tracker.backlog)

    async def _add_people(self, app: Application) -> None:
        for number, (caller, name) in enumerate(zip(CALLERS, NAMES, strict=True)):
            contact = Contact(
                source="local",
                source_id=f"bench-{number}",
                name=name,
                company="Example Ltd",
                numbers=(ContactNumber(caller, caller),),
            )
            await asyncio.wrap_future(app.local_contacts.save(contact))

    def _is_live(self, app: Application) -> bool:
        states = app.monitor.states()
        return any(state.state is SourceState.LIVE for state in states)


def main() -> int:
    paths = Paths.from_environment()
    vars(controller)["Card"] = WatchedCard
    secrets = KeychainSecretStore(environment=os.environ)
    return run_app(paths, secrets=secrets, companion=Probe())


if __name__ == "__main__":
    sys.exit(main())
