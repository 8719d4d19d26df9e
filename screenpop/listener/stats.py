"""What the listener has done so far, for ``status`` and the doctor."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import field
from threading import Lock
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from screenpop.listener.guard import Refusal

_KEPT_LATENCIES: Final = 1_000


@frozen(kw_only=True)
class ListenerStats:
    """One look at the listener's counters since its start.

    Attributes:
        accepted: Deliveries that were stored and answered.
        ignored: Requests that were well formed but for nobody, or empty.
        refused: Requests turned away, by ``Refusal`` value.
        evicted: Connections closed to make room for newer ones.
        open_connections: Connections right now.
        in_flight: Deliveries handed to the intake and not yet answered.
        answer_p50_ms: Half of the last 1,000 accepted deliveries were answered within
            this time, counted from their last byte; None before the first.
        answer_p99_ms: The same for 99 of 100.
    """

    accepted: int = 0
    ignored: int = 0
    refused: Mapping[str, int] = field(default_factory=dict)
    evicted: int = 0
    open_connections: int = 0
    in_flight: int = 0
    answer_p50_ms: float | None = None
    answer_p99_ms: float | None = None


class StatsRecorder:
    """Counts on the listener's thread; read from any thread."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._accepted = 0
        self._ignored = 0
        self._evicted = 0
        self._open = 0
        self._in_flight = 0
        self._refused: Counter[str] = Counter()
        self._latencies: deque[float] = deque(maxlen=_KEPT_LATENCIES)

    def connection_opened(self) -> None:
        """A sender connected."""
        with self._lock:
            self._open += 1

    def connection_closed(self) -> None:
        """A connection is gone, whoever ended it."""
        with self._lock:
            self._open -= 1

    def evict(self) -> None:
        """A connection was closed to make room."""
        with self._lock:
            self._evicted += 1

    def refuse(self, reason: Refusal) -> None:
        """A request was turned away."""
        with self._lock:
            self._refused[reason.value] += 1

    def ignore(self) -> None:
        """A request was answered as if all were well, and forgotten."""
        with self._lock:
            self._ignored += 1

    def hand_over(self) -> None:
        """A delivery went to the intake."""
        with self._lock:
            self._in_flight += 1

    def take_back(self, accepted_after_seconds: float | None) -> None:
        """The intake is done; None when it did not store the delivery."""
        with self._lock:
            self._in_flight -= 1
            if accepted_after_seconds is not None:
                self._accepted += 1
                self._latencies.append(accepted_after_seconds)

    def read(self) -> ListenerStats:
        """The counters now."""
        with self._lock:
            ordered = sorted(self._latencies)
            return ListenerStats(
                accepted=self._accepted,
                ignored=self._ignored,
                refused=dict(self._refused),
                evicted=self._evicted,
                open_connections=self._open,
                in_flight=self._in_flight,
                answer_p50_ms=_percentile_ms(ordered, 0.50),
                answer_p99_ms=_percentile_ms(ordered, 0.99),
            )


def _percentile_ms(ordered_seconds: Sequence[float], share: float) -> float | None:
    if not ordered_seconds:
        return None
    rank = min(len(ordered_seconds) - 1, int(len(ordered_seconds) * share))
    return ordered_seconds[rank] * 1_000
