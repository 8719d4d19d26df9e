"""CardDAV servers that do it otherwise, and answers that are meant to do harm."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PayloadError,
    ProviderUnavailable,
)
from screenpop.domain.service_address import ServiceAddress
from screenpop.lookup.sources.carddav import MANIFEST
from screenpop.lookup.sources.carddav.dav_xml import read_multistatus
from screenpop.lookup.sources.carddav.hosts import may_have_password
from screenpop.lookup.sources.carddav.marks import BookMark, Mark
from tests.lookup.sources.copying import Copy
from tests.lookup.sources.radicale_server import card
from tests.lookup.sources.standins.carddav import BOOK, HOME, PASSWORD, USER, DavBook
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from tests.lookup.sources.conftest import Serve
    from tests.net.loopback import Connection, Request

    Make = Callable[..., Any]

ANA = "+442079460001"


@pytest.fixture
def book() -> DavBook:
    made = DavBook()
    made.put("ana.vcf", card("ana", "Ana <b>Bell</b>", "020 7946 0001"))
    made.put("ben, b.vcf", card("ben", "Ben", "020 7946 0002"))
    return made


@pytest.fixture
async def copy(
    book: DavBook, serve: Serve, make: Make, tmp_path: Path
) -> AsyncIterator[Copy]:
    server = await serve(book.answer)
    source = make(MANIFEST, server.url, {"password": PASSWORD}, user=USER)
    made = Copy.of(source, tmp_path)
    yield made
    made.database.close()


async def test_a_server_without_sync_collection_is_followed_by_its_tags(
    book: DavBook, copy: Copy
) -> None:
    book.has_sync = False
    assert (await copy.sync()).is_whole
    assert copy.names(ANA) == {"Ana <b>Bell</b>"}
    book.asked.clear()
    assert (await copy.sync()).changed == 0
    assert book.asked == [f"PROPFIND {HOME}"]
    book.put("ana.vcf", card("ana", "Ana Shaw", "020 7946 0009"))
    book.put("new.vcf", card("new", "New", "020 7946 0003"))
    book.delete("ben, b.vcf")
    report = await copy.sync()
    assert (report.changed, report.gone, report.is_whole) == (2, 1, False)
    assert copy.names(ANA) == copy.names("+442079460002") == set()
    assert copy.count == 2


async def test_a_server_with_neither_is_followed_by_the_tags_of_its_cards(
    book: DavBook, copy: Copy
) -> None:
    book.has_sync = book.has_ctag = False
    await copy.sync()
    book.put("new.vcf", card("new", "New", "020 7946 0003"))
    report = await copy.sync()
    assert (report.changed, report.is_whole, copy.count) == (1, False, 3)


@pytest.mark.parametrize("status", [400, 403, 405, 501])
async def test_a_server_that_only_says_that_it_can_sync_is_asked_for_the_list(
    book: DavBook, copy: Copy, status: int
) -> None:
    book.refuses_sync = status
    assert (await copy.sync()).changed == 2
    book.put("new.vcf", card("new", "New", "020 7946 0003"))
    assert (await copy.sync()).changed == 1


@pytest.mark.parametrize(
    "refusal",
    [
        (403, b'<error xmlns="DAV:"><valid-sync-token/></error>'),
        (409, b'<error xmlns="DAV:"><valid-sync-token/></error>'),
        (507, b""),
        (400, b"no xml"),
    ],
)
async def test_a_forgotten_token_means_everything_anew(
    book: DavBook, copy: Copy, refusal: tuple[int, bytes]
) -> None:
    await copy.sync()
    book.token_refusal = refusal
    book.delete("ana.vcf")
    book.forget()
    book.put("new.vcf", card("new", "New", "020 7946 0003"))
    report = await copy.sync()
    assert report.is_whole
    assert copy.names(ANA) == set()
    assert copy.count == 2


async def test_changes_told_bit_by_bit_are_put_together(
    book: DavBook, copy: Copy
) -> None:
    for n in range(130):
        book.put(f"{n}.vcf", card(f"{n}", f"P {n}", f"020 7946 1{n:03}"))
    book.page = 7
    assert (await copy.sync()).changed == copy.count == 132
    for n in range(60):
        book.put(f"{n}.vcf", card(f"{n}", f"Q {n}", f"020 7946 1{n:03}"))
    book.delete("ana.vcf")
    assert (await copy.sync()).changed == 60
    assert copy.names("+442079461059") == {"Q 59"}
    assert copy.count == 131


async def test_address_books_on_another_host_of_the_service_are_found(
    book: DavBook, copy: Copy, serve: Serve
) -> None:
    shard = await serve(book.answer)
    book.home = f"{shard.url}{HOME}"
    assert (await copy.sync()).changed == 2
    assert all(each.path.startswith("/books/") for each in shard.requests)


@pytest.mark.parametrize("way", ["redirect", "home"])
async def test_the_password_goes_to_no_other_host(
    book: DavBook, copy: Copy, serve: Serve, way: str
) -> None:
    other = await serve(book.answer)
    setattr(book, way, f"http://localhost:{other.port}{HOME}")
    with pytest.raises(ConfigurationError) as caught:
        await copy.sync()
    assert "localhost" in caught.value.title
    assert other.requests == []


@pytest.mark.parametrize(
    ("base", "target", "may"),
    [
        ("https://example.com", "https://example.com:8443/dav", True),
        ("https://example.com", "https://dav.example.com/", True),
        ("https://example.com", "https://DAV.example.COM/", True),
        ("https://example.com", "http://example.com/", False),
        ("https://example.com", "https://evilexample.com/", False),
        ("https://example.com", "https://example.com.evil.org/", False),
        ("https://example.com", "https://example.com@evil.org/", False),
        ("https://example.com", "https://me:x@example.com/", False),
        ("https://dav.example.com", "https://example.com/", False),
        ("https://example.com", "ftp://example.com/", False),
        ("https://example.com", "https://[::1/", False),
        ("https://127.0.0.1", "https://1.127.0.0.1/", False),
        ("http://127.0.0.1:80", "http://127.0.0.1:81/", True),
        ("http://127.0.0.1:80", "https://127.0.0.1/", True),
        ("https://contacts.icloud.com", "https://p42-contacts.icloud.com:443/", True),
        ("https://contacts.icloud.com", "https://icloud.com.evil.org/", False),
    ],
)
def test_which_addresses_may_have_the_password(
    base: str, target: str, *, may: bool
) -> None:
    assert may_have_password(ServiceAddress.checked(base), target) is may


async def test_a_server_that_sends_us_around_in_circles_is_left(
    book: DavBook, copy: Copy
) -> None:
    book.redirect = "/.well-known/carddav"
    with pytest.raises(ProviderUnavailable, match="circles"):
        await copy.sync()
    assert len(book.asked) < 10


async def test_without_a_well_known_address_the_root_is_asked(
    book: DavBook, copy: Copy
) -> None:
    book.redirect = ""
    assert "All <b>people" in await copy.source.check()


async def test_a_card_that_spoils_every_answer_costs_no_other(
    book: DavBook, copy: Copy
) -> None:
    for n in range(30):
        book.put(f"{n}.vcf", card(f"{n}", f"P {n}", f"020 7946 1{n:03}"))
    book.broken = {"7.vcf", "ana.vcf"}
    assert (await copy.sync()).changed == copy.count == 30


async def test_a_server_that_spoils_every_answer_is_told_after_some(
    book: DavBook, copy: Copy
) -> None:
    for n in range(300):
        book.put(f"{n}.vcf", card(f"{n}", f"P {n}", "020 7946 0003"))
    book.broken = {f"{n}.vcf" for n in range(300)}
    with pytest.raises(PayloadError):
        await copy.sync()
    assert len(book.asked) < 200
    assert (copy.count, copy.mark) == (0, "")


async def test_a_busy_server_is_asked_again_for_the_same_page(
    book: DavBook, copy: Copy
) -> None:
    for n in range(120):
        book.put(f"{n}.vcf", card(f"{n}", f"P {n}", f"020 7946 1{n:03}"))
    real = copy.source.changes
    asked = 0

    async def busy(mark: str) -> Any:
        nonlocal asked
        asked += 1
        if asked == 2:
            book.failing = [503, 429]
        return await real(mark)

    copy.source.changes = busy
    assert (await copy.sync()).changed == copy.count == 122


async def test_a_password_that_is_no_longer_right_leaves_the_copy_as_it_was(
    book: DavBook, copy: Copy
) -> None:
    await copy.sync()
    copy.source._server._authority._value = "eDp5"
    with pytest.raises(AuthenticationFailed):
        await copy.sync()
    assert copy.count == 2
    await copy.sync()


async def test_a_server_that_hangs_can_be_left_and_asked_again(
    book: DavBook, copy: Copy, serve: Serve, make: Make
) -> None:
    reached = asyncio.Event()

    async def hanging(request: Request, connection: Connection) -> None:
        if request.method == "REPORT" and not reached.is_set():
            reached.set()
            await connection.hang()
        await book.answer(request, connection)

    server = await serve(hanging)
    copy.source = make(MANIFEST, server.url, {"password": PASSWORD}, user=USER)
    work = asyncio.ensure_future(copy.sync())
    await eventually(reached.is_set, "the report")
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert copy.count == 0
    assert (await copy.sync()).changed == copy.count == 2


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html><body>Sign in</body></html>",
        b"not xml",
        b'<multistatus xmlns="DAV:"><response>',
        b'<!DOCTYPE m [<!ENTITY a "aaaa">]><multistatus xmlns="DAV:">&a;</multistatus>',
        b'<!DOCTYPE m SYSTEM "file:///etc/passwd"><multistatus xmlns="DAV:"/>',
        b'<?xml version="1.0" encoding="no-such"?><multistatus xmlns="DAV:"/>',
        b'<multistatus xmlns="other"/>',
    ],
)
async def test_what_is_no_answer_of_such_a_server_is_told(
    serve: Serve, make: Make, body: bytes
) -> None:
    async def answer(_request: Request, connection: Connection) -> None:
        await connection.reply(207, body, "application/xml")

    server = await serve(answer)
    source = make(MANIFEST, server.url, {"password": PASSWORD}, user=USER)
    with pytest.raises(PayloadError):
        await source.check()


async def test_a_web_page_at_the_address_is_told(serve: Serve, make: Make) -> None:
    async def answer(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b"<html>", "text/html")

    server = await serve(answer)
    source = make(MANIFEST, server.url, {"password": PASSWORD}, user=USER)
    with pytest.raises(PayloadError, match="CardDAV"):
        await source.check()


def test_control_characters_in_an_answer_are_passed_over() -> None:
    body = (
        b'<multistatus xmlns="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><response>'
        b"<href>/a</href><propstat><prop><C:address-data>A\x0bB\x00</C:address-data>"
        b"</prop></propstat></response></multistatus>"
    )
    (found,) = read_multistatus(body, "X").resources
    assert found.address_data == "A B"


@given(body=st.binary(max_size=200))
def test_any_bytes_are_an_answer_or_refused(body: bytes) -> None:
    for whole in (body, b'<multistatus xmlns="DAV:">' + body + b"</multistatus>"):
        with contextlib.suppress(PayloadError):
            read_multistatus(whole, "X")


@given(
    text=st.one_of(
        st.text(),
        st.sampled_from(
            ["[]", "{}", '{"v":1}', '{"v":1,"as":"x","books":[1]}', "null"]
        ),
    )
)
def test_any_text_is_a_mark_or_none(text: str) -> None:
    mark = Mark.from_text(text)
    assert mark is None or isinstance(mark, Mark)


def test_a_mark_comes_back_as_it_was() -> None:
    mark = Mark("x", {BOOK: BookMark("t", "c", {"a.vcf": "1"})})
    assert Mark.from_text(mark.to_text()) == mark
    assert Mark.from_text(mark.to_text(7)) == mark


@pytest.mark.parametrize("link", ["http://x.example/{uid}", "https://x.example/", "x"])
def test_a_wrong_page_template_is_refused_at_once(make: Make, link: str) -> None:
    with pytest.raises(ConfigurationError, match="page"):
        make(MANIFEST, "https://dav.example.com", {}, user=USER, link_template=link)
