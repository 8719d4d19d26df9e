"""Fetch the cards of some plans, a page at a time, and make contacts of them."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.lookup.protocol import ContactChanges
from screenpop.lookup.sources.carddav.hosts import path_of
from screenpop.lookup.sources.carddav.marks import BookMark, Mark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from screenpop.domain.contacts import Contact
    from screenpop.lookup.sources.carddav.dav_xml import DavResource
    from screenpop.lookup.sources.carddav.plans import BookPlan
    from screenpop.lookup.sources.carddav.server import DavServer

_PAGE_CARDS: Final = 50
_LONGEST_CARD: Final = 4 * 1024 * 1024
# More than that, and it is the server that is broken, not some cards.
_MOST_UNFETCHED: Final = 20
_log = logging.getLogger(__name__)


@frozen
class CardShape:
    """How contacts are made of cards.

    Attributes:
        source: What they say they come from.
        region: In which to read numbers without a country code.
        link: The address of a contact's page, with ``{uid}``; "" for none.
    """

    source: str
    region: str
    link: str

    def contact(self, card: DavResource) -> Contact | None:
        """The contact of a card; None for one without a number, a list, rubbish."""
        from screenpop.lookup.vcards import read_cards

        data = card.address_data[:_LONGEST_CARD].encode("utf-8", "replace")
        read = next(read_cards([data], self.region, source=self.source), None)
        if read is None or read.contact is None:
            return None
        url = read.contact.url
        if self.link and read.uid:
            url = self.link.replace("{uid}", quote(read.uid, safe=""))
        return replace(read.contact, source_id=path_of(card.href), url=url)


class Walk:
    """One sync's way through all cards that have to be fetched.

    Attributes:
        mark: What the next question has to come with.
    """

    def __init__(
        self,
        server: DavServer,
        shape: CardShape,
        plans: Sequence[BookPlan],
        *,
        read_as: str,
        mark: str,
        is_whole: bool,
    ) -> None:
        """Nothing is fetched yet."""
        self.mark = mark
        self._server = server
        self._shape = shape
        self._is_whole = is_whole
        self._read_as = read_as
        self._waiting = deque(plans)
        self._done: dict[str, BookMark] = {
            plan.book.url: plan.before for plan in plans if plan.before is not None
        }
        self._fetched = 0
        self._page = 0
        self._unfetched = 0

    async def next(self) -> ContactChanges:
        """The next page; asked again after an error, the same one.

        Raises:
            ProviderError: By kind.
            PayloadError: Too many cards cannot be fetched.
        """
        changed: list[Contact] = []
        gone: list[str] = []
        room = _PAGE_CARDS
        done, waiting, fetched = dict(self._done), deque(self._waiting), self._fetched
        while waiting and room > 0:
            plan = waiting[0]
            if not fetched:
                gone += plan.gone
            batch = plan.hrefs[fetched : fetched + room]
            cards, lost = await self._fetch(plan.book.url, batch)
            contacts, without = await asyncio.to_thread(self._contacts, cards)
            changed += contacts
            gone += (*without, *lost)
            room -= max(len(batch), 1)
            fetched += len(batch)
            if fetched < len(plan.hrefs):
                break
            done[plan.book.url] = plan.after
            waiting.popleft()
            fetched = 0
        self._done, self._waiting, self._fetched = done, waiting, fetched
        return self._changes(changed, gone)

    def _changes(self, changed: list[Contact], gone: list[str]) -> ContactChanges:
        has_more = bool(self._waiting)
        self._page += has_more
        mark = Mark(self._read_as, self._done)
        self.mark = mark.to_text(self._page if has_more else 0)
        if not has_more and self._unfetched:
            _log.info(
                "%d cards of %s could not be read", self._unfetched, self._shape.source
            )
        return ContactChanges(
            changed=tuple(changed),
            gone_ids=() if self._is_whole else tuple(gone),
            mark=self.mark,
            is_whole=self._is_whole,
            has_more=has_more,
        )

    async def _fetch(
        self, book: str, hrefs: Sequence[str]
    ) -> tuple[list[DavResource], list[str]]:
        """The cards that came, and the paths of those that are no longer there.

        One that cannot be sent, such as for its size, costs no other: the others are
        asked for without it.
        """
        if not hrefs:
            return [], []
        try:
            answered = await self._server.cards(book, hrefs)
        except PayloadError:
            if len(hrefs) > 1:
                half = len(hrefs) // 2
                first = await self._fetch(book, hrefs[:half])
                second = await self._fetch(book, hrefs[half:])
                return first[0] + second[0], first[1] + second[1]
            self._unfetched += 1
            if self._unfetched > _MOST_UNFETCHED:
                raise
            return [], []
        wanted = {path_of(href) for href in hrefs}
        known = [each for each in answered if path_of(each.href) in wanted]
        return (
            [each for each in known if each.address_data],
            [path_of(each.href) for each in known if each.status in (404, 410)],
        )

    def _contacts(
        self, cards: Iterable[DavResource]
    ) -> tuple[list[Contact], list[str]]:
        """The contacts of these cards, and the ids of cards that give none."""
        contacts: list[Contact] = []
        without: list[str] = []
        for card in cards:
            contact = self._shape.contact(card)
            if contact is None:
                without.append(path_of(card.href))
            else:
                contacts.append(contact)
        return contacts, without
