"""What of an address book has to be fetched to bring its copy up to date."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError
from screenpop.lookup.sources.carddav import dav_xml
from screenpop.lookup.sources.carddav.hosts import path_of
from screenpop.lookup.sources.carddav.marks import BookMark, short_hash
from screenpop.lookup.sources.carddav.server import (
    CUT_SHORT,
    NoSuchReport,
    TokenRefused,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.lookup.sources.carddav.books import AddressBook
    from screenpop.lookup.sources.carddav.dav_xml import DavResource
    from screenpop.lookup.sources.carddav.server import DavServer

_MOST_ROUNDS: Final = 1_000
_GONE: Final = frozenset({404, 410})


@dataclass(slots=True)
class BookPlan:
    """What is to be done for one address book.

    Attributes:
        hrefs: The cards to fetch, as the server writes their addresses, each once.
        gone: The addresses of cards that are no longer there.
        before: How far its copy has come; None for nowhere.
        after: How far it will have come when all is done.
    """

    book: AddressBook
    before: BookMark | None
    after: BookMark
    hrefs: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)


async def plan_book(
    server: DavServer, book: AddressBook, before: BookMark | None
) -> BookPlan:
    """What to do for a book; nothing when it is as it was.

    Args:
        server: Its server.
        book: As it is now.
        before: How far its copy has come; None to fetch everything.

    Raises:
        TokenRefused: Everything has to be fetched again.
        ProviderError: By kind.
    """
    if before is not None and before.token:
        if before.token == book.sync_token:
            return BookPlan(book, before, before)
        try:
            return await _since(server, book, before)
        except NoSuchReport as error:
            raise TokenRefused(error.title) from None
    if before is None and book.has_sync:
        try:
            return await _since(server, book, None)
        except NoSuchReport:
            return await _by_list(server, book, None)
    return await _by_list(server, book, before)


async def _since(
    server: DavServer, book: AddressBook, before: BookMark | None
) -> BookPlan:
    """What the server says has changed (RFC 6578), in as many answers as it takes.

    Raises:
        NoSuchReport: It gives no token to ask with the next time.
    """
    token = before.token if before else ""
    hrefs: dict[str, str | None] = {}
    for _ in range(_MOST_ROUNDS):
        answer = await server.changed_since(book.url, token)
        is_cut = await asyncio.to_thread(_sort_out, answer.resources, book.url, hrefs)
        is_stuck = answer.sync_token == token
        token = answer.sync_token
        if not token:
            raise NoSuchReport(
                tr("{label} cannot tell what has changed", label=server.label)
            )
        if not is_cut:
            break
        if is_stuck:
            raise PayloadError(
                tr("{label} tells only some of its changes", label=server.label)
            )
    else:
        raise PayloadError(
            tr("{label} never comes to an end of its changes", label=server.label)
        )
    return BookPlan(
        book,
        before,
        BookMark(token=token, ctag=book.ctag),
        [href for href in hrefs.values() if href is not None],
        [path for path, href in hrefs.items() if href is None and before is not None],
    )


def _sort_out(
    resources: Sequence[DavResource], book_url: str, hrefs: dict[str, str | None]
) -> bool:
    """Add what an answer tells to ``hrefs``; whether it leaves something out."""
    own = path_of(book_url).rstrip("/")
    is_cut = False
    for each in resources:
        path = path_of(each.href)
        if path.rstrip("/") == own:
            is_cut = is_cut or each.status == CUT_SHORT
        elif each.status in _GONE:
            hrefs[path] = None
        elif not path.endswith("/"):
            hrefs[path] = each.href
    return is_cut


async def _by_list(
    server: DavServer, book: AddressBook, before: BookMark | None
) -> BookPlan:
    """What differs from the list of last time, for servers that keep no changes."""
    if before is not None and before.ctag and before.ctag == book.ctag:
        return BookPlan(book, before, before)
    members = await server.members(book.url, dav_xml.LIST)
    return await asyncio.to_thread(_compared, members, book, before)


def _compared(
    members: Sequence[DavResource], book: AddressBook, before: BookMark | None
) -> BookPlan:
    known = before.etags if before else {}
    plan = BookPlan(book, before, BookMark(ctag=book.ctag))
    etags: dict[str, str] = {}
    for each in members:
        if each.is_collection or each.status in _GONE or each.href.endswith("/"):
            continue
        name = path_of(each.href).rpartition("/")[2]
        etags[name] = _shortened(each)
        if not etags[name] or known.get(name) != etags[name]:
            plan.hrefs.append(each.href)
    base = path_of(book.url)
    plan.gone = [base + name for name in known if name not in etags]
    plan.after = replace(plan.after, etags=etags)
    return plan


def _shortened(card: DavResource) -> str:
    return short_hash(card.etag) if card.etag else ""
