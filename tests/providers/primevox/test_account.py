"""An account at the simulated PrimeVOX: everything but polling and dialling."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.errors import (
    AuthenticationFailed,
    ConfigurationError,
    NotFound,
    NotOffered,
    PayloadError,
    PermissionDenied,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
)
from screenpop.domain.events import Direction
from screenpop.domain.privacy import Secret
from screenpop.providers import abilities, protocol
from screenpop.providers.abilities import CallNote, HistoryFilter
from screenpop.providers.primevox.provider import (
    CONVERSATIONS,
    MESSAGES,
    RING_GROUPS,
    PrimevoxProvider,
)
from screenpop.providers.protocol import HistoryQuery
from screenpop.simulator import Faults, ReleaseReason
from screenpop.simulator.people import PastCall
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from screenpop.simulator.primevox.options import EmptyData, PrimevoxOptions
from screenpop.simulator.primevox.records import Event
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context, delivery
from tests.providers.primevox.recordings import recorded

if TYPE_CHECKING:
    from tests.net.loopback import Connection, Handler, Request
    from tests.providers.primevox.conftest import Open

ANA, BEN = "+12025550123", "+12025550143"


def _finished(cloud: PrimevoxCloud, caller: str = ANA, **record: Any) -> str:
    call = cloud.incoming_call(caller, extensions=("101", "102"))
    call.ring()
    call.answer("102")
    call.hang_up()
    call.publish_record(**({"recorded": True} | record))
    return call.call_id


def _says(body: object, status: int = 200, kind: str = "text/html") -> Handler:
    """A server that always answers the same."""

    async def handler(_request: Request, connection: Connection) -> None:
        text = body if isinstance(body, bytes) else json.dumps(body).encode()
        await connection.reply(status, text, kind)

    return handler


async def _failure(handler: Handler, **options: str) -> Exception:
    async with LoopbackServer(handler) as server:
        provider = PrimevoxProvider(replace(context(server.url), options=options))
        try:
            await provider.check()
        except Exception as error:  # noqa: BLE001 - whichever it is
            return error
        finally:
            await provider.aclose()
    pytest.fail("it did not fail")


# --- signing in -----------------------------------------------------------------------


async def test_a_check_proves_key_and_container(account: PrimevoxProvider) -> None:
    identity = await account.check()
    assert identity.name == "PrimeVOX"
    assert identity.clock_skew_seconds is not None
    assert abs(identity.clock_skew_seconds) < 5


def test_it_has_every_ability_that_the_vendor_has(account: PrimevoxProvider) -> None:
    for ability in (
        protocol.SupportsWebhook,
        protocol.SupportsCallPolling,
        protocol.SupportsCallHistory,
        protocol.SupportsClickToDial,
        abilities.SupportsDeliveryEffects,
        abilities.SupportsHistoryFilters,
        abilities.SupportsHistoryChoices,
        abilities.SupportsRecordings,
        abilities.SupportsRecordingDownload,
        abilities.SupportsTimeline,
        abilities.SupportsCallNotes,
        abilities.SupportsCatalogues,
    ):
        assert isinstance(account, ability), ability
    assert not isinstance(account, protocol.SupportsWebhookSubscription)


async def test_the_container_may_stand_in_the_settings(
    open_account: Open, cloud: PrimevoxCloud
) -> None:
    async def read_secret(name: str) -> Secret:
        assert name == "api_key"
        return Secret(cloud.credentials["api_key"])

    given = {"container_id": "100200", "tenant_id": "300"}
    account = await open_account("/api", options=given, read_secret=read_secret)
    await account.check()
    assert "tenantID=300" in cloud.requests[-1].query


async def test_a_new_key_works_without_a_restart(
    open_account: Open, cloud: PrimevoxCloud
) -> None:
    keys = ["wrong", cloud.credentials["api_key"]]

    async def read_secret(name: str) -> Secret:
        return Secret(keys.pop(0) if name == "api_key" else "100200")

    account = await open_account(read_secret=read_secret)
    with pytest.raises(AuthenticationFailed, match="does not accept the key"):
        await account.check()
    await account.check()
    await account.check()


async def test_a_wrong_container_is_told_from_a_wrong_key(open_account: Open) -> None:
    account = await open_account(options={"container_id": "999999"})
    with pytest.raises(AuthenticationFailed, match="container") as caught:
        await account.check()
    assert "Container ID" in caught.value.advice
    assert "999999" not in str(caught.value)


def test_plain_http_is_refused_even_where_it_is_allowed() -> None:
    given = context("http://pbx.example.com")
    with pytest.raises(ConfigurationError, match="not encrypted"):
        PrimevoxProvider(replace(given, options={"allow_plain_http": "true"}))


@pytest.mark.parametrize("path", ["api/x", "/api?x=1", "https://example.com/x", "/a b"])
def test_a_path_that_is_none_is_refused(path: str) -> None:
    with pytest.raises(ConfigurationError, match="notes_path"):
        PrimevoxProvider(
            replace(context("https://pbx.example.com"), options={"notes_path": path})
        )


def test_a_map_that_cannot_be_read_stops_the_account() -> None:
    with pytest.raises(ConfigurationError, match="did_map"):
        PrimevoxProvider(
            replace(context("https://pbx.example.com"), options={"did_map": "me"})
        )


# --- answers of all sorts -------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"error": "Your API Auth Key is invalid."}, AuthenticationFailed),
        (
            {"error": {"message": "API key expired"}, "message": "key"},
            AuthenticationFailed,
        ),
        ({"status": "error", "message": "Permission denied"}, PermissionDenied),
        ({"success": False, "message": "Too many requests"}, ProviderThrottled),
        ({"success": 0}, RequestRejected),
        (
            {"error": "Error connecting to the database. Try again later."},
            ProviderUnavailable,
        ),
        ({"error": "The call does not exist"}, NotFound),
        ({"errors": ["fromDate is invalid."]}, RequestRejected),
        ({"result": "failed"}, RequestRejected),
        ("Your API Auth Key is invalid.", AuthenticationFailed),
        (b"Your Container ID is invalid.", AuthenticationFailed),
        (b"<br />\n<b>Warning</b>: mysqli_connect()", PayloadError),
        (b"", PayloadError),
        (b'{"data": {"a": {"callDa', PayloadError),
        (b"all is well", PayloadError),
        (3, PayloadError),
        ("all is well", PayloadError),
        ({"data": "none"}, PayloadError),
    ],
)
async def test_the_body_of_a_good_status_decides(body: object, kind: type) -> None:
    error = await _failure(_says(body))
    assert type(error) is kind


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, AuthenticationFailed),
        (403, PermissionDenied),
        (404, NotFound),
        (429, ProviderThrottled),
        (500, ProviderUnavailable),
        (503, ProviderUnavailable),
        (302, ProviderUnavailable),
        (400, RequestRejected),
    ],
)
async def test_a_bad_status_is_an_error_by_kind(status: int, kind: type) -> None:
    error = await _failure(_says({"error": "no"}, status))
    assert type(error) is kind


async def test_a_refusal_repeats_neither_key_nor_container() -> None:
    async def handler(request: Request, connection: Connection) -> None:
        text = {"error": f"bad request {request.target}"}
        await connection.reply(200, json.dumps(text).encode())

    error = await _failure(handler, container_id="771122")
    assert "SEKRET" not in str(error)
    assert "771122" not in str(error)


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b"false",
        b"{}",
        {"data": []},
        {"data": None},
        {"data": "[]"},
        {"data": "0"},
        b'""',
        {"data": {}},
        {"data": False, "maxPages": 0, "maxResultSize": 0},
        {"success": True, "data": []},
        {"error": "", "data": []},
    ],
)
async def test_no_calls_may_be_written_in_any_way(body: object) -> None:
    async with LoopbackServer(_says(body)) as server:
        provider = PrimevoxProvider(context(server.url))
        page = await provider.history(HistoryQuery())
        assert page.records == ()
        assert not page.has_next
        assert await provider.poll(datetime.now(UTC)) == ()
        await provider.aclose()


@pytest.mark.parametrize("shape", ["map", "list", "bare map", "bare list", "one"])
async def test_calls_are_found_in_every_wrapping(shape: str) -> None:
    call = recorded("call_bare")
    name = call["callUuid"]
    without = {key: value for key, value in call.items() if key != "callUuid"}
    answers = {
        "map": {"data": {name: without, "count": 1}, "maxPages": 1},
        "list": {"data": [call, 3]},
        "bare map": {name: without, "maxPages": 1},
        "bare list": [call],
        "one": {"data": call},
    }
    async with LoopbackServer(_says(answers[shape])) as server:
        provider = PrimevoxProvider(context(server.url))
        page = await provider.history(HistoryQuery())
        await provider.aclose()
    assert page.call_ids == (name,)
    assert page.records[0].caller.number == ANA


@pytest.mark.parametrize("empty", list(EmptyData))
async def test_a_quiet_day_is_no_error(empty: EmptyData) -> None:
    with PrimevoxCloud(options=PrimevoxOptions(empty_data=empty)) as cloud:

        async def read_secret(name: str) -> Secret:
            return Secret(cloud.credentials[name])

        account = PrimevoxProvider(
            replace(context(cloud.base_url), read_secret=read_secret)
        )
        await account.check()
        assert (await account.history(HistoryQuery())).total == 0
        await account.aclose()


@pytest.mark.parametrize(
    ("faults", "kind"),
    [
        (Faults(half_answer=True), (PayloadError, ProviderUnavailable)),
        (Faults(empty_answer=True), PayloadError),
        (Faults(html_instead_of_json=True), PayloadError),
        (Faults(lost_answer=True), ProviderUnavailable),
        (Faults(throttle=True, retry_after_seconds=9), ProviderThrottled),
    ],
)
async def test_a_cloud_in_trouble_is_an_error_of_ours(
    account: PrimevoxProvider, cloud: PrimevoxCloud, faults: Faults, kind: Any
) -> None:
    cloud.set_faults(faults)
    with pytest.raises(kind) as caught:
        await account.check()
    if isinstance(caught.value, ProviderThrottled):
        assert caught.value.retry_after_seconds == 9


# --- the past -------------------------------------------------------------------------


def _fill(cloud: PrimevoxCloud, count: int = 7) -> None:
    cloud.seed_history(
        [
            PastCall(number=f"+120255501{number:02}", minutes_ago=10 * number + 5)
            for number in range(count)
        ]
    )


@pytest.mark.parametrize("reading", [PrimevoxOptions(page_size=3)])
async def test_pages_of_any_size_are_cut_from_the_vendors(
    account: PrimevoxProvider, cloud: PrimevoxCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screenpop.providers.primevox import questions

    monkeypatch.setattr(questions, "PAGE_SIZE", 3)
    _fill(cloud)
    seen = []
    for number in range(4):
        page = await account.history(HistoryQuery(page=number, size=2))
        assert page.total == 7
        assert page.has_next == (number < 3)
        seen += [record.caller.number for record in page.records]
    assert seen == [f"+120255501{number:02}" for number in range(7)]
    beyond = await account.history(HistoryQuery(page=9, size=2))
    assert beyond.records == ()
    assert not beyond.has_next


async def test_history_is_narrowed_by_time_and_number(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    _fill(cloud)
    now = datetime.now(UTC)
    recent = HistoryQuery(since=now - timedelta(minutes=20), until=now, size=500)
    assert len((await account.history(recent)).records) == 2
    for text in ("(202) 555-0103", "+12025550103", "12025550103"):
        found = await account.history(HistoryQuery(number=text))
        assert [record.caller.number for record in found.records] == ["+12025550103"]
    oldest = await account.history(HistoryQuery(newest_first=False, size=3))
    started = [record.started_at for record in oldest.records]
    assert started == sorted(started)


async def test_history_is_narrowed_as_for_any_vendor(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    inbound = _finished(cloud)
    out = cloud.outgoing_call("+442079460123", extension="103")
    out.ring()
    out.hang_up()

    async def ids(**only: Any) -> set[str]:
        page = await account.filter_history(HistoryQuery(), HistoryFilter(**only))
        return set(page.call_ids)

    assert await ids(direction=Direction.INBOUND) == {inbound}
    assert await ids(direction=Direction.OUTBOUND) == {out.call_id}
    assert await ids(extension="102") == {inbound}
    assert await ids(extension="103") == {out.call_id}
    assert await ids(caller=ANA) == {inbound}
    assert await ids(callee="+12025550100") == {inbound}
    assert await ids() == {inbound, out.call_id}


async def test_every_filter_of_the_list_can_be_chosen(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud)
    record = cloud.archive.find(call_id)
    assert record is not None
    menu = ("menu-1", "900", "Main", "2")
    record.events.append(Event("e", record.at, 52, menu))
    await account.write_note(call_id, CallNote("Wants a quote", True, 4))
    voicemail = _finished(cloud, BEN, voicemail=True)
    fitting = {
        "inbound": "1",
        "outbound": "0",
        "internal": "0",
        "caller": "2025550123",
        "line": "2025550100",
        "taken_by": "102",
        "answered": "1",
        "follow_up": "1",
        "severity": "4",
        "notes": "1",
        "menu": "menu-1",
        "menu_event": "52",
        "menu_option": "2",
    }
    page = await account.choose_history(HistoryQuery(), fitting)
    assert page.call_ids == (call_id,)
    page = await account.choose_history(HistoryQuery(), {"voicemail": "1"})
    assert page.call_ids == (voicemail,)
    rest = {"dialled": "1", "dialled_by": "1", "extension": "1", "service": "1"}
    nothing = {"inbound": "0"} | rest
    assert (await account.choose_history(HistoryQuery(), nothing)).records == ()
    known = {choice.key for choice in account.history_choices}
    assert known == fitting.keys() | rest.keys() | {"voicemail"}


async def test_a_filter_hides_the_calls_that_it_is_not_about(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    came = _finished(cloud)
    placed = cloud.outgoing_call(BEN)
    placed.ring()
    placed.answer()
    placed.hang_up()

    async def calls(**chosen: str) -> set[str]:
        return set((await account.choose_history(HistoryQuery(), chosen)).call_ids)

    assert await calls() == {came, placed.call_id}
    assert await calls(caller="2025550123") == {came}
    assert await calls(answered="1") == {came}
    assert await calls(dialled_by="101") == {placed.call_id}
    assert await calls(caller="2025550123", dialled_by="101") == {came, placed.call_id}
    assert await calls(service="2") == set()
    # Who says what to show is obeyed.
    shown = await calls(caller="2025550123", outbound="1")
    assert shown == {came, placed.call_id}


@pytest.mark.parametrize(
    "chosen", [{"mood": "1"}, {"severity": "6"}, {"menu": "x" * 101}, {"inbound": ""}]
)
async def test_a_filter_that_is_none_is_refused(
    account: PrimevoxProvider, cloud: PrimevoxCloud, chosen: dict[str, str]
) -> None:
    with pytest.raises(RequestRejected):
        await account.choose_history(HistoryQuery(), chosen)
    assert cloud.requests == ()


async def test_one_call_is_found_with_who_answered(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud)
    record = await account.record(call_id)
    assert record.outcome is CallOutcome.ANSWERED
    assert record.answered_by is not None
    assert record.answered_by.name == "Rui Costa"
    assert await account.records_of_call(call_id) == (record,)
    with pytest.raises(NotFound):
        await account.record("nobody-knows-it")
    assert await account.records_of_call("nameless-1") == ()


async def test_without_details_one_call_is_found_in_the_list(
    open_account: Open, cloud: PrimevoxCloud
) -> None:
    account = await open_account(options={"details_path": "/api/other.php"})
    call_id = _finished(cloud)
    record = await account.record(call_id)
    assert record.outcome is CallOutcome.ANSWERED
    assert record.answered_by is None
    assert (await account.recording(call_id)).url.endswith(".wav")
    with pytest.raises(NotOffered, match="details_path") as caught:
        await account.timeline(call_id)
    assert "details_path" in caught.value.advice or caught.value.title


# --- timeline -------------------------------------------------------------------------


@pytest.mark.parametrize("reading", [PrimevoxOptions(page_size=3)])
async def test_every_step_of_a_call_is_told(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    told = [entry.text for entry in await account.timeline(_finished(cloud))]
    assert told[0] == "Called our number: 2025550100"
    assert "Rang at extension: 101, Amelia Hart" in told
    assert "Answered at extension: 102, Rui Costa" in told
    assert told[-1].startswith("Hung up")
    assert await account.timeline("nameless-1") == ()


@pytest.mark.parametrize("name", ["data", "events", "callEvents"])
async def test_events_are_found_whatever_holds_them(name: str) -> None:
    answer = recorded("answer_call_details")
    events = answer.pop("data")
    for held in (events, list(events.values()), {"rows": events}):
        async with LoopbackServer(_says(answer | {name: held})) as server:
            provider = PrimevoxProvider(context(server.url))
            assert len(await provider.timeline("a")) == 6
            await provider.aclose()


@pytest.mark.parametrize("body", [b"[]", b"null", {"data": []}])
async def test_a_call_without_events_has_no_timeline(body: object) -> None:
    async with LoopbackServer(_says(body)) as server:
        provider = PrimevoxProvider(context(server.url))
        assert await provider.timeline("a") == ()
        await provider.aclose()


async def test_pages_of_details_that_never_end_are_bounded() -> None:
    asked: list[str] = []

    async def handler(request: Request, connection: Connection) -> None:
        asked.append(request.query.get("page", "1"))
        event = {"eventType": 5, "eventDate": "2026-11-22 09:30:00"}
        text = {"maxPages": 99, "data": {"e": event | {"eventUuid": asked[-1]}}}
        await connection.reply(200, json.dumps(text).encode())

    async with LoopbackServer(handler) as server:
        provider = PrimevoxProvider(context(server.url))
        assert len(await provider.timeline("a")) == 5
        await provider.aclose()
    assert asked == ["1", "2", "3", "4", "5"]


# --- recordings -----------------------------------------------------------------------


async def test_a_recording_is_linked_and_fetched(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud)
    link = await account.recording(call_id)
    assert link.url == f"{cloud.base_url}/recordings/{call_id}.wav"
    assert link.expires_at is None
    sound = await account.download_recording(call_id)
    assert sound.data.startswith(b"RIFF")
    assert sound.media_type == "audio/x-wav"


@pytest.mark.parametrize("reading", [PrimevoxOptions(link_wants_key=True)])
async def test_a_link_that_wants_the_key_is_fetched_by_name(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud)
    assert (await account.download_recording(call_id)).data.startswith(b"RIFF")
    assert cloud.requests[-1].path == "/api/call_recording.php"
    assert f"fileName={call_id}.wav" in cloud.requests[-1].query


async def test_a_call_without_a_recording_says_so(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud, recorded=False)
    for name in (call_id, "nobody-knows-it", "nameless-1"):
        with pytest.raises(NotFound, match="no recording"):
            await account.recording(name)


@pytest.mark.parametrize(
    ("url", "asked", "kind"),
    [
        ("https://media.example.com/x/call-17.wav", "call-17.wav", "audio/wav"),
        ("https://media.example.com/get.php?fileName=a.wav", "a.wav", "text/html"),
    ],
)
async def test_a_recording_elsewhere_never_gets_the_key(
    url: str, asked: str, kind: str
) -> None:
    details = recorded("answer_call_details") | {"recordingUrl": url}
    names: list[str] = []

    async def handler(request: Request, connection: Connection) -> None:
        if request.path.endswith("recording.php"):
            names.append(request.query["fileName"])
            await connection.reply(200, b"RIFF", kind)
        else:
            await connection.reply(200, json.dumps(details).encode())

    async with LoopbackServer(handler) as server:
        provider = PrimevoxProvider(context(server.url))
        sound = await provider.download_recording("a")
        await provider.aclose()
    assert names == [asked]
    assert sound.media_type == "audio/wav"


async def test_a_page_is_no_recording(open_account: Open, cloud: PrimevoxCloud) -> None:
    call_id = _finished(cloud)
    cloud.set_faults(Faults(html_instead_of_json=True, only_path="recording"))
    account = await open_account()
    with pytest.raises(PayloadError, match="something else"):
        await account.download_recording(call_id)
    other = await open_account(options={"recording_path": "/api/other.php"})
    with pytest.raises(NotOffered):
        await other.download_recording(call_id)


async def test_a_link_without_a_name_is_no_recording() -> None:
    details = recorded("answer_call_details")
    for url in ("https://media.example.com/", "https://[broken/"):
        async with LoopbackServer(_says(details | {"recordingUrl": url})) as server:
            provider = PrimevoxProvider(context(server.url))
            with pytest.raises(NotFound):
                await provider.download_recording("a")
            await provider.aclose()


# --- notes ----------------------------------------------------------------------------


async def test_a_note_is_sent_as_a_form_with_the_key_in_it(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call_id = _finished(cloud)
    text = "Ruft zurück & fragt: 100 % + Grüße?"
    for _ in range(2):
        await account.write_note(call_id, CallNote(text, True, 5))
    record = cloud.archive.find(call_id)
    assert record is not None
    assert (record.notes, record.is_flagged, record.severity) == (text, True, 5)
    sent = cloud.requests[-1]
    assert (sent.method, sent.path, sent.query) == ("POST", "/api/call_notes.php", "")
    await account.write_note(call_id, CallNote(""))
    assert (record.notes, record.is_flagged, record.severity) == ("", False, 0)


async def test_a_note_that_does_not_fit_is_not_sent(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    assert account.longest_note == 255
    for note in (CallNote("x" * 256), CallNote("", False, 6), CallNote("", False, -1)):
        with pytest.raises(RequestRejected):
            await account.write_note("a", note)
    with pytest.raises(NotFound):
        await account.write_note("nameless-1", CallNote(""))
    assert cloud.requests == ()


async def test_a_refused_note_says_so(open_account: Open) -> None:
    account = await open_account()
    with pytest.raises(ProviderUnavailable):
        await account.write_note("nobody-knows-it", CallNote("x"))
    other = await open_account(options={"notes_path": "/api/other.php"})
    with pytest.raises(NotOffered, match="path") as caught:
        await other.write_note("a", CallNote("x"))
    assert "notes_path" in caught.value.advice


# --- further things -------------------------------------------------------------------


async def test_text_messages_of_our_numbers_are_listed(
    open_account: Open, cloud: PrimevoxCloud
) -> None:
    account = await open_account(options={"did_map": "2025550100=101"})
    assert account.catalogue_names == (CONVERSATIONS, MESSAGES, RING_GROUPS)
    assert await account.catalogue(CONVERSATIONS) == ()
    cloud.receive_text(ANA, "See you at 5")
    cloud.send_text(ANA, "Fine")
    cloud.receive_text(BEN, "Hello")
    talks = {
        talk.name: dict(talk.details) for talk in await account.catalogue(CONVERSATIONS)
    }
    assert talks.keys() == {ANA, BEN}
    assert talks[BEN]["unread"] == "yes"
    assert "unread" not in talks[ANA]
    texts = {message.name for message in await account.catalogue(MESSAGES)}
    assert texts == {"See you at 5", "Fine", "Hello"}
    with pytest.raises(NotFound):
        await account.catalogue("mailboxes")


async def test_a_number_without_text_messages_is_refused_by_status(
    open_account: Open,
) -> None:
    account = await open_account(options={"did_map": "2025550199=101"})
    with pytest.raises(NotFound):
        await account.catalogue(CONVERSATIONS)


async def test_what_ring_groups_did_is_listed(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    assert await account.catalogue(RING_GROUPS) == ()
    _finished(cloud)
    names = [thing.name for thing in await account.catalogue(RING_GROUPS)]
    assert names[0] == "Tried ring group: 8311, All phones"
    assert names[1].startswith("Answered in ring group: 102")


# --- learning -------------------------------------------------------------------------


async def test_names_of_fields_are_logged_once_and_no_value(
    account: PrimevoxProvider, cloud: PrimevoxCloud, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _finished(cloud)
    for _ in range(2):
        await account.history(HistoryQuery())
        for name in ("hook_inbound_call", "message_inbound", "poll_missed"):
            await account.take(delivery(json.dumps(recorded(name)).encode()))
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.name.startswith("screenpop.providers")
    ]
    assert len(logged) == 4
    assert "wentToVoicemail" in " ".join(logged)
    assert "messageText" in " ".join(logged)
    for text in logged:
        assert "2025550" not in text
        assert "See you" not in text


async def test_a_missed_call_is_missed_in_the_record(
    account: PrimevoxProvider, cloud: PrimevoxCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    record = await account.record(call.call_id)
    assert record.outcome is CallOutcome.NO_ANSWER
    assert record.caller.number == ANA
