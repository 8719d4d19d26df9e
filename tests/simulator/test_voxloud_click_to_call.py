"""Click-to-call: resources with a quota, and calls that ring the agent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator.faults import Faults
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from screenpop.simulator.voxloud.options import AgentLeg, VoxloudOptions
from screenpop.simulator.voxloud.subscriptions import EVENT_TYPES
from tests.simulator.loopback import Client

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock
    from tests.simulator.loopback import Receiver

PATH = "/api/v1/click-to-call"
CONTACT = "+12025550143"
LINE = "+442079460100"


def create(client: Client, **changes: str) -> str:
    content = {"name": "pop", "extension": "101", "outboundNumber": LINE, **changes}
    resource: str = client.post(PATH, content).json["id"]
    return resource


def connect(client: Client, **changes: str) -> None:
    resource = create(client, **changes)
    answer = client.post(f"{PATH}/{resource}/connect", {"contact": CONTACT})
    assert answer.json == {"contact": CONTACT}


def legs(receiver: Receiver) -> list[tuple[str, int, str, str]]:
    """Type, subject, from and to of each live event."""
    return [
        (
            one["type"],
            one["data"]["userExtension"],
            one["data"]["originatorNumber"],
            one["data"]["destinationNumber"],
        )
        for one in receiver.payloads
        if one["type"] != "CLICK_TO_CALL"
    ]


def test_a_resource_is_created_listed_got_and_deleted(client: Client) -> None:
    resource = create(client, dial_first="contact")
    listed = {
        "id": resource,
        "name": "ctc-pop",
        "extension": "101",
        "outboundNumber": LINE,
        "dial_first": "contact",
    }

    assert client.get(PATH).json == [listed]
    assert client.get(f"{PATH}/{resource}").json == {**listed, "name": "ctc_pop"}
    assert client.delete(f"{PATH}/{resource}").body == b""
    assert client.get(PATH).json == []


def test_the_extension_is_dialled_first_unless_told_otherwise(client: Client) -> None:
    resource = create(client)
    assert client.get(f"{PATH}/{resource}").json["dial_first"] == "extension"


def test_there_are_no_more_resources_than_users_and_groups(client: Client) -> None:
    content = {"name": "pop", "extension": "101", "outboundNumber": LINE}
    statuses = [client.post(PATH, content).status for _ in range(6)]

    assert statuses == [200] * 5 + [400]
    client.delete(f"{PATH}/{client.get(PATH).json[0]['id']}")
    assert client.post(PATH, content).status == 200


@pytest.mark.parametrize("status", [400, 403])
def test_the_quota_can_be_used_up_from_the_start(status: int) -> None:
    cloud = VoxloudCloud(
        faults=Faults(quota=True), options=VoxloudOptions(quota_status=status)
    )
    with cloud:
        content = {"name": "pop", "extension": "101", "outboundNumber": LINE}
        client = Client(cloud)
        assert client.post(PATH, content).status == status
        assert client.get(PATH).json == []


def test_the_agents_phone_rings_first_and_then_the_contact_is_dialled(
    cloud: VoxloudCloud, client: Client, clock: ManualClock, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, *EVENT_TYPES)
    connect(client)
    (call,) = cloud.wait_for_placed_calls(1)
    clock.advance(3)
    call.answer()
    clock.advance(5)
    call.answer()
    clock.advance(40)
    call.hang_up()
    call.publish_record(recorded=True, summary="Agreed.", transcription="Yes.")

    cloud.wait_for_deliveries(6)
    assert legs(receiver) == [
        ("CALL_INCOMING", 101, CONTACT, "101"),
        ("CALL_ANSWERED", 101, CONTACT, "101"),
        ("CALL_STARTED", 101, LINE, CONTACT),
        ("CALL_ANSWERED", 101, LINE, CONTACT),
        ("CALL_HANGUP", 101, LINE, CONTACT),
    ]
    assert call.call_id.endswith("-clicktocall")
    assert {one["data"]["callId"] for one in receiver.payloads} == {call.call_id}
    record = receiver.payloads[5]["data"]
    assert record["type"] == "CLICK_TO_CALL"
    assert record["direction"] == "OUTBOUND"
    assert record["clickToCallType"] == "EXTENSION"
    assert record["queueCallId"] == call.call_id
    assert record["originatorNumber"] == "442079460100"
    assert record["destinationNumber"] == "12025550143"
    assert (record["duration"], record["ringTime"]) == (48, 8)
    assert not {"lastEvent", "answererNumber", "voicemail"} & set(record)
    assert client.get(f"/api/v1/telephony-events/{record['id']}").json == record


def test_the_agents_leg_can_show_the_companys_own_number(receiver: Receiver) -> None:
    options = VoxloudOptions(agent_leg_shows_contact=False)
    with VoxloudCloud(options=options) as cloud:
        client = Client(cloud)
        client.subscribe(receiver.url, "CALL_INCOMING")
        connect(client)
        cloud.wait_for_deliveries(1)
    assert legs(receiver) == [("CALL_INCOMING", 101, LINE, "101")]


@pytest.mark.parametrize("first", ["extension", "contact"])
def test_all_of_it_can_be_one_outbound_call(receiver: Receiver, first: str) -> None:
    with VoxloudCloud(options=VoxloudOptions(agent_leg=AgentLeg.STARTED)) as cloud:
        client = Client(cloud)
        client.subscribe(receiver.url, *EVENT_TYPES)
        connect(client, dial_first=first)
        (call,) = cloud.wait_for_placed_calls(1)
        call.answer()
        call.answer()
        call.hang_up()
        cloud.wait_for_deliveries(3)
    assert legs(receiver) == [
        ("CALL_STARTED", 101, LINE, CONTACT),
        ("CALL_ANSWERED", 101, LINE, CONTACT),
        ("CALL_HANGUP", 101, LINE, CONTACT),
    ]


def test_with_the_contact_first_the_agent_hears_of_it_when_they_answered(
    cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, *EVENT_TYPES)
    connect(client, dial_first="contact")
    (call,) = cloud.wait_for_placed_calls(1)
    assert cloud.deliveries == ()
    call.answer()
    call.answer()
    call.hang_up()

    cloud.wait_for_deliveries(3)
    assert legs(receiver) == [
        ("CALL_INCOMING", 101, CONTACT, "101"),
        ("CALL_ANSWERED", 101, CONTACT, "101"),
        ("CALL_HANGUP", 101, CONTACT, "101"),
    ]


def test_a_groups_phones_ring_together_and_one_wins(
    cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, *EVENT_TYPES)
    connect(client, extension="801")
    (call,) = cloud.wait_for_placed_calls(1)
    with pytest.raises(UsageError):
        call.answer("103")
    call.answer("102")
    call.hang_up()

    cloud.wait_for_deliveries(6)
    assert [(kind, user) for kind, user, _, _ in legs(receiver)] == [
        ("CALL_INCOMING", 101),
        ("CALL_INCOMING", 102),
        ("CALL_HANGUP", 101),
        ("CALL_ANSWERED", 102),
        ("CALL_STARTED", 102),
        ("CALL_HANGUP", 102),
    ]


def test_an_agent_who_does_not_pick_up_ends_it(
    cloud: VoxloudCloud, client: Client, clock: ManualClock, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, *EVENT_TYPES)
    connect(client)
    (call,) = cloud.wait_for_placed_calls(1)
    with pytest.raises(UsageError):
        call.publish_record()
    clock.advance(20)
    call.hang_up()
    with pytest.raises(UsageError):
        call.answer()
    call.publish_record()

    cloud.wait_for_deliveries(3)
    assert receiver.types == ["CALL_INCOMING", "CALL_HANGUP", "CLICK_TO_CALL"]
    record = receiver.payloads[2]["data"]
    assert record["duration"] == record["ringTime"] == 20


def test_a_placed_call_can_play_by_itself(
    clock: ManualClock, receiver: Receiver
) -> None:
    with VoxloudCloud(clock=clock, autoplay_seconds=2.0) as cloud:
        client = Client(cloud)
        client.subscribe(receiver.url, *EVENT_TYPES)
        connect(client)
        for heard in (1, 3, 4, 5, 6):
            cloud.wait_for_deliveries(heard)
            clock.advance(2.0)
    assert receiver.types == [
        "CALL_INCOMING",
        "CALL_ANSWERED",
        "CALL_STARTED",
        "CALL_ANSWERED",
        "CALL_HANGUP",
        "CLICK_TO_CALL",
    ]


def test_a_call_that_is_hung_up_early_stops_playing_by_itself(
    clock: ManualClock, receiver: Receiver
) -> None:
    with VoxloudCloud(clock=clock, autoplay_seconds=2.0) as cloud:
        client = Client(cloud)
        client.subscribe(receiver.url, *EVENT_TYPES)
        connect(client)
        (call,) = cloud.wait_for_placed_calls(1)
        call.hang_up()
        clock.advance(2.0)
        call.publish_record()
        cloud.wait_for_deliveries(3)
    assert receiver.types == ["CALL_INCOMING", "CALL_HANGUP", "CLICK_TO_CALL"]
