"""Each operation sends what another reading of Tele2's reference accepts."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import PermissionDenied, QuotaExceeded
from screenpop.domain.events import Direction
from screenpop.providers.abilities import HistoryFilter
from screenpop.providers.mailbox import LostCallerFilter, VoicemailFilter
from screenpop.providers.protocol import HistoryQuery, OriginateRequest
from screenpop.providers.tele2.manifest import MANIFEST
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context
from tests.providers.tele2.conftest import Keychain
from tests.providers.tele2.stand_in import EMPLOYEE, KEY, StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Open = Callable[..., Awaitable[Any]]

SINCE = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FIXTURES = Path(__file__).parent / "fixtures"
URL = "https://pop.example.com/hooks/acme/SEKRET-token"


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
def secrets() -> Keychain:
    return Keychain(api_key=KEY)


@pytest.fixture
async def connect(stand_in: StandIn, secrets: Keychain) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(stand_in.handle))

        async def start(source: str = "poll", **options: str) -> Any:
            given = replace(
                context(server.url),
                region="GB",
                extension=options.pop("extension", str(EMPLOYEE)),
                options={"source": source} | options,
                read_secret=secrets.read,
                write_secret=secrets.write,
            )
            provider = MANIFEST.create(given)
            stack.push_async_callback(provider.aclose)
            return provider

        yield start
        assert stand_in.complaints == []


async def test_calls_are_asked_for_as_described(
    connect: Open, stand_in: StandIn
) -> None:
    account = await connect()
    await account.check()
    page = await account.history(HistoryQuery(size=110))
    assert len(page.records) == 110
    narrow = HistoryQuery(
        number="+447700900123", since=SINCE, until=SINCE + timedelta(hours=3)
    )
    await account.history(narrow)
    for direction in Direction:
        only = HistoryFilter(
            direction=direction,
            extension=str(EMPLOYEE),
            caller="+447700900123",
            callee="+442079460100",
        )
        await account.filter_history(narrow, only)
    await account.poll(SINCE)
    await account.poll(SINCE)
    newest = str(stand_in.things["call_history"][0]["callID"])
    assert await account.fetch_call(newest)
    await account.record(newest)
    assert await account.records_of_call(newest)
    assert (await account.recording(newest)).url


async def test_everything_else_is_asked_for_as_described(connect: Open) -> None:
    account = await connect()
    assert await account.list_users()
    assert await account.find_by_number("+442079460111")
    assert (await account.search_contacts("Amelia")).contacts
    assert (await account.get_contact(str(EMPLOYEE))).name == "Amelia Hart"
    (message,) = await account.list_voicemails()
    assert (await account.get_voicemail(message.voicemail_id)).seconds == 14
    when: Any = {"since": SINCE, "until": SINCE + timedelta(hours=3)}
    assert await account.filter_voicemails(
        VoicemailFilter(caller="+447700900123", box="51", **when)
    )
    assert await account.filter_voicemails(VoicemailFilter(is_everyones=True))
    (lost,) = await account.list_lost_callers()
    assert lost.attempts == 2
    only = LostCallerFilter(line="+442079460100", **when)
    assert await account.filter_lost_callers(only)
    for name in account.catalogue_names:
        (thing, *_) = await account.catalogue(name)
        assert await account.catalogue_item(name, thing.thing_id)


@pytest.mark.parametrize("extension", [str(EMPLOYEE), "+442079460111"])
async def test_a_dial_names_number_and_employee(
    connect: Open, stand_in: StandIn, extension: str
) -> None:
    account = await connect(extension=extension)
    dial = OriginateRequest(number="+447700900123", extension=extension)
    await account.prepare_dial(dial)
    assert stand_in.dialled == []
    await account.originate(dial)
    (body,) = stand_in.dialled
    assert body["contactID"] == EMPLOYEE
    assert body["destination"].endswith("7700900123")


async def test_webhooks_are_made_for_every_event_and_deleted(
    connect: Open, stand_in: StandIn
) -> None:
    account = await connect("webhook")
    await account.ensure_subscriptions(URL)
    assert {name for name, _ in stand_in.webhooks.values()} == set(account.event_types)
    assert {url for _, url in stand_in.webhooks.values()} == {URL}
    await account.ensure_subscriptions(URL)
    assert len(stand_in.webhooks) == 10
    (first, *_) = await account.list_subscriptions()
    await account.get_subscription(first.subscription_id)
    await account.update_subscription(replace(first, is_enabled=False))
    await account.drop_subscriptions(URL)
    assert stand_in.webhooks == {}


async def test_a_used_up_limit_is_told(connect: Open, stand_in: StandIn) -> None:
    stand_in.webhooks = dict.fromkeys(range(200, 219), ("CallStarted", "https://x"))
    account = await connect("webhook")
    with pytest.raises(QuotaExceeded):
        await account.ensure_subscriptions(URL)


async def test_the_stream_is_opened_with_a_key_for_once(
    connect: Open, stand_in: StandIn
) -> None:
    names = ("call_started", "lost_caller_added", "voicemail_created")
    stand_in.streamed = [
        json.loads((FIXTURES / f"{name}.json").read_text("utf-8")) for name in names
    ]
    account = await connect("stream")
    await account.check()
    for _ in range(2):
        async with account.open_stream() as deliveries:
            bodies = [json.loads(each.body) async for each in deliveries]
        assert bodies == stand_in.streamed
    assert len(stand_in.session_keys) == 1, "the check's own was never used"
    assert "CallStarted" in stand_in.subscribed


async def test_a_wrong_key_is_told(connect: Open, secrets: Keychain) -> None:
    secrets.secrets["api_key"] = "SEKRET-other"
    account = await connect()
    with pytest.raises(PermissionDenied):
        await account.check()
