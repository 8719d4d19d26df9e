"""Seeing calls by asking for them, and filling gaps."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import PayloadError, ProviderUnavailable
from screenpop.providers.tele2.polling import HistoryPoller
from screenpop.simulator import Faults
from screenpop.simulator.people import PastCall
from tests.net.loopback import LoopbackServer
from tests.providers.tele2.conftest import ANA, BEN, paths

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.simulator.tele2.cloud import Tele2Cloud
    from tests.net.loopback import Connection, Request
    from tests.providers.tele2.conftest import Open


def ids(account: Any, deliveries: tuple[Delivery, ...]) -> list[str]:
    """The calls that deliveries are about, each of them readable."""
    found = []
    for delivery in deliveries:
        parsed = account.parse(delivery)
        assert parsed.problem is None
        found.append(parsed.events[0].call_id)
    return found


def talk(cloud: Tele2Cloud, caller: str = ANA, *, recorded: bool = False) -> Any:
    call = cloud.incoming_call(caller)
    call.ring()
    call.answer()
    call.hang_up()
    if recorded:
        call.publish_record(recorded=True)
    return call


def ago(minutes: float) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=minutes)


async def test_finished_calls_come_oldest_first_and_again_when_asked_again(
    account: Any, cloud: Tele2Cloud
) -> None:
    first, second = talk(cloud), talk(cloud, BEN)
    since = ago(5)
    for _ in range(2):
        polled = await account.poll(since)
        assert ids(account, polled) == [first.call_id, second.call_id]
    assert account.poll_interval_seconds == 10


async def test_nothing_new_is_nothing(account: Any) -> None:
    assert await account.poll(ago(5)) == ()


async def test_calls_that_ended_long_before_do_not_come_again(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.seed_history([PastCall(number=ANA, minutes_ago=60, seconds=30)])
    assert await account.poll(ago(5)) == ()
    assert len(await account.poll(ago(90))) == 1


async def test_a_long_call_that_has_just_ended_comes(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.seed_history([PastCall(number=ANA, minutes_ago=60, seconds=59 * 60)])
    assert len(await account.poll(ago(2))) == 1


async def test_a_recordings_link_comes_with_its_call_and_makes_no_news_by_itself(
    account: Any, cloud: Tele2Cloud
) -> None:
    talk(cloud, recorded=True)
    talk(cloud, BEN, recorded=True)
    since = ago(5)
    polled = await account.poll(since)
    for delivery in polled:
        (record,) = (
            event.record
            for event in account.parse(delivery).events
            if hasattr(event, "record")
        )
        assert record.recording_url.startswith("https://")
    asked = len(cloud.requests)
    again = await account.poll(since)
    assert [one.body for one in again] == [one.body for one in polled]
    assert paths(cloud)[asked:] == ["GET /trigger/call_history"], "no link twice"


async def test_a_recording_that_comes_later_is_a_change(
    account: Any, cloud: Tele2Cloud
) -> None:
    call = talk(cloud)
    await account.poll(ago(5))
    call.publish_record(recorded=True)
    later = datetime.now(UTC) + timedelta(minutes=10)
    (changed,) = await account.poll(later)
    assert b"recordings/" in changed.body
    assert await account.poll(later) == ()


async def test_a_call_without_readable_recording_is_a_call_all_the_same(
    account: Any, cloud: Tele2Cloud
) -> None:
    talk(cloud, recorded=True)
    cloud.forbidden_paths = frozenset(
        {"/api/v2/call_records", "/api/v2/trigger/call_records"}
    )
    (polled,) = await account.poll(ago(5))
    assert b"recordings/" not in polled.body


async def test_a_failed_poll_counts_nothing_as_seen(
    account: Any, cloud: Tele2Cloud
) -> None:
    call = talk(cloud)
    cloud.set_faults(Faults(server_error=500))
    since = ago(5)
    with pytest.raises(ProviderUnavailable):
        await account.poll(since)
    cloud.set_faults(Faults())
    assert ids(account, await account.poll(since)) == [call.call_id]


async def test_usual_polls_ask_for_what_is_newer_than_a_mark(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account()
    cloud.seed_history([PastCall(number=ANA, minutes_ago=50, seconds=30)])
    await account.poll(ago(5))
    (old,) = cloud.archive.calls
    talk(cloud)
    await account.poll(ago(5))
    first, second = [
        each for each in cloud.requests if each.path.endswith("/call_history")
    ]
    assert "initial_call_id=0" in first.query
    assert f"initial_call_id={old.call_id}" in second.query
    assert "date_from=" in second.query


async def test_a_call_that_began_before_others_and_ended_after_them_is_seen(
    account: Any, cloud: Tele2Cloud
) -> None:
    """Ids grow with the start of calls: the highest seen must not be the mark."""
    long = cloud.incoming_call(ANA)
    long.ring()
    long.answer()
    short = talk(cloud, BEN)
    since = ago(1)
    assert ids(account, await account.poll(since)) == [short.call_id]
    long.hang_up()
    assert long.call_id in ids(account, await account.poll(since))


async def test_after_a_pause_and_now_and_then_the_reach_is_long(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account()
    now = [0.0]
    poller = HistoryPoller(account._client, "acme", lambda: now[0])

    async def reach() -> bool:
        await poller.poll(ago(0))
        now[0] += 10
        query = cloud.requests[-1].query
        start = query.partition("date_from=")[2].partition("&")[0]
        began = datetime.fromisoformat(start.replace("%3A", ":").replace("Z", "+00:00"))
        return began < ago(60)

    seen = [await reach() for _ in range(21)]
    assert seen == [True, *[False] * 19, True]
    now[0] += 120
    assert await reach()


async def test_one_call_is_asked_for_by_its_id(account: Any, cloud: Tele2Cloud) -> None:
    call = talk(cloud, recorded=True)
    (found,) = await account.fetch_call(call.call_id)
    assert ids(account, (found,)) == [call.call_id]
    assert b"recordings/" in found.body
    assert await account.fetch_call("1") == ()
    assert await account.fetch_call("nameless-0123") == ()


async def test_polling_learns_the_own_employee_by_number(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    account = await open_account(extension="020 7946 0111")
    talk(cloud)
    (polled,) = await account.poll(ago(5))
    for event in account.parse(polled).events:
        assert event.user.extension == "020 7946 0111"


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"callID": "9" * 5000, "callStarted": "9999-12-31T23:59:59Z"},
        {"callID": 7, "callConnected": "9999-12-31T23:59:59Z", "connectionTime": 1e9},
        {"callID": 7, "callConnected": "2026-01-01T00:00:00Z", "connectionTime": 5},
        {"callID": -1, "callEnded": "0001-01-01T00:00:00Z"},
        {"caller": "07700900123", "status": 3},
        {"callID": 7, "recordingID": "x", "callEnded": "2099-01-01T00:00:00Z"},
    ],
)
async def test_odd_entries_are_polled_without_a_crash(
    open_account: Open, entry: dict[str, Any]
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        body = json.dumps({"statusCode": 200, "data": [entry]}).encode()
        await connection.reply(200, body)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        for _ in range(2):
            for delivery in await account.poll(ago(5)):
                parsed = account.parse(delivery)
                assert parsed.events or parsed.problem
        await account.aclose()


async def test_an_entry_nested_too_deeply_is_unreadable(open_account: Open) -> None:
    deep = b'{"callID": 7, "x": ' + b"[" * 900 + b"]" * 900 + b"}"

    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"data": [%s]}' % deep)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        try:
            await account.poll(ago(5))
        except PayloadError as error:
            assert error.title  # noqa: PT017 - depends on the interpreter's stack
        await account.aclose()
