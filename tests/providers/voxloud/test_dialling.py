"""Click-to-call against the stand-in: one resource, one ring."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    OutcomeUnknown,
    PermissionDenied,
    ProviderUnavailable,
    QuotaExceeded,
    RequestRejected,
)
from screenpop.providers.protocol import DialFirst, OriginateReceipt, OriginateRequest

if TYPE_CHECKING:
    from screenpop.providers.voxloud.provider import VoxloudProvider
    from tests.net.loopback import Connection, Handler, Request
    from tests.providers.voxloud.conftest import Open
    from tests.providers.voxloud.stand_in import StandIn

CONTACT = "+447700900123"
OWN = "+390112121212"
DIAL = OriginateRequest(number=CONTACT, extension="101")
LIST = "GET /api/v1/click-to-call"
CREATE = "POST /api/v1/click-to-call"


def _resource(**changes: Any) -> dict[str, Any]:
    return {
        "id": "kept",
        "name": "ctc_support",
        "extension": "101",
        "outboundNumber": OWN,
        "dial_first": "extension",
    } | changes


def _connect(cloud: StandIn) -> str:
    return f"POST /api/v1/click-to-call/{next(iter(cloud.resources))}/connect"


def _status(status: int, body: bytes = b"") -> Handler:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(status, body)

    return handler


async def test_a_call_shows_the_users_own_number_and_the_resource_is_reused(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    assert await account.originate(DIAL) == OriginateReceipt(caller_id=OWN)
    assert await account.originate(DIAL) == OriginateReceipt(caller_id=OWN)
    (made,) = cloud.resources.values()
    assert (made["extension"], made["outboundNumber"]) == ("101", OWN)
    assert made["dial_first"] == "extension"
    assert cloud.connected == [(made["id"], CONTACT)] * 2
    assert cloud.log.count(CREATE) == 1
    assert cloud.log.count(LIST) == 1


async def test_a_resource_is_found_again_after_a_restart(
    account: VoxloudProvider, open_account: Open, cloud: StandIn
) -> None:
    await account.originate(DIAL)
    await (await open_account()).originate(DIAL)
    assert len(cloud.resources) == 1


@pytest.mark.parametrize(
    "changes",
    [{}, {"outboundNumber": "390112121212"}, {"dial_first": None}, {"extension": 101}],
)
async def test_a_resource_is_known_by_what_it_does_however_it_is_written(
    account: VoxloudProvider, cloud: StandIn, changes: dict[str, Any]
) -> None:
    cloud.resources = {"kept": _resource(**changes)}
    await account.originate(DIAL)
    assert cloud.connected == [("kept", CONTACT)]


@pytest.mark.parametrize(
    "changes",
    [
        {"outboundNumber": "+3943212332432"},
        {"dial_first": "contact"},
        {"extension": "102"},
    ],
)
async def test_a_resource_that_does_something_else_is_left_alone(
    account: VoxloudProvider, cloud: StandIn, changes: dict[str, Any]
) -> None:
    cloud.resources = {"kept": _resource(**changes)}
    await account.originate(DIAL)
    assert cloud.connected != [("kept", CONTACT)]
    assert "kept" in cloud.resources


async def test_the_number_to_show_can_be_chosen(
    account: VoxloudProvider, open_account: Open, cloud: StandIn
) -> None:
    chosen = OriginateRequest(
        number=CONTACT,
        extension="101",
        caller_id="+3902421321222",
        dial_first=DialFirst.CONTACT,
    )
    assert (await account.originate(chosen)).caller_id == "+3902421321222"
    (made,) = cloud.resources.values()
    assert made["dial_first"] == "contact"
    options = {"outbound_number": "+39 4321 2332432"}
    other = await open_account(options=options)
    assert (await other.originate(DIAL)).caller_id == "+3943212332432"
    assert "GET /api/v2/users" not in cloud.log


async def test_preparing_makes_everything_but_the_ring(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    assert len(cloud.resources) == 1
    assert cloud.connected == []
    before = len(cloud.log)
    await account.originate(DIAL)
    assert cloud.log[before:] == [_connect(cloud)]


async def test_preparing_twice_at_once_makes_one_resource(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await asyncio.gather(*(account.prepare_dial(DIAL) for _ in range(4)))
    assert len(cloud.resources) == 1


async def test_an_extension_nobody_has_needs_a_number_to_show(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.users[1]["outbound_cli"] = None
    for extension in ("102", "999"):
        request = OriginateRequest(number=CONTACT, extension=extension)
        with pytest.raises(RequestRejected, match="No number to show") as caught:
            await account.originate(request)
        assert caught.value.advice
    assert cloud.connected == []


@pytest.mark.parametrize("number", ["101", "", "nonsense", "sip:a@example.com"])
async def test_what_is_no_full_number_is_not_dialled(
    account: VoxloudProvider, cloud: StandIn, number: str
) -> None:
    with pytest.raises(RequestRejected) as caught:
        await account.originate(OriginateRequest(number=number, extension="101"))
    assert caught.value.advice
    assert cloud.log == []


# --- unclear and refused --------------------------------------------------------------


async def _hang_up(_request: Request, connection: Connection) -> None:
    await connection.hang_up()


async def _half(_request: Request, connection: Connection) -> None:
    await connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{")
    await connection.hang_up()


@pytest.mark.parametrize(
    "handler",
    [
        _hang_up,
        _half,
        _status(502),
        _status(504),
        _status(200, b"<html>Sign in"),
        _status(200, b"{"),
    ],
)
async def test_an_unclear_ring_is_said_to_be_unclear_and_not_repeated(
    account: VoxloudProvider, cloud: StandIn, handler: Handler
) -> None:
    await account.prepare_dial(DIAL)
    target = _connect(cloud)
    cloud.fail_next(target, handler)
    with pytest.raises(OutcomeUnknown):
        await account.originate(DIAL)
    assert cloud.log.count(target) == 1


async def test_an_empty_acceptance_is_an_acceptance(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.fail_next(_connect(cloud), _status(204))
    assert (await account.originate(DIAL)).caller_id == OWN


async def test_a_clear_failure_is_not_unclear(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.fail_next(_connect(cloud), _status(503))
    with pytest.raises(ProviderUnavailable) as caught:
        await account.originate(DIAL)
    assert not isinstance(caught.value, OutcomeUnknown)


async def test_a_resource_deleted_by_somebody_is_made_anew(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.resources.clear()
    await account.originate(DIAL)
    ((resource_id, number),) = cloud.connected
    assert (resource_id, number) == (next(iter(cloud.resources)), CONTACT)


async def test_a_resource_that_is_there_but_cannot_ring_is_not_offered(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.fail_next(_connect(cloud), _status(404))
    with pytest.raises(NotOffered):
        await account.originate(DIAL)
    assert cloud.connected == []


async def test_ringing_without_permission_is_not_offered(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.fail_next(_connect(cloud), _status(403))
    with pytest.raises(NotOffered):
        await account.originate(DIAL)


async def test_after_a_rejected_ring_everything_is_looked_up_afresh(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.originate(DIAL)
    cloud.fail_next(_connect(cloud), _status(422))
    with pytest.raises(RequestRejected):
        await account.originate(DIAL)
    cloud.users[0]["outbound_cli"]["outbound_did"]["number"] = "+3902421321222"
    assert (await account.originate(DIAL)).caller_id == "+3902421321222"


async def test_an_account_without_click_to_call_is_told_so(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.offers_click_to_call = False
    with pytest.raises(NotOffered) as caught:
        await account.originate(DIAL)
    assert "not part of your plan" in caught.value.advice
    with pytest.raises(NotOffered):
        await account.list_dial_resources()


async def test_an_unknown_path_for_click_to_call_is_not_offered(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.fail_next(LIST, _status(404))
    with pytest.raises(NotOffered):
        await account.originate(DIAL)
    cloud.fail_next(CREATE, _status(404))
    with pytest.raises(NotOffered):
        await account.create_dial_resource("n", "101", OWN, DialFirst.EXTENSION)


@pytest.mark.parametrize("refusal", [(403, "quota"), (409, "Limit reached"), (403, "")])
async def test_a_used_up_quota_is_named(
    account: VoxloudProvider, cloud: StandIn, refusal: tuple[int, str]
) -> None:
    cloud.quota_refusal = refusal
    for name in ("102", "103"):
        cloud.resources[name] = _resource(id=name, extension=name)
    with pytest.raises(QuotaExceeded) as caught:
        await account.originate(DIAL)
    assert caught.value.advice


async def test_a_refusal_with_room_left_is_not_the_quota(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.fail_next("GET /api/v2/users", _users)
    cloud.fail_next(LIST, _status(200, b"[]"))
    cloud.fail_next(CREATE, _status(403))
    with pytest.raises(NotOffered):
        await account.originate(DIAL)


async def _users(_request: Request, connection: Connection) -> None:
    body = (
        b'[{"extension_number": 101, "outbound_cli": '
        b'{"outbound_did": {"number": "+390112121212"}}}]'
    )
    await connection.reply(200, body)


async def test_a_wrong_key_stays_a_wrong_key(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    cloud.key = "changed"
    with pytest.raises(AuthenticationFailed):
        await account.originate(DIAL)


# --- resources by hand ----------------------------------------------------------------


async def test_resources_can_be_kept_by_hand(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    made = await account.create_dial_resource("desk", "102", OWN, DialFirst.CONTACT)
    assert made.name == "ctc-desk"
    assert made.dial_first is DialFirst.CONTACT
    assert await account.list_dial_resources() == (made,)
    assert await account.get_dial_resource(made.resource_id) == made
    await account.connect_dial_resource(made.resource_id, "+44 7700 900123")
    assert cloud.connected == [(made.resource_id, CONTACT)]
    await account.delete_dial_resource(made.resource_id)
    await account.delete_dial_resource(made.resource_id)
    with pytest.raises(NotFound):
        await account.get_dial_resource(made.resource_id)
    with pytest.raises(NotFound):
        await account.connect_dial_resource(made.resource_id, CONTACT)


async def test_a_resource_deleted_by_hand_is_not_rung_through_again(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.prepare_dial(DIAL)
    await account.delete_dial_resource(next(iter(cloud.resources)))
    await account.originate(DIAL)
    assert [number for _resource, number in cloud.connected] == [CONTACT]


async def test_ringing_by_hand_without_permission_says_so(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.resources = {"kept": _resource()}
    cloud.fail_next(_connect(cloud), _status(403))
    with pytest.raises(PermissionDenied):
        await account.connect_dial_resource("kept", CONTACT)
