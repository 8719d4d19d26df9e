"""Learn a vendor's field names from a live account, where its documents are silent."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

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
