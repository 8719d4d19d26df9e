"""The simulated PrimeVOX is strict, keeps state, and speaks like PHP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator import (
    DeliveryResult,
    Faults,
    ReleaseReason,
    StoryTeller,
    WebhookPortal,
    demo_story,
)
from screenpop.simulator.people import PastCall, Person
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from screenpop.simulator.primevox.options import EmptyData, PrimevoxOptions
from screenpop.simulator.primevox.records import Event
from tests.simulator.loopback import Receiver, Reply
from tests.waiting import until

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock

ANA, UK = "+12025550143", "+442079460421"
LIST, DETAILS, NOTES = "call_list.php", "call_details.php", "call_notes.php"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def reading() -> PrimevoxOptions:
    return PrimevoxOptions()


@pytest.fixture
def cloud(clock: ManualClock, reading: PrimevoxOptions) -> Iterator[PrimevoxCloud]:
    with PrimevoxCloud(clock=clock, options=reading) as running:
        yield running


@pytest.fixture
def hooks(cloud: PrimevoxCloud, receiver: Receiver) -> Receiver:
    """A receiver that the portal knows for every number."""
    cloud.enter_callback_url(receiver.url)
    return receiver


def _send(
    cloud: PrimevoxCloud, method: str, target: str, body: str = "", kind: str = FORM
) -> Reply:
    parts = urlsplit(cloud.base_url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        headers = {"Content-Type": kind} if body else {}
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return Reply(answer.status, dict(answer.getheaders()), answer.read())
    finally:
        connection.close()


def _signed(cloud: PrimevoxCloud, **given: str) -> str:
    credentials = cloud.credentials
    usual = {
        "auth": credentials["api_key"],
        "containerID": credentials["container_id"],
    }
    return urlencode(usual | given)


def _get(cloud: PrimevoxCloud, name: str, **given: str) -> Any:
    reply = _send(cloud, "GET", f"/api/{name}?{_signed(cloud, **given)}")
    assert reply.status == 200
    return reply.json


def _post(cloud: PrimevoxCloud, **given: str) -> Any:
    return _send(cloud, "POST", f"/api/{NOTES}", _signed(cloud, **given)).json


def _calls(cloud: PrimevoxCloud, **given: str) -> list[Any]:
    data = _get(cloud, LIST, **given).get("data")
    return list(data.values()) if data else []


def _ids(cloud: PrimevoxCloud, **given: str) -> set[str]:
    return {call["callUuid"] for call in _calls(cloud, **given)}


def _answered(cloud: PrimevoxCloud, caller: str = ANA, taker: str = "101") -> str:
    call = cloud.incoming_call(caller, extensions=("101", "102"))
    call.ring()
    call.answer(taker)
    call.hang_up()
    return call.call_id


# --- signing in and strictness --------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"auth": "wrong"}, "Your API Auth Key is invalid."),
        ({"containerID": "999999"}, "Your Container ID is invalid."),
        ({"containerID": ""}, "Your Container ID is invalid."),
        ({"tenantID": "999"}, "Your Tenant ID is invalid."),
        ({"containerId": "100200"}, "Unknown parameter containerId."),
        ({"Page": "1"}, "Unknown parameter Page."),
        ({"callUUID": "a"}, "Unknown parameter callUUID."),
        ({"page": "0"}, "The page is invalid."),
        ({"page": "one"}, "page is invalid."),
        ({"fromDate": "2026-03-02T09:00:00"}, "fromDate is invalid."),
        ({"showInbound": "yes"}, "showInbound is invalid."),
        ({"filterCallSeverity": "6"}, "filterCallSeverity is invalid."),
    ],
)
def test_what_is_wrong_is_said_with_a_good_status(
    cloud: PrimevoxCloud, given: dict[str, str], said: str
) -> None:
    assert _get(cloud, LIST, **given) == {"error": said}


@pytest.mark.parametrize("reading", [PrimevoxOptions(errors_have_status=True)])
def test_or_with_a_bad_one(cloud: PrimevoxCloud) -> None:
    reply = _send(cloud, "GET", f"/api/{LIST}?auth=x&containerID=100200")
    assert (reply.status, reply.json["error"]) == (400, "Your API Auth Key is invalid.")


def test_a_parameter_given_twice_is_refused(cloud: PrimevoxCloud) -> None:
    reply = _send(cloud, "GET", f"/api/{LIST}?{_signed(cloud)}&page=1&page=2")
    assert reply.json == {"error": "A parameter was given twice."}


@pytest.mark.parametrize("tenant", ["", "0", "000", "300"])
def test_the_default_tenant_and_its_own_are_known(
    cloud: PrimevoxCloud, tenant: str
) -> None:
    assert "error" not in _get(cloud, LIST, tenantID=tenant)


def test_a_filter_in_brackets_is_passed_over_as_php_does(cloud: PrimevoxCloud) -> None:
    assert "error" not in _get(cloud, LIST, **{"query[page]": "2"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", f"/api/{LIST}", 405),
        ("GET", f"/api/{NOTES}", 405),
        ("POST", "/api/c2c_v2.php", 405),
        ("GET", "/api/other.php", 404),
        ("GET", "/", 404),
        ("POST", "/api/messaging/v1/conversations", 405),
    ],
)
def test_other_paths_and_methods_are_refused_by_status(
    cloud: PrimevoxCloud, method: str, path: str, status: int
) -> None:
    assert _send(cloud, method, f"{path}?{_signed(cloud)}").status == status


def test_json_is_declared_as_a_page_as_php_does(cloud: PrimevoxCloud) -> None:
    reply = _send(cloud, "GET", f"/api/{LIST}?{_signed(cloud)}")
    assert reply.headers["Content-Type"] == "text/html; charset=UTF-8"


# --- the call list --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("empty", "answer"),
    [
        (EmptyData.ARRAY, {"data": []}),
        (EmptyData.NULL, {"data": None}),
        (EmptyData.OBJECT, {"data": {}}),
        (EmptyData.ABSENT, {}),
    ],
)
def test_no_calls_are_written_as_asked_for(
    clock: ManualClock, empty: EmptyData, answer: dict[str, object]
) -> None:
    with PrimevoxCloud(clock=clock, options=PrimevoxOptions(empty_data=empty)) as cloud:
        assert _get(cloud, LIST) == answer | {
            "currentResultSize": 0,
            "currentPage": 1,
            "maxResultSize": 0,
            "maxPages": 0,
            "utcOffset": 0,
        }


def test_a_call_is_listed_when_it_is_over_by_its_uuid(
    cloud: PrimevoxCloud, clock: ManualClock
) -> None:
    call = cloud.incoming_call(
        ANA, caller_name="Tomas", line=cloud.lines[1], extensions=("102",)
    )
    call.ring()
    clock.advance(5)
    call.answer()
    assert _calls(cloud) == []
    clock.advance(60)
    call.hang_up()
    assert _get(cloud, LIST)["data"] == {
        call.call_id: {
            "callUuid": call.call_id,
            "callDate": "2026-03-02 09:00:00",
            "callDirection": 1,
            "cidName": "SUP: Tomas",
            "cidNum": "2025550143",
            "numDialed": "2025550101",
            "duration": 65,
            "callRecorded": 0,
            "recordingUrl": "",
            "lastEvent": "Hangup (Normal)",
            "callFlagged": 0,
            "callSeverity": 0,
            "callNotes": "",
            "wentToVoicemail": 0,
            "spokeToPerson": 1,
            "didDescription": "Customer support",
            "cidPrefix": "SUP",
            "didGroup": "Support",
            "transcription": None,
        }
    }


def test_times_are_given_in_the_offset_that_was_asked_for(
    cloud: PrimevoxCloud,
) -> None:
    _answered(cloud)
    (call,) = _calls(cloud, utcOffset="-300", fromDate="2026-03-02 03:59:59")
    assert call["callDate"] == "2026-03-02 04:00:00"
    assert _calls(cloud, utcOffset="-300", fromDate="2026-03-02 04:00:01") == []


def test_without_dates_the_list_is_todays(cloud: PrimevoxCloud) -> None:
    cloud.seed_history(
        [PastCall(number=ANA, minutes_ago=minutes) for minutes in (60, 600)]
    )
    assert len(_calls(cloud)) == 1
    assert len(_calls(cloud, fromDate="2026-03-01 00:00:00")) == 2
    yesterday = {
        "fromDate": "2026-03-01 00:00:00",
        "toDate": "2026-03-01 23:59:59",
    }
    assert len(_calls(cloud, **yesterday)) == 1


@pytest.mark.parametrize("reading", [PrimevoxOptions(page_size=2)])
def test_pages_are_counted_from_one_newest_first(cloud: PrimevoxCloud) -> None:
    cloud.seed_history([PastCall(number=ANA, minutes_ago=one) for one in range(5)])
    seen = []
    for page in "123":
        answer = _get(cloud, LIST, page=page)
        assert (answer["maxPages"], answer["maxResultSize"]) == (3, 5)
        seen += [call["callDate"] for call in answer["data"].values()]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    assert _calls(cloud, page="4") == []


def test_filters_narrow_each_direction_for_itself(cloud: PrimevoxCloud) -> None:
    first, second = _answered(cloud), _answered(cloud, UK, taker="102")
    out = cloud.outgoing_call(UK)
    inside = cloud.outgoing_call("103", extension="102")
    for call in (out, inside):
        call.ring()
        call.hang_up()
    outer, inner = out.call_id, inside.call_id
    assert _ids(cloud, showInbound="0") == {outer, inner}
    assert _ids(cloud, showOutbound="0", showInternal="0") == {first, second}
    assert _ids(cloud, filterInboundCallerNumber="2025550143") == {first, outer, inner}
    assert _ids(cloud, filterInboundDid="2025550101") == {outer, inner}
    assert _ids(cloud, filterInboundExtenReceived="102") == {second, outer, inner}
    only = {"showInbound": "0", "showInternal": "0"}
    assert _ids(cloud, filterOutboundNumberDialed="011442079460421", **only) == {outer}
    assert _ids(cloud, filterOutboundExtenDialed="103", **only) == set()
    only = {"showInbound": "0", "showOutbound": "0"}
    for extension in ("102", "103"):
        assert _ids(cloud, filterInternalExten=extension, **only) == {inner}
    assert _ids(cloud, filterInternalApp="2", **only) == set()


def test_filters_narrow_by_what_became_of_a_call(cloud: PrimevoxCloud) -> None:
    spoken = _answered(cloud)
    missed = cloud.incoming_call(UK)
    missed.ring()
    missed.hang_up(ReleaseReason.NO_ANSWER)
    missed.publish_record(voicemail=True)
    _post(cloud, callUuid=spoken, callFlagged="1", callSeverity="3", callNotes="x")
    assert _ids(cloud, filterSpokeToPerson="1") == {spoken}
    assert _ids(cloud, filterWentToVoicemail="1") == {missed.call_id}
    assert _ids(cloud, filterFlaggedFollowup="1") == {spoken}
    assert _ids(cloud, filterCallHasNotes="1") == {spoken}
    assert _ids(cloud, filterCallSeverity="3") == {spoken}
    assert _ids(cloud, filterCallSeverity="0") == {missed.call_id}


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"filterIvrEventType": "0"}, True),
        ({"filterIvrEventType": "52"}, True),
        ({"filterIvrEventType": "52", "filterIvrPushed": "2"}, True),
        ({"filterIvrEventType": "52", "filterIvrPushed": "#"}, False),
        ({"filterIvrEventType": "53"}, False),
        ({"filterIvrId": "other"}, False),
    ],
)
def test_filters_narrow_by_the_menu(
    cloud: PrimevoxCloud, more: dict[str, str], fits: bool
) -> None:
    call_id = _answered(cloud)
    record = cloud.archive.find(call_id)
    assert record is not None
    record.events.append(Event("e", record.at, 52, ("menu", "900", "Main", "2")))
    found = _ids(cloud, **({"filterIvrId": "menu"} | more))
    assert (found == {call_id}) == fits


# --- details --------------------------------------------------------------------------


def test_details_tell_every_step(cloud: PrimevoxCloud, clock: ManualClock) -> None:
    call = cloud.incoming_call(ANA, extensions=("101", "102"))
    call.ring()
    clock.advance(4)
    call.answer("102")
    call.hang_up()
    call.publish_record(recorded=True)
    answer = _get(cloud, DETAILS, callUUID=call.call_id, utcOffset="60")
    assert answer["callDate"] == "2026-03-02 10:00:00"
    assert answer["recordingUrl"] == f"{cloud.base_url}/recordings/{call.call_id}.wav"
    assert "transcription" not in answer
    events = list(answer["data"].values())
    assert [event["eventType"] for event in events] == [1, 28, 3, 3, 4, 29, 5]
    assert events[0]["eventData1"] == "2025550100"
    assert events[4]["eventDate"] == "2026-03-02 10:00:04.000000"
    assert (events[4]["eventData2"], events[4]["eventData3"]) == ("102", "Rui Costa")
    assert events[4]["eventData4"] == ""


@pytest.mark.parametrize(
    "reading", [PrimevoxOptions(details_while_going_on=False, events_name="events")]
)
def test_details_may_come_only_when_the_call_is_over(cloud: PrimevoxCloud) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    assert "error" in _get(cloud, DETAILS, callUUID=call.call_id)
    call.hang_up()
    assert len(_get(cloud, DETAILS, callUUID=call.call_id)["events"]) == 3


def test_details_want_the_right_spelling_and_a_call(cloud: PrimevoxCloud) -> None:
    call_id = _answered(cloud)
    assert "Unknown" in _get(cloud, DETAILS, callUuid=call_id)["error"]
    assert _get(cloud, DETAILS, callUUID="x") == {"error": "Your CallUUID is missing."}


@pytest.mark.parametrize(
    ("cause", "kinds"),
    [
        (ReleaseReason.NO_ANSWER, [1, 3, 10, 5]),
        (ReleaseReason.BUSY, [1, 3, 9, 5]),
        (ReleaseReason.NORMAL, [1, 3, 5]),
    ],
)
def test_an_unanswered_call_says_why(
    cloud: PrimevoxCloud, cause: ReleaseReason, kinds: list[int]
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(cause)
    events = _get(cloud, DETAILS, callUUID=call.call_id)["data"].values()
    assert [event["eventType"] for event in events] == kinds


def test_ring_groups_have_a_report_of_their_own(cloud: PrimevoxCloud) -> None:
    assert _get(cloud, "reports/raw/ringgroup") == {"data": []}
    _answered(cloud)
    day = {"fromDate": "2026-03-02 00:00:00", "toDate": "2026-03-03 00:00:00"}
    found = _get(cloud, "reports/raw/ringgroup", **day)["data"].values()
    assert [event["eventType"] for event in found] == [28, 29]


# --- recordings and notes -------------------------------------------------------------


def test_a_recording_opens_by_its_link_and_by_its_name(cloud: PrimevoxCloud) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=True)
    name = f"{call.call_id}.wav"
    linked = _send(cloud, "GET", f"/recordings/{name}")
    asked = _send(
        cloud, "GET", f"/api/call_recording.php?{_signed(cloud, fileName=name)}"
    )
    assert linked.body == asked.body
    assert linked.body.startswith(b"RIFF")
    assert _send(cloud, "GET", "/recordings/other.wav").status == 404
    assert "error" in _get(cloud, "call_recording.php", fileName="other.wav")


@pytest.mark.parametrize("reading", [PrimevoxOptions(link_wants_key=True)])
def test_a_link_may_want_the_key(cloud: PrimevoxCloud) -> None:
    assert _send(cloud, "GET", "/recordings/a.wav").status == 403


def test_a_note_is_taken_as_a_form_only(cloud: PrimevoxCloud) -> None:
    call_id = _answered(cloud)
    note = {"callFlagged": "1", "callSeverity": "5", "callNotes": "Grüße & 100 %"}
    done = {"success": "Your call notes have been submitted."}
    assert _post(cloud, callUuid=call_id, **note) == done
    (call,) = _calls(cloud)
    assert (call["callNotes"], call["callSeverity"]) == ("Grüße & 100 %", 5)
    refused = {"error": "We do not support JSON yet, sorry."}
    as_json = json.dumps({"callUuid": call_id})
    assert (
        _send(cloud, "POST", f"/api/{NOTES}", as_json, "application/json").json
        == refused
    )
    query = _signed(cloud, callUuid=call_id, **note)
    assert _send(cloud, "POST", f"/api/{NOTES}?{query}", query).json == refused


@pytest.mark.parametrize(
    "change",
    [
        {"callUuid": ""},
        {"callUuid": "x"},
        {"callUUID": "x"},
        {"callSeverity": "6"},
        {"callFlagged": "yes"},
        {"callNotes": "x" * 256},
    ],
)
def test_a_wrong_note_is_refused(cloud: PrimevoxCloud, change: dict[str, str]) -> None:
    note = {"callFlagged": "1", "callSeverity": "5", "callNotes": "x"}
    assert "error" in _post(cloud, **({"callUuid": _answered(cloud)} | note | change))


# --- click to call --------------------------------------------------------------------


@pytest.mark.parametrize("number", ["2025550143", "12025550143", "011442079460421"])
def test_a_click_rings_the_agent_first(cloud: PrimevoxCloud, number: str) -> None:
    given = {"extension": "102", "phoneNumber": number}
    assert "success" in _get(cloud, "c2c_v2.php", **given)
    (call,) = cloud.placed_calls
    call.answer()
    call.answer()
    call.hang_up()
    (listed,) = _calls(cloud)
    assert (listed["callDirection"], listed["numDialed"]) == (2, number)
    assert listed["spokeToPerson"] is None
    events = _get(cloud, DETAILS, callUUID=call.call_id)["data"].values()
    dialled = 43 if number.startswith("011") else 37
    assert [event["eventType"] for event in events] == [6, 3, 4, dialled, 89, 5]


@pytest.mark.parametrize(
    "change",
    [
        {"phoneNumber": "+12025550143"},
        {"phoneNumber": "555"},
        {"phoneNumber": "442079460421"},
        {"phoneNumber": ""},
        {"extension": "999"},
        {"phonenumber": "2025550143"},
    ],
)
def test_a_wrong_click_rings_nobody(
    cloud: PrimevoxCloud, change: dict[str, str]
) -> None:
    given = {"extension": "101", "phoneNumber": "2025550143"} | change
    assert "error" in _get(cloud, "c2c_v2.php", **given)
    assert cloud.placed_calls == ()


def test_a_placed_call_may_play_by_itself(clock: ManualClock) -> None:
    with PrimevoxCloud(clock=clock, autoplay_seconds=1.0) as cloud:
        _get(cloud, "c2c_v2.php", extension="101", phoneNumber="2025550143")
        (record,) = cloud.archive.all()

        def last_is(kind: int) -> bool:
            return record.events[-1].kind == kind

        for kind in (37, 89, 5):
            clock.wait_for_sleepers(1)
            clock.advance(1.0)
            until(partial(last_is, kind), "the next step")
        clock.wait_for_sleepers(1)
        clock.advance(1.0)
        until(lambda: record.recording, "the recording")
        assert [event.kind for event in record.events] == [6, 3, 4, 37, 89, 5]


# --- webhooks -------------------------------------------------------------------------


def test_a_call_sends_a_ring_and_an_end_as_forms(
    cloud: PrimevoxCloud, hooks: Receiver
) -> None:
    call = cloud.incoming_call(
        ANA, caller_name="Tomas & Sons", line=cloud.lines[1], extensions=("101", "102")
    )
    call.ring()
    call.answer("102")
    call.hang_up()
    cloud.wait_for_deliveries(2)
    assert hooks.content_types == {FORM}
    ring, end = (
        parse_qs(body.decode(), keep_blank_values=True) for body in hooks.bodies
    )
    assert {name: value for name, (value,) in ring.items()} == {
        "eventType": "InboundCall",
        "eventTarget": "phoneNumber",
        "containerId": "100200",
        "tenantId": "0",
        "didNumber": "2025550101",
        "didDescription": "Customer support",
        "didGroup": "Support",
        "cidPrefix": "SUP",
        "callUuid": call.call_id,
        "callerIdNum": "2025550143",
        "callerIdName": "SUP: Tomas & Sons",
    }
    assert {name: value for name, (value,) in end.items()} == {
        "eventType": "HangupCall",
        "containerId": "100200",
        "tenantId": "0",
        "extNumber": "102",
        "extName": "Rui Costa",
        "callUuid": call.call_id,
        "callerIdNum": "2025550143",
        "callerIdName": "SUP: Tomas & Sons",
    }


@pytest.mark.parametrize("reading", [PrimevoxOptions(hangup_names_extension=False)])
def test_an_end_may_name_nobody(cloud: PrimevoxCloud, hooks: Receiver) -> None:
    _answered(cloud)
    cloud.wait_for_deliveries(2)
    assert b"extNumber=&" in hooks.bodies[1]


def test_other_calls_send_nothing(cloud: PrimevoxCloud, hooks: Receiver) -> None:
    for call in (cloud.outgoing_call(ANA), cloud.outgoing_call("102")):
        call.ring()
        call.answer()
        call.hang_up()
    call = cloud.incoming_call("")
    call.ring()
    cloud.wait_for_deliveries(1)
    assert len(hooks.bodies) == 1
    assert b"callerIdNum=anonymous" in hooks.bodies[0]


def test_each_number_has_a_url_of_its_own(
    cloud: PrimevoxCloud, receiver: Receiver
) -> None:
    assert isinstance(cloud, WebhookPortal)
    cloud.enter_callback_url_of(cloud.lines[1], receiver.url)
    cloud.incoming_call(ANA).ring()
    cloud.incoming_call(ANA, line=cloud.lines[1]).ring()
    (sent,) = cloud.wait_for_deliveries(1)
    assert b"didNumber=2025550101" in sent.body
    with pytest.raises(UsageError):
        cloud.enter_callback_url_of("2025550199", receiver.url)


def test_a_failed_webhook_is_not_repeated(
    cloud: PrimevoxCloud, hooks: Receiver
) -> None:
    hooks.answer_with(500)
    cloud.incoming_call(ANA).ring()
    hooks.answer_with(500)
    (sent,) = cloud.wait_for_deliveries(1)
    assert sent.result is DeliveryResult.FAILED
    _answered(cloud)
    assert [one.attempt for one in cloud.wait_for_deliveries(3)] == [1, 1, 1]


def test_faults_spoil_forms_too(cloud: PrimevoxCloud, hooks: Receiver) -> None:
    cloud.set_faults(Faults(missing_call_id=True, unknown_event_type=True))
    cloud.incoming_call(ANA).ring()
    cloud.wait_for_deliveries(2)
    assert b"callUuid" not in hooks.bodies[0]
    assert b"eventType=WhisperCall" in hooks.bodies[1]


# --- text messages --------------------------------------------------------------------


def test_text_messages_are_pushed_as_json_and_listed(
    cloud: PrimevoxCloud, hooks: Receiver
) -> None:
    cloud.receive_text(ANA, "5 < 6 & more")
    cloud.send_text(ANA, "Fine")
    cloud.wait_for_deliveries(2)
    assert hooks.content_types == {"application/json"}
    received, sent = hooks.payloads
    assert received == {
        "eventType": "inboundMessage",
        "containerID": "100200",
        "tenantID": "0",
        "toNumber": "2025550100",
        "fromNumber": "2025550143",
        "conversationID": sent["conversationID"],
        "messageText": "5 &lt; 6 &amp; more",
    }
    talks = _get(cloud, "messaging/v1/conversations", phoneNumber="2025550100")
    ((talk_id, talk),) = talks["conversations"].items()
    assert (talk["conversationWith"], talk["hasUnreadMessages"]) == ("2025550143", 0)
    found = _get(cloud, "messaging/v1/conversation", conversationID=talk_id)
    assert [one["messageText"] for one in found["messages"].values()] == [
        "5 < 6 & more",
        "Fine",
    ]
    none = _get(cloud, "messaging/v1/conversation", conversationID="x")
    assert none == {"messages": []}


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("conversations?phoneNumber=2025550100", 401),
        ("conversations?auth=x&containerID=100200&phoneNumber=2025550100", 401),
        ("conversations?{signed}", 400),
        ("conversations?{signed}&phoneNumber=2025550199", 404),
        ("conversations?{signed}&phonenumber=2025550100", 400),
        ("conversation?{signed}", 400),
        ("other?{signed}", 404),
    ],
)
def test_messaging_refuses_by_status(
    cloud: PrimevoxCloud, target: str, status: int
) -> None:
    path = f"/api/messaging/v1/{target.format(signed=_signed(cloud))}"
    reply = _send(cloud, "GET", quote(path, safe="/?&=%"))
    assert reply.status == status
    assert reply.json["error"]


# --- what happens ---------------------------------------------------------------------


def test_impossible_calls_are_refused(cloud: PrimevoxCloud) -> None:
    for wrong in ("2025550143", "999", "x"):
        with pytest.raises(UsageError):
            cloud.incoming_call(wrong)
        with pytest.raises(UsageError):
            cloud.outgoing_call(wrong)
    with pytest.raises(UsageError):
        cloud.incoming_call(ANA, extensions=("999",))
    with pytest.raises(UsageError):
        cloud.incoming_call(ANA, line="+12025550199")
    call = cloud.incoming_call(ANA)
    with pytest.raises(UsageError):
        call.publish_record()


def test_the_past_has_both_directions_and_withheld_callers(
    cloud: PrimevoxCloud,
) -> None:
    cloud.seed_contacts([Person(first_name="A", last_name="B", number=ANA)])
    cloud.seed_history(
        [
            PastCall(number="", minutes_ago=3, was_answered=False),
            PastCall(number=UK, minutes_ago=2, is_inbound=False, summary="Quote"),
        ]
    )
    newest, oldest = _calls(cloud)
    assert (newest["callDirection"], newest["callNotes"]) == (2, "Quote")
    assert (oldest["cidNum"], oldest["spokeToPerson"]) == ("anonymous", 0)


def test_the_story_plays_with_what_primevox_tells_and_no_more(
    cloud: PrimevoxCloud, hooks: Receiver
) -> None:
    teller = StoryTeller(cloud, demo_story("primevox"))
    teller.prepare()
    steps = list(teller.play(lambda _seconds: True))
    cloud.wait_for_deliveries(6)
    types = [parse_qs(body.decode())["eventType"][0] for body in hooks.bodies]
    assert types == ["InboundCall", "HangupCall"] * 3
    assert all(step.says for step in steps)
    assert "curl" in cloud.example_request
