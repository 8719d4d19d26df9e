"""A file of lines that a thread of its own writes, rotated by size.

``logging.handlers`` has both, and brings sockets and pickling with them: 0.4 MiB of an
app that waits.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from io import FileIO
    from pathlib import Path

FILE_BYTES: Final = 2_000_000
OLD_FILES: Final = 4
_OWNER_ONLY: Final = 0o600


class LineFile:
    """Takes lines from any thread; a full disk costs lines, never the program."""

    def __init__(self, path: Path) -> None:
        """Open the file and start the thread.

        Raises:
            OSError: The file cannot be opened.
        """
        self._path = path
        self._file: FileIO | None = self._open()
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=self._write_all, name="log-writer", daemon=True
        )
        self._thread.start()

    def put(self, line: str) -> None:
        """Have a line written soon; never waits."""
        self._lines.put(line)

    def close(self) -> None:
        """Write what is still to be written, and end."""
        self._lines.put(None)
        self._thread.join()

    def _write_all(self) -> None:
        while (line := self._lines.get()) is not None:
            # There is no better place to complain to.
            with contextlib.suppress(OSError):
                self._write(line)
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode()
        if self._file is not None and self._file.tell() + len(data) >= FILE_BYTES:
            self._make_room()
        if self._file is None:
            self._file = self._open()
        self._file.write(data)

    def _make_room(self) -> None:
        """Move the file to the older ones and let the oldest go."""
        file, self._file = self._file, None
        if file is not None:
            file.close()
        for number in range(OLD_FILES - 1, 0, -1):
            with contextlib.suppress(FileNotFoundError):
                self._old(number).replace(self._old(number + 1))
        with contextlib.suppress(FileNotFoundError):
            self._path.replace(self._old(1))

    def _old(self, number: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{number}")

    def _open(self) -> FileIO:
        return open(self._path, "ab", buffering=0, opener=owner_only)


def owner_only(path: str, flags: int) -> int:
    """Open a file that nobody but its owner may read, for ``open(opener=…)``."""
    return os.open(path, flags, _OWNER_ONLY)
