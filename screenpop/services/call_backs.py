"""Which calls of colleagues settle a missed call of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.calls import Call, CallState
from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import Direction

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from screenpop.store.call_backs import CallBack


def is_call_back(call: Call | None) -> bool:
    """Whether a colleague called somebody outside, and they talk or talked."""
    if call is None or call.is_ours or call.direction is not Direction.OUTBOUND:
        return False
    if call.is_internal or call.is_own_leg or call.kind is RecordKind.FAX:
        return False
    if call.state is CallState.ENDED:
        return call.outcome is CallOutcome.ANSWERED
    return call.connected_at is not None


def call_backs_of(
    changes: Iterable[tuple[Call | None, Call]], region_of: Callable[[str], str]
) -> list[CallBack]:
    """What to keep of calls that changed: the call as it was, and as it is.

    One that was a call back and is none any more has no party: whatever the order in
    which its events come, the same is kept in the end.
    """
    return [
        call_back_of(call, region_of(call.ref.account_id))
        for before, call in changes
        if is_call_back(call) or is_call_back(before)
    ]


def call_back_of(call: Call, region: str) -> CallBack:
    """What to keep of a call; without a party when it is no call back."""
    from screenpop.domain.numbers import read_number
    from screenpop.services.call_rows import user_text
    from screenpop.store.call_backs import CallBack
    from screenpop.store.call_rows import party_of

    remote = call.remote
    number = read_number(remote.number, region)
    party = party_of(number.e164, remote.number, is_withheld=remote.is_withheld)
    return CallBack(
        account_id=call.ref.account_id,
        call_id=call.ref.call_id,
        party=party if is_call_back(call) else "",
        talked_at=call.connected_at or call.started_at,
        by=user_text(call.user),
    )
