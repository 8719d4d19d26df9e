"""Is this news still worth a card, or only a line in the log?

A vendor may deliver late, and a desktop wakes up to what it slept through: such a ring
is logged, not popped. Clocks are not trusted blindly: the vendor's ``Date`` header
gives the skew between its clock and ours, and a time that is further off than any
vendor would retry says that a clock is wrong, so that arrival decides.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.domain.events import CallEvent

FRESH_FOR: Final = timedelta(seconds=60)
LONGEST_RETRY: Final = timedelta(days=7)
STILL_RINGS_FOR: Final = timedelta(seconds=45)


def is_fresh(event: CallEvent, now: datetime, skew: timedelta = timedelta(0)) -> bool:
    """Whether ``event`` is news.

    Args:
        event: The latest thing heard of a call.
        now: Our clock.
        skew: Our clock minus the vendor's.
    """
    if now - event.received_at > STILL_RINGS_FOR:
        return False
    late = event.received_at - skew - event.occurred_at
    return late <= FRESH_FOR or late > LONGEST_RETRY
