"""Mark numbers as spam or private, and what that does to the log."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from screenpop.domain.contacts import Mark
from screenpop.domain.errors import UsageError
from screenpop.store.call_rows import party_of
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.clock import Clock
    from screenpop.store.call_log import CallLog
    from screenpop.store.number_marks import MarkedNumber, NumberMarks


class MarkedCallers:
    """The marks. They stay on this computer, but for what a team shares."""

    def __init__(
        self,
        marks: NumberMarks,
        log: CallLog,
        clock: Clock,
        changed: Callable[[PhoneNumber], None] = lambda _: None,
        contradicted: Callable[[PhoneNumber], None] = lambda _: None,
    ) -> None:
        """Nothing is read yet.

        Args:
            marks: Where they are kept.
            log: Of calls.
            clock: What time it is.
            changed: Hears of numbers whose mark has changed.
            contradicted: Hears of numbers that were to lose a mark and had none: then
                it was not the user's.
        """
        self._contradicted = contradicted
        self._marks = marks
        self._log = log
        self._clock = clock
        self._changed = changed

    async def all(self) -> tuple[MarkedNumber, ...]:
        """Every marked number, the latest first.

        Raises:
            StoreError: They cannot be read.
        """
        return await asyncio.to_thread(self._marks.all)

    async def mark(self, number: PhoneNumber, mark: Mark) -> None:
        """Mark a number from now on; an earlier mark is replaced.

        The names that were noted with a private number's calls are taken out.

        Raises:
            UsageError: It is no number of somebody outside.
            StoreError: It cannot be stored.
        """
        if not (number.e164 or number.sip):
            raise UsageError(
                tr("Only a whole phone number can be marked"),
                tr("Write it with its country code, such as +44 …"),
            )
        stored = self._marks.put(number.key, mark, at=self._clock())
        await asyncio.wrap_future(stored)
        if mark is Mark.PRIVATE:
            party = party_of(number.e164, number.raw)
            await asyncio.wrap_future(self._log.forget_names(party))
        self._changed(number)

    async def clear(self, number: PhoneNumber) -> bool:
        """Take the mark of a number away; whether it had one.

        Raises:
            StoreError: It cannot be stored.
        """
        was_marked = await asyncio.wrap_future(self._marks.clear(number.key))
        if not was_marked:
            self._contradicted(number)
        self._changed(number)
        return was_marked
