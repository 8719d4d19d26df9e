"""Floor of look-up and search: one table, one integer index, one word index.

    python -m tests.bench.floors.contact_index build FILE PEOPLE
    python -m tests.bench.floors.contact_index ask FILE PEOPLE

sqlite3 with nothing around it: the row of a number, its columns as they are; the last
nine digits where the number is not found; the first twenty names that have the typed
words, in no order. It makes no objects, ranks nothing and knows no sources, which can
be imported anew or hidden.
"""

from __future__ import annotations

import re
import sqlite3
import sys
from functools import partial
from pathlib import Path

from tests.bench import questions
from tests.bench.facts import serve
from tests.bench.people import people

_TABLES = """
CREATE TABLE contacts (id INTEGER PRIMARY KEY, name TEXT NOT NULL,
    company TEXT NOT NULL, numbers TEXT NOT NULL, text TEXT NOT NULL);
CREATE TABLE phones (number INTEGER NOT NULL, contact INTEGER NOT NULL,
    PRIMARY KEY (number, contact)) WITHOUT ROWID;
CREATE INDEX phones_by_end ON phones (number % 1000000000);
CREATE VIRTUAL TABLE words USING fts5 (text, content = 'contacts',
    content_rowid = 'id', detail = none, columnsize = 0, prefix = '1 2 3 4');
"""
_BY_NUMBER = """SELECT c.id, c.name, c.company, c.numbers FROM phones AS p
    CROSS JOIN contacts AS c ON c.id = p.contact WHERE p.number = ?"""
_BY_END = """SELECT c.id, c.name, c.company, c.numbers FROM phones AS p
    CROSS JOIN contacts AS c ON c.id = p.contact WHERE p.number % 1000000000 = ?"""
_BY_WORDS = """SELECT c.name FROM words CROSS JOIN contacts AS c ON c.id = words.rowid
    WHERE words MATCH ? LIMIT 20"""
_BY_RANGE = """SELECT c.id, c.name, c.company, c.numbers FROM phones AS p
    CROSS JOIN contacts AS c ON c.id = p.contact WHERE p.number BETWEEN ? AND ?
    LIMIT 20"""


def build(path: Path, count: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL").fetchone()
    connection.executescript(_TABLES)
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO contacts VALUES (?, ?, ?, ?, ?)",
        (
            (
                number,
                each.name,
                each.company,
                each.numbers[0].e164,
                f"{each.name} {each.company}",
            )
            for number, each in enumerate(people(count))
        ),
    )
    connection.execute(
        "INSERT INTO phones SELECT CAST(substr(numbers, 2) AS INTEGER), id"
        " FROM contacts ORDER BY 1"
    )
    connection.execute("INSERT INTO words (words) VALUES ('rebuild')")
    connection.execute("COMMIT")
    connection.close()


def ask(path: Path, count: int) -> None:
    connection = sqlite3.connect(path, isolation_level=None)

    def match(number: str) -> object:
        digits = int(number[1:])
        rows = connection.execute(_BY_NUMBER, (digits,)).fetchall()
        if not rows:
            ending = (digits % 1_000_000_000,)
            rows = connection.execute(_BY_END, ending).fetchall()
        return rows

    def search(text: str) -> object:
        if text.isdigit():
            low = int(text.ljust(11, "0"))
            high = int(text.ljust(11, "9"))
            return connection.execute(_BY_RANGE, (low, high)).fetchall()
        query = " ".join(f'"{word}"*' for word in re.findall(r"\w+", text.lower()))
        return connection.execute(_BY_WORDS, (query,)).fetchall()

    serve(
        {
            "known": (match, partial(questions.known, count)),
            "unknown": (match, partial(questions.unknown, count)),
            "typed": (search, partial(questions.typed, count)),
        }
    )


if __name__ == "__main__":
    {"build": build, "ask": ask}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
