"""The whole program with a companion that reports what only the inside can tell.

    python -m tests.bench.probed_app

It runs ``screenpop.ui.gui.run_app`` on SCREENPOP_HOME, and prints JSON lines: the
hook's URL once the account is connected, and each first paint of a card with the moment
(CLOCK_MONOTONIC, s) and the title that the card has in that very frame. It understands
``hide`` (take all cards down), ``backlog`` (print how many deliveries wait to be read),
``import`` (take in the file that BENCH_IMPORT names), ``tick`` and ``told`` (see
ticks.py).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from screenpop.config.paths import Paths
from screenpop.config.secrets import KeychainSecretStore
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.lookup.csv_contacts import inspect_csv
from screenpop.services.events import SourceState
from screenpop.ui.gui import run_app
from screenpop.ui.popup import controller
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.sample import SAMPLE
from tests.bench.deliveries import CALLERS, NAMES
from tests.bench.stage import ACCOUNT
from tests.bench.ticks import obey, say, ticks

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from screenpop.services.application import Application
    from screenpop.ui.desk import Desk


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


class Probe:
    """The companion; ends with the app's input."""

    def __init__(self) -> None:
        self._ticks = ticks()
        self._tasks: set[asyncio.Future[None]] = set()

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
        elif word == "backlog":
            say(backlog=app.tracker.backlog)
        elif word == "import":
            self._tasks.add(asyncio.ensure_future(self._import(app)))
        else:
            obey(word, self._ticks)

    async def _import(self, app: Application) -> None:
        path = Path(os.environ["BENCH_IMPORT"])
        guess = inspect_csv(path).guess
        # Each line shows the benchmark that it is still at work.
        report = await app.contacts.import_file(
            path, guess, lambda count: say(read=count)
        )
        say(imported=report.imported)

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
