"""How long news takes, measured step by step on every call that pops."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

from screenpop.domain.frozen import frozen
from screenpop.services.events import PopRequested

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.services.bus import Bus

KEPT: Final = 1_000


@frozen
class Spread:
    """The middle and the slow end of a series, in milliseconds."""

    p50_ms: float | None = None
    p99_ms: float | None = None
    count: int = 0


class LatencyMeter:
    """Keeps the last thousand pops: vendor to us, and us to the card."""

    def __init__(self, bus: Bus) -> None:
        self._from_vendor: deque[float] = deque(maxlen=KEPT)
        self._to_card: deque[float] = deque(maxlen=KEPT)
        bus.subscribe(PopRequested, self._popped)

    def _popped(self, event: PopRequested) -> None:
        receipt = event.card.receipt
        if receipt is None:
            return
        travel = receipt.received_at - receipt.occurred_at
        handling = receipt.published_at - receipt.received_at
        self._from_vendor.append(travel.total_seconds() * 1000)
        self._to_card.append(handling.total_seconds() * 1000)

    def from_vendor(self) -> Spread:
        """From the vendor's time stamp to our receipt; two clocks are involved."""
        return spread(self._from_vendor)

    def to_card(self) -> Spread:
        """From our receipt to the card being asked for."""
        return spread(self._to_card)


def spread(values: Iterable[float]) -> Spread:
    """Median and 99th percentile; empty when there are no values."""
    ordered = sorted(values)
    if not ordered:
        return Spread()
    last = len(ordered) - 1
    return Spread(
        p50_ms=round(ordered[last // 2], 3),
        p99_ms=round(ordered[round(last * 0.99)], 3),
        count=len(ordered),
    )
