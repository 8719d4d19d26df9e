"""Whether a vendor had room for all our webhooks, and how to say that it had not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.providers.protocol import SubscriptionChange
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import SubscriptionOutcome


def room_text(
    event_types: tuple[str, ...], outcomes: tuple[SubscriptionOutcome, ...]
) -> str:
    """What is not told of, and what to do about it; "" when all of it is.

    Args:
        event_types: What was to be registered.
        outcomes: What became of it; none from an adapter that does not say.
    """
    there = {
        one.event_type
        for one in outcomes
        if one.change is not SubscriptionChange.DELETED
    }
    missing = [each for each in event_types if there and each not in there]
    if not missing:
        return ""
    return tr(
        "The phone system has no room for webhooks about {events}. Delete some there "
        "that nobody needs.",
        events=", ".join(missing),
    )
