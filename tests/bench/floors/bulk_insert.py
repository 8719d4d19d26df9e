"""Floor of the import: a CSV file's rows, as they are, into the same indexes.

    python -m tests.bench.floors.bulk_insert CSV DATABASE

One transaction after each 10,000 rows, not synced, numbers by their digits alone. It
reads no number by its country, folds no word, knows no generations: a second import
would be seen while it runs.
"""

from __future__ import annotations

import csv
import sqlite3
import sys
from itertools import islice
from pathlib import Path

from screenpop.store.schema import VERSION_1

_STEP = 10_000


def main() -> int:
    source, target = map(Path, sys.argv[1:])
    connection = sqlite3.connect(target, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute("PRAGMA cache_size=-65536")
    for statement in VERSION_1:
        connection.execute(statement)
    with source.open(encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        first = 1
        while step := list(islice(rows, _STEP)):
            _insert(connection, step, first)
            first += len(step)
    connection.close()
    return 0


def _insert(connection: sqlite3.Connection, step: list[list[str]], first: int) -> None:
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO contacts (contact_no, source_no, source_id, generation, name,"
        " company, job_title, numbers, emails, url, search_text)"
        " VALUES (?, 1, ?, 1, ?, ?, '', ?, ?, '', ?)",
        (
            (number, email, name, company, phone, email, f"{name} {company}")
            for number, (name, company, phone, email) in enumerate(step, first)
        ),
    )
    connection.executemany(
        "INSERT INTO contact_numbers VALUES (?, ?)",
        (
            (int("".join(filter(str.isdigit, row[2]))), number)
            for number, row in enumerate(step, first)
        ),
    )
    connection.execute(
        "INSERT INTO contact_search (rowid, search_text)"
        " SELECT contact_no, search_text FROM contacts WHERE contact_no >= ?",
        (first,),
    )
    connection.execute("COMMIT")


if __name__ == "__main__":
    sys.exit(main())
