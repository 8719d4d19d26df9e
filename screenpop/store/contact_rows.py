"""How a contact lies in its tables, and when it may be seen.

An import writes rows of a new *generation*, which nobody sees until its end; then one
small change makes all of them visible at once. What they replace is swept away in
small steps afterwards. A row may be seen when its generation lies between ``floor``
and ``visible`` of its source and no visible row of the same contact is newer.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.json_fields import storable
from screenpop.store.columns import (
    from_micros_or_none,
    texts_from_json,
    texts_to_json,
    to_micros_or_none,
)
from screenpop.store.folding import digits_of, fold

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

LONGEST_EXTENSION: Final = 7
FEWEST_END_DIGITS: Final = 8
END_DIGITS: Final = 9
_END: Final = 10**END_DIGITS
# Beyond every E.164 number (15 digits), and zero in its last nine digits.
_UNPARSED: Final = 10**16
_LONGEST_UNPARSED: Final = 15
_LONGEST_E164: Final = 15
_KEY_BYTES: Final = 12

FROM_VISIBLE: Final = """
    contacts AS c CROSS JOIN contact_sources AS s ON s.source_no = c.source_no
    AND c.generation BETWEEN s.floor AND s.visible
    AND (s.has_outdated = 0 OR NOT EXISTS (SELECT 1 FROM contacts AS newer
        WHERE newer.source_no = c.source_no AND newer.source_id = c.source_id
        AND newer.generation > c.generation AND newer.generation <= s.visible))
"""
COLUMNS: Final = (
    "s.source, s.label, c.source_id, c.name, c.company, c.job_title,"
    " c.numbers, c.emails, c.url, c.updated_at, s.imported_at"
)
INSERT: Final = (
    "INSERT OR IGNORE INTO contacts (contact_no, source_no, source_id, generation,"
    " name, company, job_title, numbers, emails, url, updated_at, search_text)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
# Passed over for a contact that was itself passed over as a double.
INSERT_NUMBER: Final = (
    "INSERT OR IGNORE INTO contact_numbers (number_key, contact_no)"
    " SELECT ?, contact_no FROM contacts WHERE contact_no = ?"
)
_DOOMED: Final = "(SELECT value FROM json_each(:doomed))"
INDEX_WORDS: Final = (
    "INSERT INTO contact_search (rowid, search_text)"
    " SELECT contact_no, search_text FROM contacts WHERE contact_no BETWEEN ? AND ?"
)


class FoundContact(NamedTuple):
    """A contact as read, with its source's name for the user.

    Attributes:
        told_at: When the source was last imported or brought up to date; None when
            it was not, and where the contact itself says how old it is.
    """

    contact: Contact
    source_label: str
    told_at: datetime | None


class NewContact(NamedTuple):
    """A contact ready to be written.

    Attributes:
        columns: Everything from ``source_id`` on but the generation.
        keys: Its numbers, as ``contact_numbers`` holds them.
    """

    source_id: str
    columns: tuple[Any, ...]
    keys: tuple[int, ...]


def e164_key(e164: str) -> int | None:
    """The integer that stands for an E.164 number; None for anything else."""
    digits = e164[1:]
    if e164[:1] != "+" or not (digits.isascii() and digits.isdigit()):
        return None
    return int(digits) if len(digits) <= _LONGEST_E164 else None


def extension_key(extension: str) -> int | None:
    """The integer of an extension, leading zeros kept; None for anything else.

    Negative, so that no ending of a phone number can ever hit it.
    """
    text = extension.strip()
    if not (text.isascii() and text.isdigit()) or len(text) > LONGEST_EXTENSION:
        return None
    return -int("1" + text)


def end_keys(national_number: str) -> tuple[int, ...]:
    """What the last nine digits of a number may be, given its national part.

    Of a national number of only eight digits the ninth belongs to the country code,
    so any is taken. Shorter ones give nothing: too many numbers share an ending.
    """
    digits = digits_of(national_number)
    if len(digits) < FEWEST_END_DIGITS:
        return ()
    if len(digits) >= END_DIGITS:
        return (int(digits[-END_DIGITS:]),)
    return tuple(int(f"{ninth}{digits}") for ninth in range(10))


def number_key(number: ContactNumber) -> int | None:
    """Under what a contact's number is found; None when there is no finding it.

    One that could not be brought into E.164 is found by its ending only.
    """
    if number.e164:
        return e164_key(number.e164)
    extension = extension_key(number.raw)
    if extension is not None:
        return extension
    digits = digits_of(number.raw)
    if FEWEST_END_DIGITS <= len(digits) <= _LONGEST_UNPARSED:
        return _UNPARSED + int(digits)
    return None


def shares_ending(key: int, ends: Iterable[int]) -> bool:
    """Whether the number ``key`` ends in one of ``ends``."""
    return key > 0 and key % _END in ends


def prefix_ranges(digits: str) -> Iterator[tuple[int, int]]:
    """The ranges of ``number_key`` whose numbers begin with ``digits``."""
    if not digits:
        return
    if digits[0] != "0":
        first = int(digits)
        for missing in range(_LONGEST_E164 - len(digits) + 1):
            yield first * 10**missing, (first + 1) * 10**missing - 1
    tagged = int("1" + digits)
    for missing in range(LONGEST_EXTENSION - len(digits) + 1):
        yield -((tagged + 1) * 10**missing - 1), -tagged * 10**missing


def new_contact(contact: Contact) -> NewContact:
    """``contact`` ready to be written; without an id it gets one from its content."""
    source_id = storable(contact.source_id) or _content_id_of(contact)
    numbers = [texts_to_json((n.raw, n.e164, n.label)) for n in contact.numbers]
    name, company, job_title, url = _all_storable(
        contact.name, contact.company, contact.job_title, contact.url
    )
    columns = (
        name,
        company,
        job_title,
        f"[{','.join(numbers)}]",
        texts_to_json(contact.emails),
        url,
        to_micros_or_none(contact.updated_at),
        fold(contact.name, contact.company),
    )
    return NewContact(source_id, columns, _keys(contact.numbers))


def _keys(numbers: Sequence[ContactNumber]) -> tuple[int, ...]:
    if len(numbers) == 1:
        key = number_key(numbers[0])
        return () if key is None else (key,)
    found = {number_key(number) for number in numbers}
    return tuple(key for key in found if key is not None)


def _all_storable(*texts: str) -> tuple[str, ...]:
    whole = "".join(texts)
    if whole.isascii() and "\x00" not in whole:
        return texts
    return tuple(map(storable, texts))


def content_id(told: str) -> str:
    """The id of a contact whose source gives none.

    Args:
        told: A JSON list of its name, company and numbers, each in E.164 or, where it
            has no such form, as it was written.
    """
    digest = hashlib.blake2b(told.encode(), digest_size=_KEY_BYTES)
    return f"content-{digest.hexdigest()}"


def _content_id_of(contact: Contact) -> str:
    numbers = (n.e164 or n.raw for n in contact.numbers)
    return content_id(texts_to_json((contact.name, contact.company, *numbers)))


def found_contact(row: Sequence[Any]) -> FoundContact:
    """What ``COLUMNS`` selected."""
    (*texts, emails, url, at, imported_at) = row
    source, label, source_id, name, company, title, numbers = texts
    contact = Contact(
        source=source,
        source_id=source_id,
        name=name,
        company=company,
        job_title=title,
        numbers=_numbers(numbers),
        emails=texts_from_json(emails),
        url=url,
        updated_at=from_micros_or_none(at),
    )
    told_at = from_micros_or_none(imported_at) if at is None else None
    return FoundContact(contact, label or source, told_at)


def _numbers(text: str) -> tuple[ContactNumber, ...]:
    if text == "[]":
        return ()
    return tuple(ContactNumber(*parts) for parts in json.loads(text))


def keys_of_numbers(text: str) -> tuple[int, ...]:
    """What the column ``numbers`` of a contact has in ``contact_numbers``."""
    return _keys(_numbers(text))


def next_contact_no(connection: sqlite3.Connection) -> int:
    """A number never used for any contact before."""
    row = connection.execute(
        "SELECT seq FROM sqlite_sequence WHERE name = 'contacts'"
    ).fetchone()
    return int(row[0]) + 1 if row else 1


def insert_contacts(
    connection: sqlite3.Connection,
    source_no: int,
    generation: int,
    contacts: Sequence[NewContact],
) -> int:
    """Write contacts with their index entries; doubles of an id are passed over.

    Returns:
        How many were written.
    """
    first = next_contact_no(connection)
    before = connection.total_changes
    connection.executemany(
        INSERT,
        [
            (first + offset, source_no, contact.source_id, generation, *contact.columns)
            for offset, contact in enumerate(contacts)
        ],
    )
    written = connection.total_changes - before
    connection.executemany(
        INSERT_NUMBER,
        # In order, so that neighbours in the index are written together.
        sorted(
            (key, first + offset)
            for offset, contact in enumerate(contacts)
            for key in contact.keys
        ),
    )
    connection.execute(INDEX_WORDS, (first, first + len(contacts) - 1))
    return written


def delete_contacts(connection: sqlite3.Connection, contact_nos: Sequence[int]) -> None:
    """Remove contacts with all their index entries."""
    doomed = {"doomed": json.dumps(list(contact_nos))}
    rows = connection.execute(
        f"SELECT contact_no, numbers FROM contacts WHERE contact_no IN {_DOOMED}",  # noqa: S608 - fixed texts only; so below
        doomed,
    ).fetchall()
    # In order, so that neighbours in the index are removed together.
    keys = sorted(
        (key, contact_no)
        for contact_no, numbers in rows
        for key in keys_of_numbers(numbers)
    )
    connection.executemany(
        "DELETE FROM contact_numbers WHERE number_key = ? AND contact_no = ?", keys
    )
    # The index keeps no text of its own: it is told what to forget.
    connection.execute(
        "INSERT INTO contact_search (contact_search, rowid, search_text)"  # noqa: S608
        " SELECT 'delete', contact_no, search_text FROM contacts"
        f" WHERE contact_no IN {_DOOMED}",
        doomed,
    )
    connection.execute(f"DELETE FROM contacts WHERE contact_no IN {_DOOMED}", doomed)  # noqa: S608


def source_no(connection: sqlite3.Connection, source: str, label: str = "") -> int:
    """The number of a source, made when it is new; a given ``label`` is kept."""
    connection.execute(
        "INSERT INTO contact_sources (source, label) VALUES (?, ?)"
        " ON CONFLICT (source) DO UPDATE SET label ="
        " CASE excluded.label WHEN '' THEN label ELSE excluded.label END",
        (storable(source), storable(label)),
    )
    row = connection.execute(
        "SELECT source_no FROM contact_sources WHERE source = ?", (storable(source),)
    ).fetchone()
    return int(row[0])
