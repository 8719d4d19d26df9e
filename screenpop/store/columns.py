"""How values become columns of the database, and back.

Moments are stored as integer microseconds since 1970 in UTC: exact, sortable, and
indexed without any text comparison.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
EARLIEST: Final = -(2**63)
LATEST: Final = 2**63 - 1

_compact = json.JSONEncoder(separators=(",", ":")).encode
quoted = json.encoder.encode_basestring_ascii
"""A text as JSON."""


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 in UTC.

    Raises:
        TypeError: ``moment`` is naive.
    """
    return (moment - _EPOCH) // _MICROSECOND


def from_micros(micros: int) -> datetime:
    """The moment, aware and in UTC."""
    return _EPOCH + timedelta(microseconds=micros)


def to_micros_or_none(moment: datetime | None) -> int | None:
    """The same for a moment that may be unknown."""
    return None if moment is None else to_micros(moment)


def from_micros_or_none(micros: int | None) -> datetime | None:
    """The same for a moment that may be unknown."""
    return None if micros is None else from_micros(micros)


def to_json(value: object) -> str:
    """Compact ASCII JSON: any text survives it, half surrogate pairs included."""
    return _compact(value)


def from_json(text: str) -> list[object]:
    """The list that ``to_json`` wrote; empty when it is something else."""
    value = json.loads(text)
    return value if isinstance(value, list) else []


def texts_from_json(text: str) -> tuple[str, ...]:
    """A list of texts that ``to_json`` wrote."""
    return tuple(str(item) for item in from_json(text)) if text != "[]" else ()


def texts_to_json(texts: Iterable[str]) -> str:
    """A list of texts as JSON."""
    # As to_json would write it; an import has a million of these.
    return f"[{','.join(map(quoted, texts))}]"
