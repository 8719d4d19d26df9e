"""The worker process that brings a contact file into the database.

A million contacts keep a processor busy for some seconds; in a thread of the app its
windows would stutter. The app starts this program once more with ``import-worker``,
writes one line that says what to do to its input, and reads lines of progress. Told
to stop, it leaves nothing of the import. When its input ends without a word, the app
has died: it ends, too, and what it has written waits unseen to be taken up.
"""

from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from screenpop import __version__
from screenpop.domain.errors import ImportFailed, ScreenpopError
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.services.import_reader import PackSource
    from screenpop.store.contact_import import ContactImport

COMMAND: Final = "import-worker"
STOP: Final = b"stop\n"
_TELL_SECONDS: Final = 0.1
_NICE: Final = 10


@frozen(kw_only=True)
class ImportReport:
    """What became of a contact file.

    Attributes:
        imported: Contacts that are there now.
        skipped: Rows or cards that gave none.
        doubles: Contacts that came once more in the same file.
        problems: Why, for the first of them, one sentence each.
        is_stopped: It was stopped and nothing was changed.
        taken_up: How many contacts of the file an import that died had brought.
        unreadable: How many numbers were left out, as they could not be read.
    """

    imported: int
    skipped: int = 0
    doubles: int = 0
    problems: tuple[str, ...] = ()
    is_stopped: bool = False
    taken_up: int = 0
    unreadable: int = 0


@frozen(kw_only=True)
class ImportJob:
    """What the worker is to do.

    Attributes:
        region: In which to read numbers without a country code.
        guess: What its columns hold; None for a file of vCards.
    """

    database_file: Path
    path: Path
    region: str
    guess: ColumnGuess | None

    def to_line(self) -> bytes:
        """As one line for the worker's input."""
        columns = [
            [each.heading, each.field.value, each.label, each.label_column]
            for each in (self.guess.columns if self.guess else ())
        ]
        told = {
            "database": str(self.database_file.absolute()),
            "path": str(self.path.absolute()),
            "region": self.region,
            "has_columns": self.guess is not None,
            "has_header": bool(self.guess and self.guess.has_header),
            "title_rows": self.guess.title_rows if self.guess else 0,
            "columns": columns,
        }
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def from_line(cls, line: bytes) -> ImportJob:
        """The job that ``to_line`` wrote.

        Raises:
            ImportFailed: It is something else.
        """
        from screenpop.lookup.csv_columns import ColumnGuess, ColumnUse
        from screenpop.lookup.csv_headings import ContactField

        try:
            told: Any = json.loads(line)
            columns = tuple(
                ColumnUse(heading, ContactField(kind), label, label_column)
                for heading, kind, label, label_column in told["columns"]
            )
            return cls(
                database_file=Path(told["database"]),
                path=Path(told["path"]),
                region=told["region"],
                guess=ColumnGuess(
                    columns, bool(told["has_header"]), int(told["title_rows"])
                )
                if told["has_columns"]
                else None,
            )
        except (ValueError, KeyError, TypeError):
            raise ImportFailed(
                "The import worker was not told what to do",
                "Use `screenpop contacts import`, which starts it.",
            ) from None


def serve(commands: IO[bytes], progress: IO[bytes]) -> int:
    """Do the job of the first line of ``commands`` until that stream ends.

    Where that line asks for it, be the process that only reads the file.

    Returns:
        The exit status of the worker.
    """
    from screenpop.services.import_reader import READ, read_for_worker

    def tell(**what: object) -> None:
        progress.write(json.dumps(what).encode() + b"\n")
        progress.flush()

    first = commands.readline()
    if first == READ:
        to_skip = int(commands.readline())
        return read_for_worker(
            ImportJob.from_line(commands.readline()), to_skip, progress
        )
    try:
        job = ImportJob.from_line(first)
        # Millions of short-lived objects, no circles among them.
        gc.disable()
        _step_back()
        orders = _Orders(commands)
        report = bring_in(
            job,
            lambda count: tell(done=count),
            orders.has_ended,
            is_wanted=orders.is_wanted,
        )
    except ScreenpopError as error:
        tell(title=error.title, advice=error.advice, kind=type(error).__name__)
        return 1
    except OSError:
        # Whoever asked for the import is gone, and with it the wish for its result.
        return 1
    tell(
        imported=report.imported,
        skipped=report.skipped,
        doubles=report.doubles,
        problems=report.problems,
        is_stopped=report.is_stopped,
        taken_up=report.taken_up,
        unreadable=report.unreadable,
    )
    return 0


def bring_in(
    job: ImportJob,
    tell: Callable[[int], None],
    should_stop: Callable[[], bool],
    *,
    is_wanted: Callable[[], bool] = lambda: False,
) -> ImportReport:
    """Read the file and store its contacts, all of them or none.

    An import of the same file that died on its way is taken up where it was.

    Args:
        job: What to do.
        tell: Gets the number of contacts read so far, a few times a second.
        should_stop: Asked as often; True leaves everything as it was.
        is_wanted: Asked then: whether what was written is to be kept, unseen, for an
            import that goes on from there.

    Raises:
        ImportFailed: The file cannot be read.
        StoreError: Or one of its kin.
    """
    from screenpop.lookup.contact_files import LOCAL_SOURCE
    from screenpop.services.import_reader import ReaderGone, source_of
    from screenpop.store.contact_import import ContactImport
    from screenpop.store.database import Database
    from screenpop.store.opening import widen_cache

    with (
        contextlib.closing(source_of(job)) as reader,
        Database(job.database_file, moves_corrupt_aside=False) as database,
    ):
        database.submit(widen_cache).result()
        into = ContactImport(
            database, LOCAL_SOURCE, replaces=False, work=_fingerprint(job)
        )
        taken_up = into.begin()
        is_kept = False
        try:
            is_whole = _fill(into, reader, taken_up, tell, should_stop)
            is_kept = is_whole or is_wanted()
        except (BrokenPipeError, ReaderGone):
            # Whoever was told of the progress is gone, or who read the file.
            is_kept = is_wanted()
            raise
        finally:
            if not is_kept:
                into.abandon()
        if not is_whole:
            return ImportReport(imported=0, is_stopped=True)
        result = into.finish()
    return ImportReport(
        imported=result.contacts,
        skipped=reader.skipped,
        doubles=result.doubles,
        problems=tuple(f"Line {line}: {reason}" for line, reason in reader.problems),
        taken_up=taken_up,
        unreadable=reader.unreadable,
    )


def _fill(
    into: ContactImport,
    reader: PackSource,
    to_skip: int,
    tell: Callable[[int], None],
    should_stop: Callable[[], bool],
) -> bool:
    """Write what the file has after the first ``to_skip``; False when stopped."""
    next_at = 0.0
    for packs in reader.packs(to_skip):
        if should_stop():
            return False
        into.add_packs(packs)
        if time.monotonic() >= next_at:
            tell(reader.contacts)
            next_at = time.monotonic() + _TELL_SECONDS
    return True


def _fingerprint(job: ImportJob) -> str:
    """The same only for the same file, read in the same way by the same version."""
    stat = job.path.stat()
    told = (job.to_line(), stat.st_size, stat.st_mtime_ns, __version__)
    return hashlib.blake2b(repr(told).encode(), digest_size=12).hexdigest()


def _step_back() -> None:
    """Leave the processor to whoever else wants it; Windows is told at the start."""
    if sys.platform != "win32":
        os.nice(_NICE)
    if sys.platform == "linux":
        # Whoever wakes up to do something, a window say, is not made to wait for it.
        with contextlib.suppress(OSError):
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


class _Orders:
    """What comes after the job: a word to stop, or the end of the app."""

    def __init__(self, commands: IO[bytes]) -> None:
        self._ended = threading.Event()
        self._is_cancelled = False
        self._descriptor = commands.fileno()
        threading.Thread(target=self._wait, name="watch input", daemon=True).start()

    def has_ended(self) -> bool:
        """Whether nobody waits for the import any more."""
        return self._ended.is_set()

    def is_wanted(self) -> bool:
        """Whether nobody said that it was to stop."""
        # The end of the pipe shows a moment later than it can be felt.
        self._ended.wait(_TELL_SECONDS)
        return not self._is_cancelled

    def _wait(self) -> None:
        # Not through the buffered stream: its lock must be free when Python ends.
        while some := os.read(self._descriptor, 4096):
            self._is_cancelled |= STOP.strip() in some
        self._ended.set()
