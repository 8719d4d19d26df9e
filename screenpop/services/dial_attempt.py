"""What the one request of a dial is: ring two phones, or let the phone system speak."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import FlowCall
from screenpop.providers.protocol import OriginateReceipt, OriginateRequest

if TYPE_CHECKING:
    from screenpop.domain.dialing import FlowSpeech
    from screenpop.services.dialer import DialAccount
    from screenpop.store.dials import Dial


@frozen
class DialAttempt:
    """The two steps of one dial, the same whoever speaks.

    Attributes:
        prepare: May be repeated and rings nothing.
        start: Sends the one request.
    """

    prepare: Callable[[], Awaitable[None]]
    start: Callable[[], Awaitable[OriginateReceipt]]


def attempt_of(
    dial: Dial, account: DialAccount, speech: FlowSpeech | None
) -> DialAttempt:
    """The steps that carry ``dial`` out, whoever speaks."""
    if speech is None or account.flows is None:
        request = OriginateRequest(
            number=dial.number_e164,
            extension=dial.extension,
            caller_id=dial.caller_id,
            dial_first=account.dial_first,
        )
        provider = account.provider
        return DialAttempt(
            lambda: provider.prepare_dial(request), lambda: provider.originate(request)
        )
    flows = account.flows
    call = FlowCall(
        number=dial.number_e164,
        flow_id=speech.flow_id,
        audio_id=speech.audio_id,
        caller_id=dial.caller_id,
        variables=speech.variables,
    )
    return DialAttempt(_prepare_nothing, lambda: flows.start_flow(call))


async def _prepare_nothing() -> None:
    """A flow needs no phone of ours to be looked up."""
