"""The event stream: a key for once, the first message, and what comes after it."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import (
    AuthenticationFailed,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
)
from screenpop.providers.tele2.payloads import EVENT_TYPES
from screenpop.simulator import Faults
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import Tele2Options
from tests.providers.tele2.conftest import ANA, paths
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from tests.providers.tele2.conftest import Keychain, Open


@pytest.fixture
async def account(open_account: Open) -> Any:
    return await open_account("stream")


async def _next(stream: Any) -> Delivery:
    async with asyncio.timeout(5):
        delivery: Delivery = await anext(stream)
        return delivery


async def _signed_in(cloud: Tele2Cloud, count: int = 1) -> None:
    await eventually(lambda: len(cloud.streams) == count, f"{count} streams")


def name_of(delivery: Delivery) -> str:
    return str(json.loads(delivery.body)["eventType"])


async def test_events_come_as_deliveries_while_they_happen(
    account: Any, cloud: Tele2Cloud
) -> None:
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        call = cloud.incoming_call(ANA)
        call.ring()
        ring = await _next(stream)
        assert (ring.source, ring.account_id) == (DeliverySource.STREAM, "acme")
        (event,) = account.parse(ring).events
        assert event.call_id == call.call_id
        call.answer()
        assert name_of(await _next(stream)) == "CallConnected"
    await _signed_in(cloud, 0)


async def test_the_key_is_asked_for_as_in_the_vendors_example(
    account: Any, cloud: Tele2Cloud
) -> None:
    async with account.open_stream():
        await _signed_in(cloud)
    first, second = cloud.requests
    assert (first.method, first.path) == ("POST", "/api/session_keys/create")
    assert json.loads(first.body) == {
        "token": cloud.credentials["api_key"],
        "scope": "company",
        "subscribe": list(EVENT_TYPES),
    }
    assert (second.path, second.query) == ("/api/ws", "")


async def test_scope_and_events_can_be_set(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account(
        "stream", stream_events="CallStarted, CallCompleted CallStarted"
    )
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        call = cloud.incoming_call(ANA)
        call.ring()
        call.answer()
        call.hang_up()
        assert name_of(await _next(stream)) == "CallStarted"
        assert name_of(await _next(stream)) == "CallCompleted"
    other = await open_account("stream", stream_scope="employee")
    with pytest.raises(ProviderError):
        async with other.open_stream():
            pass
    assert b'"employee"' in cloud.requests[-1].body


async def test_each_connection_has_a_key_of_its_own(
    account: Any, cloud: Tele2Cloud
) -> None:
    for _ in range(2):
        async with account.open_stream():
            await _signed_in(cloud)
        await _signed_in(cloud, 0)
    assert paths(cloud).count("POST /api/session_keys/create") == 2


async def test_the_stream_ends_when_the_vendor_closes_it(
    account: Any, cloud: Tele2Cloud
) -> None:
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        cloud.break_streams()
        with pytest.raises(StopAsyncIteration):
            await _next(stream)


async def test_a_stream_that_breaks_is_out_of_order(
    account: Any, cloud: Tele2Cloud
) -> None:
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        cloud.stop()
        with pytest.raises((ProviderUnavailable, StopAsyncIteration)):
            await _next(stream)


async def test_a_key_that_the_stream_does_not_take_ends_it(
    account: Any, cloud: Tele2Cloud
) -> None:
    """A one-time key that was used already: the vendor hangs up."""
    key = await account._stream.new_key()
    with cloud.lock:
        cloud._registrations._keys.clear()
    assert key
    account._client.session_key = _same(key)
    async with account.open_stream() as stream:
        with pytest.raises(ProviderUnavailable):
            await _next(stream)


def _same(key: str) -> Any:
    async def session_key(_scope: str, _types: tuple[str, ...]) -> str:
        return key

    return session_key


@pytest.mark.parametrize("reply", [None, {"type": "AuthResponse"}, {"ok": True}])
async def test_what_the_stream_says_of_itself_is_no_delivery(
    open_account: Open, keychain: Keychain, reply: dict[str, object] | None
) -> None:
    with Tele2Cloud(options=Tele2Options(auth_reply=reply)) as cloud:
        keychain.secrets |= cloud.credentials
        account = await open_account("stream", base_url=cloud.base_url)
        async with account.open_stream() as stream:
            await _signed_in(cloud)
            cloud.say(b'{"type": "Ping", "at": 1}')
            cloud.say(b"[1, 2]")
            cloud.incoming_call(ANA).ring()
            assert name_of(await _next(stream)) == "CallStarted"
        await account.aclose()


async def test_the_names_of_such_messages_are_learnt(
    account: Any, cloud: Tele2Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        cloud.say(b'{"type": "Hello", "serverName": "SEKRET"}')
        cloud.incoming_call(ANA).ring()
        await _next(stream)
    assert "serverName" in caplog.text
    assert "SEKRET" not in caplog.text


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        ({"type": "AuthResponse", "statusCode": 401}, ProviderUnavailable),
        ({"type": "AuthResponse", "statusCode": 403}, PermissionDenied),
        ({"type": "AuthResponse", "status": "failed"}, ProviderUnavailable),
        ({"type": "Error"}, ProviderUnavailable),
        ({"error": "SEKRET"}, ProviderUnavailable),
    ],
)
async def test_a_refusal_in_words_is_an_error(
    open_account: Open,
    keychain: Keychain,
    message: dict[str, object],
    kind: type[Exception],
) -> None:
    with Tele2Cloud(options=Tele2Options(auth_reply=message)) as cloud:
        keychain.secrets |= cloud.credentials
        account = await open_account("stream", base_url=cloud.base_url)
        async with account.open_stream() as stream:
            with pytest.raises(kind) as caught:
                await _next(stream)
        assert "SEKRET" not in str(caught.value)
        await account.aclose()


async def test_what_cannot_be_read_is_handed_on_to_be_seen(
    account: Any, cloud: Tele2Cloud
) -> None:
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        cloud.say(b"nonsense")
        delivery = await _next(stream)
        assert account.parse(delivery).problem == "It is not JSON"


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(unauthorized=True), AuthenticationFailed),
        (Faults(forbidden=True), PermissionDenied),
        (Faults(throttle=True), ProviderThrottled),
        (Faults(server_error=500), ProviderUnavailable),
        (Faults(empty_answer=True), PayloadError),
        (Faults(server_error=503, only_path="/api/ws"), ProviderUnavailable),
        (Faults(forbidden=True, only_path="/api/ws"), PermissionDenied),
        (Faults(html_instead_of_json=True, only_path="/api/ws"), ProviderUnavailable),
        (Faults(lost_answer=True, only_path="/api/ws"), ProviderUnavailable),
    ],
    ids=str,
)
async def test_a_stream_that_does_not_open_is_an_error_of_its_kind(
    account: Any, cloud: Tele2Cloud, faults: Faults, kind: type[Exception]
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(kind) as caught:
        async with account.open_stream():
            pass
    assert cloud.credentials["api_key"] not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "key"),
    [
        ('"abc"', "abc"),
        ('{"wss_token": "abc"}', "abc"),
        ('{"token": "abc", "expires": 60}', "abc"),
        ("null", ""),
        ('""', ""),
        ("{}", ""),
    ],
)
async def test_the_key_is_found_wherever_the_answer_has_it(data: str, key: str) -> None:
    from screenpop.providers.tele2.payloads import read_session_key

    value = {"status": "success", "data": json.loads(data)}
    if key:
        assert read_session_key(value) == key
    else:
        with pytest.raises(PayloadError):
            read_session_key(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", 20.0),
        ("30", 30.0),
        ("0", None),
        ("0.0", None),
        ("1", 5.0),
        ("99999", 3600.0),
        ("often", 20.0),
        (".", 20.0),
    ],
)
async def test_how_often_to_ask_whether_it_lives_can_be_set(
    open_account: Open, text: str, seconds: float | None
) -> None:
    account = await open_account("stream", stream_ping_seconds=text)
    assert account._stream._ping_seconds == seconds


async def test_no_key_and_no_number_reaches_a_log(
    account: Any, cloud: Tele2Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with account.open_stream() as stream:
        await _signed_in(cloud)
        cloud.incoming_call(ANA).ring()
        await _next(stream)
    said = [one.getMessage() for one in caplog.records]
    for hidden in (cloud.credentials["api_key"], "session-", "7700900123"):
        assert not any(hidden in text for text in said)
