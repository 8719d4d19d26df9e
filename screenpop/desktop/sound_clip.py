"""A recording as samples, and the same talk faster or slower at the same pitch."""

from __future__ import annotations

from array import array
from operator import mul
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Sequence

SAMPLES_PER_SECOND: Final = 16_000
LONGEST_SECONDS: Final = 2 * 3600
"""What is played here at the most; an hour of samples takes 110 MiB."""
BLOCK: Final = SAMPLES_PER_SECOND // 50
"""How many samples are put out at a time when the speed is not 1."""
_REACH: Final = SAMPLES_PER_SECOND // 80
_STEP: Final = 4


@frozen
class Clip:
    """A sound in memory: one channel, 16 bits, ``SAMPLES_PER_SECOND``."""

    samples: array[int]

    @property
    def seconds(self) -> float:
        """How long it is at its own speed."""
        return len(self.samples) / SAMPLES_PER_SECOND


def read_clip(data: bytes) -> Clip:
    """Decode WAV (PCM, A-law, mu-law), MP3, FLAC or Ogg Vorbis; may take seconds.

    Raises:
        PayloadError: It is none of these, is broken, or is hours too long.
    """
    import miniaudio

    samples = array("h")
    try:
        for part in miniaudio.stream_memory(
            data,
            nchannels=1,
            sample_rate=SAMPLES_PER_SECOND,
            frames_to_read=SAMPLES_PER_SECOND,
        ):
            samples.extend(part)
            if len(samples) > LONGEST_SECONDS * SAMPLES_PER_SECOND:
                raise PayloadError(
                    tr("This recording is too long to be played here"),
                    tr("Save it, and open the file with a player."),
                )
    except miniaudio.MiniaudioError:
        samples = array("h")
    if not samples:
        raise PayloadError(
            tr("This sound cannot be played here"),
            tr("Save it, and open the file with a player."),
        )
    return Clip(samples)


class Reel:
    """Runs through a clip at some speed, block by block.

    Other speeds than 1 lay short pieces over each other where they fit best, so that
    voices keep their pitch (WSOLA: Verhelst and Roelands, ICASSP 1993).

    Attributes:
        position: The next sample to be heard.
        speed: 1.0 as it was spoken, 2.0 in half the time.
    """

    def __init__(self, clip: Clip) -> None:
        self._samples = clip.samples
        self.position = 0.0
        self.speed = 1.0
        self._tail: int | None = None

    @property
    def is_at_end(self) -> bool:
        """Whether everything was heard."""
        return self.position >= len(self._samples)

    def seek(self, position: float) -> None:
        """Go on from another sample."""
        self.position = max(0.0, min(position, float(len(self._samples))))
        self._tail = None

    def block(self) -> array[int]:
        """What is heard next; empty at the end."""
        start = int(self.position)
        if self.speed == 1.0:
            self._tail = None
            self.position = float(min(start + BLOCK, len(self._samples)))
            return self._samples[start : start + BLOCK]
        if self._tail is None:
            self._tail = start
        last = self._tail
        begin = self._best_begin(start, last)
        self._tail = begin + BLOCK
        self.position += BLOCK * self.speed
        return _cross_faded(
            self._samples[last : last + BLOCK], self._samples[begin : begin + BLOCK]
        )

    def _best_begin(self, wanted: int, last: int) -> int:
        """Where near ``wanted`` the sound goes on most like what came before it."""
        template = self._samples[last : last + BLOCK : _STEP]
        lowest, highest = max(0, wanted - _REACH), wanted + _REACH
        best, best_score = wanted, float("-inf")
        for begin in range(lowest, highest, _STEP):
            piece = self._samples[begin : begin + BLOCK : _STEP]
            if len(piece) < len(template):
                break
            energy = sum(map(mul, piece, piece)) + 1
            score = sum(map(mul, template, piece)) / energy**0.5
            if score > best_score:
                best, best_score = begin, score
        return best


def _cross_faded(old: Sequence[int], new: array[int]) -> array[int]:
    """``new``, coming in over ``old`` that goes out."""
    length = len(new)
    shared = min(len(old), length)
    mixed = array(
        "h",
        (
            (before * (length - at) + after * at) // length
            for at, (before, after) in enumerate(
                zip(old[:shared], new[:shared], strict=True)
            )
        ),
    )
    mixed.extend(new[shared:])
    return mixed
