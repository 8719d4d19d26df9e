"""Token, history, recordings and polls, against the simulated cloud and worse ones."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    PayloadError,
    PermissionDenied,
    ProviderError,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
    SecretError,
)
from screenpop.domain.events import Direction
from screenpop.providers.mobtexting.pace import RequestPace
from screenpop.providers.protocol import HistoryQuery
from screenpop.simulator import Faults
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from screenpop.simulator.mobtexting.options import MobTextingOptions
from screenpop.simulator.people import PastCall
from tests.net.loopback import LoopbackServer
from tests.providers.mobtexting.conftest import ANA, LINE

if TYPE_CHECKING:
    from screenpop.providers.mobtexting.provider import MobTextingProvider
    from tests.net.loopback import Connection, Handler, Request
    from tests.providers.mobtexting.conftest import Open

BEN = "+442079460456"


def answers(*bodies: object, status: int = 200) -> Handler:
    """A server that gives these answers in turn, the last one for ever."""
    left = [
        one if isinstance(one, bytes) else json.dumps(one).encode() for one in bodies
    ]

    async def handler(_request: Request, connection: Connection) -> None:
        body = left.pop(0) if len(left) > 1 else left[0]
        await connection.reply(status, body)

    return handler


def past(count: int, number: str = ANA) -> list[PastCall]:
    return [
        PastCall(number=number, minutes_ago=10 * one, was_answered=one % 2 == 0)
        for one in range(1, count + 1)
    ]


# --- token and address ----------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["", "/", "/api/v2", "/api/v2/"])
async def test_a_right_token_says_whose_it_is(
    open_account: Open, cloud: MobTextingCloud, suffix: str
) -> None:
    account = await open_account(cloud.base_url + suffix)
    identity = await account.check()
    assert (identity.name, identity.email) == ("Harbour Bikes Ltd", "admin@example.com")
    assert identity.clock_skew_seconds is None or abs(identity.clock_skew_seconds) < 60
    assert [request.path for request in cloud.requests] == ["/api/v2/auth/me"]


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"name": "Acme", "email": "a@example.com"}, "Acme"),
        ({"status": 200, "user": {"first_name": "Ana", "last_name": "Example"}}, ""),
        ({"status": "200", "data": {"company": "Acme"}}, "Acme"),
        ({}, "MobTexting"),
        ({"status": "OK", "data": []}, "MobTexting"),
    ],
)
async def test_whatever_form_the_answer_has_it_is_taken(
    open_account: Open, body: object, name: str
) -> None:
    async with LoopbackServer(answers(body)) as server:
        account = await open_account(server.url)
        assert (await account.check()).name == (name or "Ana Example")


async def test_the_names_of_fields_are_learnt_without_values(
    open_account: Open, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    body = {"status": "OK", "data": {"org_code": "SEKRET-value"}}
    async with LoopbackServer(answers(body)) as server:
        account = await open_account(server.url)
        await account.check()
        await account.check()
    told = [text for text in caplog.messages if "org_code" in text]
    assert len(told) == 1
    assert "SEKRET" not in caplog.text


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"status": "ERROR", "message": "x"}, AuthenticationFailed),
        (403, {"status": "ERROR", "message": "x"}, PermissionDenied),
        (404, {}, NotFound),
        (409, {}, RequestRejected),
        (422, {}, RequestRejected),
        (429, {}, ProviderThrottled),
        (500, {}, ProviderUnavailable),
        (503, {}, ProviderUnavailable),
        (200, {"status": "ERROR", "code": 401, "message": "x"}, AuthenticationFailed),
        (200, {"status": "ERROR", "message": "x"}, RequestRejected),
        (200, {"status": 429, "message": "x"}, ProviderThrottled),
        (200, b"[]", PayloadError),
        (200, b"<html>", PayloadError),
        (200, b"", PayloadError),
    ],
)
async def test_each_refusal_has_its_kind(
    open_account: Open, status: int, body: object, kind: type[Exception]
) -> None:
    async with LoopbackServer(answers(body, status=status)) as server:
        account = await open_account(server.url)
        with pytest.raises(kind):
            await account.check()


@pytest.mark.parametrize("spelling", ["{}", "Bearer {}", " {}\n"])
async def test_the_token_may_be_stored_with_its_scheme(
    open_account: Open, cloud: MobTextingCloud, spelling: str
) -> None:
    token = spelling.format(cloud.credentials["api_token"])
    account = await open_account(secrets={"api_token": token})
    await account.check()


async def test_a_refusal_never_quotes_the_token(open_account: Open) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(422, b'{"message": "SEKRETtoken is no good"}')

    async with LoopbackServer(handler) as server:
        account = await open_account(server.url, secrets={"api_token": "SEKRETtoken"})
        with pytest.raises(RequestRejected) as caught:
            await account.check()
    assert "SEKRET" not in str(caught.value)


async def test_a_missing_webhook_secret_is_no_error_a_locked_keychain_is(
    open_account: Open,
) -> None:
    async def locked(_name: str) -> object:
        raise SecretError("The keychain is locked")

    await (await open_account(secrets={})).prepare()
    with pytest.raises(SecretError):
        await (await open_account(read_secret=locked)).prepare()


async def test_a_time_zone_that_does_not_exist_is_told_at_once(
    open_account: Open,
) -> None:
    with pytest.raises(ConfigurationError):
        await open_account(options={"time_zone": "Mars/Phobos"})


# --- the call log ---------------------------------------------------------------------


@pytest.mark.parametrize("is_older", [False, True])
async def test_the_history_is_read_over_the_pages_of_15(
    open_account: Open, is_older: bool
) -> None:
    options = MobTextingOptions(has_older_log_pages=is_older)
    with MobTextingCloud(options=options) as cloud:
        cloud.seed_history(past(40))
        account = await open_account(cloud.base_url, secrets=cloud.credentials)
        first = await account.history(HistoryQuery(size=25))
        assert len(first.records) == len(first.call_ids) == 25
        assert first.has_next
        second = await account.history(HistoryQuery(size=25, page=1))
        assert (len(second.records), second.has_next) == (15, False)
        begun = [one.started_at for one in (*first.records, *second.records)]
        assert begun == sorted(begun, reverse=True)


async def test_the_history_is_narrowed_by_number_and_time(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    cloud.seed_history([*past(20), PastCall(number=BEN, minutes_ago=15)])
    found = await account.history(HistoryQuery(number="020 7946 0456"))
    assert [one.caller.number for one in found.records] == [BEN]
    now = datetime.now(UTC)
    query = HistoryQuery(
        since=now - timedelta(minutes=45),
        until=now - timedelta(minutes=12),
        newest_first=False,
    )
    page = await account.history(query)
    ages = [round((now - one.started_at).total_seconds() / 60) for one in page.records]
    assert ages == [40, 30, 20, 15]
    since = [r for r in cloud.requests if "datetime" in r.query]
    assert since


async def test_a_record_is_found_by_its_id_and_by_its_call(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    cloud.seed_history(
        [PastCall(number=ANA, minutes_ago=9, is_inbound=False), *past(3)]
    )
    page = await account.history(HistoryQuery())
    for record, call_id in zip(page.records, page.call_ids, strict=True):
        assert await account.record(record.record_id) == record
        assert await account.records_of_call(call_id) == (record,)
    assert page.records[0].direction is Direction.OUTBOUND
    with pytest.raises(NotFound):
        await account.record("nobody")
    assert await account.records_of_call("nobody") == ()


async def test_a_wrong_shape_of_a_page_is_unreadable(open_account: Open) -> None:
    async with LoopbackServer(answers({"status": "OK", "data": "x"})) as server:
        account = await open_account(server.url)
        with pytest.raises(PayloadError):
            await account.history(HistoryQuery())


async def test_a_bare_list_and_foreign_entries_are_read(open_account: Open) -> None:
    entry = {"call_from": "442079460123", "call_to": LINE, "service": "IN", "id": "a"}
    async with LoopbackServer(answers([entry, {"x": 1}, 3])) as server:
        account = await open_account(server.url)
        page = await account.history(HistoryQuery())
        assert page.call_ids == ("a",)


async def test_pages_that_never_end_are_not_read_for_ever(open_account: Open) -> None:
    entry = {"call_from": "442079460123", "call_to": LINE, "service": "IN", "id": "a"}
    page = {"data": [entry], "links": {"next": "more"}}
    async with LoopbackServer(answers(page)) as server:
        account = await open_account(server.url)
        await account.history(HistoryQuery(number=BEN))
        assert len(server.requests) == 60


# --- polls ----------------------------------------------------------------------------


async def test_a_poll_gives_the_calls_since_and_each_change_once_more(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    cloud.seed_history(past(3))
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up()
    since = datetime.now(UTC) - timedelta(minutes=1)
    first = await account.poll(since)
    assert len(first) == 4
    parsed = [account.parse(one) for one in first]
    assert [one.problem for one in parsed] == [None] * 4
    assert [event.call_id for one in parsed for event in one.events][-1] == call.call_id
    again = await account.poll(since)
    assert [one.body for one in again] == [first[-1].body]
    call.publish_record(recorded=True)
    changed = await account.poll(since)
    assert b"audio" in changed[-1].body
    assert changed[-1].body != first[-1].body
    # The link is signed anew with each question; that is no news.
    assert [one.body for one in await account.poll(since)] == [changed[-1].body]


async def test_a_poll_reads_no_further_back_than_it_must(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    cloud.seed_history(past(100))
    since = datetime.now(UTC) - timedelta(minutes=30)
    await account.poll(since)
    read = len(cloud.requests)
    assert read <= 3
    await account.poll(since)
    assert len(cloud.requests) - read <= 2


async def test_a_silent_call_is_looked_up(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    assert await account.fetch_call(call.call_id) == ()
    call.hang_up()
    (found,) = await account.fetch_call(call.call_id)
    (event,) = account.parse(found).events
    assert event.call_id == call.call_id
    assert await account.fetch_call("made-up") == ()


async def test_a_call_that_only_the_state_knows_is_looked_up_there(
    open_account: Open,
) -> None:
    state = {
        "status": 200,
        "data": [
            {
                "id": "a",
                "from": LINE,
                "to": ANA,
                "status": "ANSWER",
                "start_at": "2024-07-10 08:27:26",
                "end_at": "2024-07-10 08:27:29",
            }
        ],
    }
    log = {"status": "OK", "data": []}
    async with LoopbackServer(answers(log, state)) as server:
        account = await open_account(server.url)
        (found,) = await account.fetch_call("a")
        (event,) = account.parse(found).events
        assert event.record.outcome is CallOutcome.ANSWERED  # type: ignore[attr-defined]
        assert server.requests[1].query == {"id": "a"}
    async with LoopbackServer(answers(log)) as server:
        account = await open_account(server.url)
        assert await account.fetch_call("a") == ()


# --- recordings -----------------------------------------------------------------------


async def test_a_recording_that_only_its_own_log_has_is_found(
    open_account: Open,
) -> None:
    entry = {
        "id": "call",
        "call_from": "442079460123",
        "call_to": "442079460100",
        "service": "IN",
        "start_at": "2026-11-20 10:00:00",
        "end_at": "2026-11-20 10:01:00",
        "audio": None,
    }
    other = {**entry, "id": "r1", "created_at": "2026-11-20 12:00:00", "audio": "x"}
    odd = {**entry, "id": "r2", "created_at": "then", "audio": "https://x.example.com"}
    right = {
        **entry,
        "id": "r3",
        "created_at": "2026-11-20 10:02:00",
        "audio": "https://media.example.com/a.mp3?X-Amz-Date=20261120T100000Z"
        "&X-Amz-Expires=3600",
    }
    calls = {"data": [entry]}
    pages = [
        {"data": [other], "meta": {"current_page": 1, "last_page": 2}},
        {"data": [odd, right], "meta": {"current_page": 2, "last_page": 2}},
    ]
    async with LoopbackServer(answers(calls, *pages)) as server:
        account = await open_account(server.url)
        found = await account.recording("call")
        assert found.url == right["audio"]
        assert found.expires_at == datetime(2026, 11, 20, 11, tzinfo=UTC)
        ranges = server.requests[1].query["datetime[r.created_at]"]
        assert ranges == "Nov 19, 2026 - Nov 21, 2026"
    by_id = {**entry, "created_at": "", "audio": "https://media.example.com/b.mp3"}
    async with LoopbackServer(answers(calls, {"data": [by_id]})) as server:
        account = await open_account(server.url)
        found = await account.recording("call")
        assert (found.url, found.expires_at) == (by_id["audio"], None)


async def test_a_call_without_a_recording_says_so(
    account: MobTextingProvider, cloud: MobTextingCloud
) -> None:
    cloud.seed_history(past(1))
    (call_id,) = (await account.history(HistoryQuery())).call_ids
    for name in (call_id, "nobody"):
        with pytest.raises(NotFound):
            await account.recording(name)


# --- the limit ------------------------------------------------------------------------


async def test_requests_beyond_the_limit_wait_their_turn() -> None:
    import asyncio

    pace = RequestPace(2, 0.05)
    began = asyncio.get_running_loop().time()
    for _ in range(5):
        await pace.turn()
    assert asyncio.get_running_loop().time() - began >= 0.1


async def test_the_clouds_own_limit_is_told(open_account: Open) -> None:
    with MobTextingCloud(options=MobTextingOptions(gets_per_minute=1)) as cloud:
        account = await open_account(cloud.base_url, secrets=cloud.credentials)
        await account.check()
        with pytest.raises(ProviderThrottled):
            await account.check()


@pytest.mark.parametrize(
    "faults",
    [
        Faults(half_answer=True),
        Faults(lost_answer=True),
        Faults(html_instead_of_json=True),
        Faults(empty_answer=True),
        Faults(server_error=502),
    ],
    ids=str,
)
async def test_every_broken_answer_is_an_error_of_ours(
    account: MobTextingProvider, cloud: MobTextingCloud, faults: Faults
) -> None:
    cloud.set_faults(faults)
    with pytest.raises((ProviderError, PayloadError)):
        await account.poll(datetime.now(UTC))
