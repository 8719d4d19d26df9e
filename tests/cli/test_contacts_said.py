"""What the user said of callers, listed and taken back at the command line."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.domain.contacts import Contact, ContactNumber
from screenpop.domain.numbers import read_number
from screenpop.services.people_memory import PeopleMemory
from screenpop.store.contacts import LocalContacts
from screenpop.store.database import Database

if TYPE_CHECKING:
    from tests.cli.conftest import Home, Run

ANN = "+442079460123"
WHEN = datetime(2026, 11, 12, 10, 45, tzinfo=UTC)


@pytest.fixture
def gb_home(empty_home: Home) -> Home:
    """Somebody in London; Ada in two books and Jonas have one number."""
    empty_home.write('region = "GB"\n')
    database = Database(Paths.from_environment().database_file)
    local = LocalContacts(database)
    for source, source_id, name in (
        ("local", "1", "Ada Fenwick"),
        ("book", "9", "A. Fenwick"),
        ("local", "2", "Jonas Hale"),
    ):
        contact = Contact(
            source=source,
            source_id=source_id,
            name=name,
            numbers=(ContactNumber(ANN, ANN, "work"),),
        )
        local.save(contact).result()
    matches = {match.contact.name: match for match in local.match_number(ANN)}
    people = PeopleMemory(database, lambda: WHEN)
    people.join(matches["Ada Fenwick"], matches["A. Fenwick"]).result()
    people.choose(read_number(ANN, "GB"), matches["Ada Fenwick"]).result()
    database.close()
    return empty_home


def test_a_choice_is_listed_used_and_taken_back(run: Run, gb_home: Home) -> None:
    assert "Ada Fenwick" in run("contacts", "chosen").out
    (row,) = run("contacts", "chosen", "--json").rows
    assert (row["number_key"], row["source_id"]) == (ANN, "1")
    ran = run("lookup", ANN)
    assert "chosen by you 2026-11-12, same number, work" in ran.out
    assert ran.out.index("A. Fenwick") < ran.out.index("Jonas Hale")

    assert run("contacts", "chosen", "--undo", "020 7946 0123").status == 0
    assert "chosen by you" not in run("lookup", ANN).out
    ran = run("contacts", "chosen", "--undo", ANN)
    assert ran.status == 2
    assert "Nobody was chosen" in ran.err
    assert ANN not in ran.err


def test_entries_of_one_person_are_listed_and_parted(run: Run, gb_home: Home) -> None:
    assert len(run("contacts", "same", "--json").rows) == 2
    assert "A. Fenwick" in run("contacts", "same").out
    assert len(run("lookup", ANN, "--json").json["matches"]) == 2
    assert run("contacts", "same", "--undo", "book", "9").status == 0
    matches = run("lookup", ANN, "--json").json["matches"]
    assert len(matches) == 3
    assert matches[0]["contact"]["name"] == "Ada Fenwick"
    assert run("contacts", "same", "--json").rows == []
    assert run("contacts", "same", "--undo", "book", "9").status == 2


def test_forgetting_a_number_takes_choice_and_word_along(
    run: Run, gb_home: Home
) -> None:
    run("contacts", "forget", ANN, "--yes")
    assert run("contacts", "chosen", "--json").rows == []
    assert run("contacts", "same", "--json").rows == []


def test_a_number_that_is_none_is_refused(run: Run, gb_home: Home) -> None:
    assert run("contacts", "chosen", "--undo", "nobody").status == 2


def test_somebody_with_the_same_last_digits_is_a_perhaps(
    run: Run, gb_home: Home
) -> None:
    database = Database(Paths.from_environment().database_file)
    wrong = "+392079460777"
    contact = Contact(
        source="local", name="Cem Aydan", numbers=(ContactNumber(wrong, wrong),)
    )
    LocalContacts(database).save(contact).result()
    database.close()
    assert "perhaps, same last" in run("lookup", "+442079460777").out


def test_a_number_is_marked_listed_and_cleared(run: Run, gb_home: Home) -> None:
    assert run("contacts", "mark", "020 7946 0999", "--spam").status == 0
    assert run("contacts", "mark", ANN, "--private").status == 0
    assert "spam" in run("contacts", "marked").out
    marks = {
        row["number_key"]: row["mark"]
        for row in run("contacts", "marked", "--json").rows
    }
    assert marks == {"+442079460999": "spam", ANN: "private"}

    assert run("contacts", "mark", ANN, "--do-not-call").status == 0
    assert "do-not-call" in run("contacts", "marked").out
    assert run("contacts", "mark", ANN, "--clear").status == 0
    assert len(run("contacts", "marked", "--json").rows) == 1
    assert run("contacts", "mark", ANN, "--clear").status == 2
    assert run("contacts", "mark", ANN).status == 2
    assert run("contacts", "mark", "104", "--spam").status == 2
