"""The program's directory as it is, filled by its own import, asked by a loop.

python -m tests.bench.directory build FILE PEOPLE
python -m tests.bench.directory ask FILE PEOPLE
"""

from __future__ import annotations

import sys
from functools import partial
from itertools import islice
from pathlib import Path

from screenpop.store.contact_import import ContactImport
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database
from screenpop.store.opening import widen_cache
from tests.bench import questions
from tests.bench.facts import serve
from tests.bench.people import people

_BATCH = 20_000


def build(path: Path, count: int) -> None:
    with Database(path) as database:
        database.submit(widen_cache).result()
        into = ContactImport(database, "crm", label="CRM", replaces=True)
        into.begin()
        everybody = people(count)
        while batch := list(islice(everybody, _BATCH)):
            into.add_batch(batch)
        into.finish()


def ask(path: Path, count: int) -> None:
    with Database(path) as database:
        contacts = LocalContacts(database)

        def match(number: str) -> object:
            return contacts.match_number(number, number[2:])

        serve(
            {
                "known": (match, partial(questions.known, count)),
                "unknown": (match, partial(questions.unknown, count)),
                "typed": (contacts.search, partial(questions.typed, count)),
            }
        )


if __name__ == "__main__":
    {"build": build, "ask": ask}[sys.argv[1]](Path(sys.argv[2]), int(sys.argv[3]))
