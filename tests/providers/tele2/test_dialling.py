"""Having an employee's phone call somebody: once, and only what can be called."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.providers.protocol import OriginateReceipt, OriginateRequest
from screenpop.simulator import Faults
from tests.net.loopback import LoopbackServer
from tests.providers.tele2.conftest import AMELIA, ANA, paths

if TYPE_CHECKING:
    from screenpop.simulator.tele2.cloud import Tele2Cloud
    from tests.net.loopback import Connection, Request
    from tests.providers.tele2.conftest import Open


def request(number: str = ANA, extension: str = AMELIA) -> OriginateRequest:
    return OriginateRequest(number=number, extension=extension)


def dials(cloud: Tele2Cloud) -> int:
    return paths(cloud).count("POST /dial")


async def test_the_employees_phone_is_asked_to_call(
    account: Any, cloud: Tele2Cloud
) -> None:
    await account.prepare_dial(request())
    assert dials(cloud) == 0
    assert await account.originate(request()) == OriginateReceipt()
    (sent,) = (each for each in cloud.requests if each.path.endswith("/dial"))
    assert b'"destination":"+447700900123"' in sent.body.replace(b" ", b"")
    assert b'"contactID":1741000000000101' in sent.body.replace(b" ", b"")
    (call,) = cloud.placed_calls
    assert call.call_id


@pytest.mark.parametrize(
    ("style", "written"),
    [
        ("plus", "+447700900123"),
        ("digits", "447700900123"),
        ("national", "07700900123"),
        ("bare", "7700900123"),
        ("nonsense", "+447700900123"),
    ],
)
async def test_numbers_are_written_as_the_account_says(
    open_account: Open, cloud: Tele2Cloud, style: str, written: str
) -> None:
    account = await open_account(number_format=style)
    await account.originate(request("07700 900123"))
    assert f'"{written}"'.encode() in cloud.requests[-1].body


async def test_a_number_abroad_is_dialled_as_abroad(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account(number_format="national")
    await account.originate(request("+12025550143"))
    assert b'"0012025550143"' in cloud.requests[-1].body


@pytest.mark.parametrize(
    ("region", "text", "style", "written"),
    [
        # Made up: Lithuania and Latvia keep no numbers free for fiction.
        ("LT", "+37060000000", "plus", "+37060000000"),
        ("LT", "37060000000", "plus", "+37060000000"),
        ("LT", "860000000", "plus", "+37060000000"),
        ("LT", "060000000", "plus", "+37060000000"),
        ("LT", "60000000", "plus", "+37060000000"),
        ("LT", "860000000", "national", "060000000"),
        ("LT", "860000000", "bare", "60000000"),
        ("LV", "20000000", "plus", "+37120000000"),
        ("LV", "+37120000000", "national", "20000000"),
    ],
)
async def test_national_forms_of_both_countries_are_dialled(
    open_account: Open, region: str, text: str, style: str, written: str
) -> None:
    bodies: list[Any] = []

    async def handler(asked: Request, connection: Connection) -> None:
        bodies.append(asked.json())
        await connection.reply(200, b'{"statusCode": 200, "data": {}}')

    async with LoopbackServer(handler) as server:
        account = await open_account(
            base_url=server.url, region=region, number_format=style
        )
        await account.originate(request(text))
        await account.aclose()
    assert bodies == [{"destination": written, "contactID": int(AMELIA)}]


@pytest.mark.parametrize(
    "extension", ["+442079460111", "020 7946 0111", "00442079460111"]
)
async def test_the_employee_may_be_given_by_number(
    open_account: Open, cloud: Tele2Cloud, extension: str
) -> None:
    account = await open_account(extension=extension)
    await account.prepare_dial(request(extension=extension))
    asked = len(cloud.requests)
    await account.originate(request(extension=extension))
    assert paths(cloud)[asked:] == ["POST /dial"], "looked up before, once"
    assert f'"contactID":{AMELIA}'.encode() in cloud.requests[-1].body.replace(
        b" ", b""
    )


async def test_an_id_needs_no_looking_up(account: Any, cloud: Tele2Cloud) -> None:
    cloud.forbidden_paths = frozenset({"/api/v2/trigger"})
    await account.prepare_dial(request())
    await account.originate(request())
    assert len(cloud.placed_calls) == 1


@pytest.mark.parametrize("extension", ["+442079460999", "me", ""])
async def test_nobody_known_is_refused_before_anything_is_dialled(
    account: Any, cloud: Tele2Cloud, extension: str
) -> None:
    for act in (account.prepare_dial, account.originate):
        with pytest.raises(RequestRejected) as caught:
            await act(request(extension=extension))
        assert caught.value.advice
    assert dials(cloud) == 0


@pytest.mark.parametrize(
    "number", ["101", "", "*21#", "anonymous", "sip:a@example.com"]
)
async def test_what_is_no_full_number_is_not_sent(
    account: Any, cloud: Tele2Cloud, number: str
) -> None:
    for act in (account.prepare_dial, account.originate):
        with pytest.raises(RequestRejected):
            await act(request(number))
    assert cloud.requests == ()


async def test_an_employee_who_is_gone_is_told(account: Any) -> None:
    with pytest.raises(NotFound):
        await account.originate(request(extension="1741000000000999"))


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(lost_answer=True), OutcomeUnknown),
        (Faults(half_answer=True), OutcomeUnknown),
        (Faults(html_instead_of_json=True), OutcomeUnknown),
        (Faults(server_error=502), OutcomeUnknown),
        (Faults(server_error=504), OutcomeUnknown),
        (Faults(server_error=500), ProviderUnavailable),
        (Faults(forbidden=True), PermissionDenied),
        (Faults(throttle=True), ProviderThrottled),
    ],
    ids=str,
)
async def test_a_dial_is_sent_once_whatever_comes_back(
    account: Any,
    cloud: Tele2Cloud,
    faults: Faults,
    kind: type[ProviderError],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    cloud.set_faults(faults)
    with pytest.raises(ProviderError) as caught:
        await account.originate(request())
    assert type(caught.value) is kind
    assert dials(cloud) == 1
    own = [each for each in caplog.records if each.name.startswith("screenpop")]
    for text in (str(caught.value), *(each.getMessage() for each in own)):
        assert "7700900123" not in text


async def test_an_empty_answer_is_a_good_one(account: Any, cloud: Tele2Cloud) -> None:
    cloud.set_faults(Faults(empty_answer=True))
    await account.originate(request())
    assert len(cloud.placed_calls) == 1


async def test_a_refusal_inside_a_good_answer_is_a_refusal(open_account: Open) -> None:
    async def handler(_asked: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"statusCode": 422, "message": "no device"}')

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(RequestRejected) as caught:
            await account.originate(request())
        assert "no device" in caught.value.advice
        await account.aclose()


async def test_a_dial_never_waits_for_what_was_asked_before(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account(extension="020 7946 0111")
    for _ in range(85):
        await account._client.page(*_anything())
    assert account._client._budget.used == 85
    await account.originate(request(extension="020 7946 0111"))
    assert dials(cloud) == 1


def _anything() -> tuple[Any, dict[str, str]]:
    from screenpop.providers.tele2.requests import GROUPS

    return GROUPS, {}
