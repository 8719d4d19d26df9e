"""Whose calls are that name nobody: by what relay.toml says, else by the number called.

Pure bookkeeping; numbers are compared however they are written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.events import CallRecorded, Direction, LegAlerting
from screenpop.domain.numbers import read_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from screenpop.config.relay_settings import LineRule
    from screenpop.domain.events import CallEvent

_MOST_KEYS: Final = 10_000

Place = tuple[str, str]
"""An account's id, and a line or an extension in it."""


class LineOwners:
    """Knows which extensions hear of a line."""

    def __init__(
        self, rules: Iterable[LineRule], region_of: Callable[[str], str]
    ) -> None:
        """Know no extension yet; see ``set_extensions``.

        Args:
            rules: What relay.toml says of lines.
            region_of: In which to read an account's numbers.
        """
        self._region_of = region_of
        self._keys: dict[Place, str] = {}
        self._rules = {
            (rule.account, self._key(rule.account, rule.line)): rule.extensions
            for rule in rules
        }
        self._extensions: tuple[Place, ...] = ()
        self._by_number: dict[Place, set[str]] | None = None

    def set_extensions(self, places: Iterable[Place]) -> None:
        """Replace all extensions that somebody is enrolled for."""
        self._extensions = tuple(each for each in places if each[1])
        self._by_number = None

    def of_events(self, account_id: str, events: Iterable[CallEvent]) -> set[str]:
        """Whose a call is, as far as its line or the number called tells."""
        told = tuple(events)
        lines = [text for each in told for text in (each.line.number, each.line.name)]
        by_rule = {one for line in lines for one in self.of_line(account_id, line)}
        if by_rule:
            return by_rule
        called = (*lines, *map(_called, told))
        return {one for text in called for one in self._enrolled(account_id, text)}

    def of_line(self, account_id: str, line: str) -> tuple[str, ...]:
        """Who hears of a line by the rules; nobody when there is none for it."""
        if not line or not self._rules:
            return ()
        return self._rules.get((account_id, self._key(account_id, line)), ())

    def _enrolled(self, account_id: str, number: str) -> set[str]:
        """The extensions that are this number."""
        if not number:
            return set()
        if self._by_number is None:
            # Only once it is needed: most phone systems name who is called.
            self._by_number = {}
            for account, extension in self._extensions:
                place = account, self._key(account, extension)
                self._by_number.setdefault(place, set()).add(extension)
        return self._by_number.get((account_id, self._key(account_id, number)), set())

    def _key(self, account_id: str, line: str) -> str:
        """A number however it is written, or a queue's name."""
        known = self._keys.get((account_id, line))
        if known is None:
            number = read_number(line, self._region_of(account_id))
            known = number.e164 or line.strip().casefold()
            if len(self._keys) >= _MOST_KEYS:
                self._keys.clear()
            self._keys[account_id, line] = known
        return known


def _called(event: CallEvent) -> str:
    """The number that was called; "" where it is one of the other side."""
    if isinstance(event, LegAlerting):
        return event.callee.number
    if isinstance(event, CallRecorded):
        is_inbound = event.record.direction is Direction.INBOUND
        return event.record.callee.number if is_inbound else ""
    return ""
