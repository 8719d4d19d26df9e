"""Each operation sends what another reading of Mango Voice's document accepts."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from screenpop.domain.errors import AuthenticationFailed
from screenpop.domain.events import Direction
from screenpop.providers.abilities import HistoryFilter
from screenpop.providers.mailbox import VoicemailFilter
from screenpop.providers.mango_voice.manifest import MANIFEST
from screenpop.providers.protocol import HistoryQuery, OriginateRequest
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context, delivery
from tests.providers.mango_voice.conftest import Keychain
from tests.providers.mango_voice.stand_in import (
    CLICK_TOKEN,
    PAIRS,
    TOKENS,
    StandIn,
    record,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Open = Callable[..., Awaitable[Any]]

SINCE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAMES = ("cdr_answered", "cdr_voicemail", "cdr_outbound", "cdr_internal")


@pytest.fixture
def cloud() -> StandIn:
    found = StandIn(records=[record(name) for name in NAMES])
    found.messages["7"] = {"id": 7, "read_epoch": 0, "ext": "101", "duration": 9}
    return found


@pytest.fixture
def keychain() -> Keychain:
    return Keychain(auth_token="/".join(TOKENS))


@pytest.fixture
async def open_account(cloud: StandIn, keychain: Keychain) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(cloud.handle))

        async def start(**options: str) -> Any:
            given = replace(
                context(server.url),
                region="US",
                options=options,
                read_secret=keychain.read,
                write_secret=keychain.write,
            )
            provider: Any = MANIFEST.create(given)
            stack.push_async_callback(provider.aclose)
            await provider.prepare()
            url = f"{server.url}/api/v2/iclicktocall/{CLICK_TOKEN}"
            fields = {"zohouser": "101", "clicktocallurl": url}
            fields["clicktocallparam"] = urlencode(PAIRS)
            form = "application/x-www-form-urlencoded"
            body = urlencode(fields).encode()
            await provider.take(delivery(body, path="/callcontrol", content_type=form))
            return provider

        yield start
        assert cloud.complaints == []


async def test_records_are_asked_for_as_described(
    open_account: Open, cloud: StandIn
) -> None:
    account = await open_account()
    await account.check()
    assert (await account.history(HistoryQuery())).records
    narrowed = HistoryQuery(
        number="+12025550143", since=SINCE, until=SINCE + timedelta(hours=1)
    )
    await account.history(narrowed)
    only = HistoryFilter(
        direction=Direction.INBOUND, extension="101", caller="2025550143"
    )
    await account.filter_history(narrowed, only)
    for key, value in (("direction", "internal"), ("extension", "102")):
        await account.choose_history(narrowed, {key: value})
        await account.count_calls(replace(narrowed, number=""), {key: value})
    first = cloud.records[0]
    assert (await account.record(str(first["id"]))) is not None
    assert await account.records_of_call(first["call_uuid"])
    assert await account.fetch_call(first["call_uuid"])
    assert (await account.recording(first["call_uuid"])).url
    await account.poll(SINCE)
    assert {name.partition("/SEKRET")[0] for name in cloud.log} == {"GET /api/v1/cdr"}


@pytest.mark.parametrize(
    "options", [{"daterange_encoding": "full"}, {"combine_filters": "no"}]
)
async def test_other_ways_to_write_filters_are_understood_too(
    open_account: Open, options: dict[str, str]
) -> None:
    account = await open_account(**options)
    await account.history(HistoryQuery(since=SINCE))
    only = HistoryFilter(extension="101")
    await account.filter_history(HistoryQuery(since=SINCE), only)


async def test_messages_are_asked_for_marked_and_deleted(
    open_account: Open, cloud: StandIn
) -> None:
    account = await open_account()
    (message,) = await account.list_voicemails()
    for only in (VoicemailFilter(extension="102"), VoicemailFilter(is_everyones=True)):
        await account.filter_voicemails(only)
    await account.get_voicemail(message.voicemail_id)
    await account.mark_heard(message.voicemail_id)
    assert (await account.get_voicemail(message.voicemail_id)).is_heard
    await account.delete_voicemail(message.voicemail_id)
    await account.delete_voicemail(message.voicemail_id)
    assert cloud.messages == {}


@pytest.mark.parametrize(
    ("style", "number"),
    [("e164", "+12025550123"), ("digits", "12025550123"), ("national", "2025550123")],
)
async def test_click_to_call_sends_back_what_was_handed_over(
    open_account: Open, cloud: StandIn, style: str, number: str
) -> None:
    account = await open_account(number_format=style)
    dial = OriginateRequest(number="+12025550123", extension="101")
    await account.prepare_dial(dial)
    assert cloud.dialled == []
    await account.originate(dial)
    assert cloud.dialled == [PAIRS | {"tonumber": number}]


async def test_wrong_tokens_are_told(open_account: Open, keychain: Keychain) -> None:
    account = await open_account()
    keychain.kept["auth_token"] = "SEKRET-a/b/c"
    with pytest.raises(AuthenticationFailed):
        await account.check()
