"""What every vendor adapter must do; its tests inherit ``ProviderContract``.

A subclass names the vendor and what its recorded payloads mean:

    class TestExample(ProviderContract):
        key = "example"
        fixtures = Path(__file__).parent / "fixtures"
        recordings = {"ringing": (Says("LegAlerting", "call-1"),)}
"""

from __future__ import annotations

import json
import logging
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screenpop.domain.delivery import Delivery, DeliverySource, ParsedDelivery
from screenpop.domain.errors import (
    PayloadError,
    ProviderError,
    ScreenpopError,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from screenpop.providers import protocol, registry
from screenpop.providers.protocol import ProviderContext
from screenpop.providers.testing.exercises import (
    CALLBACK_URL,
    NUMBER,
    RECEIVED_AT,
    exercises,
)
from screenpop.providers.testing.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from screenpop.providers.manifest import ProviderManifest
    from screenpop.providers.protocol import TelephonyProvider
    from screenpop.providers.testing.loopback import Connection, Handler, Request

__all__ = [
    "CALLBACK_URL",
    "NUMBER",
    "RECEIVED_AT",
    "SECRET",
    "ProviderContract",
    "Says",
    "assert_hides_everything",
    "context",
    "delivery",
    "exercises",
    "failure_of",
    "json_values",
    "texts_in",
]

SECRET = "SEKRET-4711-canary"

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from([NUMBER, SECRET, "101", "anonymous", "1512552226000"]),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4)
    ),
    max_leaves=12,
)


@dataclass(frozen=True)
class Says:
    """One event that a recorded payload means."""

    event: str
    call_id: str


def delivery(body: bytes, **changes: Any) -> Delivery:
    """A delivery with this body."""
    fields: dict[str, Any] = {
        "account_id": "acme",
        "source": DeliverySource.WEBHOOK,
        "received_at": RECEIVED_AT,
        "body": body,
        "content_type": "application/json",
    }
    return Delivery(**(fields | changes))


def context(base_url: str, *, secret: str | None = SECRET) -> ProviderContext:
    """An account whose keychain gives ``secret``, or nothing."""

    async def read_secret(_name: str) -> Secret:
        if secret is None:
            raise SecretMissing("There is no key for this account")
        return Secret(secret)

    return ProviderContext(
        account_id="acme",
        base_url=base_url,
        region="IT",
        extension="101",
        read_secret=read_secret,
    )


async def failure_of(call: Callable[[], Awaitable[object]]) -> ScreenpopError | None:
    """What the call raises, if anything; only what a provider may raise."""
    try:
        await call()
    except (ProviderError, PayloadError) as error:
        return error
    return None


async def refusal_of(call: Callable[[], Awaitable[object]]) -> None:
    """Call it, with a keychain that gives no key; only what needs none may succeed."""
    try:
        await call()
    except ScreenpopError:
        pass


def texts_in(value: Any) -> Iterator[str]:
    """Every text inside an event."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from texts_in([*value, *value.values()])
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts_in(item)


def assert_hides_everything(text: str) -> None:
    """No secret and no full number in a text that people may read or send."""
    assert "SEKRET" not in text
    assert NUMBER.removeprefix("+1") not in text
    assert not re.search(r"\d{9,}", text)


class ProviderContract:
    """Inherit this, fill in the class variables."""

    key: ClassVar[str]
    fixtures: ClassVar[Path]
    recordings: ClassVar[Mapping[str, tuple[Says, ...]]]

    def manifest(self) -> ProviderManifest:
        return registry.manifest(self.key)

    def provider(self, base_url: str = "http://127.0.0.1:9") -> Any:
        return self.manifest().create(context(base_url))

    # --- facts ------------------------------------------------------------------------

    def test_the_manifest_is_complete(self) -> None:
        manifest = self.manifest()
        assert manifest.key == self.key
        assert manifest.name
        assert manifest.default_base_url.startswith("https://")
        assert not manifest.default_base_url.endswith("/")
        assert manifest.hook_methods
        assert manifest.secret_names()
        keys = [field.key for field in manifest.fields]
        assert len(keys) == len(set(keys))
        for field in manifest.fields:
            assert field.label
            assert (field.kind == "choice") == bool(field.choices)
            if field.choices:
                assert field.default in field.choices
            if field.kind == "secret":
                assert not field.default

    def test_it_is_a_provider_that_takes_webhooks(self) -> None:
        provider = self.provider()
        assert isinstance(provider, protocol.TelephonyProvider)
        assert isinstance(provider, protocol.SupportsWebhook)

    # --- deliveries -------------------------------------------------------------------

    def test_recorded_payloads_mean_what_the_document_says(self) -> None:
        provider = self.provider()
        for name, expected in self.recordings.items():
            body = (self.fixtures / f"{name}.json").read_bytes()
            parsed: ParsedDelivery = provider.parse(delivery(body))
            said = tuple(
                Says(type(event).__name__, event.call_id) for event in parsed.events
            )
            assert said == expected, name
            for event in parsed.events:
                assert event.account_id == "acme"
                assert event.received_at == RECEIVED_AT
                assert event.occurred_at.tzinfo is not None

    @settings(suppress_health_check=[HealthCheck.differing_executors])
    @given(body=st.binary() | json_values.map(lambda value: json.dumps(value).encode()))
    def test_any_delivery_is_answered_and_read_without_a_crash(
        self, body: bytes
    ) -> None:
        self.assert_takes(body)

    @settings(suppress_health_check=[HealthCheck.differing_executors])
    @given(data=st.data())
    def test_a_recorded_payload_with_anything_anywhere_is_read(
        self, data: st.DataObject
    ) -> None:
        name = data.draw(st.sampled_from(sorted(self.recordings)))
        payload = json.loads((self.fixtures / f"{name}.json").read_bytes())
        spots = list(_spots(payload))
        for spot, key in data.draw(st.lists(st.sampled_from(spots), max_size=4)):
            spot[key] = data.draw(json_values)
        self.assert_takes(json.dumps(payload).encode())

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[" * 100_000,
            b'{"a":' * 100_000,
            b'{"timestamp": ' + b"9" * 5_000 + b"}",
            b'{"timestamp": NaN, "timestamp": 1e999}',
            b'{"callId": "\\ud800\\u0000", "type": "INCOMING"}',
            b'\xef\xbb\xbf{"type": "INCOMING"}',
            '{"originatorName": "Zoë"}'.encode("latin-1"),
            '{"type": "INCOMING"}'.encode("utf-16"),
            b"3",
            b"null",
            b'"text"',
            b"true",
            b"[[]]",
            b"[{}]",
            b"a=1&b=2",
            b"<html>",
            b"\x00" * 64,
        ],
    )
    def test_hostile_deliveries_are_read_without_a_crash(self, body: bytes) -> None:
        self.assert_takes(body)

    def assert_takes(self, body: bytes) -> None:
        """The delivery is answered, read twice alike, and gives nothing away."""
        provider = self.provider()
        arrived = delivery(body)
        answer = provider.answer(arrived)
        assert 200 <= answer.status < 300
        parsed = provider.parse(arrived)
        assert provider.parse(arrived) == parsed
        assert parsed.events or parsed.problem
        assert_hides_everything(parsed.problem or "")
        for event in parsed.events:
            assert event.call_id
            assert event.occurred_at.tzinfo is not None
            for text in texts_in(asdict(event)):
                text.encode()  # SQLite refuses half a surrogate pair
                assert "\0" not in text

    # --- requests ---------------------------------------------------------------------

    @pytest.mark.parametrize("status", [200, 302, 400, 401, 403, 404, 422, 429, 500])
    async def test_a_refusal_is_an_error_of_ours_that_gives_nothing_away(
        self, status: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        async with LoopbackServer(_echo(status)) as server:
            provider: TelephonyProvider = self.provider(server.url)
            for name, call in exercises(provider).items():
                error = await failure_of(call)
                if error is not None:
                    assert error.title, name
                    assert_hides_everything(f"{error} {error!r}")
                    assert error.__cause__ is None, name
            await provider.aclose()
        for record in caplog.records:
            if record.name.startswith(("screenpop", "httpx", "httpcore")):
                assert_hides_everything(record.getMessage())

    async def test_without_a_key_nothing_is_sent(self) -> None:
        async with LoopbackServer(_echo(200)) as server:
            provider = self.manifest().create(context(server.url, secret=None))
            with pytest.raises(SecretError):
                await provider.check()
            for name, call in exercises(provider).items():
                await refusal_of(call)
                assert server.requests == [], name
            await provider.aclose()

    @pytest.mark.parametrize("secret", ["", " \n", "k\r\nHost: evil.example", "ключ"])
    async def test_a_key_that_cannot_be_sent_is_refused(self, secret: str) -> None:
        async with LoopbackServer(_echo(200)) as server:
            provider = self.manifest().create(context(server.url, secret=secret))
            with pytest.raises(ScreenpopError) as caught:
                await provider.check()
            await provider.aclose()
            assert server.requests == []
        assert not secret.strip() or secret not in str(caught.value)


def _spots(payload: Any) -> Iterator[tuple[Any, str]]:
    """Every place of a payload that can be overwritten."""
    if isinstance(payload, dict):
        for key, value in payload.items():
            yield payload, key
            yield from _spots(value)


def _echo(status: int) -> Handler:
    """A server that repeats in its answer all that was sent to it."""

    async def handler(request: Request, connection: Connection) -> None:
        text = f"{request.target} {request.headers} {request.body!r} {NUMBER}"
        body = json.dumps({"message": text, "error": text}).encode()
        await connection.reply(status, body)

    return handler
