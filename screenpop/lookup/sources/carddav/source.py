"""A copied source: the address books of one user on a CardDAV server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.lookup.sources.carddav.books import BookFinder, chosen_books, words_for
from screenpop.lookup.sources.carddav.marks import Mark, short_hash
from screenpop.lookup.sources.carddav.plans import plan_book
from screenpop.lookup.sources.carddav.server import DavServer, TokenRefused
from screenpop.lookup.sources.carddav.walk import CardShape, Walk
from screenpop.wording import tr, tr_count

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.lookup.manifest import SourceContext
    from screenpop.lookup.protocol import ContactChanges
    from screenpop.lookup.sources.carddav.books import AddressBook
    from screenpop.lookup.sources.carddav.plans import BookPlan

# Another number makes all cards be read anew after an update of ours.
_READER: Final = "1"


class CardDavSource:
    """Copies address books and keeps the copy in step."""

    def __init__(self, context: SourceContext) -> None:
        """Check the settings; nothing is opened yet.

        Raises:
            ConfigurationError: The address or the template cannot be used.
        """
        self.key = context.source_id
        self.label = context.label
        self._wanted = context.options.get("address_books", "")
        self._server = DavServer(context)
        self._finder = BookFinder(self._server)
        link = context.options.get("link_template", "").strip()
        if link and not (link.startswith("https://") and "{uid}" in link):
            raise ConfigurationError(
                tr(
                    "The address of a contact's page must start with https:// and "
                    "have {{uid}} in it"
                ),
                tr("Leave it empty if your address book has no such pages."),
            )
        self._shape = CardShape(self.key, context.region, link)
        self._read_as = short_hash(_READER, context.region, link)
        self._walk: Walk | None = None

    async def changes(self, mark: str) -> ContactChanges:
        """What is new since ``mark``, some cards at a time.

        A walk through the changes goes on where it was as long as it is asked with
        the mark that it gave last; anything else begins a new one.
        """
        walk = self._walk
        if walk is None or walk.mark != mark:
            self._walk = None
            walk = await self._begin(Mark.from_text(mark), mark)
        changes = await walk.next()
        self._walk = walk if changes.has_more else None
        return changes

    async def check(self) -> str:
        """Look for the address books."""
        books = await self.address_books()
        names = ", ".join(each.name for each in books)
        return tr_count(
            "Address book to copy: {names}",
            "{count} address books to copy: {names}",
            len(books),
            names=names,
        )

    async def address_books(self) -> tuple[AddressBook, ...]:
        """The address books that are copied.

        Raises:
            ConfigurationError: One that the user named is not there.
        """
        return chosen_books(await self._finder.books(), self._wanted)

    async def offers(self) -> Mapping[str, tuple[str, ...]]:
        """The address books that there are, each by a word that means it alone."""
        books = await self._finder.books()
        return {"address_books": words_for(books)}

    async def aclose(self) -> None:
        """Close all connections."""
        self._walk = None
        await self._server.aclose()

    async def _begin(self, before: Mark | None, mark: str) -> Walk:
        books = await self.address_books()
        if before is not None and before.read_as == self._read_as:
            # Of an address book that is gone nobody knows which contacts it had.
            is_known = set(before.books) <= {each.url for each in books}
            if is_known:
                try:
                    plans = [
                        await plan_book(self._server, each, before.books.get(each.url))
                        for each in books
                    ]
                    return self._walk_of(plans, mark, is_whole=False)
                except TokenRefused:
                    pass  # it has forgotten: from the beginning
        plans = [await plan_book(self._server, each, None) for each in books]
        return self._walk_of(plans, mark, is_whole=True)

    def _walk_of(self, plans: list[BookPlan], mark: str, *, is_whole: bool) -> Walk:
        return Walk(
            self._server,
            self._shape,
            plans,
            read_as=self._read_as,
            mark=mark,
            is_whole=is_whole,
        )
