"""Address books on a real CardDAV server (Radicale), copied and kept in step."""

from __future__ import annotations

import asyncio
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    ProviderUnavailable,
)
from screenpop.lookup.sources.carddav import MANIFEST
from screenpop.lookup.sources.carddav.books import (
    AddressBook,
    chosen_books,
    words_for,
)
from tests.lookup.sources.copying import Copy
from tests.lookup.sources.radicale_server import PASSWORD, USER, card, radicale

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.lookup.sources.radicale_server import Radicale

    Make = Callable[..., Any]

MANY = 2_000
ANA = "+442079460001"
BEN = "+442079460002"


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """The server of all tests here."""
    with radicale(tmp_path_factory.mktemp("radicale")) as server:
        server.start()
        yield server


@pytest.fixture
def server(running: Radicale) -> Iterator[Radicale]:
    """The server with two small address books."""
    running.make_book(
        "Team",
        {
            "a.vcf": card("a", "Ana Bell", "020 7946 0001"),
            "b%20b.vcf": card("b b", "Ben Shaw", BEN, "+44 7700 900123"),
            "none.vcf": card("none", "No Number"),
        },
    )
    running.make_book("Family", {"c.vcf": card("c", "Cleo", "020 7946 0003")})
    yield running
    shutil.rmtree(running.folder / "data" / "collection-root" / USER)


@pytest.fixture
def source_of(make: Make) -> Make:
    """``source_of(server, address_books="Team")``."""

    def made(server: Radicale, path: str = "", **options: str) -> Any:
        secrets = {"password": options.pop("password", PASSWORD)}
        return make(MANIFEST, server.url + path, secrets, user=USER, **options)

    return made


@pytest.fixture
def copy(server: Radicale, source_of: Make, tmp_path: Path) -> Iterator[Copy]:
    made = Copy.of(source_of(server), tmp_path)
    yield made
    made.database.close()


# --- finding --------------------------------------------------------------------------


async def test_address_books_are_found_from_the_servers_address_alone(
    server: Radicale, source_of: Make
) -> None:
    assert await source_of(server).check() == "2 address books to copy: Family, Team"
    assert "Family, Team" in await source_of(server, f"/{USER}").check()


async def test_one_address_book_can_be_named_or_be_the_address(
    server: Radicale, source_of: Make
) -> None:
    for source in (
        source_of(server, address_books="team"),
        source_of(server, f"/{USER}/team/"),
    ):
        assert await source.check() == "Address book to copy: Team"


async def test_the_address_books_can_be_chosen_from(
    server: Radicale, source_of: Make
) -> None:
    offered = await source_of(server, address_books="team").offers()
    assert offered == {"address_books": ("Family", "Team")}


def test_each_book_is_offered_by_a_word_that_means_no_other() -> None:
    urls = [f"https://dav.example.com/ana/{word}/" for word in ("a", "b", "c", "d,e")]
    names = ("Team", "Team", "Sales, North", "X, Y")
    books = tuple(map(book, names, urls))
    words = words_for(books)
    assert words == ("a", "b", "c")
    for word, wanted in zip(words, books, strict=False):
        assert chosen_books(books, word) == (wanted,)
    assert words_for(books[:1]) == ()


def book(name: str, url: str) -> AddressBook:
    return AddressBook(url=url, name=name)


async def test_an_address_book_that_is_not_there_is_told_with_those_that_are(
    server: Radicale, source_of: Make
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await source_of(server, address_books="Team, Customers").check()
    assert "Customers" in caught.value.title
    assert "Family, Team" in caught.value.advice


async def test_a_wrong_password_is_told_as_such(
    server: Radicale, source_of: Make
) -> None:
    with pytest.raises(AuthenticationFailed) as caught:
        await source_of(server, password="SEKRET-wrong").check()
    assert "SEKRET" not in str(caught.value)


# --- copying --------------------------------------------------------------------------


async def test_all_contacts_with_numbers_are_copied(
    server: Radicale, copy: Copy
) -> None:
    report = await copy.sync()
    assert (report.changed, report.is_whole) == (3, True)
    assert copy.names(ANA) == {"Ana Bell"}
    assert copy.names(BEN) == copy.names("+447700900123") == {"Ben Shaw"}
    assert copy.contact(f"/{USER}/team/a.vcf").numbers[0].label == "mobile"


async def test_nothing_is_fetched_while_nothing_changes(
    server: Radicale, copy: Copy
) -> None:
    await copy.sync()
    mark = copy.mark
    report = await copy.sync()
    assert (report.changed, report.gone, report.is_whole) == (0, 0, False)
    assert copy.mark == mark


async def test_changes_and_deletions_follow(server: Radicale, copy: Copy) -> None:
    await copy.sync()
    base = f"/{USER}/team"
    server.put(f"{base}/a.vcf", card("a", "Ana Bell-Shaw", "020 7946 0009"))
    server.put(f"{base}/new.vcf", card("new", "Dora", "020 7946 0004"))
    server.put(f"/{USER}/family/c.vcf", card("c", "Cleo without a number"))
    server.delete(f"{base}/b%2520b.vcf")
    report = await copy.sync()
    assert (report.changed, report.is_whole) == (2, False)
    assert copy.names(ANA) == copy.names(BEN) == copy.names("+442079460003") == set()
    assert copy.names("+442079460009") == {"Ana Bell-Shaw"}
    assert copy.names("+442079460004") == {"Dora"}
    assert copy.count == 2


async def test_a_new_address_book_is_added_and_one_that_is_gone_leaves(
    server: Radicale, copy: Copy
) -> None:
    await copy.sync()
    server.make_book("Customers", {"d.vcf": card("d", "Dora", "020 7946 0004")})
    report = await copy.sync()
    assert (report.changed, report.is_whole) == (1, False)
    server.delete(f"/{USER}/family/")
    report = await copy.sync()
    assert report.is_whole
    assert copy.names("+442079460003") == set()
    assert copy.names(ANA) == {"Ana Bell"}
    assert copy.count == 3


async def test_a_token_that_the_server_forgot_means_everything_anew(
    server: Radicale, copy: Copy
) -> None:
    await copy.sync()
    server.put(f"/{USER}/team/a.vcf", card("a", "Ana", "020 7946 0009"))
    server.delete(f"/{USER}/team/b%2520b.vcf")
    for book in ("team", "family"):
        root = server.folder / "data" / "collection-root" / USER / book
        shutil.rmtree(root / ".Radicale.cache")
    report = await copy.sync()
    assert report.is_whole
    assert copy.names("+442079460009") == {"Ana"}
    assert copy.names(BEN) == set()


async def test_another_region_reads_all_numbers_anew(
    server: Radicale, copy: Copy, source_of: Make
) -> None:
    await copy.sync()
    text = copy.mark
    copy.source = source_of(
        server, link_template="https://crm.example.com/people/{uid}"
    )
    report = await copy.sync()
    assert report.is_whole
    assert copy.mark != text
    found = copy.contact(f"/{USER}/team/b%2520b.vcf")
    assert found.url == "https://crm.example.com/people/b%20b"


# --- what breaks ----------------------------------------------------------------------


async def test_two_thousand_cards_survive_a_server_that_dies_in_mid_sync(
    server: Radicale, copy: Copy
) -> None:
    server.make_book(
        "Big",
        {
            f"{n}.vcf": card(f"{n}", f"P {n}", f"+44 20 7946 {n:04}")
            for n in range(MANY)
        },
    )
    real = copy.source.changes
    asked = 0

    async def dying(mark: str) -> Any:
        nonlocal asked
        asked += 1
        if asked == 3:
            server.kill()
        return await real(mark)

    copy.source.changes = dying
    with pytest.raises(ProviderUnavailable):
        await copy.sync()
    assert (copy.count, copy.mark) == (0, "")
    server.start()
    copy.source.changes = real
    report = await copy.sync()
    assert (report.changed, copy.count) == (MANY + 3, MANY + 3)
    assert copy.names("+442079461999") == {"P 1999"}


async def test_a_program_that_dies_in_mid_sync_goes_on_where_it_was(
    server: Radicale, copy: Copy, source_of: Make
) -> None:
    await copy.sync()
    for n in range(60):
        server.put(
            f"/{USER}/team/n{n}.vcf", card(f"n{n}", f"N {n}", f"020 7946 1{n:03}")
        )
    server.delete(f"/{USER}/team/a.vcf")
    real = copy.source.changes
    asked = 0

    async def cut_off(mark: str) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            raise asyncio.CancelledError
        return await real(mark)

    copy.source.changes = cut_off
    with pytest.raises(asyncio.CancelledError):
        await copy.sync()
    assert 3 < copy.count < 62
    copy.source = source_of(server)
    await copy.sync()
    assert copy.count == 62
    assert copy.names(ANA) == set()
    assert copy.names("+442079461059") == {"N 59"}
