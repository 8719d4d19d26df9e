"""Make a call of the facts about it that have arrived so far.

``derive`` is a pure function of a *set* of events, so the order in which they came
and how often each came cannot matter: any permutation with any duplication gives the
same call. What a vendor says of time decides what happened first; where the vendor
gives no time, the natural order of a call's phases does.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import Call, CallLeg, CallRef, CallState, LegState
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import (
    NO_PARTY,
    NO_USER,
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
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord

RING_GUARD: Final = timedelta(minutes=2)
TALK_GUARD: Final = timedelta(hours=4)
REOPEN_GAP: Final = timedelta(seconds=1)

PartyEvent = LegInitiated | LegAlerting | LegConnected | LegReleased


def derive(
    events: Iterable[CallEvent], *, own_extension: str, now: datetime
) -> Call | None:
    """The call that these facts about it amount to; None without any fact.

    Args:
        events: All facts known of *one* call, in any order, with any doubles.
        own_extension: The extension this desktop watches; "" for everyone's.
        now: Our clock, only to judge whether silence means an end was lost.
    """
    facts = sorted(set(events), key=_order)
    if not facts:
        return None
    phases = [fact for fact in facts if isinstance(fact, PartyEvent)]
    record = best_record(facts)
    legs = _legs(phases)
    mine = tuple(leg for leg in legs if _is_own(leg.user, own_extension))
    return _Assembly(
        facts, phases, record, legs, mine or _unnamed(legs), own_extension, now
    ).call()


class _Tie:
    """Any fixed order among facts of the same moment, phase and user.

    Few are, and writing a fact out is dear: it is done for those alone.
    """

    __slots__ = ("_fact",)

    def __init__(self, fact: CallEvent) -> None:
        self._fact = fact

    def __lt__(self, other: _Tie) -> bool:
        return _identity(self._fact) < _identity(other._fact)


def _order(fact: CallEvent) -> tuple[datetime, int, str, _Tie]:
    """Vendor's time first, then the natural order of phases, then any fixed order."""
    return fact.occurred_at, _RANK[type(fact)], fact.user.leg_key, _Tie(fact)


_RANK: Final[dict[type[CallEvent], int]] = {
    LegInitiated: 0,
    LegAlerting: 1,
    LegConnected: 2,
    LegReleased: 3,
    CallRecorded: 4,
}


def _identity(fact: CallEvent) -> str:
    if isinstance(fact, CallRecorded):
        return repr(fact.record)
    assert isinstance(fact, PartyEvent)  # noqa: S101 - the only other kind there is
    return repr((fact.caller, fact.callee, fact.user, fact.line))


def _is_own(user: LineUser, own_extension: str) -> bool:
    return not own_extension or user.extension == own_extension


def _unnamed(legs: Sequence[CallLeg]) -> tuple[CallLeg, ...]:
    return tuple(leg for leg in legs if not leg.user.leg_key)


def best_record(facts: Iterable[CallEvent]) -> CallDetailRecord | None:
    """The fullest record, when a vendor sent several for one call."""
    records = [fact.record for fact in facts if isinstance(fact, CallRecorded)]
    if len(records) < 2:
        return records[0] if records else None
    return max(records, key=_fullness)


def _fullness(record: CallDetailRecord) -> tuple[int, str]:
    filled = (
        record.recording_url,
        record.transcription,
        record.summary,
        record.voicemail_url,
        record.labels,
        record.answered_by,
        record.duration_seconds is not None,
        record.outcome is not CallOutcome.UNKNOWN,
    )
    return sum(bool(value) for value in filled), repr(record)


def _legs(phases: Sequence[PartyEvent]) -> tuple[CallLeg, ...]:
    by_user: dict[str, list[PartyEvent]] = {}
    for fact in phases:
        by_user.setdefault(fact.user.leg_key, []).append(fact)
    if "" in by_user and len(by_user) > 1:
        _end_for_all(by_user)
    legs = tuple(_leg(by_user[key]) for key in sorted(by_user))
    return tuple(_ended_with(legs, leg) for leg in legs)


def _end_for_all(by_user: dict[str, list[PartyEvent]]) -> None:
    """An end that names nobody is the whole call's: every user's leg gets it."""
    nobodys = by_user.pop("")
    ends = [fact for fact in nobodys if isinstance(fact, LegReleased)]
    for key, told in by_user.items():
        by_user[key] = sorted((*told, *ends), key=_order)
    if len(ends) < len(nobodys):
        by_user[""] = nobodys


def _ended_with(legs: Sequence[CallLeg], leg: CallLeg) -> CallLeg:
    """``leg``; a ring that named nobody is over when those at named users are."""
    named = [each for each in legs if each.user.leg_key]
    ends = [each.released_at for each in named if each.released_at]
    if (
        leg in named
        or leg.state is LegState.RELEASED
        or leg.was_connected
        or not ends
        or any(each.state is not LegState.RELEASED for each in named)
    ):
        return leg
    return replace(leg, state=LegState.RELEASED, released_at=max(ends))


def _leg(phases: Sequence[PartyEvent]) -> CallLeg:
    """Walk one user's phases in order; a release is final unless it clearly reopens."""
    in_phase_order = not all(fact.is_time_reported for fact in phases)
    if in_phase_order:
        phases = sorted(phases, key=lambda fact: (_RANK[type(fact)], _order(fact)))
    state: LegState | None = None
    released_at: datetime | None = None
    cause = ReleaseCause.UNKNOWN
    for fact in phases:
        if isinstance(fact, LegReleased):
            state, released_at = LegState.RELEASED, fact.occurred_at
            cause = fact.cause
            continue
        if released_at is not None and (
            in_phase_order or fact.occurred_at - released_at < REOPEN_GAP
        ):
            continue
        released_at = None
        state = _next_state(state, fact)
    assert state is not None  # noqa: S101 - a leg has at least one phase
    users = {fact.user for fact in phases}
    return CallLeg(
        user=max(users, key=repr) if len(users) > 1 else users.pop(),
        state=state,
        initiated_at=_first(phases, LegInitiated),
        alerted_at=_first(phases, LegAlerting),
        last_alerted_at=_last(phases, LegAlerting),
        connected_at=_first(phases, LegConnected),
        last_connected_at=_last(phases, LegConnected),
        released_at=released_at,
        cause=cause,
    )


def _next_state(state: LegState | None, fact: PartyEvent) -> LegState:
    if isinstance(fact, LegConnected) or state is LegState.CONNECTED:
        return LegState.CONNECTED
    if isinstance(fact, LegAlerting) or state is LegState.ALERTING:
        return LegState.ALERTING
    return LegState.INITIATED


def _first(phases: Iterable[PartyEvent], kind: type[PartyEvent]) -> datetime | None:
    return min((f.occurred_at for f in phases if isinstance(f, kind)), default=None)


def _last(phases: Iterable[PartyEvent], kind: type[PartyEvent]) -> datetime | None:
    return max((f.occurred_at for f in phases if isinstance(f, kind)), default=None)


@frozen
class _Assembly:
    """Everything ``derive`` has worked out, on its way to becoming a ``Call``."""

    facts: Sequence[CallEvent]
    phases: Sequence[PartyEvent]
    record: CallDetailRecord | None
    legs: tuple[CallLeg, ...]
    mine: tuple[CallLeg, ...]
    own_extension: str
    now: datetime

    def call(self) -> Call:
        direction, internal = self.direction(), self.is_internal()
        taker = self.taker()
        elsewhere = self.is_answered_elsewhere(taker)
        state, ended_at = self.state(elsewhere)
        last_heard_at = max(fact.received_at for fact in self.facts)
        inferred = state is not CallState.ENDED and self.is_silent(state, last_heard_at)
        if inferred:
            state, ended_at = CallState.ENDED, self.facts[-1].occurred_at
        return Call(
            ref=CallRef(self.facts[0].account_id, self.facts[0].call_id),
            direction=direction,
            state=state,
            remote=self.remote(direction),
            started_at=self.started_at(),
            first_heard_at=min(fact.received_at for fact in self.facts),
            last_heard_at=last_heard_at,
            is_ours=self.is_ours(),
            is_internal=internal,
            line=self.line(direction),
            user=self.user(),
            answered_by=taker,
            is_answered_elsewhere=elsewhere,
            alerted_at=min(
                (leg.alerted_at for leg in self.mine if leg.alerted_at), default=None
            ),
            connected_at=self.connected_at(),
            ended_at=ended_at,
            is_end_inferred=inferred,
            outcome=self.outcome(direction, taker)
            if state is CallState.ENDED
            else None,
            record=self.record,
            legs=self.legs,
        )

    def started_at(self) -> datetime:
        if self.phases:
            return min(fact.occurred_at for fact in self.phases)
        return self.record.started_at if self.record else self.facts[0].occurred_at

    def is_ours(self) -> bool:
        if not self.own_extension or self.mine:
            return True
        record = self.record
        if record is None:
            return False
        parties = (record.caller, record.callee, record.answered_by)
        return any(who and who.number == self.own_extension for who in parties) or (
            not self.legs and not record.is_internal
        )

    def is_internal(self) -> bool:
        """Both ends are extensions: both have a leg, or the record says so."""
        if self.record:
            return self.record.is_internal
        extensions = {leg.user.extension for leg in self.legs if leg.user.extension}
        return any(
            fact.caller.number in extensions and _is_short(fact.callee.number)
            for fact in self.phases
        ) or any(
            fact.callee.number in extensions and _is_short(fact.caller.number)
            for fact in self.phases
        )

    def direction(self) -> Direction:
        mine = {leg.user.leg_key for leg in self.mine}
        opening = [
            fact
            for fact in self.phases
            if isinstance(fact, LegInitiated | LegAlerting)
            and (fact.user.leg_key in mine or not mine)
        ]
        if opening:
            first = opening[0]
            return (
                Direction.OUTBOUND
                if isinstance(first, LegInitiated)
                else Direction.INBOUND
            )
        if self.record and self.record.direction:
            return self.record.direction
        for fact in self.phases:
            if fact.user.extension and fact.caller.number == fact.user.extension:
                return Direction.OUTBOUND
        if self.record and self.own_extension == self.record.caller.number != "":
            return Direction.OUTBOUND
        return Direction.INBOUND

    def remote(self, direction: Direction) -> CallerId:
        candidates = [
            fact.caller if direction is Direction.INBOUND else fact.callee
            for fact in sorted(
                self.phases, key=lambda fact: self._fitness(fact, direction)
            )
        ]
        if self.record:
            record = self.record
            candidates.append(
                record.caller if direction is Direction.INBOUND else record.callee
            )
        numbered = next((who for who in candidates if who.number), None)
        named = next((who.name for who in candidates if who.name), "")
        withheld = any(who.is_withheld for who in candidates)
        if numbered is None:
            return CallerId(name=named, is_withheld=withheld)
        return CallerId(numbered.number, numbered.name or named, withheld)

    def _fitness(
        self, fact: PartyEvent, direction: Direction
    ) -> tuple[bool, bool, int]:
        """Our own leg first, and last what speaks of the other direction.

        Some phone systems use one id for two calls: who started one of them is not
        who calls in the other.
        """
        mine = {leg.user.leg_key for leg in self.mine}
        opposite = LegInitiated if direction is Direction.INBOUND else LegAlerting
        return (
            fact.user.leg_key not in mine,
            isinstance(fact, opposite),
            _RANK[type(fact)],
        )

    def line(self, direction: Direction) -> CallerId:
        """The number called: never the extension that the ring was handed to."""
        told = [fact.line for fact in self.facts if fact.line.number or fact.line.name]
        if direction is Direction.INBOUND:
            told += [fact.callee for fact in self.phases]
            if self.record:
                told.append(self.record.callee)
        else:
            told += [fact.caller for fact in self.phases]
        extensions = {leg.user.extension for leg in self.legs}
        fitting = [
            who
            for who in told
            if (who.number or who.name) and who.number not in extensions
        ]
        return fitting[0] if fitting else NO_PARTY

    def user(self) -> LineUser:
        legs = self.mine or self.legs
        preferred = sorted(
            legs, key=lambda leg: (not leg.was_connected, leg.user.leg_key)
        )
        return preferred[0].user if preferred else NO_USER

    def taker(self) -> LineUser | None:
        """Who answered: for our own outbound leg that is the far party, so nobody."""
        connected = sorted(
            (leg for leg in self.legs if leg.connected_at is not None),
            key=lambda leg: (leg.connected_at, leg.user.leg_key),
        )
        answering = [leg for leg in connected if leg.initiated_at is None]
        own = [leg for leg in answering if leg in self.mine]
        if own or answering:
            return (own or answering)[0].user
        record = self.record
        if record and record.answered_by and record.answered_by.number:
            who = record.answered_by
            return LineUser(extension=who.number, name=who.name)
        return None

    def is_answered_elsewhere(self, taker: LineUser | None) -> bool:
        if taker is None or not self.mine or not self.own_extension:
            return False
        if any(leg.was_connected for leg in self.mine):
            return False
        first_ring = min(
            (leg.alerted_at for leg in self.mine if leg.alerted_at), default=None
        )
        last_ring = max(
            (leg.last_alerted_at for leg in self.mine if leg.last_alerted_at),
            default=None,
        )
        if first_ring is None or last_ring is None:
            return False
        others = [
            leg
            for leg in self.legs
            if leg not in self.mine and leg.connected_at and leg.initiated_at is None
        ]
        if not others:
            return taker.extension != self.own_extension
        # A ring after that is a transfer to us by whoever took the call.
        return any(
            first_ring <= leg.connected_at
            and last_ring - leg.last_connected_at < REOPEN_GAP
            for leg in others
            if leg.connected_at and leg.last_connected_at
        )

    def connected_at(self) -> datetime | None:
        legs = self.mine or self.legs
        moments = [leg.connected_at for leg in legs if leg.connected_at]
        moments = moments or [leg.connected_at for leg in self.legs if leg.connected_at]
        return min(moments, default=None)

    def state(self, elsewhere: bool) -> tuple[CallState, datetime | None]:
        legs = self.mine or self.legs
        released = [leg.released_at for leg in legs if leg.released_at]
        if self.record:
            record = self.record
            told = (
                record.started_at + timedelta(seconds=record.duration_seconds)
                if record.duration_seconds is not None
                else record.started_at
            )
            return CallState.ENDED, max(released, default=told)
        if legs and all(leg.state is LegState.RELEASED for leg in legs):
            if self.still_rings_elsewhere():
                return CallState.ELSEWHERE, None
            return CallState.ENDED, max(released)
        if elsewhere:
            moment = min(
                leg.connected_at
                for leg in self.legs
                if leg.connected_at and leg not in self.mine
            )
            return CallState.ENDED, max(released, default=moment)
        if any(leg.state is LegState.CONNECTED for leg in legs):
            return CallState.CONNECTED, None
        if any(leg.state is LegState.ALERTING for leg in legs):
            return CallState.ALERTING, None
        return CallState.INITIATED, None

    def still_rings_elsewhere(self) -> bool:
        """Our user's phone stopped ringing unanswered; a colleague's has not."""
        if any(leg.was_connected for leg in self.legs):
            return False
        return any(
            leg.state is LegState.ALERTING for leg in self.legs if leg not in self.mine
        )

    def is_silent(self, state: CallState, last_heard_at: datetime) -> bool:
        guard = TALK_GUARD if state is CallState.CONNECTED else RING_GUARD
        return self.now - last_heard_at > guard

    def outcome(self, direction: Direction, taker: LineUser | None) -> CallOutcome:
        record = self.record
        if record and record.outcome is not CallOutcome.UNKNOWN:
            return record.outcome
        if taker is not None or self.connected_at() is not None:
            return CallOutcome.ANSWERED
        causes = {leg.cause for leg in self.legs}
        for cause, outcome in _OUTCOME_BY_CAUSE:
            if cause in causes:
                return outcome
        if direction is Direction.INBOUND:
            return CallOutcome.NO_ANSWER
        return CallOutcome.UNKNOWN if not self.legs else CallOutcome.NO_ANSWER


_OUTCOME_BY_CAUSE: Final = (
    (ReleaseCause.ANSWERED_ELSEWHERE, CallOutcome.ANSWERED),
    (ReleaseCause.REJECTED, CallOutcome.REJECTED),
    (ReleaseCause.BUSY, CallOutcome.BUSY),
    (ReleaseCause.CANCELLED, CallOutcome.CANCELLED),
    (ReleaseCause.FAILED, CallOutcome.FAILED),
)


def _is_short(number: str) -> bool:
    return 0 < len(number) <= 6 and number.isdigit()
