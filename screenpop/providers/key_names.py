"""Learn a vendor's field names from a live account, where its documents are silent."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.domain.json_fields import JsonValue

_log = logging.getLogger(__name__)

_MOST_NAMES: Final = 300
# A key may be an id or a number, which are values: neither may reach the log.
_NAME: Final = re.compile(r"[A-Za-z_](?!\w*\d{4})(?![0-9a-fA-F-]{8,}$)[\w.-]{0,39}")


class KeyNames:
    """Logs at INFO the names of fields, never a value, each name once.

    Args:
        vendor: Whose fields they are.
    """

    def __init__(self, vendor: str) -> None:
        self._vendor = vendor
        self._seen: set[tuple[str, str]] = set()

    def note(self, place: str, names: Iterable[str]) -> None:
        """Log those of ``names`` that are new at ``place``, such as "call details"."""
        fresh = []
        for name in names:
            if len(self._seen) >= _MOST_NAMES:
                break
            known = (place, name)
            if _NAME.fullmatch(name) and name.isascii() and known not in self._seen:
                self._seen.add(known)
                fresh.append(name)
        if fresh:
            _log.info("%s, %s: fields %s", self._vendor, place, ", ".join(fresh))

    def note_value(self, place: str, value: JsonValue) -> None:
        """Log the names in a document: its own, and those one step further down.

        Of a list, the first entry stands for all.
        """
        if isinstance(value, list):
            if value:
                self.note_value(place, value[0])
        elif isinstance(value, dict):
            self.note(place, value)
            for name, inner in value.items():
                first = inner[0] if isinstance(inner, list) and inner else inner
                if isinstance(first, dict) and _NAME.fullmatch(name):
                    self.note(f"{place} {name}", first)
