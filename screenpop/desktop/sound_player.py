"""Play a clip on the computer's loudspeaker: pause, seek, faster and slower."""

from __future__ import annotations

import logging
from array import array
from threading import Lock
from typing import TYPE_CHECKING, Final, Protocol

from screenpop.desktop.sound_clip import SAMPLES_PER_SECOND, Clip, Reel
from screenpop.domain.errors import SoundUnavailable
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Generator

_log = logging.getLogger(__name__)

SPEEDS: Final = (0.75, 1.0, 1.25, 1.5, 2.0)
_BUFFER_MS: Final = 200


class SoundDevice(Protocol):
    """A loudspeaker: one channel, 16 bits, ``SAMPLES_PER_SECOND``."""

    def start(self, source: Generator[array[int], int, None]) -> None:
        """Ask ``source`` for so many samples at a time, from a thread of its own."""
        ...

    def stop(self) -> None:
        """Ask no more; it can be started again."""
        ...

    def close(self) -> None:
        """Let go of the loudspeaker."""
        ...


def default_device() -> SoundDevice:
    """The loudspeaker that the desktop plays on; opening it may take seconds.

    Raises:
        SoundUnavailable: There is none.
    """
    return _opened(is_silent=False)


def silent_device() -> SoundDevice:
    """Plays in real time and is not heard: for computers without a loudspeaker."""
    return _opened(is_silent=True)


def _opened(*, is_silent: bool) -> SoundDevice:
    import miniaudio

    try:
        device: SoundDevice = miniaudio.PlaybackDevice(
            nchannels=1,
            sample_rate=SAMPLES_PER_SECOND,
            buffersize_msec=_BUFFER_MS,
            backends=[miniaudio.Backend.NULL] if is_silent else None,
            app_name="screenpop",
        )
    except miniaudio.MiniaudioError as error:
        _log.info("no sound device: %s", type(error).__name__)
        raise SoundUnavailable(
            tr("No loudspeaker was found on this computer"),
            tr("Save the recording, or plug in a headset and try again."),
        ) from None
    return device


class SoundPlayer:
    """One clip on one device; every method may be called from one thread."""

    def __init__(self, clip: Clip, device: SoundDevice) -> None:
        self._clip = clip
        self._device = device
        self._reel = Reel(clip)
        self._lock = Lock()
        self._rest = array("h")
        self._is_playing = False

    @property
    def seconds(self) -> float:
        """How long the clip is."""
        return self._clip.seconds

    @property
    def position(self) -> float:
        """How far it was played, in seconds of the clip."""
        with self._lock:
            heard = self._reel.position - len(self._rest) * self._reel.speed
        return min(max(0.0, heard / SAMPLES_PER_SECOND), self.seconds)

    @property
    def is_playing(self) -> bool:
        """Whether it is to be heard; False once the end was reached."""
        return self._is_playing and not self.is_at_end

    @property
    def is_at_end(self) -> bool:
        """Whether everything was handed to the loudspeaker."""
        with self._lock:
            return self._reel.is_at_end and not self._rest

    @property
    def speed(self) -> float:
        """1.0 as it was spoken."""
        return self._reel.speed

    def play(self) -> None:
        """Go on, or begin anew after the end.

        Raises:
            SoundUnavailable: The loudspeaker has gone.
        """
        import miniaudio

        if self.is_at_end:
            self.seek(0.0)
        if self._is_playing:
            return
        source = self._source()
        next(source)
        try:
            self._device.start(source)
        except miniaudio.MiniaudioError as error:
            _log.info("the sound device has gone: %s", type(error).__name__)
            raise SoundUnavailable(
                tr("The loudspeaker has gone"),
                tr("Plug it in and open the recording again."),
            ) from None
        self._is_playing = True

    def pause(self) -> None:
        """Be silent and keep the place."""
        if self._is_playing:
            self._is_playing = False
            self._device.stop()

    def seek(self, seconds: float) -> None:
        """Go on from another place."""
        with self._lock:
            self._rest = array("h")
            self._reel.seek(seconds * SAMPLES_PER_SECOND)

    def set_speed(self, speed: float) -> None:
        """Play faster or slower from here on; see ``SPEEDS``."""
        with self._lock:
            self._reel.speed = speed

    def close(self) -> None:
        """Let go of the loudspeaker; the player is not used afterwards."""
        self._is_playing = False
        self._device.close()

    def _source(self) -> Generator[array[int], int, None]:
        """Runs on the device's thread; silence after the end until it is stopped."""
        wanted = yield array("h")
        while True:
            with self._lock:
                while len(self._rest) < wanted and not self._reel.is_at_end:
                    self._rest.extend(self._reel.block())
                piece, self._rest = self._rest[:wanted], self._rest[wanted:]
            piece.extend(array("h", bytes(2 * (wanted - len(piece)))))
            wanted = yield piece
