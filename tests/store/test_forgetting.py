"""Forgetting a number leaves no trace, and nothing that fetches it again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.contacts import ContactNumber
from screenpop.store.call_log import CallLog
from screenpop.store.chosen_people import ChosenPeople, ChosenPerson
from screenpop.store.contacts import LocalContacts
from screenpop.store.forgetting import forget_party, forget_sayings
from screenpop.store.journal import Journal
from tests.builders import (
    LONDON,
    OTHER_LONDON,
    a_contact,
    a_delivery,
    a_ring,
    a_row,
    at,
)

if TYPE_CHECKING:
    from screenpop.store.database import Database

OF_NUMBER = re.compile(rb"20[\s()./\-]*7946[\s()./\-]*0123")


def body_about(number: str) -> bytes:
    return f'{{"originatorNumber": "{number}"}}'.encode()


def forget(database: Database) -> int:
    counts = forget_party(
        LocalContacts(database), LONDON, calling_code="44", national="2079460123"
    )
    return counts.deliveries + counts.calls + counts.dials


def test_when_an_account_was_last_heard_of_stays_and_nothing_else(
    database: Database,
) -> None:
    journal, log = Journal(database), CallLog(database)
    for seconds, number in ((0, OTHER_LONDON), (10, LONDON), (20, LONDON)):
        journal.append(
            a_delivery(
                received_at=at(seconds),
                body=body_about(number),
                query=f"number={number}",
            )
        ).result()
    log.commit(events=[a_ring()], rows=[a_row()], delivery_seqs=[1, 2, 3]).result()
    assert forget(database) == 3
    assert journal.latest_of("acme") == at(20)
    kept = list(journal.iter_since())
    assert [each.body for each in kept] == [body_about(OTHER_LONDON), b""]
    assert kept[1].query == ""
    assert log.all_rows() == ()
    assert list(log.call_keys()) == []
    assert forget(database) == 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"n": "+442079460123"}',
        b'{"n": 442079460123}',
        b'{"n": "020 7946 0123"}',
        b'{"n": "(020) 7946-0123"}',
        b'{"n": "+44 (0)20 7946 0123"}',
        b'{"n": "\\u002b44 20\\u00a07946 0123"}',
        '{"n": "\N{FULLWIDTH DIGIT ZERO}2079460123"}'.encode(),
        b"n=%2B44%2020%207946%200123",
        b"n=%30207946%30123",
    ],
)
def test_a_delivery_is_found_by_any_spelling_of_the_number(
    database: Database, body: bytes
) -> None:
    journal = Journal(database)
    for seconds, each in ((0, body), (10, body_about(OTHER_LONDON))):
        journal.append(a_delivery(received_at=at(seconds), body=each)).result()
    assert forget(database) == 1
    assert [each.body for each in journal.iter_since()] == [body_about(OTHER_LONDON)]


def test_a_delivery_without_a_body_goes_like_any_other(database: Database) -> None:
    journal = Journal(database)
    for seconds, query in ((0, "from=%2B442079460123"), (10, "")):
        journal.append(
            a_delivery(received_at=at(seconds), body=b"", query=query)
        ).result()
    assert forget(database) == 1
    assert [each.query for each in journal.iter_since()] == [""]


def test_no_digit_and_no_word_is_left_in_any_file(database: Database) -> None:
    local, log = LocalContacts(database), CallLog(database)
    for contact in (
        a_contact("Quirin Example", LONDON),
        a_contact("Ann 020 7946 0123", OTHER_LONDON, company="Ask 020-7946-0123"),
        a_contact("Bob Example", numbers=(ContactNumber("020 7946 0123 or so", ""),)),
    ):
        local.save(contact).result()
    hers = a_row("hers", remote_number=OTHER_LONDON, remote_e164=OTHER_LONDON)
    log.commit(rows=[hers]).result()
    log.set_note("acme", "hers", "Her other one: 020 7946 0123", at=at(0)).result()
    ChosenPeople(database).choose(
        ChosenPerson(
            number_key=OTHER_LONDON,
            source="local",
            source_id="1",
            name="Ann 020 7946 0123",
            chosen_at=at(0),
        )
    ).result()
    copy = database.path.with_name(f"{database.path.name}.v1")
    copy.write_bytes(b"+442079460123")
    log.set_match("acme", "hers", "Ann 020 7946 0123", "").result()

    local.forget(LONDON).result()
    forget_sayings(local, LONDON, [])
    counts = forget_party(local, LONDON, calling_code="44", national="2079460123")

    assert counts.mentions == 5
    assert [each.name for each in local.search("ann")] == [
        "Ann \N{HORIZONTAL ELLIPSIS}"
    ]
    assert log.all_rows()[0].note == "Her other one: \N{HORIZONTAL ELLIPSIS}"
    for file in database.path.parent.iterdir():
        content = file.read_bytes()
        assert not OF_NUMBER.search(content), file.name
        assert b"uirin" not in content, file.name
    assert not copy.exists()
