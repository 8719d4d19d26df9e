"""Bring a database up to this program's schema, one numbered step at a time.

``PRAGMA user_version`` holds the number of steps that were applied. A step that was
once released is never changed; a new one is added.
"""

from __future__ import annotations

import glob
import sqlite3
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import StoreTooNew
from screenpop.store.schema import (
    VERSION_1,
    VERSION_2,
    VERSION_3,
    VERSION_4,
    VERSION_5,
    VERSION_6,
    VERSION_7,
    VERSION_8,
    VERSION_9,
    VERSION_10,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    Step = Callable[[sqlite3.Connection], None]


def _create_everything(connection: sqlite3.Connection) -> None:
    for statement in VERSION_1:
        connection.execute(statement)


def _add_outbox_and_texts(connection: sqlite3.Connection) -> None:
    for statement in VERSION_2:
        connection.execute(statement)


def _add_lost_callers(connection: sqlite3.Connection) -> None:
    for statement in VERSION_3:
        connection.execute(statement)


def _add_call_backs(connection: sqlite3.Connection) -> None:
    for statement in VERSION_4:
        connection.execute(statement)


def _add_sync_marks(connection: sqlite3.Connection) -> None:
    for statement in VERSION_5:
        connection.execute(statement)


def _add_what_the_user_said(connection: sqlite3.Connection) -> None:
    for statement in VERSION_6:
        connection.execute(statement)


def _add_hook_digests(connection: sqlite3.Connection) -> None:
    for statement in VERSION_7:
        connection.execute(statement)


def _add_wrap_ups(connection: sqlite3.Connection) -> None:
    for statement in VERSION_8:
        connection.execute(statement)


def _add_favourites(connection: sqlite3.Connection) -> None:
    for statement in VERSION_9:
        connection.execute(statement)


def _cover_missed_calls(connection: sqlite3.Connection) -> None:
    for statement in VERSION_10:
        connection.execute(statement)


STEPS: Final[Sequence[Step]] = (
    _create_everything,
    _add_outbox_and_texts,
    _add_lost_callers,
    _add_call_backs,
    _add_sync_marks,
    _add_what_the_user_said,
    _add_hook_digests,
    _add_wrap_ups,
    _add_favourites,
    _cover_missed_calls,
)


def refuse_newer(connection: sqlite3.Connection, steps: Sequence[Step] = STEPS) -> None:
    """Refuse a database that has seen steps we do not know.

    Raises:
        StoreTooNew: A newer screenpop wrote it.
    """
    found = _version(connection)
    if found > len(steps):
        raise StoreTooNew(
            tr(
                "A newer screenpop wrote the local database (version {found}; "
                "this one knows {known})",
                found=found,
                known=len(steps),
            )
        )


def migrate(
    connection: sqlite3.Connection, path: Path, steps: Sequence[Step] = STEPS
) -> Path | None:
    """Apply the missing steps, each in a transaction; to a new database all in one.

    Returns:
        The copy of the database made before the first step; None when there was
        nothing to do or nothing to copy yet.

    Raises:
        sqlite3.Error: A step failed and left no trace; earlier steps stay applied.
        StoreTooNew: A newer screenpop migrated it in the meantime.
    """
    refuse_newer(connection, steps)
    version = _version(connection)
    copy = None
    if 0 < version < len(steps):
        copy = _copy(connection, path, version)
    while _version(connection) < len(steps):
        _apply_next(connection, steps)
    return copy


def _apply_next(connection: sqlite3.Connection, steps: Sequence[Step]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Asked again under the lock: another process may have been quicker.
        version = _version(connection)
        if version < len(steps):
            # A new database is never seen half made, or another start would copy it.
            reached = version + 1 if version else len(steps)
            for step in steps[version:reached]:
                step(connection)
            connection.execute(f"PRAGMA user_version={reached}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _copy(connection: sqlite3.Connection, path: Path, version: int) -> Path:
    """Copy the database, what is still in its log included, under a name of its own."""
    kept = path.with_name(f"{path.name}.v{version}")
    unfinished = path.with_name(f"{kept.name}.part")
    unfinished.unlink(missing_ok=True)
    unfinished.touch(0o600)
    target = sqlite3.connect(unfinished)
    try:
        connection.backup(target)
    finally:
        target.close()
    unfinished.replace(kept)
    return kept


def remove_copies(path: Path) -> None:
    """Delete what ``migrate`` has left beside the database: all is in there, too."""
    for copy in path.parent.glob(f"{glob.escape(path.name)}.v*"):
        copy.unlink(missing_ok=True)
