"""What only one instance does: send copies to desks, and look after the vendors."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayError
from screenpop.services.call_monitor import CallMonitor

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.relay.inbox import RelayInbox
    from screenpop.services.relay.router import Router
    from screenpop.services.relay.routing import Seen
    from screenpop.services.supervisor import Supervisor

_log = logging.getLogger(__name__)

_LEARN_SECONDS: Final = 10.0


class Owner:
    """Takes the duties up and lays them down.

    Attributes:
        is_leading: Whether this instance has them.
        monitor: Keeps subscriptions, streams and polling going.
    """

    def __init__(
        self,
        *,
        router: Router,
        inbox: RelayInbox,
        connections: Connections,
        callback_url: Callable[[Connection], str],
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        self._router = router
        self._inbox = inbox
        self._connections = connections
        self._supervisor = supervisor
        self._beginning: asyncio.Task[None] | None = None
        self.is_leading = False
        self.monitor = CallMonitor(
            inbox=inbox,
            # The router reads them back from the broker.
            deliver=lambda _: None,
            callback_url=callback_url,
            bus=bus,
            supervisor=supervisor,
            clock=clock,
        )

    async def lead(self) -> None:
        """Have the duties from now on."""
        self.is_leading = True
        await self._router.lead()
        # Beside the election, which must not wait for it.
        self._beginning = self._supervisor.start("look after vendors", self._begin())

    async def _begin(self) -> None:
        connections = self._connections.all()
        try:
            async with asyncio.timeout(_LEARN_SECONDS):
                await self._inbox.learn(each.account_id for each in connections)
        except (RelayError, TimeoutError) as error:
            # Then more is asked for than need be.
            kind = type(error).__name__
            _log.info("when accounts were last heard of is not known: %s", kind)
        await self.monitor.watch(connections)

    async def follow(self) -> None:
        """Have them no longer; returns when nothing of them is under way."""
        self.is_leading = False
        if self._beginning is not None:
            self._beginning.cancel()
            await asyncio.gather(self._beginning, return_exceptions=True)
        await self.monitor.stop()
        await self._router.follow()

    def heard(self, seen: Seen) -> None:
        """A delivery was read from the broker."""
        self._inbox.note(seen)
        if self.is_leading:
            delivery = seen.delivery
            self.monitor.heard_from(delivery.account_id, delivery.received_at)
