"""Keeps the work list of this desk and the team's claims in step.

Who leaves the list here, called back or ticked off, is done for everybody; who is done
elsewhere leaves the list here. Only the list decides, so it does not matter how a
caller left it, or whether the relay was there at the time.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallRef
from screenpop.relay.names import TeamVerb
from screenpop.relay.team_words import Claim, ClaimState, TeamRequest
from screenpop.services.events import CallLogChanged, LostCallersChanged, TeamChanged

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from screenpop.services.application import Application
    from screenpop.services.team.sharing import TeamSharing
    from screenpop.store.call_rows import CallRow
    from screenpop.store.lost_callers import LostKey, LostRow

_MOST: Final = 2_000
_PAUSE_SECONDS: Final = 0.1

Caller = tuple[str, str]
"""An account and the key that stands for a caller."""


@dataclass(slots=True)
class _Waiting:
    """What there is of one caller on the list."""

    calls: list[CallRef] = field(default_factory=list)
    lost: list[LostKey] = field(default_factory=list)
    latest: datetime | None = None

    def add_time(self, at: datetime | None) -> None:
        if at is not None and (self.latest is None or at > self.latest):
            self.latest = at


class CallBackWatch:
    """Looks at the list whenever it or the claims have changed."""

    def __init__(self, sharing: TeamSharing, app: Application) -> None:
        self._sharing = sharing
        self._app = app
        self._waiting: dict[Caller, _Waiting] = {}
        self._settled: dict[Caller, int] = {}
        self._ticked: dict[Caller, _Waiting] = {}
        self._looking: asyncio.Task[None] | None = None
        self._is_changed = False
        self._leave: tuple[Callable[[], None], ...] = (
            app.bus.subscribe(CallLogChanged, lambda _: self._look_soon()),
            app.bus.subscribe(LostCallersChanged, lambda _: self._look_soon()),
            app.bus.subscribe(TeamChanged, self._team_changed),
        )

    def stop(self) -> None:
        """Look no more."""
        for leave in self._leave:
            leave()
        if self._looking is not None:
            self._looking.cancel()

    def _team_changed(self, event: TeamChanged) -> None:
        if "claims" in event.what:
            self._look_soon()

    def _look_soon(self) -> None:
        self._is_changed = True
        if self._looking is None:
            self._looking = self._app.supervisor.start("see who waits", self._look())

    async def _look(self) -> None:
        try:
            while self._is_changed:
                await asyncio.sleep(_PAUSE_SECONDS)
                self._is_changed = False
                if self._sharing.hashes is None:
                    return
                rows, lost = await asyncio.to_thread(self._read)
                # A list that was cut says nothing of who is not on it.
                is_whole = max(len(rows), len(lost)) < _MOST
                await self._settle(self._grouped(rows, lost), is_whole=is_whole)
        finally:
            self._looking = None

    def _read(self) -> tuple[tuple[CallRow, ...], tuple[LostRow, ...]]:
        from screenpop.store.lost_callers import LostCallerList

        rows = self._app.call_log.missed_open(limit=_MOST)
        return rows, LostCallerList(self._app.database).open_rows(_MOST)

    def _grouped(
        self, rows: tuple[CallRow, ...], lost: tuple[LostRow, ...]
    ) -> dict[Caller, _Waiting]:
        from screenpop.domain.numbers import read_number

        found: dict[Caller, _Waiting] = {}
        claims = self._sharing.claims
        for row in rows:
            key = claims.key(row.account_id, row.remote_e164)
            if key:
                group = found.setdefault((row.account_id, key), _Waiting())
                group.calls.append(CallRef(row.account_id, row.call_id))
                group.add_time(row.started_at)
        for one in lost:
            account_id = one.key.account_id
            region = self._app.views.log_setting(account_id).region
            key = claims.key(account_id, read_number(one.key.number, region).e164)
            if key:
                group = found.setdefault((account_id, key), _Waiting())
                group.lost.append(one.key)
                group.add_time(one.last_at)
        return found

    async def _settle(self, waiting: dict[Caller, _Waiting], *, is_whole: bool) -> None:
        before, self._waiting = self._waiting, waiting
        if is_whole:
            for caller in self._gone(before, waiting):
                self._say(TeamVerb.DONE, caller)
        for caller, group in tuple(waiting.items()):
            done = self._done(caller, group)
            if done is None:
                continue
            if self._settled.get(caller) == done.revision:
                # It left the list by this word, and the user has put it back.
                self._say(TeamVerb.RELEASE, caller)
                continue
            self._settled[caller] = done.revision
            self._ticked[caller] = group
            del waiting[caller]
            await self._tick_off(group)
        await self._put_back()

    def _gone(
        self, before: dict[Caller, _Waiting], waiting: dict[Caller, _Waiting]
    ) -> list[Caller]:
        """Who has left the list here, and by no word of the team."""
        # Whom I have and who waits no more, be it from before the start.
        mine = self._sharing.device_id
        gone = {
            (account_id, claim.key)
            for account_id, claim in self._sharing.items.all(Claim)
            if claim.device == mine and claim.state is ClaimState.CLAIMED
        }
        gone |= {
            caller
            for caller, group in before.items()
            if self._done(caller, group) is None
        }
        return [
            caller
            for caller in gone
            if caller not in waiting
            and self._sharing.wished(caller[0], Claim, caller[1]) is None
        ]

    def _done(self, caller: Caller, group: _Waiting) -> Claim | None:
        """The team's word that they need nothing more, unless they called since."""
        if self._sharing.wished(caller[0], Claim, caller[1]) is not None:
            return None
        claim = self._sharing.items.find(caller[0], Claim, caller[1])
        if claim is None or claim.state is not ClaimState.DONE:
            return None
        done_at = self._sharing.offset.to_ours(claim.at)
        return claim if group.latest is None or group.latest <= done_at else None

    def _say(self, verb: TeamVerb, caller: Caller) -> None:
        request = TeamRequest(account_id=caller[0], key=caller[1])
        self._sharing.wish(Claim, verb, request)

    def note_done(self, caller: Caller, revision: int) -> None:
        """The relay has our word that somebody is done."""
        self._settled[caller] = revision

    async def _tick_off(self, group: _Waiting) -> None:
        for ref in group.calls:
            await self._app.history.mark_called_back(ref)
        for key in group.lost:
            await self._app.lists.lost_callers.mark_called_back(key)

    async def _put_back(self) -> None:
        """Who was taken for done elsewhere and is not is on the list again."""
        for caller, group in tuple(self._ticked.items()):
            claim = self._sharing.items.find(caller[0], Claim, caller[1])
            if claim is None or claim.state is ClaimState.DONE:
                continue
            del self._ticked[caller]
            if claim.state is not ClaimState.OPEN:
                continue
            self._waiting[caller] = group
            for ref in group.calls:
                await self._app.history.mark_open(ref)
            for key in group.lost:
                await self._app.lists.lost_callers.mark_open(key)
