"""By what an account's calls can be seen, and how often to look at that again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.providers.abilities import SupportsPollingOnly
from screenpop.providers.protocol import SupportsWebhookSubscription
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import SupportsCallPolling
    from screenpop.services.connections import Connection

SUBSCRIPTION_CHECK_SECONDS: Final = 600.0


def way_to_live_calls(connection: Connection) -> str:
    """What somebody can do to see an account's calls while they ring."""
    chosen = connection.able(SupportsPollingOnly)
    if chosen is not None:
        return chosen.way_to_live_calls
    return tr(
        "Set listener.public_url so that your phone system can reach this computer, or "
        "use your team's relay."
    )


def recheck_seconds(
    connection: Connection, poller: SupportsCallPolling | None
) -> float:
    """How long to rely on webhooks alone.

    Where they are set up by hand at the vendor, nobody can tell whether that was done,
    or done for every number: the call history is read as often as without them.
    """
    if poller is None or connection.able(SupportsWebhookSubscription) is not None:
        return SUBSCRIPTION_CHECK_SECONDS
    return poller.poll_interval_seconds
