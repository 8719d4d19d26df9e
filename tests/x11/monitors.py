"""Screens that are plugged in and out, by telling the X server of monitors."""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from types import TracebackType

_SCREEN_RESOURCES: Final = 25
_SET_MONITOR: Final = 43
_DELETE_MONITOR: Final = 44
_PIXELS_PER_MM: Final = 4


class Place(NamedTuple):
    """A monitor's part of the desktop, in the server's pixels."""

    x: int
    y: int
    width: int
    height: int


class Monitors:
    """Speaks just enough of X11 and RandR to have several monitors on one server."""

    def __init__(self) -> None:
        number = os.environ["DISPLAY"].partition(":")[2].partition(".")[0]
        self._server = socket.socket(socket.AF_UNIX)
        self._server.connect(f"/tmp/.X11-unix/X{number}")  # noqa: S108 - X's own place
        self._server.sendall(struct.pack("<BxHHHHxx", ord("l"), 11, 0, 0, 0))
        head = self._read(8)
        assert head[0] == 1, "the X server lets us in"
        setup = self._read(4 * struct.unpack_from("<H", head, 6)[0])
        vendor, formats = struct.unpack_from("<H", setup, 16)[0], setup[21]
        at = 32 + vendor + (-vendor % 4) + 8 * formats
        (self._root,) = struct.unpack_from("<I", setup, at)
        name = b"RANDR"
        answer = self._ask(struct.pack("<BxHHxx", 98, 4, len(name)) + name + b"\0" * 3)
        assert answer[8], "the X server knows RandR"
        self._randr = answer[9]

    def __enter__(self) -> Monitors:
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.close()

    def plug_in(self, name: str, place: Place, *, is_primary: bool = False) -> None:
        """Have a monitor of that name there, or move it there.

        The primary one takes the server's own output, whose monitor goes for it.
        """
        outputs = self._outputs() if is_primary else ()
        size = (place.width // _PIXELS_PER_MM, place.height // _PIXELS_PER_MM)
        info = struct.pack(
            f"<IBBHhhHHII{len(outputs)}I",
            self._atom(name),
            is_primary,
            0,
            len(outputs),
            *place,
            *size,
            *outputs,
        )
        length = 2 + len(info) // 4
        head = struct.pack("<BBHI", self._randr, _SET_MONITOR, length, self._root)
        self._tell(head + info)

    def unplug(self, name: str) -> None:
        """Have it no longer."""
        self._tell(
            struct.pack(
                "<BBHII",
                self._randr,
                _DELETE_MONITOR,
                3,
                self._root,
                self._atom(name),
            )
        )

    def _outputs(self) -> tuple[int, ...]:
        request = struct.pack("<BBHI", self._randr, _SCREEN_RESOURCES, 2, self._root)
        answer = self._ask(request)
        crtcs, outputs = struct.unpack_from("<HH", answer, 16)
        return struct.unpack_from(f"<{outputs}I", answer, 32 + 4 * crtcs)

    def _atom(self, name: str) -> int:
        word = name.encode("ascii")
        padded = word + b"\0" * (-len(word) % 4)
        length = 2 + len(padded) // 4
        answer = self._ask(struct.pack("<BxHHxx", 16, length, len(word)) + padded)
        return int(struct.unpack_from("<I", answer, 8)[0])

    def _tell(self, request: bytes) -> None:
        # What follows is answered only once the request before it is done.
        self._ask(request + struct.pack("<BxH", 43, 1))

    def _ask(self, request: bytes) -> bytes:
        self._server.sendall(request)
        while True:
            answer = self._read(32)
            assert answer[0], f"X error {answer[1]}"
            if answer[0] == 1:
                rest = struct.unpack_from("<I", answer, 4)[0]
                return answer + self._read(4 * rest)

    def _read(self, count: int) -> bytes:
        found = b""
        while len(found) < count:
            part = self._server.recv(count - len(found))
            assert part, "the X server is there"
            found += part
        return found
