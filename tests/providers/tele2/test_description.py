"""Every request of the adapter is one that the vendor's interface describes."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

from screenpop.providers.tele2.manifest import MANIFEST
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context
from tests.providers.tele2 import description
from tests.providers.tele2.description import complaints

if TYPE_CHECKING:
    from collections.abc import Iterator


def _schemas(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if "schema" in value:
            yield value["schema"]
        for item in value.values():
            yield from _schemas(item)
    elif isinstance(value, list):
        for item in value:
            yield from _schemas(item)


def test_the_description_itself_is_sound() -> None:
    found = list(_schemas(description._DOCUMENT))
    assert len(found) > 70
    for schema in found:
        Draft202012Validator.check_schema(schema)
    assert len(description._DOCUMENT["paths"]) == 30


@pytest.mark.parametrize(
    ("method", "target", "body"),
    [
        ("GET", "/api/v2/trigger/call_history", b""),
        ("GET", "/api/v2/trigger/call_history?initial_call_id=x", b""),
        ("GET", "/api/v2/trigger/call_history?initial_call_id=0&page=1", b""),
        ("GET", "/api/v2/trigger/call_history?initial_call_id=0&direction=IN", b""),
        ("GET", "/api/v2/trigger/call_history?initial_call_id=0&date_to=now", b""),
        ("GET", "/api/v2/trigger/call_history?initial_call_id=0&limit=0", b""),
        ("GET", "/api/v2/contacts/x", b""),
        ("PUT", "/api/v2/contacts/1", b""),
        ("GET", "/api/v2/contacts/1", b"{}"),
        ("POST", "/api/v2/dial", b'{"destination":"+44","contactID":"1"}'),
        ("POST", "/api/v2/dial", b'{"destination":"+44","contactID":1,"x":1}'),
        ("POST", "/api/v2/webhooks/CallTransferred", b'{"endpoint":"https://x"}'),
    ],
)
def test_what_is_not_described_is_refused(
    method: str, target: str, body: bytes
) -> None:
    headers = {"authorization": "Bearer k", "content-type": "application/json"}
    assert complaints(method, target, body, headers)


def test_the_key_must_stand_where_the_vendor_wants_it() -> None:
    bare = {"authorization": "k", "content-type": "application/json"}
    assert complaints("GET", "/api/v2/contacts/1", b"", bare)
    assert complaints("GET", "/api/v2/contacts/1", b"", {})
    assert not complaints(
        "GET", "/api/v2/contacts/1", b"", {"authorization": "Bearer k"}
    )


async def test_headers_are_sent_as_described() -> None:
    given = replace(context("http://127.0.0.1:9"), options={"source": "poll"})

    async def nothing(request: Any, connection: Any) -> None:
        seen = complaints(request.method, request.target, request.body, request.headers)
        found.extend(seen)
        body = {"version": "2", "status": "OK", "statusCode": 404, "message": ""}
        await connection.reply(404, json.dumps(body).encode())

    found: list[str] = []
    async with LoopbackServer(nothing) as server:
        provider: Any = MANIFEST.create(replace(given, base_url=server.url))
        assert await provider.list_voicemails() == ()
        assert await provider.list_lost_callers() == ()
        await provider.aclose()
        assert server.requests
    assert found == []
