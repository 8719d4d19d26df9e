"""Bring many contacts into the local directory without anybody seeing half of them.

Meant for a worker process of its own: a million contacts keep a processor busy for
some seconds, and a thread of the app would make its windows stutter. The write lock is
held for some hundredths of a second at a time, so that deliveries get their turn.
"""

from __future__ import annotations

import secrets
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from screenpop.domain.contact_columns import ContactColumns
from screenpop.domain.errors import StoreError
from screenpop.domain.frozen import frozen
from screenpop.store.columns import to_micros
from screenpop.store.contact_batches import new_contacts
from screenpop.store.contact_bulk import (
    PACK_ROWS,
    insert_packed,
    keep_word_parts,
    merge_words,
    packed,
)
from screenpop.store.contact_rows import next_contact_no, source_no
from screenpop.store.contact_sweep import TURN_SECONDS, sweep_rows
from screenpop.store.kept_keys import KeptKeys
from screenpop.wording import tr

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence
    from concurrent.futures import Future

    from screenpop.domain.contacts import Contact
    from screenpop.store.contact_bulk import PackedContacts
    from screenpop.store.database import Database

# For how long a step may hold the write lock. How many contacts that are depends on the
# machine and on whoever else is at work there: the step before it tells.
_STEP_SECONDS: Final = 0.03
_FEWEST_PACKS: Final = 2_500 // PACK_ROWS
_MOST_PACKS: Final = 10_000 // PACK_ROWS
# So many entries of numbers are kept back until they are written.
_KEYS_TOGETHER: Final = 40_000
# Nobody searches among what is not visible yet: its words are brought together less
# often, and all of them at the end.
_PARTS_MEANWHILE: Final = 8
# Of fewer contacts the word index is put in order as it grows.
MANY: Final = 20_000


@frozen(kw_only=True)
class ImportResult:
    """What an import did.

    Attributes:
        contacts: Contacts that it brought.
        doubles: Contacts passed over, as their id had come before in this import.
        removed: Rows that it replaced or that were gone from the source.
    """

    contacts: int
    doubles: int
    removed: int


class ContactImport:
    """One import of one source: ``begin``, ``add_batch`` many times, ``finish``.

    Nothing of it can be found before ``finish``; without that, because the process
    died or ``abandon`` was called, everything stays as it was. One that died can be
    taken up where it was by another of the same ``work``. A later import of the same
    source ends this one. All methods block; all raise StoreError or its kin.

    Attributes:
        source: Whose contacts: "local", an account's id, a file's name.
        replaces: Whether contacts that do not come this time are gone from the source;
            else they stay, and those that come are added or renewed.
        work: What is imported, in a word that is the same only when the same contacts
            come in the same order (a file's fingerprint); "" is never taken up.
    """

    def __init__(
        self,
        database: Database,
        source: str,
        *,
        label: str = "",
        replaces: bool,
        work: str = "",
        many: int = MANY,
    ) -> None:
        """Nothing happens yet.

        Args:
            database: Where they go.
            source: Whose contacts.
            label: What people call the source.
            replaces: See the attributes.
            work: See the attributes.
            many: From so many contacts on the word index is brought together.
        """
        self.source = source
        self._many = many
        self.replaces = replaces
        self.work = work
        # Whoever takes the work up has another one, and so ends this import.
        self._owner = secrets.token_hex(8)
        self._label = label
        self._database = database
        self._source_no = self._generation = self._first_no = 0
        self._sent = self._written = 0
        self._step: Future[int] | None = None
        self._step_packs = _FEWEST_PACKS
        self._waiting: list[PackedContacts] = []
        # Those of contacts that are written, from the one of that number on.
        self._keys = KeptKeys()
        self._keyless_from = 0

    def begin(self) -> int:
        """Start; clears away what an import that died has left of this source.

        Returns:
            How many contacts another import of the same work, which died, has brought
            already: the caller leaves out as many.
        """

        def work(connection: sqlite3.Connection) -> bool:
            number = source_no(connection, self.source, self._label)
            newest, visible, importing, mark = connection.execute(
                "SELECT newest, visible, importing, mark FROM contact_sources"
                " WHERE source_no = ?",
                (number,),
            ).fetchone()
            left = _Progress.read(mark, self.work) if importing is not None else None
            # Of generations between these two nobody will ever see anything.
            has_litter = bool(newest > visible + (left is not None))
            if left is None:
                importing = newest = newest + 1
                first_no = next_contact_no(connection)
                left = _Progress(self.work, self._owner, 0, 0, first_no)
            left = left._replace(owner=self._owner)
            connection.execute(
                "UPDATE contact_sources SET newest = ?, importing = ?, touched_at = ?"
                " WHERE source_no = ?",
                (newest, importing, _now(), number),
            )
            self._source_no, self._generation = number, importing
            self._sent, self._written = left.sent, left.written
            self._keyless_from = left.keyless_from
            self._note_progress(connection, left)
            keep_word_parts(connection, _PARTS_MEANWHILE)
            self._first_no = next_contact_no(connection)
            return has_litter

        has_litter = self._database.submit(work).result()
        if has_litter:
            # Else it would become visible together with ours.
            sweep_rows(self._database, below=self._first_no)
        if self._sent:
            self._database.read(
                lambda c: self._keys.add_since(
                    c, self._source_no, self._generation, self._keyless_from
                )
            )
        return self._sent

    def add_batch(self, contacts: Sequence[Contact]) -> None:
        """Write these contacts, invisible for now.

        The writing goes on while the caller prepares the next batch, so an error may
        show only then, or in ``finish``.

        Raises:
            StoreError: Also when a later import of the source has ended this one.
        """
        self.add_packs(list(packed(new_contacts(ContactColumns.of(contacts)))))
        self._write_rest()

    def add_packs(self, packs: Sequence[PackedContacts]) -> None:
        """The same for contacts that were made ready somewhere else.

        Those that are too few for a step of their own wait for the next ones.

        Raises:
            StoreError: Also when a later import of the source has ended this one.
        """
        self._waiting += packs
        while len(self._waiting) >= self._step_packs:
            self._write_step()

    def _write_step(self) -> None:
        self._await_step()
        if len(self._keys) >= _KEYS_TOGETHER:
            self._write_keys()
        step = self._waiting[: self._step_packs]
        del self._waiting[: self._step_packs]
        self._sent += sum(pack.size for pack in step)
        # Nothing to wait for the disk for: "finish" takes all of it along.
        self._step = self._database.submit(
            partial(self._add, step=step, sent=self._sent), is_durable=False
        )

    def _write_rest(self) -> None:
        while self._waiting:
            self._write_step()

    def _write_keys(self) -> None:
        """Write the entries that were kept back, when no other step is on its way."""
        for keys in self._keys.in_order():
            step = partial(self._add_keys, keys=keys)
            self._database.submit(step, is_durable=False).result()
            time.sleep(TURN_SECONDS)
        self._keys.clear()
        self._database.submit(self._note_keys, is_durable=False).result()

    def finish(self) -> ImportResult:
        """Make all of it visible at once, then clear away what it replaces."""

        def work(connection: sqlite3.Connection) -> None:
            self._require_turn(connection)
            keep_word_parts(connection)
            connection.execute(
                "UPDATE contact_sources SET visible = :generation, importing = NULL,"
                " imported_at = :now, has_outdated = 1,"
                " mark = CASE WHEN :has_work THEN '' ELSE mark END,"
                " floor = CASE WHEN :replaces THEN :generation ELSE floor END"
                " WHERE source_no = :source_no",
                {
                    "generation": self._generation,
                    "now": _now(),
                    "has_work": self.work != "",
                    "replaces": self.replaces,
                    "source_no": self._source_no,
                },
            )

        self._write_rest()
        self._await_step()
        self._write_keys()
        self._database.submit(work).result()
        removed = sweep_rows(self._database, below=self._first_no)
        if self._written >= self._many:
            self._tidy_words()
        return ImportResult(
            contacts=self._written,
            doubles=self._sent - self._written,
            removed=removed,
        )

    def abandon(self) -> None:
        """Leave everything as it was before ``begin``; nobody takes it up again."""

        def work(connection: sqlite3.Connection) -> None:
            if not self._has_turn(connection):
                return
            keep_word_parts(connection)
            connection.execute(
                "UPDATE contact_sources SET importing = NULL,"
                " mark = CASE WHEN ? THEN '' ELSE mark END WHERE source_no = ?",
                (self.work != "", self._source_no),
            )

        self._database.submit(work).result()
        sweep_rows(self._database)

    def _tidy_words(self) -> None:
        """Make searching as quick as it can be, a moment at a time."""
        step = partial(merge_words, is_first=True)
        while self._database.submit(step, is_durable=False).result():
            step = partial(merge_words, is_first=False)
            time.sleep(TURN_SECONDS)

    def _await_step(self) -> None:
        step, self._step = self._step, None
        if step is not None:
            self._written += step.result()
            time.sleep(TURN_SECONDS)

    def _add(
        self,
        connection: sqlite3.Connection,
        step: Sequence[PackedContacts],
        sent: int,
    ) -> int:
        begun = time.monotonic()
        self._take_turn(connection)
        number, generation = self._source_no, self._generation
        span, keys = insert_packed(connection, number, generation, step)
        self._keys.add(span, keys)
        written = span.size
        # The step before this one was counted before this one was submitted.
        self._note_progress(connection, self._so_far(sent, self._written + written))
        fitting = len(step) * _STEP_SECONDS / max(time.monotonic() - begun, 0.001)
        self._step_packs = min(max(int(fitting), _FEWEST_PACKS), _MOST_PACKS)
        return written

    def _add_keys(
        self, connection: sqlite3.Connection, keys: Sequence[tuple[int, int]]
    ) -> None:
        self._take_turn(connection)
        self._keys.write(connection, keys)

    def _note_keys(self, connection: sqlite3.Connection) -> None:
        self._take_turn(connection)
        self._keyless_from = next_contact_no(connection)
        self._note_progress(connection, self._so_far(self._sent, self._written))

    def _so_far(self, sent: int, written: int) -> _Progress:
        return _Progress(self.work, self._owner, sent, written, self._keyless_from)

    def _note_progress(
        self, connection: sqlite3.Connection, progress: _Progress
    ) -> None:
        if self.work:
            connection.execute(
                "UPDATE contact_sources SET mark = ? WHERE source_no = ?",
                (progress.to_mark(), self._source_no),
            )

    def _take_turn(self, connection: sqlite3.Connection) -> None:
        self._require_turn(connection)
        connection.execute(
            "UPDATE contact_sources SET touched_at = ? WHERE source_no = ?",
            (_now(), self._source_no),
        )

    def _require_turn(self, connection: sqlite3.Connection) -> None:
        if not self._has_turn(connection):
            raise StoreError(
                tr("This import was ended"),
                tr("A later import of the same contacts runs."),
            )

    def _has_turn(self, connection: sqlite3.Connection) -> bool:
        row = connection.execute(
            "SELECT importing, mark FROM contact_sources WHERE source_no = ?",
            (self._source_no,),
        ).fetchone()
        if row is None or row[0] != self._generation:
            return False
        noted = _Progress.read(row[1], self.work)
        return not self.work or (noted is not None and noted.owner == self._owner)


class _Progress(NamedTuple):
    """How far an import has come, kept with its source.

    Attributes:
        owner: Which import it is.
        sent: Contacts that came.
        written: Those of them that were no doubles.
        keyless_from: From which contact on the numbers have no entries yet, or some.
    """

    work: str
    owner: str
    sent: int
    written: int
    keyless_from: int

    def to_mark(self) -> str:
        """As text."""
        return " ".join(map(str, self))

    @classmethod
    def read(cls, mark: str, work: str) -> _Progress | None:
        """What ``to_mark`` wrote for the same work; None for anything else."""
        parts = mark.split(" ")
        if not work or len(parts) != len(cls._fields) or parts[0] != work:
            return None
        return cls(parts[0], parts[1], *map(int, parts[2:]))


def _now() -> int:
    return to_micros(datetime.now(UTC))
