"""Forgetting a number leaves no trace, and nothing that fetches it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.store.call_log import CallLog
from screenpop.store.contacts import LocalContacts
from screenpop.store.forgetting import forget_party
from screenpop.store.journal import Journal
from tests.builders import LONDON, OTHER_LONDON, a_delivery, a_ring, a_row, at

if TYPE_CHECKING:
    from screenpop.store.database import Database


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
