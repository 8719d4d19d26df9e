"""What stands in a request of Mango Voice: JSON, form and query string alike.

The vendor's document has lost the parameters of every request it makes, so that
neither their names nor their encoding is known. Everything is brought to one flat set
of fields with squeezed names: ``callId``, ``call_id`` and ``call: {id}`` all read as
``callid``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, JsonValue, read_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.domain.delivery import Delivery

_NOT_IN_NAMES: Final = re.compile(r"[^a-z0-9]")
# What such a field holds are the parameters themselves.
_WRAPPERS: Final = frozenset(
    {"data", "payload", "event", "body", "params", "parameters", "attributes", "object"}
    | {"message", "notification", "callevent", "calldata", "record", "cdr", "calllog"}
)
_DEEPEST: Final = 4
_MOST_FIELDS: Final = 300
_JSON_STARTS: Final = (b"{", b"[")


@frozen
class Parameters:
    """The parameters of one request, or of one item of a list.

    Attributes:
        source: As sent, the query's among them.
        fields: The same flat, by squeezed names.
    """

    source: dict[str, JsonValue]
    fields: FieldReader

    def names(self) -> tuple[str, ...]:
        """Every key as it was spelled, with those around it: ``data.callId``."""
        return tuple(_names(self.source, ""))


def read_parameters(delivery: Delivery) -> tuple[tuple[Parameters, ...], list[str]]:
    """The parameters of a delivery, and what was wrong with it, without values.

    There is at least one set of parameters unless the body cannot be read.
    """
    problems: list[str] = []
    query = _pairs(delivery.query, problems)
    items = _read_body(delivery, problems)
    return tuple(_parameters({**query, **item}, problems) for item in items), problems


def parameters_of(source: dict[str, JsonValue]) -> Parameters:
    """The same for an object that did not come as a delivery."""
    return _parameters(source, [])


def squeezed(name: str) -> str:
    """A name without case and punctuation: ``Call-ID`` is ``callid``."""
    return _NOT_IN_NAMES.sub("", name.casefold())


def _parameters(source: dict[str, JsonValue], problems: list[str]) -> Parameters:
    flat: dict[str, JsonValue] = {}
    _flatten(source, "", flat, _DEEPEST)
    return Parameters(source, FieldReader(flat, problems))


def _read_body(
    delivery: Delivery, problems: list[str]
) -> tuple[dict[str, JsonValue], ...]:
    body = delivery.body
    if not body.strip():
        return ({},)
    is_form = "form-urlencoded" in delivery.content_type.casefold()
    if not is_form or body.lstrip().startswith(_JSON_STARTS):
        try:
            document = read_json(body)
        except PayloadError as error:
            if b"=" not in body or body.lstrip().startswith(_JSON_STARTS):
                problems.append(error.title)
                return ()
        else:
            problems.extend(document.oddities)
            return _objects(document.value, problems)
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.decode("latin-1")
        problems.append("not in UTF-8")
    return (_pairs(text, problems),)


def _objects(value: JsonValue, problems: list[str]) -> tuple[dict[str, JsonValue], ...]:
    items = value if isinstance(value, list) else [value]
    if not items:
        problems.append("an empty list")
    found = tuple(item for item in items if isinstance(item, dict))
    if len(found) != len(items):
        problems.append("not an object")
    return found


def _pairs(text: str, problems: list[str]) -> dict[str, JsonValue]:
    """A query string or form; of a name given twice the first value counts."""
    pairs: dict[str, JsonValue] = {}
    try:
        for name, value in parse_qsl(
            text.strip(), keep_blank_values=True, max_num_fields=_MOST_FIELDS
        ):
            pairs.setdefault(name, value)
    except ValueError:
        problems.append("too many parameters")
    return pairs


def _flatten(
    source: dict[str, JsonValue], prefix: str, flat: dict[str, JsonValue], depth: int
) -> None:
    """Outer fields win over inner ones of the same name."""
    inner: list[tuple[str, dict[str, JsonValue]]] = []
    for key, value in source.items():
        name = squeezed(key)
        unpacked = _unpacked(name, value)
        if isinstance(unpacked, dict):
            inner.append((name, unpacked))
        elif unpacked is not None and len(flat) < _MOST_FIELDS:
            flat.setdefault(prefix + name, unpacked)
    for name, fields in inner if depth else ():
        if name in _WRAPPERS:
            _flatten(fields, prefix, flat, depth - 1)
        else:
            _flatten(fields, prefix + name, flat, depth - 1)


def _unpacked(name: str, value: JsonValue) -> JsonValue:
    """The object that a wrapper holds as text, as forms do; else the value itself."""
    if name in _WRAPPERS and isinstance(value, str) and value.lstrip().startswith("{"):
        try:
            return read_json(value.encode("utf-8", "replace")).value
        except PayloadError:
            return value
    return value


def _names(source: dict[str, JsonValue], prefix: str) -> Iterator[str]:
    for key, value in source.items():
        unpacked = _unpacked(squeezed(key), value)
        if isinstance(unpacked, dict) and prefix.count(".") < _DEEPEST:
            yield from _names(unpacked, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
