"""The writer thread, its groups, and readers beside it."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import StoreBusy, StoreError, StoreFull
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import a_delivery
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path


def count(database: Database) -> int:
    return int(
        database.read(
            lambda c: c.execute("SELECT count(*) FROM deliveries").fetchone()[0]
        )
    )


def held(database: Database) -> tuple[threading.Event, Future[object]]:
    """Keep the writer at work until the event is set."""
    release = threading.Event()
    begun = threading.Event()

    def work(_connection: sqlite3.Connection) -> None:
        begun.set()
        assert release.wait(10)

    future: Future[object] = database.submit(work)
    assert begun.wait(10)
    return release, future


def test_what_was_resolved_can_be_read_at_once(database: Database) -> None:
    Journal(database).append(a_delivery()).result()
    assert count(database) == 1


async def test_coroutines_await_the_commit(database: Database) -> None:
    assert await database.run(lambda c: c.execute("SELECT 41 + 1").fetchone()[0]) == 42


async def test_a_thousand_coroutines_may_wait_at_once(database: Database) -> None:
    journal = Journal(database)
    seqs = await asyncio.gather(
        *(asyncio.wrap_future(journal.append(a_delivery())) for _ in range(1_000))
    )
    assert sorted(seqs) == list(range(1, 1_001))


def test_sixteen_threads_share_their_commits(database: Database) -> None:
    journal = Journal(database)
    release, _ = held(database)
    before = database.stats()
    seqs: list[int] = []

    def send() -> None:
        futures = [journal.append(a_delivery()) for _ in range(125)]
        seqs.extend(future.result(timeout=30) for future in futures)

    threads = [threading.Thread(target=send) for _ in range(16)]
    for thread in threads:
        thread.start()
    until(lambda: database.stats().queued == 2_000, "all to be queued")
    release.set()
    for thread in threads:
        thread.join()
    after = database.stats()
    assert sorted(seqs) == list(range(1, 2_001))
    # The one that was held, and four groups of five hundred.
    assert after.commits - before.commits <= 5
    assert after.functions - before.functions == 2_001


def test_one_failure_in_a_group_harms_nobody_else(database: Database) -> None:
    journal = Journal(database)

    def half_done(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM deliveries")
        raise RuntimeError("in the middle")

    release, _ = held(database)
    first = journal.append(a_delivery())
    failing = database.submit(half_done)
    wrong = database.submit(lambda c: c.execute("SELECT * FROM no_such_table"))
    last = journal.append(a_delivery())
    release.set()
    assert (first.result(), last.result()) == (1, 2)
    with pytest.raises(RuntimeError, match="in the middle"):
        failing.result()
    with pytest.raises(StoreError, match="SQLITE_ERROR"):
        wrong.result()
    assert count(database) == 2


def test_a_failure_by_itself_leaves_nothing_of_what_it_did(database: Database) -> None:
    journal = Journal(database)
    journal.append(a_delivery()).result()

    def half_done(connection: sqlite3.Connection) -> None:
        connection.execute("DELETE FROM deliveries")
        raise RuntimeError("in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        database.submit(half_done).result()
    assert count(database) == 1
    assert journal.append(a_delivery()).result() == 2


def test_a_refused_statement_harms_nobody_else(database: Database) -> None:
    journal = Journal(database)
    release, _ = held(database)
    first = journal.append(a_delivery())
    refused = database.submit(
        lambda c: c.execute(
            "INSERT INTO deliveries (seq, account_id, source, received_at, body,"
            " request) SELECT seq, account_id, source, received_at, body, request"
            " FROM deliveries UNION ALL SELECT 7, 'x', 'x', 1, x'', ''"
        ),
        is_one_statement=True,
    )
    last = journal.append(a_delivery())
    release.set()
    assert (first.result(), last.result()) == (1, 2)
    with pytest.raises(StoreError):
        refused.result()
    assert count(database) == 2


FULL, NORMAL = 2, 1


def syncing(connection: sqlite3.Connection) -> int:
    """How much SQLite makes sure of in the commit to come."""
    return int(connection.execute("PRAGMA synchronous").fetchone()[0])


def test_only_what_must_survive_a_power_cut_waits_for_the_disk(
    database: Database,
) -> None:
    assert database.submit(syncing).result() == FULL
    assert database.submit(syncing, is_durable=False).result() == NORMAL
    assert database.submit(syncing).result() == FULL


def test_a_group_with_one_durable_piece_is_durable_as_a_whole(
    database: Database,
) -> None:
    release, _ = held(database)
    group = [database.submit(syncing, is_durable=durable) for durable in (False, True)]
    release.set()
    assert [each.result() for each in group] == [FULL, FULL]


def test_the_log_is_written_back_in_a_quiet_moment(
    database: Database, path: Path
) -> None:
    journal = Journal(database)
    journal.append(a_delivery(body=b"to be written back")).result()
    for _ in range(63):
        assert b"to be written back" not in path.read_bytes()
        journal.append(a_delivery()).result()
    until(
        lambda: b"to be written back" in path.read_bytes(), "the log to be written back"
    )


def test_whoever_begins_to_read_while_the_database_closes_is_told(path: Path) -> None:
    database = Database(path)
    release, _ = held(database)
    closing = threading.Thread(target=database.close)
    closing.start()
    until(lambda: database._is_closed, "the closing to begin")
    with pytest.raises(StoreError, match="closed"):
        count(database)
    with pytest.raises(StoreError, match="closed"):
        database.submit(syncing).result()
    release.set()
    closing.join(10)
    assert not closing.is_alive()


def test_a_cancelled_function_is_not_run(database: Database) -> None:
    release, _ = held(database)
    future = Journal(database).append(a_delivery())
    assert future.cancel()
    release.set()
    Journal(database).append(a_delivery()).result()
    with pytest.raises(CancelledError):
        future.result()
    assert count(database) == 1


def test_closing_finishes_what_was_queued(path: Path) -> None:
    database = Database(path)
    release, _ = held(database)
    futures = [Journal(database).append(a_delivery()) for _ in range(50)]
    release.set()
    database.close()
    database.close()
    assert [future.result() for future in futures] == list(range(1, 51))
    with Database(path) as again:
        assert count(again) == 50


def test_a_closed_database_says_so(path: Path) -> None:
    database = Database(path)
    count(database)
    database.close()
    with pytest.raises(StoreError, match="closed"):
        Journal(database).append(a_delivery()).result()
    with pytest.raises(StoreError):
        count(database)


def test_readers_cannot_write(database: Database) -> None:
    with pytest.raises(StoreError):
        database.read(lambda c: c.execute("DELETE FROM deliveries"))


def test_each_thread_reads_on_a_connection_of_its_own(database: Database) -> None:
    used: list[sqlite3.Connection] = []
    threads = [
        threading.Thread(target=lambda: used.append(database.read(lambda c: c)))
        for _ in range(3)
    ]
    for thread in threads:
        thread.start()
        thread.join()
    used.append(database.read(lambda c: c))
    used.append(database.read(lambda c: c))
    assert len({id(connection) for connection in used}) == 4


def test_a_reader_never_waits_for_a_writer_in_another_process(
    database: Database, path: Path
) -> None:
    Journal(database).append(a_delivery()).result()
    with locked_by_another_process(path):
        assert count(database) == 1


def test_a_lock_held_too_long_is_reported_and_survived(path: Path) -> None:
    with Database(path, busy_seconds=0.1) as database:
        journal = Journal(database)
        with locked_by_another_process(path):
            futures = [journal.append(a_delivery()) for _ in range(3)]
            for future in futures:
                with pytest.raises(StoreBusy):
                    future.result(timeout=30)
        assert journal.append(a_delivery()).result() == 1


def test_a_short_lock_only_delays(database: Database, path: Path) -> None:
    with locked_by_another_process(path):
        future = Journal(database).append(a_delivery())
        until(lambda: not database.stats().queued, "the writer to take it")
    assert future.result() == 1


def test_another_process_reads_while_this_one_writes(
    database: Database, path: Path
) -> None:
    Journal(database).append(a_delivery()).result()
    release, _ = held(database)
    script = (
        "import sys; from pathlib import Path\n"
        "from screenpop.store.database import Database\n"
        "from screenpop.store.journal import Journal\n"
        "with Database(Path(sys.argv[1]), moves_corrupt_aside=False) as database:\n"
        "    print(len(Journal(database).pending()))\n"
    )
    found = subprocess.run(
        [sys.executable, "-c", script, str(path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    release.set()
    assert (found.stdout, found.stderr) == ("1\n", "")


def test_a_full_disk_loses_only_what_was_refused(database: Database) -> None:
    journal = Journal(database)
    assert journal.append(a_delivery()).result() == 1
    limit_pages(database, to_present=True)
    large = journal.append(a_delivery(body=b"x" * 100_000))
    with pytest.raises(StoreFull):
        large.result()
    limit_pages(database, to_present=False)
    journal.append(a_delivery(body=b"x" * 100_000)).result()
    assert count(database) == 2


def test_a_disk_that_fills_up_in_a_group_acknowledges_nothing_undone(
    database: Database,
) -> None:
    journal = Journal(database)
    journal.append(a_delivery()).result()
    limit_pages(database, to_present=True)
    release, _ = held(database)
    futures = [
        journal.append(a_delivery(body=b"x" * size)) for size in (10, 100_000, 10)
    ]
    release.set()
    kept = [seq for future in futures if (seq := outcome(future)) is not None]
    limit_pages(database, to_present=False)
    assert outcome(futures[1]) is None
    stored = {delivery.seq for delivery in journal.pending()}
    assert stored == {1, *kept}


def test_when_the_commit_fails_the_whole_group_hears_of_it(
    database: Database,
) -> None:
    def owing(connection: sqlite3.Connection) -> None:
        """A debt that SQLite calls in only at the commit."""
        connection.execute("CREATE TABLE lender (name TEXT PRIMARY KEY)")
        connection.execute(
            "CREATE TABLE debtor (name TEXT REFERENCES lender (name)"
            " DEFERRABLE INITIALLY DEFERRED)"
        )
        connection.execute("INSERT INTO debtor VALUES ('nobody')")

    journal = Journal(database)
    release, _ = held(database)
    futures: list[Future[object]] = [
        journal.append(a_delivery()),  # type: ignore[list-item]
        database.submit(owing),
        journal.append(a_delivery()),  # type: ignore[list-item]
    ]
    release.set()
    for future in futures:
        with pytest.raises(StoreError):
            future.result(timeout=30)
    assert count(database) == 0
    assert journal.append(a_delivery()).result() == 1


def test_a_file_taken_away_is_reported(database: Database, path: Path) -> None:
    path.unlink()
    with pytest.raises(StoreError):
        count(database)


def outcome(future: Future[int]) -> int | None:
    """What the future gave; None for a full disk."""
    try:
        return future.result(timeout=30)
    except StoreFull:
        return None


def limit_pages(database: Database, *, to_present: bool) -> None:
    """Let the file grow no more, or as it likes."""

    def work(connection: sqlite3.Connection) -> None:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        limit = pages if to_present else 1_000_000
        connection.execute(f"PRAGMA max_page_count={limit}")

    database.submit(work).result()


class locked_by_another_process:  # noqa: N801 - reads as what it does
    """Hold the write lock from a process of its own."""

    _SCRIPT = (
        "import sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True)\n"
        "sys.stdin.read()\n"
    )

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", self._SCRIPT, str(self._path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "held\n"

    def __exit__(self, *_: object) -> None:
        self._process.communicate("", timeout=10)
