"""An import is seen as a whole or not at all."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import pytest

from screenpop.domain.contact_columns import ContactColumns
from screenpop.domain.errors import StoreError, StoreFull
from screenpop.store.contact_batches import new_contacts
from screenpop.store.contact_bulk import packed
from screenpop.store.contact_import import MANY, ContactImport
from screenpop.store.contact_rows import delete_contacts
from screenpop.store.contact_sweep import remove_source, sweep
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from tests.builders import LONDON, MOBILE, a_contact

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from screenpop.domain.contacts import Contact
    from screenpop.store.contact_import import ImportResult

PATIENCE: Final = 20


def numbered(count: int, word: str = "Number") -> list[Contact]:
    """So many contacts, with ids and numbers of their own."""
    return [
        a_contact(f"{word} {n}", f"+4420794{n:05}", source="crm", source_id=str(n))
        for n in range(count)
    ]


def imported(
    database: Database, contacts: Iterable[Contact], *, replaces: bool, many: int = MANY
) -> ImportResult:
    into = ContactImport(database, "crm", label="Our CRM", replaces=replaces, many=many)
    into.begin()
    into.add_batch(list(contacts))
    return into.finish()


def stored_rows(database: Database) -> tuple[int, int, int]:
    """Rows in the tables themselves, seen or not; and hits in the word index."""
    return database.read(
        lambda c: (
            c.execute("SELECT count(*) FROM contacts").fetchone()[0],
            c.execute("SELECT count(*) FROM contact_numbers").fetchone()[0],
            c.execute(
                "SELECT count(*) FROM contact_search WHERE contact_search MATCH 'n*'"
            ).fetchone()[0],
        )
    )


def test_an_import_is_found_when_it_is_finished(
    database: Database, contacts: LocalContacts
) -> None:
    into = ContactImport(database, "crm", label="Our CRM", replaces=True)
    into.begin()
    into.add_batch(numbered(3))
    into.add_batch(numbered(5)[3:])
    assert contacts.count() == 0
    assert contacts.search("number") == ()
    assert contacts.match_number("+442079400001", "2079400001") == ()
    result = into.finish()
    assert (result.contacts, result.doubles, result.removed) == (5, 0, 0)
    assert contacts.count() == 5
    assert len(contacts.search("number")) == 5
    (match,) = contacts.match_number("+442079400001")
    assert (match.contact.name, match.source_label) == ("Number 1", "Our CRM")
    assert contacts.sources()[0].imported_at is not None


def test_an_imported_contact_of_ones_own_is_told_to_be_in_the_contacts(
    database: Database, contacts: LocalContacts
) -> None:
    into = ContactImport(database, "local", replaces=False)
    into.begin()
    into.add_batch(numbered(2))
    into.finish()
    (match,) = contacts.match_number("+442079400001")
    assert match.source_label == "Contacts"


def test_an_import_larger_than_a_step_is_whole(
    database: Database, contacts: LocalContacts
) -> None:
    result = imported(database, numbered(10_050), replaces=True)
    assert result.contacts == contacts.count() == 10_050


def test_what_no_longer_comes_is_gone_after_a_replacing_import(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(10), replaces=True)
    result = imported(database, numbered(4, "New"), replaces=True)
    assert (result.contacts, result.removed) == (4, 10)
    assert contacts.count() == 4
    assert contacts.search("number") == ()
    assert contacts.match_number("+442079400009") == ()
    assert stored_rows(database) == (4, 4, 4)


def test_an_adding_import_renews_what_comes_and_keeps_the_rest(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(3), replaces=False)
    moved = a_contact("Newname", MOBILE, source="crm", source_id="1")
    result = imported(database, [moved], replaces=False)
    assert (result.contacts, result.removed) == (1, 1)
    assert contacts.count() == 3
    assert contacts.match_number("+442079400001") == ()
    assert contacts.get("crm", "1") == moved
    assert [c.name for c in contacts.search("n")] == ["Newname", "Number 0", "Number 2"]


def test_other_sources_are_left_alone(
    database: Database, contacts: LocalContacts
) -> None:
    contacts.save(a_contact("Nora Local", LONDON)).result()
    imported(database, numbered(2), replaces=True)
    imported(database, [], replaces=True)
    assert [c.name for c in contacts.search("n")] == ["Nora Local"]


def test_a_contact_that_comes_twice_counts_once_as_first_read(
    database: Database, contacts: LocalContacts
) -> None:
    doubled = [*numbered(3), *numbered(3, "Again")]
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    into.add_batch(doubled)
    into.add_batch(doubled)
    result = into.finish()
    assert (result.contacts, result.doubles) == (3, 9)
    assert contacts.search("again") == ()
    assert stored_rows(database) == (3, 3, 3)
    imported(database, numbered(20), replaces=True)
    assert all(
        match.contact.numbers[0].e164 == f"+4420794{n:05}"
        for n in range(20)
        for match in contacts.match_number(f"+4420794{n:05}")
    )


def test_a_contact_without_an_id_is_known_again_by_its_content(
    database: Database, contacts: LocalContacts
) -> None:
    nameless = [a_contact("Ann", LONDON, source="crm"), a_contact("Bob", source="crm")]
    imported(database, nameless, replaces=False)
    imported(database, nameless, replaces=False)
    assert contacts.count() == 2


def test_an_abandoned_import_leaves_no_trace(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(2), replaces=True)
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    into.add_batch(numbered(5, "New"))
    into.abandon()
    assert contacts.search("new") == ()
    assert stored_rows(database) == (2, 2, 2)
    with pytest.raises(StoreError):
        into.finish()


def test_a_later_import_ends_an_earlier_one(
    database: Database, contacts: LocalContacts
) -> None:
    earlier = ContactImport(database, "crm", replaces=False)
    earlier.begin()
    earlier.add_batch(numbered(5, "Nobody"))
    later = ContactImport(database, "crm", replaces=False)
    later.begin()
    later.add_batch(numbered(2))
    with pytest.raises(StoreError, match="ended"):
        earlier.finish()
    assert later.finish().contacts == 2
    assert contacts.count() == 2
    assert stored_rows(database) == (2, 2, 2)


def test_deliveries_get_their_turn_while_a_large_import_is_written(
    database: Database,
) -> None:
    """As with the app and its worker: each has the file open for itself."""
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    many = list(packed(new_contacts(ContactColumns.of(numbered(20_000)))))
    turns = 0
    with Database(database.path) as app, ThreadPoolExecutor(1) as worker:
        importing = worker.submit(into.add_packs, many)
        while not importing.done():
            app.submit(lambda c: c.execute("UPDATE contact_sources SET label = ''"))
            app.submit(lambda _: None).result(PATIENCE)
            turns += not importing.done()
    assert turns >= 3
    assert into.finish().contacts == 20_000


def test_calls_find_the_old_contacts_until_the_new_ones_are_whole(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(2), replaces=True)
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    into.add_batch(numbered(2, "New"))
    (match,) = contacts.match_number("+442079400001")
    assert match.contact.name == "Number 1"
    into.finish()
    (match,) = contacts.match_number("+442079400001")
    assert match.contact.name == "New 1"


_IMPORT = """
import sys
from pathlib import Path
from screenpop.store.contact_import import ContactImport
from screenpop.store.database import Database
from tests.store.test_contact_import import numbered

with Database(Path(sys.argv[1])) as database:
    into = ContactImport(database, "crm", replaces=False)
    into.begin()
    into.add_batch(numbered(200, "New"))
    into.add_batch([])
    database.submit(lambda _: None).result()
    print("half way", flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_import_is_never_seen(path: Path) -> None:
    with Database(path) as database:
        imported(database, numbered(2), replaces=False)
        process = subprocess.Popen(
            [sys.executable, "-c", _IMPORT, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "half way\n"
        process.kill()
        process.communicate(timeout=30)
        assert process.returncode == -signal.SIGKILL
        assert stored_rows(database)[0] == 202
        assert LocalContacts(database).count() == 2
        # It may still be at work for all we know.
        assert sweep(database) == 0
        imported(database, numbered(3), replaces=False)
        assert LocalContacts(database).count() == 3
        assert stored_rows(database) == (3, 3, 3)


# --- taken up -------------------------------------------------------------------------


def died_after(database: Database, contacts: list[Contact], work: str) -> ContactImport:
    """An import that brought these and was heard of no more."""
    into = ContactImport(database, "crm", replaces=False, work=work)
    assert into.begin() == 0
    into.add_batch(contacts)
    database.submit(lambda _: None).result()
    return into


def test_an_import_that_died_is_taken_up_where_it_was(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(3, "Old"), replaces=False)
    died_after(database, [*numbered(20), *numbered(2)], "file-1")
    into = ContactImport(database, "crm", replaces=False, work="file-1")
    assert into.begin() == 22
    assert contacts.count() == 3
    into.add_batch([*numbered(30)[20:], *numbered(1)])
    result = into.finish()
    assert (result.contacts, result.doubles, result.removed) == (30, 3, 3)
    assert contacts.count() == 30
    assert stored_rows(database) == (30, 30, 30)
    again = ContactImport(database, "crm", replaces=False, work="file-1")
    assert again.begin() == 0


def test_numbers_that_were_kept_back_by_an_import_that_died_are_found(
    database: Database, contacts: LocalContacts
) -> None:
    many = [
        a_contact(f"Number {n}", f"+44207{n:07}", source="crm", source_id=str(n))
        for n in range(46_000)
    ]
    # Those of the first forty thousand are written, those of the rest are not.
    died_after(database, many[:44_000], "file-1")
    assert 40_000 <= stored_rows(database)[1] < 44_000
    into = ContactImport(database, "crm", replaces=False, work="file-1")
    assert into.begin() == 44_000
    into.add_batch(many[44_000:])
    assert into.finish().contacts == 46_000
    assert stored_rows(database) == (46_000, 46_000, 46_000)
    for n in (0, 39_999, 43_999, 45_999):
        (match,) = contacts.match_number(f"+44207{n:07}")
        assert match.contact.name == f"Number {n}"


def test_no_number_is_kept_of_a_contact_that_is_removed_meanwhile(
    database: Database, contacts: LocalContacts
) -> None:
    died_after(database, numbered(4), "file-1")
    into = ContactImport(database, "crm", replaces=False, work="file-1")
    assert into.begin() == 4
    into.add_batch(numbered(9)[4:])
    # So a number is forgotten, or somebody's name.
    database.submit(lambda c: delete_contacts(c, [2, 7])).result()
    into.finish()
    assert stored_rows(database) == (7, 7, 7)
    assert contacts.match_number("+442079400001") == ()
    assert contacts.match_number("+442079400008") != ()


def test_other_work_is_not_taken_up(
    database: Database, contacts: LocalContacts
) -> None:
    died_after(database, numbered(20), "file-1")
    assert ContactImport(database, "crm", replaces=False, work="file-2").begin() == 0
    into = ContactImport(database, "crm", replaces=False)
    assert into.begin() == 0
    into.add_batch(numbered(2))
    assert into.finish().contacts == contacts.count() == 2
    assert stored_rows(database) == (2, 2, 2)


def test_a_cancelled_import_is_not_taken_up(database: Database) -> None:
    died_after(database, numbered(20), "file-1").abandon()
    again = ContactImport(database, "crm", replaces=False, work="file-1")
    assert again.begin() == 0
    assert stored_rows(database) == (0, 0, 0)


def test_whoever_was_taken_over_is_told(
    database: Database, contacts: LocalContacts
) -> None:
    slow = died_after(database, numbered(20), "file-1")
    quick = ContactImport(database, "crm", replaces=False, work="file-1")
    assert quick.begin() == 20
    slow.abandon()
    with pytest.raises(StoreError, match="ended"):
        slow.finish()
    assert quick.finish().contacts == contacts.count() == 20


def _all_of(into: ContactImport, contacts: list[Contact]) -> None:
    """Steps are written behind the caller's back: which call tells is not said."""
    into.add_batch(contacts)
    into.finish()


def test_a_full_disk_leaves_everything_as_it_was(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(3, "Old"), replaces=False)

    def fill(connection: sqlite3.Connection) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 20}")

    def make_room(connection: sqlite3.Connection) -> None:
        connection.execute("PRAGMA max_page_count=1073741823")

    into = ContactImport(database, "crm", replaces=True, work="file-1")
    into.begin()
    into.add_batch(numbered(100))
    database.submit(fill).result()
    with pytest.raises(StoreFull):
        _all_of(into, numbered(9_000)[100:])
    assert [each.name for each in contacts.search("old")] == ["Old 0", "Old 1", "Old 2"]
    assert contacts.count() == 3
    database.submit(make_room).result()
    again = ContactImport(database, "crm", replaces=True, work="file-1")
    assert again.begin() == 100
    again.add_batch(numbered(9_000)[100:])
    assert again.finish().contacts == contacts.count() == 9_000
    assert contacts.search("old") == ()


def test_what_a_long_dead_import_left_is_swept(
    database: Database, contacts: LocalContacts
) -> None:
    into = ContactImport(database, "crm", replaces=True)
    into.begin()
    into.add_batch(numbered(3))

    def long_ago(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE contact_sources SET touched_at = 0")

    database.submit(long_ago).result()
    assert sweep(database) == 3
    assert stored_rows(database) == (0, 0, 0)
    with pytest.raises(StoreError, match="ended"):
        into.finish()
    assert contacts.count() == 0


def test_a_removed_source_is_gone_and_may_come_again(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(3), replaces=True)
    contacts.save(a_contact("Nora Local", LONDON)).result()
    assert remove_source(database, "crm") == 3
    assert remove_source(database, "crm") == 0
    assert remove_source(database, "never seen") == 0
    assert contacts.count() == 1
    imported(database, numbered(2), replaces=False)
    assert contacts.count() == 3


def test_the_word_index_stays_sound(
    database: Database, contacts: LocalContacts
) -> None:
    for round_number in range(4):
        people = numbered(50, f"N{round_number}")
        # As after a large import: its parts are brought together.
        imported(database, people, replaces=round_number % 2 == 0, many=1)

    def check(connection: sqlite3.Connection) -> None:
        connection.execute(
            "INSERT INTO contact_search (contact_search, rank)"
            " VALUES ('integrity-check', 1)"
        )

    database.submit(check).result()
    assert len(contacts.search("n3", limit=100)) == 50
    assert contacts.search("n1") == ()


def test_saving_between_imports_survives_them(
    database: Database, contacts: LocalContacts
) -> None:
    imported(database, numbered(1), replaces=False)
    contacts.save(a_contact("Nina Late", source="crm", source_id="late")).result()
    imported(database, numbered(2), replaces=False)
    assert contacts.count() == 3
    assert [c.name for c in contacts.search("nina")] == ["Nina Late"]
