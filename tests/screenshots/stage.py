"""The real app with a simulated phone system behind it, and what happens on them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from PySide6.QtWidgets import QApplication, QWidget

from screenpop.domain.contacts import Contact, ContactNumber, Mark
from screenpop.domain.numbers import read_number
from screenpop.services.events import CardPhase, SourceState
from screenpop.services.source_overview import SourceOverview
from screenpop.simulator import demo_story
from screenpop.simulator.people import PastCall
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from screenpop.services.application import Application
    from screenpop.services.source_setup import SourceDraft
    from screenpop.simulator import VendorCloud
    from screenpop.simulator.protocol import SimulatedCall
    from screenpop.ui.desk import Desk
    from screenpop.ui.popup.card import Card

# Reserved for fiction by Ofcom, as the demo's own numbers are.
UNKNOWN_NUMBER: Final = "+442079460858"
SHARED_NUMBER: Final = "+442079460590"

WALL: Final = "wall"
"""The object name of the plain background."""

_SAME_OFFICE: Final = (
    ("Ada Fenwick", "Fenwick & Hale Solicitors", "Partner"),
    ("Jonas Hale", "Fenwick & Hale Solicitors", "Partner"),
    ("Front desk", "Fenwick & Hale Solicitors", ""),
)
_MORE_PAST_CALLS: Final = (
    PastCall(number="+442079460212", minutes_ago=47, seconds=312),
    PastCall(
        number="+442079460733",
        minutes_ago=95,
        is_inbound=False,
        seconds=88,
        name="Priya Raman",
    ),
    PastCall(number=SHARED_NUMBER, minutes_ago=22 * 60, seconds=540),
    PastCall(
        number="+12025550143",
        minutes_ago=3 * 24 * 60,
        seconds=640,
        name="Tomás Rivera",
        summary="Prices for two hundred frames, delivery in May.",
    ),
)


@dataclass(slots=True)
class Stage:
    """Makes calls happen and waits until the app shows them."""

    app: Application
    desk: Desk
    cloud: VendorCloud
    _calls: list[SimulatedCall] = field(default_factory=list)
    _to_undo: list[Callable[[], Awaitable[object]]] = field(default_factory=list)

    async def prepare(self) -> None:
        """The demo's people, and an office with one number for three."""
        # No panel runs here, and the window that stands in for a tray is not wanted.
        self.desk.tray.stop()
        story = demo_story(self.cloud.vendor)
        people = [
            (one.name, one.company, one.job_title, one.number)
            for one in story.people
            if one.in_local_file
        ]
        people += [(*who, SHARED_NUMBER) for who in _SAME_OFFICE]
        for position, (name, company, job_title, number) in enumerate(people):
            contact = Contact(
                source="local",
                source_id=f"person-{position}",
                name=name,
                company=company,
                job_title=job_title,
                numbers=(ContactNumber(number, number),),
            )
            await asyncio.wrap_future(self.app.local_contacts.save(contact))
        await eventually(self._is_live, "the account to be live")
        await self.app.tracker.settled()

    async def ring(
        self, number: str, *, answered: bool = False, line: int = 0
    ) -> QWidget:
        """A call comes in; returns its card once everything on it has arrived."""
        call = self.cloud.incoming_call(
            number, caller_name="", line=self.cloud.lines[line]
        )
        self._calls.append(call)
        await asyncio.to_thread(call.ring)
        await eventually(lambda: self._card(CardPhase.RINGING), "the card")
        if answered:
            await asyncio.to_thread(call.answer)
            await eventually(lambda: self._card(CardPhase.CONNECTED), "the answer")
        card = self._card(None)
        assert card is not None
        return card

    async def hang_up(self) -> None:
        """The latest call is over."""
        await asyncio.to_thread(self._calls.pop().hang_up)

    async def has_dispositions(self, texts: str) -> None:
        """Have it asked what a call came to, for this picture."""
        key = "wrap_up.dispositions"
        await self.app.preferences.set(key, texts)
        self._to_undo.append(partial(self.app.preferences.set, key, ""))

    async def window_of(self, action: Callable[[], object]) -> QWidget:
        """The window that appears when this is done."""
        before = set(_windows())
        action()
        await eventually(lambda: set(_windows()) - before, "a window to open")
        return next(window for window in _windows() if window not in before)

    async def has_sources(self, *drafts: SourceDraft) -> None:
        """Set contact sources up for this picture; no call is asked about there."""
        overview = SourceOverview(self.app)
        for draft in drafts:
            await overview.add(draft)
            self._to_undo.append(partial(overview.remove, draft.source_id))

    async def has_mark(self, number: str, mark: Mark) -> None:
        """Mark a number for this picture."""
        read = read_number(number, self.app.region)
        await self.app.callers.marks.mark(read, mark)
        self._to_undo.append(partial(self.app.callers.marks.clear, read))

    async def clear(self) -> None:
        """End all calls and take everything off the screen."""
        for call in self._calls:
            await asyncio.to_thread(call.hang_up)
        self._calls.clear()
        for undo in self._to_undo:
            await undo()
        self._to_undo.clear()
        await self.app.tracker.settled()
        if self.desk.cards is not None:
            self.desk.cards.hide_all()
        for window in _windows():
            window.close()
        await eventually(lambda: not _windows(), "the windows to close")

    def _is_live(self) -> bool:
        states = self.app.monitor.states()
        return bool(states) and all(one.state is SourceState.LIVE for one in states)

    def _card(self, phase: CardPhase | None) -> Card | None:
        """The newest card on the screen, if it stands in that phase, looked up."""
        cards = self.desk.cards.cards if self.desk.cards is not None else ()
        if not cards:
            return None
        known = self.desk.cards.recent() if self.desk.cards is not None else ()
        facts = known[0] if known else None
        if phase is not None and (
            facts is None or facts.phase is not phase or facts.is_lookup_pending
        ):
            return None
        return cards[-1]


def give_past(cloud: VendorCloud) -> None:
    """Give the phone system its contacts and its past, before the app asks."""
    story = demo_story(cloud.vendor)
    cloud.seed_contacts([one for one in story.people if one.in_cloud])
    cloud.seed_history((*story.past_calls, *_MORE_PAST_CALLS))


def _windows() -> list[QWidget]:
    return [
        window
        for window in QApplication.topLevelWidgets()
        if window.isVisible() and window.objectName() != WALL
    ]
