"""Find the address books of a user (RFC 6764 section 6, RFC 6352 section 7)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urlsplit

from screenpop.domain.errors import (
    ConfigurationError,
    NotFound,
    PayloadError,
    PermissionDenied,
    ProviderError,
    RequestRejected,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.lookup.sources.carddav import dav_xml
from screenpop.lookup.sources.carddav.hosts import checked_target, path_of
from screenpop.lookup.sources.carddav.server import Moved
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.lookup.sources.carddav.dav_xml import DavResource
    from screenpop.lookup.sources.carddav.server import DavServer

_WELL_KNOWN: Final = "/.well-known/carddav"
_MOST_BOOKS: Final = 100
_MOST_HOMES: Final = 10
_SYNC_REPORT: Final = "sync-collection"
# Of one place that this may be; another may yet be right.
_NOT_HERE: Final = (NotFound, PermissionDenied, RequestRejected, PayloadError)


@frozen
class AddressBook:
    """One address book.

    Attributes:
        url: Where it is.
        name: As the user knows it.
        ctag: Changes with its contents; "" when the server has none.
        sync_token: What a sync would end with now; "" when the server does not say.
        has_sync: Whether the server can tell what has changed.
    """

    url: str
    name: str
    ctag: str = ""
    sync_token: str = ""
    has_sync: bool = False


class BookFinder:
    """Finds the address books, and lists them again quickly."""

    def __init__(self, server: DavServer) -> None:
        self._server = server
        self._homes: tuple[str, ...] = ()
        self._single = ""

    async def books(self) -> tuple[AddressBook, ...]:
        """Every address book of the user as it is now.

        Raises:
            ConfigurationError: There is none, or elsewhere.
            ProviderError: By kind.
        """
        known = self._homes or self._single
        try:
            found = await self._listed() if known else await self._search()
        except (NotFound, Moved):
            if not known:
                raise
            # They were moved: look for them from the start.
            self._homes, self._single = (), ""
            found = await self._search()
        if not found:
            raise ConfigurationError(
                tr(
                    "{label} has no address book for this user",
                    label=self._server.label,
                ),
                tr(
                    "Check the user name, and the address with your provider's help "
                    "page."
                ),
            )
        return tuple(sorted(found, key=lambda each: each.name.casefold()))

    async def _listed(self) -> tuple[AddressBook, ...]:
        if self._single:
            url, found = await self._server.find(self._single)
            return (self._book(url, found),) if found.is_address_book else ()
        books: dict[str, AddressBook] = {}
        for home in self._homes:
            for each in await self._server.members(home, dav_xml.FIND):
                if each.is_address_book and len(books) < _MOST_BOOKS:
                    url = checked_target(self._server.base, home, each.href)
                    books.setdefault(path_of(url), self._book(url, each))
        return tuple(books.values())

    async def _search(self) -> tuple[AddressBook, ...]:
        problem: ProviderError | PayloadError | None = None
        for url in self._places():
            try:
                if await self._look_at(url) and (found := await self._listed()):
                    return found
            except _NOT_HERE as error:
                problem = problem or error
        if problem is not None and not isinstance(problem, NotFound):
            raise problem
        return ()

    def _places(self) -> tuple[str, ...]:
        base = self._server.base.url
        parts = urlsplit(base)
        origin = f"{parts.scheme}://{parts.netloc}"
        well_known = origin + _WELL_KNOWN
        if parts.path:
            return (f"{base}/", well_known)
        return (well_known, f"{origin}/")

    async def _look_at(self, url: str) -> bool:
        """Note where the address books are, if ``url`` leads to them."""
        self._homes, self._single = (), ""
        url, found = await self._server.find(url)
        if found.is_address_book:
            self._single = url
            return True
        homes, at = found.home_sets, url
        if not homes and found.principal:
            at = checked_target(self._server.base, url, found.principal)
            at, principal = await self._server.find(at)
            homes = principal.home_sets
        if not homes and found.is_collection and urlsplit(url).path.strip("/"):
            homes, at = (url,), url
        self._homes = tuple(
            checked_target(self._server.base, at, home) for home in homes[:_MOST_HOMES]
        )
        return bool(self._homes)

    def _book(self, url: str, found: DavResource) -> AddressBook:
        last = unquote(urlsplit(url).path.rstrip("/").rpartition("/")[2])
        return AddressBook(
            url=url if url.endswith("/") else f"{url}/",
            name=plain(found.name, 100) or plain(last, 100),
            ctag=found.ctag,
            sync_token=found.sync_token,
            has_sync=_SYNC_REPORT in found.reports or bool(found.sync_token),
        )


def chosen_books(
    books: tuple[AddressBook, ...], wanted: str
) -> tuple[AddressBook, ...]:
    """Those that the user named, by name or by the last word of their address.

    Raises:
        ConfigurationError: There is none of that name.
    """
    names = [name.strip() for name in wanted.split(",") if name.strip()]
    if not names:
        return books
    chosen: dict[str, AddressBook] = {}
    for name in names:
        fitting = [each for each in books if name.casefold() in _names_of(each)]
        if not fitting:
            known = ", ".join(each.name for each in books)
            raise ConfigurationError(
                tr("There is no address book “{name}”", name=plain(name, 40)),
                tr("There are: {known}.", known=plain(known, 300)),
            )
        chosen.update((each.url, each) for each in fitting)
    return tuple(chosen.values())


def words_for(books: tuple[AddressBook, ...]) -> tuple[str, ...]:
    """A word for each of several, by which ``chosen_books`` finds it and no other.

    That is its name, unless another is called the same or the name has a comma; of one
    that has no such word nothing is said, nor of a single one.
    """
    if len(books) < 2:
        return ()
    words = []
    for book in books:
        named = (book.name, _last_word(book))
        fitting = (word for word in named if word and _means(word, books) == {book.url})
        words += [word for word in fitting if "," not in word][:1]
    return tuple(words)


def _means(word: str, books: tuple[AddressBook, ...]) -> set[str]:
    wanted = word.strip().casefold()
    return {each.url for each in books if wanted in _names_of(each)}


def _last_word(book: AddressBook) -> str:
    return unquote(urlsplit(book.url).path.rstrip("/").rpartition("/")[2])


def _names_of(book: AddressBook) -> tuple[str, str]:
    return book.name.casefold(), _last_word(book).casefold()
