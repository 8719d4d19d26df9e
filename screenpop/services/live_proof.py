"""Whether calls reach us as they ring where somebody sets that up by hand."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from screenpop.domain.events import CallRecorded
from screenpop.providers.abilities import SupportsLiveSetup
from screenpop.providers.protocol import SupportsWebhook
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.services.connections import Connection


class HookedDeliveries(Protocol):
    """Where deliveries are kept."""

    def hooked(self, account_id: str, after: int) -> list[Delivery]:
        """What the vendor itself sent after that number; waits for the disk."""
        ...


@dataclass(slots=True)
class _Search:
    """How far an account's deliveries were looked through.

    Attributes:
        seq: The number of the last one.
    """

    seq: int = 0
    is_found: bool = False


class LiveProof:
    """Looks for a call that came while it rang, once for each account.

    Records of ended calls prove nothing: vendors send them another way.
    """

    def __init__(self, inbox: HookedDeliveries) -> None:
        self._inbox = inbox
        self._searches: dict[str, _Search] = {}

    async def holds_for(self, connection: Connection) -> bool:
        """Whether a call came so; True where nobody sets anything up by hand."""
        parser = connection.able(SupportsWebhook)
        if connection.able(SupportsLiveSetup) is None or parser is None:
            return True
        search = self._searches.setdefault(connection.account_id, _Search())
        if not search.is_found:
            found = await asyncio.to_thread(
                self._inbox.hooked, connection.account_id, search.seq
            )
            search.seq = max((one.seq or 0 for one in found), default=search.seq)
            search.is_found = any(
                not isinstance(event, CallRecorded)
                for delivery in found
                for event in parser.parse(delivery).events
            )
        return search.is_found


def waiting_texts(connection: Connection) -> tuple[str, str]:
    """Headline and advice while there is no proof."""
    vendor = connection.manifest.name if connection.manifest else connection.label
    return (
        tr("Waiting for the first call from {vendor}", vendor=vendor),
        tr(
            "It has to be told where to: the account's page says what to enter there. "
            "Until then calls are seen after they end."
        ),
    )
