"""The pixels of an X server that keeps its screen in a file (Xvfb -fbdir)."""

from __future__ import annotations

import mmap
import select
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Self

_HEADER = struct.Struct(">25I")
_HEIGHT, _BYTES_PER_LINE, _COLORS = 5, 12, 19
_BYTES_PER_PIXEL = 4
_COLOR_BYTES = 12

# A poller that spins would take one of the two processors from what it measures.
POLL_SECONDS = 0.0001


@dataclass(frozen=True, slots=True)
class Strip:
    """A run of pixels within one line of the screen."""

    start: int
    stop: int


class Framebuffer:
    """What is on the screen, read without asking the X server.

    Attributes:
        offset: Where the pixels begin in the file.
    """

    def __init__(self, folder: Path) -> None:
        with (folder / "Xvfb_screen0").open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        header = _HEADER.unpack(self._map[: _HEADER.size])
        self.offset = header[0] + header[_COLORS] * _COLOR_BYTES
        self._line = header[_BYTES_PER_LINE]
        self._height = header[_HEIGHT]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._map.close()

    def picture(self) -> bytes:
        """The whole screen."""
        return self._map[self.offset : self.offset + self._line * self._height]

    def strip_of_change(self, before: bytes) -> Strip | None:
        """The middle line of what differs from an earlier picture."""
        now = self.picture()
        lines = [
            number
            for number in range(self._height)
            if now[(at := number * self._line) : at + self._line]
            != before[at : at + self._line]
        ]
        if not lines:
            return None
        at = lines[len(lines) // 2] * self._line
        changed = [
            column
            for column in range(0, self._line, _BYTES_PER_PIXEL)
            if now[at + column : at + column + _BYTES_PER_PIXEL]
            != before[at + column : at + column + _BYTES_PER_PIXEL]
        ]
        first, last = changed[0], changed[-1] + _BYTES_PER_PIXEL
        return Strip(self.offset + at + first, self.offset + at + last)

    def strip_at(self, x: int, y: int, width: int) -> Strip:
        """A run of pixels by its place on the screen."""
        start = self.offset + y * self._line + x * _BYTES_PER_PIXEL
        return Strip(start, start + width * _BYTES_PER_PIXEL)

    def read(self, strip: Strip) -> bytes:
        """The strip's pixels now."""
        return self._map[strip.start : strip.stop]

    def wait_for_change(
        self, strip: Strip, before: bytes, *, seconds: float = 5.0
    ) -> float:
        """Wait until the strip looks different; the moment, by time.monotonic().

        Raises:
            TimeoutError: It never did.
        """
        deadline = time.monotonic() + seconds
        while self._map[strip.start : strip.stop] == before:
            if time.monotonic() > deadline:
                raise TimeoutError("nothing changed on the screen")
            select.select((), (), (), POLL_SECONDS)
        return time.monotonic()

    def wait_for(self, strip: Strip, wanted: bytes, *, seconds: float = 5.0) -> None:
        """Wait until the strip looks like that.

        Raises:
            TimeoutError: It never did.
        """
        deadline = time.monotonic() + seconds
        while self._map[strip.start : strip.stop] != wanted:
            if time.monotonic() > deadline:
                raise TimeoutError("the screen never looked as before")
            select.select((), (), (), POLL_SECONDS)
