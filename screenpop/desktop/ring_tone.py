"""The sound of a line, played once when a call rings on it."""

from __future__ import annotations

import logging
import math
import time
from array import array
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.desktop.sound_clip import SAMPLES_PER_SECOND, Clip, read_clip
from screenpop.desktop.sound_player import SoundPlayer, default_device
from screenpop.domain.errors import ConfigurationError, SoundUnavailable
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.desktop.sound_player import SoundDevice

_log = logging.getLogger(__name__)

LONGEST_SECONDS: Final = 6.0
_LARGEST_BYTES: Final = 10_000_000
_LOUDNESS: Final = 0.25
_ATTACK_SECONDS: Final = 0.008
_FADE_PER_SECOND: Final = 7.0
_TAIL_SECONDS: Final = 0.4
_playing: Final = Lock()


class _Note(NamedTuple):
    """A tone that dies away."""

    begins_at: float
    hertz: float


_TONES: Final = {
    "chime": (_Note(0.0, 880.0), _Note(0.18, 1174.7)),
    "double": (_Note(0.0, 660.0), _Note(0.25, 660.0)),
    "low": (_Note(0.0, 330.0),),
}


def play_tone(
    sound: str, open_device: Callable[[], SoundDevice] = default_device
) -> None:
    """Play what a line is heard by; as ``try_tone``, but no loudspeaker is no error.

    Raises:
        ConfigurationError: The file cannot be read.
        PayloadError: The file is no sound.
    """
    try:
        try_tone(sound, open_device)
    except SoundUnavailable as error:
        _log.info("a line was not heard: %s", error.title)


def try_tone(
    sound: str, open_device: Callable[[], SoundDevice] = default_device
) -> None:
    """Play a tone of ours by its name, or a file; returns when it was heard.

    Nothing is played while another one still is.

    Raises:
        ConfigurationError: The file cannot be read.
        PayloadError: The file is no sound.
        SoundUnavailable: There is no loudspeaker for ``open_device`` to open.
    """
    if not _playing.acquire(blocking=False):
        return
    try:
        clip = tone(sound) if sound in _TONES else read_clip(_file(sound))
        _play(clip, open_device())
    finally:
        _playing.release()


def tone(name: str) -> Clip:
    """One of our own tones."""
    notes = _TONES[name]
    seconds = notes[-1].begins_at + _TAIL_SECONDS
    samples = array("h", bytes(2 * round(seconds * SAMPLES_PER_SECOND)))
    for note in notes:
        first = round(note.begins_at * SAMPLES_PER_SECOND)
        for place in range(first, len(samples)):
            at = (place - first) / SAMPLES_PER_SECOND
            swell = min(1.0, at / _ATTACK_SECONDS) * math.exp(-_FADE_PER_SECOND * at)
            wave = math.sin(2 * math.pi * note.hertz * at)
            # Two notes together stay below half of what there is room for.
            samples[place] += round(32767 * _LOUDNESS * swell * wave)
    return Clip(samples)


def _file(name: str) -> bytes:
    try:
        with Path(name).expanduser().open("rb") as stream:
            return stream.read(_LARGEST_BYTES)
    except OSError as error:
        raise ConfigurationError(
            tr("The sound of a line cannot be read: {reason}", reason=error.strerror),
            tr("Look at the sounds in your settings."),
        ) from None


def _play(clip: Clip, device: SoundDevice) -> None:
    try:
        SoundPlayer(clip, device).play()
        time.sleep(min(clip.seconds, LONGEST_SECONDS) + _TAIL_SECONDS)
    finally:
        device.close()
