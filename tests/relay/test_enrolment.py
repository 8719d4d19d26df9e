"""A code lets one computer in, once; and a computer stays in until it is removed."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

import pytest

from screenpop.domain.errors import (
    PayloadError,
    RelayMissing,
    RelayRefused,
    UsageError,
)
from screenpop.relay.broker import BrokerAddress
from screenpop.relay.broker.nats_broker import NatsBroker
from screenpop.relay.devices import Device, Line, new_device_id
from screenpop.relay.enrolment_code import EnrolmentCode
from screenpop.relay.enrolment_door import LARGEST_BODY, EnrolmentDoor
from screenpop.relay.grant import DeviceGrant, JoinRequest
from screenpop.relay.identity import jwt
from screenpop.relay.identity.nkey import KeyKind, KeyPair, is_public
from screenpop.relay.names import DESKS_STREAM, desk_consumer, is_token
from screenpop.relay.removal import devices_of, withdraw_codes
from tests.relay.team_server import (
    TeamServer,
    code_for,
    enrolment,
    fresh_key,
    join_request,
    joined,
    now,
)

second_use = pytest.mark.expects_log("used a second time")
TOMORROW = timedelta(days=1)


@pytest.fixture
async def code(relay: NatsBroker) -> EnrolmentCode:
    line = Line("acme", "101")
    return await code_for(relay, "Ana Example", line, expires_at=now() + TOMORROW)


async def test_a_code_becomes_a_computer_that_hears_its_own_extension(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    key = fresh_key()
    grant = await enrolment(team, relay).answer(join_request(code, key, "Ana's laptop"))
    assert (grant.agent, grant.team) == ("Ana Example", "Example Ltd")
    assert [each.extension for each in grant.accounts] == ["101"]
    claims = jwt.read(grant.statement)
    assert (claims.subject, claims.name) == (key.public, grant.device_id)
    assert claims.expires_at is not None
    (device,) = [
        each for each in await devices_of(relay) if each.device_id == grant.device_id
    ]
    assert device.host == "Ana's laptop"
    assert device.hears("acme", "101")
    assert not device.hears("acme", "102")


async def test_a_computer_whose_answer_got_lost_asks_again_and_is_the_same(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    key, door = fresh_key(), enrolment(team, relay)
    first = await door.answer(join_request(code, key))
    again = await door.answer(join_request(code, key))
    assert again.device_id == first.device_id


@second_use
async def test_a_stolen_code_is_worth_nothing_after_its_owner_has_joined(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    door = enrolment(team, relay)
    await door.answer(join_request(code, fresh_key()))
    with pytest.raises(RelayRefused):
        await door.answer(join_request(code, fresh_key()))


@second_use
async def test_of_many_who_race_for_a_code_one_gets_in(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    doors = [enrolment(team, relay), enrolment(team, relay)]
    outcomes = await asyncio.gather(
        *(door.answer(join_request(code, fresh_key())) for door in doors * 3),
        return_exceptions=True,
    )
    let_in = [each for each in outcomes if isinstance(each, DeviceGrant)]
    assert len(let_in) == 1
    assert sum(isinstance(each, RelayRefused) for each in outcomes) == 5
    ids = [each.device_id for each in await devices_of(relay)]
    assert ids.count(let_in[0].device_id) == 1


async def test_codes_that_are_old_withdrawn_or_made_up_let_nobody_in(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    door, line = enrolment(team, relay), Line("acme", "101")
    old = await code_for(relay, "Late", line, expires_at=now() - timedelta(seconds=1))
    await withdraw_codes(relay, "Ana Example")
    for bad in (old, code, EnrolmentCode.fresh("https://relay.example.com")):
        with pytest.raises(RelayRefused):
            await door.answer(join_request(bad, fresh_key()))


async def test_a_statement_is_renewed_for_its_own_key_only(
    team: TeamServer, relay: NatsBroker
) -> None:
    desk = await joined(team, relay, "Ana")
    door = enrolment(team, relay)

    def request(key: KeyPair) -> JoinRequest:
        return JoinRequest(
            proof_of=desk.device_id, public_key=key.public, host="", is_renewal=True
        )

    renewed = await door.answer(request(desk.key))
    assert renewed.device_id == desk.device_id
    assert renewed.expires_at >= desk.grant.expires_at
    with pytest.raises(RelayRefused):
        await door.answer(request(fresh_key()))


async def test_a_computer_that_leaves_is_forgotten_and_nobody_can_say_so_for_it(
    team: TeamServer, relay: NatsBroker
) -> None:
    desk, other = await joined(team, relay, "Ana"), await joined(team, relay, "Ben")
    door = EnrolmentDoor(enrolment(team, relay))

    async def says(key: KeyPair, *, is_farewell: bool = True) -> int:
        request = JoinRequest(
            proof_of=desk.device_id,
            public_key=key.public,
            host="",
            is_renewal=not is_farewell,
            is_farewell=is_farewell,
        )
        body = request.to_json(key)
        return (await door.answer("POST", body, is_farewell=True)).status

    # Neither with another key, nor by a request that was made to be renewed.
    assert await says(other.key) == 403
    assert await says(desk.key, is_farewell=False) == 403
    assert desk.device_id in [each.device_id for each in await devices_of(relay)]
    assert await says(desk.key) == 200
    # An answer that got lost is asked for again.
    assert await says(desk.key) == 200
    ids = [each.device_id for each in await devices_of(relay)]
    assert desk.device_id not in ids
    assert other.device_id in ids
    with pytest.raises(RelayMissing):
        await relay.consumer_state(DESKS_STREAM, desk_consumer(desk.device_id))


# --- over HTTP ----------------------------------------------------------------------


async def test_joining_over_http_and_every_wrong_request_looks_alike(
    team: TeamServer, relay: NatsBroker, code: EnrolmentCode
) -> None:
    door = EnrolmentDoor(enrolment(team, relay))
    key = fresh_key()
    good = join_request(code, key).to_json(key)
    unsigned = json.dumps({**json.loads(good), "public_key": fresh_key().public})
    unknown = join_request(EnrolmentCode.fresh("https://x.example.com"), key)
    for bad in (
        b"",
        b"[]",
        b"\xff",
        b"[" * 3000,
        unsigned.encode(),
        good[:-5],
        b" " * LARGEST_BODY + good,
        unknown.to_json(key),
        good.replace(b'"version": 1', b'"version": 2'),
    ):
        assert (await door.answer("POST", bad)).status == 403, bad[:40]
    assert b"screenpop team join" in (await door.answer("GET", b"")).body
    # A request to join is none to renew.
    assert (await door.answer("POST", good, is_renewal=True)).status == 403
    answer = await door.answer("POST", good)
    assert answer.status == 200
    assert DeviceGrant.from_json(answer.body).accounts[0].vendor == "voxloud"


@pytest.mark.expects_log("nobody can join")
async def test_a_broker_that_is_away_is_no_refusal(team: TeamServer) -> None:
    away = NatsBroker(BrokerAddress(urls=("nats://127.0.0.1:1",)))
    door = EnrolmentDoor(enrolment(team, away))
    key = fresh_key()
    request = join_request(EnrolmentCode.fresh("https://relay.example.com"), key)
    assert (await door.answer("POST", request.to_json(key))).status == 503


# --- what is typed and what is kept --------------------------------------------------


def test_a_code_survives_mail_programs_and_capitals() -> None:
    code = EnrolmentCode.fresh("https://pop.example.com")
    text = code.text().reveal()
    assert EnrolmentCode.read(f"  {text[:30]}\r\n{text[30:]}\n") == code
    head, _, token = text.partition("#")
    assert EnrolmentCode.read(f"{head}#{token.upper()}") == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://pop.example.com/enrol",
        "https://pop.example.com/enrol#short",
        "https://pop.example.com#aaaaaaaaaaaaaaaaaaaaaaaaaa",
        "aaaaaaaaaaaaaaaaaaaaaaaaaa",
    ],
)
def test_half_a_code_is_said_to_be_one(text: str) -> None:
    with pytest.raises(UsageError):
        EnrolmentCode.read(text)


def test_ids_of_devices_are_tokens_whatever_agents_are_called() -> None:
    for agent in ("Ana Example", "李", "*.>", "", "a" * 200, "--"):
        assert is_token(new_device_id(agent))


def test_a_record_of_another_version_is_not_read() -> None:
    with pytest.raises(PayloadError):
        Device.from_json(b'{"version": 2}')


def test_keys_are_known_by_their_kind_and_checksum() -> None:
    for kind in KeyKind:
        key = KeyPair.generate(kind)
        assert KeyPair.from_seed(key.seed(), kind).public == key.public
        assert [each for each in KeyKind if is_public(key.public, each)] == [kind]
        swapped = key.public[:-1] + ("A" if key.public[-1] != "A" else "B")
        assert not is_public(swapped, kind)


def test_a_statement_that_was_touched_is_refused() -> None:
    key = KeyPair.generate(KeyKind.ACCOUNT)
    token = jwt.signed({"type": "user"}, subject="U", name="x", signer=key, now=now())
    head, _, signature = token.rpartition(".")
    assert jwt.read(token).issuer == key.public
    for bad in (f"{head}.{signature[::-1]}", head, f"{token}.x", "", "a.b.c"):
        with pytest.raises(PayloadError):
            jwt.read(bad)
