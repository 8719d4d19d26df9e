"""The life of one simulated call, in no vendor's words."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from screenpop.domain.errors import UsageError
from screenpop.simulator.protocol import ReleaseReason

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from screenpop.simulator.clock import Clock


class Phase(Enum):
    """Where a call stands."""

    NEW = "new"
    RINGING = "ringing"
    CONNECTED = "connected"
    ENDED = "ended"


class CallStory:
    """Keeps a call's phase and times, and refuses steps that make no sense.

    Args:
        extensions: Who rings, or who dials.
    """

    def __init__(self, clock: Clock, extensions: Sequence[str]) -> None:
        self._clock = clock
        self.extensions = tuple(extensions)
        self.phase = Phase.NEW
        self.answered_by = ""
        self.release_reason = ReleaseReason.NORMAL
        self.rang_at: datetime | None = None
        self.answered_at: datetime | None = None
        self.ended_at: datetime | None = None

    @property
    def was_answered(self) -> bool:
        """Whether somebody picked up."""
        return self.answered_at is not None

    @property
    def seconds(self) -> int:
        """From the first ring to the end."""
        return _seconds(self.rang_at, self.ended_at)

    @property
    def ring_seconds(self) -> int:
        """From the first ring to the answer, or to the end without one."""
        return _seconds(self.rang_at, self.answered_at or self.ended_at)

    def ring(self) -> datetime:
        """Begin to ring; returns when.

        Raises:
            UsageError: It rang before.
        """
        self._expect(Phase.NEW, "ring")
        self.phase = Phase.RINGING
        self.rang_at = self._clock.now()
        return self.rang_at

    def answer(self, extension: str = "") -> datetime:
        """Somebody picks up; returns when.

        Raises:
            UsageError: It does not ring, or not there.
        """
        self._expect(Phase.RINGING, "answer")
        answered_by = extension or self.extensions[0]
        if answered_by not in self.extensions:
            raise UsageError(f"The call does not ring at extension {answered_by}")
        self.phase = Phase.CONNECTED
        self.answered_by = answered_by
        self.answered_at = self._clock.now()
        return self.answered_at

    def hang_up(self, reason: ReleaseReason) -> datetime:
        """End; returns when.

        Raises:
            UsageError: It is not going on.
        """
        if self.phase not in (Phase.RINGING, Phase.CONNECTED):
            raise UsageError(f"A call that is {self.phase.value} cannot hang up")
        self.phase = Phase.ENDED
        self.release_reason = ReleaseReason(reason)
        self.ended_at = self._clock.now()
        return self.ended_at

    def _expect(self, phase: Phase, step: str) -> None:
        if self.phase is not phase:
            raise UsageError(f"A call that is {self.phase.value} cannot {step}")


def _seconds(start: datetime | None, end: datetime | None) -> int:
    if start is None or end is None:
        return 0
    return round((end - start).total_seconds())
