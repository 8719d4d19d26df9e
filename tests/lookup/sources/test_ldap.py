"""A directory server as a source: a real OpenLDAP, and what breaks on the way to it."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PayloadError,
    ProviderUnavailable,
    ScreenpopError,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.sources.ldap import MANIFEST
from screenpop.lookup.sources.ldap.address import DirectoryAddress
from screenpop.lookup.sources.ldap.directory import _Line
from screenpop.lookup.sources.ldap.entries import Login
from screenpop.lookup.sources.ldap.filters import escaped
from tests.lookup.sources.conftest import Keys, a_context
from tests.lookup.sources.openldap import (
    BASE,
    BIND_DN,
    CROWD,
    PASSWORD,
    OpenLdap,
    openldap,
    person,
)
from tests.net.stalling_proxy import StallingProxy
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from screenpop.lookup.sources.ldap.source import LdapSource

SPELLINGS = [
    "+44 20 7946 0101",
    "+442079460102",
    "+44-20-7946-0103",
    "0044 20 7946 0104",
    "020 7946 0105",
    "02079460106",
    "+44 (0)20 7946 0107",
    "(020) 7946.0108",
    "+44/20/7946/0109",
    "442079460110",
]
PEOPLE = "".join(
    person(f"Spelled {spelling[-4:]}", f"telephoneNumber: {spelling}")
    for spelling in SPELLINGS
) + "".join(
    [
        person(
            "Zoë Müller",
            "o: Bücher & Söhne",
            "title: Head of <i>Sales</i>",
            "mail: zoe@example.com",
            "uid: z/1?",
            "mobile: +44 7700 900123",
            "telephoneNumber: 101",
        ),
        person("Eve <img src=x> <b>Bold</b>", "homePhone: +44 7700 900124"),
        person("Short Number", "telephoneNumber: 7946 0123"),
    ]
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenLdap]:
    with openldap(tmp_path_factory.mktemp("ldap"), PEOPLE) as running:
        yield running


Make = Any
"""``make(server_url, keys, option="…", deadline=…)``."""


@pytest.fixture
async def make() -> AsyncIterator[Make]:
    made: list[LdapSource] = []

    def build(
        server: str, keys: Keys | None = None, deadline: float = 5.0, **options: str
    ) -> LdapSource:
        from dataclasses import replace

        given = {"server": server, "base_dn": f"ou=people,{BASE}"} | options
        context = a_context("", keys, **given)
        source: Any = MANIFEST.create(replace(context, deadline_seconds=deadline))
        made.append(source)
        return source  # type: ignore[no-any-return]

    yield build
    for source in made:
        await source.aclose()
    await eventually(lambda: not questions(), "the threads to end")


def questions() -> list[threading.Thread]:
    return [each for each in threading.enumerate() if each.name == "screenpop-ldap"]


def number(text: str) -> Any:
    return read_number(text, "GB")


async def names(source: LdapSource, text: str) -> list[str]:
    return [each.name for each in await source.by_number(number(text))]


# --- finding --------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_a_number_is_found_however_it_is_written(
    server: OpenLdap, make: Make, spelling: str
) -> None:
    last = spelling[-4:]
    assert await names(make(server.url), f"+44207946{last}") == [f"Spelled {last}"]


async def test_a_quick_search_leaves_odd_spellings_out(
    server: OpenLdap, make: Make
) -> None:
    source = make(server.url, search="quick")
    assert await names(source, "+442079460105") == ["Spelled 0105"]
    assert await names(source, "+442079460108") == []


async def test_an_extension_is_matched_whole(server: OpenLdap, make: Make) -> None:
    source = make(server.url)
    assert await names(source, "101") == ["Zoë Müller"]
    assert await names(source, "10") == []


async def test_a_withheld_number_asks_nobody(make: Make) -> None:
    assert await make("ldap://directory.invalid").by_number(number("anonymous")) == ()


async def test_everything_about_a_person_is_read_as_text(
    server: OpenLdap, make: Make
) -> None:
    link = "https://intranet.example.com/people/{uid}"
    source = make(server.url, link_template=link)
    (zoe,) = await source.by_number(number("+447700900123"))
    assert (zoe.name, zoe.company) == ("Zoë Müller", "Bücher & Söhne")
    assert zoe.job_title == "Head of <i>Sales</i>"
    assert zoe.emails == ("zoe@example.com",)
    assert zoe.url == "https://intranet.example.com/people/z%2F1%3F"
    assert [(n.raw, n.label) for n in zoe.numbers] == [
        ("101", "work"),
        ("+44 7700 900123", "mobile"),
    ]
    assert zoe.source_id.casefold().endswith(BASE)
    (eve,) = await source.by_number(number("+447700900124"))
    assert eve.name == "Eve <img src=x> <b>Bold</b>"
    assert eve.url == ""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("müll", ["Zoë Müller"]),
        ("MÜLLER zoë", ["Zoë Müller"]),
        ("söhne", ["Zoë Müller"]),
        ("zoe@", ["Zoë Müller"]),
        ("7700 900123", ["Zoë Müller"]),
        ("nobody müller", []),
        ("*", []),
        ("*)(objectClass=*", []),
        ("\\2a", []),
        ("  ", []),
        ("\ud800\x00", []),
    ],
)
async def test_a_text_is_looked_for_word_by_word(
    server: OpenLdap, make: Make, text: str, found: list[str]
) -> None:
    contacts = await make(server.url).by_text(text, 10)
    assert [each.name for each in contacts] == found


async def test_a_number_that_ten_thousand_share_is_cut(
    server: OpenLdap, make: Make
) -> None:
    source = make(server.url, base_dn=BASE)
    assert len(await source.by_number(number(CROWD))) == 50
    assert len(await source.by_text("desk", 20)) == 20
    assert len(await source.by_text("desk", 20_000)) == 50


async def test_the_filter_of_the_settings_holds(server: OpenLdap, make: Make) -> None:
    source = make(server.url, filter="(title=*sales*)")
    assert await names(source, "+447700900123") == ["Zoë Müller"]
    assert await names(source, "+447700900124") == []


@given(st.text(max_size=40))
def test_nothing_that_is_looked_for_can_change_the_filter(text: str) -> None:
    written = escaped(text)
    assert not set(written) & set("()*\x00")
    plain = re.sub(r"\\([0-9a-f]{2})", lambda found: chr(int(found[1], 16)), written)
    assert plain.encode("latin-1") == text.encode("utf-8", "replace")


def test_the_library_is_not_loaded_before_a_caller_is_looked_for() -> None:
    code = (
        "import sys, screenpop.lookup.registry as registry;"
        "registry.source_manifests(); sys.exit('ldap3' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


# --- signing in -----------------------------------------------------------------------


async def test_a_wrong_password_is_told_and_a_new_one_used(
    server: OpenLdap, make: Make
) -> None:
    keys = Keys(password="SEKRET-wrong")
    source = make(server.url, keys, bind_dn=BIND_DN)
    with pytest.raises(AuthenticationFailed) as caught:
        await source.check()
    assert "SEKRET" not in str(caught.value)
    assert BIND_DN not in str(caught.value)
    keys.secrets["password"] = PASSWORD
    assert "knows people" in await source.check()


async def test_an_empty_password_is_not_taken_for_nobody(
    server: OpenLdap, make: Make
) -> None:
    source = make(server.url, Keys(password=""), bind_dn=BIND_DN)
    with pytest.raises(AuthenticationFailed, match="empty"):
        await source.check()


async def test_a_place_without_numbers_is_told(server: OpenLdap, make: Make) -> None:
    source = make(server.url, filter="(cn=nobody)")
    assert "shows nobody" in await source.check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"base_dn": "ou=nowhere,dc=example,dc=com"},
        {"base_dn": "rubbish"},
        {"bind_dn": "rubbish"},
        {"filter": "(&(cn=x)(nonsense))"},
    ],
)
async def test_a_wrong_place_or_filter_is_told(
    server: OpenLdap, make: Make, wrong: dict[str, str]
) -> None:
    source = make(server.url, Keys(password=PASSWORD), **wrong)
    with pytest.raises(ConfigurationError):
        await source.check()


@pytest.mark.parametrize(
    "wrong",
    [
        {"server": ""},
        {"server": "https://dc1.example.com"},
        {"server": "ldap://dc1.example.com/dc=example"},
        {"server": "ldap://user:pw@dc1.example.com"},
        {"server": "ldaps://dc1.example.com:port"},
        {"encryption": "perhaps"},
        {"search": "sometimes"},
        {"filter": "cn=x"},
        {"filter": "(cn=x)(cn=y)"},
        {"filter": "(cn=x"},
        {"number_attributes": "mobile)(cn"},
        {"link_template": "http://example.com/{uid}"},
        {"link_template": "https://example.com/{u d}"},
    ],
)
def test_a_wrong_setting_is_refused_at_once(wrong: dict[str, str]) -> None:
    given = {"server": "ldaps://dc1.example.com", "base_dn": BASE} | wrong
    with pytest.raises(ConfigurationError):
        MANIFEST.create(a_context("", None, **given))


# --- encryption -----------------------------------------------------------------------


async def test_a_certificate_of_nobody_is_refused(server: OpenLdap, make: Make) -> None:
    for source in (make(server.tls_url), make(server.url, encryption="starttls")):
        with pytest.raises(ProviderUnavailable, match="not trusted"):
            await source.check()


async def test_a_trusted_certificate_encrypts_from_the_start_or_later(
    server: OpenLdap, make: Make
) -> None:
    os.environ["SSL_CERT_FILE"] = str(server.certificate)
    for source in (make(server.tls_url), make(server.url, encryption="starttls")):
        assert "encrypted" in await source.check()
        assert await names(source, "+447700900123") == ["Zoë Müller"]


async def test_without_encryption_there_the_password_is_not_sent(make: Make) -> None:
    heard = bytearray()

    async def refuse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        # RFC 4511 section 4.14.1: a server without TLS answers protocolError (2).
        request = await reader.read(1000)
        heard.extend(request)
        message_id = request[2 : 4 + request[3]]
        result = b"\x78\x07\x0a\x01\x02\x04\x00\x04\x00"
        writer.write(bytes([0x30, len(message_id + result)]) + message_id + result)
        heard.extend(await reader.read(1000))
        writer.close()

    async with listening(refuse) as port:
        source = make(
            f"ldap://127.0.0.1:{port}",
            Keys(password="SEKRET-1"),
            bind_dn=BIND_DN,
            encryption="starttls",
        )
        with pytest.raises(ProviderUnavailable, match="encrypted"):
            await source.check()
    assert b"SEKRET" not in heard


# --- breaking -------------------------------------------------------------------------


async def test_a_server_that_died_is_told_and_found_again(
    server: OpenLdap, make: Make
) -> None:
    source = make(server.url)
    assert await names(source, "+447700900123") == ["Zoë Müller"]
    server.kill()
    try:
        with pytest.raises(ProviderUnavailable, match="connections"):
            await names(source, "+447700900123")
    finally:
        server.start()
    assert await names(source, "+447700900123") == ["Zoë Müller"]


async def test_a_connection_lost_in_between_is_replaced_without_a_word(
    server: OpenLdap, make: Make
) -> None:
    source = make(server.url)
    assert await names(source, "+447700900123") == ["Zoë Müller"]
    server.kill()
    server.start()
    assert await names(source, "+447700900123") == ["Zoë Müller"]


async def test_one_connection_serves_one_question_after_another(
    server: OpenLdap, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(f"ldap://127.0.0.1:{proxy.port}")
        for _ in range(3):
            await names(source, "+447700900123")
        assert proxy.accepted == 1
        found = await asyncio.gather(*(names(source, CROWD) for _ in range(6)))
        assert len(found) == 6


async def test_a_server_killed_while_it_is_asked_ends_the_question(
    server: OpenLdap, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(f"ldap://127.0.0.1:{proxy.port}")
        await source.check()
        proxy.stall()
        asking = asyncio.ensure_future(names(source, "+447700900123"))
        await eventually(questions, "the question to be on its way")
        server.kill()
        try:
            proxy.flow()
            with pytest.raises(ProviderUnavailable):
                await asking
        finally:
            server.start()
        assert await names(source, "+447700900123") == ["Zoë Müller"]


async def test_a_silent_server_costs_its_time_only_and_others_nothing(
    server: OpenLdap, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(f"ldap://127.0.0.1:{proxy.port}", deadline=0.3)
        proxy.stall()
        with pytest.raises(ProviderUnavailable, match="too long"):
            await names(source, "+447700900123")
        await eventually(lambda: not questions(), "the thread to end")
        proxy.flow()
        assert await names(source, "+447700900123") == ["Zoë Müller"]


async def test_a_question_may_be_withdrawn_at_any_time(
    server: OpenLdap, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(f"ldap://127.0.0.1:{proxy.port}")
        for is_open in (False, True):
            proxy.stall()
            asking = asyncio.ensure_future(names(source, "+447700900123"))
            await eventually(questions, f"the question, connected: {is_open}")
            asking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await asking
            await eventually(lambda: not questions(), "the thread to end")
            proxy.flow()
            assert await names(source, "+447700900123") == ["Zoë Müller"]


def test_a_question_withdrawn_before_it_left_is_not_asked(server: OpenLdap) -> None:
    line = _Line(DirectoryAddress.checked(server.url), "The directory", Login())
    line.cut()
    asked: list[object] = []
    with pytest.raises(ProviderUnavailable):
        line.ask(asked.append, time.monotonic() + 60)
    assert asked == []


async def test_closing_does_not_wait_for_a_silent_server(
    server: OpenLdap, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(f"ldap://127.0.0.1:{proxy.port}", deadline=60.0)
        await source.check()
        proxy.stall()
        asking = asyncio.ensure_future(names(source, "+447700900123"))
        await eventually(questions, "the question to be on its way")
        await source.aclose()
        with pytest.raises(ProviderUnavailable):
            await asking
        with pytest.raises(ProviderUnavailable, match="closed"):
            await source.check()


@pytest.mark.parametrize(
    "rubbish",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x05\x02\x01\x01\x61\x00",
        b"\x30\x0c\x02\x01\x01\x61\x07\x0a\x01\x00",
        b"\x30\x84\x7f\xff\xff\xff" + b"\x30" * 5_000_000,
        b"\xff" * 100,
        b"",
    ],
    ids=["http", "empty", "half", "endless", "ff", "nothing"],
)
async def test_rubbish_is_an_error_and_bounded(make: Make, rubbish: bytes) -> None:
    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1000)
        writer.write(rubbish)
        writer.close()

    async with listening(answer) as port:
        source = make(f"ldap://127.0.0.1:{port}")
        with pytest.raises((PayloadError, ProviderUnavailable)) as caught:
            await source.check()
    assert isinstance(caught.value, ScreenpopError)


@pytest.mark.parametrize(
    ("url", "words"),
    [("ldap://directory.invalid", "Cannot find"), ("ldap://127.0.0.1:1", "Nothing")],
)
async def test_a_server_that_is_not_there_is_told(
    make: Make, url: str, words: str
) -> None:
    with pytest.raises(ProviderUnavailable, match=words):
        await make(url).check()


class listening:  # noqa: N801 - reads as what it is, ``async with listening(…)``
    """A server of a few bytes; the port comes out."""

    def __init__(self, answer: Callable[..., Any]) -> None:
        self._answer = answer

    async def __aenter__(self) -> int:
        self._server = await asyncio.start_server(self._answer, "127.0.0.1", 0)
        return int(self._server.sockets[0].getsockname()[1])

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self._server.wait_closed()
