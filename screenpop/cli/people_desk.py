"""Contacts as commands work with them: this computer's and the accounts'."""

from __future__ import annotations

import os
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from screenpop.cli.desk import load_settings, open_database, tell_app
from screenpop.domain.errors import ScreenpopError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from screenpop.config.paths import Paths
    from screenpop.config.settings import Settings
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.caller_lookup import CallerLookup
    from screenpop.services.connections import Connections
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.contact_news import ContactNews
    from screenpop.services.contact_sources import ContactSources
    from screenpop.services.number_marks import MarkedCallers
    from screenpop.services.people_memory import PeopleMemory
    from screenpop.store.call_log import CallLog
    from screenpop.store.database import Database


@frozen
class PeopleDesk:
    """Everything a command needs to find and change contacts.

    Attributes:
        region: In which to read numbers without a country code.
        people: What the user said about who is who.
        marks: Spam and private numbers.
        database: Where all of it is kept, and ``log`` the calls in it.
        changed: To be told of numbers whose owner may have changed; of none when it
            may be anybody's.
    """

    book: ContactBook
    lookup: CallerLookup
    region: str
    people: PeopleMemory
    marks: MarkedCallers
    database: Database
    log: CallLog
    changed: Callable[[tuple[PhoneNumber, ...]], None]


@asynccontextmanager
async def open_people(paths: Paths) -> AsyncIterator[PeopleDesk]:
    """The contacts, opened beside the running app if there is one."""
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.config.settings import system_region
    from screenpop.services.connections import Connections
    from screenpop.services.contact_news import ContactNews
    from screenpop.services.contact_sources import ContactSources

    settings = load_settings(paths).settings
    settings = replace(settings, region=settings.region or system_region())
    secrets = KeychainSecretStore(environment=os.environ)
    connections = Connections(secrets)
    connections.adopt(settings)
    sources = ContactSources(secrets)
    await sources.apply(settings)
    news = ContactNews()
    with open_database(paths) as database:
        try:
            yield _desk(paths, settings, database, connections, sources, news)
        finally:
            await connections.aclose()
            await sources.aclose()
            _tell_app(paths, news.told())


def _desk(
    paths: Paths,
    settings: Settings,
    database: Database,
    connections: Connections,
    sources: ContactSources,
    news: ContactNews,
) -> PeopleDesk:
    from screenpop.services.caller_lookup import CallerLookup
    from screenpop.services.caller_sayings import CallerSayings
    from screenpop.services.clock import utc_now
    from screenpop.services.contact_book import ContactBook
    from screenpop.services.number_marks import MarkedCallers
    from screenpop.store.call_log import CallLog
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.number_marks import NumberMarks

    local, log = LocalContacts(database), CallLog(database)
    said = CallerSayings(database, utc_now)
    marks = MarkedCallers(
        NumberMarks(database), log, utc_now, lambda number: news.changed((number,))
    )
    lookup = CallerLookup(
        local,
        connections,
        settings.lookup,
        settings.region,
        further=sources.live,
        said=said,
    )
    book = ContactBook(
        local=local,
        connections=connections,
        database_file=paths.database_file,
        region=settings.region,
        changed=news.changed,
        forgotten=news.forgotten,
    )
    return PeopleDesk(
        book=book,
        lookup=lookup,
        region=settings.region,
        people=said.people,
        marks=marks,
        database=database,
        log=log,
        changed=news.changed,
    )


def _tell_app(paths: Paths, news: Mapping[str, Any] | None) -> None:
    """Let the cards and lists of a running app follow; what is stored stays stored."""
    if news is None:
        return
    try:
        tell_app(paths, "contacts", news)
    except ScreenpopError as error:
        from screenpop.cli.output import warn

        warn(f"screenpop: the running app was not told: {error.title}")
