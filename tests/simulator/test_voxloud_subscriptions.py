"""The life of a webhook subscription, with a real receiver at its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.simulator.protocol import DeliveryResult
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from screenpop.simulator.voxloud.options import VoxloudOptions
from screenpop.simulator.webhooks import RetryPolicy
from tests.simulator.loopback import Client, Receiver

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock

PATH = "/api/v1/webhook-subscriptions"
CALLER = "+12025550143"


def test_a_subscription_is_created_listed_got_changed_and_deleted(
    client: Client, receiver: Receiver
) -> None:
    created = client.post(
        PATH,
        {
            "callback_url": receiver.url,
            "event_type": "CALL_INCOMING",
            "notification_email": "ops@example.com",
        },
    ).json
    one = f"{PATH}/{created['id']}"

    assert created == {
        "id": created["id"],
        "enabled": True,
        "event_type": "CALL_INCOMING",
        "failed_count": 0,
        "callback_url": receiver.url,
        "notification_email": "ops@example.com",
    }
    assert client.get(PATH).json == [created]
    changed = client.put(
        one,
        {
            "id": created["id"],
            "callback_url": receiver.url,
            "event_type": "CALL_ANSWERED",
            "enabled": False,
        },
    ).json
    assert changed == {**created, "event_type": "CALL_ANSWERED", "enabled": False}
    assert client.get(one).json == changed
    assert client.delete(one).body == b""
    assert client.get(one).status == 404
    assert client.get(PATH).json == []


def test_the_list_says_type_for_event_type_in_all_entries_but_the_first(
    client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, "CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP")

    first, *others = client.get(PATH).json

    assert first["event_type"] == "CALL_INCOMING"
    assert [one["type"] for one in others] == ["CALL_ANSWERED", "CALL_HANGUP"]
    assert not any("event_type" in one for one in others)


def test_a_call_is_told_only_to_those_who_subscribed_to_that_event(
    cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, "CALL_INCOMING", "CALL_HANGUP")

    call = cloud.incoming_call(CALLER)
    call.ring()
    call.answer()
    call.hang_up()

    cloud.wait_for_deliveries(2)
    assert receiver.types == ["CALL_INCOMING", "CALL_HANGUP"]
    assert receiver.content_types == {"application/json"}


def test_a_deleted_subscription_hears_nothing_more(
    cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    first, _ = client.subscribe(receiver.url, "CALL_INCOMING", "CALL_HANGUP")
    client.delete(f"{PATH}/{first}")

    call = cloud.incoming_call(CALLER)
    call.ring()
    call.hang_up()

    cloud.wait_for_deliveries(1)
    assert receiver.types == ["CALL_HANGUP"]


def test_a_failed_delivery_is_tried_again_a_bounded_number_of_times(
    cloud: VoxloudCloud, clock: ManualClock, client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, "CALL_INCOMING")
    receiver.answer_with(500)

    cloud.incoming_call(CALLER).ring()
    for attempt in (1, 2, 3):
        assert cloud.wait_for_deliveries(attempt)[-1].attempt == attempt
        clock.advance(1.0)
    receiver.answer_with(200)
    cloud.incoming_call(CALLER).ring()

    results = [(one.result, one.status) for one in cloud.wait_for_deliveries(4)]
    assert results == [(DeliveryResult.FAILED, 500)] * 3 + [
        (DeliveryResult.ACCEPTED, 200)
    ]


def test_a_subscription_that_keeps_failing_is_disabled_and_put_enables_it_again(
    receiver: Receiver,
) -> None:
    cloud = VoxloudCloud(
        retry=RetryPolicy(attempts=1), options=VoxloudOptions(disable_after=2)
    )
    with cloud:
        client = Client(cloud)
        created = client.post(
            PATH,
            {
                "callback_url": receiver.url,
                "event_type": "CALL_INCOMING",
                "notification_email": "ops@example.com",
            },
        ).json
        one = f"{PATH}/{created['id']}"
        receiver.answer_with(503)

        for _ in range(3):
            cloud.incoming_call(CALLER).ring()
        cloud.wait_for_deliveries(2)

        disabled = client.get(one).json
        assert disabled["enabled"] is False
        assert disabled["failed_count"] == 2
        assert disabled["last_error"] == "The receiver answered 503"
        assert [notice.notification_email for notice in cloud.notices] == [
            "ops@example.com"
        ]

        receiver.answer_with(200)
        enabled = client.put(
            one,
            {
                "id": created["id"],
                "callback_url": receiver.url,
                "event_type": "CALL_INCOMING",
                "enabled": True,
            },
        ).json
        assert enabled == created
        cloud.incoming_call(CALLER).ring()
        assert cloud.wait_for_deliveries(3)[2].result is DeliveryResult.ACCEPTED


def test_a_success_forgives_earlier_failures(
    clock: ManualClock, cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    (subscription,) = client.subscribe(receiver.url, "CALL_INCOMING")
    receiver.answer_with(500)
    cloud.incoming_call(CALLER).ring()
    cloud.wait_for_deliveries(1)
    receiver.answer_with(200)
    clock.advance(1.0)
    cloud.wait_for_deliveries(2)

    answer = client.get(f"{PATH}/{subscription}").json
    assert answer["failed_count"] == 0


def test_a_receiver_that_is_not_there_counts_as_a_failure(
    cloud: VoxloudCloud, client: Client
) -> None:
    with Receiver() as receiver:
        (subscription,) = client.subscribe(receiver.url, "CALL_INCOMING")

    cloud.incoming_call(CALLER).ring()

    assert cloud.wait_for_deliveries(1)[0].status == 0
    answer = client.get(f"{PATH}/{subscription}").json
    assert "could not be reached" in answer["last_error"]
