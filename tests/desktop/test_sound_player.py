"""Recordings played here: what is heard, how fast, and what cannot be played."""

from __future__ import annotations

import io
import itertools
import math
import wave
from array import array
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.sound_clip import (
    BLOCK,
    SAMPLES_PER_SECOND,
    Clip,
    Reel,
    read_clip,
)
from screenpop.desktop.sound_player import SPEEDS, SoundPlayer, silent_device
from screenpop.domain.errors import PayloadError
from screenpop.simulator.sounds import beep
from tests.desktop.hand_device import HandDevice
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Iterator

HERTZ = 200


def tone(seconds: float) -> Clip:
    count = round(seconds * SAMPLES_PER_SECOND)
    wave_length = SAMPLES_PER_SECOND / HERTZ
    return Clip(
        array(
            "h",
            (
                round(8000 * math.sin(2 * math.pi * at / wave_length))
                for at in range(count)
            ),
        )
    )


def everything(reel: Reel) -> array[int]:
    heard = array("h")
    while not reel.is_at_end:
        heard.extend(reel.block())
    return heard


def hertz_of(samples: array[int]) -> float:
    rises = sum(before < 0 <= after for before, after in itertools.pairwise(samples))
    return rises * SAMPLES_PER_SECOND / len(samples)


@pytest.mark.parametrize("speed", SPEEDS)
def test_a_voice_keeps_its_pitch_at_any_speed(speed: float) -> None:
    reel = Reel(tone(2))
    reel.speed = speed
    heard = everything(reel)
    assert len(heard) / SAMPLES_PER_SECOND == pytest.approx(2 / speed, abs=0.05)
    assert hertz_of(heard) == pytest.approx(HERTZ, rel=0.03)


def test_as_spoken_nothing_is_changed() -> None:
    clip = tone(0.5)
    assert everything(Reel(clip)) == clip.samples


def test_faster_talk_has_no_clicks() -> None:
    reel = Reel(tone(1))
    reel.speed = 1.5
    heard = everything(reel)[:-BLOCK]
    steepest = 8000 * 2 * math.pi * HERTZ / SAMPLES_PER_SECOND
    jumps = [abs(b - a) for a, b in itertools.pairwise(heard)]
    assert max(jumps) < 2 * steepest


def test_a_telephones_recording_is_read() -> None:
    assert read_clip(beep(3)).seconds == pytest.approx(3.0, abs=0.01)


def test_a_recording_in_the_codec_of_telephone_networks_is_read() -> None:
    law = bytes(8000)
    head = b"RIFF" + (36 + len(law)).to_bytes(4, "little") + b"WAVEfmt "
    form = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((18, 4), (7, 2), (1, 2), (8000, 4), (8000, 4), (1, 2))
    )
    form += (8).to_bytes(2, "little") + bytes(2)
    file = head + form + b"data" + len(law).to_bytes(4, "little") + law
    assert read_clip(file).seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>sign in</html>",
        b"RIFF",
        beep(1)[:30],
        b"ID3" + bytes(500),
        bytes(range(256)) * 50,
    ],
)
def test_what_is_no_sound_is_told_and_can_still_be_saved(data: bytes) -> None:
    with pytest.raises(PayloadError) as caught:
        read_clip(data)
    assert caught.value.title == "This sound cannot be played here"
    assert "Save it" in caught.value.advice


def test_a_recording_of_many_hours_is_not_unpacked() -> None:
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(100)
        sound.writeframes(bytes(100 * 3600 * 3))
    with pytest.raises(PayloadError, match="too long"):
        read_clip(file.getvalue())


@pytest.fixture
def device() -> HandDevice:
    return HandDevice()


@pytest.fixture
def player(device: HandDevice) -> Iterator[SoundPlayer]:
    made = SoundPlayer(tone(10), device)
    yield made
    made.close()


def test_a_pause_keeps_the_place(player: SoundPlayer, device: HandDevice) -> None:
    player.play()
    device.hear(3.5)
    player.pause()
    assert not player.is_playing
    assert player.position == pytest.approx(3.5, abs=0.03)
    player.play()
    device.hear(1)
    assert player.position == pytest.approx(4.5, abs=0.03)


def test_another_place_is_played_from_at_once(
    player: SoundPlayer, device: HandDevice
) -> None:
    player.play()
    device.hear(0.5)
    player.seek(8)
    assert player.position == pytest.approx(8)
    device.hear(1)
    assert player.position == pytest.approx(9, abs=0.03)


def test_twice_as_fast_goes_twice_as_far(
    player: SoundPlayer, device: HandDevice
) -> None:
    player.set_speed(2.0)
    player.play()
    device.hear(3)
    assert player.position == pytest.approx(6, abs=0.1)


def test_at_the_end_it_is_silent_and_begins_anew(
    player: SoundPlayer, device: HandDevice
) -> None:
    player.seek(9.9)
    player.play()
    heard = device.hear(1)
    assert set(heard[-8000:]) == {0}
    assert (player.is_at_end, player.is_playing) == (True, False)
    player.play()
    assert player.position == pytest.approx(0)
    assert len(device.hear(1)) == SAMPLES_PER_SECOND
    assert player.position == pytest.approx(1, abs=0.03)


async def test_a_real_device_plays_to_the_end() -> None:
    player = SoundPlayer(tone(0.3), silent_device())
    try:
        player.play()
        await eventually(lambda: player.is_at_end, "the end")
    finally:
        player.close()
