"""How far this computer's clock is from the relay's.

Whether a call still rings is judged by how old the news of it is. The relay notes when
it had a delivery by its own clock; a desktop whose clock is wrong by an hour must not
take every call for an old one, or an old one for new.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

TOLERANCE: Final = timedelta(seconds=2)
"""Below this, differences are taken for the time that messages travel."""
DOUBT: Final = timedelta(seconds=20)
"""A message that came at once and seems to be older than this: look at the clock."""


class ClockOffset:
    """Our clock minus the relay's, as far as it is known.

    Attributes:
        value: Zero until it was measured.
        is_measured: Whether the relay was ever asked.
    """

    def __init__(self) -> None:
        self.value = timedelta()
        self.is_measured = False

    def measured(self, offset: timedelta) -> bool:
        """Note what an exchange with the relay gave; whether that is news."""
        is_news = abs(offset - self.value) > TOLERANCE
        self.is_measured = True
        if is_news:
            self.value = offset
        return is_news

    def bounded_by(self, stored_at: datetime, now: datetime) -> bool:
        """Note that a message was stored before it came; whether that is news.

        Args:
            stored_at: By the broker's clock.
            now: By ours.
        """
        longest = now - stored_at
        is_news = longest < self.value - TOLERANCE
        if is_news:
            self.value = longest
        return is_news

    def is_doubted_by(self, stored_at: datetime, now: datetime) -> bool:
        """Whether a message that came at once seems to be old."""
        return now - stored_at - self.value > DOUBT

    def to_ours(self, moment: datetime) -> datetime:
        """A moment of the relay's clock by ours."""
        return moment + self.value
