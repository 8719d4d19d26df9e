"""What the user says about a caller from the card, and takes back there."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from screenpop.services.events import ContactsChanged

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef
    from screenpop.domain.contacts import Mark
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.application import Application


class CallerCorrections:
    """Corrects who it is, on the card and for the calls to come."""

    def __init__(self, app: Application) -> None:
        self._app = app

    async def take_choice_back(self, ref: CallRef) -> None:
        """It is not the one who was chosen for this number.

        Raises:
            StoreError: It cannot be stored.
        """
        number = self._app.screen_pop.number(ref)
        if number is not None:
            await asyncio.wrap_future(self._app.callers.people.undo_choice(number))
            self._tell(number)

    async def join(self, ref: CallRef, first: int, second: int) -> None:
        """Two of a card's matches are one person, from now on and everywhere.

        Raises:
            StoreError: It cannot be stored.
        """
        number, card = self._app.screen_pop.number(ref), self._app.screen_pop.card(ref)
        matches = card.matches if card is not None else ()
        are_there = first != second and all(
            0 <= index < len(matches) for index in (first, second)
        )
        if number is not None and are_there:
            joined = self._app.callers.people.join(matches[first], matches[second])
            await asyncio.wrap_future(joined)
            self._tell(number)

    async def part(self, ref: CallRef) -> None:
        """Whom the user had said to be one person are several again.

        Raises:
            StoreError: It cannot be stored.
        """
        number, card = self._app.screen_pop.number(ref), self._app.screen_pop.card(ref)
        if number is not None and card is not None and card.chosen is not None:
            await asyncio.wrap_future(self._app.callers.people.part(card.chosen.keys))
            self._tell(number)

    async def mark(self, ref: CallRef, mark: Mark) -> None:
        """Mark a card's number; an earlier mark is replaced.

        Raises:
            UsageError: It is no number of somebody outside.
            StoreError: It cannot be stored.
        """
        number = self._app.screen_pop.number(ref)
        if number is not None:
            await self._app.callers.marks.mark(number, mark)

    async def unmark(self, ref: CallRef) -> None:
        """A card's number has no mark any more.

        Raises:
            StoreError: It cannot be stored.
        """
        number = self._app.screen_pop.number(ref)
        if number is not None:
            await self._app.callers.marks.clear(number)

    def _tell(self, number: PhoneNumber) -> None:
        """Cards and lists follow; what sources said is as true as before."""
        self._app.bus.publish(ContactsChanged(frozenset({number.key})))
