"""The one place where an error of SQLite becomes an error of ours."""

from __future__ import annotations

import sqlite3
from typing import Final

from screenpop.domain.errors import (
    ScreenpopError,
    StoreBusy,
    StoreCorrupt,
    StoreError,
    StoreFull,
)
from screenpop.wording import tr

_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_CORRUPT: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_UNWRITABLE: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
}
# SQLite says IOERR, not FULL, when a quota or a file-size limit stops a write.
_UNWRITABLE_IN_FULL: Final = {
    sqlite3.SQLITE_IOERR_WRITE,
    sqlite3.SQLITE_IOERR_FSYNC,
    sqlite3.SQLITE_IOERR_TRUNCATE,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}
_PRIMARY: Final = 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else holds the lock just now."""
    return _code(error) & _PRIMARY in _BUSY


def translated(error: Exception) -> Exception:
    """``error`` as ours when it is the database's or the disk's, else itself.

    SQLite's own words are left out of the text: they may quote what was searched for.
    """
    if isinstance(error, ScreenpopError):
        return error
    if isinstance(error, OSError):
        mine: ScreenpopError = StoreFull(
            tr("The folder of the database cannot be used")
        )
    elif isinstance(error, sqlite3.Error):
        mine = _from_sqlite(error)
    else:
        return error
    mine.__cause__ = error
    return mine


def _from_sqlite(error: sqlite3.Error) -> StoreError:
    code = _code(error)
    primary = code & _PRIMARY
    if primary in _BUSY:
        return StoreBusy(
            tr("Another program holds the database"), tr("Close it and try again.")
        )
    if primary in _CORRUPT:
        return StoreCorrupt(
            tr("The local database is damaged"),
            tr(
                "Restart screenpop: it keeps the damaged file aside and starts a new "
                "one."
            ),
        )
    if primary in _UNWRITABLE or code in _UNWRITABLE_IN_FULL:
        return StoreFull(tr("The local database cannot be written"))
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return StoreError(
        tr("The local database failed ({name})", name=name), tr("Restart screenpop.")
    )


def _code(error: sqlite3.Error) -> int:
    return int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR))
