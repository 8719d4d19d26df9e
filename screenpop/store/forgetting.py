"""Forget a phone number: every delivery, call, dial and text that is about it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.frozen import frozen
from screenpop.store.call_rows import delete_calls
from screenpop.store.mentions import (
    Mention,
    blank_contacts,
    blank_texts,
    drop_old_words,
)
from screenpop.store.migrations import remove_copies
from screenpop.store.opening import empty_log

if TYPE_CHECKING:
    import sqlite3

    from screenpop.domain.contacts import ContactKey
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database

_STEP: Final = 500
# A short id would be found in half of all bodies.
_SHORTEST_CALL_ID: Final = 8
# A POST of nothing, in the form of ``store.journal``.
_EMPTY_REQUEST: Final = '["","POST","","",[]]'
_CallKey = tuple[str, str]


@frozen(kw_only=True)
class ForgottenCounts:
    """How much was removed.

    Attributes:
        mentions: Notes, names and contacts that stay, without the number in them, and
            other people's calls with it.
    """

    deliveries: int
    calls: int
    dials: int
    lost_callers: int
    mentions: int


def forget_party(
    contacts: LocalContacts, party: str, *, calling_code: str = "", national: str = ""
) -> ForgottenCounts:
    """Remove everything about a number: journal, calls, notes, dials, lost callers.

    It blocks: it reads through the whole journal. What it removes is overwritten with
    zeros. The contacts themselves are forgotten by ``LocalContacts.forget``.

    Args:
        contacts: Whose database it is.
        party: The number in E.164, or an extension as the call log has it.
        calling_code: Of an E.164 number, to find it in what vendors sent.
        national: Its national part; "" where only the party counts.

    Raises:
        StoreError: Or one of its kin; what was removed so far stays removed.
    """
    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    mention = Mention(calling_code, national) if national else None
    calls = set(_calls_of(database, party))
    if mention is not None:
        calls |= set(_calls_mentioning(database, mention))
    # The end of a call comes without a number, and a replay would find it.
    call_ids = [call_id for _, call_id in calls if len(call_id) >= _SHORTEST_CALL_ID]
    deliveries = list(_deliveries_mentioning(database, mention, call_ids))
    dials = list(_dials_to(database, party, mention))
    texts = list(_texts_with(database, party, mention))
    lost = list(_lost_callers_of(database, party, mention))
    removed = 0
    for keys in _steps(sorted(calls)):
        removed += database.submit(partial(_remove_calls, keys=keys)).result()
    for seqs in _steps(deliveries):
        database.submit(partial(_remove_deliveries, seqs=seqs)).result()
    for ids in _steps(dials):
        database.submit(partial(_remove_dials, ids=ids)).result()
    for numbers in _steps(texts):
        database.submit(partial(_remove_texts, numbers=numbers)).result()
    for callers in _steps(lost):
        database.submit(partial(_remove_lost_callers, keys=callers)).result()
    mentions = database.submit(partial(_remove_call_backs, party=party)).result()
    if mention is not None:
        mentions += blank_texts(database, mention) + blank_contacts(database, mention)
    drop_old_words(database)
    # Pages of before are in the log, and all of it in copies made before an update.
    empty_log(database.path)
    remove_copies(database.path)
    return ForgottenCounts(
        deliveries=len(deliveries),
        calls=removed,
        dials=len(dials),
        lost_callers=len(lost),
        mentions=mentions,
    )


def forget_sayings(
    contacts: LocalContacts, number_key: str, entries: Sequence[ContactKey]
) -> int:
    """Remove what the user said about a number and whom it belonged to; how much.

    It blocks. What it removes is overwritten with zeros.

    Args:
        contacts: Whose database it is.
        number_key: ``PhoneNumber.key``.
        entries: The contacts that had the number; they are one person no longer.

    Raises:
        StoreError: Or one of its kin.
    """
    from screenpop.store.chosen_people import ChosenPeople
    from screenpop.store.favourites import Favourites
    from screenpop.store.number_marks import NumberMarks
    from screenpop.store.same_people import SamePeople

    database = contacts._database  # noqa: SLF001 - a neighbour in this package
    choice = ChosenPeople(database).undo(number_key)
    mark = NumberMarks(database).clear(number_key)
    joined = SamePeople(database).part(entries)
    kept = Favourites(database).remove(number_key)
    said = sum(map(int, (choice.result(), mark.result(), kept.result())))
    return said + joined.result()


def _calls_of(database: Database, party: str) -> list[_CallKey]:
    return database.read(
        lambda c: c.execute(
            "SELECT account_id, call_id FROM calls"
            " WHERE ? <> '' AND (party = ?1 OR remote_e164 = ?1)",
            (party,),
        ).fetchall()
    )


def _calls_mentioning(database: Database, mention: Mention) -> Iterator[_CallKey]:
    """Also calls of others, of which only the facts are kept."""
    for table, column in (("call_events", "payload"), ("calls", "search_text")):
        rows = database.read(
            lambda c, table=table, column=column: c.execute(  # type: ignore[misc]
                f"SELECT account_id, call_id, {column} FROM {table}"  # noqa: S608
            ).fetchall()
        )
        for account_id, call_id, text in rows:
            if mention.is_in(text):
                yield account_id, call_id


def _deliveries_mentioning(
    database: Database, mention: Mention | None, call_ids: Sequence[str]
) -> Iterator[tuple[int]]:
    ids = re.compile("|".join(map(re.escape, call_ids))) if call_ids else None
    seq = 0
    while rows := database.read(
        lambda c, seq=seq: c.execute(  # type: ignore[misc]
            "SELECT seq, body, request FROM deliveries WHERE seq > ?"
            " ORDER BY seq LIMIT ?",
            (seq, _STEP),
        ).fetchall()
    ):
        for number, body, request in rows:
            text = f"{bytes(body).decode('utf-8', 'replace')}\n{request}"
            if (mention and mention.is_in(text)) or (ids and ids.search(text)):
                yield (number,)
        seq = rows[-1][0]


def _dials_to(
    database: Database, party: str, mention: Mention | None
) -> Iterator[tuple[str]]:
    rows = database.read(
        lambda c: c.execute(
            "SELECT dial_id, number_e164, number_raw FROM dials"
        ).fetchall()
    )
    for dial_id, e164, raw in rows:
        is_same = party != "" and party in (e164, raw)
        if is_same or (mention is not None and mention.is_in(raw)):
            yield (dial_id,)


def _lost_callers_of(
    database: Database, party: str, mention: Mention | None
) -> Iterator[tuple[str, str, str]]:
    rows = database.read(
        lambda c: c.execute(
            "SELECT account_id, number, line, party FROM lost_callers"
        ).fetchall()
    )
    for account_id, number, line, known in rows:
        is_same = party != "" and party in (known, number)
        if is_same or (mention is not None and mention.is_in(number)):
            yield account_id, number, line


def _texts_with(
    database: Database, party: str, mention: Mention | None
) -> Iterator[tuple[int]]:
    rows = database.read(
        lambda c: c.execute(
            "SELECT message_no, sender, recipient, text FROM text_messages"
        ).fetchall()
    )
    for number, *texts in rows:
        is_same = party != "" and party in texts[:2]
        if is_same or (mention is not None and any(map(mention.is_in, texts))):
            yield (number,)


def _steps(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for start in range(0, len(keys), _STEP):
        yield keys[start : start + _STEP]


def _remove_calls(connection: sqlite3.Connection, keys: Sequence[_CallKey]) -> int:
    connection.execute("PRAGMA secure_delete=ON")
    return delete_calls(connection, keys)


def _remove_deliveries(
    connection: sqlite3.Connection, seqs: Sequence[tuple[int]]
) -> None:
    """Delete them, but keep when an account was last heard of, and nothing else of it.

    Whoever asks a phone system for what was missed asks from that moment on; without
    it the forgotten calls would be fetched again.
    """
    connection.execute("PRAGMA secure_delete=ON")
    connection.executemany(
        "UPDATE deliveries SET body = x'', request = ?, unreadable = NULL,"
        " is_processed = 1 WHERE seq = ? AND NOT EXISTS (SELECT 1 FROM deliveries AS d"
        " WHERE (d.received_at, d.seq) > (deliveries.received_at, deliveries.seq)"
        " AND d.account_id = deliveries.account_id)",
        [(_EMPTY_REQUEST, seq) for (seq,) in seqs],
    )
    connection.executemany(
        "DELETE FROM deliveries WHERE seq = ? AND NOT (body = x'' AND request = ?)",
        [(seq, _EMPTY_REQUEST) for (seq,) in seqs],
    )


def _remove_dials(connection: sqlite3.Connection, ids: Sequence[tuple[str]]) -> None:
    connection.execute("PRAGMA secure_delete=ON")
    connection.executemany("DELETE FROM dials WHERE dial_id = ?", ids)


def _remove_lost_callers(
    connection: sqlite3.Connection, keys: Sequence[tuple[str, str, str]]
) -> None:
    connection.execute("PRAGMA secure_delete=ON")
    connection.executemany(
        "DELETE FROM lost_callers WHERE account_id = ? AND number = ? AND line = ?",
        keys,
    )


def _remove_call_backs(connection: sqlite3.Connection, party: str) -> int:
    connection.execute("PRAGMA secure_delete=ON")
    # Calls of colleagues have no row of their own in the log.
    return connection.execute(
        "DELETE FROM call_backs WHERE ? <> '' AND party = ?1", (party,)
    ).rowcount


def _remove_texts(
    connection: sqlite3.Connection, numbers: Sequence[tuple[int]]
) -> None:
    connection.execute("PRAGMA secure_delete=ON")
    connection.executemany("DELETE FROM text_messages WHERE message_no = ?", numbers)
