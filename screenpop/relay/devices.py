"""The team's registry of devices: which computer hears of whose calls.

One record for each device that has joined, kept in the bucket DEVICES under the
device's id. The router reads it to know where a copy of a delivery goes.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen

VERSION: Final = 1
LONGEST_NAME: Final = 60
_DEVICE_ID: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST_ID: Final = 40
_ID_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
_NO_ID_LETTER: Final = re.compile(r"[^a-z0-9]+")


@frozen
class Line:
    """Whose calls a device hears of, in one account.

    Attributes:
        extension: As the phone system's events name it; "" for everyone's.
        known_as: What people call it, such as a number; "" for the extension itself.
    """

    account_id: str
    extension: str = ""
    known_as: str = ""

    @property
    def shown(self) -> str:
        """The extension as people know it."""
        return self.known_as or self.extension


@frozen(kw_only=True)
class Device:
    """A computer that has joined the team.

    Attributes:
        device_id: Part of subjects and of its consumer's name; never used again.
        agent: Who sits in front of it, as the administrator calls them.
        host: What the computer calls itself.
        public_key: Its key; the secret half never left it.
        lines: At least one.
        joined_at: Aware, UTC.
        is_removed: It is on its way out: it hears of nothing and is not let in again.
    """

    device_id: str
    agent: str
    host: str
    public_key: str
    lines: tuple[Line, ...]
    joined_at: datetime
    is_removed: bool = False

    def hears(self, account_id: str, extension: str) -> bool:
        """Whether calls of that extension are its business."""
        return not self.is_removed and any(
            line.account_id == account_id and line.extension in ("", extension)
            for line in self.lines
        )

    def to_json(self) -> bytes:
        """The record as it is kept."""
        record = {
            "version": VERSION,
            "device": self.device_id,
            "agent": self.agent,
            "host": self.host,
            "public_key": self.public_key,
            "lines": lines_to_json(self.lines),
            "joined_at": self.joined_at.isoformat(),
            "removed": self.is_removed,
        }
        return json.dumps(record, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> Device:
        """The device of a record.

        Raises:
            PayloadError: The record cannot be read.
        """
        record = read_record(raw)
        try:
            device = cls(
                device_id=str(record["device"]),
                agent=str(record["agent"]),
                host=str(record["host"]),
                public_key=str(record["public_key"]),
                lines=lines_from_json(record["lines"]),
                joined_at=moment_of(record["joined_at"]),
                is_removed=record.get("removed") is True,
            )
        except (LookupError, TypeError, ValueError) as error:
            raise PayloadError("A device's record cannot be read") from error
        if not is_device_id(device.device_id) or not device.lines:
            raise PayloadError("A device's record cannot be read")
        return device


def new_device_id(agent: str) -> str:
    """An id nobody has had: the agent's name, for those who look at the broker."""
    name = _NO_ID_LETTER.sub("-", agent.lower()).strip("-")[:24].strip("-")
    tail = "".join(secrets.choice(_ID_LETTERS) for _ in range(8))
    return f"{name or 'desk'}-{tail}"


def is_device_id(text: str) -> bool:
    """Whether ``text`` may be a device's id, and so a part of a subject."""
    return len(text) <= _LONGEST_ID and _DEVICE_ID.fullmatch(text) is not None


def lines_to_json(lines: tuple[Line, ...]) -> list[dict[str, str]]:
    """Lines as they are written in records."""
    return [
        {"account": one.account_id, "extension": one.extension}
        | ({"known_as": one.known_as} if one.known_as else {})
        for one in lines
    ]


def lines_from_json(value: object) -> tuple[Line, ...]:
    """Lines out of a record.

    Raises:
        TypeError: They are no list of lines.
        KeyError: A part is missing.
    """
    if not isinstance(value, list):
        raise TypeError("lines")
    return tuple(
        Line(str(one["account"]), str(one["extension"]), str(one.get("known_as", "")))
        for one in value
    )


def moment_of(value: object) -> datetime:
    """A moment out of a record.

    Raises:
        TypeError: It is no text.
        ValueError: It is no moment, or one without a time zone.
    """
    if not isinstance(value, str):
        raise TypeError("moment")
    moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        raise ValueError("moment without a time zone")
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("moment out of the calendar") from None


def read_record(raw: bytes) -> Mapping[str, Any]:
    """A record as plain values.

    Raises:
        PayloadError: It is none, or one of a version that is not known here.
    """
    try:
        record = json.loads(raw)
        # Half a surrogate pair gets through the parser and breaks whoever stores it.
        json.dumps(record, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise PayloadError("A record of the team cannot be read") from error
    if not isinstance(record, dict) or record.get("version") != VERSION:
        raise PayloadError(
            "A record of the team was written by another version",
            "Update screenpop here and at the relay.",
        )
    return record
