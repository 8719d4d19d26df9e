"""The relay's part in what its desks share: put together, begun and ended."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayError
from screenpop.relay.names import RELAYS_QUEUE, TEAM_SUBJECTS
from screenpop.services.relay.team_answers import TeamAnswers
from screenpop.services.relay.team_board import TeamBoard
from screenpop.services.relay.team_news import TeamTeller

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker, Watching
    from screenpop.services.clock import Clock
    from screenpop.services.relay.desks import DeskBook
    from screenpop.services.supervisor import Supervisor

_log = logging.getLogger(__name__)

_SWEEP_SECONDS: Final = 30.0


class TeamSharing:
    """Answers desks at every instance; tells news at the one that has the duty."""

    def __init__(
        self,
        broker: Broker,
        account_ids: tuple[str, ...],
        desks: DeskBook,
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        """Do nothing yet."""
        self._broker = broker
        self.teller = TeamTeller(
            broker, account_ids, lambda: desks.count, supervisor.start
        )
        self.board = TeamBoard(broker, account_ids, self.teller.note, clock)
        self._answers = TeamAnswers(broker, desks.find, self.board, clock)
        self._answering: Watching | None = None

    @property
    def is_answering(self) -> bool:
        """Whether desks that ask this instance are answered."""
        return self._answering is not None

    async def run(self) -> None:
        """Answer until cancelled; the buckets must be there."""
        while True:
            try:
                await self.board.load()
                break
            except RelayError as error:
                _log.info("what desks share cannot be read yet: %s", error.title)
                await asyncio.sleep(1.0)
        await self.board.follow()
        self._answering = await self._broker.answer(
            TEAM_SUBJECTS, self._answers.answer, queue=RELAYS_QUEUE
        )
        while True:
            await asyncio.sleep(_SWEEP_SECONDS)
            self.board.drop_silent()
            self.board.drop_old()

    async def stop(self) -> None:
        """Answer nobody any more."""
        answering, self._answering = self._answering, None
        if answering is not None:
            await answering.stop()
        await self.teller.follow()
        await self.board.stop()
