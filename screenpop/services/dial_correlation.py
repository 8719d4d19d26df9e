"""Which call is the one that a click started: vendors rarely say, so it is inferred.

Most of these vendors ring the agent's own phone first, and what that ring looks like
is not documented: it may arrive as an incoming call from the number dialled, from the
number of ours that is shown, or from the agent's own extension. For a short while
after a click the first such ring is taken for the agent's own leg. Every other caller
is a customer, and so is the dialled party when it calls back: a dial has one own leg.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import Call, CallState
from screenpop.domain.cdr import CallOutcome, RecordKind
from screenpop.domain.events import CallerId, Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import read_number, same_number

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.calls import CallLeg, CallRef

OWN_LEG_WINDOW: Final = timedelta(seconds=20)
OUTBOUND_WINDOW: Final = timedelta(seconds=60)
CLOCK_TOLERANCE: Final = timedelta(seconds=2)


@frozen(kw_only=True)
class DialTrace:
    """What is needed of a dial to recognise its calls.

    Attributes:
        caller_id: The number of ours that is shown; "" when not known.
        call_id: The vendor's id, when it told one.
        rings_us: Our own phone rings first; it does not where the phone system speaks.
    """

    dial_id: str
    account_id: str
    extension: str
    number_e164: str
    requested_at: datetime
    caller_id: str = ""
    call_id: str = ""
    rings_us: bool = True


@frozen
class DialLink:
    """A call belongs to a dial.

    Attributes:
        number_e164: The number that was dialled.
        caller_id: The number of ours that is shown; "" when not known.
        is_own_leg: It is our own phone ringing first, not the far party calling.
    """

    dial_id: str
    number_e164: str
    caller_id: str
    is_own_leg: bool


class DialBook:
    """The recent dials and the calls that were recognised as theirs."""

    def __init__(self, region: str) -> None:
        self._region = region
        self._dials: dict[str, DialTrace] = {}
        self._own_legs: dict[str, CallRef] = {}
        self._links: dict[CallRef, DialLink] = {}

    def note(self, dials: Iterable[DialTrace]) -> None:
        """Know these dials, or know them better."""
        self._dials.update((dial.dial_id, dial) for dial in dials)

    def forget_before(self, moment: datetime) -> None:
        """Drop dials that no call can belong to any more."""
        old = [key for key, dial in self._dials.items() if dial.requested_at < moment]
        for key in old:
            del self._dials[key]
            self._own_legs.pop(key, None)
        self._links = {
            ref: found for ref, found in self._links.items() if found.dial_id not in old
        }

    def link(self, call: Call) -> DialLink | None:
        """The dial that ``call`` belongs to, or None for a call of its own.

        A vendor's call id decides when there is one. Otherwise account, extension,
        time of receipt and number must fit; the latest dial that fits is meant.
        """
        if call.ref in self._links:
            return self._links[call.ref]
        fitting = [dial for dial in self._dials.values() if self._fits(call, dial)]
        if not fitting:
            return None
        dial = max(fitting, key=lambda each: (each.requested_at, each.dial_id))
        is_own_leg = call.direction is Direction.INBOUND
        found = DialLink(dial.dial_id, dial.number_e164, dial.caller_id, is_own_leg)
        if found.is_own_leg:
            self._own_legs[dial.dial_id] = call.ref
        self._links[call.ref] = found
        return found

    def _fits(self, call: Call, dial: DialTrace) -> bool:
        if call.ref.account_id != dial.account_id:
            return False
        if dial.call_id:
            return call.ref.call_id == dial.call_id
        inbound = call.direction is Direction.INBOUND
        if inbound and (not dial.rings_us or dial.dial_id in self._own_legs):
            return False
        window = OWN_LEG_WINDOW if inbound else OUTBOUND_WINDOW
        moments = [call.first_heard_at]
        if call.record is not None and not inbound:
            # Where nothing tells of a call but its record, it is heard of at the end.
            moments.append(call.started_at)
        ages = [moment - dial.requested_at for moment in moments]
        is_in_time = any(-CLOCK_TOLERANCE <= age <= window for age in ages)
        if not is_in_time or not _same_phone(call, dial):
            return False
        return self._same_party(call, dial, inbound=inbound)

    def _same_party(self, call: Call, dial: DialTrace, *, inbound: bool) -> bool:
        remote = read_number(call.remote.number, self._region)
        if same_number(remote, read_number(dial.number_e164, self._region)):
            return True
        if not inbound:
            return False
        if dial.extension and remote.extension == dial.extension:
            return True
        shown = read_number(dial.caller_id, self._region)
        return bool(dial.caller_id) and same_number(remote, shown)


def joined(call: Call, found: DialLink | None) -> Call:
    """``call`` as part of the dial it belongs to, if it does.

    A ring of our own phone stays an own leg for as long as it is nothing more. Some
    vendors report both legs as one call: once the far party is being called on it, it
    is the outbound call itself, and only the far party's answer is an answer.
    """
    if found is None:
        return call
    if not found.is_own_leg:
        return replace(call, dial_id=found.dial_id)
    call = replace(
        call, remote=CallerId(found.number_e164), line=CallerId(found.caller_id)
    )
    far = next((leg for leg in call.legs if leg.initiated_at is not None), None)
    if far is None and call.kind is not RecordKind.CLICK_TO_DIAL:
        return replace(call, dial_id=found.dial_id, is_own_leg=True)
    answered_at = _far_answer(far)
    state, outcome = call.state, call.outcome
    if state is CallState.CONNECTED and answered_at is None:
        state = CallState.INITIATED
    is_guess = answered_at is None and far is not None and not _is_booked(call)
    if outcome is CallOutcome.ANSWERED and is_guess:
        outcome = CallOutcome.NO_ANSWER
    return replace(
        call,
        direction=Direction.OUTBOUND,
        dial_id=found.dial_id,
        state=state,
        outcome=outcome,
        connected_at=answered_at,
        answered_by=None,
        is_answered_elsewhere=False,
    )


def _is_booked(call: Call) -> bool:
    """Whether the vendor's record of the outbound call says that it was answered."""
    record = call.record
    return (
        record is not None
        and record.direction is Direction.OUTBOUND
        and record.outcome is CallOutcome.ANSWERED
    )


def _far_answer(leg: CallLeg | None) -> datetime | None:
    """When the far party answered: the answer after we started to call it."""
    if leg is None or leg.initiated_at is None or leg.last_connected_at is None:
        return None
    is_after = leg.last_connected_at > leg.initiated_at
    return leg.last_connected_at if is_after else None


def _same_phone(call: Call, dial: DialTrace) -> bool:
    extensions = {leg.user.extension for leg in call.legs if leg.user.extension}
    return not extensions or not dial.extension or dial.extension in extensions
