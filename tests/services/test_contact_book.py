"""The contact book: a file comes in whole or not at all, and numbers are forgotten."""

from __future__ import annotations

import asyncio
import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.contacts import ContactDraft
from screenpop.domain.errors import ImportFailed, UsageError
from screenpop.lookup.csv_contacts import inspect_csv
from screenpop.lookup.vcard_files import VCardContents
from screenpop.services import import_reader
from screenpop.services.connections import Connections
from screenpop.services.contact_book import ContactBook, number_prefixes
from screenpop.services.import_process import ImportProcess
from screenpop.services.import_worker import ImportJob, bring_in
from screenpop.services.own_program import own_command, without_console
from screenpop.store.call_log import CallLog
from screenpop.store.contact_import import ContactImport
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from tests.builders import LONDON, OTHER_LONDON, a_contact, a_row
from tests.waiting import until

if TYPE_CHECKING:
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.csv_columns import ColumnGuess

PATIENCE = 20


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with Database(tmp_path / "screenpop.db") as database:
        yield database


@pytest.fixture
def forgotten() -> list[PhoneNumber]:
    return []


@pytest.fixture
def local(database: Database) -> LocalContacts:
    return LocalContacts(database)


@pytest.fixture
def book(
    database: Database, local: LocalContacts, forgotten: list[PhoneNumber]
) -> ContactBook:
    return ContactBook(
        local=local,
        connections=Connections(MemorySecretStore()),
        database_file=database.path,
        region="GB",
        changed=forgotten.extend,
    )


def _file(folder: Path, rows: int) -> Path:
    path = folder / "people.csv"
    lines = (
        f"Person {number},+44 20 7946 0{number % 1000:03}\n" for number in range(rows)
    )
    path.write_text("Name,Phone\n" + "".join(lines), encoding="utf-8")
    return path


async def _guess(book: ContactBook, path: Path) -> ColumnGuess | None:
    contents = await book.inspect_file(path)
    return None if isinstance(contents, VCardContents) else contents.guess


@pytest.fixture
def large_file(tmp_path: Path) -> Path:
    """Large enough to be stopped in the middle."""
    return _file(tmp_path, 60_000)


async def test_a_file_comes_in_and_its_progress_is_told(
    book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    told: list[int] = []
    path = _file(tmp_path, 5_000)
    report = await book.import_file(path, await _guess(book, path), told.append)
    assert (report.imported, report.skipped, report.is_stopped) == (5_000, 0, False)
    assert local.count() == 5_000
    assert told == sorted(told)
    assert told


async def test_a_stopped_import_leaves_everything_as_it_was(
    book: ContactBook, local: LocalContacts, large_file: Path
) -> None:
    guess = await _guess(book, large_file)
    report = await book.import_file(large_file, guess, lambda _: None, lambda: True)
    assert report.is_stopped
    assert local.count() == 0


async def test_a_cancelled_import_leaves_everything_as_it_was(
    book: ContactBook, local: LocalContacts, large_file: Path
) -> None:
    guess = await _guess(book, large_file)
    began = asyncio.Event()
    work = asyncio.ensure_future(
        book.import_file(large_file, guess, lambda _: began.set())
    )
    await asyncio.wait_for(began.wait(), PATIENCE)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert local.count() == 0


def _job(database: Database, path: Path, guess: ColumnGuess | None) -> ImportJob:
    return ImportJob(database_file=database.path, path=path, region="GB", guess=guess)


async def test_a_worker_that_dies_leaves_everything_as_it_was(
    database: Database, book: ContactBook, local: LocalContacts, large_file: Path
) -> None:
    guess = await _guess(book, large_file)
    process = ImportProcess(_job(database, large_file, guess))
    with pytest.raises(ImportFailed, match="ended unexpectedly"):
        await asyncio.to_thread(process.run, lambda _: process._process.kill())
    assert local.count() == 0
    small = _file(large_file.parent, 10)
    report = await book.import_file(small, guess, lambda _: None)
    assert (report.imported, local.count()) == (10, 10)


def _cards(path: Path, count: int, *, has_uid: bool = True) -> Path:
    card = (
        "BEGIN:VCARD\r\nVERSION:3.0\r\n{uid}FN:Person {n}\r\n"
        "TEL;TYPE=CELL:020 7946 0{n:03}\r\nEND:VCARD\r\n"
    )
    with path.open("w", encoding="utf-8", newline="") as stream:
        for n in range(count):
            uid = f"UID:8e5c2b6a-1111-4222-8333-{n:012}\r\n" if has_uid else ""
            stream.write(card.format(n=n % 1000, uid=uid))
    return path


async def test_a_killed_import_is_simply_started_again(
    database: Database, book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = _cards(tmp_path / "people.vcf", 10_000)
    assert await _guess(book, path) is None
    process = ImportProcess(_job(database, path, None))
    with pytest.raises(ImportFailed, match="ended unexpectedly"):
        await asyncio.to_thread(process.run, lambda _: process._process.kill())
    assert local.count() == 0
    for _ in range(2):
        report = await book.import_file(path, None, lambda _: None)
        assert (report.imported, report.doubles) == (10_000, 0)
        assert local.count() == 10_000


async def test_cards_without_a_name_of_their_own_are_not_doubled_either(
    book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = _cards(tmp_path / "people.vcf", 5, has_uid=False)
    path.write_bytes(path.read_bytes() * 2)
    for _ in range(2):
        report = await book.import_file(path, None, lambda _: None)
        assert (report.imported, report.doubles, local.count()) == (5, 5, 5)
    again = path.rename(tmp_path / "downloaded (1).vcf")
    await book.import_file(again, None, lambda _: None)
    assert local.count() == 5


async def test_broken_cards_cost_no_other_and_are_told(
    book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = _cards(tmp_path / "people.vcf", 3)
    with path.open("ab") as stream:
        stream.write(b"BEGIN:VCARD\nFN:Nobody\nEND:VCARD\nBEGIN:VCARD\nTEL:02")
    report = await book.import_file(path, None, lambda _: None)
    assert (report.imported, report.skipped, local.count()) == (3, 2, 3)
    assert report.problems[0].startswith("Line 19: it has no phone number")


async def test_numbers_that_nobody_can_read_are_counted(
    book: ContactBook, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,Phone,Mobile\nAnn,020 7946 0123,4.4E+11\nBob,soon,\n")
    report = await book.import_file(path, await _guess(book, path), lambda _: None)
    assert (report.imported, report.skipped, report.unreadable) == (1, 1, 2)
    path = path.with_suffix(".vcf")
    path.write_text("BEGIN:VCARD\nFN:Ann\nTEL:020 7946 0123\nTEL:soon\nEND:VCARD\n")
    report = await book.import_file(path, None, lambda _: None)
    assert (report.imported, report.unreadable) == (1, 1)


async def test_an_import_goes_on_where_its_worker_died(
    database: Database, book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = _file(tmp_path, 25_000)
    guess = await _guess(book, path)
    process = ImportProcess(_job(database, path, guess))

    def kill_on_the_way(count: int) -> None:
        if count >= 10_000:
            process._process.kill()

    with pytest.raises(ImportFailed, match="ended unexpectedly"):
        await asyncio.to_thread(process.run, kill_on_the_way)
    assert local.count() == 0
    report = await book.import_file(path, guess, lambda _: None)
    # The last steps before the kill may or may not have been written.
    assert report.taken_up >= 2_500
    assert (report.imported, report.doubles, local.count()) == (25_000, 0, 25_000)


def test_an_import_goes_on_where_its_reader_died(
    database: Database,
    local: LocalContacts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    readers: list[import_reader.ReadBeside] = []

    class Watched(import_reader.ReadBeside):
        def __init__(self, job: ImportJob) -> None:
            super().__init__(job)
            readers.append(self)

    def kill_on_the_way(count: int) -> None:
        if count >= 10_000:
            readers[0]._process.kill()

    monkeypatch.setattr(import_reader, "ReadBeside", Watched)
    # It reads half of that ahead.
    path = _file(tmp_path, 100_000)
    job = _job(database, path, inspect_csv(path).guess)
    with pytest.raises(ImportFailed, match="ended unexpectedly"):
        bring_in(job, kill_on_the_way, lambda: False, is_wanted=lambda: True)
    assert local.count() == 0
    report = bring_in(job, lambda _: None, lambda: False)
    assert report.taken_up >= 2_500
    assert report.imported == local.count()


def test_a_file_that_fails_on_the_way_is_told_by_its_reader(
    database: Database, local: LocalContacts, large_file: Path
) -> None:
    guess = inspect_csv(large_file).guess
    missing = large_file.rename(large_file.with_name("people-2.csv"))
    job = _job(database, missing, guess)
    reader = import_reader.ReadBeside(job)
    missing.unlink()
    with contextlib.closing(reader), pytest.raises(ImportFailed, match="read"):
        list(reader.packs(0))


async def test_a_changed_file_is_read_from_its_beginning(
    database: Database, book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = _file(tmp_path, 12_000)
    guess = await _guess(book, path)
    process = ImportProcess(_job(database, path, guess))
    with pytest.raises(ImportFailed, match="ended unexpectedly"):
        await asyncio.to_thread(process.run, lambda _: process._process.kill())
    with path.open("a", encoding="utf-8") as stream:
        stream.write("Last Person,020 7946 0999\n")
    report = await book.import_file(path, guess, lambda _: None)
    assert (report.taken_up, local.count()) == (0, 12_001)


async def test_a_later_import_ends_the_one_that_runs(
    database: Database, book: ContactBook, local: LocalContacts, large_file: Path
) -> None:
    guess = await _guess(book, large_file)
    later = ContactImport(database, "local", replaces=False)
    begun: list[int] = []

    def begin_another(_count: int) -> None:
        if not begun:
            begun.append(later.begin())

    process = ImportProcess(_job(database, large_file, guess))
    with pytest.raises(ImportFailed, match="was ended"):
        await asyncio.to_thread(process.run, begin_another)
    later.add_batch([a_contact("Ann", LONDON, source="local", source_id="1")])
    assert later.finish().contacts == local.count() == 1


@pytest.mark.skipif(sys.platform != "linux", reason="no other system has prlimit")
def test_a_full_disk_ends_the_import_and_leaves_nothing_of_it(
    database: Database, local: LocalContacts, tmp_path: Path
) -> None:
    import resource

    path = _file(tmp_path, 12_000)
    job = _job(database, path, inspect_csv(path).guess)
    worker = subprocess.Popen(
        own_command("import-worker"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    # As on a full disk, no file of the database may grow beyond a megabyte.
    resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
    with worker:
        assert worker.stdin is not None
        worker.stdin.write(job.to_line())
        worker.stdin.flush()
        assert worker.stdout is not None
        answer = json.loads(worker.stdout.read().splitlines()[-1])
    assert answer["kind"] == "StoreFull"
    assert worker.returncode == 1
    assert local.count() == 0
    report = bring_in(job, lambda _: None, lambda: False)
    assert (report.imported, local.count()) == (12_000, 12_000)


def _run_until_the_app_dies(job: ImportJob) -> None:
    worker = subprocess.Popen(
        own_command("import-worker"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with worker:
        assert worker.stdin is not None
        worker.stdin.write(job.to_line())
        worker.stdin.flush()
        assert worker.stdout is not None
        while json.loads(worker.stdout.readline())["done"] < 20_000:
            pass
        # Both ends at once, as when a process is killed.
        worker.stdin.close()
        worker.stdout.close()
    assert until(lambda: worker.poll() is not None, "the worker's end")


async def test_an_import_goes_on_where_the_app_died(
    database: Database, book: ContactBook, local: LocalContacts, large_file: Path
) -> None:
    guess = await _guess(book, large_file)
    _run_until_the_app_dies(_job(database, large_file, guess))
    assert local.count() == 0
    report = await book.import_file(large_file, guess, lambda _: None)
    assert report.taken_up >= 10_000
    assert report.imported == local.count()


async def test_two_files_with_the_same_ids_do_not_overwrite_each_other(
    book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    for name in ("shop", "office", "shop (1)"):
        path = tmp_path / f"{name}.csv"
        path.write_text(f"Id,Name,Phone\n1,{name[:4]},020 7946 0123\n")
        await book.import_file(path, await _guess(book, path), lambda _: None)
    assert {each.name for each in local.search("shop")} == {"shop"}
    assert local.count() == 2


# --- single contacts --------------------------------------------------------------


async def test_a_contact_keeps_its_labels_when_it_is_changed(
    book: ContactBook, local: LocalContacts, tmp_path: Path
) -> None:
    path = tmp_path / "people.csv"
    path.write_text("Name,Mobile\nAnn Example,07700 900123\n")
    await book.import_file(path, await _guess(book, path), lambda _: None)
    (hit,) = await book.search("ann")
    draft = ContactDraft("Ann", "Sample", numbers=("+447700900123", "101"))
    changed = await book.update(hit.contact, draft)
    assert [each.label for each in changed.numbers] == ["mobile", ""]
    assert [each.contact.name for each in await book.search("ann")] == ["Ann Sample"]


async def test_look_ups_are_told_whose_numbers_changed(
    book: ContactBook, forgotten: list[PhoneNumber]
) -> None:
    draft = ContactDraft("Ann", numbers=("020 7946 0123",))
    made = await book.create(draft)
    assert [each.e164 for each in forgotten] == [LONDON]
    forgotten.clear()
    await book.update(made, ContactDraft("Ann", numbers=("020 7946 0456",)))
    assert [each.e164 for each in forgotten] == [LONDON, OTHER_LONDON]


@pytest.mark.parametrize(
    "draft",
    [ContactDraft("Ann"), ContactDraft("", numbers=("020 7946 0123",))],
)
async def test_a_contact_needs_a_name_and_a_number(
    book: ContactBook, draft: ContactDraft
) -> None:
    with pytest.raises(UsageError):
        await book.create(draft)


def test_this_computer_always_takes_contacts(book: ContactBook) -> None:
    assert book.writable_sources() == (("local", "Contacts on this computer"),)


@pytest.mark.parametrize(
    ("typed", "region", "prefixes"),
    [
        ("020 79", "GB", ("442079",)),
        ("0655", "IT", ("390655",)),
        ("202 555", "US", ("1202555",)),
        ("+4420", "GB", ()),
        ("0044", "GB", ()),
        ("ann", "GB", ()),
        ("020", "", ()),
        ("0", "GB", ()),
    ],
)
def test_typed_digits_are_read_by_the_region(
    typed: str, region: str, prefixes: tuple[str, ...]
) -> None:
    assert number_prefixes(typed, region) == prefixes


async def test_a_name_is_found_by_digits_without_the_country_code(
    book: ContactBook,
) -> None:
    await book.create(ContactDraft("Ann", numbers=("+442079460123",)))
    assert [hit.contact.name for hit in await book.search("020 794")] == ["Ann"]


# --- forgetting ---------------------------------------------------------------------


async def test_an_extension_is_forgotten_without_its_namesakes(
    book: ContactBook, database: Database
) -> None:
    log = CallLog(database)
    rows = [
        a_row("of-101", remote_e164="", remote_number="101"),
        a_row("of-1012", remote_e164="", remote_number="1012"),
    ]
    log.commit(rows=rows).result()
    assert await book.forget("101") == 1
    assert [row.call_id for row in log.all_rows()] == ["of-1012"]


async def test_what_is_no_number_is_not_forgotten(book: ContactBook) -> None:
    with pytest.raises(UsageError):
        await book.forget("anonymous")


def test_the_program_starts_itself_with_this_interpreter() -> None:
    assert own_command("x") == [sys.executable, "-m", "screenpop", "x"]


def test_a_frozen_program_is_its_own_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert own_command("x") == [sys.executable, "x"]


def test_what_is_started_on_windows_opens_no_console() -> None:
    folder = "C:\\Program Files\\screenpop\\app\\"
    assert without_console(f"{folder}Screenpop-CLI.exe") == f"{folder}screenpop.exe"
    assert without_console(f"{folder}screenpop.exe") == f"{folder}screenpop.exe"
    assert without_console("/opt/screenpop/screenpop") == "/opt/screenpop/screenpop"
