"""Each operation sends what another reading of MobTexting's documents accepts."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import AuthenticationFailed
from screenpop.providers.abilities import FlowCall
from screenpop.providers.mobtexting.provider import MobTextingProvider
from screenpop.providers.protocol import HistoryQuery, OriginateRequest
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context
from tests.providers.mobtexting.conftest import keychain, recorded
from tests.providers.mobtexting.stand_in import AGENT, BRIDGE, TOKEN, StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.net.loopback import Connection, Request

    Open = Callable[..., Awaitable[MobTextingProvider]]

SINCE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
DIAL = OriginateRequest(number="+442079460123", extension="101")


@pytest.fixture
def stand_in() -> StandIn:
    log = [recorded("log_inbound"), recorded("log_click_to_call")]
    return StandIn(calls=log * 9)


@pytest.fixture
async def server(stand_in: StandIn) -> AsyncIterator[LoopbackServer]:
    """The stand-in, and our own hook address beside it."""

    async def handle(request: Request, connection: Connection) -> None:
        if request.path == "/hook":
            answer = {"challenge": request.json()["challenge"]}
            await connection.reply(200, json.dumps(answer).encode())
        else:
            await stand_in.handle(request, connection)

    async with LoopbackServer(handle) as running:
        yield running


@pytest.fixture
async def open_account(
    stand_in: StandIn, server: LoopbackServer
) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:

        async def start(token: str = TOKEN, **options: str) -> MobTextingProvider:
            usual = {"outbound_number": f"+{BRIDGE}", "agent_number": f"+{AGENT}"}
            given = replace(
                context(server.url),
                region="GB",
                options=usual | options,
                read_secret=keychain({"api_token": token, "webhook_secret": "s-4711"}),
            )
            provider = MobTextingProvider(given)
            stack.push_async_callback(provider.aclose)
            return provider

        yield start
        assert stand_in.complaints == []


@pytest.fixture
async def account(open_account: Open) -> MobTextingProvider:
    return await open_account()


async def test_the_account_and_its_logs_are_asked_for_as_described(
    account: MobTextingProvider, stand_in: StandIn
) -> None:
    await account.check()
    page = await account.history(HistoryQuery(size=16))
    assert len(page.records) == 16
    narrow = HistoryQuery(
        number="+442079460123", since=SINCE, until=SINCE + timedelta(days=3)
    )
    await account.history(narrow)
    await account.poll(SINCE)
    await account.record(str(stand_in.calls[0]["id"]))
    await account.records_of_call(page.call_ids[0])
    await account.fetch_call("26074c32-b316-4ffa-99d7-9f6a99da56d6")
    assert "GET /api/v2/outgoing/callstatus" in stand_in.log
    for name in account.catalogue_names:
        await account.catalogue(name)


@pytest.mark.parametrize(
    ("options", "sent"),
    [
        ({}, {"record": "0", "attempts": "0"}),
        (
            {"record_calls": "yes", "redials": "2", "longest_minutes": "30"},
            {"record": "1", "attempts": "2", "duration": "30"},
        ),
        ({"webhook_id": "wh-1"}, {"webhook_id": "wh-1"}),
    ],
)
async def test_a_click_is_sent_as_in_the_table(
    open_account: Open, stand_in: StandIn, options: dict[str, str], sent: dict[str, str]
) -> None:
    account = await open_account(**options)
    await account.prepare_dial(DIAL)
    assert stand_in.started == []
    await account.originate(DIAL)
    (body,) = stand_in.started
    expected = {"bridge": BRIDGE, "from": AGENT, "to": "442079460123"}
    assert body.items() >= (expected | sent).items()


async def test_flows_and_sounds_are_started_as_in_the_examples(
    account: MobTextingProvider, stand_in: StandIn
) -> None:
    names = (("Name", "Ana"), ("otp", "12344"))
    flow = FlowCall(number="+442079460123", flow_id="220", variables=names)
    receipt = await account.start_flow(flow)
    assert receipt.call_id == "call-1"
    await account.start_flow(FlowCall(number="+442079460123", audio_id="17"))
    first, second = stand_in.started
    assert (first["to"], first["variables[otp]"]) == ("flow:220", "12344")
    assert second["audio"] == "17"


async def test_outgoing_calls_are_named_retried_and_looked_up_as_in_the_tables(
    open_account: Open, stand_in: StandIn
) -> None:
    account = await open_account(
        flow_request="outgoing", campaign="obd_api_call", retry_minutes="60"
    )
    await account.start_flow(FlowCall(number="+442079460123", flow_id="23"))
    address = "https://media.example.com/a.mp3"
    await account.start_flow(FlowCall(number="+442079460123", audio_id=address))
    first, second = stand_in.started
    assert (first["flow_id"], first["name"], first["interval"]) == (
        "23",
        "obd_api_call",
        "60",
    )
    assert second["audio"] == address
    for key, text in {
        "mobile": "+442079460123",
        "date": "2026-03-02",
        "cid": "7",
    }.items():
        assert await account.choose_catalogue("outgoing calls", {key: text}) == ()


async def test_registrations_are_made_changed_and_deleted(
    account: MobTextingProvider, stand_in: StandIn, server: LoopbackServer
) -> None:
    url = f"{server.url}/hook"
    await account.ensure_subscriptions(url)
    assert await account.ensure_subscriptions(url)
    (webhook,) = stand_in.webhooks.values()
    assert webhook["secret"] == "s-4711"
    (made,) = await account.list_subscriptions()
    await account.get_subscription(made.subscription_id)
    await account.update_subscription(replace(made, is_enabled=False))
    await account.update_subscription(
        replace(made, event_type="voice:unsubscription", is_enabled=True)
    )
    extra = await account.create_subscription(url, "voice:message:out")
    await account.delete_subscription(extra.subscription_id)
    await account.delete_subscription(extra.subscription_id)
    await account.drop_subscriptions(url)
    assert (stand_in.webhooks, stand_in.subscriptions) == ({}, {})


async def test_a_wrong_token_is_told(open_account: Open) -> None:
    account = await open_account("SEKRET-other")
    with pytest.raises(AuthenticationFailed):
        await account.check()
