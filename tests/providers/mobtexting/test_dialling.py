"""Click-to-call and voice flows: what is sent, once, and what comes back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    RequestRejected,
    UsageError,
)
from screenpop.providers.abilities import FlowCall
from screenpop.providers.mobtexting.provider import OUTGOING
from screenpop.providers.protocol import OriginateRequest
from screenpop.simulator import Faults
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from screenpop.simulator.mobtexting.options import MobTextingOptions
from tests.net.loopback import LoopbackServer
from tests.providers.mobtexting.conftest import AGENT, ANA, LINE, OPTIONS
from tests.providers.mobtexting.test_account import answers

if TYPE_CHECKING:
    from screenpop.providers.mobtexting.provider import MobTextingProvider
    from tests.providers.mobtexting.conftest import Open

REQUEST = OriginateRequest(number=ANA, extension="")


def bodies(cloud: MobTextingCloud) -> list[dict[str, Any]]:
    """What was posted to start calls."""
    return [
        json.loads(request.body)
        for request in cloud.requests
        if request.path.endswith(("/voice/c2c", "/outgoing/send"))
    ]


async def test_the_agent_rings_first_and_no_redial_is_wanted(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    await account.prepare_dial(REQUEST)
    receipt = await account.originate(REQUEST)
    assert (receipt.call_id, receipt.caller_id) == ("", LINE)
    (body,) = bodies(cloud)
    assert len(body.pop("mid")) == 32
    assert body == {
        "bridge": "442079460100",
        "from": "442079460150",
        "to": "442079460123",
        "record": "0",
        "attempts": "0",
    }
    (call,) = cloud.placed_calls
    assert call.rings == 1  # type: ignore[attr-defined]


async def test_the_accounts_settings_are_sent(
    open_account: Open, cloud: MobTextingCloud
) -> None:
    options = {
        **OPTIONS,
        "record_calls": "yes",
        "longest_minutes": "30",
        "redials": "2",
    }
    account = await open_account(options=options)
    await account.originate(REQUEST)
    (body,) = bodies(cloud)
    assert (body["record"], body["duration"], body["attempts"]) == ("1", "30", "2")


async def test_a_webhook_of_the_portal_is_named(open_account: Open) -> None:
    async with LoopbackServer(answers({"status": 200})) as server:
        options = {**OPTIONS, "webhook_id": "124555-78787"}
        account = await open_account(server.url, options=options)
        await account.originate(REQUEST)
        assert server.requests[0].json()["webhook_id"] == "124555-78787"


@pytest.mark.parametrize(
    "odd", [{"longest_minutes": "0"}, {"longest_minutes": "x"}, {"redials": "9"}]
)
async def test_settings_that_mean_nothing_are_left_out(
    open_account: Open, cloud: MobTextingCloud, odd: dict[str, str]
) -> None:
    account = await open_account(options={**OPTIONS, **odd})
    await account.originate(REQUEST)
    (body,) = bodies(cloud)
    assert "duration" not in body
    assert body["attempts"] == "0"


async def test_an_extension_may_be_the_phone_number(
    open_account: Open, cloud: MobTextingCloud
) -> None:
    account = await open_account(options={})
    request = OriginateRequest(
        number=ANA, extension=AGENT.removeprefix("+"), caller_id=LINE
    )
    await account.originate(request)
    (body,) = bodies(cloud)
    assert body["from"] == "442079460150"


@pytest.mark.parametrize(
    ("options", "request_", "says"),
    [
        ({"agent_number": AGENT}, REQUEST, "which of your numbers"),
        ({"outbound_number": LINE}, REQUEST, "your phone number"),
        (OPTIONS, OriginateRequest(number="101", extension=""), "cannot be called"),
    ],
)
async def test_what_is_missing_is_said_before_anything_is_sent(
    open_account: Open,
    cloud: MobTextingCloud,
    options: dict[str, str],
    request_: OriginateRequest,
    says: str,
) -> None:
    account = await open_account(options=options)
    for call in (account.prepare_dial, account.originate):
        with pytest.raises(RequestRejected, match=says):
            await call(request_)
    assert bodies(cloud) == []


async def test_the_calls_id_is_taken_where_it_is_told(open_account: Open) -> None:
    with MobTextingCloud(options=MobTextingOptions(plain_call_has_id=True)) as cloud:
        account = await open_account(cloud.base_url, secrets=cloud.credentials)
        receipt = await account.originate(REQUEST)
        assert receipt.call_id == cloud.placed_calls[0].call_id


@pytest.mark.parametrize(
    "faults",
    [
        Faults(lost_answer=True),
        Faults(half_answer=True),
        Faults(empty_answer=True),
        Faults(html_instead_of_json=True),
        Faults(server_error=502),
        Faults(server_error=504),
    ],
    ids=str,
)
async def test_an_unclear_answer_is_told_and_nothing_is_repeated(
    account: MobTextingProvider, cloud: MobTextingCloud, faults: Faults
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(OutcomeUnknown):
        await account.originate(REQUEST)
    assert len(bodies(cloud)) == 1


@pytest.mark.parametrize("body", [b"[]", b"3", b'"x"'])
async def test_an_answer_of_another_shape_is_unclear(
    open_account: Open, body: bytes
) -> None:
    async with LoopbackServer(answers(body)) as server:
        account = await open_account(server.url)
        with pytest.raises(OutcomeUnknown):
            await account.originate(REQUEST)
        assert len(server.requests) == 1


async def test_a_refusal_in_the_body_is_one(open_account: Open) -> None:
    body = {"status": "ERROR", "code": 403, "message": "No credits"}
    async with LoopbackServer(answers(body)) as server:
        account = await open_account(server.url)
        with pytest.raises(PermissionDenied, match="No credits"):
            await account.originate(REQUEST)


# --- voice flows ----------------------------------------------------------------------


async def test_a_flow_speaks_with_its_variables(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    call = FlowCall(
        number=ANA, flow_id="220", variables=(("Name", "Ana"), ("otp", "12344"))
    )
    receipt = await account.start_flow(call)
    (body,) = bodies(cloud)
    assert (body["from"], body["to"]) == ("442079460123", "flow:220")
    assert (body["variables[Name]"], body["variables[otp]"]) == ("Ana", "12344")
    assert receipt.call_id == cloud.placed_calls[0].call_id


async def test_a_recorded_sound_is_played(
    open_account: Open, cloud: MobTextingCloud
) -> None:
    account = await open_account(options=OPTIONS)
    receipt = await account.start_flow(FlowCall(number=ANA, audio_id="3988-43bb"))
    (body,) = bodies(cloud)
    assert body == {
        "bridge": "442079460100",
        "to": "442079460123",
        "audio": "3988-43bb",
    }
    assert receipt.call_id == cloud.placed_calls[0].call_id


async def test_a_sound_names_the_webhook_of_the_portal(open_account: Open) -> None:
    async with LoopbackServer(answers({"status": 200, "data": []})) as server:
        options = {**OPTIONS, "webhook_id": "124555-78787"}
        account = await open_account(server.url, options=options)
        receipt = await account.start_flow(FlowCall(number=ANA, audio_id="a"))
        assert receipt.call_id == ""
        assert server.requests[0].json()["webhook_id"] == "124555-78787"


async def test_a_flow_can_be_an_outgoing_call_with_name_and_retries(
    open_account: Open, cloud: MobTextingCloud
) -> None:
    options = OPTIONS | {
        "flow_request": "outgoing",
        "campaign": "reminders",
        "retry_minutes": "15",
    }
    account = await open_account(options=options)
    names = (("Name", "Ana"),)
    await account.start_flow(FlowCall(number=ANA, flow_id="220", variables=names))
    await account.start_flow(FlowCall(number=ANA, audio_id="3988-43bb"))
    flow, sound = bodies(cloud)
    assert flow == {
        "bridge": "442079460100",
        "to": "442079460123",
        "flow_id": "220",
        "name": "reminders",
        "interval": "15",
        "variables[Name]": "Ana",
    }
    assert (sound["audio"], sound["name"], sound["interval"]) == (
        "3988-43bb",
        "reminders",
        "15",
    )
    first, _ = cloud.placed_calls
    assert first.retry_minutes == 15  # type: ignore[attr-defined]


@pytest.mark.parametrize("minutes", ["0", "7", "soon"])
async def test_retries_that_are_not_offered_are_left_out(
    open_account: Open, cloud: MobTextingCloud, minutes: str
) -> None:
    account = await open_account(options=OPTIONS | {"retry_minutes": minutes})
    await account.start_flow(FlowCall(number=ANA, audio_id="3988-43bb"))
    assert "interval" not in bodies(cloud)[0]


# --- calls by request -----------------------------------------------------------------


async def test_calls_by_request_are_found_by_day_number_and_id(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    receipt = await account.start_flow(FlowCall(number=ANA, audio_id="3988-43bb"))
    await account.originate(REQUEST)
    for call in cloud.placed_calls:
        call.hang_up()
    mid = bodies(cloud)[1]["mid"]
    today = datetime.now(UTC).date().isoformat()
    assert len(await account.catalogue(OUTGOING)) == 2
    asked: tuple[tuple[dict[str, str], int], ...] = (
        ({"date": today, "mobile": " "}, 2),
        ({"date": "2020-02-01"}, 0),
        ({"mobile": "020 7946 0123"}, 2),
        ({"cid": mid}, 1),
        ({"cid": "nobody"}, 0),
    )
    for chosen, count in asked:
        assert len(await account.choose_catalogue(OUTGOING, chosen)) == count, chosen
    assert [one.key for one in account.catalogue_choices(OUTGOING)] == [
        "date",
        "mobile",
        "cid",
    ]
    found = await account.catalogue_item(OUTGOING, receipt.call_id)
    assert found.name == ANA
    assert dict(found.details)["from"] == LINE
    with pytest.raises(NotFound):
        await account.catalogue_item(OUTGOING, "4711")


@pytest.mark.parametrize(
    "chosen",
    [
        {"date": "2026-03-02", "mobile": ANA},
        {"date": "yesterday"},
        {"mobile": "101"},
        {"since": "2026-03-02"},
    ],
)
async def test_what_calls_by_request_cannot_be_asked_is_not_sent(
    account: MobTextingProvider, cloud: MobTextingCloud, chosen: dict[str, str]
) -> None:
    with pytest.raises(RequestRejected):
        await account.choose_catalogue(OUTGOING, chosen)
    assert list(cloud.requests) == []


async def test_a_flow_that_is_no_number_is_refused(account: MobTextingProvider) -> None:
    with pytest.raises(RequestRejected):
        await account.start_flow(FlowCall(number=ANA, flow_id="flow"))


async def test_the_flows_of_the_settings_are_offered(open_account: Open) -> None:
    text = "220 Reminder (Name, otp); 221: Survey ;\n222; nonsense; 223 = A B ( )"
    account = await open_account(options={"flows": text})
    name, *_others = account.catalogue_names
    found = await account.catalogue(name)
    assert [(one.thing_id, one.name) for one in found] == [
        ("220", "Reminder"),
        ("221", "Survey"),
        ("222", "222"),
        ("223", "A B"),
    ]
    assert found[0].details == (("variable", "Name"), ("variable", "otp"))
    with pytest.raises((UsageError, NotFound)):
        await account.catalogue("prompts")
