"""Read foreign JSON without trusting it: bounded, typed, storable, never a crash.

What can be wrong with it, all seen or tried: no JSON at all, a byte-order mark,
another encoding, 100,000 nested lists, integers of 5,000 digits, ``NaN``, a field
given twice, half a surrogate pair (SQLite refuses to store it), NUL, and any type in
any place. ``read_json`` takes all of it or raises ``PayloadError``; a ``FieldReader``
notes by name the known fields that it could not use. Neither ever quotes a value.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable

JsonValue: TypeAlias = (
    "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
)

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# Below this a number of milliseconds would lie before March 1973: it is in seconds.
_FIRST_MILLISECONDS: Final = 100_000_000_000
_LONGEST_INTEGER: Final = 40
_LONGEST_CHECKED: Final = 64 * 1024
_MOST_DETAILS: Final = 40
_LONGEST_DETAIL: Final = 1_000


@frozen
class JsonDocument:
    """A JSON text that could be read.

    Attributes:
        oddities: What was wrong with it all the same, in words without values.
    """

    value: JsonValue
    oddities: tuple[str, ...] = ()


def read_json(body: bytes) -> JsonDocument:
    """Read ``body`` as JSON.

    Fields given twice are noticed in bodies of a webhook's size only: looking for
    them makes reading three times as slow.

    Raises:
        PayloadError: It is not JSON, or nested too deeply.
    """
    oddities: dict[str, None] = {}
    try:
        text = body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        text = body.decode("latin-1")
        oddities["not in UTF-8"] = None

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        found = dict(items)
        if len(found) != len(items):
            oddities["a field given twice"] = None
        return found

    def constant(_name: str) -> None:
        oddities["NaN or Infinity for a number"] = None

    hook = pairs if len(body) <= _LONGEST_CHECKED else None
    try:
        try:
            value: JsonValue = json.loads(
                text, object_pairs_hook=hook, parse_constant=constant
            )
        except ValueError:
            # Perhaps an integer of more digits than Python converts.
            value = json.loads(text, parse_constant=constant, parse_int=_integer)
    except RecursionError:
        raise PayloadError(tr("The JSON is nested too deeply")) from None
    except ValueError:
        raise PayloadError(
            tr("It is not JSON") if body else tr("It is empty")
        ) from None
    return JsonDocument(value, tuple(oddities))


def _integer(text: str) -> int | str:
    """The integer; one too long to be anything we know stays text."""
    return int(text) if len(text) <= _LONGEST_INTEGER else text


def storable(text: str) -> str:
    """``text`` as every database and every screen can take it.

    Half a surrogate pair becomes U+FFFD, NUL goes; all else stays as it is.
    """
    if not text.isascii():
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text.replace("\x00", "")


@dataclass(slots=True)
class FieldReader:
    """Reads the fields of one JSON object by the type they should have.

    A missing field and ``null`` read as nothing. A field of a type that cannot be
    used reads as nothing too and is named in ``problems``.

    Attributes:
        problems: Names of fields and what was wrong with them; never a value.
        used: The names asked for so far.
    """

    source: dict[str, JsonValue]
    problems: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)

    def _value(self, name: str) -> JsonValue:
        self.used.add(name)
        return self.source.get(name)

    def note(self, name: str, wanted: str) -> None:
        """Remember that the known field ``name`` could not be used."""
        self.problems.append(f"{name} is not {wanted}")

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self.source.get(name) is not None

    def text(self, *names: str) -> str:
        """The first of these fields that says anything; numbers count as text."""
        found = ""
        for name in names:
            value = self._value(name)
            if found or value is None:
                continue
            written = _as_text(value)
            if written is None:
                self.note(name, "text")
            else:
                found = storable(written).strip()
        return found

    def number(self, name: str) -> float | None:
        """A finite number, also one written as text."""
        value = self._value(name)
        if value is None or value == "":
            return None
        if isinstance(value, int | float | str) and not isinstance(value, bool):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = math.nan
            if math.isfinite(number):
                return number
        self.note(name, "a number")
        return None

    def flag(self, name: str) -> bool | None:
        """A truth value, also one written as text or as 0 and 1."""
        value = self._value(name)
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, int | str):
            known = {"true": True, "1": True, "false": False, "0": False, "": None}
            word = str(value).strip().casefold()
            if word in known:
                return known[word]
        self.note(name, "true or false")
        return None

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; a single text counts as a list of one."""
        value = self._value(name)
        if value is None:
            return ()
        items: Iterable[JsonValue] = value if isinstance(value, list) else (value,)
        written = [_as_text(item) for item in items if item is not None]
        if None in written:
            self.note(name, "a list of texts")
        found = (storable(item).strip() for item in written if item)
        return tuple(item for item in found if item)

    def moment(self, name: str) -> datetime | None:
        """A point in time: milliseconds since 1970, or ISO 8601 (UTC if unzoned)."""
        value = self._value(name)
        if value is None or value == "":
            return None
        found = _as_moment(value)
        if found is None:
            self.note(name, "a point in time")
        return found

    def child(self, name: str) -> FieldReader | None:
        """The object in this field; its problems are noted here."""
        value = self._value(name)
        if isinstance(value, dict):
            return FieldReader(value, self.problems)
        if value is not None:
            self.note(name, "an object")
        return None

    def children(self, name: str) -> tuple[FieldReader, ...]:
        """The objects in this list field; their problems are noted here."""
        value = self._value(name)
        if value is None:
            return ()
        items = value if isinstance(value, list) else [value]
        found = [item for item in items if isinstance(item, dict)]
        if len(found) != len(items):
            self.note(name, "a list of objects")
        return tuple(FieldReader(item, self.problems) for item in found)

    def rest(self) -> tuple[tuple[str, str], ...]:
        """Every field not asked for so far, as short text, for the curious."""
        names = [
            name for name in self.source if name not in self.used and self.has(name)
        ]
        return tuple(
            (storable(name)[:_LONGEST_DETAIL], _as_detail(self.source[name]))
            for name in names[:_MOST_DETAILS]
        )


def _as_text(value: JsonValue) -> str | None:
    """Text of a text or a number; None for anything else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, float):
        if not math.isfinite(value):
            return None
        return str(int(value)) if value.is_integer() else repr(value)
    return str(value)


def _as_detail(value: JsonValue) -> str:
    written = _as_text(value)
    if written is None:
        try:
            written = json.dumps(value, ensure_ascii=False)
        except RecursionError:
            written = "…"
    return storable(written)[:_LONGEST_DETAIL]


def _as_moment(value: JsonValue) -> datetime | None:
    if isinstance(value, str):
        text = value.strip()
        if not (text.isascii() and text.isdigit()):
            return _from_iso(text)
        value = float(text)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        milliseconds = value if value >= _FIRST_MILLISECONDS else value * 1000
        return _EPOCH + timedelta(milliseconds=milliseconds) if value > 0 else None
    except (OverflowError, ValueError):
        return None


def _from_iso(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        zoned = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return zoned.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
