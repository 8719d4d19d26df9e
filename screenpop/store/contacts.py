"""The local directory: who has this number, and search as you type."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.contacts import Contact, ContactMatch, MatchQuality
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros_or_none, to_json
from screenpop.store.contact_rows import (
    COLUMNS,
    END_DIGITS,
    FROM_VISIBLE,
    FoundContact,
    delete_contacts,
    e164_key,
    end_keys,
    extension_key,
    found_contact,
    insert_contacts,
    new_contact,
    number_key,
    shares_ending,
    source_no,
)
from screenpop.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.store.database import Database

LOCAL: Final = "local"
LOCAL_LABEL: Final = marked("Contacts")
_MOST_MATCHES: Final = 50
_BRAZIL: Final = "+55"
_BRAZILIAN_MOBILE_LENGTH: Final = 9

# The order of the joins is told, as SQLite knows nothing of how many rows to expect.
_BY_KEY: Final = f"""SELECT {COLUMNS} FROM contact_numbers AS k
    CROSS JOIN {FROM_VISIBLE}
    WHERE k.number_key = ? AND c.contact_no = k.contact_no LIMIT {_MOST_MATCHES}
"""  # noqa: S608 - fixed texts only; so below
_BY_END: Final = f"""SELECT {COLUMNS} FROM contact_numbers AS k
    CROSS JOIN {FROM_VISIBLE}
    WHERE k.number_key > 0 AND k.number_key % 1000000000 = ?
    AND c.contact_no = k.contact_no LIMIT {_MOST_MATCHES}
"""  # noqa: S608
_BY_NOS: Final = f"""SELECT {COLUMNS}, c.contact_no FROM json_each(?) AS chosen
    CROSS JOIN {FROM_VISIBLE} WHERE c.contact_no = chosen.value
"""  # noqa: S608
_BY_ID: Final = f"""SELECT {COLUMNS}, c.contact_no FROM {FROM_VISIBLE}
    WHERE s.source = ? AND c.source_id = ?
"""  # noqa: S608
_COUNT: Final = f"SELECT count(*) FROM {FROM_VISIBLE} WHERE c.source_no = ?"  # noqa: S608


@frozen(kw_only=True)
class SourceSummary:
    """One source of the local directory.

    Attributes:
        label: Its name for the user.
        imported_at: When it was last imported or brought up to date; None for never.
    """

    source: str
    label: str
    contacts: int
    imported_at: datetime | None


class LocalContacts:
    """All contacts known on this machine, of every source.

    Methods that read answer at once and raise StoreError or one of its kin; so do
    the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    # --- who is it ------------------------------------------------------------------

    def match_number(
        self, e164: str, national_number: str = ""
    ) -> tuple[ContactMatch, ...]:
        """Contacts with this number; failing that, those with the same last digits.

        Args:
            e164: The number in E.164; "" when it has no such form.
            national_number: Its national part, or its digits as sent, for the last
                digits; fewer than eight digits match nothing.
        """
        key = e164_key(e164)
        found = self._found(_BY_KEY, key) if key is not None else ()
        if found:
            return tuple(_exact(each, e164) for each in found)
        ends = _ends(e164, national_number)
        probable: dict[tuple[str, str], ContactMatch] = {}
        for end in ends:
            for each in self._found(_BY_END, end):
                match = _probable(each, ends)
                contact = match.contact
                probable.setdefault((contact.source, contact.source_id), match)
        return tuple(probable.values())

    def match_extension(self, extension: str) -> tuple[ContactMatch, ...]:
        """Contacts with exactly this extension."""
        key = extension_key(extension)
        found = self._found(_BY_KEY, key) if key is not None else ()
        return tuple(
            ContactMatch(
                contact=each.contact,
                quality=MatchQuality.EXACT,
                reason=tr("same extension"),
                source_label=_label(each),
                told_at=each.told_at,
            )
            for each in found
        )

    # --- search as you type -----------------------------------------------------------

    def search(
        self, text: str, *, limit: int = 20, number_prefixes: Sequence[str] = ()
    ) -> tuple[Contact, ...]:
        """Contacts for what was typed so far, the likeliest first.

        Every word must begin a word of name or company; case and accents are alike.
        Digits also match the beginning of a number or extension, eight or more its
        end.

        Args:
            text: As typed; "" finds nothing.
            limit: How many at most.
            number_prefixes: Other beginnings of an E.164 number that the typed digits
                may mean, digits only: for "0655" in Italy also "390655".
        """
        # Late: most hours nobody searches.
        from screenpop.store.contact_search import find_contacts

        def work(connection: sqlite3.Connection) -> list[Any]:
            ranked = find_contacts(connection, text, number_prefixes)[:limit]
            chosen = connection.execute(_BY_NOS, (to_json(ranked),)).fetchall()
            # One may have gone in this moment.
            return sorted(chosen, key=lambda row: ranked.index(row[-1]))

        rows = self._database.read(work)
        return tuple(found_contact(row[:-1]).contact for row in rows)

    # --- single contacts --------------------------------------------------------------

    def get(self, source: str, source_id: str) -> Contact | None:
        """One contact."""
        found = self._found(_BY_ID, storable(source), storable(source_id))
        return found[0].contact if found else None

    def save(self, contact: Contact, *, source_label: str = "") -> Future[Contact]:
        """Store a new contact, or put it in place of the one with the same id.

        The future gives it as stored: a new one of the source "local" (``LOCAL``) has
        an id by then.
        """
        kept = contact
        if not contact.source_id and contact.source == LOCAL:
            import uuid  # late, as it is large and few contacts are made by hand

            kept = replace(contact, source_id=str(uuid.uuid4()))
        row = new_contact(kept)
        kept = replace(kept, source_id=row.source_id)
        label = source_label or (LOCAL_LABEL if kept.source == LOCAL else "")

        def work(connection: sqlite3.Connection) -> Contact:
            number = source_no(connection, kept.source, label)
            delete_contacts(connection, _nos(connection, kept.source, kept.source_id))
            (visible,) = connection.execute(
                "SELECT visible FROM contact_sources WHERE source_no = ?", (number,)
            ).fetchone()
            insert_contacts(connection, number, visible, [row])
            return kept

        return self._database.submit(work)

    def delete(self, source: str, source_id: str) -> Future[bool]:
        """Remove one contact; the future says whether there was one."""

        def work(connection: sqlite3.Connection) -> bool:
            doomed = _nos(connection, source, source_id)
            delete_contacts(connection, doomed)
            return bool(doomed)

        return self._database.submit(work)

    def forget(self, e164: str) -> Future[int]:
        """Take a number out of every contact, and out with those that had no other.

        The future gives how many contacts had it. A source that is imported again
        brings it back.
        """
        key = e164_key(e164)

        def work(connection: sqlite3.Connection) -> int:
            holders = connection.execute(
                "SELECT c.contact_no, c.source_no, c.generation"
                " FROM contact_numbers AS k JOIN contacts AS c USING (contact_no)"
                " WHERE k.number_key = ?",
                (key,),
            ).fetchall()
            for contact_no, source, generation in holders:
                _forget_in(connection, contact_no, source, generation, key)
            return len(holders)

        return self._database.submit(work)

    # --- the whole ------------------------------------------------------------------

    def count(self) -> int:
        """How many contacts there are; it reads through an index of all."""
        return sum(each.contacts for each in self.sources())

    def sources(self) -> tuple[SourceSummary, ...]:
        """Every source with its number of contacts."""
        return self._database.read(
            lambda c: tuple(
                SourceSummary(
                    source=source,
                    label=label or source,
                    contacts=c.execute(_COUNT, (number,)).fetchone()[0],
                    imported_at=from_micros_or_none(imported_at),
                )
                for number, source, label, imported_at in c.execute(
                    "SELECT source_no, source, label, imported_at FROM contact_sources"
                    " ORDER BY source"
                ).fetchall()
            )
        )

    def _found(self, query: str, *values: object) -> tuple[FoundContact, ...]:
        rows = self._database.read(lambda c: c.execute(query, values).fetchall())
        return tuple(found_contact(row[:11]) for row in rows)


# --- matching -------------------------------------------------------------------------


def _ends(e164: str, national_number: str) -> tuple[int, ...]:
    """The endings under which a number may be kept.

    Brazil put a 9 before its mobile numbers until 2016: what was written down before
    lacks it.
    """
    ends = end_keys(national_number)
    if not e164.startswith(_BRAZIL):
        return ends
    area, line = national_number[:2], national_number[2:]
    if len(line) == _BRAZILIAN_MOBILE_LENGTH and line[0] == "9":
        return (*ends, *end_keys(area + line[1:]))
    if len(line) == _BRAZILIAN_MOBILE_LENGTH - 1 and line[0] in "6789":
        return (*ends, *end_keys(f"{area}9{line}"))
    return ends


def _label(found: FoundContact) -> str:
    """What people call the source, in the language that is spoken now."""
    is_local = found.contact.source == LOCAL
    return tr_marked(LOCAL_LABEL) if is_local else found.source_label


def _exact(found: FoundContact, e164: str) -> ContactMatch:
    label = next((n.label for n in found.contact.numbers if n.e164 == e164), "")
    return ContactMatch(
        contact=found.contact,
        quality=MatchQuality.EXACT,
        reason=tr("same number, {label}", label=label) if label else tr("same number"),
        source_label=_label(found),
        told_at=found.told_at,
    )


def _probable(found: FoundContact, ends: Iterable[int]) -> ContactMatch:
    keyed = ((number, number_key(number)) for number in found.contact.numbers)
    label = next(
        (n.label for n, key in keyed if key is not None and shares_ending(key, ends)),
        "",
    )
    count = END_DIGITS if len(tuple(ends)) == 1 else END_DIGITS - 1
    return ContactMatch(
        contact=found.contact,
        quality=MatchQuality.PROBABLE,
        reason=tr("same last {count} digits, {label}", count=count, label=label)
        if label
        else tr("same last {count} digits", count=count),
        source_label=_label(found),
        told_at=found.told_at,
    )


# --- changing -------------------------------------------------------------------------


def _nos(connection: sqlite3.Connection, source: str, source_id: str) -> list[int]:
    """Every row of a contact, of whichever generation that is not being imported."""
    rows = connection.execute(
        "SELECT c.contact_no FROM contacts AS c JOIN contact_sources AS s"
        " USING (source_no) WHERE s.source = ? AND c.source_id = ?"
        " AND c.generation <= s.visible",
        (storable(source), storable(source_id)),
    )
    return [contact_no for (contact_no,) in rows]


def _forget_in(
    connection: sqlite3.Connection,
    contact_no: int,
    source: int,
    generation: int,
    key: int | None,
) -> None:
    row = connection.execute(
        f"SELECT {COLUMNS} FROM contacts AS c JOIN contact_sources AS s"  # noqa: S608
        " USING (source_no) WHERE c.contact_no = ?",
        (contact_no,),
    ).fetchone()
    contact = found_contact(row).contact
    left = tuple(each for each in contact.numbers if number_key(each) != key)
    delete_contacts(connection, [contact_no])
    if left:
        kept = new_contact(replace(contact, numbers=left))
        insert_contacts(connection, source, generation, [kept])
