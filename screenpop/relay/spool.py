"""What the broker did not take in time, on this machine's own disk until it does.

One thread owns the file. Whatever has queued up meanwhile is one commit, and one wait
for the disk. A file is of one process: a second one that opens it is told so.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from screenpop.domain.errors import ConfigurationError, StoreError, StoreFull
from screenpop.domain.frozen import frozen
from screenpop.group_worker import GroupWorker
from screenpop.wording import tr

T = TypeVar("T")

MOST_BYTES: Final = 1024 * 1024 * 1024
_GROUP_LIMIT: Final = 500
_SCHEMA: Final = """
create table if not exists spooled(
    number integer primary key autoincrement,
    message_id text not null,
    subject text not null,
    header text not null,
    body blob not null
)
"""
_ROOM: Final = (
    "select count(*), coalesce(sum(length(body) + length(header) + length(subject)"
    " + 100), 0) from spooled where number <= ?"
)
_LAST: Final = 2**62


@frozen
class SpooledMessage:
    """A message for the broker.

    Attributes:
        message_id: The same as when it was first tried: the broker stores it once.
        header: The one header that holds all but the body.
        number: In the order of arrival; 0 before it is spooled.
    """

    message_id: str
    subject: str
    header: str
    body: bytes
    number: int = 0

    @property
    def size(self) -> int:
        """About how much of the disk it takes, in bytes."""
        return len(self.body) + len(self.header) + len(self.subject) + 100


@dataclass(slots=True)
class _Task:
    work: Callable[[sqlite3.Connection], Any]
    future: Future[Any]
    result: Any = None


class Spool:
    """An open spool; what it tells of itself may be read from any thread.

    Attributes:
        count: How many messages it holds.
        bytes: About how much they take.
        is_broken: The last write failed, or it is full.
    """

    def __init__(self, path: Path, *, most_bytes: int = MOST_BYTES) -> None:
        """Open the file, making it when needed.

        Args:
            path: The file; its folder is made when missing.
            most_bytes: More than that is refused.

        Raises:
            ConfigurationError: Another relay has it open.
            StoreError: Or one of its kin: it cannot be opened or written.
        """
        self._most_bytes = most_bytes
        self.is_broken = False
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._connection = _opened(path)
            self.count, self.bytes = self._connection.execute(
                _ROOM, (_LAST,)
            ).fetchone()
        except (sqlite3.Error, OSError) as error:
            raise _opening_fault(error) from None
        self._writer: GroupWorker[_Task] = GroupWorker(
            "spool-writer", self._commit, most=_GROUP_LIMIT
        )

    def append(self, message: SpooledMessage) -> Future[int]:
        """Keep a message; the future gives its number once it is on the disk.

        Raises (through the future):
            StoreFull: There is no room.
            StoreError: The disk does not take it.
        """

        def work(connection: sqlite3.Connection) -> int:
            if self.bytes + message.size > self._most_bytes:
                raise StoreFull(tr("The relay's spool is full"))
            cursor = connection.execute(
                "insert into spooled(message_id, subject, header, body)"
                " values (?, ?, ?, ?)",
                (message.message_id, message.subject, message.header, message.body),
            )
            self.count += 1
            self.bytes += message.size
            return int(cursor.lastrowid or 0)

        return self._submit(work)

    def oldest(self, most: int, after: int = 0) -> Future[tuple[SpooledMessage, ...]]:
        """The messages that came first, in order, of those behind number ``after``."""

        def work(connection: sqlite3.Connection) -> tuple[SpooledMessage, ...]:
            rows = connection.execute(
                "select message_id, subject, header, body, number from spooled"
                " where number > ? order by number limit ?",
                (after, most),
            )
            return tuple(SpooledMessage(*row) for row in rows)

        return self._submit(work)

    def remove(self, messages: tuple[SpooledMessage, ...]) -> Future[None]:
        """Forget messages that the broker has; one that is gone is fine."""

        def work(connection: sqlite3.Connection) -> None:
            for message in messages:
                found = connection.execute(
                    "delete from spooled where number = ?", (message.number,)
                )
                self.count -= found.rowcount
                self.bytes -= message.size * found.rowcount

        return self._submit(work)

    def remove_to(self, number: int) -> Future[None]:
        """Forget all messages up to that number, which the broker has.

        Raises (through the future):
            StoreError: A disk without any room takes no removal either.
        """

        def work(connection: sqlite3.Connection) -> None:
            count, size = connection.execute(_ROOM, (number,)).fetchone()
            connection.execute("delete from spooled where number <= ?", (number,))
            self.count -= count
            self.bytes -= size

        return self._submit(work)

    def probe(self) -> Future[None]:
        """See whether a message could be kept now; mends ``is_broken`` if so.

        Raises (through the future):
            StoreError: None could.
        """

        def work(connection: sqlite3.Connection) -> None:
            if self.bytes >= self._most_bytes:
                raise StoreFull(tr("The relay's spool is full"))
            row = connection.execute(
                "insert into spooled(message_id, subject, header, body)"
                " values ('', '', '', zeroblob(4096)) returning number"
            ).fetchone()
            connection.execute("delete from spooled where number = ?", row)

        return self._submit(work)

    def close(self) -> None:
        """Finish what was queued, then close; calling it again does nothing."""
        self._writer.close()
        self._connection.close()

    def _submit(self, work: Callable[[sqlite3.Connection], T]) -> Future[T]:
        future: Future[T] = Future()
        if not self._writer.put(_Task(work, future)):
            future.set_exception(StoreError(tr("The relay's spool is closed")))
        return future

    # --- on the thread ----------------------------------------------------------------

    def _commit(self, tasks: list[_Task]) -> None:
        before = self.count, self.bytes
        done: list[_Task] = []
        try:
            self._connection.execute("begin immediate")
            for task in tasks:
                try:
                    task.result = task.work(self._connection)
                    done.append(task)
                except StoreError as error:
                    self.is_broken = True
                    task.future.set_exception(error)
            self._connection.execute("commit")
            if len(done) == len(tasks):
                self.is_broken = False
        except sqlite3.Error as error:
            self.count, self.bytes = before
            self.is_broken = True
            self._roll_back()
            for task in tasks:
                if not task.future.done():
                    task.future.set_exception(_fault(error))
            return
        for task in done:
            task.future.set_result(task.result)

    def _roll_back(self) -> None:
        try:
            if self._connection.in_transaction:
                self._connection.execute("rollback")
        except sqlite3.Error:
            # The disk is gone for this as well; the next begin says so.
            return


def _opened(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=0.5
    )
    # Taken with the first write, kept until the end: nobody else drains it meanwhile.
    connection.execute("pragma locking_mode=exclusive")
    connection.execute("pragma journal_mode=wal")
    connection.execute("pragma synchronous=full")
    connection.execute("begin immediate")
    connection.execute(_SCHEMA)
    connection.execute("commit")
    return connection


def _opening_fault(error: Exception) -> Exception:
    if isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
        return ConfigurationError(
            tr("Another relay uses this spool folder"),
            tr(
                "Give each relay of a computer a folder of its own as spool in "
                "relay.toml."
            ),
        )
    if isinstance(error, sqlite3.Error):
        return _fault(error)
    return StoreFull(tr("The relay's spool folder cannot be written"))


def _fault(error: sqlite3.Error) -> StoreError:
    text = str(error)
    if any(word in text for word in ("full", "readonly", "unable to open", "I/O")):
        return StoreFull(tr("The relay's spool cannot be written"))
    return StoreError(tr("The relay's spool is out of order"))
