"""May this news raise a card, and under which name is that claimed?

A claim is granted once in the life of the database. Its name holds the spell: how often
our phone was let go of before, so that a call that rings again has a card again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.calls import CallState
from screenpop.domain.cdr import RecordKind
from screenpop.domain.events import LegConnected, LegReleased
from screenpop.services.freshness import is_fresh
from screenpop.store.call_log import PopClaim

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from screenpop.domain.calls import Call
    from screenpop.domain.events import CallEvent
    from screenpop.services.call_tracker import TrackedAccount


def claim_of(
    call: Call,
    before: Call | None,
    facts: Iterable[CallEvent],
    newest: CallEvent,
    *,
    account: TrackedAccount | None,
    now: datetime,
) -> PopClaim | None:
    """What must be granted before ``call`` may raise a card; None for no card.

    Args:
        call: As it is now.
        before: As it was before this news; None for a new one.
        facts: All that is known of it.
        newest: What was heard last.
        account: Whose call it is; None for an account that is gone.
        now: Our clock.
    """
    if (
        account is None
        or not call.is_ours
        or not _is_live(call)
        or call.kind is not RecordKind.CALL
        or not is_fresh(newest, now, account.clock_skew)
    ):
        return None
    if call.dial_id:
        return PopClaim(call.ref.account_id, call.dial_id, "dial")
    spell = _spell(facts, account.extension)
    if spell and before is not None and before.is_ours and _is_live(before):
        # An older release came late: the card of this very ring was raised before it.
        return None
    return PopClaim(call.ref.account_id, call.ref.call_id, f"{call.direction}:{spell}")


def _is_live(call: Call) -> bool:
    return call.state not in (CallState.ENDED, CallState.ELSEWHERE)


def _spell(facts: Iterable[CallEvent], own: str) -> int:
    """How often our phone stopped ringing: released, or taken by a colleague."""
    return sum(
        (isinstance(fact, LegReleased) and fact.user.extension == own)
        or (isinstance(fact, LegConnected) and fact.user.extension not in ("", own))
        for fact in facts
        if own
    )
