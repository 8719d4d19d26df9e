"""Questions to the call log: search, missed calls, earlier calls with a party."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.contacts import Mark
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.call_backs import CallBack, called_back_by, reached_by
from screenpop.store.call_rows import SELECT, CallRow, from_columns, party_of
from screenpop.store.columns import (
    EARLIEST,
    LATEST,
    from_micros,
    from_micros_or_none,
    to_micros,
)
from screenpop.store.event_codec import decode_event
from screenpop.store.folding import digits_of, words

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from screenpop.domain.events import CallEvent, Direction
    from screenpop.store.database import Database

_NUMBER_LIKE: Final = re.compile(r"[\d\s()+./-]+")
_FEWEST_DIGITS: Final = 2
_NUMBERS_SCANNED: Final = 2_000
_MOST_WORDS: Final = 6

# Our own phone's leg says nothing once the leg to the party is there.
_NOT_SHADOWED: Final = """NOT (c.is_own_leg = 1 AND c.dial_id <> '' AND EXISTS (
    SELECT 1 FROM calls AS other
    WHERE other.dial_id = c.dial_id AND other.dial_id <> '' AND other.is_own_leg = 0))
"""
_TEXTS: Final = """(c.search_text || ' ' || c.match_text || ' '
    || coalesce(n.search_text, '') || ' ' || coalesce(w.search_text, ''))"""
_EACH_WORD: Final = " AND ".join(
    f"(:word{n} = '' OR instr({_TEXTS}, :word{n}) > 0)" for n in range(_MOST_WORDS)
)
_FOUND: Final = f"""CASE WHEN :digits <> ''
    THEN instr({_TEXTS}, :digits) > 0
        OR (:trunkless <> '' AND instr({_TEXTS}, :trunkless) > 0)
    ELSE {_EACH_WORD} END
"""
_SEARCH: Final = f"""{SELECT}
    WHERE c.started_at >= :since AND c.started_at < :until
    AND (:missed_only = 0 OR c.is_missed = 1)
    AND (:direction = '' OR c.direction = :direction)
    AND (:account_id = '' OR c.account_id = :account_id)
    AND {_NOT_SHADOWED} AND {_FOUND}
    ORDER BY c.started_at DESC, c.account_id, c.call_id LIMIT :limit OFFSET :offset
"""
# "Called back" is asked of the rows themselves, so the order of events cannot matter.
UNSETTLED: Final = """
    NOT EXISTS (SELECT 1 FROM missed_dismissals AS d
        WHERE d.account_id = c.account_id AND d.call_id = c.call_id)
    AND NOT (c.party <> '' AND EXISTS (SELECT 1 FROM calls AS talk
        WHERE talk.party = c.party AND talk.party <> '' AND talk.is_answered = 1
        AND talk.is_own_leg = 0 AND talk.rowid <> c.rowid
        AND coalesce(talk.connected_at, talk.started_at) > +c.started_at))
    AND NOT (c.party <> '' AND EXISTS (SELECT 1 FROM call_backs AS back
        WHERE back.party = c.party AND back.account_id = c.account_id
        AND back.talked_at > +c.started_at))
"""
# Nobody wants to call back who is marked as spam.
_NO_SPAM: Final = """NOT EXISTS (SELECT 1 FROM number_marks AS spam
    WHERE spam.number_key = {}.party AND spam.mark = 'spam')
"""
# Two questions rather than one with OR, as each has an index of its own.
_MISSED: Final = f"""c.is_missed = 1 AND (c.is_internal = 0 OR :include_internal)
    AND {_NO_SPAM.format("c")} AND {UNSETTLED}
"""
_PROMISED: Final = f"""c.rowid IN (SELECT promised.rowid FROM call_back_promises
        JOIN calls AS promised USING (account_id, call_id))
    AND NOT (c.is_missed = 1 AND (c.is_internal = 0 OR :include_internal))
    AND {UNSETTLED}
"""  # noqa: S608
_MISSED_OPEN: Final = f"""{SELECT} WHERE {_MISSED} UNION ALL {SELECT} WHERE {_PROMISED}
    ORDER BY c.started_at DESC, c.account_id, c.call_id LIMIT :limit
"""
# A caller on a vendor's list is open until the vendor or the user says otherwise, or
# somebody talked with them since, or a missed call of theirs was ticked off since.
LOST_OPEN: Final = f"""l.removed_at IS NULL AND {_NO_SPAM.format("l")}
    AND (l.done_at IS NULL OR l.done_at < l.last_at)
    AND NOT (l.party <> '' AND EXISTS (SELECT 1 FROM calls AS talk
        WHERE talk.party = l.party AND talk.party <> '' AND talk.is_answered = 1
        AND talk.is_own_leg = 0
        AND coalesce(talk.connected_at, talk.started_at) > l.last_at))
    AND NOT (l.party <> '' AND EXISTS (SELECT 1 FROM call_backs AS back
        WHERE back.party = l.party AND back.account_id = l.account_id
        AND back.talked_at > l.last_at))
    AND NOT (l.party <> '' AND EXISTS (SELECT 1 FROM calls AS ticked
        JOIN missed_dismissals AS d USING (account_id, call_id)
        WHERE ticked.party = l.party AND ticked.party <> ''
        AND ticked.account_id = l.account_id AND d.dismissed_at >= l.last_at))
"""  # noqa: S608
# One of whom a call waits already is not counted a second time.
_LOST_ALONE: Final = f"""{LOST_OPEN} AND NOT EXISTS (SELECT 1 FROM calls AS c
    WHERE c.party = l.party AND c.party <> '' AND c.account_id = l.account_id
    AND ({_MISSED} OR {_PROMISED}))
"""  # noqa: S608
_MISSED_COUNT: Final = f"""SELECT
    (SELECT count(*) FROM calls AS c WHERE {_MISSED})
    + (SELECT count(*) FROM calls AS c WHERE {_PROMISED})
    + (SELECT count(*) FROM lost_callers AS l WHERE {_LOST_ALONE})
"""  # noqa: S608
_MISSED_BY_PARTY: Final = f"""SELECT
    (SELECT count(*) FROM calls AS c INDEXED BY calls_by_party
        WHERE c.party = :party AND c.party <> '' AND {_MISSED})
    + (SELECT count(*) FROM calls AS c WHERE c.party = :party AND {_PROMISED})
"""  # noqa: S608
_LAST_WITH: Final = f"""{SELECT}
    WHERE c.party = :party AND c.party <> '' AND c.started_at < :before
    AND c.is_own_leg = 0 AND (:answered_only = 0 OR c.is_answered = 1)
    ORDER BY c.started_at DESC, c.account_id, c.call_id LIMIT :limit
"""
_PROMISED_TO: Final = f"""SELECT promise.promised_at, promise.due_at
    FROM call_back_promises AS promise JOIN calls AS c USING (account_id, call_id)
    WHERE c.party = :party AND c.party <> '' AND {UNSETTLED}
    ORDER BY promise.promised_at DESC LIMIT 1
"""  # noqa: S608
_SPOKEN: Final = """SELECT matched_name, max(started_at) FROM calls
    WHERE party = :party AND party <> '' AND started_at < :before
    AND is_answered = 1 AND matched_name <> '' GROUP BY matched_name
"""


@frozen(kw_only=True)
class Note:
    """What the user wrote about a call."""

    text: str
    updated_at: datetime


@frozen(kw_only=True)
class RecentNumber:
    """A number that somebody of ours lately talked or tried to talk with.

    Attributes:
        number_raw: As sent, for a number without an E.164 form.
        name: Who it was taken for, else the name sent with it; may be "".
    """

    number_e164: str
    number_raw: str
    name: str
    company: str
    direction: Direction
    is_missed: bool
    last_at: datetime
    account_id: str


@frozen(kw_only=True)
class PartyHistory:
    """What was before with one party.

    Attributes:
        last_call: The latest earlier call, answered or not.
        last_talk: The latest earlier call on which people talked; its ``note`` is
            what was written down then.
        missed_count: Missed calls of theirs that nobody has called back.
        call_count: All earlier calls.
        promised_at: When a call back was promised that nobody has made yet; None for
            no such promise.
        due_at: For when that was promised; None for no set time.
    """

    last_call: CallRow | None = None
    last_talk: CallRow | None = None
    missed_count: int = 0
    call_count: int = 0
    promised_at: datetime | None = None
    due_at: datetime | None = None


class CallHistory:
    """The reading half of the call log; each method asks the database at once.

    All methods raise StoreError or one of its kin when it cannot be read.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def version(self) -> int:
        """Another number whenever anything in the database has changed.

        Compare only what the same thread was given.
        """
        return self._database.change_counter()

    def get(self, account_id: str, call_id: str) -> CallRow | None:
        """The call's row with its note."""
        found = self._rows(
            f"{SELECT} WHERE c.account_id = :account_id AND c.call_id = :call_id",
            account_id=storable(account_id),
            call_id=storable(call_id),
        )
        return found[0] if found else None

    def events_of(self, account_id: str, call_id: str) -> tuple[CallEvent, ...]:
        """Every fact stored about a call, in the order in which we heard of them.

        Raises:
            PayloadError: A fact is damaged or was written by a newer screenpop.
        """
        payloads = self._database.read(
            lambda c: c.execute(
                "SELECT payload FROM call_events WHERE account_id = ? AND call_id = ?"
                " ORDER BY received_at, event_key",
                (storable(account_id), storable(call_id)),
            ).fetchall()
        )
        return tuple(decode_event(payload) for (payload,) in payloads)

    def open_calls(self) -> tuple[CallRow, ...]:
        """Calls whose end we have not heard of, oldest first."""
        return self._rows(f"{SELECT} WHERE c.ended_at IS NULL ORDER BY c.started_at")

    def all_rows(self) -> tuple[CallRow, ...]:
        """Every row, in a fixed order, to be compared with another day's."""
        return self._rows(f"{SELECT} ORDER BY c.account_id, c.call_id")

    def call_keys(self) -> Iterator[tuple[str, str]]:
        """(account_id, call_id) of every call that events are stored of."""
        yield from self._database.read(
            lambda c: c.execute(
                "SELECT DISTINCT account_id, call_id FROM call_events"
                " ORDER BY account_id, call_id"
            ).fetchall()
        )

    def search(
        self,
        text: str = "",
        *,
        missed_only: bool = False,
        since: datetime | None = None,
        until: datetime | None = None,
        direction: Direction | None = None,
        account_id: str = "",
        limit: int = 100,
        offset: int = 0,
    ) -> tuple[CallRow, ...]:
        """Calls that fit, newest first; an own leg hides behind its call.

        Args:
            text: Words of names, companies, lines, notes, summaries and dispositions,
                all of which must occur; or digits of a number, with or without a
                leading zero.
            missed_only: Only calls nobody took, called back or not.
            since: Only calls begun then or later.
            until: Only calls begun before; to page on, the last one's ``started_at``.
            direction: Only calls of that direction.
            account_id: Only calls of that account.
            limit: How many at most.
            offset: How many to pass over.
        """
        digits = digits_of(text) if _NUMBER_LIKE.fullmatch(text) else ""
        digits = digits if len(digits) >= _FEWEST_DIGITS else ""
        trunkless = digits.lstrip("0")
        wanted = [storable(word) for word in words(text)[:_MOST_WORDS]]
        wanted += [""] * (_MOST_WORDS - len(wanted))
        return self._rows(
            _SEARCH,
            since=EARLIEST if since is None else to_micros(since),
            until=LATEST if until is None else to_micros(until),
            missed_only=missed_only,
            direction=direction.value if direction else "",
            account_id=storable(account_id),
            digits=digits,
            trunkless=trunkless if len(trunkless) >= _FEWEST_DIGITS else "",
            **{f"word{n}": word for n, word in enumerate(wanted)},
            limit=limit,
            offset=offset,
        )

    def missed_open(
        self, *, include_internal: bool = False, limit: int = 500
    ) -> tuple[CallRow, ...]:
        """Calls that still want calling back, newest first: missed or promised.

        A call leaves the list when anybody talks with the same number later, in
        either direction, when a colleague reaches it, or when the user dismisses it. A
        withheld number cannot be called back and stays until dismissed.
        """
        return self._rows(_MISSED_OPEN, include_internal=include_internal, limit=limit)

    def called_back_by(self, missed: CallRow) -> str:
        """Which colleague first reached the caller of a missed call; "" for nobody."""
        return called_back_by(self._database, missed)

    def missed_count(self, *, include_internal: bool = False) -> int:
        """How many there are of these, and of callers that only a vendor lists."""
        values = {"include_internal": include_internal}
        return self._count(_MISSED_COUNT, values)

    def recent_numbers(self, limit: int = 20) -> tuple[RecentNumber, ...]:
        """Numbers of the latest calls, each once, newest first; for the dialer."""
        rows = self._rows(
            f"{SELECT} WHERE c.party <> '' AND c.is_own_leg = 0"
            " AND c.kind <> 'fax' ORDER BY c.started_at DESC LIMIT :scanned",
            scanned=max(limit, min(_NUMBERS_SCANNED, limit * 10)),
        )
        latest: dict[str, CallRow] = {}
        for row in rows:
            latest.setdefault(row.party, row)
        return tuple(_recent(row) for row in list(latest.values())[:limit])

    def last_with(
        self, e164: str, before: datetime, *, raw: str = ""
    ) -> PartyHistory | None:
        """What was with a party before a moment; None when there was nothing.

        Args:
            e164: The party's number; "" when it has no such form.
            before: Only calls begun earlier, which leaves out the present one.
            raw: The number as sent, for one without an E.164 form.
        """
        party = party_of(e164, raw)
        last_call = self._last_with(party, before, answered_only=False)
        if last_call is None:
            return None
        last_talk = self._last_with(party, before, answered_only=True)
        promised_at, due_at = self._promised(party)
        count = self._database.read(
            lambda c: c.execute(
                "SELECT count(*) FROM calls WHERE party = ? AND party <> ''"
                " AND started_at < ? AND is_own_leg = 0",
                (storable(party), to_micros(before)),
            ).fetchone()[0]
        )
        return PartyHistory(
            last_call=last_call,
            last_talk=last_talk,
            missed_count=self._count(
                _MISSED_BY_PARTY, {"party": storable(party), "include_internal": True}
            ),
            call_count=count,
            promised_at=promised_at,
            due_at=due_at,
        )

    def earlier_with(
        self, e164: str, before: datetime, *, raw: str = "", limit: int = 5
    ) -> tuple[CallRow, ...]:
        """The latest calls with a party before a moment, newest first."""
        return self._rows(
            _LAST_WITH,
            party=storable(party_of(e164, raw)),
            before=to_micros(before),
            answered_only=False,
            limit=limit,
        )

    def reached_by(self, party: str, limit: int = 5) -> tuple[CallBack, ...]:
        """Colleagues' calls out that reached a party, the latest first."""
        return reached_by(self._database, party, limit)

    def spoken_with(
        self, party: str, before: datetime
    ) -> tuple[tuple[str, datetime], ...]:
        """When people of each name were last talked with on a party's number."""
        values = {"party": storable(party), "before": to_micros(before)}
        rows = self._database.read(lambda c: c.execute(_SPOKEN, values).fetchall())
        return tuple((name, from_micros(moment)) for name, moment in rows)

    def _promised(self, party: str) -> tuple[datetime | None, datetime | None]:
        """When the latest open promise was made, and for when."""
        values = {"party": storable(party)}
        made, due = self._database.read(
            lambda c: c.execute(_PROMISED_TO, values).fetchone() or (None, None)
        )
        return from_micros_or_none(made), from_micros_or_none(due)

    def note(self, account_id: str, call_id: str) -> Note | None:
        """What the user wrote about a call."""
        row = self._database.read(
            lambda c: c.execute(
                "SELECT text, updated_at FROM notes"
                " WHERE account_id = ? AND call_id = ?",
                (storable(account_id), storable(call_id)),
            ).fetchone()
        )
        return Note(text=row[0], updated_at=from_micros(row[1])) if row else None

    def _last_with(
        self, party: str, before: datetime, *, answered_only: bool
    ) -> CallRow | None:
        found = self._rows(
            _LAST_WITH,
            party=storable(party),
            before=to_micros(before),
            answered_only=answered_only,
            limit=1,
        )
        return found[0] if found else None

    def _count(self, query: str, values: Mapping[str, Any]) -> int:
        return int(
            self._database.read(lambda c: c.execute(query, values).fetchone()[0])
        )

    def _rows(self, query: str, **values: Any) -> tuple[CallRow, ...]:
        named: Mapping[str, Any] = values
        found = self._database.read(lambda c: c.execute(query, named).fetchall())
        return tuple(from_columns(row) for row in found)


def _recent(row: CallRow) -> RecentNumber:
    is_private = row.mark == Mark.PRIVATE
    return RecentNumber(
        number_e164=row.remote_e164,
        number_raw=row.remote_number,
        name="" if is_private else row.matched_name or row.remote_name,
        company="" if is_private else row.matched_company,
        direction=row.direction,
        is_missed=row.is_missed,
        last_at=row.started_at,
        account_id=row.account_id,
    )
