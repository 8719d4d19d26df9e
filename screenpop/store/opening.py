"""Get a database file ready for work, whatever state it is found in."""

from __future__ import annotations

import os
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import StoreCorrupt
from screenpop.domain.frozen import frozen
from screenpop.store.faults import is_busy, translated
from screenpop.store.migrations import migrate, refuse_newer
from screenpop.wording import Worded, english, tr

if TYPE_CHECKING:
    from collections.abc import Callable

BUSY_SECONDS: Final = 5.0
# For each connection, and once used it is kept: the upper pages of all indexes fit,
# the rest is in the system's cache. No mmap: where a file shrinks or its disk goes
# away, that kills the process.
_CACHE_KIB: Final = 8 * 1024
# The indexes of a million contacts, which an import goes through at random.
_IMPORT_CACHE_KIB: Final = 64 * 1024
_IMPORT_LOG_PAGES: Final = 16_000
_WAL_KEPT_BYTES: Final = 32 * 1024 * 1024
_PRIVATE_FILE: Final = 0o600
_PRIVATE_FOLDER: Final = 0o700
_COMPANIONS: Final = ("", "-wal", "-shm")
_SUSPECT: Final = ".suspect"


@frozen
class OpenedStore:
    """A database that is ready to be written.

    Attributes:
        connection: In autocommit mode; usable from whichever thread owns it.
        recovered_from: Where a damaged file was moved; None when all was well.
    """

    connection: sqlite3.Connection
    recovered_from: Path | None = None


def open_store(path: Path, *, moves_corrupt_aside: bool = True) -> OpenedStore:
    """Open ``path`` for writing: made, migrated and checked as far as is cheap.

    A full check is made only when an earlier run met damage (``mark_suspect``).

    Raises:
        StoreCorrupt: It is damaged and ``moves_corrupt_aside`` is false.
        StoreTooNew: A newer screenpop wrote it; the file is left as it is.
        StoreFull: The file or its folder cannot be written.
        StoreBusy: Another program kept it locked for five seconds.
    """
    try:
        _make_private(path)
        return OpenedStore(_open_checked(path))
    except StoreCorrupt:
        if not moves_corrupt_aside:
            raise
    except (sqlite3.Error, OSError) as error:
        ours = translated(error)
        if not (moves_corrupt_aside and isinstance(ours, StoreCorrupt)):
            raise ours from error
    try:
        aside = _move_aside(path)
        _make_private(path)
        return OpenedStore(_open_checked(path), recovered_from=aside)
    except (sqlite3.Error, OSError) as error:
        raise translated(error) from error


def open_reader(path: Path) -> sqlite3.Connection:
    """A second connection to an existing database, which refuses to write.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    connection = _connect(path)
    try:
        connection.execute("PRAGMA query_only=1")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def widen_cache(connection: sqlite3.Connection) -> None:
    """Let the connection of a process that only imports keep more pages in memory.

    And more of them in the log, as the same pages are written over and over. What a
    statement may have to undo stays in memory, a few megabytes, in place of a file.
    """
    connection.execute(f"PRAGMA cache_size=-{_IMPORT_CACHE_KIB}")
    connection.execute(f"PRAGMA wal_autocheckpoint={_IMPORT_LOG_PAGES}")
    connection.execute("PRAGMA temp_store=MEMORY")


def empty_log(path: Path) -> None:
    """Move all that stands in the write-ahead log into the database, and empty it.

    Whoever reads or writes at this moment keeps it from being emptied.

    Raises:
        StoreError: Or one of its kin.
    """
    try:
        with closing(_connect(path)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise translated(error) from error


def mark_suspect(path: Path) -> None:
    """Have the next start check every page, as damage was met just now."""
    _suspicion(path).touch(_PRIVATE_FILE)


def _make_private(path: Path) -> None:
    """Create folder and file for the user alone; SQLite's other files follow suit."""
    if not path.parent.exists():
        path.parent.mkdir(_PRIVATE_FOLDER, parents=True, exist_ok=True)
    if not path.exists():
        # Never opened otherwise: closing any descriptor of a database that is in use
        # drops this process's locks on it (sqlite.org/howtocorrupt.html, 2.2).
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, _PRIVATE_FILE)
        os.close(descriptor)
    if path.stat().st_mode & 0o077:
        path.chmod(_PRIVATE_FILE)


def _connect(path: Path) -> sqlite3.Connection:
    # By URI, as only there one can ask not to create what is not there.
    # What is kept is English; what is shown of it is translated again.
    sqlite3.register_adapter(Worded, english)
    return sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=rw",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        check_same_thread=False,
    )


def _open_checked(path: Path) -> sqlite3.Connection:
    connection = _connect(path)
    try:
        refuse_newer(connection)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if _suspicion(path).exists():
            _check_every_page(connection)
            _suspicion(path).unlink()
        # Changing the journal mode does not wait for others by itself.
        _patiently(lambda: connection.execute("PRAGMA journal_mode=WAL").fetchone())
        connection.execute("PRAGMA synchronous=FULL")
        # What is deleted is overwritten: many builds of SQLite do so by themselves.
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(f"PRAGMA cache_size=-{_CACHE_KIB}")
        connection.execute(f"PRAGMA journal_size_limit={_WAL_KEPT_BYTES}")
        migrate(connection, path)
        connection.execute("PRAGMA foreign_keys=1")
    except BaseException:
        connection.close()
        raise
    return connection


def _check_every_page(connection: sqlite3.Connection) -> None:
    verdict = connection.execute("PRAGMA quick_check(1)").fetchone()
    if verdict != ("ok",):
        raise StoreCorrupt(tr("The local database is damaged"))


def _patiently(step: Callable[[], object]) -> None:
    give_up_at = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            step()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() >= give_up_at:
                raise
            time.sleep(0.02)
        else:
            return


def _move_aside(path: Path) -> Path:
    """Rename the database with its companions; say where the database went."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    aside = path.with_name(f"{path.name}.corrupt-{stamp}")
    for suffix in _COMPANIONS:
        source = Path(f"{path}{suffix}")
        if source.exists():
            source.rename(f"{aside}{suffix}")
    _suspicion(path).unlink(missing_ok=True)
    return aside


def _suspicion(path: Path) -> Path:
    return path.with_name(path.name + _SUSPECT)
