"""Polling for records against the stand-in."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import ProviderUnavailable
from screenpop.domain.events import CallRecorded
from screenpop.providers.voxloud.polling import LONG_REACH_EVERY, MOST_PAGES
from tests.providers.contract import RECEIVED_AT, delivery
from tests.providers.voxloud.stand_in import recorded

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.providers.voxloud.provider import VoxloudProvider
    from tests.net.loopback import Connection, Request
    from tests.providers.voxloud.stand_in import StandIn

QUERY = "POST /api/v1/telephony-events"
SINCE = RECEIVED_AT


def _record(number: int, began: datetime, **changes: Any) -> dict[str, Any]:
    stamp = began.isoformat(timespec="milliseconds").replace("+00:00", "+0000")
    usual: dict[str, Any] = recorded("history_cancelled")
    return usual | {
        "id": number,
        "callId": f"call-{number}",
        "timestamp": stamp,
        "duration": 10,
        **changes,
    }


def _ids(account: VoxloudProvider, found: tuple[Delivery, ...]) -> list[str]:
    events = [event for item in found for event in account.parse(item).events]
    assert all(isinstance(event, CallRecorded) for event in events)
    return [event.call_id for event in events]


async def test_new_records_come_oldest_first_and_again_until_they_are_kept(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [
        _record(2, SINCE + timedelta(minutes=2)),
        _record(1, SINCE + timedelta(minutes=1)),
    ]
    found = await account.poll(SINCE)
    assert _ids(account, found) == ["call-1", "call-2"]
    assert {item.source for item in found} == {DeliverySource.POLL}
    again = await account.poll(SINCE)
    assert [item.body for item in again] == [item.body for item in found]
    cloud.events.append(_record(3, SINCE + timedelta(minutes=8)))
    later = await account.poll(SINCE + timedelta(minutes=5))
    assert _ids(account, later) == ["call-3"]


async def test_calls_that_ended_before_are_not_news(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [_record(1, SINCE - timedelta(hours=1))]
    assert await account.poll(SINCE) == ()


async def test_a_long_call_that_began_before_is_news_when_it_ends(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.poll(SINCE)
    cloud.events = [_record(1, SINCE - timedelta(hours=3), duration=3 * 3600 + 60)]
    polls = [await account.poll(SINCE) for _ in range(LONG_REACH_EVERY)]
    assert [_ids(account, found) for found in polls if found] == [["call-1"]]


async def test_a_record_that_grew_comes_again(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [_record(1, SINCE + timedelta(minutes=1))]
    await account.poll(SINCE)
    later = SINCE + timedelta(minutes=10)
    assert await account.poll(later) == ()
    cloud.events[0]["summary"] = "They want a quote."
    (again,) = await account.poll(later)
    (event,) = account.parse(again).events
    assert isinstance(event, CallRecorded)
    assert event.record.summary == "They want a quote."


async def test_all_pages_are_read(account: VoxloudProvider, cloud: StandIn) -> None:
    cloud.events = [_record(n, SINCE + timedelta(seconds=n)) for n in range(1, 251)]
    assert len(await account.poll(SINCE)) == 250
    assert cloud.log == [QUERY] * 3


async def test_a_server_that_ignores_pages_is_not_asked_for_ever(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"content": [{"type": "X", "id": 1}]}')

    for _ in range(MOST_PAGES):
        cloud.fail_next(QUERY, handler)
    await account.poll(SINCE)
    assert len(cloud.log) == 2


async def test_pages_without_end_are_bounded(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def handler(request: Request, connection: Connection) -> None:
        page = request.query["page"]
        body = f'{{"last": false, "content": [{{"type": "X", "id": {page}}}]}}'
        await connection.reply(200, body.encode())

    for _ in range(MOST_PAGES):
        cloud.fail_next(QUERY, handler)
    found = await account.poll(SINCE)
    assert len(cloud.log) == MOST_PAGES
    assert len(found) == MOST_PAGES  # kept and journalled, though not understood
    assert all(account.parse(item).problem for item in found)


async def test_a_poll_that_fails_half_way_hands_over_everything_next_time(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [_record(1, SINCE + timedelta(minutes=1))]

    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(500)

    cloud.fail_next(QUERY, handler)
    with pytest.raises(ProviderUnavailable):
        await account.poll(SINCE)
    assert _ids(account, await account.poll(SINCE)) == ["call-1"]


async def test_records_without_any_id_are_told_apart_by_what_they_say(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = []
    for minute in (1, 2):
        record = _record(minute, SINCE + timedelta(minutes=minute))
        del record["id"], record["callId"]
        cloud.events.append(record)
    assert len(await account.poll(SINCE)) == 2
    assert await account.poll(SINCE + timedelta(minutes=10)) == ()


async def test_a_poll_and_a_webhook_of_the_same_record_say_the_same(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    pushed = recorded("phone_call_bare")
    cloud.events = [pushed | {"timestamp": "2018-04-10T14:11:26.000+0000"}]
    (polled,) = await account.poll(datetime.fromisoformat("2018-04-10T14:00:00Z"))
    webhook = account.parse(
        delivery(
            b'{"type": "PHONE_CALL", "timestamp": 1523369486000, "data": '
            + polled.body.replace(b'"2018-04-10T14:11:26.000+0000"', b"1523369486000")
            + b"}"
        )
    )
    assert account.parse(polled).events == webhook.events


async def test_one_call_can_be_fetched_also_by_its_click_to_call_twin(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.events = [
        _record(1, SINCE),
        _record(2, SINCE, callId="call-2-clicktocall"),
    ]
    for call_id in ("call-1", "call-2", "call-2-clicktocall"):
        (found,) = await account.fetch_call(call_id)
        assert _ids(account, (found,)) == [call_id.removesuffix("-clicktocall")]
    assert await account.fetch_call("call-3") == ()
    before = len(cloud.log)
    for made_up in ("fax-12", "record-12", "nameless-12"):
        assert await account.fetch_call(made_up) == ()
    assert len(cloud.log) == before


def test_polling_is_never_faster_than_twice_a_minute(account: VoxloudProvider) -> None:
    assert account.poll_interval_seconds >= 30
