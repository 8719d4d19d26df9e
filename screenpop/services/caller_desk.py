"""What the running app knows of callers by the user's word, built when first needed."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.application import Application
    from screenpop.services.caller_corrections import CallerCorrections
    from screenpop.services.number_marks import MarkedCallers
    from screenpop.services.people_memory import PeopleMemory


class CallerDesk:
    """Choices, marks and corrections; nothing is there before the first call."""

    def __init__(self, app: Application) -> None:
        """Nothing is loaded yet."""
        self._app = app

    @cached_property
    def people(self) -> PeopleMemory:
        """Who is who."""
        from screenpop.services.people_memory import PeopleMemory

        return PeopleMemory(self._app.database, self._app.clock)

    @cached_property
    def marks(self) -> MarkedCallers:
        """Spam and private numbers."""
        from screenpop.services.number_marks import MarkedCallers
        from screenpop.store.number_marks import NumberMarks

        app = self._app
        marks = NumberMarks(app.database)
        return MarkedCallers(marks, app.call_log, app.clock, app.note_mark)

    @cached_property
    def corrections(self) -> CallerCorrections:
        """What the user says of callers on their cards."""
        from screenpop.services.caller_corrections import CallerCorrections

        return CallerCorrections(self._app)

    def is_private(self, number: PhoneNumber) -> bool:
        """Whether nobody else is to be asked who it is."""
        return self.marks.is_private(number)
