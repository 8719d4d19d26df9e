"""A web service that is described in the settings."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    PayloadError,
    ProviderUnavailable,
)
from screenpop.domain.numbers import read_number
from screenpop.lookup.sources.rest import MANIFEST, json_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.lookup.sources.conftest import Serve
    from tests.net.loopback import Connection, Handler, Request

ANA = read_number("+442079460123", "GB")
OPTIONS = {
    "path": "/contacts?phone={e164}&n={national}",
    "search_path": "/find/{text}",
    "list_path": "data.items",
    "name_path": "person.name",
    "company_path": "company",
    "number_paths": "phone, mobiles",
    "link_template": "https://crm.example.com/c/{id}",
}
RECORD = {
    "id": 7,
    "person": {"name": "Ana <b>Bell</b>"},
    "company": "Example Ltd",
    "phone": "020 7946 0123",
    "mobiles": ["+44 7700 900123", None, {"x": 1}],
}


def answering(body: object, status: int = 200) -> Handler:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(status, json.dumps(body).encode())

    return handler


async def test_a_number_is_asked_for_as_described(
    serve: Serve, make: Callable[..., Any]
) -> None:
    server = await serve(answering({"data": {"items": [RECORD]}}))
    key = {"key_header": "Authorization", "key_prefix": "Bearer"}
    source = make(MANIFEST, server.url, {"key": "SEKRET"}, **OPTIONS, **key)
    (contact,) = await source.by_number(ANA)
    (request,) = server.requests
    assert request.target == "/contacts?phone=%2B442079460123&n=2079460123"
    assert request.headers["authorization"] == "Bearer SEKRET"
    assert contact.name == "Ana <b>Bell</b>"
    assert contact.company == "Example Ltd"
    assert [n.raw for n in contact.numbers] == ["020 7946 0123", "+44 7700 900123"]
    assert contact.url == "https://crm.example.com/c/7"
    assert contact.source == "crm"


async def test_a_text_is_encoded_whole(serve: Serve, make: Callable[..., Any]) -> None:
    server = await serve(answering({"data": {"items": [RECORD] * 9}}))
    source = make(MANIFEST, server.url, **OPTIONS)
    assert len(await source.by_text("a/../b?c", 3)) == 3
    assert server.requests[0].target == "/find/a%2F..%2Fb%3Fc"


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"items": []}},
        {"data": None},
        {},
        [],
        {"data": {"items": [1, None, "x", {"person": 3}, {"person": {"name": ""}}]}},
    ],
)
async def test_an_answer_with_nobody_in_it_is_nobody(
    serve: Serve, make: Callable[..., Any], body: object
) -> None:
    server = await serve(answering(body))
    assert await make(MANIFEST, server.url, **OPTIONS).by_number(ANA) == ()


async def test_not_found_is_nobody(serve: Serve, make: Callable[..., Any]) -> None:
    server = await serve(answering({}, 404))
    assert await make(MANIFEST, server.url, **OPTIONS).by_number(ANA) == ()


async def test_ten_thousand_records_are_cut(
    serve: Serve, make: Callable[..., Any]
) -> None:
    server = await serve(answering({"data": {"items": [RECORD] * 10_000}}))
    source = make(MANIFEST, server.url, **OPTIONS)
    assert len(await source.by_number(ANA)) == 50


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthenticationFailed), (500, ProviderUnavailable)]
)
async def test_a_refusal_is_told(
    serve: Serve, make: Callable[..., Any], status: int, error: type[Exception]
) -> None:
    server = await serve(answering({}, status))
    with pytest.raises(error):
        await make(MANIFEST, server.url, **OPTIONS).by_number(ANA)


async def test_a_wrong_place_of_the_list_is_told(
    serve: Serve, make: Callable[..., Any]
) -> None:
    server = await serve(answering({"data": {"items": 3}}))
    with pytest.raises(PayloadError, match="list"):
        await make(MANIFEST, server.url, **OPTIONS).by_number(ANA)


@pytest.mark.parametrize(
    "wrong",
    [
        {"path": "contacts"},
        {"path": "/c?p={phone}"},
        {"search_path": "/{e164}"},
        {"link_template": "javascript:alert({id})"},
    ],
)
def test_a_wrong_description_is_refused_at_once(
    make: Callable[..., Any], wrong: dict[str, str]
) -> None:
    with pytest.raises(ConfigurationError):
        make(MANIFEST, "https://crm.example.com", **{**OPTIONS, **wrong})


@pytest.mark.parametrize("path", ["a.b", "[3]", "a[0].b", "x", "a[0][0][0]"])
def test_a_place_that_is_not_there_holds_nothing(path: str) -> None:
    assert json_at({"a": [1, "t"]}, path) is None
