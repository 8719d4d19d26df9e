"""What the user has said about callers, as a look-up and a card need to know it."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

from screenpop.domain.contacts import Mark
from screenpop.domain.errors import StoreError
from screenpop.store.sayings import has_choice, has_joined_entries, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from screenpop.domain.contacts import ContactKey, ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.protocol import LookupAnswer
    from screenpop.services.clock import Clock
    from screenpop.services.people_memory import PeopleMemory
    from screenpop.store.chosen_people import ChosenPerson
    from screenpop.store.database import Database

_log = logging.getLogger(__name__)


class TeamSayings(Protocol):
    """What the team says about callers, and who tells it what the user says."""

    def mark_of(self, number: PhoneNumber) -> str:
        """How the team marks a number; "" for not at all."""
        ...

    def with_choice(self, answer: LookupAnswer) -> LookupAnswer:
        """The answer with whom the team means in front."""
        ...

    def note_mark(self, number: PhoneNumber, mark: str) -> None:
        """The user marked a number, or took its mark away."""
        ...

    def contradict(self, number: PhoneNumber) -> None:
        """The user says that the team's mark is wrong."""
        ...

    def note_choice(
        self, number: PhoneNumber, match: ContactMatch | None, *, had_own: bool
    ) -> None:
        """The user said who has a number, or took back their own word or the team's."""
        ...


class CallerSayings:
    """Answers within microseconds; what cannot be read counts as never said.

    Attributes:
        team: What the team says where the user says nothing; None without one.
    """

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is read yet."""
        self._database = database
        self._clock = clock
        self.team: TeamSayings | None = None

    @cached_property
    def people(self) -> PeopleMemory:
        """Who is who, to be read and changed; loaded when there is something to it."""
        from screenpop.services.people_memory import PeopleMemory

        return PeopleMemory(self._database, self._clock, self._note_choice)

    def mark_of(self, number: PhoneNumber) -> str:
        """How a number is marked: a ``Mark``, ``TEAM_SPAM``, or "" for not at all."""
        return self.own_mark_of(number) or self.team_mark_of(number)

    def team_mark_of(self, number: PhoneNumber) -> str:
        """How the team marks a number, whatever the user says."""
        return self.team.mark_of(number) if self.team is not None else ""

    def own_mark_of(self, number: PhoneNumber) -> str:
        """How the user has marked a number."""
        if not number.key:
            return ""
        try:
            return mark_of(self._database, number.key)
        except StoreError as error:
            _log.warning("marks cannot be read: %s", error.title)
            return ""

    def is_private(self, number: PhoneNumber) -> bool:
        """Whether nobody else is to be asked who it is."""
        return self.mark_of(number) == Mark.PRIVATE

    def asked_not_to_be_called(self, number: PhoneNumber) -> bool:
        """Whether they do not want to be called."""
        return self.mark_of(number) == Mark.DO_NOT_CALL

    def choice(self, number: PhoneNumber) -> ChosenPerson | None:
        """Whom the user chose for a number."""
        try:
            if not number.key or not has_choice(self._database, number.key):
                return None
            return self.people.choice(number.key)
        except StoreError as error:
            _log.warning("choices cannot be read: %s", error.title)
            return None

    def with_team_choice(self, answer: LookupAnswer) -> LookupAnswer:
        """The answer with whom the team means, for who has chosen nobody."""
        return answer if self.team is None else self.team.with_choice(answer)

    def note_mark(self, number: PhoneNumber) -> None:
        """The user's mark of a number may have changed."""
        if self.team is not None:
            self.team.note_mark(number, self.own_mark_of(number))

    def contradict(self, number: PhoneNumber) -> None:
        """The user takes a mark away that is not theirs."""
        if self.team is not None:
            self.team.contradict(number)

    def _note_choice(self, number: PhoneNumber, match: ContactMatch | None) -> None:
        if self.team is not None and not self.is_private(number):
            had_own = self.choice(number) is not None
            self.team.note_choice(number, match, had_own=had_own)

    def persons(self, keys: Iterable[ContactKey]) -> Mapping[ContactKey, int]:
        """Which person entries are that were said to be one."""
        try:
            if not has_joined_entries(self._database):
                return {}
            return self.people.persons(keys)
        except StoreError as error:
            _log.warning("joined entries cannot be read: %s", error.title)
            return {}
