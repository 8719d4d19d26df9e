"""What the user said about who is who: a choice for a number, entries that are one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.store.chosen_people import ChosenPeople, ChosenPerson
from screenpop.store.same_people import JoinedEntry, SamePeople

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from concurrent.futures import Future

    from screenpop.domain.contacts import ContactKey, ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.clock import Clock
    from screenpop.store.database import Database


class PeopleMemory:
    """Keeps what was said, and takes it back.

    Reading raises StoreError or one of its kin; so do the futures.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        said: Callable[[PhoneNumber, ContactMatch | None], None] = lambda *_: None,
    ) -> None:
        """``said`` hears of each choice for a number, and of one taken back."""
        self._chosen = ChosenPeople(database)
        self._same = SamePeople(database)
        self._clock = clock
        self._said = said

    # --- a choice for a number -------------------------------------------------------

    def choice(self, number_key: str) -> ChosenPerson | None:
        """Whom the user chose for a number."""
        return self._chosen.of(number_key) if number_key else None

    def choices(self) -> tuple[ChosenPerson, ...]:
        """Every choice, the latest first."""
        return self._chosen.all()

    def choose(self, number: PhoneNumber, match: ContactMatch) -> Future[None]:
        """From now on this person is shown for the number."""
        contact = match.contact
        self._said(number, match)
        return self._chosen.choose(
            ChosenPerson(
                number_key=number.key,
                source=contact.source,
                source_id=contact.source_id,
                name=contact.display_name,
                chosen_at=self._clock(),
            )
        )

    def undo_choice(self, number: PhoneNumber) -> Future[bool]:
        """Take the choice for a number back; whether there was one."""
        self._said(number, None)
        return self._chosen.undo(number.key)

    # --- entries that are one person -------------------------------------------------

    def persons(self, keys: Iterable[ContactKey]) -> Mapping[ContactKey, int]:
        """Which person entries are that were joined."""
        return self._same.persons(keys)

    def joined(self) -> tuple[JoinedEntry, ...]:
        """Every joined entry, those of one person beside each other."""
        return self._same.all()

    def join(self, *matches: ContactMatch) -> Future[None]:
        """These are one person from now on, wherever they are met."""
        entries = [
            (key, one.contact.display_name) for one in matches for key in one.keys
        ]
        return self._same.join(entries, at=self._clock())

    def part(self, keys: Iterable[ContactKey]) -> Future[int]:
        """They are several people again; how many entries were joined."""
        return self._same.part(keys)
