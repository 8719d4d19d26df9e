"""A loudspeaker for tests of what is heard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.desktop.sound_clip import SAMPLES_PER_SECOND

if TYPE_CHECKING:
    from array import array
    from collections.abc import Generator


class HandDevice:
    """A loudspeaker that asks when the test says so."""

    def __init__(self) -> None:
        self.source: Generator[array[int], int, None] | None = None

    def start(self, source: Generator[array[int], int, None]) -> None:
        self.source = source

    def stop(self) -> None:
        self.source = None

    def close(self) -> None:
        self.stop()

    def hear(self, seconds: float) -> array[int]:
        assert self.source is not None
        return self.source.send(round(seconds * SAMPLES_PER_SECOND))
