"""A call is the same whatever the order, number and completeness of its facts."""

from __future__ import annotations

import random
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.call_fold import RING_GUARD, TALK_GUARD, derive
from screenpop.domain.calls import Call, CallState
from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.events import (
    CallerId,
    CallEvent,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
    ReleaseCause,
)

E = TypeVar("E", bound=CallEvent)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ANA = CallerId("+12025550123", "Ana Petrauskiene")
SALES = CallerId("+12025550199", "Sales")
ME = LineUser("101", "me@example.com", "Me")
JONAS = LineUser("102", "jonas@example.com", "Jonas")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def ring(second: float, user: LineUser = ME, **more: object) -> LegAlerting:
    return _made(LegAlerting, second, user, **{"caller": ANA, "callee": SALES} | more)


def dial(second: float, user: LineUser = ME, **more: object) -> LegInitiated:
    return _made(LegInitiated, second, user, **{"caller": SALES, "callee": ANA} | more)


def answer(second: float, user: LineUser = ME, **more: object) -> LegConnected:
    return _made(LegConnected, second, user, **{"caller": ANA, "callee": SALES} | more)


def release(second: float, user: LineUser = ME, **more: object) -> LegReleased:
    return _made(LegReleased, second, user, **{"caller": ANA, "callee": SALES} | more)


def _made(kind: type[E], second: float, user: LineUser, **more: object) -> E:
    facts: dict[str, object] = {
        "account_id": "acme",
        "call_id": "c1",
        "occurred_at": at(second),
        "received_at": at(second + 0.2),
        "user": user,
    }
    return kind(**(facts | more))  # type: ignore[arg-type] # checked by the tests


def record(**more: object) -> CallRecorded:
    facts: dict[str, object] = {
        "started_at": at(0),
        "caller": ANA,
        "callee": SALES,
        "direction": Direction.INBOUND,
        "duration_seconds": 60.0,
        "ring_seconds": 8.0,
        "outcome": CallOutcome.ANSWERED,
    }
    return CallRecorded(
        account_id="acme",
        call_id="c1",
        occurred_at=at(70),
        received_at=at(71),
        record=CallDetailRecord(**(facts | more)),  # type: ignore[arg-type] # as above
    )


def call_of(*events: CallEvent, now: float = 100, own: str = "101") -> Call:
    call = derive(events, own_extension=own, now=at(now))
    assert call is not None
    return call


def test_no_fact_is_no_call() -> None:
    assert derive((), own_extension="101", now=START) is None


def test_a_ringing_phone_is_an_alerting_inbound_call_from_the_caller() -> None:
    call = call_of(ring(0), now=1)
    assert (call.state, call.direction) == (CallState.ALERTING, Direction.INBOUND)
    assert call.remote == ANA
    assert call.line == SALES
    assert call.outcome is None
    assert not call.is_missed


def test_an_answered_call_knows_ring_and_talk_time() -> None:
    call = call_of(ring(0), answer(8), release(60))
    assert (call.state, call.outcome) == (CallState.ENDED, CallOutcome.ANSWERED)
    assert (call.ring_seconds, call.talk_seconds) == (8, 52)
    assert call.answered_by == ME


def test_a_ring_that_ends_without_an_answer_is_missed() -> None:
    call = call_of(ring(0), release(20))
    assert call.is_missed
    assert call.outcome is CallOutcome.NO_ANSWER
    assert call.talk_seconds is None


def test_a_call_the_user_rejects_is_not_missed() -> None:
    call = call_of(ring(0), release(4, cause=ReleaseCause.REJECTED))
    assert call.outcome is CallOutcome.REJECTED
    assert not call.is_missed


def test_a_started_call_is_outbound_to_the_callee() -> None:
    call = call_of(dial(0), now=1)
    assert (call.state, call.direction) == (CallState.INITIATED, Direction.OUTBOUND)
    assert call.remote == ANA
    assert call.line == SALES


def test_an_outbound_call_that_is_answered_has_no_answerer_of_ours() -> None:
    call = call_of(dial(0), answer(5), release(30))
    assert call.outcome is CallOutcome.ANSWERED
    assert call.answered_by is None


def test_a_hangup_that_arrives_first_leaves_no_ghost_ring_behind() -> None:
    early = release(20)
    assert call_of(early, ring(0)).state is CallState.ENDED


def test_without_vendor_times_a_late_ring_does_not_reopen_an_ended_call() -> None:
    ended = release(5, is_time_reported=False)
    late = ring(30, is_time_reported=False)
    assert call_of(ended, late, now=31).state is CallState.ENDED


def test_a_second_ring_of_the_same_call_reopens_it() -> None:
    call = call_of(ring(0), release(20), ring(25), now=26)
    assert call.state is CallState.ALERTING


def test_a_dial_after_a_release_is_a_new_attempt() -> None:
    assert call_of(dial(0), release(5), dial(9), now=10).state is CallState.INITIATED


def test_a_colleague_who_answers_ends_the_ring_here() -> None:
    call = call_of(ring(0), ring(0, JONAS), answer(4, JONAS), now=5)
    assert call.is_answered_elsewhere
    assert call.state is CallState.ENDED
    assert call.answered_by == JONAS
    assert not call.is_missed


def test_a_ring_that_goes_on_at_a_colleagues_is_not_missed_yet() -> None:
    call = call_of(ring(0), ring(0, JONAS), release(9), now=10)
    assert call.state is CallState.ELSEWHERE
    assert not call.is_missed
    assert call_of(ring(0), ring(0, JONAS), release(9), release(9, JONAS)).is_missed
    silent = call_of(ring(0), ring(0, JONAS), release(9), now=200)
    assert silent.is_missed
    assert silent.is_end_inferred


def test_a_transfer_to_me_from_a_talking_colleague_still_rings() -> None:
    call = call_of(ring(0, JONAS), answer(4, JONAS), ring(50), now=51)
    assert call.state is CallState.ALERTING
    assert not call.is_answered_elsewhere


@pytest.mark.parametrize("told", [(release(4.1),), ()], ids=["released", "silent"])
def test_a_colleague_who_took_it_and_transfers_it_to_me_makes_it_ring_again(
    told: tuple[CallEvent, ...],
) -> None:
    group = (ring(0), ring(0, JONAS), answer(4, JONAS), *told)
    assert call_of(*group, now=5).is_answered_elsewhere
    again = call_of(*group, ring(50), now=51)
    assert again.state is CallState.ALERTING
    assert not again.is_answered_elsewhere
    taken = call_of(*group, ring(50), answer(55, JONAS), now=56)
    assert taken.is_answered_elsewhere


def test_my_hangup_does_not_end_what_a_colleague_talks_on() -> None:
    call = call_of(ring(0), ring(0, JONAS), release(4), answer(4, JONAS), own="102")
    assert call.state is CallState.CONNECTED


def test_a_call_for_another_extension_is_not_ours() -> None:
    assert not call_of(ring(0, JONAS), now=1).is_ours
    assert call_of(ring(0, JONAS), now=1, own="").is_ours


def test_an_event_that_names_nobody_concerns_everybody() -> None:
    call = call_of(ring(0, LineUser()), now=1)
    assert call.is_ours
    assert call.state is CallState.ALERTING


def test_an_id_used_for_two_calls_never_shows_the_user_calling_themselves() -> None:
    mine = CallerId("101", "Me")
    there = dial(90, caller=mine, callee=CallerId("102", "Jonas"))
    call = call_of(ring(0), there)
    assert (call.direction, call.remote) == (Direction.INBOUND, ANA)


def test_a_call_between_extensions_is_internal() -> None:
    me, jonas = CallerId("101"), CallerId("102")
    call = call_of(
        ring(0, caller=jonas, callee=me), dial(0, JONAS, caller=jonas, callee=me), now=1
    )
    assert call.is_internal
    assert call.direction is Direction.INBOUND
    assert call.remote == jonas


@pytest.mark.parametrize(
    ("events", "guard"),
    [
        ([ring(0)], RING_GUARD),
        ([dial(0)], RING_GUARD),
        ([ring(0), answer(3)], TALK_GUARD),
    ],
)
def test_an_end_that_never_comes_is_inferred_and_labelled(
    events: list[CallEvent], guard: timedelta
) -> None:
    last = max(event.received_at for event in events)
    before = derive(events, own_extension="101", now=last + guard)
    after = derive(events, own_extension="101", now=last + guard + timedelta(seconds=1))
    assert before is not None
    assert after is not None
    assert not before.is_end_inferred
    assert before.state is not CallState.ENDED
    assert after.is_end_inferred
    assert after.state is CallState.ENDED
    assert after.ring_seconds is None or events[-1] != ring(0)


def test_old_vendor_times_do_not_end_a_call_that_was_heard_of_just_now() -> None:
    old = ring(-3_000_000_000, received_at=at(99))
    assert call_of(old, now=100).state is CallState.ALERTING


def test_the_record_alone_is_a_whole_call() -> None:
    call = call_of(record())
    assert call.state is CallState.ENDED
    assert call.outcome is CallOutcome.ANSWERED
    assert call.remote == ANA
    assert (call.ring_seconds, call.talk_seconds) == (8, 52)
    assert call.ended_at == at(60)


def test_the_records_outcome_wins_over_what_the_events_suggest() -> None:
    call = call_of(ring(0), release(20), record(outcome=CallOutcome.VOICEMAIL))
    assert call.outcome is CallOutcome.VOICEMAIL
    assert call.is_missed
    assert call.talk_seconds is None


def test_the_fullest_of_several_records_is_kept() -> None:
    full = record(
        recording_url="https://example.com/r.mp3", summary="Asked for a quote."
    )
    for events in ((record(), full), (full, record())):
        call = call_of(*events)
        assert call.record is not None
        assert call.record.summary == "Asked for a quote."


def test_the_record_says_who_answered_when_no_event_did() -> None:
    call = call_of(ring(0), release(9), record(answered_by=CallerId("102", "Jonas")))
    assert call.answered_by == LineUser("102", name="Jonas")
    assert call.is_answered_elsewhere


def test_a_fax_is_never_a_missed_call() -> None:
    call = call_of(record(kind=RecordKind.FAX, outcome=CallOutcome.UNKNOWN))
    assert call.kind is RecordKind.FAX
    assert not call.is_missed


def test_a_withheld_caller_is_known_to_be_withheld() -> None:
    call = call_of(ring(0, caller=CallerId(is_withheld=True)), now=1)
    assert call.remote.is_withheld
    assert call.remote.number == ""


STORY: tuple[CallEvent, ...] = (
    ring(0),
    ring(0, JONAS),
    answer(6, JONAS),
    release(6.1),
    ring(40),
    answer(44),
    release(44, JONAS, cause=ReleaseCause.TRANSFERRED),
    release(90),
    record(),
)


def visible(call: Call | None) -> object:
    """All of a call but when we heard of it, which a permutation does change."""
    assert call is not None
    return {
        each.name: getattr(call, each.name)
        for each in fields(call)
        if each.name not in ("first_heard_at", "last_heard_at")
    }


def test_a_thousand_permutations_with_doubles_give_the_same_call() -> None:
    expected = visible(derive(STORY, own_extension="101", now=at(100)))
    source = random.Random(20260302)  # noqa: S311 - shuffling, not cryptography
    for _ in range(1000):
        shuffled = [*STORY, *source.choices(STORY, k=source.randrange(6))]
        source.shuffle(shuffled)
        call = derive(shuffled, own_extension="101", now=at(100))
        assert visible(call) == expected


PHASES = st.sampled_from([ring, dial, answer, release])
USERS = st.sampled_from([ME, JONAS, LineUser()])
EVENTS = st.builds(
    lambda phase, second, user, told: phase(second, user, is_time_reported=told),
    PHASES,
    st.integers(0, 20),
    USERS,
    st.booleans(),
)


@given(
    st.lists(EVENTS, min_size=1, max_size=8), st.randoms(), st.sampled_from(["", "101"])
)
def test_any_facts_in_any_order_with_any_doubles_give_the_same_call(
    events: list[CallEvent], source: random.Random, own: str
) -> None:
    expected = visible(derive(events, own_extension=own, now=at(100)))
    shuffled = [*events, *source.choices(events, k=3)]
    source.shuffle(shuffled)
    assert visible(derive(shuffled, own_extension=own, now=at(100))) == expected


@given(st.sets(st.sampled_from(range(len(STORY))), min_size=1), st.randoms())
def test_whatever_is_lost_of_a_call_the_rest_gives_one_call_that_ends(
    arrived: set[int], source: random.Random
) -> None:
    rest = [STORY[number] for number in sorted(arrived)]
    expected = derive(rest, own_extension="101", now=at(100))
    shuffled = [*rest, *source.choices(rest, k=3)]
    source.shuffle(shuffled)
    found = derive(shuffled, own_extension="101", now=at(100))
    assert visible(found) == visible(expected)
    later = derive(shuffled, own_extension="101", now=at(100) + TALK_GUARD)
    assert later is not None
    assert later.state is CallState.ENDED
    if len(STORY) - 1 in arrived:
        whole = derive(STORY, own_extension="101", now=at(100))
        assert whole is not None
        assert later.outcome is whole.outcome
        assert not later.is_end_inferred


@given(st.lists(EVENTS, min_size=1, max_size=8))
def test_more_time_without_news_always_ends_a_call(events: list[CallEvent]) -> None:
    call = derive(events, own_extension="", now=at(100) + TALK_GUARD)
    assert call is not None
    assert call.state is CallState.ENDED


NOBODY = LineUser()


@pytest.mark.parametrize("own", ["", "101"])
def test_an_end_that_names_nobody_ends_the_call_for_everybody(own: str) -> None:
    events = [ring(0), ring(0, JONAS), answer(3), release(60, NOBODY)]
    call = derive(events, own_extension=own, now=at(61))
    assert call is not None
    assert call.state is CallState.ENDED
    assert call.outcome is CallOutcome.ANSWERED
    assert {leg.user.extension for leg in call.legs} == {"101", "102"}


@pytest.mark.parametrize("own", ["", "101"])
def test_a_ring_that_names_nobody_is_over_with_those_that_do(own: str) -> None:
    events = [ring(0, NOBODY), ring(1), release(9)]
    call = derive(events, own_extension=own, now=at(10))
    assert call is not None
    assert call.state is CallState.ENDED
    assert call.is_missed


def test_a_call_that_named_nobody_goes_on_while_a_phone_rings() -> None:
    events = [ring(0, NOBODY), ring(1, JONAS), release(2, ME)]
    call = derive(events, own_extension="", now=at(3))
    assert call is not None
    assert call.state is CallState.ALERTING
