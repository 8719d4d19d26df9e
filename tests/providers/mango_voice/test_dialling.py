"""Click2Call: set-ups handed over by webhook, kept in the keychain, used once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import (
    NotOffered,
    OutcomeUnknown,
    PermissionDenied,
    ProviderThrottled,
    RequestRejected,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from screenpop.providers.mango_voice.answers import is_refused, param_pairs
from screenpop.providers.mango_voice.dialling import secret_name
from screenpop.providers.protocol import OriginateRequest
from screenpop.simulator import Faults
from tests.net.loopback import LoopbackServer
from tests.providers.contract import delivery

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.mango_voice.provider import MangoVoiceProvider
    from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
    from tests.net.loopback import Connection, Request
    from tests.providers.mango_voice.conftest import Keychain, Open

FORM = "application/x-www-form-urlencoded"
DIAL = OriginateRequest(number="+12025550143", extension="101")


def set_up(cloud: MangoVoiceCloud, **changes: str) -> dict[str, str]:
    pairs = [{"name": "userid", "value": cloud.pbx.user("101").click_token}]
    return {
        "ext": "101",
        "clicktocallurl": cloud.click_to_call_url,
        "clicktocallparam": json.dumps(pairs),
    } | changes


def control(fields: dict[str, Any], method: str = "POST", **more: Any) -> Delivery:
    body = urlencode(fields).encode()
    given = {"path": "/callcontrol", "content_type": FORM, "method": method}
    return delivery(body, **(given | more))


async def handed_over(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, **changes: str
) -> None:
    await account.take(control(set_up(cloud, **changes)))


def clicks(cloud: MangoVoiceCloud) -> list[bytes]:
    return [one.body for one in cloud.requests if "/iclicktocall/" in one.path]


async def test_a_set_up_is_kept_for_its_user_and_used_with_what_it_holds(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    await handed_over(account, cloud)
    assert cloud.click_to_call_url in keychain.kept["click_to_call_101"]
    await account.prepare_dial(DIAL)
    assert clicks(cloud) == []
    receipt = await account.originate(DIAL)
    assert receipt.call_id == ""
    token = cloud.pbx.user("101").click_token
    assert clicks(cloud) == [f"userid={token}&tonumber=%2B12025550143".encode()]
    assert len(cloud.placed_calls) == 1


@pytest.mark.parametrize(
    ("number_format", "sent"),
    [("e164", "+12025550143"), ("digits", "12025550143"), ("national", "2025550143")],
)
async def test_the_number_is_written_as_the_account_wants(
    open_account: Open, cloud: MangoVoiceCloud, number_format: str, sent: str
) -> None:
    object.__setattr__(cloud.options, "number_parameter", "number_to_dial")
    object.__setattr__(cloud.options, "click_to_call_takes_json", True)
    account = await open_account(
        number_format=number_format,
        number_parameter="number_to_dial",
        click_to_call_format="json",
    )
    await handed_over(account, cloud)
    await account.originate(DIAL)
    (body,) = clicks(cloud)
    assert json.loads(body)["number_to_dial"] == sent


async def test_a_user_is_found_by_extension_address_or_none(
    open_account: Open, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    account = await open_account(active_users="101=Amelia <Amelia@example.com>")
    for fields, name in (
        ({"ext": "101"}, "click_to_call_101"),
        ({"ext": "", "email": "amelia@example.com"}, "click_to_call_101"),
        ({"ext": "", "email": "b@example.com"}, "click_to_call_b@example.com"),
        ({"ext": ""}, "click_to_call"),
        ({"ext": "", "userid": "Zoë / 7"}, secret_name("Zoë / 7")),
    ):
        before = set(keychain.kept)
        await handed_over(account, cloud, **fields)
        assert set(keychain.kept) - before <= {name}
        assert name in keychain.kept
    del keychain.kept["click_to_call_101"]
    await account.prepare_dial(DIAL)  # by the one that names nobody


async def test_without_a_set_up_nothing_is_sent(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud
) -> None:
    for work in (account.prepare_dial, account.originate):
        with pytest.raises(SecretMissing, match="handed over"):
            await work(DIAL)
    assert cloud.requests == ()


async def test_one_that_was_switched_off_is_not_used_and_not_forgotten(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    await handed_over(account, cloud)
    await account.take(control({"ext": "101"}, "DELETE"))
    assert keychain.kept["click_to_call_101"] == "{}"
    with pytest.raises(NotOffered, match="switched Click2Call off"):
        await account.originate(DIAL)
    query = urlencode({"ext": "101"})
    await handed_over(account, cloud)
    await account.take(control({}, "DELETE", query=query))
    assert keychain.kept["click_to_call_101"] == "{}"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "no address",
        "http://[",
        "http://api.mangovoice.com/x",
        "https://evil.example/api/v2/iclicktocall/x",
        "https://mangovoice.com.evil.example/x",
        "https://evilmangovoice.com/x",
        "https://user@mangovoice.com/x",
        "https://mangovoice.com/x#y",
    ],
)
async def test_a_number_goes_to_no_other_address(
    account: MangoVoiceProvider, keychain: Keychain, url: str
) -> None:
    before = dict(keychain.kept)
    with contextlib.nullcontext() if url else pytest.raises(SecretMissing):
        await account.take(control({"ext": "101", "clicktocallurl": url}))
    assert keychain.kept == before
    keychain.kept["click_to_call_101"] = url or "none"
    with pytest.raises(NotOffered):
        await account.originate(DIAL)


@pytest.mark.parametrize("host", ["apiuser.mangovoice.com", "mangovoice.com"])
async def test_the_vendors_own_hosts_are_taken(
    account: MangoVoiceProvider, keychain: Keychain, host: str
) -> None:
    url = f"https://{host}/api/v2/iclicktocall/x"
    await account.take(control({"ext": "101", "clicktocallurl": url}))
    assert url in keychain.kept["click_to_call_101"]


async def test_what_is_polled_forged_or_another_request_hands_nothing_over(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    before = dict(keychain.kept)
    fields = set_up(cloud)
    await account.take(control(fields, source=DeliverySource.POLL))
    forged = (("x-mango-security-token", "guess"),)
    await account.take(control(fields, headers=forged))
    await account.take(control(fields, path="/mango/callringing"))
    assert keychain.kept == before


async def test_a_set_up_that_was_lost_on_its_way_is_told(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    """What the journal has of a request is all that a kill leaves of it."""
    whole = control(set_up(cloud))
    with pytest.raises(SecretMissing, match="was lost") as caught:
        await account.take(account.without_secrets(whole))
    assert "off and on" in caught.value.advice
    await account.take(whole)
    before = dict(keychain.kept)
    await account.take(account.without_secrets(whole))
    assert keychain.kept == before


async def test_a_slow_keychain_is_asked_once_and_the_last_word_stays(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    on, off = control(set_up(cloud)), control({"ext": "101"}, "DELETE")
    await asyncio.gather(*(account.take(each) for each in (on, on, off)))
    assert keychain.kept["click_to_call_101"] == "{}"
    assert keychain.written == ["click_to_call_101", "click_to_call_101"]


async def test_an_address_stored_by_hand_works_too(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    token = cloud.pbx.user("101").click_token
    kept = {"url": cloud.click_to_call_url, "param": f"userid={token}"}
    for secret in (json.dumps(kept), json.dumps(kept | {"param": {"userid": token}})):
        keychain.kept["click_to_call"] = secret
        await account.originate(DIAL)
    assert len(cloud.placed_calls) == 2
    for secret in ("{broken", '{"url": 7}'):
        keychain.kept["click_to_call"] = secret
        with pytest.raises(NotOffered):
            await account.originate(DIAL)
    keychain.kept["click_to_call"] = cloud.click_to_call_url
    with pytest.raises(RequestRejected):
        await account.originate(DIAL)  # the simulator misses its parameter


async def test_an_extension_cannot_be_called(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud
) -> None:
    await handed_over(account, cloud)
    with pytest.raises(RequestRejected, match="cannot be called"):
        await account.originate(OriginateRequest(number="102", extension="101"))
    assert clicks(cloud) == []


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(unauthorized=True), NotOffered),
        (Faults(forbidden=True), PermissionDenied),
        (Faults(quota=True), PermissionDenied),
        (Faults(throttle=True), ProviderThrottled),
        (Faults(server_error=504), OutcomeUnknown),
        (Faults(lost_answer=True), OutcomeUnknown),
        (Faults(half_answer=True), OutcomeUnknown),
        (Faults(html_instead_of_json=True), OutcomeUnknown),
    ],
    ids=str,
)
async def test_what_rings_is_sent_once_whatever_happens(
    account: MangoVoiceProvider,
    cloud: MangoVoiceCloud,
    faults: Faults,
    error: type[Exception],
) -> None:
    await handed_over(account, cloud)
    cloud.set_faults(faults)
    with pytest.raises(error) as caught:
        await account.originate(DIAL)
    assert len(clicks(cloud)) == 1
    assert cloud.pbx.combined_token not in str(caught.value)
    assert "2025550143" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "body", "is_taken"),
    [
        (200, b"", True),
        (204, b"", True),
        (200, b"OK", True),
        (200, b'"queued"', True),
        (202, b'{"status": "success", "call_uuid": "x"}', True),
        (200, b'{"status": "error", "message": "busy"}', False),
        (200, b'{"success": false}', False),
    ],
)
async def test_an_answer_is_a_yes_unless_it_says_no(
    open_account: Open, keychain: Keychain, status: int, body: bytes, is_taken: bool
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(status, body)

    async with LoopbackServer(handler) as server:
        account = await open_account(user_base_url=server.url)
        keychain.kept["click_to_call_101"] = f"{server.url}/api/v2/iclicktocall/x"
        if is_taken:
            await account.originate(DIAL)
        else:
            with pytest.raises(RequestRejected, match="did not start"):
                await account.originate(DIAL)
        assert len(server.requests) == 1


async def test_a_server_that_repeats_the_address_gives_nothing_away(
    open_account: Open, keychain: Keychain
) -> None:
    async def handler(request: Request, connection: Connection) -> None:
        said = {"detail": f"{request.target} {request.body!r}"}
        await connection.reply(400, json.dumps(said).encode())

    async with LoopbackServer(handler) as server:
        account = await open_account(user_base_url=server.url)
        kept = {"url": f"{server.url}/c2c/SEKRET-token-1", "param": "u=SEKRET-value-2"}
        keychain.kept["click_to_call_101"] = json.dumps(kept)
        with pytest.raises(RequestRejected) as caught:
            await account.originate(DIAL)
    assert "SEKRET" not in str(caught.value)
    assert "2025550143" not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "pairs"),
    [
        (None, ()),
        ("", ()),
        (7, ()),
        ("a=1&b=2", (("a", "1"), ("b", "2"))),
        ("bare", (("clicktocallparam", "bare"),)),
        ('{"a": 1}', (("a", "1"),)),
        ('[{"name": "a", "value": "1"}]', (("a", "1"),)),
        ('{"a": ', (("clicktocallparam", '{"a":'),)),
        ([{"name": "a", "value": "1"}, {"b": "2"}, 3], (("a", "1"), ("b", "2"))),
    ],
)
def test_parameters_are_read_however_they_are_written(
    value: JsonValue, pairs: tuple[tuple[str, str], ...]
) -> None:
    assert param_pairs(value) == pairs


async def test_parameters_may_be_a_json_object_of_their_own(
    account: MangoVoiceProvider, cloud: MangoVoiceCloud, keychain: Keychain
) -> None:
    token = cloud.pbx.user("101").click_token
    fields = set_up(cloud) | {"clicktocallparam": {"userid": token}}
    body = json.dumps({"data": fields}).encode()
    await account.take(delivery(body, path="/mango/callcontrol"))
    assert Secret(keychain.kept["click_to_call_101"])
    await account.originate(DIAL)


@pytest.mark.parametrize("value", [None, [], "error", {"status": 200}, {}])
def test_what_says_nothing_is_no_refusal(value: JsonValue) -> None:
    assert not is_refused(value)
