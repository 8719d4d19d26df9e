"""Voxloud's spelling of live events and of finished calls' records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen
from screenpop.simulator.webhooks import WebhookFormat

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.simulator.http_server import JsonObject
    from screenpop.simulator.voxloud.pbx import User

WITHHELD = "anonymous"
"""How the document's own example spells a caller without a number."""

WEBHOOK_FORMAT = WebhookFormat(
    type_keys=frozenset({"type"}),
    call_id_keys=frozenset({"callId", "queueCallId"}),
    number_keys=frozenset(
        {
            "originatorNumber",
            "destinationNumber",
            "answererNumber",
            "sender",
            "recipient",
        }
    ),
    unknown_type="CALL_PARKED",
)


@frozen
class Party:
    """One end of a call.

    Attributes:
        user: Whose phone it is, when it is one of ours.
    """

    number: str
    name: str = ""
    user: User | None = None

    @property
    def shown_name(self) -> str:
        """The name, else the number, which is what Voxloud puts there."""
        return self.name or self.number


def milliseconds(at: datetime) -> int:
    """Since the epoch, as webhooks have it."""
    return round(at.timestamp() * 1000)


def text_timestamp(at: datetime) -> str:
    """As the telephony events query has it: no colon in the offset."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}+0000"


def envelope(
    event_type: str, at: datetime, data: JsonObject, pbx_id: int
) -> JsonObject:
    """What every webhook is wrapped in."""
    return {
        "timestamp": milliseconds(at),
        "type": event_type,
        "data": data,
        "pbx_id": pbx_id,
    }


@frozen(kw_only=True)
class LiveEvent:
    """Something that just happened to one user's phone.

    Attributes:
        kind: INCOMING, STARTED, ANSWERED or HANGUP.
        user: The subject of the event.
    """

    kind: str
    at: datetime
    call_id: str
    originator: Party
    destination: Party
    user: User

    @property
    def event_type(self) -> str:
        """The subscription's event type."""
        return f"CALL_{self.kind}"

    def data(self) -> JsonObject:
        """The ``data`` of its webhook."""
        return {
            "timestamp": milliseconds(self.at),
            "destinationNumber": self.destination.number,
            "destinationName": self.destination.shown_name,
            "originatorNumber": self.originator.number,
            "originatorName": self.originator.shown_name,
            "callId": self.call_id,
            "type": self.kind,
            "sipUsername": self.user.sip_username,
            "userEmail": self.user.email,
            "userExtension": int(self.user.extension),
        }


def without_plus(number: str) -> str:
    """Records in the document have numbers as digits only."""
    return number.removeprefix("+")


@dataclass(slots=True, kw_only=True)
class Record:
    """A finished call or fax, as the history keeps it.

    Attributes:
        record_type: PHONE_CALL, FAX_CALL or CLICK_TO_CALL.
        details: What is known besides, in Voxloud's spelling.
        webhook_details: Replaces everything in the webhook, for a fax.
    """

    record_id: int
    record_type: str
    account_id: str
    call_id: str
    direction: str
    at: datetime
    originator: Party
    destination: Party
    duration_seconds: int
    details: JsonObject
    webhook_details: JsonObject | None = None

    def numbers(self) -> tuple[str, ...]:
        """Every number that a query for a number may find it by."""
        found = (
            self.originator.number,
            self.destination.number,
            self.details.get("answererNumber", ""),
        )
        return tuple(str(number) for number in found if number)

    def spelled(self, timestamp: str | int) -> JsonObject:
        """As the telephony events API writes it."""
        return {
            "id": self.record_id,
            "type": self.record_type,
            "accountId": self.account_id,
            "direction": self.direction,
            "timestamp": timestamp,
            "originatorName": without_plus(self.originator.shown_name),
            "originatorNumber": without_plus(self.originator.number),
            "destinationName": without_plus(self.destination.shown_name),
            "destinationNumber": without_plus(self.destination.number),
            "duration": self.duration_seconds,
            "archived": False,
            "callId": self.call_id,
            **self.details,
        }

    def as_queried(self) -> JsonObject:
        """With the timestamp as text."""
        return self.spelled(text_timestamp(self.at))

    def as_webhook(self) -> JsonObject:
        """The ``data`` of its webhook."""
        timestamp = milliseconds(self.at)
        if self.webhook_details is not None:
            return {
                "timestamp": timestamp,
                "id": self.record_id,
                **self.webhook_details,
            }
        return self.spelled(timestamp)
