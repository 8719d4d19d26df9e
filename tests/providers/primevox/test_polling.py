"""Polling against the simulated PrimeVOX: near to live, and on a budget."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import pytest

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import AuthenticationFailed, ProviderUnavailable
from screenpop.domain.events import CallRecorded, LegAlerting, LegConnected
from screenpop.providers.primevox import polling, provider
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.people import PastCall
from screenpop.simulator.primevox.options import PrimevoxOptions
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context, delivery
from tests.providers.primevox.recordings import recorded

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.providers.primevox.provider import PrimevoxProvider
    from screenpop.simulator.primevox.calls import PrimevoxCall
    from screenpop.simulator.primevox.cloud import PrimevoxCloud
    from tests.net.loopback import Connection, Request
    from tests.providers.primevox.conftest import Open

ANA = "+12025550123"
LIST, DETAILS = "/api/call_list.php", "/api/call_details.php"


@pytest.fixture
def since() -> datetime:
    return datetime.now(UTC) - timedelta(minutes=5)


def _missed(cloud: PrimevoxCloud, caller: str = ANA) -> PrimevoxCall:
    call = cloud.incoming_call(caller)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    return call


def _asked(cloud: PrimevoxCloud) -> list[str]:
    return [request.path for request in cloud.requests]


def _ids(account: PrimevoxProvider, found: tuple[Delivery, ...]) -> list[str]:
    return [
        event.call_id
        for item in found
        for event in account.parse(item).events
        if isinstance(event, CallRecorded)
    ]


async def test_a_missed_call_is_seen_by_the_next_poll_with_who_was_rung(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = _missed(cloud)
    (found,) = await account.poll(since)
    assert found.source is DeliverySource.POLL
    events = account.parse(found).events
    rung = [one.user.extension for one in events if isinstance(one, LegAlerting)]
    assert rung == ["101"]
    assert events[-1].call_id == call.call_id
    assert _asked(cloud) == [LIST, LIST, DETAILS]


async def test_everybodys_calls_take_one_question(
    open_account: Open, cloud: PrimevoxCloud, since: datetime
) -> None:
    account = await open_account(extension="")
    _missed(cloud)
    out = cloud.outgoing_call(ANA, extension="103")
    out.ring()
    out.hang_up()
    assert len(await account.poll(since)) == 2
    assert _asked(cloud) == [LIST, DETAILS, DETAILS]


async def test_of_calls_that_nobody_rang_for_only_ones_own_are_asked_for(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    own, other = cloud.outgoing_call(ANA), cloud.outgoing_call(ANA, extension="103")
    inside = cloud.outgoing_call("102")
    foreign = cloud.outgoing_call("102", extension="103")
    for call in (own, other, inside, foreign):
        call.ring()
        call.hang_up()
    assert set(_ids(account, await account.poll(since))) == {
        own.call_id,
        inside.call_id,
    }
    inbound, mine = (dict(parse_qsl(one.query)) for one in cloud.requests[:2])
    assert (inbound["showOutbound"], inbound["showInternal"]) == ("0", "0")
    assert mine["filterOutboundExtenDialed"] == "101"
    assert mine["utcOffset"] == "0"


async def test_the_same_moment_gives_the_same_calls_and_no_more_questions(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    _missed(cloud)
    first = await account.poll(since)
    again = await account.poll(since)
    assert [item.body for item in first] == [item.body for item in again]
    assert _asked(cloud).count(DETAILS) == 1
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert await account.poll(later) == ()


@pytest.mark.parametrize("reading", [PrimevoxOptions(page_size=3)])
async def test_calls_come_oldest_first_from_every_page(
    open_account: Open, cloud: PrimevoxCloud, since: datetime
) -> None:
    account = await open_account(extension="")
    cloud.seed_history(
        [PastCall(number=ANA, minutes_ago=number, seconds=9) for number in range(8)]
    )
    found = await account.poll(since - timedelta(minutes=30))
    began = [account.parse(item).events[-1].occurred_at for item in found]
    assert len(began) == 8
    assert began == sorted(began)
    assert _asked(cloud).count(LIST) == 3


async def test_a_record_that_grew_comes_again(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = _missed(cloud)
    await account.poll(since)
    later = datetime.now(UTC) + timedelta(minutes=5)
    assert await account.poll(later) == ()
    call.publish_record(recorded=True, voicemail=True, transcription="Call me.")
    (again,) = await account.poll(later)
    event = account.parse(again).events[-1]
    assert isinstance(event, CallRecorded)
    assert event.record.transcription == "Call me."
    assert event.record.has_voicemail


async def test_a_long_call_that_began_before_is_news_when_it_ends(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    now = datetime.now(UTC)
    await account.poll(now)
    cloud.seed_history([PastCall(number=ANA, minutes_ago=180, seconds=180 * 60)])
    polls = [await account.poll(now) for _ in range(polling.LONG_REACH_EVERY)]
    assert [len(found) for found in polls if found] == [1]


# --- calls that go on -----------------------------------------------------------------


async def _rings(account: PrimevoxProvider, call: PrimevoxCall) -> None:
    hook = recorded("hook_inbound_call") | {"callUuid": call.call_id}
    body = json.dumps(hook).encode()
    await account.take(delivery(body, received_at=datetime.now(UTC)))


async def test_a_call_that_a_webhook_told_of_is_followed_while_it_goes_on(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    await _rings(account, call)
    call.answer("102")
    (going_on,) = await account.poll(since)
    events = account.parse(going_on).events
    answered = [one.user.name for one in events if isinstance(one, LegConnected)]
    assert answered == ["Rui Costa"]
    assert not any(isinstance(one, CallRecorded) for one in events)
    call.hang_up()
    assert _ids(account, await account.poll(since)) == [call.call_id]
    asked = len(cloud.requests)
    await account.poll(since)
    assert _asked(cloud)[asked:] == [LIST, LIST]


@pytest.mark.parametrize("reading", [PrimevoxOptions(details_while_going_on=False)])
async def test_a_call_without_details_yet_is_no_trouble(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    await _rings(account, call)
    assert await account.poll(since) == ()
    call.hang_up()
    assert _ids(account, await account.poll(since)) == [call.call_id]


async def test_a_call_that_no_list_ever_has_is_given_up(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    hook = json.dumps(recorded("hook_inbound_call")).encode()
    old = datetime.now(UTC) - timedelta(hours=5)
    await account.take(delivery(hook, received_at=old))
    assert await account.poll(since) == ()
    assert DETAILS not in _asked(cloud)


async def test_open_calls_are_bounded(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    for number in range(polling.MOST_OPEN + 20):
        hook = recorded("hook_inbound_call") | {"callUuid": f"call-{number}"}
        await account.take(
            delivery(json.dumps(hook).encode(), received_at=datetime.now(UTC))
        )
    await account.poll(since)
    assert _asked(cloud).count(DETAILS) == polling.DETAILS_PER_POLL
    assert "callUUID=call-20&" in cloud.requests[2].query + "&"


async def test_one_call_can_be_fetched_while_it_goes_on_and_after(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    (going_on,) = await account.fetch_call(call.call_id)
    assert _ids(account, (going_on,)) == []
    call.answer()
    call.hang_up()
    (over,) = await account.fetch_call(call.call_id)
    assert _ids(account, (over,)) == [call.call_id]
    assert await account.fetch_call("nobody-knows-it") == ()
    asked = len(cloud.requests)
    assert await account.fetch_call("nameless-1") == ()
    assert len(cloud.requests) == asked


# --- the budget -----------------------------------------------------------------------


async def test_details_are_rationed_newest_first(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    cloud.seed_history(
        [PastCall(number=ANA, minutes_ago=minute) for minute in range(1, 9)]
    )
    newest = {record.call_uuid for record in cloud.archive.all()[-3:]}
    since -= timedelta(minutes=10)
    assert len(await account.poll(since)) == 8
    asked = [one.query for one in cloud.requests if one.path == DETAILS]
    assert {dict(parse_qsl(query))["callUUID"] for query in asked} == newest
    await account.poll(since)
    assert _asked(cloud).count(DETAILS) == 2 * polling.DETAILS_PER_POLL


async def test_old_calls_are_not_worth_their_details(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    cloud.seed_history([PastCall(number=ANA, minutes_ago=120)])
    assert len(await account.poll(since - timedelta(days=3))) == 1
    assert DETAILS not in _asked(cloud)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("", 15),
        ("20", 20),
        ("3", 10),
        ("-1", 10),
        ("soon", 15),
        ("nan", 15),
        ("inf", 15),
    ],
)
async def test_the_pause_is_as_set_but_never_under_ten_seconds(
    open_account: Open, written: str, seconds: float
) -> None:
    account = await open_account(options={"poll_interval_seconds": written})
    assert account.poll_interval_seconds == seconds


@pytest.mark.parametrize("reading", [PrimevoxOptions(page_size=3)])
async def test_a_poll_that_took_much_is_paid_back(
    open_account: Open, cloud: PrimevoxCloud, since: datetime
) -> None:
    account = await open_account(extension="", options={"poll_interval_seconds": "10"})
    cloud.seed_history([PastCall(number=ANA, minutes_ago=200) for _ in range(60)])
    await account.poll(since)
    assert len(cloud.requests) == 20
    assert account.poll_interval_seconds == 20 * polling.SECONDS_PER_REQUEST
    await account.poll(datetime.now(UTC))
    assert account.poll_interval_seconds == 10


async def test_without_details_the_list_goes_on_and_they_are_left_alone(
    open_account: Open, cloud: PrimevoxCloud, since: datetime
) -> None:
    account = await open_account(options={"details_path": "/api/other.php"})
    for _ in range(3):
        call = _missed(cloud)
        assert call.call_id in _ids(account, await account.poll(since))
    assert _asked(cloud).count("/api/other.php") == 1


@pytest.mark.parametrize(
    ("faults", "asked_again"),
    [
        (Faults(throttle=True), False),
        (Faults(forbidden=True), False),
        (Faults(server_error=500), True),
        (Faults(lost_answer=True), True),
        (Faults(html_instead_of_json=True), False),
    ],
)
async def test_trouble_with_details_hides_no_missed_call(
    account: PrimevoxProvider,
    cloud: PrimevoxCloud,
    since: datetime,
    faults: Faults,
    asked_again: bool,
) -> None:
    from dataclasses import replace

    cloud.set_faults(replace(faults, only_path="details"))
    call = _missed(cloud)
    assert _ids(account, await account.poll(since)) == [call.call_id]
    cloud.set_faults(Faults())
    assert _ids(account, await account.poll(since)) == [call.call_id]
    assert _asked(cloud).count(DETAILS) == 1 + asked_again


async def test_a_refused_key_stops_the_poll(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    _missed(cloud)
    cloud.set_faults(Faults(unauthorized=True, only_path="details"))
    with pytest.raises(AuthenticationFailed):
        await account.poll(since)


async def test_a_poll_that_fails_half_way_hands_over_everything_next_time(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = _missed(cloud)
    cloud.set_faults(Faults(server_error=500, first_requests=1))
    with pytest.raises(ProviderUnavailable):
        await account.poll(since)
    assert _ids(account, await account.poll(since)) == [call.call_id]


async def test_a_server_that_ignores_pages_is_not_asked_for_ever(
    since: datetime,
) -> None:
    answer: dict[str, Any] = recorded("answer_call_list") | {"maxPages": 99}

    async def handler(request: Request, connection: Connection) -> None:
        await connection.reply(200, json.dumps(answer).encode())

    async with LoopbackServer(handler) as server:
        account = provider.PrimevoxProvider(context(server.url))
        found = await account.poll(datetime(2026, 11, 22, 9, 0, tzinfo=UTC))
        await account.aclose()
        lists = [one for one in server.requests if one.path == LIST]
    assert len(found) == 1
    assert len(lists) == 4


async def test_calls_without_any_id_are_told_apart_by_what_they_say(
    open_account: Open, since: datetime
) -> None:
    call = recorded("call_bare") | {"callUuid": None}
    rows = [call, call | {"cidNum": "2025550124"}]

    async def handler(request: Request, connection: Connection) -> None:
        assert request.path == LIST
        await connection.reply(200, json.dumps({"data": rows}).encode())

    async with LoopbackServer(handler) as server:
        account = provider.PrimevoxProvider(context(server.url))
        began = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
        assert len(await account.poll(began)) == 2
        later = began + timedelta(hours=2)
        assert await account.poll(later) == ()
        await account.aclose()


async def test_a_poll_and_a_webhook_end_in_the_same_call(
    account: PrimevoxProvider, cloud: PrimevoxCloud, since: datetime
) -> None:
    call = _missed(cloud)
    hook = recorded("hook_inbound_call") | {"callUuid": call.call_id}
    (ring,) = account.parse(delivery(json.dumps(hook).encode())).events
    (polled,) = await account.poll(since)
    assert {event.call_id for event in account.parse(polled).events} == {ring.call_id}
