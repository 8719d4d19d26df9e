"""What subscribers hear of calls, and what the history keeps of them."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator.people import PastCall
from screenpop.simulator.protocol import ReleaseReason
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from screenpop.simulator.voxloud.options import VoxloudOptions
from screenpop.simulator.voxloud.subscriptions import EVENT_TYPES
from tests.simulator.loopback import Client

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock
    from tests.simulator.loopback import Receiver

EVENTS = "/api/v1/telephony-events"
CALLER = "+12025550143"
LINE = "+442079460100"


@pytest.fixture
def heard(client: Client, receiver: Receiver) -> Receiver:
    """A receiver that subscribed to everything."""
    client.subscribe(receiver.url, *EVENT_TYPES)
    return receiver


def told(receiver: Receiver) -> list[tuple[str, int]]:
    """Type and subject of each event."""
    return [(one["type"], one["data"]["userExtension"]) for one in receiver.payloads]


def test_a_ringing_call_arrives_in_the_documented_envelope(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    call = cloud.incoming_call(CALLER, caller_name="Tomás Rivera")
    call.ring()

    cloud.wait_for_deliveries(1)
    (payload,) = heard.payloads
    now = 1772442000000
    user = cloud.pbx.user("101")
    assert payload == {
        "timestamp": now,
        "type": "CALL_INCOMING",
        "data": {
            "timestamp": now,
            "destinationNumber": LINE,
            "destinationName": "Amelia Hart",
            "originatorNumber": CALLER,
            "originatorName": "Tomás Rivera",
            "callId": call.call_id,
            "type": "INCOMING",
            "sipUsername": user.sip_username,
            "userEmail": "amelia.hart@example.com",
            "userExtension": 101,
        },
        "pbx_id": 117,
    }


def test_a_call_tells_of_ringing_answer_end_and_record(
    cloud: VoxloudCloud, clock: ManualClock, heard: Receiver
) -> None:
    call = cloud.incoming_call(CALLER)
    call.ring()
    clock.advance(4)
    call.answer()
    clock.advance(60)
    call.hang_up()
    call.publish_record(
        recorded=True,
        voicemail=True,
        transcription="Hello.",
        summary="A greeting.",
        labels=["vip"],
    )

    cloud.wait_for_deliveries(4)
    assert heard.types == [
        "CALL_INCOMING",
        "CALL_ANSWERED",
        "CALL_HANGUP",
        "PHONE_CALL",
    ]
    record = heard.payloads[3]["data"]
    assert record == {
        "id": 8501,
        "type": "PHONE_CALL",
        "accountId": cloud.pbx.account_id,
        "direction": "INBOUND",
        "timestamp": 1772442000000,
        "originatorName": "12025550143",
        "originatorNumber": "12025550143",
        "destinationName": "Amelia Hart",
        "destinationNumber": "442079460100",
        "answererName": "Amelia Hart",
        "answererNumber": "101",
        "maskCallerNumber": False,
        "lastEvent": "CALL_TERMINATED",
        "duration": 64,
        "ringTime": 4,
        "archived": False,
        "callId": call.call_id,
        "recorded": True,
        "recordingUrl": record["recordingUrl"],
        "voicemail": True,
        "voicemail_url": record["voicemail_url"],
        "labels": ["vip"],
        "transcription": "Hello.",
        "summary": "A greeting.",
        "sentiment_score": 73,
    }


def test_a_group_call_is_told_once_for_each_user_and_lost_by_the_slower_ones(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    call = cloud.incoming_call(CALLER, extensions=("101", "102", "103"))
    call.ring()
    call.answer("102")
    call.hang_up()

    cloud.wait_for_deliveries(7)
    assert told(heard) == [
        ("CALL_INCOMING", 101),
        ("CALL_INCOMING", 102),
        ("CALL_INCOMING", 103),
        ("CALL_HANGUP", 101),
        ("CALL_ANSWERED", 102),
        ("CALL_HANGUP", 103),
        ("CALL_HANGUP", 102),
    ]
    assert len({one["data"]["callId"] for one in heard.payloads}) == 1


def test_a_withheld_caller_is_anonymous_and_masked(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    call = cloud.incoming_call("", caller_name="Nobody should see this")
    call.ring()
    call.hang_up()
    call.publish_record()

    cloud.wait_for_deliveries(3)
    for payload in heard.payloads:
        assert payload["data"]["originatorNumber"] == "anonymous"
        assert payload["data"]["originatorName"] == "anonymous"
    assert heard.payloads[2]["data"]["maskCallerNumber"] is True


@pytest.mark.parametrize(
    ("cause", "last_event"),
    [
        (ReleaseReason.NORMAL, "CALL_CANCELED_BY_ORIGINATOR"),
        (ReleaseReason.NO_ANSWER, "CALL_LOST_NO_ANSWER"),
        (ReleaseReason.BUSY, "CALL_LOST_USER_BUSY"),
        (ReleaseReason.REJECTED, "CALL_REJECTED"),
    ],
)
def test_a_call_nobody_answered_says_why(
    cloud: VoxloudCloud, client: Client, cause: ReleaseReason, last_event: str
) -> None:
    call = cloud.incoming_call(CALLER)
    call.ring()
    call.hang_up(cause)

    record = client.get(f"{EVENTS}?callId={call.call_id}").json
    assert record["lastEvent"] == last_event
    assert "answererNumber" not in record


def test_a_call_to_the_outside_starts_from_the_users_own_line(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    call = cloud.outgoing_call(CALLER, extension="102")
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record()

    cloud.wait_for_deliveries(4)
    assert heard.types == [
        "CALL_STARTED",
        "CALL_ANSWERED",
        "CALL_HANGUP",
        "PHONE_CALL",
    ]
    started, record = heard.payloads[0]["data"], heard.payloads[3]["data"]
    assert started["originatorNumber"] == "+442079460101"
    assert started["destinationNumber"] == CALLER
    assert started["userExtension"] == 102
    assert record["direction"] == "OUTBOUND"
    assert record["answererNumber"] == "12025550143"


@pytest.mark.parametrize("begin", ["incoming", "outgoing"])
def test_an_internal_call_has_bare_extensions_and_both_users(
    cloud: VoxloudCloud, heard: Receiver, begin: str
) -> None:
    if begin == "incoming":
        call = cloud.incoming_call("102")
    else:
        call = cloud.outgoing_call("101", extension="102")
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record()

    cloud.wait_for_deliveries(7)
    assert told_live(heard) == [
        ("CALL_STARTED", 102),
        ("CALL_INCOMING", 101),
        ("CALL_ANSWERED", 102),
        ("CALL_ANSWERED", 101),
        ("CALL_HANGUP", 102),
        ("CALL_HANGUP", 101),
    ]
    first, record = heard.payloads[0]["data"], heard.payloads[-1]["data"]
    assert (first["originatorNumber"], first["destinationNumber"]) == ("102", "101")
    assert record["direction"] == "INTERNAL"
    assert record["answererNumber"] == "101"


def told_live(receiver: Receiver) -> list[tuple[str, int]]:
    return [
        (one["type"], one["data"]["userExtension"])
        for one in receiver.payloads
        if "userExtension" in one["data"]
    ]


def test_a_contact_with_a_crm_page_shows_in_the_record(
    cloud: VoxloudCloud, client: Client
) -> None:
    client.post(
        "/api/v1/contacts",
        {
            "first_name": "Tomás",
            "primary_phone": CALLER,
            "crm_name": "Hubspot",
            "crm_contact_url": "https://crm.example.com/1",
        },
    )
    call = cloud.incoming_call(CALLER)
    call.ring()
    call.hang_up()

    record = client.get(f"{EVENTS}?callId={call.call_id}").json
    assert record["contactCrm"] == "Hubspot"
    assert record["contactCrmUrl"] == "https://crm.example.com/1"


def test_a_fax_has_one_shape_in_its_webhook_and_another_in_the_history(
    cloud: VoxloudCloud, client: Client, heard: Receiver
) -> None:
    cloud.receive_fax("")
    cloud.send_fax(CALLER, pages=4)

    cloud.wait_for_deliveries(2)
    received, sent = (one["data"] for one in heard.payloads)
    assert heard.types == ["FAX_CALL", "FAX_CALL"]
    assert received["direction"] == "inbound"
    assert received["sender"] == "anonymous"
    assert "description" not in received
    assert (sent["recipient"], sent["total_pages"]) == ("12025550143", 4)
    assert sent["description"]
    in_history = client.get(f"{EVENTS}/{received['id']}").json
    assert in_history["type"] == "FAX_CALL"
    assert in_history["destinationName"] == "442079460100-fax-caller-id-name"
    assert "total_pages" not in in_history


def test_steps_that_make_no_sense_are_refused(cloud: VoxloudCloud) -> None:
    call = cloud.incoming_call(CALLER)
    for step in (call.answer, call.hang_up, call.publish_record):
        with pytest.raises(UsageError):
            step()
    call.ring()
    with pytest.raises(UsageError):
        call.ring()
    with pytest.raises(UsageError):
        call.answer("103")


@pytest.mark.parametrize(
    ("caller", "line", "extensions"),
    [
        ("02079460421", "", ()),
        (CALLER, "+12025550199", ()),
        (CALLER, "", ("999",)),
    ],
)
def test_a_call_that_cannot_be_is_refused(
    cloud: VoxloudCloud, caller: str, line: str, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(UsageError):
        cloud.incoming_call(caller, line=line, extensions=extensions)
    with pytest.raises(UsageError):
        cloud.outgoing_call("12")


# --- history ---------------------------------------------------------------------


@pytest.fixture
def past(cloud: VoxloudCloud) -> VoxloudCloud:
    """Twelve calls, one an hour; every third from a withheld number."""
    cloud.seed_history(
        [
            PastCall(
                number="" if hour % 3 == 0 else f"+12025550{100 + hour}",
                minutes_ago=60 * hour,
                is_inbound=hour % 2 == 1,
                was_answered=hour != 5,
                summary="Long ago." if hour == 11 else "",
            )
            for hour in range(1, 13)
        ]
    )
    return cloud


def query(client: Client, parameters: str = "", **content: str) -> Any:
    return client.post(f"{EVENTS}{parameters}", content).json


def test_the_history_is_paged_and_sorted(past: VoxloudCloud, client: Client) -> None:
    first = query(client, "?sort=timestamp,desc&size=5&page=0")
    last = query(client, "?sort=timestamp,desc&size=5&page=2")

    assert [len(first["content"]), len(last["content"])] == [5, 2]
    assert (first["first"], first["last"]) == (True, False)
    assert (last["first"], last["last"]) == (False, True)
    assert (last["totalElements"], last["totalPages"]) == (12, 3)
    assert (last["numberOfElements"], last["size"], last["number"]) == (2, 5, 2)
    assert first["sort"][0]["property"] == "timestamp"
    assert first["sort"][0]["descending"] is True
    stamps = [one["timestamp"] for one in first["content"]]
    assert stamps[0] == "2026-03-02T08:00:00.000+0000"
    assert stamps == sorted(stamps, reverse=True)


def test_no_history_is_one_empty_page(client: Client) -> None:
    page = query(client)
    assert page["content"] == []
    assert (page["first"], page["last"], page["totalPages"]) == (True, True, 0)


def test_the_history_is_narrowed_by_time_and_number(
    past: VoxloudCloud, client: Client
) -> None:
    some = query(
        client,
        date_time_from="2026-03-02T05:00:00.000Z",
        date_time_to="2026-03-02T08:00:00.000+01:00",
    )
    assert [one["timestamp"][11:13] for one in some["content"]] == ["05", "06", "07"]
    for number in ("+12025550104", "12025550104", "2025550104"):
        assert query(client, number=number)["totalElements"] == 1
    assert query(client, number="104")["totalElements"] == 0


def test_a_withheld_number_is_anonymous_in_the_history(
    past: VoxloudCloud, client: Client
) -> None:
    numbers = [one["originatorNumber"] for one in query(client)["content"]]
    assert "anonymous" in numbers


def test_the_history_can_be_had_as_csv(past: VoxloudCloud, client: Client) -> None:
    answer = client.send(
        "POST", f"{EVENTS}?size=3&sort=id,asc", {}, headers={"Accept": "text/csv"}
    )

    assert answer.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    as_json = query(client, "?size=3&sort=id,asc")["content"]
    assert [row["callId"] for row in rows] == [one["callId"] for one in as_json]
    assert rows[1]["summary"] == "Long ago."
    assert rows[0]["recorded"] == "false"


def test_an_event_is_found_by_id_and_by_call_id_with_a_number_as_timestamp(
    past: VoxloudCloud, client: Client
) -> None:
    wanted = query(client)["content"][0]

    by_id = client.get(f"{EVENTS}/{wanted['id']}").json
    by_call_id = client.get(f"{EVENTS}?callId={wanted['callId']}").json

    assert by_id == by_call_id
    assert by_id["timestamp"] == 1772442000000 - 12 * 3600 * 1000
    assert {**by_id, "timestamp": wanted["timestamp"]} == wanted


def test_a_finished_call_is_in_the_history_before_its_record_is_sent(
    cloud: VoxloudCloud, client: Client
) -> None:
    call = cloud.incoming_call(CALLER)
    call.ring()
    assert query(client)["totalElements"] == 0
    call.hang_up()
    assert query(client)["content"][0]["callId"] == call.call_id
    call.publish_record(summary="Said nothing.")
    assert query(client)["content"][0]["summary"] == "Said nothing."


def test_other_readings_of_the_document_can_be_chosen() -> None:
    options = VoxloudOptions(
        found_by_call_id_is_array=True,
        found_timestamps_are_text=True,
        created_status=201,
        deleted_status=200,
        largest_page=2,
        takes_click_to_call_subscriptions=False,
    )
    with VoxloudCloud(options=options) as cloud:
        client = Client(cloud)
        calls = [cloud.incoming_call(CALLER) for _ in range(3)]
        for call in calls:
            call.ring()
            call.hang_up()
        (found,) = client.get(f"{EVENTS}?callId={calls[0].call_id}").json
        assert found["timestamp"].endswith("+0000")
        assert query(client, "?size=50")["size"] == 2
        hooks = "/api/v1/webhook-subscriptions"
        hook = {"callback_url": "http://127.0.0.1:9/", "event_type": "CALL_HANGUP"}
        created = client.post(hooks, hook)
        assert created.status == 201
        assert client.delete(f"{hooks}/{created.json['id']}").status == 200
        click = {**hook, "event_type": "CLICK_TO_CALL"}
        assert client.post(hooks, click).status == 400
