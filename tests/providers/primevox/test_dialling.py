"""Click-to-call: the one GET that rings is sent once and never shown."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    OutcomeUnknown,
    ProviderError,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.providers.primevox.provider import PrimevoxProvider
from screenpop.providers.protocol import OriginateRequest
from screenpop.simulator import Faults
from tests.net.loopback import LoopbackServer
from tests.providers.contract import assert_hides_everything, context

if TYPE_CHECKING:
    from screenpop.simulator.primevox.cloud import PrimevoxCloud
    from tests.net.loopback import Connection, Request

ANA = "+12025550123"


def _request(number: str = ANA, extension: str = "101") -> OriginateRequest:
    return OriginateRequest(number=number, extension=extension)


@pytest.mark.parametrize(
    ("number", "sent"),
    [(ANA, "12025550123"), ("+442079460123", "011442079460123")],
)
async def test_the_agents_phone_rings_for_the_number(
    account: PrimevoxProvider, cloud: PrimevoxCloud, number: str, sent: str
) -> None:
    await account.prepare_dial(_request(number))
    assert cloud.requests[:1] == ()
    receipt = await account.originate(_request(number))
    assert receipt.call_id == ""
    (request,) = cloud.requests[:2]
    assert (request.method, request.path) == ("GET", "/api/c2c_v2.php")
    assert f"phoneNumber={sent}" in request.query
    assert "extension=101" in request.query
    (call,) = cloud.placed_calls
    assert call.call_id


@pytest.mark.parametrize("number", ["102", "", "+1202", "anonymous"])
async def test_what_is_no_full_number_is_not_sent(
    account: PrimevoxProvider, cloud: PrimevoxCloud, number: str
) -> None:
    for attempt in (account.prepare_dial, account.originate):
        with pytest.raises(RequestRejected, match="cannot be called"):
            await attempt(_request(number))
    assert cloud.requests == ()


@pytest.mark.parametrize("extension", ["", "Amelia", "10 1"])
async def test_without_an_extension_nothing_is_sent(
    account: PrimevoxProvider, cloud: PrimevoxCloud, extension: str
) -> None:
    with pytest.raises(RequestRejected, match="extension"):
        await account.originate(_request(extension=extension))
    assert cloud.requests == ()


async def test_a_refusal_in_a_good_answer_is_a_refusal(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    with pytest.raises(RequestRejected) as caught:
        await account.originate(_request(extension="999"))
    assert "extension is invalid" in caught.value.advice
    assert cloud.placed_calls == ()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(lost_answer=True),
        Faults(half_answer=True),
        Faults(html_instead_of_json=True),
        Faults(server_error=502),
        Faults(server_error=504),
    ],
)
async def test_an_unclear_answer_is_unclear_and_not_repeated(
    account: PrimevoxProvider, cloud: PrimevoxCloud, faults: Faults
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(OutcomeUnknown):
        await account.originate(_request())
    assert len(cloud.requests) == 1


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(unauthorized=True), AuthenticationFailed),
        (Faults(server_error=503), ProviderUnavailable),
        (Faults(throttle=True), ProviderError),
    ],
)
async def test_a_clear_refusal_is_no_unclear_outcome(
    account: PrimevoxProvider,
    cloud: PrimevoxCloud,
    faults: Faults,
    kind: type[ProviderError],
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(kind) as caught:
        await account.originate(_request())
    assert not isinstance(caught.value, OutcomeUnknown)
    assert len(cloud.requests) == 1
    assert cloud.placed_calls == ()


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", None),
        (b"OK", None),
        (b"1", None),
        (b'{"success": "Call initiated."}', None),
        (b'{"callUuid": "a"}', None),
        (
            b'{"error": "Error connecting to the database. Try again later."}',
            OutcomeUnknown,
        ),
        (b'{"error": "Your API Auth Key is invalid."}', AuthenticationFailed),
        (b"Error: your extension is invalid", RequestRejected),
        (b"<html>Sign in</html>", OutcomeUnknown),
    ],
)
async def test_whatever_does_not_complain_is_accepted(
    body: bytes, kind: type[Exception] | None, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def handler(request: Request, connection: Connection) -> None:
        assert request.query["phoneNumber"] == "12025550123"
        await connection.reply(200, body, "text/html")

    async with LoopbackServer(handler) as server:
        account = PrimevoxProvider(context(server.url))
        if kind is None:
            await account.originate(_request())
        else:
            with pytest.raises(kind):
                await account.originate(_request())
        await account.aclose()
        assert len(server.requests) == 1
    for record in caplog.records:
        if record.name.startswith(("screenpop", "httpx", "httpcore")):
            assert_hides_everything(record.getMessage())


async def test_an_error_never_repeats_the_request() -> None:
    async def handler(request: Request, connection: Connection) -> None:
        text = {"error": f"invalid {request.target}"}
        await connection.reply(200, json.dumps(text).encode())

    async with LoopbackServer(handler) as server:
        account = PrimevoxProvider(
            replace(context(server.url), options={"container_id": "771122"})
        )
        with pytest.raises(ProviderError) as caught:
            await account.originate(_request())
        await account.aclose()
    assert_hides_everything(str(caught.value))
    assert "771122" not in str(caught.value)
