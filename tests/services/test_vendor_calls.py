"""What vendors tell of single calls when they are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from screenpop.config.settings_file import SettingsFile
from screenpop.domain.calls import CallRef
from screenpop.domain.errors import NotFound, NotOffered, PayloadError, UsageError
from screenpop.services.connections import Connections
from screenpop.services.vendor_calls import (
    VendorCalls,
    VendorOffer,
    file_ending,
    write_sound,
)
from screenpop.simulator import create_cloud
from screenpop.simulator.clock import ManualClock
from tests.services.office import ANA, secrets_of, write_config

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.providers.abilities import Sound
    from screenpop.simulator import SimulatedCall, VendorCloud
    from screenpop.simulator.clock import Clock


@contextmanager
def asked(
    home: Path, vendor: str, clock: Clock | None = None
) -> Iterator[tuple[VendorCloud, VendorCalls]]:
    """A simulated phone system and somebody to ask it."""
    with create_cloud(vendor, clock=clock) as cloud:
        paths = write_config(home, cloud.base_url)
        text = paths.config_file.read_text().replace('"voxloud"', f'"{vendor}"')
        paths.config_file.write_text(text)
        settings = SettingsFile(paths.config_file, ()).load().settings
        connections = Connections(secrets_of(cloud))
        connections.adopt(settings)
        yield cloud, VendorCalls(connections)


def talked(cloud: VendorCloud, *, recorded: bool) -> SimulatedCall:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.answer()
    call.hang_up()
    call.publish_record(recorded=recorded)
    return call


def status_of(url: str) -> int:
    try:
        with urlopen(url, timeout=5) as answer:  # noqa: S310 - the simulator's own
            return int(answer.status)
    except HTTPError as error:
        return error.code


async def test_every_step_is_told_in_words(tmp_path: Path) -> None:
    with asked(tmp_path, "primevox") as (cloud, vendor):
        call = talked(cloud, recorded=True)
        steps = await vendor.steps(CallRef("acme", call.call_id))
        assert any("Amelia Hart" in step.text for step in steps)
        assert [step.at for step in steps] == sorted(step.at for step in steps)


async def test_a_recording_becomes_a_file(tmp_path: Path) -> None:
    with asked(tmp_path / "home", "primevox") as (cloud, vendor):
        call = talked(cloud, recorded=True)
        sound = await vendor.sound(CallRef("acme", call.call_id))
        file = tmp_path / f"talk{file_ending(sound)}"
        assert await write_sound(sound, file) == file.stat().st_size
        assert (file.suffix, file.read_bytes()[:4]) == (".wav", b"RIFF")
        assert file_ending(_as(sound, "audio/mpeg; charset=binary")) == ".mp3"


async def test_a_link_that_dies_within_minutes_is_saved_by_way_of_a_fresh_one(
    tmp_path: Path,
) -> None:
    with asked(tmp_path, "mango_voice") as (cloud, vendor):
        ref = CallRef("acme", talked(cloud, recorded=True).call_id)
        assert vendor.offer("acme").has_sound
        assert (await vendor.sound(ref)).data.startswith(b"RIFF")


@pytest.mark.parametrize("name", ["mobtexting", "tele2"])
async def test_where_there_are_links_their_sound_can_be_had(
    tmp_path: Path, name: str
) -> None:
    with asked(tmp_path, name) as (cloud, vendor):
        ref = CallRef("acme", talked(cloud, recorded=False).call_id)
        assert vendor.offer("acme").has_sound
        with pytest.raises(NotFound):
            await vendor.sound(ref)


def _as(sound: Sound, media_type: str) -> Sound:
    return replace(sound, media_type=media_type)


async def test_a_link_that_died_is_replaced_by_a_fresh_one(tmp_path: Path) -> None:
    clock = ManualClock()
    with asked(tmp_path, "mango_voice", clock) as (cloud, vendor):
        ref = CallRef("acme", talked(cloud, recorded=True).call_id)
        old = (await vendor.recording(ref)).url
        clock.advance(301)
        assert await asyncio.to_thread(status_of, old) != 200
        fresh = (await vendor.recording(ref)).url
        assert await asyncio.to_thread(status_of, fresh) == 200


async def test_a_link_that_is_not_https_is_not_handed_on(tmp_path: Path) -> None:
    with asked(tmp_path, "mango_voice") as (cloud, vendor):
        ref = CallRef("acme", talked(cloud, recorded=True).call_id)
        with pytest.raises(PayloadError) as caught:
            await vendor.recording_link(ref)
        assert caught.value.advice == "Only links that begin with https are opened."


async def test_what_there_is_not_is_told_as_such(tmp_path: Path) -> None:
    with asked(tmp_path, "primevox") as (cloud, vendor):
        call = talked(cloud, recorded=False)
        with pytest.raises(NotFound):
            await vendor.sound(CallRef("acme", call.call_id))
        with pytest.raises(UsageError):
            await vendor.steps(CallRef("nobody", call.call_id))
    with asked(tmp_path, "voxloud") as (cloud, vendor):
        offer = vendor.offer("acme")
        assert offer == VendorOffer("acme")
        with pytest.raises(NotOffered):
            await vendor.steps(CallRef("acme", "c-1"))
