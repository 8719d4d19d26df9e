"""Deliveries come back byte for byte, and stay until they are dealt with."""

from __future__ import annotations

import threading
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.delivery import DeliverySource
from tests.builders import a_delivery, at

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.store.call_log import CallLog
    from screenpop.store.database import Database
    from screenpop.store.journal import Journal


def stored(journal: Journal, seconds: Sequence[float], **given: object) -> list[int]:
    futures = [
        journal.append(a_delivery(received_at=at(each), **given)) for each in seconds
    ]
    return [future.result() for future in futures]


def test_a_delivery_comes_back_byte_for_byte(journal: Journal) -> None:
    delivery = a_delivery(
        source=DeliverySource.POLL,
        received_at=at(0.123456),
        body=bytes(range(256)),
        content_type="text/plain; charset=\udcff",
        method="GET",
        path="/a/ü\udc80",
        query="number=%2B44&name=\x00",
        headers=(("x-one", "1"), ("x-one", "\ud800"), ("date", "")),
    )
    seq = journal.append(delivery).result()
    (again,) = journal.pending()
    assert again == a_delivery(
        **{each.name: getattr(delivery, each.name) for each in fields(delivery)}
        | {"seq": seq}
    )


def test_numbers_rise_and_are_never_used_again(
    journal: Journal, call_log: CallLog
) -> None:
    assert stored(journal, [0, 0, 0]) == [1, 2, 3]
    call_log.commit(delivery_seqs=[1, 2, 3]).result()
    assert journal.prune(at(1)).result() == 3
    assert stored(journal, [0]) == [4]


def test_only_what_is_not_dealt_with_is_pending(
    journal: Journal, call_log: CallLog
) -> None:
    stored(journal, [0, 1, 2])
    call_log.commit(delivery_seqs=[2]).result()
    assert [delivery.seq for delivery in journal.pending()] == [1, 3]


def test_pruning_spares_what_is_new_or_not_dealt_with(
    journal: Journal, call_log: CallLog
) -> None:
    stored(journal, [0, 1, 2, 100])
    call_log.commit(delivery_seqs=[1, 3, 4]).result()
    assert journal.prune(at(50), limit=1).result() == 1
    assert journal.prune(at(50)).result() == 1
    assert journal.prune(at(50)).result() == 0
    assert [delivery.seq for delivery in journal.iter_since()] == [2, 4]


def test_reading_starts_after_a_number_or_from_a_moment(journal: Journal) -> None:
    stored(journal, [0, 10, 5, 20])
    assert [each.seq for each in journal.read_since(2)] == [3, 4]
    assert [each.seq for each in journal.read_since(0, limit=2)] == [1, 2]
    assert [each.seq for each in journal.read_since(at(10))] == [2, 4]
    assert [each.seq for each in journal.iter_since(at(10))] == [2, 3, 4]
    assert list(journal.iter_since(at(21))) == []


def test_reading_goes_on_beyond_one_page(journal: Journal) -> None:
    stored(journal, [0] * 1_203)
    assert sum(1 for _ in journal.iter_since()) == 1_203


def test_following_sees_what_other_processes_store(
    journal: Journal, database: Database
) -> None:
    stored(journal, [0])
    pauses = iter([True, True, False])

    def pause() -> bool:
        goes_on = next(pauses)
        if goes_on:
            # The writer thread is to this reader what another process is.
            stored(journal, [1])
        return goes_on

    assert [each.seq for each in journal.follow(0, pause)] == [1, 2, 3]
    assert next(pauses, None) is None


def test_following_an_idle_journal_reads_nothing(journal: Journal) -> None:
    seq = stored(journal, [0])[-1]
    pauses: list[None] = []

    def pause() -> bool:
        pauses.append(None)
        return len(pauses) < 3

    assert list(journal.follow(seq, pause)) == []
    assert len(pauses) == 3


def test_problems_are_listed_newest_first(journal: Journal, call_log: CallLog) -> None:
    stored(journal, [0, 1, 2])
    problems = {1: "caller is not text", 3: "It is not JSON"}
    call_log.commit(delivery_seqs=[1, 2, 3], problems=problems).result()
    assert [(each.seq, each.problem) for each in journal.problems()] == [
        (3, "It is not JSON"),
        (1, "caller is not text"),
    ]
    assert journal.problems(limit=1)[0].received_at == at(2)


def test_counts_tell_the_doctor_what_there_is(
    journal: Journal, call_log: CallLog
) -> None:
    empty = journal.counts()
    assert (empty.deliveries, empty.oldest_at) == (0, None)
    assert journal.by_account() == ()
    stored(journal, [0, 5])
    stored(journal, [9], account_id="brand")
    call_log.commit(delivery_seqs=[1, 3], problems={3: "odd"}).result()
    counts = journal.counts()
    assert (counts.deliveries, counts.pending, counts.unreadable) == (3, 1, 1)
    assert (counts.oldest_at, counts.newest_at) == (at(0), at(9))
    acme, brand = journal.by_account()
    assert (acme.account_id, acme.deliveries, acme.pending) == ("acme", 2, 1)
    assert (brand.unreadable, brand.last_received_at) == (1, at(9))


def test_threads_may_append_at_the_same_time(journal: Journal) -> None:
    seqs: list[int] = []
    threads = [
        threading.Thread(target=lambda: seqs.extend(stored(journal, [0] * 20)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seqs) == list(range(1, 161))


def test_a_naive_moment_is_refused_before_anything_is_queued(
    journal: Journal, database: Database
) -> None:
    with pytest.raises(TypeError):
        journal.append(a_delivery(received_at=at().replace(tzinfo=None)))
    assert database.stats().functions == 0
