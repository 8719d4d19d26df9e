"""Find a phone number wherever somebody wrote it, and take it out of their words."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from screenpop.domain.number_text import clean
from screenpop.store.contact_rows import (
    COLUMNS,
    delete_contacts,
    found_contact,
    insert_contacts,
    new_contact,
)
from screenpop.store.contact_sweep import TURN_SECONDS

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

    from screenpop.domain.contacts import Contact
    from screenpop.store.database import Database

_BLANK: Final = "\N{HORIZONTAL ELLIPSIS}"
_STEP: Final = 500
_MERGED_PAGES: Final = 500
# One is the command itself.
_CHANGES_OF_A_MERGE: Final = 2
_BETWEEN: Final = r"(?:[\s().\-/]|%20){0,3}"
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
# Texts of a user or a vendor that outlive the number's own calls: table and columns.
_TEXTS: Final = (
    ("notes", ("text", "search_text")),
    ("note_outbox", ("text",)),
    ("lost_callers", ("name",)),
    ("chosen_people", ("name",)),
    ("same_people", ("name",)),
    ("calls", ("matched_name", "matched_company", "match_text")),
)
_TEXT_OF_CONTACT: Final = "name || ' ' || company || ' ' || job_title || ' ' || url"
_HOLDERS: Final = f"""SELECT contact_no FROM contacts
    WHERE contact_no > ? AND numbers || {_TEXT_OF_CONTACT} || emails GLOB ?
    ORDER BY contact_no LIMIT {_STEP}
"""  # noqa: S608 - fixed texts only; so below


class Mention:
    """A number in any spelling, but not as a part of a longer one."""

    def __init__(self, calling_code: str, national: str) -> None:
        """What is looked for.

        Args:
            calling_code: "39".
            national: The national number, "0655501234".
        """
        self.national = national
        digits = _BETWEEN.join(national)
        self._pattern = re.compile(
            rf"(?<!\d)\+?(?:(?:00|011)?{calling_code}{_BETWEEN})?\d?{_BETWEEN}"
            rf"{digits}(?!\d)"
        )

    def is_in(self, text: str) -> bool:
        """Whether ``text`` names the number, as it stands or behind its escapes."""
        if self._pattern.search(text):
            return True
        if text.isascii() and "%" not in text and "\\u" not in text:
            return False
        plain = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), unquote(text))
        return self._pattern.search(clean(plain)) is not None

    def blanked(self, text: str) -> str:
        """``text`` with an ellipsis in place of the number."""
        return self._pattern.sub(_BLANK, text)


def blank_texts(database: Database, mention: Mention) -> int:
    """Take the number out of notes and names that stay; returns out of how many.

    It blocks.

    Raises:
        StoreError: Or one of its kin.
    """
    return database.submit(partial(_blank_texts, mention=mention)).result()


def blank_contacts(database: Database, mention: Mention) -> int:
    """Take the number out of contacts that have it elsewhere than as their number.

    Such as in a name, or in a number that nobody could read. It blocks: it goes through
    all contacts, but holds the writer for moments only.

    Returns:
        How many contacts that were.

    Raises:
        StoreError: Or one of its kin.
    """
    # Cheaper than a pattern of separators, and finds all that it would, and more.
    rough = f"*{'*'.join(mention.national)}*"
    after = changed = 0
    while nos := database.read(
        lambda c, after=after: c.execute(_HOLDERS, (after, rough)).fetchall()  # type: ignore[misc]
    ):
        changed += database.submit(
            partial(_blank_contacts, nos=nos, mention=mention)
        ).result()
        after = nos[-1][0]
    return changed


def drop_old_words(database: Database) -> None:
    """Take words of contacts that are gone out of the search index.

    It keeps them until it is merged by itself. It blocks, for a minute where there are
    ten million contacts, but holds the writer for moments only.

    Raises:
        StoreError: Or one of its kin.
    """
    # Below zero: all of the index and not only what is due (sqlite.org/fts5.html, 6.8).
    pages = -_MERGED_PAGES
    while database.submit(partial(_merge, pages=pages), is_durable=False).result():
        pages = _MERGED_PAGES
        time.sleep(TURN_SECONDS)


def _merge(connection: sqlite3.Connection, pages: int) -> bool:
    """Merge a part of the index; whether there is more."""
    connection.execute("PRAGMA secure_delete=ON")
    before = connection.total_changes
    connection.execute(
        "INSERT INTO contact_search (contact_search, rank) VALUES ('merge', ?)",
        (pages,),
    )
    return connection.total_changes - before >= _CHANGES_OF_A_MERGE


def _blank_texts(connection: sqlite3.Connection, mention: Mention) -> int:
    connection.execute("PRAGMA secure_delete=ON")
    changed = 0
    for table, columns in _TEXTS:
        keys = [
            name
            for _, name, _, _, _, place in connection.execute(
                f"PRAGMA table_info({table})"
            )
            if place
        ]
        rows = connection.execute(
            f"SELECT {', '.join((*keys, *columns))} FROM {table}"  # noqa: S608
        ).fetchall()
        for row in rows:
            texts = row[len(keys) :]
            blanked = [mention.blanked(text) for text in texts]
            if blanked != list(texts):
                changed += 1
                _update(
                    connection, table, (keys, columns), (*blanked, *row[: len(keys)])
                )
    return changed


def _update(
    connection: sqlite3.Connection,
    table: str,
    names: tuple[Sequence[str], Sequence[str]],
    values: tuple[Any, ...],
) -> None:
    keys, columns = names
    connection.execute(
        f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in columns)}"  # noqa: S608
        f" WHERE {' AND '.join(f'{name} = ?' for name in keys)}",
        values,
    )


def _blank_contacts(
    connection: sqlite3.Connection, nos: Sequence[tuple[int]], mention: Mention
) -> int:
    connection.execute("PRAGMA secure_delete=ON")
    changed = 0
    for (contact_no,) in nos:
        row = connection.execute(
            f"SELECT {COLUMNS}, c.source_no, c.generation FROM contacts AS c"  # noqa: S608
            " JOIN contact_sources AS s USING (source_no) WHERE c.contact_no = ?",
            (contact_no,),
        ).fetchone()
        if row is None:
            continue
        *columns, source, generation = row
        contact = found_contact(columns).contact
        kept = _without(contact, mention)
        if kept == contact:
            continue
        changed += 1
        delete_contacts(connection, [contact_no])
        if kept.numbers or not contact.numbers:
            insert_contacts(connection, source, generation, [new_contact(kept)])
    return changed


def _without(contact: Contact, mention: Mention) -> Contact:
    blanked = mention.blanked
    return replace(
        contact,
        name=blanked(contact.name),
        company=blanked(contact.company),
        job_title=blanked(contact.job_title),
        url="" if mention.is_in(contact.url) else contact.url,
        numbers=tuple(one for one in contact.numbers if not mention.is_in(one.raw)),
        emails=tuple(one for one in contact.emails if not mention.is_in(one)),
    )
