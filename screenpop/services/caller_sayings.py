"""What the user has said about callers, as a look-up and a card need to know it."""

from __future__ import annotations

import logging
from functools import cached_property
from typing import TYPE_CHECKING

from screenpop.domain.contacts import Mark
from screenpop.domain.errors import StoreError
from screenpop.store.sayings import has_choice, has_joined_entries, mark_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from screenpop.domain.contacts import ContactKey
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.clock import Clock
    from screenpop.services.people_memory import PeopleMemory
    from screenpop.store.chosen_people import ChosenPerson
    from screenpop.store.database import Database

_log = logging.getLogger(__name__)


class CallerSayings:
    """Answers within microseconds; what cannot be read counts as never said."""

    def __init__(self, database: Database, clock: Clock) -> None:
        """Nothing is read yet."""
        self._database = database
        self._clock = clock

    @cached_property
    def people(self) -> PeopleMemory:
        """Who is who, to be read and changed; loaded when there is something to it."""
        from screenpop.services.people_memory import PeopleMemory

        return PeopleMemory(self._database, self._clock)

    def mark_of(self, number: PhoneNumber) -> str:
        """How a number is marked: a ``Mark``, or "" for not at all."""
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

    def persons(self, keys: Iterable[ContactKey]) -> Mapping[ContactKey, int]:
        """Which person entries are that were said to be one."""
        try:
            if not has_joined_entries(self._database):
                return {}
            return self.people.persons(keys)
        except StoreError as error:
            _log.warning("joined entries cannot be read: %s", error.title)
            return {}
