"""What the dialer offers while the user types: numbers, names, lines."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from screenpop.domain.errors import UsageError
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import FormatAsYouType, format_number, read_number
from screenpop.domain.plain_text import plain
from screenpop.providers.abilities import SupportsCatalogues, SupportsFlowCalls
from screenpop.providers.protocol import OwnedNumber, SupportsUsers
from screenpop.store.sayings import is_private
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.providers.abilities import NamedThing
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connections
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.dialer import DialAccount
    from screenpop.services.team.colleagues import Colleagues
    from screenpop.store.call_history import RecentNumber
    from screenpop.store.call_log import CallLog
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database
    from screenpop.store.favourites import Favourite, Favourites

SuggestionKind = Literal["favourite", "recent", "missed", "contact"]


@frozen(kw_only=True)
class DialSuggestion:
    """Somebody the user may want to call.

    Attributes:
        number_text: As people write it here.
        number: What to dial.
        presence: How a colleague is, "free", "ringing", "call" or "away"; "" for
            others and where nobody knows.
    """

    name: str
    company: str
    number_text: str
    number: str
    kind: SuggestionKind
    account_id: str = ""
    presence: str = ""


class DialDesk:
    """Suggestions, formatting and the choice of account and line."""

    def __init__(
        self,
        *,
        log: CallLog,
        contacts: LocalContacts,
        book: ContactBook,
        connections: Connections,
        accounts: Callable[[], tuple[DialAccount, ...]],
        region: str,
        database: Database,
        clock: Clock,
        who: Callable[[PhoneNumber], Contact | None],
        team: Callable[[], Colleagues | None] = lambda: None,
    ) -> None:
        """Read nothing yet.

        Args:
            log: Whose numbers were called of late.
            contacts: Those on this computer.
            book: All of them.
            connections: The accounts.
            accounts: Those that can start calls.
            region: In which to read numbers.
            database: Where favourites are kept.
            clock: What time it is.
            who: The known contact of a number.
            team: How the colleagues are; None where no team is joined.
        """
        self._team = team
        self._database = database
        self._clock = clock
        self._who = who
        self._favourite_rows: tuple[DialSuggestion, ...] | None = None
        self._log = log
        self._contacts = contacts
        self._book = book
        self._connections = connections
        self._accounts = accounts
        self._region = region
        self._format = FormatAsYouType(region)
        self._recent: tuple[DialSuggestion, ...] = ()
        self._recent_as_of = -1

    @cached_property
    def _favourites(self) -> Favourites:
        from screenpop.store.favourites import Favourites

        return Favourites(self._database)

    def suggest(self, text: str, limit: int = 8) -> tuple[DialSuggestion, ...]:
        """What fits ``text`` at once: favourites and calls, contacts when asked for."""
        wanted = text.strip()
        known_well = self.favourites()
        recent = self._recent_calls()
        if not wanted:
            shown = (*known_well, *_without(recent, known_well)[:limit])
            return self._with_presence(shown)
        offered = (*known_well, *recent, *self._colleagues())
        fitting = [each for each in offered if _fits(each, wanted)]
        known = self._contacts.search(wanted, limit=limit)
        found = [s for each in known for s in self._of_contact(each)]
        shown = _distinct([*fitting, *self._without_private(found, wanted)])[:limit]
        return self._with_presence(shown)

    async def search(self, text: str) -> tuple[DialSuggestion, ...]:
        """Contacts of every source, slower ones included."""
        hits = await self._book.search(text, limit=20)
        found = [s for hit in hits for s in self._of_contact(hit.contact)]
        return _distinct(self._without_private(found, text))

    def _colleagues(self) -> tuple[DialSuggestion, ...]:
        """Whoever of the team can be called by an extension."""
        team = self._team()
        return tuple(
            DialSuggestion(
                name=plain(each.name),
                company="",
                number_text=each.extension,
                number=each.extension,
                kind="contact",
                account_id=each.account_id,
            )
            for each in (team.all() if team is not None else ())
            if each.extension
        )

    def _with_presence(
        self, shown: tuple[DialSuggestion, ...]
    ) -> tuple[DialSuggestion, ...]:
        team = self._team()
        if team is None:
            return shown
        return tuple(
            replace(each, presence=team.state_of(each.number, each.account_id))
            for each in shown
        )

    def favourites(self) -> tuple[DialSuggestion, ...]:
        """Whom the user wants at hand, in the order they were added."""
        if self._favourite_rows is None:
            self._favourite_rows = tuple(
                map(self._of_favourite, self._favourites.all())
            )
        return self._favourite_rows

    async def set_favourite(self, number: str, name: str, *, is_wanted: bool) -> None:
        """Keep a number at hand, or no longer.

        Args:
            number: As people write it here, or as it is dialled.
            name: Who that is; "" when nobody knows.
            is_wanted: False takes it out.

        Raises:
            UsageError: It is no number that could be called.
            StoreError: It cannot be stored.
        """
        from screenpop.store.favourites import Favourite

        found = read_number(number, self._region)
        if not found.key or not found.is_dialable:
            raise UsageError(tr("Only a number that can be called is kept at hand"))
        if is_wanted:
            entry = Favourite(found.key, name)
            await asyncio.wrap_future(self._favourites.add(entry, at=self._clock()))
        else:
            await asyncio.wrap_future(self._favourites.remove(found.key))
        self.forget_favourites()

    def is_favourite(self, number: str) -> bool:
        """Whether a number is kept at hand."""
        key = read_number(number, self._region).key
        return bool(key) and any(each.number == key for each in self.favourites())

    def forget_favourites(self) -> None:
        """They have changed on the disk, or their names have: read them anew."""
        self._favourite_rows = None

    async def caller_ids(self, account_id: str) -> tuple[OwnedNumber, ...]:
        """The numbers that the user of this desk may show."""
        connection = self._connections.get(account_id)
        directory = connection.able(SupportsUsers)
        if directory is None:
            return ()
        mine = connection.settings.extension
        for user in await directory.list_users():
            if user.extension == mine:
                return user.caller_ids
        return ()

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Accounts that can dial: id and label, the preferred one first."""
        return tuple((each.account_id, each.label) for each in self._accounts())

    def can_speak(self, account_id: str) -> bool:
        """Whether the account's phone system can speak by itself."""
        connection = self._connections.find(account_id)
        return connection is not None and connection.able(SupportsFlowCalls) is not None

    async def flows(self, account_id: str) -> tuple[NamedThing, ...]:
        """The flows to offer; those that are not listed can be named by their id."""
        connection = self._connections.get(account_id)
        speaking = connection.able(SupportsFlowCalls)
        lists = connection.able(SupportsCatalogues)
        if speaking is None or lists is None:
            return ()
        return await lists.catalogue(speaking.flow_catalogue)

    def format_partial(self, text: str) -> str:
        """A number being typed, as people write it here."""
        return self._format.format(text)

    def _recent_calls(self) -> tuple[DialSuggestion, ...]:
        """Read once and not for each key that is typed."""
        version = self._log.version()
        if version != self._recent_as_of:
            self._recent = tuple(map(self._of_recent, self._log.recent_numbers(30)))
            self._recent_as_of = version
        return self._recent

    def _of_favourite(self, kept: Favourite) -> DialSuggestion:
        known = self._who(read_number(kept.number_key, self._region))
        return DialSuggestion(
            name=known.display_name if known else kept.name,
            company=known.company if known and known.name else "",
            number_text=format_number(kept.number_key, self._region) or kept.number_key,
            number=kept.number_key,
            kind="favourite",
        )

    def _of_recent(self, recent: RecentNumber) -> DialSuggestion:
        number = recent.number_e164 or recent.number_raw
        known = None
        if not recent.name:
            known = self._who(read_number(number, self._region))
        return DialSuggestion(
            name=known.display_name if known else recent.name,
            company=known.company if known else recent.company,
            number_text=format_number(number, self._region) or number,
            number=number,
            kind="missed" if recent.is_missed else "recent",
            account_id=recent.account_id,
        )

    def _of_contact(self, contact: Contact) -> tuple[DialSuggestion, ...]:
        return tuple(
            DialSuggestion(
                name=contact.display_name,
                company=contact.company if contact.name else "",
                number_text=format_number(each.e164, self._region) or each.raw,
                number=each.e164 or each.raw,
                kind="contact",
            )
            for each in contact.numbers
        )

    def _without_private(
        self, found: list[DialSuggestion], wanted: str
    ) -> list[DialSuggestion]:
        """Whose number is private is named to those only who typed the name."""
        if any(map(str.isalpha, wanted)):
            return found
        return [
            replace(each, name="", company="") if self._is_private(each) else each
            for each in found
        ]

    def _is_private(self, suggestion: DialSuggestion) -> bool:
        number = read_number(suggestion.number, self._region)
        return is_private(self._contacts, number.key)


def _fits(suggestion: DialSuggestion, wanted: str) -> bool:
    digits = "".join(filter(str.isdigit, wanted))
    if digits and len(digits) == len("".join(filter(str.isalnum, wanted))):
        return digits.lstrip("0") in "".join(filter(str.isdigit, suggestion.number))
    text = f"{suggestion.name} {suggestion.company}".casefold()
    return all(word in text for word in wanted.casefold().split())


def _without(
    suggestions: tuple[DialSuggestion, ...], others: tuple[DialSuggestion, ...]
) -> tuple[DialSuggestion, ...]:
    """Without those who stand in ``others``, unless they wait for a call back."""
    numbers = {each.number for each in others}
    return tuple(
        each
        for each in suggestions
        if each.kind == "missed" or each.number not in numbers
    )


def _distinct(found: list[DialSuggestion]) -> tuple[DialSuggestion, ...]:
    """Each number once; a contact's name fills in where a recent call had none."""
    by_number: dict[str, DialSuggestion] = {}
    for each in found:
        known = by_number.get(each.number)
        if known is None or (not known.name and each.name):
            by_number[each.number] = each
    return tuple(by_number.values())
