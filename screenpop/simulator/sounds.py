"""A sound that any player plays, for recordings and messages."""

from __future__ import annotations

import io
import math
import wave

_RATE = 8_000
_TONE_HERTZ = 440
_LOUDNESS = 40


def beep(seconds: int) -> bytes:
    """A WAV file: a tone, soft at both ends, of so many seconds (10 at most)."""
    count = _RATE * max(1, min(seconds, 10))
    frames = bytearray()
    for position in range(count):
        fade = min(1.0, position / _RATE, (count - position) / _RATE)
        swing = math.sin(2 * math.pi * _TONE_HERTZ * position / _RATE)
        frames.append(128 + round(_LOUDNESS * fade * swing))
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(1)
        sound.setframerate(_RATE)
        sound.writeframes(bytes(frames))
    return file.getvalue()
