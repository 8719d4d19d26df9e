"""What happened while nobody looked, in one sentence instead of a burst of cards."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from screenpop.domain.calls import CallRef, CallState
from screenpop.services.call_tracker import CallChanged
from screenpop.services.events import DigestReady

if TYPE_CHECKING:
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.store.call_log import CallLog


class Digest:
    """Counts calls that arrived already ended, and tells about them together."""

    def __init__(self, log: CallLog, bus: Bus, clock: Clock) -> None:
        self._log = log
        self._bus = bus
        self._clock = clock
        self._since: datetime | None = None
        self._unseen: set[CallRef] = set()
        self._late: set[CallRef] = set()
        bus.subscribe(CallChanged, self._changed)

    def begin(self) -> None:
        """From now on collect what comes late: at start and after a sleep."""
        self._since = self._clock()
        self._unseen.clear()
        self._late.clear()

    @property
    def is_collecting(self) -> bool:
        """Whether ``begin`` was called and ``finish`` not yet."""
        return self._since is not None

    def finish(self) -> DigestReady | None:
        """Stop collecting and publish what there was, if anything."""
        since, self._since = self._since, None
        rows = [self._log.get(ref.account_id, ref.call_id) for ref in self._late]
        known = [row for row in rows if row is not None and not row.is_own_leg]
        if since is None or not known:
            return None
        missed = sum(row.is_missed for row in known)
        answered = sum(row.is_answered for row in known)
        digest = DigestReady(
            missed=missed,
            answered=answered,
            others=len(known) - missed - answered,
            since=min(row.started_at for row in known),
        )
        self._bus.publish(digest)
        return digest

    def _changed(self, change: CallChanged) -> None:
        call = change.call
        if self._since is None:
            return
        # News of one call may come in several deliveries, its end in the last of them.
        if change.before is None and not change.is_pop_granted:
            self._unseen.add(call.ref)
        is_over = call.is_ours and call.state is CallState.ENDED
        if is_over and call.ref in self._unseen:
            self._late.add(call.ref)
