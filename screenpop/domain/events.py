"""What happened on a phone line, in our words: the facts that calls are made of.

A vendor's adapter turns each delivery into these. They may arrive late, twice, in
any order or not at all; ``domain.calls`` makes the same call of them regardless.
"""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord


class Direction(StrEnum):
    """Inbound or outbound from our user's side; fixed for the call."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ReleaseCause(StrEnum):
    """Why a leg ended."""

    NORMAL = "normal"
    BUSY = "busy"
    REJECTED = "rejected"
    NO_ANSWER = "no_answer"
    CANCELLED = "cancelled"
    ANSWERED_ELSEWHERE = "answered_elsewhere"
    TRANSFERRED = "transferred"
    FAILED = "failed"
    UNKNOWN = "unknown"


@frozen
class CallerId:
    """What a vendor says about one party of a call, not yet normalised.

    Attributes:
        number: The number, extension or SIP address as sent; "" when unknown.
        name: The name as sent; may repeat the number.
        is_withheld: The caller hid the number.
    """

    number: str = ""
    name: str = ""
    is_withheld: bool = False


@frozen
class LineUser:
    """The user an event is about, as far as the vendor says.

    Attributes:
        extension: The internal number as text; "" when not given.
        email: The user's e-mail address; "" when not given.
        name: A display name, when the vendor gives one.
    """

    extension: str = ""
    email: str = ""
    name: str = ""

    @property
    def leg_key(self) -> str:
        """What tells this user's leg from others of the call; "" when unknown."""
        return self.extension or self.email.casefold()


NO_PARTY: Final = CallerId()
NO_USER: Final = LineUser()


@frozen(kw_only=True)
class CallEvent:
    """One fact about one call; subclasses say which.

    Attributes:
        account_id: The account that told us.
        call_id: The vendor's id of the call, the same in all its events.
        occurred_at: When it happened by the vendor's clock (aware, UTC); the time
            of receipt when the vendor does not say.
        received_at: When we had it (aware, UTC).
        is_time_reported: Whether ``occurred_at`` is the vendor's; when not, it is no
            evidence of what came first.
        user: Whose leg it is about.
        line: The organisation's number or queue that was called, when told.
    """

    account_id: str
    call_id: str
    occurred_at: datetime
    received_at: datetime = field(compare=False)
    is_time_reported: bool = True
    user: LineUser = NO_USER
    line: CallerId = NO_PARTY


@frozen(kw_only=True)
class LegInitiated(CallEvent):
    """Our user started a call to ``callee``."""

    caller: CallerId = NO_PARTY
    callee: CallerId = NO_PARTY


@frozen(kw_only=True)
class LegAlerting(CallEvent):
    """Our user's phone rings because ``caller`` calls."""

    caller: CallerId = NO_PARTY
    callee: CallerId = NO_PARTY


@frozen(kw_only=True)
class LegConnected(CallEvent):
    """Our user and the other party talk."""

    caller: CallerId = NO_PARTY
    callee: CallerId = NO_PARTY


@frozen(kw_only=True)
class LegReleased(CallEvent):
    """Our user's leg ended."""

    caller: CallerId = NO_PARTY
    callee: CallerId = NO_PARTY
    cause: ReleaseCause = ReleaseCause.UNKNOWN


@frozen(kw_only=True)
class CallRecorded(CallEvent):
    """The vendor's final record of a finished call arrived."""

    record: CallDetailRecord
