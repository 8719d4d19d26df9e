"""A lost caller stays until somebody talked with them, wherever that was told."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.store.forgetting import forget_party
from screenpop.store.lost_callers import LostCallerList, LostKey, LostRow
from screenpop.store.retention import prune
from tests.builders import LONDON, MOBILE, a_missed_row, a_row, at

if TYPE_CHECKING:
    from screenpop.store.call_log import CallLog
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.database import Database

KEY = LostKey("acme", "02079460123", "02079460100")


def lost(seconds: float | None = 0, **given: Any) -> LostRow:
    values: dict[str, Any] = {
        "key": KEY,
        "party": LONDON,
        "name": "",
        "attempts": 1,
        "last_at": None if seconds is None else at(seconds),
    }
    return LostRow(**(values | given))


class Lists:
    """The lists, and what the tray would count."""

    def __init__(self, database: Database, log: CallLog) -> None:
        self.lists = LostCallerList(database)
        self.log = log

    def put(self, row: LostRow, heard: float = 10_000) -> None:
        self.lists.put(row, heard_at=at(heard)).result()

    def remove(self, seconds: float, key: LostKey = KEY) -> None:
        self.lists.remove(key, LONDON, at=at(seconds)).result()

    def listed(self, *rows: LostRow, seconds: float = 10_000, since: float = 0) -> None:
        self.lists.replace(
            "acme", rows, asked_at=at(seconds), settles_since=at(since)
        ).result()

    @property
    def attempts(self) -> list[int]:
        return [row.attempts for row in self.lists.open_rows()]

    @property
    def count(self) -> int:
        return self.log.missed_count()


@pytest.fixture
def lists(database: Database, call_log: CallLog) -> Lists:
    return Lists(database, call_log)


def test_a_caller_is_listed_once_with_the_latest_count(lists: Lists) -> None:
    for row in (lost(0), lost(0), lost(60, attempts=2), lost(0)):
        lists.put(row)
    assert (lists.attempts, lists.count) == ([2], 1)
    assert lists.lists.open_rows()[0].last_at == at(60)


def test_one_whose_missed_call_waits_is_not_counted_twice(lists: Lists) -> None:
    lists.log.commit(rows=[a_missed_row(remote_e164=LONDON)]).result()
    lists.put(lost())
    assert lists.count == 1
    lists.put(lost(key=LostKey("acme", "07700900123"), party=MOBILE))
    assert lists.count == 2


def test_the_same_caller_at_another_account_is_another_entry(lists: Lists) -> None:
    lists.log.commit(rows=[a_missed_row(remote_e164=LONDON)]).result()
    lists.put(lost(key=LostKey("beta", "02079460123")))
    assert lists.count == 2


def test_ticked_off_stays_so_until_they_call_again(lists: Lists) -> None:
    lists.put(lost(0))
    lists.lists.mark_done(KEY, at=at(30)).result()
    lists.put(lost(0))
    assert lists.count == 0
    lists.listed(lost(0))
    assert lists.count == 0
    lists.lists.mark_open(KEY).result()
    assert lists.count == 1
    lists.lists.mark_done(KEY, at=at(30)).result()
    lists.put(lost(60, attempts=2))
    assert lists.attempts == [2]


def test_a_vendors_clock_ahead_does_not_undo_a_tick(lists: Lists) -> None:
    lists.put(lost(3_600), heard=10)
    lists.lists.mark_done(KEY, at=at(30)).result()
    assert lists.count == 0


def test_ticking_the_missed_call_off_settles_the_entry_and_undo_brings_it_back(
    lists: Lists,
) -> None:
    lists.log.commit(rows=[a_missed_row(remote_e164=LONDON)]).result()
    lists.put(lost(5))
    lists.log.dismiss_missed("acme", "call-1", at=at(30)).result()
    assert (lists.attempts, lists.count) == ([], 0)
    lists.log.restore_missed("acme", "call-1").result()
    assert lists.attempts == [1]


def test_talking_with_them_settles_the_entry(lists: Lists) -> None:
    lists.put(lost(0))
    talk = a_row("talk", remote_e164=LONDON, started_at=at(100), connected_at=at(104))
    lists.log.commit(rows=[talk]).result()
    assert lists.count == 0


def test_removed_by_the_vendor_settles_the_missed_calls_until_then(
    lists: Lists,
) -> None:
    rows = [
        a_missed_row("before", remote_e164=LONDON, started_at=at(0)),
        a_missed_row("after", remote_e164=LONDON, started_at=at(90)),
        a_missed_row("another", remote_e164=MOBILE, started_at=at(0)),
    ]
    lists.log.commit(rows=rows).result()
    lists.put(lost(1))
    lists.remove(60)
    assert lists.attempts == []
    left = {row.call_id for row in lists.log.missed_open()}
    assert left == {"after", "another"}


def test_news_that_come_late_or_again_after_the_removal_change_nothing(
    lists: Lists,
) -> None:
    lists.put(lost(0))
    lists.remove(60)
    lists.put(lost(0))
    lists.put(lost(30, attempts=2))
    lists.remove(60)
    assert lists.attempts == []
    lists.put(lost(90))
    lists.remove(60)
    assert lists.attempts == [1], "they called again after that"


def test_the_whole_list_brings_back_whom_the_vendor_still_has(lists: Lists) -> None:
    lists.put(lost(0))
    lists.remove(60)
    lists.listed(lost(0))
    assert lists.attempts == [1]


@pytest.mark.parametrize(("since", "left"), [(0, 0), (50, 1)])
def test_not_listed_any_more_means_called_back_unless_it_is_old(
    lists: Lists, since: float, left: int
) -> None:
    lists.log.commit(rows=[a_missed_row(remote_e164=LONDON)]).result()
    lists.put(lost(10))
    lists.listed(since=since)
    assert lists.attempts == []
    assert lists.count == left


def test_what_came_while_the_list_was_on_its_way_stays(lists: Lists) -> None:
    lists.put(lost(200))
    lists.listed(seconds=100)
    assert lists.attempts == [1]


def test_entries_without_a_time_keep_the_first_and_reopen_by_count(
    lists: Lists,
) -> None:
    lists.listed(lost(None), seconds=100)
    lists.lists.mark_done(KEY, at=at(120)).result()
    lists.listed(lost(None), seconds=200)
    assert lists.count == 0
    lists.listed(lost(None, attempts=2), seconds=300)
    assert lists.attempts == [2]


def test_forgetting_pruning_and_removing_the_account_leave_nothing(
    lists: Lists, database: Database, contacts: LocalContacts
) -> None:
    later: datetime = at(50)
    lists.put(lost(0))
    prune(database, deliveries_before=later, calls_before=later)
    assert lists.attempts == []
    lists.put(lost(60))
    counts = forget_party(contacts, LONDON, calling_code="44", national="2079460123")
    assert (counts.lost_callers, lists.attempts) == (1, [])
    lists.put(lost(60))
    lists.lists.drop_account("acme").result()
    assert lists.attempts == []
