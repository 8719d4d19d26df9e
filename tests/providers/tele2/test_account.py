"""Lists, history and people of an account at the simulated Tele2."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.errors import (
    AuthenticationFailed,
    NotFound,
    NotOffered,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.events import Direction
from screenpop.providers.abilities import HistoryFilter
from screenpop.providers.protocol import HistoryQuery, OwnedNumber
from screenpop.providers.tele2.directory import home_region, to_line_holder
from screenpop.providers.tele2.directory_payloads import read_employee
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.people import PastCall
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import NumberForm, Tele2Options
from tests.net.loopback import LoopbackServer
from tests.providers.contract import delivery
from tests.providers.tele2.conftest import AMELIA, ANA, BEN, RUI, SARA, paths

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Request
    from tests.providers.tele2.conftest import Keychain, Open


# --- the key --------------------------------------------------------------------------


async def test_a_right_key_is_accepted_and_clocks_are_compared(account: Any) -> None:
    identity = await account.check()
    assert identity.name == "Tele2"
    assert abs(identity.clock_skew_seconds) < 5


@pytest.mark.parametrize("word", ["Bearer ", "bearer  ", " "])
async def test_a_key_may_be_pasted_with_the_word_before_it(
    account: Any, keychain: Keychain, word: str
) -> None:
    keychain.secrets["api_key"] = word + keychain.secrets["api_key"]
    assert await account.check()


async def test_a_refused_key_is_read_anew_at_the_next_request(
    account: Any, cloud: Tele2Cloud, keychain: Keychain
) -> None:
    right = keychain.secrets["api_key"]
    keychain.secrets["api_key"] = "wrong"
    with pytest.raises(AuthenticationFailed):
        await account.check()
    keychain.secrets["api_key"] = right
    assert await account.check()


async def test_a_key_that_may_not_read_employees_is_tried_on_calls(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.forbidden_paths = frozenset({"/api/v2/trigger/contacts"})
    assert await account.check()
    assert paths(cloud)[-1] == "GET /trigger/call_history"


async def test_a_key_that_may_do_nothing_says_what_to_allow(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.forbidden_paths = frozenset({"/api/"})
    with pytest.raises(PermissionDenied) as caught:
        await account.check()
    assert "add this method to the key" in caught.value.advice
    assert "Method is not permitted" in caught.value.advice


async def test_the_stream_is_part_of_the_check(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    streaming = await open_account("stream")
    await streaming.check()
    assert paths(cloud)[-1] == "POST /api/session_keys/create"
    cloud.forbidden_paths = frozenset({"/api/session_keys"})
    with pytest.raises(PermissionDenied):
        await streaming.check()


@pytest.mark.parametrize("end", ["/", "/api", "/api/v2", "/api/v2/"])
async def test_an_address_with_the_path_of_the_interface_is_fine(
    open_account: Open, cloud: Tele2Cloud, end: str
) -> None:
    account = await open_account(base_url=cloud.base_url + end)
    assert await account.check()


async def test_a_wrong_address_is_told_from_an_empty_phone_system(
    open_account: Open,
) -> None:
    async def web_site(_request: Request, connection: Connection) -> None:
        await connection.reply(404, b"<html>Not here", "text/html")

    async def nothing(_request: Request, connection: Connection) -> None:
        body = b'{"version": "v2", "statusCode": 404, "message": "No items found"}'
        await connection.reply(404, body)

    async with LoopbackServer(web_site) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(NotFound) as caught:
            await account.check()
        assert "address may be wrong" in caught.value.advice
        await account.aclose()
    async with LoopbackServer(nothing) as server:
        account = await open_account(base_url=server.url)
        assert (await account.check()).clock_skew_seconds is None
        await account.aclose()


# --- faults ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(unauthorized=True), AuthenticationFailed),
        (Faults(forbidden=True), PermissionDenied),
        (Faults(server_error=503), ProviderUnavailable),
        (Faults(lost_answer=True), ProviderUnavailable),
        (Faults(half_answer=True), ProviderUnavailable),
        (Faults(html_instead_of_json=True), PayloadError),
        (Faults(empty_answer=True), PayloadError),
        (Faults(throttle=True), ProviderThrottled),
    ],
    ids=str,
)
async def test_each_fault_is_an_error_of_its_kind(
    account: Any, cloud: Tele2Cloud, faults: Faults, kind: type[Exception]
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(kind) as caught:
        await account.list_lost_callers()
    assert cloud.credentials["api_key"] not in str(caught.value)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (500, ProviderUnavailable),
    ],
)
async def test_the_status_inside_an_answer_counts_as_well(
    open_account: Open, code: int, kind: type[Exception]
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"statusCode": %d, "data": []}' % code)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(kind):
            await account.get_voicemail("1")
        if code == 404:
            assert await account.list_lost_callers() == ()
        await account.aclose()


@pytest.mark.parametrize("data", [b"3", b'"text"', b"[1, 2]", b"true"])
async def test_an_answer_of_another_shape_is_unreadable(
    open_account: Open, data: bytes
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"statusCode": 200, "data": %s}' % data)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(PayloadError):
            await account.list_lost_callers()
        await account.aclose()


async def test_after_a_plea_for_fewer_requests_nothing_but_a_dial_is_sent(
    account: Any, cloud: Tele2Cloud
) -> None:
    from screenpop.providers.protocol import OriginateRequest

    cloud.set_faults(Faults(throttle=True, retry_after_seconds=30, first_requests=1))
    with pytest.raises(ProviderThrottled):
        await account.list_lost_callers()
    count = len(cloud.requests)
    with pytest.raises(ProviderThrottled) as caught:
        await account.list_lost_callers()
    assert 0 < (caught.value.retry_after_seconds or 0) <= 30
    assert len(cloud.requests) == count
    await account.originate(OriginateRequest(number=ANA, extension=AMELIA))
    assert len(cloud.placed_calls) == 1


# --- people ---------------------------------------------------------------------------


async def test_employees_are_users_with_the_numbers_they_show(account: Any) -> None:
    users = {user.name: user for user in await account.list_users()}
    assert set(users) == {"Amelia Hart", "Rui Costa", "Sara Lindqvist"}
    amelia = users["Amelia Hart"]
    assert (amelia.user_id, amelia.extension) == (AMELIA, AMELIA)
    assert amelia.caller_id == OwnedNumber("+442079460100")
    assert amelia.caller_ids == (amelia.caller_id,)


async def test_who_is_set_by_number_is_listed_by_that_number(
    open_account: Open,
) -> None:
    account = await open_account(extension="020 7946 0112")
    extensions = {user.name: user.extension for user in await account.list_users()}
    assert extensions["Rui Costa"] == "020 7946 0112"
    assert extensions["Sara Lindqvist"] == SARA


@pytest.mark.parametrize(
    ("base_url", "region", "shown"),
    [
        # Made up: Lithuania and Latvia keep no numbers free for fiction.
        ("https://mobili-stotele.tele2.lt", "", "+37060000000"),
        ("https://mobili-stotele.tele2.lt", "LV", "+37160000000"),
        ("https://zvanuparvaldnieks.lmt.lv", "", "+37160000000"),
        ("https://brand.example.com", "", ""),
    ],
)
async def test_national_numbers_are_read_by_the_brands_own_country(
    open_account: Open, base_url: str, region: str, shown: str
) -> None:
    account = await open_account(base_url=base_url, region=region)
    employee = read_employee({"contactID": 5, "number": "60000000"})
    user = to_line_holder(employee, account._staff.own)
    assert [number.number for number in user.caller_ids] == ([shown] if shown else [])


async def test_a_colleague_who_calls_is_known(account: Any, cloud: Tele2Cloud) -> None:
    (found,) = await account.find_by_number("+442079460112")
    assert (found.name, found.source_id) == ("Rui Costa", RUI)
    assert found.numbers[0].e164 == "+442079460112"
    assert await account.find_by_number(ANA) == ()
    assert await account.find_by_number("anonymous") == ()
    assert paths(cloud).count("GET /trigger/contacts") == 1, "asked once, then kept"


async def test_where_employees_may_not_be_read_nobody_is_known(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.forbidden_paths = frozenset({"/api/v2/trigger/contacts"})
    assert await account.find_by_number("+442079460112") == ()
    with pytest.raises(PermissionDenied):
        await account.search_contacts("rui")


@pytest.mark.parametrize("text", ["rui", "COSTA", "costa rui", "0112", "020 7946 0112"])
async def test_employees_are_searched_by_name_and_number(
    account: Any, text: str
) -> None:
    page = await account.search_contacts(text)
    assert [contact.name for contact in page.contacts] == ["Rui Costa"]
    assert not page.has_next


async def test_employees_are_paged(account: Any) -> None:
    first = await account.search_contacts("", limit=2)
    second = await account.search_contacts("", offset=2, limit=2)
    assert (len(first.contacts), first.has_next) == (2, True)
    assert (len(second.contacts), second.has_next) == (1, False)


async def test_one_employee_is_had_by_id(account: Any) -> None:
    assert (await account.get_contact(SARA)).name == "Sara Lindqvist"
    for odd in ("1", "", "..", "x", "٣"):
        with pytest.raises(NotFound):
            await account.get_contact(odd)


# --- catalogues -----------------------------------------------------------------------


async def test_everything_else_can_be_looked_through_and_asked_for(
    account: Any,
) -> None:
    sizes = {}
    for name in account.catalogue_names:
        things = await account.catalogue(name)
        sizes[name] = len(things)
        if not things:
            continue
        assert await account.catalogue_item(name, things[0].thing_id) == things[0]
    assert sizes == {
        "employees": 4,
        "groups": 2,
        "voicemail boxes": 1,
        "VoIP phones": 2,
        "audio prompts": 2,
        "recordings": 0,
    }
    employees = await account.catalogue("employees")
    gone = next(one for one in employees if one.name == "Gil Gone")
    assert dict(gone.details)["archived"] == "yes"
    assert dict(gone.details)["avatar"].startswith("https://")


def _recorded(cloud: Tele2Cloud, call: Any) -> str:
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    return str(call.call_id)


async def test_recordings_are_narrowed_by_all_that_the_vendor_takes(
    account: Any, cloud: Tele2Cloud
) -> None:
    ana = _recorded(cloud, cloud.incoming_call(ANA))
    ben = _recorded(cloud, cloud.outgoing_call(BEN))
    today = datetime.now().astimezone().date()

    async def calls(**chosen: str) -> set[str]:
        found = await account.choose_catalogue("recordings", chosen)
        return {dict(one.details)["call"] for one in found}

    assert await calls() == {ana, ben}
    assert await calls(caller=ANA) == {ana}
    assert await calls(callee=BEN) == {ben}
    assert await calls(direction="out") == {ben}
    assert await calls(employee=AMELIA) == {ana, ben}
    assert await calls(employee=SARA) == set()
    assert await calls(since=str(today), until=str(today)) == {ana, ben}
    assert await calls(until=str(today - timedelta(days=1))) == set()
    with pytest.raises(RequestRejected):
        await calls(since="soon")
    with pytest.raises(RequestRejected):
        await calls(colour="red")


async def test_a_recording_bears_its_link_only_when_it_is_looked_at(
    account: Any, cloud: Tele2Cloud
) -> None:
    _recorded(cloud, cloud.incoming_call(ANA))
    (listed,) = await account.catalogue("recordings")
    assert not any(text.startswith("https:") for _name, text in listed.details)
    shown = await account.catalogue_item("recordings", listed.thing_id)
    assert dict(shown.details)["sound"].startswith("https://media.example.com/")


async def test_groups_are_narrowed_to_those_of_an_employee(account: Any) -> None:
    (theirs,) = await account.choose_catalogue("groups", {"employee": AMELIA})
    assert theirs.name == "Sales"
    with pytest.raises(RequestRejected):
        await account.choose_catalogue("employees", {"employee": AMELIA})


async def test_a_catalogue_nobody_has_is_not_found(account: Any) -> None:
    with pytest.raises(NotFound):
        await account.catalogue("queues")
    with pytest.raises(NotFound):
        await account.catalogue_item("queues", "1")
    with pytest.raises(NotFound):
        await account.catalogue_item("groups", "1")


# --- history --------------------------------------------------------------------------


def _past(cloud: Tele2Cloud, count: int = 5) -> None:
    cloud.seed_history(
        [
            PastCall(
                number=ANA if number % 2 else BEN,
                minutes_ago=60 * number,
                is_inbound=number % 3 != 0,
                was_answered=number != 2,
                seconds=40,
            )
            for number in range(1, count + 1)
        ]
    )


async def test_history_comes_newest_first_in_pages(
    account: Any, cloud: Tele2Cloud
) -> None:
    _past(cloud)
    pages = [await account.history(HistoryQuery(size=2, page=n)) for n in range(4)]
    assert [len(page.records) for page in pages] == [2, 2, 1, 0]
    assert [page.has_next for page in pages] == [True, True, False, False]
    ids = [call_id for page in pages for call_id in page.call_ids]
    assert ids == sorted(ids, key=int, reverse=True)
    assert pages[0].records[1].outcome is CallOutcome.NO_ANSWER


async def test_history_comes_oldest_first_when_asked(
    account: Any, cloud: Tele2Cloud
) -> None:
    _past(cloud)
    page = await account.history(HistoryQuery(size=2, newest_first=False))
    started = [record.started_at for record in page.records]
    assert started == sorted(started)
    assert page.has_next


@pytest.mark.parametrize("form", NumberForm)
@pytest.mark.parametrize("text", [ANA, "07700 900123", "00447700900123"])
async def test_a_number_is_found_however_either_side_writes_it(
    open_account: Open, keychain: Keychain, form: NumberForm, text: str
) -> None:
    with Tele2Cloud(options=Tele2Options(number_form=form)) as cloud:
        keychain.secrets |= cloud.credentials
        _past(cloud)
        account = await open_account(base_url=cloud.base_url)
        page = await account.history(HistoryQuery(number=text, size=2))
        assert (len(page.records), page.has_next) == (2, True)
        asked = len(cloud.requests)
        page = await account.history(HistoryQuery(number=text, size=2, page=1))
        assert (len(page.records), page.has_next) == (1, False)
        assert len(cloud.requests) - asked == 2, "what worked is tried first"
        await account.aclose()


async def test_history_is_narrowed_at_the_vendor(
    account: Any, cloud: Tele2Cloud
) -> None:
    _past(cloud)
    query = HistoryQuery()
    outbound = await account.filter_history(
        query, HistoryFilter(direction=Direction.OUTBOUND)
    )
    assert len(outbound.records) == 1
    to_ana = await account.filter_history(query, HistoryFilter(callee=ANA))
    assert to_ana.call_ids == outbound.call_ids
    from_ben = await account.filter_history(query, HistoryFilter(caller=BEN))
    assert len(from_ben.records) == 2
    mine = await account.filter_history(query, HistoryFilter(extension=AMELIA))
    assert len(mine.records) == 5
    theirs = await account.filter_history(query, HistoryFilter(extension=RUI))
    assert theirs.records == ()


async def test_history_is_narrowed_by_time(account: Any, cloud: Tele2Cloud) -> None:
    _past(cloud)
    now = datetime.now(UTC)
    query = HistoryQuery(
        since=now - timedelta(hours=4, minutes=30),
        until=now - timedelta(hours=1, minutes=30),
    )
    assert len((await account.history(query)).records) == 3


async def test_one_record_is_found_by_the_calls_id(
    account: Any, cloud: Tele2Cloud
) -> None:
    _past(cloud, 1)
    ((call_id,)) = (await account.history(HistoryQuery())).call_ids
    assert (await account.record(call_id)).record_id == call_id
    assert len(await account.records_of_call(call_id)) == 1
    for unknown in ("1", "nameless-8f3c", ""):
        assert await account.records_of_call(unknown) == ()
        with pytest.raises(NotFound):
            await account.record(unknown)


async def test_a_long_list_is_read_page_by_page(
    open_account: Open, keychain: Keychain
) -> None:
    with Tele2Cloud(options=Tele2Options(largest_page=15)) as cloud:
        keychain.secrets |= cloud.credentials
        _past(cloud, 40)
        account = await open_account(base_url=cloud.base_url)
        page = await account.history(HistoryQuery(size=50))
        assert len(page.records) == 40
        await account.aclose()


async def test_a_server_that_ignores_the_offset_does_not_turn_in_circles(
    open_account: Open,
) -> None:
    calls = b",".join(b'{"callID": %d}' % number for number in range(20))

    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"statusCode": 200, "data": [%s]}' % calls)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        page = await account.history(HistoryQuery(size=50))
        assert len(page.records) == 20
        assert len(server.requests) == 2
        await account.aclose()


# --- recordings, messages, lost callers -----------------------------------------------


def _missed(cloud: Tele2Cloud, caller: str = ANA) -> Any:
    call = cloud.incoming_call(caller)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    return call


async def test_a_recording_is_linked_afresh(account: Any, cloud: Tele2Cloud) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    with pytest.raises(NotFound):
        await account.recording(call.call_id)
    call.publish_record(recorded=True)
    recording = await account.recording(call.call_id)
    assert recording.url.startswith("https://media.example.com/recordings/")
    with pytest.raises(NotFound):
        await account.recording("1")


async def test_messages_are_those_of_the_own_employee(
    open_account: Open, cloud: Tele2Cloud
) -> None:
    _missed(cloud, ANA).publish_record(voicemail=True)
    _missed(cloud, BEN).publish_record(voicemail=True)
    for extension, count in ((AMELIA, 2), ("", 2), (RUI, 0), ("020 7946 0111", 2)):
        account = await open_account(extension=extension)
        found = await account.list_voicemails()
        assert len(found) == count, extension
    account = await open_account()
    newest = (await account.list_voicemails())[0]
    assert (newest.caller, newest.box) == ("07700900456", "Main office")
    assert await account.get_voicemail(newest.voicemail_id) == newest
    with pytest.raises(NotFound):
        await account.get_voicemail("1")


async def test_lost_callers_wait_until_they_are_called_back(
    account: Any, cloud: Tele2Cloud
) -> None:
    assert await account.list_lost_callers() == ()
    _missed(cloud)
    _missed(cloud)
    (lost,) = await account.list_lost_callers()
    assert (lost.number, lost.line, lost.attempts) == ("07700900123", "02079460100", 2)
    back = cloud.outgoing_call(ANA)
    back.ring()
    back.answer()
    back.hang_up()
    assert await account.list_lost_callers() == ()


async def test_a_phone_system_without_a_stream_says_so(open_account: Open) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(404, b'{"statusCode": 404}')

    async with LoopbackServer(handler) as server:
        account = await open_account("stream", base_url=server.url)
        with pytest.raises(NotOffered) as caught:
            async with account.open_stream():
                pass
        assert "polling" in caught.value.advice
        await account.aclose()


def test_an_address_that_is_none_has_no_country() -> None:
    assert home_region("https://[::1") == ""


async def test_what_a_live_account_sends_is_learnt_by_name(
    account: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    body = b'{"eventType": "CallStarted", "data": {"queueLabel": "SEKRET"}}'
    for each in (body, b"[%s, 3]" % body, b"rubbish"):
        await account.take(delivery(each))
    assert caplog.text.count("queueLabel") == 1
    assert "SEKRET" not in caplog.text


async def test_lost_callers_and_messages_are_news(account: Any) -> None:
    body = b'{"eventType": "LostCallerRemoved", "data": {"callerid": "1"}}'
    assert len(account.news(delivery(body))) == 1
    assert account.answer(delivery(body)).status == 200


async def test_a_recording_that_is_not_ready_is_not_found(open_account: Open) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"data": {"callID": 7, "recordingID": 8}}')

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(NotFound, match="not ready"):
            await account.recording("7")
        await account.aclose()


async def test_a_recording_at_the_own_address_is_fetched_with_the_key(
    open_account: Open,
) -> None:
    async def handler(request: Request, connection: Connection) -> None:
        if request.target.endswith(".wav"):
            assert request.headers["authorization"].startswith("Bearer ")
            await connection.reply(200, b"RIFF", content_type="audio/wav")
            return
        url = f"{server.url}/records/8.wav"
        call = {"callID": 7, "recordingID": 8, "recordingURL": url}
        await connection.reply(200, json.dumps({"data": call}).encode())

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        sound = await account.download_recording("7")
        assert (sound.data, sound.media_type) == (b"RIFF", "audio/wav")
        await account.aclose()


@pytest.mark.parametrize("data", [b"null", b"{}", b"[]"])
async def test_an_answer_without_the_thing_asked_for_means_that_there_is_none(
    open_account: Open, data: bytes
) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b'{"statusCode": 200, "data": %s}' % data)

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(NotFound):
            await account.get_contact("5")
        await account.aclose()


async def test_an_answer_that_is_no_object_is_unreadable(open_account: Open) -> None:
    async def handler(_request: Request, connection: Connection) -> None:
        await connection.reply(200, b"[]")

    async with LoopbackServer(handler) as server:
        account = await open_account(base_url=server.url)
        with pytest.raises(PayloadError):
            await account.list_lost_callers()
        await account.aclose()
