"""Tell the team how the user of this desk is, if they are fine with that."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallState
from screenpop.relay.names import TeamVerb
from screenpop.relay.team_words import PRESENCE_SECONDS, PresenceState, TeamRequest
from screenpop.services.call_tracker import CallChanged
from screenpop.services.quietness import QuietChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.application import Application
    from screenpop.services.team.sharing import TeamSharing

_AGAIN_SECONDS: Final = PRESENCE_SECONDS * 0.4
_RINGING: Final = (CallState.ALERTING, CallState.INITIATED)


class OwnPresence:
    """Says each change once, and now and then that it is still so."""

    def __init__(self, sharing: TeamSharing, app: Application) -> None:
        self._sharing = sharing
        self._app = app
        self._told: PresenceState | None = None
        self._told_at = 0.0
        self.was_told = False
        self._leave: tuple[Callable[[], None], ...] = ()
        if app.settings.team.presence:
            self._leave = (
                app.bus.subscribe(CallChanged, lambda _: self._look()),
                app.bus.subscribe(QuietChanged, lambda _: self._look()),
            )

    def stop(self) -> None:
        """Follow nothing any more."""
        for leave in self._leave:
            leave()

    def forget_told(self) -> None:
        """It is to be said again: the connection is a new one."""
        self._told = None

    def seconds_to_next(self) -> float | None:
        """When to say again that it is still so; None where nothing is said."""
        if not self._app.settings.team.presence:
            return None
        return _AGAIN_SECONDS * (0.8 + 0.2 * random.random())  # noqa: S311

    async def tell(self) -> None:
        """Say it, if it is news or was last said long ago.

        Raises:
            RelayError: It could not be said.
        """
        if not self._app.settings.team.presence:
            return
        loop = asyncio.get_running_loop()
        # It may have changed again while it was being said.
        while (state := self.state()) is not self._told or self._is_old(loop.time()):
            await self._sharing.ask(TeamVerb.PRESENCE, TeamRequest(presence=state))
            self._told, self._told_at, self.was_told = state, loop.time(), True

    def _is_old(self, now: float) -> bool:
        return now - self._told_at >= _AGAIN_SECONDS * 0.8

    def farewell(self) -> TeamRequest:
        """What to say last."""
        self._told = None
        self.was_told = False
        return TeamRequest(presence=PresenceState.GONE)

    def state(self) -> PresenceState:
        """How the user is, as far as this desk can tell."""
        shared = self._sharing.account_ids
        calls = [
            call.state
            for call in self._app.tracker.open_calls()
            if call.is_ours and call.ref.account_id in shared
        ]
        if CallState.CONNECTED in calls:
            return PresenceState.CALL
        if any(state in _RINGING for state in calls):
            return PresenceState.RINGING
        is_quiet = self._app.around.quiet.now.level != "none"
        return PresenceState.AWAY if is_quiet else PresenceState.FREE

    def _look(self) -> None:
        if self.state() is not self._told:
            self._sharing.wake()
