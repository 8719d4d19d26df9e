"""What phone systems send: bodies of webhooks, records, messages of a stream."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.call_fold import derive
from screenpop.domain.calls import CallRef
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import ProviderError, SecretMissing
from screenpop.providers import registry
from screenpop.providers.abilities import (
    SupportsNews,
    SupportsPreparation,
    SupportsSecretDeliveries,
)
from screenpop.providers.protocol import ProviderContext
from screenpop.services.call_rows import row_of
from screenpop.store.event_codec import decode_event, encode_event
from tests.fuzz.target import JsonPlace, Target, assert_storable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.domain.events import CallEvent
    from screenpop.domain.privacy import Secret

MOMENT: Final = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
_FIXTURES: Final = Path(__file__).parents[1] / "providers"
_FORM: Final = "application/x-www-form-urlencoded"
_LARGEST_SEED: Final = 4096
_SOURCES: Final = {
    "POLL": DeliverySource.POLL,
    "STREAM": DeliverySource.STREAM,
    "RELAY": DeliverySource.RELAY,
}
_WORDS: Final = (
    '{"', '":', '"}', '",', "[]", "{}", "null", "true", "-1", "1e999", "NaN",
    "9" * 40, '"2026-03-02T09:00:00Z"', '"2026-03-02 09:00:00"', "1772442000000",
    '"0001-01-01T00:00:00+14:00"', '"9999-12-31T23:59:59-12:00"', "253402300800000",
    "\\ud800", "\\u0000", "%00", "%ED%A0%80", "&", "=", "+442079460123",
    '"+442079460123"', '"anonymous"', '"101"', "\ufeff", "GET ", "POLL ", "STREAM ",
)  # fmt: skip


def delivery_of(account_id: str, data: bytes) -> Delivery:
    """The bytes as a delivery: a first line such as ``POST /x?a=b type``, a body."""
    line, _, body = data.partition(b"\n")
    method, _, rest = line.decode("latin-1").partition(" ")
    target, _, content_type = rest.partition(" ")
    path, _, query = target.partition("?")
    source = _SOURCES.get(method, DeliverySource.WEBHOOK)
    return Delivery(
        account_id=account_id,
        source=source,
        received_at=MOMENT,
        body=body,
        content_type=content_type.strip(),
        method=method if source is DeliverySource.WEBHOOK else "POST",
        path=path,
        query=query,
        headers=(("content-type", content_type), ("authorization", "Bearer made-up")),
    )


async def _no_secret(_name: str) -> Secret:
    raise SecretMissing("There is no key for this account")


@cache
def _provider(vendor: str) -> Any:
    provider = registry.manifest(vendor).create(
        ProviderContext(
            account_id=vendor,
            base_url="http://127.0.0.1:9",
            region="GB",
            extension="101",
            read_secret=_no_secret,
        )
    )
    if isinstance(provider, SupportsPreparation):
        asyncio.run(provider.prepare())
    return provider


def take_delivery(vendor: str, data: bytes) -> None:
    """Answer it, keep it, read it, make calls of it, and rows of these."""
    provider = _provider(vendor)
    delivery = delivery_of(vendor, data)
    answer = provider.answer(delivery)
    assert 200 <= answer.status < 600
    if isinstance(provider, SupportsSecretDeliveries):
        provider.without_secrets(delivery)
    if isinstance(provider, SupportsNews):
        assert_storable(provider.news(delivery))
    parsed = provider.parse(delivery)
    assert_storable(parsed)
    facts: dict[CallRef, set[CallEvent]] = defaultdict(set)
    for event in parsed.events:
        assert decode_event(encode_event(event)) == event
        facts[CallRef(event.account_id, event.call_id)].add(event)
    for events in facts.values():
        _fold(events)


def _fold(events: set[CallEvent]) -> None:
    for now in (MOMENT, MOMENT + timedelta(days=2)):
        call = derive(events, own_extension="101", now=now)
        assert call is not None
        assert_storable(row_of(call, "GB"))


def take_stream_message(data: bytes) -> None:
    """Judge a message of an event stream as the connection does, then read it."""
    provider = _provider("tele2")
    try:
        is_news = provider._stream._is_delivery(data)
    except ProviderError:
        return
    if is_news:
        take_delivery("tele2", b"STREAM  application/json\n" + data)


def examples(vendor: str) -> Iterator[bytes]:
    """The recorded payloads that the tests of the vendor have anyway."""
    for file in sorted((_FIXTURES / vendor / "fixtures").iterdir()):
        body = file.read_bytes()
        if len(body) > _LARGEST_SEED:
            continue
        if file.suffix == ".form":
            yield f"POST / {_FORM}\n".encode() + body
            yield b"GET /?" + body.strip() + b"\n"
        else:
            yield b"POST / application/json\n" + body
            yield b"POLL / application/json\n" + body


def _stream_examples() -> Iterator[bytes]:
    for file in sorted((_FIXTURES / "tele2" / "fixtures").glob("*.json")):
        if file.stat().st_size <= _LARGEST_SEED:
            yield file.read_bytes()


def _names(vendor: str) -> tuple[str, ...]:
    """The names of fields in the examples, for a search to put in."""
    names: set[str] = set()
    for data in examples(vendor):
        try:
            value = json.loads(data.partition(b"\n")[2])
        except ValueError:
            continue
        _collect(value, names)
    return tuple(sorted(f'"{name}":' for name in names))


def _collect(value: Any, names: set[str]) -> None:
    if isinstance(value, dict):
        names |= {name for name in value if name.isascii()}
        for each in value.values():
            _collect(each, names)
    elif isinstance(value, list):
        for each in value:
            _collect(each, names)


TARGETS: Final = (
    *(
        Target(
            vendor,
            partial(take_delivery, vendor),
            (*_WORDS, *_names(vendor)),
            partial(examples, vendor),
            JsonPlace.AFTER_FIRST_LINE,
        )
        for vendor in registry.BUILT_IN
    ),
    Target(
        "stream",
        take_stream_message,
        (*_WORDS, *_names("tele2")),
        _stream_examples,
        JsonPlace.ALL,
    ),
)
