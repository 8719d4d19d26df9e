"""Records, voicemail and sign-in at the simulated Mango Voice."""

from __future__ import annotations

import json
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
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
    SecretMissing,
)
from screenpop.domain.events import Direction
from screenpop.providers import abilities, protocol
from screenpop.providers.abilities import HistoryFilter, ListChange
from screenpop.providers.mango_voice import tokens
from screenpop.providers.mango_voice.answers import (
    CallFilters,
    filter_path,
    read_count,
    read_list,
)
from screenpop.providers.mango_voice.polling import LONG_REACH_EVERY
from screenpop.providers.protocol import HistoryQuery
from screenpop.simulator import Faults
from screenpop.simulator.people import PastCall
from tests.providers.contract import delivery

if TYPE_CHECKING:
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.mango_voice.provider import MangoVoiceProvider
    from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
    from tests.providers.mango_voice.conftest import Keychain, Open

NORA, BEN = "+12025550143", "+12025550144"
PAST = (
    PastCall(number=NORA, minutes_ago=60, seconds=64),
    PastCall(number=BEN, minutes_ago=90, is_inbound=False, seconds=30),
    PastCall(number=NORA, minutes_ago=120, was_answered=False, seconds=18),
    PastCall(number="", minutes_ago=50 * 24 * 60, was_answered=False, seconds=9),
)


@pytest.fixture
def past(cloud: MangoVoiceCloud) -> MangoVoiceCloud:
    cloud.seed_history(PAST)
    return cloud


def paths(cloud: MangoVoiceCloud) -> list[str]:
    return [request.path.split("/", 7)[-1] for request in cloud.requests]


# --- signing in -----------------------------------------------------------------------


def test_every_ability_of_the_vendor_is_offered(account: MangoVoiceProvider) -> None:
    for ability in (
        protocol.SupportsCallPolling,
        protocol.SupportsCallHistory,
        protocol.SupportsClickToDial,
        abilities.SupportsPreparation,
        abilities.SupportsDeliveryEffects,
        abilities.SupportsSecretDeliveries,
        abilities.SupportsRecordings,
        abilities.SupportsVoicemail,
        abilities.SupportsVoicemailEditing,
        abilities.SupportsHistoryFilters,
        abilities.SupportsHistoryChoices,
        abilities.SupportsCallCount,
        abilities.SupportsNews,
    ):
        assert isinstance(account, ability), ability
    assert not isinstance(account, protocol.SupportsWebhookSubscription)
    assert not isinstance(account, protocol.SupportsUsers)


async def test_a_right_token_is_a_right_token(account: MangoVoiceProvider) -> None:
    identity = await account.check()
    assert identity.name == "Mango Voice"
    assert identity.clock_skew_seconds is not None


@pytest.mark.parametrize("status", [401, 404])
async def test_wrong_tokens_are_named_and_read_anew_next_time(
    cloud: MangoVoiceCloud, keychain: Keychain, account: MangoVoiceProvider, status: int
) -> None:
    object.__setattr__(cloud.options, "unknown_tokens_status", status)
    right = keychain.kept["auth_token"]
    keychain.kept["auth_token"] = "wrong/wrong/wrong"
    with pytest.raises(AuthenticationFailed):
        await account.check()
    keychain.kept["auth_token"] = right
    await account.check()


async def test_the_token_may_come_in_three_parts(
    cloud: MangoVoiceCloud, keychain: Keychain, account: MangoVoiceProvider
) -> None:
    del keychain.kept["auth_token"]
    with pytest.raises(SecretMissing):
        await account.check()
    keychain.kept |= dict(zip(tokens.PARTS, cloud.pbx.idents, strict=True))
    await account.check()


async def test_a_token_that_cannot_be_taken_apart_is_told(
    keychain: Keychain, account: MangoVoiceProvider, cloud: MangoVoiceCloud
) -> None:
    keychain.kept["auth_token"] = "onepiece"
    with pytest.raises(AuthenticationFailed, match="taken apart"):
        await account.check()
    assert cloud.requests == ()


@pytest.mark.parametrize(
    ("combined", "parts"),
    [
        ("a/b/c", ("a", "b", "c")),
        ("/a/b/c/", ("a", "b", "c")),
        ("a,b, c", ("a", "b", "c")),
        ("a b\tc", ("a", "b", "c")),
        ("a:b:c", ("a", "b", "c")),
        ("a.b.c", ("a", "b", "c")),
        ("a" * 16 + "b" * 16 + "c" * 16, ("a" * 16, "b" * 16, "c" * 16)),
        ("a" * 47, ()),
        ("abc", ()),
        ("a/b", ()),
    ],
)
def test_a_combined_token_is_taken_apart(combined: str, parts: tuple[str, ...]) -> None:
    assert tokens.taken_apart(combined) == parts


@pytest.mark.parametrize("option", ["cdr_path", "voicemail_path"])
@pytest.mark.parametrize("value", ["api/v1", "/list?x={ident1}"])
async def test_a_path_that_is_none_is_told(
    open_account: Open, option: str, value: str
) -> None:
    with pytest.raises(ConfigurationError):
        await open_account(**{option: value})


async def test_the_vendors_second_host_is_used_beside_its_first(
    open_account: Open, cloud: MangoVoiceCloud
) -> None:
    from screenpop.providers.mango_voice.client import user_base_url

    account = await open_account(base_url="https://api.mangovoice.com")
    assert user_base_url(account._context) == "https://apiuser.mangovoice.com"
    account = await open_account()
    assert user_base_url(account._context) == cloud.base_url


@pytest.mark.parametrize(
    ("faults", "error"),
    [
        (Faults(unauthorized=True), AuthenticationFailed),
        (Faults(forbidden=True), PermissionDenied),
        (Faults(throttle=True), ProviderThrottled),
        (Faults(server_error=503), ProviderUnavailable),
        (Faults(half_answer=True), ProviderUnavailable),
        (Faults(lost_answer=True), ProviderUnavailable),
        (Faults(html_instead_of_json=True), PayloadError),
        (Faults(empty_answer=True), PayloadError),
    ],
    ids=str,
)
async def test_each_fault_is_an_error_of_its_kind(
    cloud: MangoVoiceCloud,
    account: MangoVoiceProvider,
    faults: Faults,
    error: type[Exception],
) -> None:
    cloud.set_faults(faults)
    for work in (account.check, account.list_voicemails):
        with pytest.raises(error) as caught:
            await work()
        assert cloud.pbx.combined_token not in str(caught.value)
        assert not any(ident in str(caught.value) for ident in cloud.pbx.idents)


# --- the call list --------------------------------------------------------------------


async def test_history_is_cut_into_pages_here(
    past: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    page = await account.history(HistoryQuery(size=2))
    assert [r.direction for r in page.records] == [
        Direction.INBOUND,
        Direction.OUTBOUND,
    ]
    assert (page.has_next, page.total) == (True, 3)
    last = await account.history(HistoryQuery(size=2, page=1))
    assert (len(last.records), last.has_next) == (1, False)
    assert last.records[0].outcome is CallOutcome.CANCELLED
    oldest = await account.history(HistoryQuery(newest_first=False))
    assert oldest.records[0] == last.records[0]
    assert len(set(oldest.call_ids)) == 3


@pytest.mark.parametrize("number", ["(202) 555-0143", "+12025550143", "2025550143"])
async def test_a_number_is_looked_for_here(
    past: MangoVoiceCloud, account: MangoVoiceProvider, number: str
) -> None:
    assert (await account.history(HistoryQuery(number=number))).total == 2
    only = HistoryFilter(callee=number)
    assert (await account.filter_history(HistoryQuery(), only)).total == 0
    only = HistoryFilter(caller=number, direction=Direction.INBOUND, extension="101")
    assert (await account.filter_history(HistoryQuery(), only)).total == 1


async def test_an_extension_is_compared_as_a_whole(
    past: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    assert (await account.history(HistoryQuery(number="143"))).total == 0


@pytest.mark.parametrize("combines", [True, False])
@pytest.mark.parametrize("sends", ["yes", "no"])
async def test_every_filter_works_even_where_they_cannot_be_combined(
    past: MangoVoiceCloud, open_account: Open, combines: bool, sends: str
) -> None:
    object.__setattr__(past.options, "combines_filters", combines)
    account = await open_account(combine_filters=sends)
    now = datetime.now(UTC)
    query = HistoryQuery(since=now - timedelta(minutes=100), until=now)
    for chosen, total in (
        ({}, 2),
        ({"direction": "outbound"}, 1),
        ({"direction": "internal"}, 0),
        ({"direction": "inbound", "extension": "101"}, 1),
        ({"extension": "102"}, 0),
    ):
        assert (await account.choose_history(query, chosen)).total == total, chosen


async def test_calls_are_counted_by_the_vendor(
    past: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    query = HistoryQuery(since=datetime.now(UTC) - timedelta(days=2))
    assert await account.count_calls(query, {}) == 3
    assert await account.count_calls(query, {"direction": "outbound"}) == 1
    assert paths(past)[-1].startswith("count/daterange/start_date=")
    assert await account.count_calls(HistoryQuery(number=BEN), {}) == 1


async def test_a_choice_that_there_is_not_is_refused(
    account: MangoVoiceProvider,
) -> None:
    for chosen in ({"direction": "sideways"}, {"colour": "red"}):
        with pytest.raises(RequestRejected):
            await account.choose_history(HistoryQuery(), chosen)


async def test_many_records_come_in_pages_of_the_vendor(
    open_account: Open, cloud: MangoVoiceCloud
) -> None:
    object.__setattr__(cloud.options, "page_size", 10)
    cloud.seed_history([PastCall(number=NORA, minutes_ago=n + 1) for n in range(35)])
    account = await open_account()
    page = await account.history(HistoryQuery(size=100))
    assert len(set(page.call_ids)) == 35
    assert len(cloud.requests) == 4


async def test_a_bare_list_of_records_is_read_as_well(
    open_account: Open, past: MangoVoiceCloud
) -> None:
    object.__setattr__(past.options, "lists_in_pages", False)
    account = await open_account(daterange_encoding="full")
    page = await account.history(
        HistoryQuery(since=datetime.now(UTC) - timedelta(days=1))
    )
    assert page.total == 3


async def test_one_record_by_its_id_and_by_its_call(
    past: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    page = await account.history(HistoryQuery())
    record, call_id = page.records[0], page.call_ids[0]
    assert (await account.record(record.record_id)).record_id == record.record_id
    assert [r.record_id for r in await account.records_of_call(call_id)] == [
        record.record_id
    ]
    by_record = await account.records_of_call(f"record-{record.record_id}")
    assert [r.record_id for r in by_record] == [record.record_id]
    assert await account.records_of_call("nameless-1") == ()
    assert await account.records_of_call("unknown") == ()
    with pytest.raises(NotFound):
        await account.record("999999")
    with pytest.raises(NotFound):
        await account.recording("unknown")


# --- polling --------------------------------------------------------------------------


async def test_a_poll_hands_over_calls_that_ended_since(
    past: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=100)
    first = await account.poll(since)
    events = [event for each in first for event in account.parse(each).events]
    assert len(events) == 2
    assert events[0].occurred_at < events[1].occurred_at
    assert [each.body for each in await account.poll(since)] == [e.body for e in first]
    assert await account.poll(datetime.now(UTC)) == ()


async def test_a_record_that_changed_is_handed_over_again_and_a_new_link_is_no_change(
    cloud: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    call = cloud.incoming_call(NORA)
    call.ring()
    call.answer()
    call.hang_up()
    now = datetime.now(UTC)
    assert len(await account.poll(now)) == 1
    later = now + timedelta(minutes=10)
    assert await account.poll(later) == ()
    call.publish_record(recorded=True)
    (changed,) = await account.poll(later)
    assert b"has_recording" in changed.body
    assert b"recordings/" not in changed.body
    assert await account.poll(later) == ()


async def test_now_and_then_a_poll_reaches_far_back(
    cloud: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    for _ in range(LONG_REACH_EVERY + 1):
        await account.poll(datetime.now(UTC))
    starts = [path.partition("start_date=")[2] for path in paths(cloud)]
    assert starts[0] < starts[1] > starts[LONG_REACH_EVERY]


async def test_one_call_is_fetched_by_its_id(
    past: MangoVoiceCloud, open_account: Open
) -> None:
    account = await open_account()
    call_id = (await account.history(HistoryQuery())).call_ids[0]
    (found,) = await account.fetch_call(call_id)
    assert account.parse(found).events[0].call_id == call_id
    assert await account.fetch_call("record-7") == ()
    odd = await open_account(call_uuid_style="equals")
    assert await odd.fetch_call(call_id) == ()  # the simulator knows the other reading
    assert account.poll_interval_seconds >= 30


# --- voicemail ------------------------------------------------------------------------


@pytest.fixture
def message(cloud: MangoVoiceCloud) -> MangoVoiceCloud:
    for extension in ("101", "102"):
        call = cloud.incoming_call(NORA, extensions=(extension,))
        call.ring()
        call.hang_up()
        call.publish_record(voicemail=True, transcription="Please call back.")
    return cloud


async def test_messages_are_listed_heard_and_deleted(
    message: MangoVoiceCloud, account: MangoVoiceProvider
) -> None:
    (found,) = await account.list_voicemails()
    assert (found.caller, found.box, found.is_heard) == (NORA, "101", False)
    assert found.transcription == "Please call back."
    await account.mark_heard(found.voicemail_id)
    assert (await account.get_voicemail(found.voicemail_id)).is_heard
    await account.delete_voicemail(found.voicemail_id)
    await account.delete_voicemail(found.voicemail_id)
    assert await account.list_voicemails() == ()
    for work in (account.get_voicemail, account.mark_heard):
        with pytest.raises(NotFound):
            await work(found.voicemail_id)
        with pytest.raises(NotFound):
            await work("..")


async def test_without_an_extension_everybodys_messages_are_listed(
    message: MangoVoiceCloud, open_account: Open
) -> None:
    account = await open_account(
        extension="", voicemail_path="/api/v2/vm/{ident1}.{ident2}.{ident3}"
    )
    assert len(await account.list_voicemails()) == 2


async def test_a_message_that_arrives_is_news(account: MangoVoiceProvider) -> None:
    for event, change in (
        ({"event": "voicemail.created", "id": "v1"}, ListChange.ADDED),
        (
            {"event": "voicemail.transcribed", "id": "v1", "transcription": "Hi."},
            ListChange.UPDATED,
        ),
    ):
        token = (("x-mango-security-token", account._hook.security_token.reveal()),)  # type: ignore[union-attr]
        body = json.dumps(event).encode()
        (news,) = account.news(delivery(body, headers=token))
        assert (news.change, news.voicemail.voicemail_id) == (change, "v1")


# --- shapes of answers ----------------------------------------------------------------

RECORD: dict[str, JsonValue] = {"id": 1, "call_uuid": "c"}


@pytest.mark.parametrize(
    ("value", "count"),
    [
        (None, 0),
        ([], 0),
        ({}, 0),
        ([RECORD, 7], 1),
        (RECORD, 1),
        ({"results": [RECORD], "next": None}, 1),
        ({"data": {"cdrs": [RECORD, RECORD]}}, 2),
        ({"CDR": [RECORD]}, 1),
    ],
)
def test_a_list_is_read_in_any_usual_wrapper(value: JsonValue, count: int) -> None:
    assert len(read_list(value).items) == count


@pytest.mark.parametrize("value", ["text", 7, {"detail": "Not found."}])
def test_an_answer_of_another_shape_is_told(value: JsonValue) -> None:
    with pytest.raises(PayloadError):
        read_list(value)


@pytest.mark.parametrize("value", [7, "7", {"count": 7}, {"data": {"total": "7"}}])
def test_a_count_is_read_bare_or_wrapped(value: JsonValue) -> None:
    assert read_count(value) == 7


@pytest.mark.parametrize("value", [None, [], {}, {"count": -1}, {"count": "many"}])
def test_a_count_that_is_none_is_told(value: JsonValue) -> None:
    with pytest.raises(PayloadError):
        read_count(value)


def test_filters_are_written_as_the_document_prints_them() -> None:
    filters = CallFilters(
        extension="101",
        since=datetime(2026, 11, 1, tzinfo=UTC),
        until=datetime(2026, 11, 2, 12, 30, tzinfo=UTC),
        direction="inbound",
        record_id="9",
        call_id="a/b",
    )
    plain = filter_path(filters, encodes_all=False, uuid_mark="/")
    assert plain == (
        "/extension/101/daterange/start_date=2026-11-01%2000:00:00"
        "&end_date=2026-11-02%2012:30:00/direction/inbound/recording/9/call_uuid/a%2Fb"
    )
    full = filter_path(filters, encodes_all=True, uuid_mark="=")
    assert "start_date%3D2026-11-01%2000%3A00%3A00%26end_date" in full
    assert full.endswith("/call_uuid=a%2Fb")
