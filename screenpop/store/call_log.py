"""The call log: facts as they came, the calls made of them, and what was shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.call_backs import CallBack, write_call_backs
from screenpop.store.call_history import CallHistory, Note, PartyHistory, RecentNumber
from screenpop.store.call_rows import UPSERT, CallRow, to_columns
from screenpop.store.columns import to_micros, to_micros_or_none
from screenpop.store.event_codec import encode_with_key
from screenpop.store.folding import fold
from screenpop.store.journal import mark_processed

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.events import CallEvent

__all__ = ["CallLog", "CallRow", "Note", "PartyHistory", "PopClaim", "RecentNumber"]

# The first report of a fact stays: later ones are the same fact heard again.
_ADD_EVENT: Final = (
    "INSERT OR IGNORE INTO call_events"
    " (account_id, call_id, event_key, received_at, payload) VALUES (?, ?, ?, ?, ?)"
)
_EventColumns: TypeAlias = tuple[str, str, bytes, int, str]


@frozen
class PopClaim:
    """The right to pop a card once for a call.

    Attributes:
        kind: What the card is for: "ring" or "dial".
    """

    account_id: str
    call_id: str
    kind: str


class CallLog(CallHistory):
    """Calls with their facts, notes and claims; the reading half is ``CallHistory``.

    The futures raise StoreError or one of its kin when nothing was stored.
    """

    def commit(
        self,
        *,
        delivery_seqs: Sequence[int] = (),
        problems: Mapping[int, str] | None = None,
        events: Sequence[CallEvent] = (),
        rows: Sequence[CallRow] = (),
        pop_claims: Sequence[PopClaim] = (),
        call_backs: Sequence[CallBack] = (),
        is_durable: bool = True,
    ) -> Future[frozenset[PopClaim]]:
        """Store all that came of some deliveries, or nothing of it.

        Args:
            delivery_seqs: Deliveries that are dealt with by this.
            problems: What could not be read of them: names of fields, never values.
            events: Facts; one that is known already changes nothing.
            rows: The calls as they are with these facts; they replace earlier ones.
            pop_claims: Cards that are about to pop.
            call_backs: Colleagues' calls, as they are with these facts.
            is_durable: Wait for the disk. Needless when all of it comes of deliveries
                in the journal: after a power cut these count as not dealt with, as
                that is stored in the same transaction, and are read once more.

        Returns:
            The claims that nobody had made before: pop these and no others. They are
            committed, so that not even a kill in this moment pops them again; only a
            power cut can take claims back that were made less durably.
        """
        event_columns = [_event_columns(event) for event in events]
        row_columns = [to_columns(row) for row in rows]

        def work(connection: sqlite3.Connection) -> frozenset[PopClaim]:
            connection.executemany(_ADD_EVENT, event_columns)
            connection.executemany(UPSERT, row_columns)
            if call_backs:
                write_call_backs(connection, call_backs)
            mark_processed(connection, delivery_seqs, problems or {})
            return frozenset(claim for claim in pop_claims if _claim(connection, claim))

        return self._database.submit(work, is_durable=is_durable)

    def replace_all_derived(self, rows: Iterable[CallRow]) -> Future[None]:
        """Put ``rows`` in place of all rows; events, notes and claims stay."""
        columns = [to_columns(row) for row in rows]

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM calls")
            connection.executemany(UPSERT, columns)

        return self._database.submit(work)

    def set_note(
        self, account_id: str, call_id: str, text: str, *, at: datetime
    ) -> Future[None]:
        """Store what the user wrote about a call; an empty text removes the note."""
        key = (storable(account_id), storable(call_id))
        return self._database.submit(lambda c: write_note(c, *key, text, at=at))

    def has_waiting_notes(self) -> bool:
        """Whether notes wait to be sent; how is the matter of ``store.outbox``."""
        return self._database.read(
            lambda c: (
                c.execute(
                    "SELECT 1 FROM note_outbox WHERE state = 'waiting' LIMIT 1"
                ).fetchone()
                is not None
            )
        )

    def has_due_promises(self) -> bool:
        """Whether a call back is promised for a set time; see ``store.promises``."""
        return self._database.read(
            lambda c: (
                c.execute(
                    "SELECT 1 FROM call_back_promises WHERE due_at IS NOT NULL"
                    " AND reminded_at IS NULL LIMIT 1"
                ).fetchone()
                is not None
            )
        )

    def set_match(
        self, account_id: str, call_id: str, name: str, company: str
    ) -> Future[None]:
        """Remember who the look-up took the other party for."""
        kept = (storable(name), storable(company))
        return self._change(
            "UPDATE calls SET matched_name = ?, matched_company = ?, match_text = ?"
            " WHERE account_id = ? AND call_id = ?",
            (*kept, fold(*kept), storable(account_id), storable(call_id)),
        )

    def forget_names(self, party: str) -> Future[None]:
        """Take out who the look-up took a party for, in all their calls."""
        return self._change(
            "UPDATE calls SET matched_name = '', matched_company = '', match_text = ''"
            " WHERE party = ? AND party <> ''",
            (storable(party),),
        )

    def dismiss_missed(
        self, account_id: str, call_id: str, *, at: datetime
    ) -> Future[None]:
        """Take a missed call off the list of those to call back."""
        return self._change(
            "INSERT OR IGNORE INTO missed_dismissals"
            " (account_id, call_id, dismissed_at) VALUES (?, ?, ?)",
            (storable(account_id), storable(call_id), to_micros(at)),
        )

    def promise_call_back(
        self,
        account_id: str,
        call_id: str,
        *,
        at: datetime,
        due_at: datetime | None = None,
    ) -> Future[None]:
        """Put any call on the list of those to call back, as the user promised.

        ``due_at`` is when; None for no set time. It takes the place of an earlier one.
        """
        key = (storable(account_id), storable(call_id))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT OR REPLACE INTO call_back_promises"
                " (account_id, call_id, promised_at, due_at) VALUES (?, ?, ?, ?)",
                (*key, to_micros(at), to_micros_or_none(due_at)),
            )
            connection.execute(
                "DELETE FROM missed_dismissals WHERE account_id = ? AND call_id = ?",
                key,
            )

        return self._database.submit(work)

    def restore_missed(self, account_id: str, call_id: str) -> Future[None]:
        """Put a dismissed call back on that list."""
        return self._change(
            "DELETE FROM missed_dismissals WHERE account_id = ? AND call_id = ?",
            (storable(account_id), storable(call_id)),
        )

    def _change(self, statement: str, values: tuple[object, ...]) -> Future[None]:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)

        return self._database.submit(work)


def write_note(
    connection: sqlite3.Connection,
    account_id: str,
    call_id: str,
    text: str,
    *,
    at: datetime,
) -> None:
    """Put a note in place of the one there was; an empty text removes it."""
    if not text.strip():
        connection.execute(
            "DELETE FROM notes WHERE account_id = ? AND call_id = ?",
            (account_id, call_id),
        )
        return
    kept = storable(text)
    connection.execute(
        "INSERT OR REPLACE INTO notes"
        " (account_id, call_id, text, search_text, updated_at)"
        " VALUES (?, ?, ?, ?, ?)",
        (account_id, call_id, kept, fold(kept), to_micros(at)),
    )


def _event_columns(event: CallEvent) -> _EventColumns:
    key, text = encode_with_key(event)
    return (
        storable(event.account_id),
        storable(event.call_id),
        key,
        to_micros(event.received_at),
        text,
    )


def _claim(connection: sqlite3.Connection, claim: PopClaim) -> bool:
    """Whether the claim is new; two of the same in one go count once."""
    cursor = connection.execute(
        "INSERT OR IGNORE INTO pop_claims (account_id, call_id, kind) VALUES (?, ?, ?)",
        (storable(claim.account_id), storable(claim.call_id), claim.kind),
    )
    return cursor.rowcount == 1
