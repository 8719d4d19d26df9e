"""What the running app knows of callers by the user's word, built when first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from screenpop.services.caller_sayings import CallerSayings

if TYPE_CHECKING:
    from screenpop.services.application import Application
    from screenpop.services.caller_corrections import CallerCorrections
    from screenpop.services.events import CallCard
    from screenpop.services.number_marks import MarkedCallers
    from screenpop.services.people_memory import PeopleMemory
    from screenpop.services.record_opener import RecordOpener


_FIRST_FRAME_SECONDS: Final = 0.03


class CallerDesk:
    """Choices, marks and corrections; nothing is there before the first call."""

    def __init__(self, app: Application) -> None:
        """Next to nothing is loaded yet."""
        self._app = app
        self.said = CallerSayings(app.database, app.clock)

    @property
    def people(self) -> PeopleMemory:
        """Who is who, to be changed."""
        return self.said.people

    @cached_property
    def marks(self) -> MarkedCallers:
        """Spam and private numbers."""
        from screenpop.services.number_marks import MarkedCallers
        from screenpop.store.number_marks import NumberMarks

        app = self._app
        marks = NumberMarks(app.database)
        return MarkedCallers(
            marks, app.call_log, app.clock, app.note_mark, self.said.contradict
        )

    @cached_property
    def corrections(self) -> CallerCorrections:
        """What the user says of callers on their cards."""
        from screenpop.services.caller_corrections import CallerCorrections

        return CallerCorrections(self._app)

    @cached_property
    def opener(self) -> RecordOpener:
        """What opens the records of callers."""
        from screenpop.services.record_opener import RecordOpener

        return RecordOpener(self._app)

    def note_card(self, card: CallCard) -> None:
        """A card has appeared or changed."""
        if self._app.settings.card.may_open:
            self._app.supervisor.start("consider a record", self._consider(card))

    async def _consider(self, card: CallCard) -> None:
        import asyncio

        # The card is to be seen first.
        await asyncio.sleep(_FIRST_FRAME_SECONDS)
        self.opener.consider(card)
