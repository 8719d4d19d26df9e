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


class ClockOffset:
    """Our clock minus the relay's, as far as it is known.

    Attributes:
        value: Zero until it was measured.
    """

    def __init__(self) -> None:
        self.value = timedelta()
        self.is_measured = False

    def measured(self, offset: timedelta) -> bool:
        """Note what an exchange with the relay gave; whether that is news."""
        is_news = not self.is_measured or abs(offset - self.value) > TOLERANCE
        self.is_measured = True
        if is_news:
            self.value = offset
        return is_news

    def heard_live(self, stored_at: datetime, now: datetime) -> bool:
        """Note a message that came the moment it was stored; whether that is news.

        Args:
            stored_at: By the broker's clock.
            now: By ours.
        """
        return self.measured(now - stored_at)

    def to_ours(self, moment: datetime) -> datetime:
        """A moment of the relay's clock by ours."""
        return moment + self.value
