"""Each operation sends what another reading of PrimeVOX's pages accepts."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import AuthenticationFailed
from screenpop.domain.events import Direction
from screenpop.domain.privacy import Secret
from screenpop.providers.abilities import CallNote, HistoryFilter
from screenpop.providers.primevox.manifest import MANIFEST
from screenpop.providers.protocol import HistoryQuery, OriginateRequest
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context
from tests.providers.primevox.stand_in import (
    CONTAINER,
    DETAILS,
    KEY,
    NOTES,
    RECORDING,
    StandIn,
    recorded,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Open = Callable[..., Awaitable[Any]]

SINCE = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NARROW = HistoryQuery(
    number="+12025550123", since=SINCE, until=SINCE + timedelta(hours=1)
)


@pytest.fixture
def stand_in() -> StandIn:
    return StandIn()


@pytest.fixture
async def open_account(stand_in: StandIn) -> AsyncIterator[Open]:
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(stand_in.handle))

        async def start(key: str = KEY, **options: str) -> Any:
            secrets = {"api_key": key, "container_id": CONTAINER}

            async def read_secret(name: str) -> Secret:
                return Secret(secrets[name])

            usual = {
                "did_map": "2025550100=101",
                "details_path": DETAILS,
                "recording_path": RECORDING,
                "notes_path": NOTES,
            }
            given = replace(
                context(server.url),
                region="US",
                options=usual | options,
                read_secret=read_secret,
            )
            provider: Any = MANIFEST.create(given)
            stack.push_async_callback(provider.aclose)
            return provider

        yield start
        assert stand_in.complaints == []


@pytest.fixture
async def account(open_account: Open) -> Any:
    return await open_account()


def _a_call() -> str:
    return str(next(iter(recorded("answer_call_list")["data"])))


async def test_calls_are_asked_for_as_described(
    account: Any, stand_in: StandIn
) -> None:
    await account.check()
    assert (await account.history(HistoryQuery())).records
    await account.history(NARROW)
    await account.poll(SINCE)
    assert await account.fetch_call(_a_call())
    await account.record(_a_call())
    assert await account.timeline(_a_call())
    assert all(given["auth"] == KEY for given in stand_in.asked)


@pytest.mark.parametrize(
    "only",
    [
        HistoryFilter(direction=Direction.INBOUND),
        HistoryFilter(direction=Direction.OUTBOUND),
        HistoryFilter(extension="101"),
        HistoryFilter(caller="+12025550123"),
        HistoryFilter(callee="+12025550100"),
        HistoryFilter(direction=Direction.INBOUND, extension="101"),
        HistoryFilter(
            direction=Direction.OUTBOUND, extension="101", callee="+12025550123"
        ),
        HistoryFilter(
            direction=Direction.INBOUND, caller="2025550123", callee="2025550100"
        ),
    ],
    ids=str,
)
@pytest.mark.parametrize("query", [HistoryQuery(), NARROW], ids=["all", "narrow"])
async def test_no_filter_contradicts_another(
    account: Any, query: HistoryQuery, only: HistoryFilter
) -> None:
    await account.filter_history(query, only)


async def test_every_choice_is_one_of_the_documented_filters(account: Any) -> None:
    samples = {"caller": "2025550123", "line": "2025550100", "dialled": "2025550123"}
    for choice in account.history_choices:
        values = [value for value, _ in choice.choices]
        for value in values or [samples.get(choice.key, "101")]:
            await account.choose_history(HistoryQuery(), {choice.key: value})


async def test_recordings_are_asked_for_by_name(
    open_account: Open, stand_in: StandIn
) -> None:
    account = await open_account()
    (uuid,) = list(stand_in.list_answer["data"])[:1]
    sound = await account._client.recording_file("call-1.wav")
    assert sound.body
    assert (await account.recording(uuid)).url


async def test_notes_are_a_form_with_all_that_belongs_to_it(
    account: Any, stand_in: StandIn
) -> None:
    text = "Rückruf & Angebot = 100 %\n+ Grüße"
    await account.write_note("uuid-1", CallNote(text, needs_follow_up=True, severity=3))
    await account.write_note("uuid-1", CallNote("x" * 255))
    first, second = stand_in.notes
    assert first["callNotes"] == text
    assert (first["callFlagged"], first["callSeverity"]) == ("1", "3")
    assert (second["callFlagged"], second["callSeverity"]) == ("0", "0")


@pytest.mark.parametrize(
    ("number", "sent"),
    [
        ("+12025550123", ("2025550123", "12025550123")),
        ("+442079460123", ("011442079460123",)),
    ],
)
async def test_click_to_call_dials_as_the_page_writes_numbers(
    account: Any, stand_in: StandIn, number: str, sent: tuple[str, ...]
) -> None:
    dial = OriginateRequest(number=number, extension="101")
    await account.prepare_dial(dial)
    assert stand_in.dialled == []
    await account.originate(dial)
    ((extension, dialled),) = stand_in.dialled
    assert extension == "101"
    assert dialled in sent


async def test_messages_and_ring_groups_are_listed(account: Any) -> None:
    assert await account.list_text_messages()
    for name in account.catalogue_names:
        assert await account.catalogue(name)


async def test_a_tenant_is_named_where_the_pages_allow_it(open_account: Open) -> None:
    account = await open_account(tenant_id="7")
    await account.history(HistoryQuery())
    await account.timeline(_a_call())
    await account.write_note("uuid-1", CallNote("x"))


async def test_a_wrong_key_is_told(open_account: Open) -> None:
    account = await open_account(key="SEKRET-other")
    with pytest.raises(AuthenticationFailed):
        await account.check()
