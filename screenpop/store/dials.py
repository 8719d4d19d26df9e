"""Click-to-dials: the intent is on disk before the request, so none is sent twice."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database


class DialState(StrEnum):
    """How far a dial has come, as far as it must survive a restart."""

    INTENDED = "intended"
    SENDING = "sending"
    ACCEPTED = "accepted"
    FAILED = "failed"
    UNCLEAR = "unclear"
    CANCELLED = "cancelled"


# From which states a state can be reached: only forward, and no way back to sending.
_BEFORE: Final[Mapping[DialState, tuple[DialState, ...]]] = {
    DialState.INTENDED: (),
    DialState.SENDING: (DialState.INTENDED,),
    DialState.ACCEPTED: (DialState.SENDING, DialState.UNCLEAR),
    DialState.FAILED: (DialState.INTENDED, DialState.SENDING, DialState.UNCLEAR),
    DialState.UNCLEAR: (DialState.SENDING,),
    DialState.CANCELLED: (DialState.INTENDED,),
}


@frozen(kw_only=True)
class Dial:
    """One request of the user to be connected with a number.

    Attributes:
        dial_id: 32 random hexadecimal digits of ours.
        extension: Whose phone shall ring.
        number_e164: Whom to call; "" for an extension.
        number_raw: As typed or clicked.
        caller_id: The number of ours to show; "" for the vendor's choice.
        dial_first: Which side the vendor calls first, in the vendor's word.
        error_title: Why it failed; "" otherwise.
        vendor_call_id: The vendor's id of the call; "" when it told none.
    """

    dial_id: str
    account_id: str
    extension: str
    number_e164: str
    number_raw: str
    requested_at: datetime
    source: DialOrigin
    state_at: datetime
    state: DialState = DialState.INTENDED
    caller_id: str = ""
    dial_first: str = ""
    error_title: str = ""
    vendor_call_id: str = ""


_TEXTS: Final = (
    "dial_id",
    "account_id",
    "extension",
    "number_e164",
    "number_raw",
    "caller_id",
    "dial_first",
    "error_title",
    "vendor_call_id",
)
_OTHERS: Final = ("source", "state", "requested_at", "state_at")
_COLUMNS: Final = (*_TEXTS, *_OTHERS)
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM dials"  # noqa: S608 - own names
_INSERT: Final = (
    f"INSERT INTO dials ({', '.join(_COLUMNS)})"  # noqa: S608
    f" VALUES ({', '.join('?' * len(_COLUMNS))})"
)
_MOVE: Final = (
    "UPDATE dials SET state = :state, state_at = :state_at,"
    " error_title = :error_title,"
    " vendor_call_id = CASE WHEN :vendor_call_id = '' THEN vendor_call_id"
    " ELSE :vendor_call_id END"
    " WHERE dial_id = :dial_id"
    " AND state IN (SELECT value FROM json_each(:before))"
)


class Dials:
    """All dials of this desktop.

    Methods that read raise StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def record_intent(self, dial: Dial) -> Future[None]:
        """Store a new dial, before anything else is done about it.

        Raises (through the future):
            StoreError: Also when there is a dial of that id already.
        """
        values = _to_columns(replace(dial, state=DialState.INTENDED))

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(_INSERT, values)

        return self._database.submit(work)

    def set_state(
        self,
        dial_id: str,
        state: DialState,
        *,
        at: datetime,
        error_title: str = "",
        vendor_call_id: str = "",
    ) -> Future[bool]:
        """Move a dial on; the future says whether it could be.

        The request may be sent only after ``SENDING`` gave True. Never backwards:
        what came to an end stays there, except that an unclear dial may turn out
        accepted or failed.
        """
        values = {
            "dial_id": dial_id,
            "state": state.value,
            "state_at": to_micros(at),
            "error_title": storable(error_title),
            "vendor_call_id": storable(vendor_call_id),
            "before": '["' + '","'.join(_BEFORE[state]) + '"]',
        }
        return self._database.submit(lambda c: c.execute(_MOVE, values).rowcount == 1)

    def settle_interrupted(self, *, at: datetime) -> Future[tuple[Dial, ...]]:
        """At start: what a dying process was sending is unclear, the rest cancelled.

        The future gives the unclear ones of this time; ask the user about them.
        """

        def work(connection: sqlite3.Connection) -> tuple[Dial, ...]:
            found = connection.execute(
                f"{_SELECT} WHERE state = 'sending' ORDER BY requested_at"
            ).fetchall()
            connection.execute(
                "UPDATE dials SET state_at = ?, state ="
                " CASE state WHEN 'sending' THEN 'unclear' ELSE 'cancelled' END"
                " WHERE state IN ('sending', 'intended')",
                (to_micros(at),),
            )
            unclear = (_from_columns(row) for row in found)
            return tuple(
                replace(dial, state=DialState.UNCLEAR, state_at=at) for dial in unclear
            )

        return self._database.submit(work)

    def get(self, dial_id: str) -> Dial | None:
        """One dial."""
        found = self._select("WHERE dial_id = ?", dial_id)
        return found[0] if found else None

    def recent(
        self, limit: int = 50, *, since: datetime | None = None
    ) -> tuple[Dial, ...]:
        """The latest dials, newest first."""
        if since is None:
            return self._select("ORDER BY requested_at DESC LIMIT ?", limit)
        return self._select(
            "WHERE requested_at >= ? ORDER BY requested_at DESC LIMIT ?",
            to_micros(since),
            limit,
        )

    def _select(self, condition: str, *values: object) -> tuple[Dial, ...]:
        found = self._database.read(
            lambda c: c.execute(f"{_SELECT} {condition}", values).fetchall()
        )
        return tuple(_from_columns(row) for row in found)


def _to_columns(dial: Dial) -> tuple[object, ...]:
    return (
        *(storable(getattr(dial, name)) for name in _TEXTS),
        dial.source.value,
        dial.state.value,
        to_micros(dial.requested_at),
        to_micros(dial.state_at),
    )


def _from_columns(row: Sequence[Any]) -> Dial:
    given = dict(zip(_TEXTS, row, strict=False))
    source, state, requested_at, state_at = row[len(_TEXTS) :]
    return Dial(
        **given,
        source=DialOrigin(source),
        state=DialState(state),
        requested_at=from_micros(requested_at),
        state_at=from_micros(state_at),
    )
