"""A call and its legs, as ``domain.call_fold`` makes them of what was heard."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import (
    NO_PARTY,
    NO_USER,
    CallerId,
    Direction,
    LineUser,
    ReleaseCause,
)
from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord


class LegState(StrEnum):
    """Where one user's leg stands."""

    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    RELEASED = "released"


class CallState(StrEnum):
    """Where the call stands from our user's side.

    ELSEWHERE: it left our user's phone unanswered and still rings at a colleague's, so
    that whether it is missed is not known yet.
    """

    INITIATED = "initiated"
    ALERTING = "alerting"
    CONNECTED = "connected"
    ELSEWHERE = "elsewhere"
    ENDED = "ended"


@frozen
class CallRef:
    """What names a call everywhere: the account and the vendor's call id."""

    account_id: str
    call_id: str


@frozen(kw_only=True)
class CallLeg:
    """One user's connection to a call.

    Attributes:
        alerted_at: When it first rang; None when no ring was reported.
        last_alerted_at: When it last began to ring, as after a transfer.
        connected_at: When this user first talked.
        last_connected_at: When this user last got somebody on the line; on a
            click-to-dial the first is our own phone, the last the far party.
    """

    user: LineUser
    state: LegState
    initiated_at: datetime | None = None
    alerted_at: datetime | None = None
    last_alerted_at: datetime | None = None
    connected_at: datetime | None = None
    last_connected_at: datetime | None = None
    released_at: datetime | None = None
    cause: ReleaseCause = ReleaseCause.UNKNOWN

    @property
    def was_connected(self) -> bool:
        """Whether this user ever talked on this call."""
        return self.connected_at is not None


@frozen(kw_only=True)
class Call:
    """One conversation attempt as seen by our user.

    Attributes:
        is_ours: Whether it concerns the extension this desktop watches.
        remote: The party at the other end, as the vendor sent it.
        line: The organisation's number or queue that was called or shown.
        user: Our user's leg's owner; empty when the vendor names nobody.
        answered_by: Who took it; None while nobody has.
        is_answered_elsewhere: Somebody else took it while our phone rang.
        started_at: The first moment we know of, by the vendor's clock.
        is_end_inferred: No end was ever reported; we stopped waiting.
        first_heard_at: When we first received anything about it, by our clock.
        last_heard_at: When we last received anything about it, by our clock.
        is_own_leg: It is our own phone ringing because of a click-to-dial.
    """

    ref: CallRef
    direction: Direction
    state: CallState
    remote: CallerId
    started_at: datetime
    first_heard_at: datetime
    last_heard_at: datetime
    is_ours: bool = True
    is_internal: bool = False
    line: CallerId = NO_PARTY
    user: LineUser = NO_USER
    answered_by: LineUser | None = None
    is_answered_elsewhere: bool = False
    alerted_at: datetime | None = None
    connected_at: datetime | None = None
    ended_at: datetime | None = None
    is_end_inferred: bool = False
    outcome: CallOutcome | None = None
    record: CallDetailRecord | None = None
    legs: tuple[CallLeg, ...] = ()
    dial_id: str = ""
    is_own_leg: bool = False

    @property
    def is_missed(self) -> bool:
        """An inbound call that ended without anybody taking it."""
        return is_missed(
            self.direction,
            self.state,
            self.outcome,
            self.kind,
            is_own_leg=self.is_own_leg,
        )

    @property
    def kind(self) -> RecordKind:
        """A call unless the vendor's record says it was something else."""
        return self.record.kind if self.record else RecordKind.CALL

    @property
    def ring_seconds(self) -> float | None:
        """How long it rang; None when that is not known."""
        if self.record and self.record.ring_seconds is not None:
            return self.record.ring_seconds
        end = self.connected_at or self.ended_at
        if end is None or self.is_end_inferred:
            return None
        return max(0.0, (end - self.started_at).total_seconds())

    @property
    def talk_seconds(self) -> float | None:
        """How long people talked; None when nobody did or it is not known."""
        record = self.record
        if record and record.duration_seconds is not None:
            if self.outcome is not CallOutcome.ANSWERED:
                return None
            return max(0.0, record.duration_seconds - (record.ring_seconds or 0.0))
        if self.connected_at is None or self.ended_at is None or self.is_end_inferred:
            return None
        return max(0.0, (self.ended_at - self.connected_at).total_seconds())


def is_missed(
    direction: Direction,
    state: CallState,
    outcome: CallOutcome | None,
    kind: RecordKind,
    *,
    is_own_leg: bool,
) -> bool:
    """Whether it is an inbound call that ended without anybody taking or refusing it.

    Args:
        direction: From our user's side.
        state: Where the call stands.
        outcome: None while it goes on.
        kind: A fax is never missed.
        is_own_leg: It is our own phone ringing because of a click-to-dial.
    """
    return (
        direction is Direction.INBOUND
        and state is CallState.ENDED
        and not is_own_leg
        and kind is not RecordKind.FAX
        and outcome not in (CallOutcome.ANSWERED, CallOutcome.REJECTED, None)
    )
