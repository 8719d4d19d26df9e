"""A Tryton database as a source: a real server, and what breaks on the way to it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.ranking import verify
from screenpop.lookup.sources.tryton import MANIFEST
from tests.lookup.sources.conftest import Keys, a_context
from tests.lookup.sources.tryton_server import (
    DATABASE,
    PASSWORD,
    TrytonServer,
    tryton_server,
)
from tests.net.stalling_proxy import StallingProxy
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.lookup.sources.conftest import Serve
    from tests.net.loopback import Connection, Request

OPTIONS = {"database": DATABASE, "user": "admin"}
SECRETS = {"password": PASSWORD}
MECHANISM = "party.contact_mechanism"
CROWD = "+442079460199"


def mechanism(kind: str, value: str, name: str = "") -> dict[str, str]:
    return {"type": kind, "value": value, "name": name}


# Tryton takes a "phone" or "mobile" only if the number may exist, and the numbers kept
# for examples may not.
PARTIES = [
    {
        "name": "Bücher & <b>Söhne</b>",
        "contact_mechanisms": [
            [
                "create",
                [
                    mechanism("phone", "+44 20 7946 0123", "Ana Bell"),
                    mechanism("other", "+44 7700 900123", "mobile"),
                    mechanism("email", "ana@example.com"),
                    mechanism("website", "https://example.com/"),
                ],
            ]
        ],
    },
    {
        "name": "Written Oddly",
        "contact_mechanisms": [["create", [mechanism("other", "(020) 7946.0124")]]],
    },
    {
        "name": "Hundred % sure_thing",
        "contact_mechanisms": [["create", [mechanism("other", "101")]]],
    },
    {
        "name": "Gone Away",
        "contact_mechanisms": [["create", [mechanism("phone", "+44 20 7946 0125")]]],
    },
    *(
        {
            "name": f"Desk {each}",
            "contact_mechanisms": [["create", [mechanism("phone", CROWD)]]],
        }
        for each in range(120)
    ),
]


@pytest.fixture(scope="module")
def server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TrytonServer]:
    cache = request.config.cache.mkdir("tryton")
    with tryton_server(tmp_path_factory.mktemp("tryton"), cache) as running:
        ids = running.call("model.party.party.create", PARTIES, {})
        running.call("model.party.party.write", [ids[3]], {"active": False}, {})
        yield running


Make = Any


def number(text: str) -> Any:
    return read_number(text, "GB")


async def names(source: Any, text: str) -> list[str]:
    wanted = number(text)
    found = await source.by_number(wanted)
    fits = [each for each in found if verify(each, wanted, "GB", source_label="x")]
    return [each.name for each in fits]


# --- finding --------------------------------------------------------------------------


async def test_everything_about_a_party_is_read_as_text(
    server: TrytonServer, make: Make
) -> None:
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    (found,) = await source.by_number(number("+442079460123"))
    assert found.name == "Bücher & <b>Söhne</b>"
    assert [(n.raw, n.label) for n in found.numbers] == [
        ("+44 20 7946 0123", "Ana Bell"),
        ("+44 7700 900123", "mobile"),
    ]
    assert found.emails == ("ana@example.com",)
    page = f"{server.url}/#{DATABASE}/model/party.party/{found.source_id}"
    assert found.url == page


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("+447700900123", ["Bücher & <b>Söhne</b>"]),
        ("+442079460124", ["Written Oddly"]),
        ("101", ["Hundred % sure_thing"]),
        ("10", []),
        ("+442079460125", []),
        ("+442079460177", []),
        ("anonymous", []),
    ],
)
async def test_a_caller_is_found_by_number(
    server: TrytonServer, make: Make, wanted: str, found: list[str]
) -> None:
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    assert await names(source, wanted) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("bücher", ["Bücher & <b>Söhne</b>"]),
        ("söhne Bücher", ["Bücher & <b>Söhne</b>"]),
        ("ANA@example", ["Bücher & <b>Söhne</b>"]),
        ("900123", ["Bücher & <b>Söhne</b>"]),
        ("%", ["Hundred % sure_thing"]),
        ("sure_th", ["Hundred % sure_thing"]),
        ("sureXth", []),
        ("\\", []),
        (" ", []),
    ],
)
async def test_a_text_is_looked_for_word_by_word(
    server: TrytonServer, make: Make, text: str, found: list[str]
) -> None:
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    assert [each.name for each in await source.by_text(text, 10)] == found


async def test_a_number_that_many_share_is_cut(
    server: TrytonServer, make: Make
) -> None:
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    assert len(await names(source, CROWD)) == 50
    assert len(await source.by_text("desk", 7)) == 7


# --- signing in -----------------------------------------------------------------------


async def test_a_session_that_ended_is_made_anew(
    server: TrytonServer, make: Make
) -> None:
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    assert await source.check() == "Signed in to crm as admin"
    server.end_sessions()
    assert await names(source, "+447700900123") != []


async def test_one_session_serves_all_and_is_given_back(
    server: TrytonServer, make: Make
) -> None:
    server.end_sessions()
    source = make(MANIFEST, server.url, SECRETS, **OPTIONS)
    await asyncio.gather(*(names(source, "+447700900123") for _ in range(4)))
    assert len(server.sessions()) == 1
    await source.aclose()
    assert server.sessions() == []


async def test_a_wrong_password_is_told_and_a_new_one_used(
    server: TrytonServer, make: Make
) -> None:
    keys = Keys(password="SEKRET-wrong")
    source: Any = MANIFEST.create(a_context(server.url, keys, **OPTIONS))
    with pytest.raises(AuthenticationFailed, match="name and password") as caught:
        await source.check()
    assert "SEKRET" not in str(caught.value)
    keys.secrets["password"] = PASSWORD
    assert "Signed in" in await source.check()
    await source.aclose()


async def test_a_wrong_database_is_told(server: TrytonServer, make: Make) -> None:
    source = make(MANIFEST, server.url, SECRETS, database="none", user="admin")
    with pytest.raises(ConfigurationError, match="no such database"):
        await source.check()


async def test_a_user_without_the_rights_is_told(
    server: TrytonServer, make: Make
) -> None:
    user = {"name": "Nobody", "login": "nobody", "password": f"{PASSWORD}-2"}
    server.call("model.res.user.create", [user], {})
    access = {"model": MECHANISM, "perm_read": False, "perm_write": False}
    (access_id,) = server.call("model.ir.model.access.create", [access], {})
    try:
        source = make(
            MANIFEST,
            server.url,
            {"password": f"{PASSWORD}-2"},
            database=DATABASE,
            user="nobody",
        )
        with pytest.raises(PermissionDenied, match="does not allow"):
            await source.check()
    finally:
        server.call("model.ir.model.access.delete", [access_id], {})


@pytest.mark.parametrize(
    "wrong",
    [
        {"database": " "},
        {"user": ""},
        {"user": "a:b"},
        {"link_template": "tryton://x/{id}"},
    ],
)
def test_a_wrong_setting_is_refused_at_once(wrong: dict[str, str]) -> None:
    given = {**OPTIONS, **wrong}
    with pytest.raises(ConfigurationError):
        MANIFEST.create(a_context("https://tryton.example.com", None, **given))


# --- breaking -------------------------------------------------------------------------


async def test_a_server_killed_while_it_is_asked_ends_the_question(
    server: TrytonServer, make: Make
) -> None:
    async with StallingProxy(server.port) as proxy:
        source = make(MANIFEST, f"http://127.0.0.1:{proxy.port}", SECRETS, **OPTIONS)
        await source.check()
        proxy.stall()
        before = proxy.chunks
        asking = asyncio.ensure_future(names(source, "+447700900123"))
        await eventually(lambda: proxy.chunks > before, "the question to arrive")
        server.kill()
        try:
            proxy.flow()
            with pytest.raises(ProviderUnavailable):
                await asking
        finally:
            server.start()
        assert await names(source, "+447700900123") != []


def answering(status: int, body: object, **headers: str) -> Callable[..., Any]:
    """Lets everybody in, and answers all else so."""

    async def handler(request: Request, connection: Connection) -> None:
        method = request.json()["method"]
        if method == "common.db.login":
            answer = {"id": 1, "result": [1, "token", None]}
            await connection.reply(200, json.dumps(answer).encode())
        else:
            raw = body if isinstance(body, bytes) else json.dumps(body).encode()
            await connection.reply(status, raw, **headers)

    return handler


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (500, {}, ProviderUnavailable),
        (503, {}, ProviderUnavailable),
        (504, {}, ProviderUnavailable),
        (429, {}, ProviderThrottled),
        (401, {}, AuthenticationFailed),
        (200, {"id": 1, "error": ["UserError", ["Ana may not", ""]]}, PermissionDenied),
        (200, {"id": 1, "error": ["LoginException", ["x"]]}, AuthenticationFailed),
        (200, {"id": 1, "error": ["'party.party'", ""]}, ProviderError),
        (200, {"id": 1, "error": None}, ProviderUnavailable),
        (200, {"id": 1, "result": 3}, PayloadError),
        (200, [1], PayloadError),
        (200, b'{"id": 1, "result": [{"id"', PayloadError),
        (200, b"<html>", PayloadError),
    ],
)
async def test_each_fault_is_told_for_what_it_is(
    serve: Serve, make: Make, status: int, body: object, error: type[Exception]
) -> None:
    fake = await serve(answering(status, body))
    source = make(MANIFEST, fake.url, SECRETS, **OPTIONS)
    with pytest.raises(error) as caught:
        await source.by_number(number("+447700900123"))
    assert "Ana" not in str(caught.value)


async def test_rubbish_in_records_is_passed_over(serve: Serve, make: Make) -> None:
    rubbish: list[object] = [
        1,
        None,
        {"party": "x"},
        {"party": 3, "party.": 4},
        {"party.": {}},
    ]
    fake = await serve(answering(200, {"id": 1, "result": rubbish * 3_000}))
    source = make(MANIFEST, fake.url, SECRETS, **OPTIONS)
    assert await source.by_number(number("+447700900123")) == ()


async def test_a_server_before_the_path_changed_is_signed_in_to(
    serve: Serve, make: Make
) -> None:
    async def older(request: Request, connection: Connection) -> None:
        if request.path != f"/{DATABASE}/":
            await connection.reply(405)
            return
        method = request.json()["method"]
        result: object = [1, "token"] if method == "common.db.login" else []
        await connection.reply(200, json.dumps({"id": 1, "result": result}).encode())

    fake = await serve(older)
    source = make(MANIFEST, fake.url, SECRETS, **OPTIONS)
    assert "Signed in" in await source.check()


@pytest.mark.parametrize("result", [None, [], [1], ["1", "t"], [1, ""], {"a": 1}])
async def test_a_sign_in_without_a_session_is_told(
    serve: Serve, make: Make, result: object
) -> None:
    async def odd(_request: Request, connection: Connection) -> None:
        await connection.reply(200, json.dumps({"id": 1, "result": result}).encode())

    fake = await serve(odd)
    with pytest.raises(PayloadError):
        await make(MANIFEST, fake.url, SECRETS, **OPTIONS).check()
