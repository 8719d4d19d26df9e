"""Play a vendor's story on the real app, and tell what an agent would have seen."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.errors import ScreenpopError
from screenpop.services.call_history import LogFilter
from screenpop.services.events import (
    AccountStateChanged,
    CallCard,
    PopDismissed,
    PopRequested,
    PopUpdated,
    SourceState,
)
from screenpop.simulator import DemoStory, Step, StoryTeller, WebhookPortal
from screenpop.simulator.story_steps import StepKind
from screenpop.ui.popup.card import Card

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.simulator import VendorCloud
    from screenpop.ui.desk import Desk

READY_SECONDS: Final = 20.0
_UP: Final = (SourceState.LIVE, SourceState.WAITING)
SETTLE_SECONDS: Final = 5.0
HEADLESS_PAUSE: Final = 0.15
_NAME_WIDTH: Final = 14

Say = Callable[[str], None]


class DemoFailed(ScreenpopError):
    """The demo did not get to see what it should."""


@dataclass(slots=True)
class _Seen:
    """What became visible since the last step."""

    asked_at: float | None = None
    known_at: float | None = None
    card: CallCard | None = None
    dismissed: CallCard | None = None


class _PaintWatch(QObject):
    """Notes when a card is painted, the first time since it was last asked."""

    def __init__(self) -> None:
        super().__init__()
        self.painted_at: float | None = None

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See every event, keep none."""
        if event.type() is QEvent.Type.Paint and isinstance(watched, Card):
            self.painted_at = self.painted_at or time.perf_counter()
        return False


class DemoPlay:
    """The demo as a companion of the running app.

    Args:
        cloud: The simulated phone system, running.
        say: Prints one line.
        picture: Where the picture of the first card goes; None for none.
        pace: Seconds of a pause per second of the story; 1 for people.
        stays: Keep the app open after the story until the user quits.
    """

    def __init__(
        self,
        cloud: VendorCloud,
        story: DemoStory,
        *,
        say: Say,
        picture: Path | None,
        pace: float = 1.0,
        stays: bool = False,
    ) -> None:
        self._cloud = cloud
        self._teller = StoryTeller(cloud, story)
        self._story = story
        self._say = say
        self._picture = picture
        self._pace = pace
        self._stays = stays
        self._seen = _Seen()
        self._news = asyncio.Event()
        self._paint = _PaintWatch()

    async def __call__(self, app: Application, desk: Desk) -> None:
        """Play the story.

        Raises:
            DemoFailed: Something that should have been seen was not.
        """
        self._listen(app)
        desk.watch_events(self._paint)
        self._teller.prepare()
        await self._add_people(app)
        await self._wait_until_live(app)
        if isinstance(self._cloud, WebhookPortal):
            (connection,) = app.connections.all()
            url = app.callback_url(connection)
            await asyncio.to_thread(self._cloud.enter_callback_url, url)
        self._say(f"{app.monitor.states()[0].headline}; tray: {desk.tray.tooltip()}")
        for step in self._story.steps:
            await asyncio.sleep(step.pause_seconds * self._pace)
            await self._perform(step, desk)
        await app.tracker.settled()
        self._tell_log(app)
        if self._stays:
            self._say("The app stays open: quit it from its tray menu.")
            await app.quit_requested.wait()

    def _listen(self, app: Application) -> None:
        app.bus.subscribe(PopRequested, self._popped)
        app.bus.subscribe(PopUpdated, lambda event: self._changed(event.card))
        app.bus.subscribe(PopDismissed, lambda event: self._gone(event.card))

    def _popped(self, event: PopRequested) -> None:
        self._seen.asked_at = time.perf_counter()
        self._changed(event.card)

    def _changed(self, card: CallCard) -> None:
        self._seen.card = card
        if card.chosen is not None and self._seen.known_at is None:
            self._seen.known_at = time.perf_counter()
        self._news.set()

    def _gone(self, card: CallCard) -> None:
        self._seen.dismissed = card
        self._changed(card)

    async def _add_people(self, app: Application) -> None:
        for number, person in enumerate(self._story.people):
            if person.in_local_file:
                contact = Contact(
                    source="local",
                    source_id=f"demo-{number}",
                    name=person.name,
                    company=person.company,
                    job_title=person.job_title,
                    numbers=(ContactNumber(person.number, person.number),),
                    emails=(person.email,),
                )
                await asyncio.wrap_future(app.local_contacts.save(contact))

    async def _wait_until_live(self, app: Application) -> None:
        live = asyncio.Event()

        def look(event: AccountStateChanged) -> None:
            if event.state.state in _UP:
                live.set()

        app.bus.subscribe(AccountStateChanged, look)
        if any(state.state in _UP for state in app.monitor.states()):
            live.set()
        try:
            async with asyncio.timeout(READY_SECONDS):
                await live.wait()
                await app.tracker.settled()
        except TimeoutError:
            told = "; ".join(state.headline for state in app.monitor.states())
            raise DemoFailed(
                "The simulated phone system did not come up", told
            ) from None

    async def _perform(self, step: Step, desk: Desk) -> None:
        self._seen = _Seen()
        self._paint.painted_at = None
        self._say("")
        self._say(f"* {step.says}")
        began = time.perf_counter()
        await asyncio.to_thread(self._teller.perform, step)
        if step.kind is StepKind.RING:
            await self._see(lambda: self._paint.painted_at is not None, "No card came")
            self._tell_pop(began)
            await self._see(
                lambda: not (self._seen.card and self._seen.card.is_lookup_pending),
                "The look-up never ended",
            )
            self._tell_person(began)
            if self._picture is not None and desk.cards and desk.cards.cards:
                await self._take_picture(desk.cards.cards[-1], self._picture)
                self._picture = None
        elif step.kind is not StepKind.RECORD:
            await self._see(lambda: self._seen.card is not None, "Nothing changed")
            self._tell_phase(began)

    async def _take_picture(self, card: Card, file: Path) -> None:
        """As people see it: without the keyboard, which a card never takes."""
        elsewhere = QWidget()
        if QGuiApplication.platformName() == "offscreen":
            # Whatever is shown last has the keyboard there.
            elsewhere.show()
            elsewhere.activateWindow()
            await self._see(lambda: not card.isActiveWindow(), "The card keeps focus")
        card.grab().save(str(file))
        elsewhere.deleteLater()
        self._say(f"  picture of the card: {file}")

    async def _see(self, is_seen: Callable[[], bool], problem: str) -> None:
        try:
            async with asyncio.timeout(SETTLE_SECONDS):
                while not is_seen():
                    self._news.clear()
                    await asyncio.sleep(0.002)
        except TimeoutError:
            raise DemoFailed(problem) from None

    def _tell_pop(self, began: float) -> None:
        card, painted = self._seen.card, self._paint.painted_at
        if card is None or painted is None:
            return
        who = card.title or "somebody who withholds the number"
        self._say(f"  card: {who}, on {card.line_text or 'our line'}")
        receipt = card.receipt
        if receipt is not None:
            handled = receipt.published_at - receipt.received_at
            self._say(
                f"  event received to card asked for: "
                f"{handled.total_seconds() * 1000:.1f} ms; "
                f"phone rang to card painted: {(painted - began) * 1000:.1f} ms"
            )

    def _tell_person(self, began: float) -> None:
        card = self._seen.card
        if card is None or card.chosen is None:
            return
        match = card.chosen
        took = ((self._seen.known_at or time.perf_counter()) - began) * 1000
        company = f", {card.company}" if card.company else ""
        self._say(
            f"  known as {card.title}{company} ({match.reason}; "
            f"{match.source_label}) after {took:.0f} ms"
        )
        talk = card.context.last_talk
        if talk is not None:
            note = f": {talk.note}" if talk.note else ""
            self._say(f"  last contact {talk.at:%d %b}{note}")

    def _tell_phase(self, began: float) -> None:
        card = self._seen.card
        if card is not None:
            took = (time.perf_counter() - began) * 1000
            self._say(f"  card says: {card.phase.replace('_', ' ')} ({took:.0f} ms)")

    def _tell_log(self, app: Application) -> None:
        self._say("")
        self._say("Call log:")
        for entry in app.history.search_now(LogFilter(), limit=8):
            when = entry.started_at.astimezone()
            talk = f", talked {entry.talk_seconds:.0f} s" if entry.talk_seconds else ""
            who = entry.name or entry.number_text or "withheld"
            outcome = (entry.outcome or "going on").replace("_", " ")
            self._say(
                f"  {when:%d %b %H:%M}  {entry.direction:8}  {who:{_NAME_WIDTH}}  "
                f"{outcome}{talk}"
            )
        self._say(f"Missed calls to call back: {app.history.missed_count}")
