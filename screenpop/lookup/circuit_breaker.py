"""Leave a source alone for a while when it keeps failing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_FAILURES: Final = 3
_PAUSE_SECONDS: Final = 30.0
_LONGEST_PAUSE_SECONDS: Final = 600.0


class CircuitBreaker:
    """Opens after some failures in a row; after a pause one question is a trial."""

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        failures: int = _FAILURES,
        pause_seconds: float = _PAUSE_SECONDS,
    ) -> None:
        """A closed one: everything may be asked.

        Args:
            clock: Seconds that only go forward.
            failures: How many in a row open it.
            pause_seconds: How long it stays open at first; twice as long after each
                trial that failed, up to ten minutes.
        """
        self._clock = clock
        self._failures_allowed = failures
        self._first_pause = pause_seconds
        self._pause = pause_seconds
        self._failures = 0
        self._opens_until: float | None = None
        self._is_on_trial = False

    @property
    def resumes_in_seconds(self) -> float:
        """How long it stays open; 0 when something may be asked."""
        if self._opens_until is None:
            return 0.0
        return max(0.0, self._opens_until - self._clock())

    def admit(self) -> bool:
        """Whether to ask now; whoever gets True reports how it went."""
        if self._opens_until is None:
            return True
        if self._clock() < self._opens_until:
            return False
        # One trial at a time; the next one when nothing was heard of this.
        self._is_on_trial = True
        self._open(self._pause)
        return True

    def succeeded(self) -> None:
        """The source answered."""
        self._failures = 0
        self._pause = self._first_pause
        self._opens_until = None
        self._is_on_trial = False

    def failed(self, retry_after_seconds: float | None = None) -> None:
        """The source did not answer.

        Args:
            retry_after_seconds: The pause it asks for itself, if it does.
        """
        self._failures += 1
        if retry_after_seconds is not None:
            self._open(min(retry_after_seconds, _LONGEST_PAUSE_SECONDS))
        elif self._is_on_trial:
            self._pause = min(self._pause * 2, _LONGEST_PAUSE_SECONDS)
            self._open(self._pause)
        elif self._failures >= self._failures_allowed:
            self._open(self._pause)
        self._is_on_trial = False

    def abandoned(self) -> None:
        """Nobody waited for the answer; it says nothing about the source."""
        if self._is_on_trial:
            self._is_on_trial = False
            self._open(0.0)

    def _open(self, seconds: float) -> None:
        self._opens_until = self._clock() + max(0.0, seconds)
