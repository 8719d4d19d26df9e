"""A directory server (OpenLDAP, Active Directory) asked about each caller."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from screenpop.domain.contacts import MatchQuality
from screenpop.domain.errors import AuthenticationFailed, ConfigurationError
from screenpop.domain.numbers import probable_key
from screenpop.lookup.ranking import verify
from screenpop.lookup.sources.ldap import filters
from screenpop.lookup.sources.ldap.address import DirectoryAddress
from screenpop.lookup.sources.ldap.directory import Directory
from screenpop.lookup.sources.ldap.entries import Login
from screenpop.lookup.sources.ldap.people import Shape
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.manifest import SourceContext
    from screenpop.lookup.sources.ldap.entries import Entry
    from screenpop.lookup.sources.ldap.wire import Wire

T = TypeVar("T")

SEARCHES: Final = ("thorough", "quick")
_MOST_RECORDS: Final = 50
# Many people may share the last digits, and the caller be none of the first of them.
_MOST_CANDIDATES: Final = 200


class LdapSource:
    """Asks one directory about a caller."""

    def __init__(self, context: SourceContext) -> None:
        """Check the settings; nothing is opened yet.

        Raises:
            ConfigurationError: One of them cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self.deadline_seconds = context.deadline_seconds
        self._context = context
        options = context.options
        self._shape = Shape.of(options)
        self._base = options.get("base_dn", "").strip()
        self._bind_dn = options.get("bind_dn", "").strip()
        self._is_thorough = _choice(options.get("search", "")) == SEARCHES[0]
        self._address = DirectoryAddress.checked(
            options.get("server", ""), options.get("encryption", "").strip() or "auto"
        )
        self._directory = Directory(self._address, context.label)
        self._login: Login | None = None

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Whoever has the number, in any of its usual spellings.

        Those whose number is only written oddly are asked for when nobody has it in a
        usual spelling, as that has the server look at every entry.
        """
        if not number.key:
            return ()
        return await self._ask(partial(self._search_number, number))

    def _search_number(self, number: PhoneNumber, wire: Wire) -> tuple[Contact, ...]:
        values = filters.spellings(number, self._context.region)
        wanted = filters.number_filter(self._shape.numbers, values)
        found = self._fitting(self._search(wire, wanted, _MOST_RECORDS), number)
        digits = probable_key(number.e164)
        if not found and digits and self._is_thorough:
            wanted = filters.ending_filter(self._shape.numbers, digits)
            found = self._fitting(self._search(wire, wanted, _MOST_CANDIDATES), number)
        return found

    def _fitting(
        self, entries: Iterable[Entry], number: PhoneNumber
    ) -> tuple[Contact, ...]:
        """Those who have the number, the surest first: the rest may be cut off."""
        region = self._context.region
        matches = (
            verify(contact, number, region, source_label=self.label)
            for contact in self._contacts(entries)
        )
        sure: list[Contact] = []
        probable: list[Contact] = []
        for match in matches:
            if match is not None:
                is_sure = match.quality is MatchQuality.EXACT
                (sure if is_sure else probable).append(match.contact)
        return tuple((sure + probable)[:_MOST_RECORDS])

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Whoever has each word in a name, company, address or number."""
        shape = self._shape
        words = (*shape.names, *shape.companies, *shape.mails)
        if not text.strip():
            return ()
        wanted = filters.text_filter(text, words, shape.numbers)
        most = max(1, min(limit, _MOST_RECORDS))

        def search(wire: Wire) -> tuple[Contact, ...]:
            return tuple(self._contacts(self._search(wire, wanted, most)))[:limit]

        return await self._ask(search)

    async def check(self) -> str:
        """Sign in and look for anybody with a number."""
        wanted = filters.presence_filter(self._shape.numbers)
        found = await self._ask(lambda wire: self._search(wire, wanted, 1))
        way = tr("encrypted") if self._address.is_encrypted else tr("not encrypted")
        if not found:
            return tr(
                "It answers ({way}), but shows nobody with a phone number; check the "
                "search base, the filter and the rights",
                way=way,
            )
        return tr("It answers ({way}), and knows people with phone numbers", way=way)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._directory.aclose()

    # --- asking -----------------------------------------------------------------------

    def _search(self, wire: Wire, wanted: str, most: int) -> list[Entry]:
        found: list[Entry] = []
        cookie = b""
        while len(found) < most:
            page = wire.search(
                self._base,
                filters.both(self._shape.wanted, wanted),
                self._shape.all,
                limit=most,
                page_size=min(most, _MOST_RECORDS),
                cookie=cookie,
            )
            found += page.entries
            cookie = page.cookie
            if not cookie or not page.entries:
                break
        return found[:most]

    def _contacts(self, entries: Iterable[Entry]) -> list[Contact]:
        made = (self._shape.contact(entry, self.key) for entry in entries)
        return [contact for contact in made if contact is not None]

    async def _ask(self, work: Callable[[Wire], T]) -> T:
        login = await self._signed()
        try:
            return await self._directory.ask(login, work, self.deadline_seconds)
        except AuthenticationFailed:
            # Another password may be entered meanwhile.
            self._login = None
            raise

    async def _signed(self) -> Login:
        if self._login is None:
            password = ""
            if self._bind_dn:
                password = (await self._context.read_secret("password")).reveal()
                if not password:
                    # Servers take an empty one for nobody in particular, and let in.
                    raise AuthenticationFailed(
                        tr("The password for {label} is empty", label=self.label)
                    )
            self._login = Login(self._bind_dn, password)
        return self._login


def _choice(text: str) -> str:
    text = text.strip() or SEARCHES[0]
    if text not in SEARCHES:
        raise ConfigurationError(
            tr("The setting search is none of its choices"),
            tr("Choose one of: {searches}.", searches=", ".join(SEARCHES)),
        )
    return text
