"""What is told of a dial as it moves on, in one sentence each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallState
from screenpop.domain.numbers import format_number
from screenpop.services.call_tracker import CallChanged
from screenpop.services.events import DialProgress, DialState
from screenpop.wording import marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.domain.errors import ScreenpopError
    from screenpop.services.bus import Bus
    from screenpop.store.dials import Dial


FLOW_SPEAKS: Final = "flow"
"""Kept of a dial in place of whose phone rings first: nobody's of ours does."""


class DialNews:
    """Publishes ``DialProgress``: for what the dialer does, and for its calls."""

    def __init__(self, bus: Bus, region_of: Callable[[str], str]) -> None:
        """Nothing was dialled yet.

        Args:
            bus: Where progress is told, and where calls are.
            region_of: In which region to write the numbers of an account.
        """
        self._bus = bus
        self._region_of = region_of
        self._latest: dict[str, DialProgress] = {}
        bus.subscribe(CallChanged, self._call_changed)

    def latest(self, dial_id: str) -> DialProgress | None:
        """What was last told of a dial of this run."""
        return self._latest.get(dial_id)

    def tell(
        self,
        dial: Dial,
        state: DialState,
        name: str,
        error: ScreenpopError | None = None,
    ) -> DialProgress:
        """Say that ``dial`` has come to ``state``; an error speaks for itself."""
        number = format_number(dial.number_e164, self._region_of(dial.account_id))
        is_flow = dial.dial_first == FLOW_SPEAKS
        told = DialProgress(
            dial_id=dial.dial_id,
            state=state,
            number_text=number,
            name=name,
            is_flow=is_flow,
        )
        return self._publish(told, error)

    def _call_changed(self, change: CallChanged) -> None:
        call = change.call
        known = self._latest.get(call.dial_id) if call.dial_id else None
        if known is None:
            return
        state = _progress_of(call.state, is_own_leg=call.is_own_leg)
        is_alone = known.state in (DialState.OWN_PHONE_RINGS, DialState.ACCEPTED)
        if state is DialState.ENDED and call.is_own_leg and not is_alone:
            # The call to the party goes on without our own leg.
            return
        if state is not known.state:
            self._publish(replace(known, state=state))

    def _publish(
        self, told: DialProgress, error: ScreenpopError | None = None
    ) -> DialProgress:
        """Publish it with its sentence."""
        texts = _TEXT | _FLOW_TEXT if told.is_flow else _TEXT
        text = tr_marked(texts[told.state], who=told.name or told.number_text)
        progress = replace(
            told,
            text=error.title if error else text,
            advice=_advice(told, error),
        )
        self._latest[told.dial_id] = progress
        while len(self._latest) > _REMEMBERED:
            self._latest.pop(next(iter(self._latest)))
        self._bus.publish(progress)
        return progress


_REMEMBERED: Final = 50
_TEXT: Final = {
    DialState.INTENDED: marked("Preparing the call to {who}"),
    DialState.SENDING: marked("Asking your phone system to call {who}"),
    DialState.ACCEPTED: marked("Your phone will ring: pick up to call {who}"),
    DialState.OWN_PHONE_RINGS: marked("Your phone is ringing: pick up"),
    DialState.CALLING: marked("Calling {who}"),
    DialState.CONNECTED: marked("Talking to {who}"),
    DialState.ENDED: marked("The call to {who} has ended"),
    DialState.FAILED: marked("The call to {who} was not started"),
    DialState.UNCLEAR: marked("It is not known whether {who} was called"),
    DialState.CANCELLED: marked("The call to {who} was cancelled"),
}


def _advice(told: DialProgress, error: ScreenpopError | None) -> str:
    if told.is_flow and told.state is DialState.UNCLEAR:
        return tr("Look into the phone system's call history before you try again.")
    return error.advice if error else ""


_FLOW_TEXT: Final = {
    DialState.ACCEPTED: marked("{who} is being called, and the phone system speaks"),
    DialState.CONNECTED: marked("The phone system speaks to {who}"),
}


def _progress_of(state: CallState, *, is_own_leg: bool) -> DialState:
    if state in (CallState.ENDED, CallState.ELSEWHERE):
        return DialState.ENDED
    if is_own_leg:
        return (
            DialState.CALLING
            if state is CallState.CONNECTED
            else DialState.OWN_PHONE_RINGS
        )
    return DialState.CONNECTED if state is CallState.CONNECTED else DialState.CALLING
