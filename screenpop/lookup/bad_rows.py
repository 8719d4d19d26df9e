"""What of a contact file gave no contact, and why."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from screenpop.domain.frozen import frozen

_KEPT: Final = 100


@frozen
class BadRow:
    """A row or a card that gave no contact.

    Attributes:
        line: The file's line it is on, from one.
        reason: Why, without anything of what it says.
    """

    line: int
    reason: str


@dataclass(slots=True)
class BadRows:
    """All of those, counted, the first hundred kept."""

    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    def add(self, line: int, reason: str) -> None:
        """One more."""
        self.count += 1
        if len(self.first) < _KEPT:
            self.first.append(BadRow(line, reason))
