"""Call events as JSON text and back, without loss.

``{"v": 1, "type": "LegAlerting", …}`` holds the fields that differ from their
defaults, so a default may never change its meaning under the same version. Unknown
keys, as a newer program may write them, are passed over.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from screenpop.domain.cdr import CallDetailRecord, CallOutcome, RecordKind
from screenpop.domain.errors import PayloadError
from screenpop.domain.events import (
    CallerId,
    CallEvent,
    CallRecorded,
    Direction,
    LegAlerting,
    LegConnected,
    LegInitiated,
    LegReleased,
    LineUser,
    ReleaseCause,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")

VERSION: Final = 1
_KEY_BYTES: Final = 16
_RECORD_TYPE: Final = "CallDetailRecord"

EVENT_TYPES: Final[Mapping[str, type[CallEvent]]] = {
    kind.__name__: kind
    for kind in (LegInitiated, LegAlerting, LegConnected, LegReleased, CallRecorded)
}
# The fields of each class with their defaults; MISSING equals no value.
_PLANS: Final[Mapping[type, tuple[tuple[str, Any], ...]]] = {
    kind: tuple((field.name, field.default) for field in dataclasses.fields(kind))
    for kind in (*EVENT_TYPES.values(), CallDetailRecord, CallerId, LineUser)
}

_dump = json.JSONEncoder(separators=(",", ":"), sort_keys=True).encode


def encode_event(event: CallEvent) -> str:
    """``event`` as JSON text."""
    return _dump(_tagged(event))


def decode_event(text: str) -> CallEvent:
    """The event that ``encode_event`` wrote.

    Raises:
        PayloadError: It is damaged, or of a version or type that we do not know.
    """
    fields = _untagged(text)
    kind = EVENT_TYPES.get(str(fields.get("type")))
    if kind is None:
        raise PayloadError(tr("A stored event is of an unknown type"))
    return _build(kind, fields)


def encode_record(record: CallDetailRecord) -> str:
    """``record`` as JSON text."""
    return _dump(_tagged(record))


def decode_record(text: str) -> CallDetailRecord:
    """The record that ``encode_record`` wrote.

    Raises:
        PayloadError: It is damaged, or of a version or type that we do not know.
    """
    fields = _untagged(text)
    if fields.get("type") != _RECORD_TYPE:
        raise PayloadError(tr("A stored record is of an unknown type"))
    return _build(CallDetailRecord, fields)


def event_key(event: CallEvent) -> bytes:
    """A digest that two events share exactly when they state the same fact.

    When we heard of it is no part of the fact.
    """
    return encode_with_key(event)[0]


def encode_with_key(event: CallEvent) -> tuple[bytes, str]:
    """``event_key`` and ``encode_event`` of the same event, for the price of one."""
    fields = _tagged(event)
    text = _dump(fields)
    del fields["received_at"]
    fact = _dump(fields).encode()
    return hashlib.blake2b(fact, digest_size=_KEY_BYTES).digest(), text


# --- writing --------------------------------------------------------------------------


def _tagged(value: CallEvent | CallDetailRecord) -> dict[str, Any]:
    return {"v": VERSION, "type": type(value).__name__, **_fields_of(value)}


def _fields_of(value: Any) -> dict[str, Any]:
    fields = {}
    for name, default in _PLANS[type(value)]:
        item = getattr(value, name)
        if item is not default and item != default:
            fields[name] = item if type(item) is str else _plain(item)
    return fields


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone says nothing")
        return value.astimezone(UTC).isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return _fields_of(value) if type(value) in _PLANS else value


# --- reading --------------------------------------------------------------------------


def _untagged(text: str) -> dict[str, Any]:
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        raise PayloadError(tr("A stored event is no JSON")) from None
    if not isinstance(fields, dict) or fields.get("v") != VERSION:
        raise PayloadError(tr("A stored event is of an unknown version"))
    return fields


def _build(kind: type[T], fields: Mapping[str, Any]) -> T:
    known = {name for name, _default in _PLANS[kind]}
    try:
        return kind(
            **{
                name: _READERS[name](value) if name in _READERS else value
                for name, value in fields.items()
                if name in known
            }
        )
    except (TypeError, ValueError, AttributeError):
        raise PayloadError(
            tr("A stored {name} is damaged", name=kind.__name__)
        ) from None


def _moment(value: Any) -> datetime:
    return datetime.fromisoformat(value)


def _party(value: Any) -> CallerId:
    return _build(CallerId, value)


def _party_or_none(value: Any) -> CallerId | None:
    return None if value is None else _party(value)


def _user(value: Any) -> LineUser:
    return _build(LineUser, value)


def _record(value: Any) -> CallDetailRecord:
    return _build(CallDetailRecord, value)


def _direction_or_none(value: Any) -> Direction | None:
    return None if value is None else Direction(value)


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(str(item) for item in value)


def _pairs(value: Any) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(text)) for name, text in value)


# By field name: the names mean the same in all these classes.
_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "answered_by": _party_or_none,
    "callee": _party,
    "caller": _party,
    "cause": ReleaseCause,
    "details": _pairs,
    "direction": _direction_or_none,
    "kind": RecordKind,
    "labels": _texts,
    "line": _party,
    "occurred_at": _moment,
    "outcome": CallOutcome,
    "received_at": _moment,
    "record": _record,
    "rules": _texts,
    "started_at": _moment,
    "user": _user,
}
