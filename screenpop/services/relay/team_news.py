"""Tell the desks of an account what has changed: one instance does, in order.

Each message is numbered, and names the instance's time in office. A desk that finds a
number missing, or somebody new in office, asks for all of it again. So a relay that is
killed between writing and telling costs a delay and nothing else.
"""

from __future__ import annotations

import asyncio
import logging
import secrets as random_tokens
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayError
from screenpop.relay.names import team_news_subject
from screenpop.relay.team_words import Item, Presence, TeamNews, write_news

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker

_log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 500
"""Items in one message."""
DESKS_PER_SECOND: Final = 200.0
"""How many desks ask for a snapshot in a second when all have to."""
_SOON_SECONDS: Final = 0.02
_DESKS_PER_PAUSE_SECOND: Final = 500.0
_LONGEST_PAUSE_SECONDS: Final = 10.0


@dataclass(slots=True)
class _Outbox:
    """What one account's desks are to be told; the latest of each replaces another."""

    number: int = 0
    waiting: dict[tuple[str, str], Item] = field(default_factory=dict)
    timer: asyncio.TimerHandle | None = None


class TeamTeller:
    """Collects changes for a moment and sends them to all desks of an account."""

    def __init__(
        self,
        broker: Broker,
        account_ids: tuple[str, ...],
        desk_count: Callable[[], int],
        start: Callable[[str, Coroutine[None, None, None]], object],
    ) -> None:
        """Tell nobody yet.

        Args:
            broker: By which it is told.
            account_ids: The accounts of this relay.
            desk_count: How many desks there are.
            start: Runs a coroutine in the background.
        """
        self._broker = broker
        self._desk_count = desk_count
        self._start = start
        self._outboxes = {account_id: _Outbox() for account_id in account_ids}
        self._boot = ""

    @property
    def is_leading(self) -> bool:
        """Whether it is this instance that tells."""
        return bool(self._boot)

    async def lead(self) -> None:
        """Tell from now on; whoever did before may have left something out."""
        self._boot = random_tokens.token_hex(8)
        for account_id, outbox in self._outboxes.items():
            outbox.number = 0
            outbox.waiting.clear()
            await self._send(account_id, ())

    async def follow(self) -> None:
        """Tell nothing any more."""
        self._boot = ""

    def note(self, account_id: str, item: Item) -> None:
        """Something changed: tell it soon, of presence the latest state now and then.

        Every change of anybody's presence goes to everybody: in a large team they are
        collected for longer, or they would be most of what the broker does.
        """
        outbox = self._outboxes.get(account_id)
        if not self._boot or outbox is None:
            return
        is_presence = isinstance(item, Presence)
        place = item.device if isinstance(item, Presence) else item.key
        outbox.waiting[type(item).__name__, place] = item
        pause = self._presence_pause() if is_presence else _SOON_SECONDS
        loop = asyncio.get_running_loop()
        if outbox.timer is not None:
            if outbox.timer.when() <= loop.time() + pause:
                return
            outbox.timer.cancel()
        outbox.timer = loop.call_later(pause, self._flush, account_id, outbox)

    def _presence_pause(self) -> float:
        pause = self._desk_count() / _DESKS_PER_PAUSE_SECOND
        return min(max(pause, _SOON_SECONDS), _LONGEST_PAUSE_SECONDS)

    def _flush(self, account_id: str, outbox: _Outbox) -> None:
        outbox.timer = None
        items = tuple(outbox.waiting.values())
        outbox.waiting.clear()
        if self._boot and items:
            self._start("tell the team", self._tell(account_id, items))

    async def _tell(self, account_id: str, items: tuple[Item, ...]) -> None:
        for first in range(0, len(items), MOST_AT_ONCE):
            await self._send(account_id, items[first : first + MOST_AT_ONCE])

    async def _send(self, account_id: str, items: tuple[Item, ...]) -> None:
        outbox = self._outboxes[account_id]
        outbox.number += 1
        news = TeamNews(
            boot=self._boot,
            number=outbox.number,
            items=items,
            spread_seconds=round(self._desk_count() / DESKS_PER_SECOND, 2),
        )
        try:
            await self._broker.send(team_news_subject(account_id), write_news(news))
        except RelayError as error:
            # The number is missing then, and every desk that connects anew asks.
            _log.info("news were not told: %s", error.title)
