"""The demo's story, and running a cloud on its own."""

from __future__ import annotations

import csv
import io
import re
import tomllib
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import UsageError
from screenpop.simulator import (
    VENDORS,
    StoryTeller,
    VendorCloud,
    create_cloud,
    demo_story,
    describe,
    ring_periodically,
)
from screenpop.simulator.voxloud.subscriptions import EVENT_TYPES

if TYPE_CHECKING:
    from screenpop.simulator.voxloud.cloud import VoxloudCloud
    from tests.simulator.loopback import Client, Receiver

FICTIONAL = re.compile(r"\+442079460\d{3}|\+120255501\d{2}")


def test_an_unknown_vendor_is_refused() -> None:
    with pytest.raises(UsageError):
        create_cloud("acme")
    with pytest.raises(UsageError):
        demo_story("acme")


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_story_has_only_numbers_kept_free_for_fiction(vendor: str) -> None:
    story = demo_story(vendor)
    numbers = [person.number for person in story.people]
    numbers += [call.number for call in story.past_calls if call.number]
    numbers += [call.caller for call in story.calls if call.caller]
    numbers += create_cloud(vendor).lines
    assert [number for number in numbers if not FICTIONAL.fullmatch(number)] == []


def test_the_contact_file_has_a_header_and_the_local_people() -> None:
    rows = list(csv.DictReader(io.StringIO(demo_story("voxloud").contacts_csv)))
    assert [row["name"] for row in rows] == ["Nora Whitfield", "Tomás Rivera"]
    assert rows[0]["phone"] == "+442079460421"
    assert rows[1]["company"] == "Rivera & Sons"


def test_the_story_plays_out_over_the_clouds_own_api(
    cloud: VoxloudCloud, client: Client, receiver: Receiver
) -> None:
    client.subscribe(receiver.url, *EVENT_TYPES)
    pauses: list[float] = []
    teller = StoryTeller(cloud, demo_story("voxloud"))
    teller.prepare()

    def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return True

    steps = list(teller.play(pause))

    cloud.wait_for_deliveries(len(steps))
    assert receiver.types == [
        *("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP", "PHONE_CALL"),
        *("CALL_INCOMING", "CALL_HANGUP", "PHONE_CALL"),
        *("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP", "PHONE_CALL"),
    ]
    assert all(step.says for step in steps)
    assert pauses == [step.pause_seconds for step in steps]
    assert receiver.payloads[6]["data"]["voicemail"] is True
    assert receiver.payloads[7]["data"]["originatorNumber"] == "anonymous"
    found = client.get("/api/v1/contacts?phone=%2B442079460733").json["data"]
    assert found[0]["company_name"] == "Northgate Couriers"
    history = client.post("/api/v1/telephony-events", {}).json
    assert history["totalElements"] == 5 + 3
    summaries = [one.get("summary") for one in history["content"]]
    assert summaries[2] == "Asked for a quote for twelve city bikes."


def test_a_step_out_of_turn_is_refused(cloud: VoxloudCloud) -> None:
    story = demo_story("voxloud")
    with pytest.raises(UsageError):
        StoryTeller(cloud, story).perform(story.steps[1])


def test_ringing_goes_on_until_told_to_stop(cloud: VoxloudCloud) -> None:
    told: list[str] = []
    rests: list[float] = []

    def pause(seconds: float) -> bool:
        rests.append(seconds)
        return len(rests) < 18

    ring_periodically(cloud, every_seconds=33, pause=pause, tell=told.append)

    assert rests.count(33) == 1
    assert len(told) == 16


def test_ringing_stops_between_two_stories(cloud: VoxloudCloud) -> None:
    told: list[str] = []
    ring_periodically(
        cloud,
        every_seconds=33,
        pause=lambda seconds: seconds != 33,
        tell=told.append,
    )
    assert len(told) == 11


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_description_holds_everything_to_connect_with(vendor: str) -> None:
    with create_cloud(vendor) as cloud:
        _check_description(cloud)


def _check_description(cloud: VendorCloud) -> None:
    text = describe(cloud)
    for value in cloud.credentials.values():
        assert value in text
    snippet = text.partition("For config.toml\n")[2].partition("\nTo store")[0]
    account = tomllib.loads(snippet)["accounts"][0]
    assert account["base_url"] == cloud.base_url
    assert account["extension"] == cloud.extension
    assert "curl" in text
