"""The database file: one writer thread that commits in groups, and many readers.

Everything that writes is handed to the writer as a function. It runs all that has
queued up meanwhile in one transaction, each of several functions in a savepoint of its
own, and resolves the futures only after the commit. So a burst costs one fsync per
group instead of one each, and no window ever waits for the disk.

What must survive a power cut has the group synced before its futures resolve. What can
be made again from that (calls out of deliveries) does without: it survives the death of
the process all the same, and the next sync takes it along.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from screenpop.domain.errors import StoreCorrupt, StoreError
from screenpop.domain.frozen import frozen
from screenpop.group_worker import GroupWorker
from screenpop.store.faults import is_busy, translated
from screenpop.store.opening import (
    BUSY_SECONDS,
    mark_suspect,
    open_reader,
    open_store,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType

T = TypeVar("T")

_log = logging.getLogger(__name__)

GROUP_LIMIT: Final = 500
_RETRY_SECONDS: Final = 0.001
# Moving the log's pages into the database takes milliseconds, and SQLite does it inside
# whichever commit happens to be the thousandth page: often enough one that a ringing
# phone waits for. So it is done in the first quiet moment after this many commits, and
# by SQLite itself only in a storm that leaves none (16 MiB).
_COMMITS_TO_CHECKPOINT: Final = 64
_QUIET_SECONDS: Final = 0.025
_STORM_PAGES: Final = 4_000
_SAVEPOINT: Final = "one_of_group"


@frozen
class StoreStats:
    """What the writer has done since the database was opened.

    Attributes:
        queued: Functions that wait for the writer just now.
        functions: Functions whose work is on disk.
        commits: Transactions that this took.
        failures: Functions that ended in an error.
    """

    queued: int
    functions: int
    commits: int
    failures: int


@dataclass(slots=True)
class _Task:
    """A function to run and the future that waits for it."""

    work: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    is_durable: bool = True
    is_one_statement: bool = False
    result: Any = None


@dataclass(slots=True)
class _Reader:
    """One thread's connection, and whether a query runs on it."""

    connection: sqlite3.Connection
    # Reentrant: a query may itself read.
    in_use: threading.RLock = field(default_factory=threading.RLock)


class Database:
    """The open database of this process.

    Attributes:
        path: The file.
        recovered_from: Where a damaged predecessor was moved on opening; else None.
    """

    def __init__(
        self,
        path: Path,
        *,
        moves_corrupt_aside: bool = True,
        busy_seconds: float = BUSY_SECONDS,
    ) -> None:
        """Open the file, making or migrating it when needed.

        Args:
            path: The file; its folder is made when missing.
            moves_corrupt_aside: Start afresh when the file is damaged. Only the app
                itself may: a command beside it must not take the file away.
            busy_seconds: How long to wait while another process is writing.

        Raises:
            StoreCorrupt: Damaged, and ``moves_corrupt_aside`` is false.
            StoreTooNew: A newer screenpop wrote it.
            StoreFull: The file or its folder cannot be written.
            StoreBusy: Another program kept it locked too long.
        """
        opened = open_store(path, moves_corrupt_aside=moves_corrupt_aside)
        self.path = path
        self.recovered_from = opened.recovered_from
        self._connection = opened.connection
        # The writer waits for its turn by itself, at a finer grain than SQLite would.
        self._connection.execute("PRAGMA busy_timeout=0")
        self._connection.execute(f"PRAGMA wal_autocheckpoint={_STORM_PAGES}")
        self._is_syncing = True
        self._unmoved_commits = 0
        self._busy_seconds = busy_seconds
        self._lock = threading.Lock()
        self._is_closed = False
        self._readers: list[_Reader] = []
        self._of_thread = threading.local()
        self._functions = self._commits = self._failures = 0
        self._writer: GroupWorker[_Task] = GroupWorker(
            "store-writer",
            self._commit,
            most=GROUP_LIMIT,
            idle_seconds=self._seconds_to_quiet,
            idle=self._checkpoint,
        )

    def __enter__(self) -> Database:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def submit(
        self,
        work: Callable[[sqlite3.Connection], T],
        *,
        is_durable: bool = True,
        is_one_statement: bool = False,
    ) -> Future[T]:
        """Have ``work`` done by the writer thread.

        The future resolves after the commit with what ``work`` returned. An error in
        ``work`` undoes its own changes only. Cancelling the future keeps work that
        has not begun from being done; once begun it cannot be cancelled.

        Args:
            work: What to do; it gets the writer's connection.
            is_durable: Survive a power cut, once the future has resolved. Without it
                work survives the end of the process, whatever ends that, and costs no
                wait for the disk; after a power cut the latest of it may be missing,
                though never anything that durable work was built on.
            is_one_statement: There is no more in ``work`` than one statement, which
                SQLite undoes by itself when it fails; two further ones are saved.

        Raises (through the future):
            StoreError: Or one of its kin; nothing of ``work`` was kept.
        """
        future: Future[T] = Future()
        if not self._writer.put(_Task(work, future, is_durable, is_one_statement)):
            future.set_exception(StoreError(tr("The local database is closed")))
        return future

    async def run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Await ``submit(work)`` on the running event loop.

        Raises:
            StoreError: Or one of its kin; nothing of ``work`` was kept.
        """
        import asyncio  # late: a command that only reads does without

        return await asyncio.wrap_future(self.submit(work))

    def read(self, query: Callable[[sqlite3.Connection], T]) -> T:
        """Run a look-up now, on a connection that belongs to the calling thread.

        It sees everything committed before the call, by whichever process, and never
        waits for a writer. Meant for look-ups of microseconds.

        Raises:
            StoreError: Or one of its kin.
        """
        try:
            reader = self._reader()
            # Closing a connection under a query would crash the process.
            with reader.in_use:
                return query(reader.connection)
        except sqlite3.Error as error:
            raise self._noted(error) from error

    def change_counter(self) -> int:
        """A number that changes whenever anybody else has committed something.

        It is the calling thread's: compare only values that the same thread was given.
        """
        return int(self.read(lambda c: c.execute("PRAGMA data_version").fetchone()[0]))

    def stats(self) -> StoreStats:
        """What the writer has done so far."""
        return StoreStats(
            queued=self._writer.queued,
            functions=self._functions,
            commits=self._commits,
            failures=self._failures,
        )

    def close(self) -> None:
        """Finish what was queued, then close; calling it again does nothing."""
        with self._lock:
            if self._is_closed:
                return
            self._is_closed = True
        self._writer.close()
        with self._lock:
            readers, self._readers = self._readers, []
        for reader in readers:
            with reader.in_use:
                reader.connection.close()
        self._connection.close()

    # --- reading --------------------------------------------------------------------

    def _reader(self) -> _Reader:
        try:
            mine: _Reader = self._of_thread.reader
        except AttributeError:
            mine = _Reader(open_reader(self.path))
            with self._lock:
                if self._is_closed:
                    mine.connection.close()
                    raise StoreError(tr("The local database is closed")) from None
                self._readers.append(mine)
            self._of_thread.reader = mine
        return mine

    def _noted(self, error: Exception) -> Exception:
        """The error as ours; damage is remembered for the next start."""
        ours = translated(error)
        if isinstance(ours, StoreCorrupt):
            try:
                mark_suspect(self.path)
            except OSError as unmarked:
                ours.add_note(f"it could not be marked either: {unmarked.strerror}")
        return ours

    # --- writing: what follows runs on the writer thread ----------------------------

    def _seconds_to_quiet(self) -> float | None:
        """How long without work until the log is moved; None while there is little."""
        is_due = self._unmoved_commits >= _COMMITS_TO_CHECKPOINT
        return _QUIET_SECONDS if is_due else None

    def _checkpoint(self) -> None:
        self._unmoved_commits = 0
        try:
            self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            # Nothing is lost by it; damage is met again by whoever reads or writes.
            _log.warning("the write-ahead log stays: %s", type(error).__name__)

    def _commit(self, tasks: list[_Task]) -> None:
        """Do all ``tasks`` in one transaction, and resolve their futures."""
        done: list[_Task] = []
        failed: list[tuple[_Task, Exception]] = []
        guarded = self._alone if len(tasks) == 1 else self._in_savepoint
        self._sync_if(any(task.is_durable for task in tasks))
        for position, task in enumerate(tasks):
            try:
                self._begin()
            except sqlite3.Error as error:
                failed += [(left, error) for left in tasks[position:]]
                break
            try:
                if task.is_one_statement:
                    task.result = task.work(self._connection)
                else:
                    task.result = guarded(task.work)
                done.append(task)
            except Exception as error:  # noqa: BLE001 - the future carries it
                failed.append((task, error))
                if not self._connection.in_transaction:
                    # For want of space or memory SQLite drops the whole transaction.
                    failed += [(lost, error) for lost in done]
                    done.clear()
        try:
            if self._connection.in_transaction:
                self._connection.execute("COMMIT")
                self._commits += 1
                self._unmoved_commits += 1
        except sqlite3.Error as error:
            self._roll_back()
            failed += [(task, error) for task in done]
            done.clear()
        self._resolve(done, failed)

    def _sync_if(self, is_durable: bool) -> None:
        """Have the next commit wait for the disk, or not."""
        if is_durable is not self._is_syncing:
            # Takes microseconds, and holds from the next transaction on.
            level = "FULL" if is_durable else "NORMAL"
            self._connection.execute(f"PRAGMA synchronous={level}")
            self._is_syncing = is_durable

    def _resolve(
        self, done: list[_Task], failed: list[tuple[_Task, Exception]]
    ) -> None:
        self._functions += len(done)
        self._failures += len(failed)
        for task in done:
            task.future.set_result(task.result)
        for task, error in failed:
            task.future.set_exception(self._noted(error))

    def _begin(self) -> None:
        """Be in a transaction; another process may hold the lock for a moment.

        Asking every millisecond gets a turn between two steps of an import, where
        SQLite's own waiting, which backs off to 100 ms, would keep missing it.
        """
        if self._connection.in_transaction:
            return
        give_up_at = time.monotonic() + self._busy_seconds
        while True:
            try:
                self._connection.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not is_busy(error) or time.monotonic() >= give_up_at:
                    raise
                time.sleep(_RETRY_SECONDS)
            else:
                return

    def _alone(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Do work that has the transaction to itself.

        A savepoint would keep a copy of every page that is written.
        """
        try:
            return work(self._connection)
        except BaseException:
            self._roll_back()
            raise

    def _in_savepoint(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection
        connection.execute(f"SAVEPOINT {_SAVEPOINT}")
        try:
            result = work(connection)
        except BaseException:
            if connection.in_transaction:
                connection.execute(f"ROLLBACK TO {_SAVEPOINT}")
                connection.execute(f"RELEASE {_SAVEPOINT}")
            raise
        connection.execute(f"RELEASE {_SAVEPOINT}")
        return result

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")
