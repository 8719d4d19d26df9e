"""The sound of a line: our own tones, a file, or nothing without a loudspeaker."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import pytest

from screenpop.desktop.ring_tone import play_tone, tone
from screenpop.desktop.sound_player import silent_device
from screenpop.domain.errors import (
    ConfigurationError,
    PayloadError,
    SoundUnavailable,
)


def no_device() -> NoReturn:
    raise SoundUnavailable("No loudspeaker was found on this computer", "")


@pytest.mark.parametrize("name", ["chime", "double", "low"])
def test_our_tones_are_short_and_never_too_loud(name: str) -> None:
    clip = tone(name)
    assert 0.3 < clip.seconds < 1
    assert 2_000 < max(clip.samples) < 20_000


def test_a_tone_is_played_to_its_end_and_missed_without_a_loudspeaker() -> None:
    play_tone("low", silent_device)
    play_tone("low", no_device)


def test_a_file_that_is_none_or_no_sound_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        play_tone(str(tmp_path / "gone.wav"), silent_device)
    text = tmp_path / "text.wav"
    text.write_text("no sound")
    with pytest.raises(PayloadError):
        play_tone(str(text), silent_device)
