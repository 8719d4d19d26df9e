"""How long to wait before trying again: longer each time, and never in step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

BASE_SECONDS: Final = 1.0
CAP_SECONDS: Final = 300.0
LONGEST_ASKED_SECONDS: Final = 86_400.0
_LARGEST_EXPONENT: Final = 32


@dataclass(slots=True, kw_only=True)
class Backoff:
    """Delays for one thing that keeps failing: full jitter under a growing cap.

    A thousand desktops that lost the same phone system in the same second come back
    spread over the whole interval instead of all at once.

    Attributes:
        random: Gives numbers in [0, 1), as ``random.random`` does.
        base_seconds: The longest first delay.
        cap_seconds: The longest delay at all, unless the vendor asks for more.
        failures: How often it has failed in a row.
    """

    random: Callable[[], float]
    base_seconds: float = BASE_SECONDS
    cap_seconds: float = CAP_SECONDS
    failures: int = field(default=0, init=False)

    def next_delay(self, retry_after_seconds: float | None = None) -> float:
        """Seconds to wait after one more failure.

        Args:
            retry_after_seconds: What the vendor asked for; it is never undercut, only
                stretched by up to ``base_seconds``, and believed up to one day.
        """
        exponent = min(self.failures, _LARGEST_EXPONENT)
        self.failures += 1
        ceiling = min(self.cap_seconds, self.base_seconds * 2.0**exponent)
        delay = self.random() * ceiling
        if retry_after_seconds is None:
            return delay
        asked = min(max(retry_after_seconds, 0.0), LONGEST_ASKED_SECONDS)
        return max(delay, asked + self.random() * self.base_seconds)

    def reset(self) -> None:
        """It worked: the next failure starts from the beginning."""
        self.failures = 0
