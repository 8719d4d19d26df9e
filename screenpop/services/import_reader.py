"""Read a contact file for an import, in a process of its own when it is large.

Reading takes as long as writing what was read, so the two are done side by side. The
worker starts itself once more, tells that process what to read, and takes contacts out
of its output, ready to be written, as ``marshal`` packs them: both are the same
program of the same version. The reader is never more than two windows ahead. When its
output is closed, whatever the reason, it ends.

Within a window of tens of thousands of contacts they come in the order of their ids,
which is the order of an index: its pages are written once for a window, not with every
step. The first windows are smaller, as nothing is written before the first is full.
"""

from __future__ import annotations

import contextlib
import gc
import marshal
import os
import subprocess
import sys
import threading
from operator import itemgetter
from queue import Empty, Queue
from typing import IO, TYPE_CHECKING, Any, Final, Protocol

from screenpop.domain.errors import ImportFailed, ScreenpopError
from screenpop.services.own_program import own_command
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from screenpop.services.import_worker import ImportJob
    from screenpop.store.contact_batches import NewRow
    from screenpop.store.contact_bulk import PackedContacts

READ: Final = b"read\n"
_FIRST_WINDOW: Final = 4_000
_WINDOW: Final = 40_000
_AT_ONCE: Final = 1_000
# Of so many contacts each: what comes while a window is written.
_MOST_WAITING: Final = _WINDOW // _AT_ONCE
# Below that a second process has hardly started before the first would be done.
_LARGE_BYTES: Final = 1 << 20
_LOOK_SECONDS: Final = 0.01
# Before each frame stands how long it is: "marshal" itself would ask the pipe for each
# text by itself.
_LENGTH_BYTES: Final = 4
_READER_COMMAND: Final = "import-worker"


class ReaderGone(ImportFailed):
    """The reading process ended in the middle of a file; what came is sound."""


class PackSource(Protocol):
    """The contacts of one file, ready to be written."""

    @property
    def contacts(self) -> int:
        """How many it gave so far, those that were left out included."""
        ...

    @property
    def skipped(self) -> int:
        """Rows or cards that gave none."""
        ...

    @property
    def unreadable(self) -> int:
        """Numbers that were left out."""
        ...

    @property
    def problems(self) -> Sequence[tuple[int, str]]:
        """Line and reason of the first rows that gave none."""
        ...

    def packs(self, to_skip: int) -> Iterator[list[PackedContacts]]:
        """All after the first ``to_skip``, some at a time.

        Raises:
            ImportFailed: The file cannot be read to its end.
        """
        ...

    def close(self) -> None:
        """Read no further."""
        ...


def source_of(job: ImportJob) -> PackSource:
    """The contacts of the job's file, read here or in another process.

    Raises:
        ImportFailed: It cannot be read.
    """
    with contextlib.suppress(OSError):
        if job.path.stat().st_size >= _LARGE_BYTES and (os.cpu_count() or 1) > 1:
            return ReadBeside(job)
    return ReadHere(job)


class ReadHere:
    """Reads the file in this process."""

    def __init__(self, job: ImportJob) -> None:
        from screenpop.lookup.contact_files import open_contacts

        self._file = open_contacts(job.path, job.guess, job.region)
        self.contacts = 0

    @property
    def skipped(self) -> int:
        """See ``PackSource``."""
        return self._file.skipped

    @property
    def unreadable(self) -> int:
        """See ``PackSource``."""
        return self._file.unreadable_numbers

    @property
    def problems(self) -> Sequence[tuple[int, str]]:
        """See ``PackSource``."""
        return [(row.line, row.reason) for row in self._file.bad_rows]

    def packs(self, to_skip: int) -> Iterator[list[PackedContacts]]:
        """See ``PackSource``."""
        from screenpop.store.contact_bulk import packed

        for window in self._windows():
            left_out = min(to_skip, len(window))
            to_skip -= left_out
            self.contacts += left_out
            for start in range(left_out, len(window), _AT_ONCE):
                some = window[start : start + _AT_ONCE]
                self.contacts += len(some)
                yield list(packed(some))

    def _windows(self) -> Iterator[list[NewRow]]:
        """All contacts, those of each window in order."""
        from screenpop.store.contact_batches import new_contacts

        size = _FIRST_WINDOW
        window: list[NewRow] = []
        for columns in self._file.columns():
            window += new_contacts(columns)
            if len(window) >= size:
                window.sort(key=itemgetter(0))
                yield window
                window = []
                size = min(2 * size, _WINDOW)
        window.sort(key=itemgetter(0))
        yield window

    def close(self) -> None:
        """Nothing stands open."""


class ReadBeside:
    """Has the file read by another process."""

    def __init__(self, job: ImportJob) -> None:
        self.contacts = self.skipped = self.unreadable = 0
        self.problems: Sequence[tuple[int, str]] = ()
        self._job = job
        self._frames: Queue[bytes] = Queue(_MOST_WAITING)
        self._taking = threading.Thread(target=self._take, name="import reader")
        # At once, so that it is ready by the time the database is.
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            own_command(_READER_COMMAND),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=_window_flags(),
        )

    def packs(self, to_skip: int) -> Iterator[list[PackedContacts]]:
        """See ``PackSource``."""
        from screenpop.store.contact_bulk import PackedContacts

        self._tell(to_skip)
        self._taking.start()
        while True:
            frame = self._frames.get()
            if not frame:
                raise _reader_gone()
            kind, told = marshal.loads(frame)  # noqa: S302 - our own
            if kind == "failed":
                raise ImportFailed(*told)
            if kind == "end":
                self.contacts, self.skipped, self.unreadable, self.problems = told
                return
            self.contacts, packs = told
            yield list(map(PackedContacts._make, packs))

    def close(self) -> None:
        """See ``PackSource``."""
        self._process.kill()
        while self._taking.is_alive():
            # It may be waiting for room.
            with contextlib.suppress(Empty):
                self._frames.get(timeout=_LOOK_SECONDS)
        with contextlib.suppress(OSError):
            # What it was not told any more cannot be flushed either.
            self._process.__exit__(None, None, None)

    def _tell(self, to_skip: int) -> None:
        assert self._process.stdin is not None  # noqa: S101 - it is a pipe
        try:
            self._process.stdin.write(READ + b"%d\n" % to_skip + self._job.to_line())
            self._process.stdin.flush()
        except OSError:
            # It died at once; its missing answer says so.
            return

    def _take(self) -> None:
        """Take in what the reader gives until its end, on a thread of its own."""
        assert self._process.stdout is not None  # noqa: S101 - it is a pipe
        is_whole = True
        while is_whole:
            length = int.from_bytes(self._process.stdout.read(_LENGTH_BYTES), "big")
            frame = self._process.stdout.read(length)
            is_whole = length > 0 and len(frame) == length
            # An empty one says that it is gone, at its end as well.
            self._frames.put(frame if is_whole else b"")


def _reader_gone() -> ReaderGone:
    return ReaderGone(
        tr("The import ended unexpectedly"),
        tr(
            "Nothing was changed. Start it again and it goes on from there; "
            "`screenpop doctor` may know more."
        ),
    )


def read_for_worker(job: ImportJob, to_skip: int, output: IO[bytes]) -> int:
    """Be the reading process: write what the file has until its end.

    Returns:
        The exit status.
    """
    # Millions of short-lived objects, no circles among them.
    gc.disable()
    try:
        try:
            reader = ReadHere(job)
            for packs in reader.packs(to_skip):
                _send(output, "packs", (reader.contacts, list(map(tuple, packs))))
        except ScreenpopError as error:
            _send(output, "failed", (str(error.title), str(error.advice)))
            return 1
        counts = (reader.contacts, reader.skipped, reader.unreadable)
        problems = [(line, str(reason)) for line, reason in reader.problems]
        _send(output, "end", (*counts, problems))
    except OSError:
        # Nobody takes it any more; nor is there anybody to be told by Python's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output.fileno())
        return 1
    return 0


def _send(output: IO[bytes], kind: str, told: tuple[Any, ...]) -> None:
    frame = marshal.dumps((kind, told))
    output.write(len(frame).to_bytes(_LENGTH_BYTES, "big") + frame)
    output.flush()


def _window_flags() -> int:
    """No console window flashes up on Windows."""
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0
