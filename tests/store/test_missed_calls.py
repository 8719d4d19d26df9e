"""A missed call stays until somebody has talked with the caller."""

from __future__ import annotations

from itertools import permutations
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.calls import CallState
from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import Direction
from tests.builders import LONDON, MOBILE, a_missed_row, a_row, at

if TYPE_CHECKING:
    from screenpop.store.call_log import CallLog
    from screenpop.store.call_rows import CallRow


def open_after(call_log: CallLog, *rows: CallRow) -> list[str]:
    call_log.commit(rows=rows).result()
    found = [row.call_id for row in call_log.missed_open()]
    assert call_log.missed_count() == len(found)
    return found


def test_missed_calls_are_listed_newest_first(call_log: CallLog) -> None:
    rows = [a_missed_row(f"call-{n}", started_at=at(n)) for n in range(3)]
    assert open_after(call_log, *rows) == ["call-2", "call-1", "call-0"]
    assert len(call_log.missed_open(limit=1)) == 1


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": CallOutcome.ANSWERED},
        {"outcome": CallOutcome.REJECTED},
        {"outcome": None, "state": CallState.ALERTING, "ended_at": None},
        {"direction": Direction.OUTBOUND},
        {"is_internal": True},
        {"is_own_leg": True},
        {"kind": RecordKind.FAX},
    ],
)
def test_other_calls_are_not_missed(call_log: CallLog, given: dict[str, Any]) -> None:
    assert open_after(call_log, a_missed_row(**given)) == []


def test_internal_calls_count_when_asked_for(call_log: CallLog) -> None:
    assert open_after(call_log, a_missed_row(is_internal=True)) == []
    assert len(call_log.missed_open(include_internal=True)) == 1
    assert call_log.missed_count(include_internal=True) == 1


@pytest.mark.parametrize("direction", list(Direction))
def test_talking_later_in_either_direction_settles_it(
    call_log: CallLog, direction: Direction
) -> None:
    talk = a_row("talk", direction=direction, started_at=at(100))
    assert open_after(call_log, a_missed_row(), talk) == []


def test_talking_right_now_settles_it(call_log: CallLog) -> None:
    talk = a_row(
        "talk",
        state=CallState.CONNECTED,
        outcome=None,
        started_at=at(100),
        connected_at=at(105),
        ended_at=None,
    )
    assert open_after(call_log, a_missed_row(), talk) == []


@pytest.mark.parametrize(
    "given",
    [
        {"started_at": at(-100)},
        {"remote_e164": MOBILE},
        {"outcome": CallOutcome.BUSY, "direction": Direction.OUTBOUND},
        {"is_own_leg": True},
    ],
)
def test_other_calls_do_not_settle_it(call_log: CallLog, given: dict[str, Any]) -> None:
    other = a_row("other", **{"started_at": at(100)} | given)
    assert open_after(call_log, a_missed_row(), other) == ["call-1"]


def test_a_colleague_who_takes_another_leg_of_it_settles_it(call_log: CallLog) -> None:
    talk = a_row("leg-2", started_at=at(), connected_at=at(8))
    assert open_after(call_log, a_missed_row(), talk) == []


def test_a_number_without_e164_is_settled_by_the_same_number(call_log: CallLog) -> None:
    bare: dict[str, Any] = {"remote_e164": "", "remote_number": "12345"}
    talk = a_row("talk", started_at=at(100), **bare)
    assert open_after(call_log, a_missed_row(**bare)) == ["call-1"]
    assert open_after(call_log, talk) == []


def test_withheld_callers_do_not_settle_each_other(call_log: CallLog) -> None:
    nobody: dict[str, Any] = {
        "remote_e164": "",
        "remote_number": "",
        "remote_is_withheld": True,
    }
    talk = a_row("talk", started_at=at(100), **nobody)
    assert open_after(call_log, a_missed_row(**nobody), talk) == ["call-1"]


def test_a_dismissed_call_leaves_the_list_until_restored(call_log: CallLog) -> None:
    assert open_after(call_log, a_missed_row()) == ["call-1"]
    call_log.dismiss_missed("acme", "call-1", at=at(200)).result()
    call_log.dismiss_missed("acme", "call-1", at=at(201)).result()
    assert open_after(call_log) == []
    call_log.replace_all_derived([a_missed_row()]).result()
    assert open_after(call_log) == []
    call_log.restore_missed("acme", "call-1").result()
    assert open_after(call_log) == ["call-1"]


def test_a_call_back_that_was_promised_is_listed_until_it_is_kept(
    call_log: CallLog,
) -> None:
    assert open_after(call_log, a_row("talk")) == []
    call_log.promise_call_back("acme", "talk", at=at(70)).result()
    assert open_after(call_log) == ["talk"]
    assert open_after(call_log, a_missed_row("missed", started_at=at(-5))) == ["talk"]
    kept = a_row("kept", direction=Direction.OUTBOUND, started_at=at(100))
    assert open_after(call_log, kept) == []


def test_a_missed_call_that_is_promised_as_well_is_listed_once(
    call_log: CallLog,
) -> None:
    call_log.commit(rows=[a_missed_row()]).result()
    call_log.dismiss_missed("acme", "call-1", at=at(60)).result()
    call_log.promise_call_back("acme", "call-1", at=at(70)).result()
    assert open_after(call_log) == ["call-1"]
    history = call_log.last_with(LONDON, at(200))
    assert history is not None
    assert history.missed_count == 1


def test_the_order_in_which_calls_are_logged_does_not_matter(call_log: CallLog) -> None:
    rows = [
        a_missed_row("first", started_at=at(0)),
        a_row("talk", started_at=at(10)),
        a_missed_row("second", started_at=at(20)),
        a_missed_row("other", started_at=at(5), remote_e164=MOBILE),
    ]
    for order in permutations(rows):
        call_log.replace_all_derived([]).result()
        for row in order:
            call_log.commit(rows=[row]).result()
        assert [row.call_id for row in call_log.missed_open()] == ["second", "other"]
