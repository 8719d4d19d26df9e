"""Webhooks that come late, twice, in the wrong order, spoilt, or not at all."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from screenpop.simulator.faults import Faults
from screenpop.simulator.protocol import DeliveryResult
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from screenpop.simulator.webhooks import REORDER_SECONDS, RetryPolicy
from tests.simulator.loopback import Client

if TYPE_CHECKING:
    from screenpop.simulator.clock import ManualClock
    from tests.simulator.loopback import Receiver

CALLER = "+12025550143"
LIVE = ("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP")


@pytest.fixture
def heard(client: Client, receiver: Receiver) -> Receiver:
    client.subscribe(receiver.url, *LIVE, "PHONE_CALL")
    return receiver


def one_call(cloud: VoxloudCloud) -> None:
    call = cloud.incoming_call(CALLER, caller_name="Tomás")
    call.ring()
    call.answer()
    call.hang_up()


def test_late_webhooks_wait_for_their_time(
    cloud: VoxloudCloud, clock: ManualClock, heard: Receiver
) -> None:
    cloud.set_faults(Faults(delay_seconds=30))
    cloud.incoming_call(CALLER).ring()
    clock.advance(29)
    # A webhook that is not late passes those that are: nothing was sent before it.
    cloud.set_faults(Faults())
    call = cloud.incoming_call(CALLER)
    call.ring()
    cloud.wait_for_deliveries(1)
    assert heard.payloads[0]["data"]["callId"] == call.call_id

    clock.advance(1)
    cloud.wait_for_deliveries(2)
    late = heard.payloads[1]
    assert late["timestamp"] == 1772442000000


def test_duplicates_are_the_same_bytes(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(duplicate=2))
    cloud.incoming_call(CALLER).ring()

    cloud.wait_for_deliveries(3)
    assert len(heard.bodies) == 3
    assert len(set(heard.bodies)) == 1


def test_reordered_webhooks_swap_in_pairs(
    cloud: VoxloudCloud, clock: ManualClock, heard: Receiver
) -> None:
    cloud.set_faults(Faults(reorder=True))
    one_call(cloud)

    cloud.wait_for_deliveries(2)
    clock.advance(REORDER_SECONDS)
    cloud.wait_for_deliveries(3)
    assert heard.types == ["CALL_ANSWERED", "CALL_INCOMING", "CALL_HANGUP"]


def test_chosen_types_can_get_lost(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(drop_types=frozenset({"CALL_ANSWERED"})))
    one_call(cloud)

    results = {one.event_type: one.result for one in cloud.wait_for_deliveries(3)}
    assert results["CALL_ANSWERED"] is DeliveryResult.DROPPED
    assert heard.types == ["CALL_INCOMING", "CALL_HANGUP"]


def test_all_webhooks_can_get_lost(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(drop_probability=1))
    one_call(cloud)

    results = {one.result for one in cloud.wait_for_deliveries(3)}
    assert results == {DeliveryResult.DROPPED}
    assert heard.bodies == []


def test_the_same_seed_loses_the_same_webhooks(
    clock: ManualClock, receiver: Receiver
) -> None:
    def lost(seed: int) -> list[str]:
        faults = Faults(drop_probability=0.5)
        with VoxloudCloud(faults=faults, seed=seed, clock=clock) as cloud:
            Client(cloud).subscribe(receiver.url, "CALL_INCOMING")
            for _ in range(20):
                cloud.incoming_call(CALLER).ring()
            dropped = {
                one.payload["data"]["callId"]  # type: ignore[index]
                for one in cloud.deliveries
                if one.result is DeliveryResult.DROPPED
            }
            return sorted(dropped)

    assert lost(1) == lost(1)
    assert 0 < len(lost(1)) < 20
    assert lost(1) != lost(2)


def test_call_ids_can_be_missing(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(missing_call_id=True))
    one_call(cloud)

    cloud.wait_for_deliveries(3)
    assert not any("callId" in one["data"] for one in heard.payloads)


def test_phone_numbers_can_be_json_numbers(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    cloud.set_faults(Faults(numbers_as_json_numbers=True))
    cloud.incoming_call(CALLER).ring()
    cloud.incoming_call("").ring()

    cloud.wait_for_deliveries(2)
    numbers = [one["data"]["originatorNumber"] for one in heard.payloads]
    assert numbers == [12025550143, "anonymous"]


def test_phone_numbers_can_lack_their_plus_sign(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    cloud.set_faults(Faults(bare_numbers=True))
    cloud.incoming_call(CALLER).ring()

    cloud.wait_for_deliveries(1)
    assert heard.payloads[0]["data"]["originatorNumber"] == "12025550143"


def test_unknown_fields_and_types_can_come_along(
    cloud: VoxloudCloud, heard: Receiver
) -> None:
    cloud.set_faults(Faults(extra_fields=True, unknown_event_type=True))
    cloud.incoming_call(CALLER).ring()

    cloud.wait_for_deliveries(2)
    assert heard.types == ["CALL_INCOMING", "CALL_PARKED"]
    assert heard.payloads[1]["data"]["type"] == "CALL_PARKED"
    assert all("added_last_week" in one for one in heard.payloads)


def test_bodies_can_be_broken(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(broken_json=True))
    cloud.incoming_call(CALLER).ring()

    cloud.wait_for_deliveries(1)
    with pytest.raises(json.JSONDecodeError):
        json.loads(heard.bodies[0])


def test_bodies_can_be_huge(cloud: VoxloudCloud, heard: Receiver) -> None:
    cloud.set_faults(Faults(padding_bytes=200_000))
    cloud.incoming_call(CALLER).ring()

    cloud.wait_for_deliveries(1)
    assert len(heard.bodies[0]) > 200_000
    assert heard.types == ["CALL_INCOMING"]


def test_stopping_does_not_wait_for_a_receiver_that_hangs() -> None:
    with VoxloudCloud() as never_answers:
        never_answers.set_faults(Faults(hang=True))
        with VoxloudCloud(retry=RetryPolicy(timeout_seconds=600)) as cloud:
            client = Client(cloud)
            client.subscribe(f"{never_answers.base_url}/", "CALL_INCOMING")
            cloud.incoming_call(CALLER).ring()
            never_answers.wait_for_requests(1)
        assert cloud.deliveries[0].result is DeliveryResult.FAILED


def test_a_receiver_that_takes_too_long_has_failed() -> None:
    with VoxloudCloud() as never_answers:
        never_answers.set_faults(Faults(hang=True))
        retry = RetryPolicy(attempts=1, timeout_seconds=0.02)
        with VoxloudCloud(retry=retry) as cloud:
            client = Client(cloud)
            client.subscribe(f"{never_answers.base_url}/", "CALL_INCOMING")
            cloud.incoming_call(CALLER).ring()
            (delivery,) = cloud.wait_for_deliveries(1)
        assert delivery.error == "The receiver took too long"
