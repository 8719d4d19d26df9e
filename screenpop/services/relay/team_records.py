"""Records of the buckets CLAIMS, RULES and PRESENCE."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.relay.devices import (
    VERSION,
    Line,
    lines_from_json,
    lines_to_json,
    moment_of,
    read_record,
)
from screenpop.relay.team_words import (
    Claim,
    Presence,
    PresenceState,
    Rule,
    read_item,
    write_item,
)

if TYPE_CHECKING:
    from screenpop.relay.devices import Device


@frozen(kw_only=True)
class PresenceRecord:
    """How somebody is, with all that the desks of each account are told of them.

    Attributes:
        lines: Of the device, when it said so.
    """

    agent: str
    lines: tuple[Line, ...]
    state: PresenceState
    at: datetime
    revision: int = 0


def presence_record(device: Device, state: PresenceState, at: datetime) -> bytes:
    """The record of a device's word."""
    record = {
        "version": VERSION,
        "agent": device.agent,
        "lines": lines_to_json(device.lines),
        "state": state.value,
        "at": at.astimezone(UTC).isoformat(),
    }
    return json.dumps(record).encode()


def read_presence(raw: bytes) -> PresenceRecord:
    """The presence in a record.

    Raises:
        PayloadError: It cannot be read.
    """
    record = read_record(raw)
    try:
        return PresenceRecord(
            agent=str(record["agent"]),
            lines=lines_from_json(record["lines"]),
            state=PresenceState(record["state"]),
            at=moment_of(record["at"]),
        )
    except (LookupError, TypeError, ValueError) as error:
        raise PayloadError("A presence's record cannot be read") from error


def keep(item: Claim | Rule) -> bytes:
    """The record of a claim or a rule."""
    return write_item(item)


def read_kept(raw: bytes) -> Claim | Rule:
    """The claim or rule in a record.

    Raises:
        PayloadError: It cannot be read.
    """
    item = read_item(raw)
    if isinstance(item, Presence):
        raise PayloadError("A record of the team is in the wrong bucket")
    return item
