"""What a phone system handed us, byte for byte, and what we answer."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.events import CallEvent


class DeliverySource(StrEnum):
    """The way a delivery came in."""

    WEBHOOK = "webhook"
    POLL = "poll"
    STREAM = "stream"
    RELAY = "relay"


@frozen(kw_only=True)
class Delivery:
    """One thing a vendor told us, as received and before anything is read.

    Attributes:
        account_id: The account it belongs to.
        source: How it came in.
        received_at: When our side had the whole of it (aware, UTC).
        body: The raw body.
        content_type: The body's media type as sent, "" when absent.
        method: The HTTP method; "POST" for anything that did not come by HTTP.
        path: What followed the secret in the request's path, "" or "/…".
        query: The raw query string without "?".
        headers: Lower-case names and values that a provider may need.
        seq: Its number in the journal; None until it is journalled.
    """

    account_id: str
    source: DeliverySource
    received_at: datetime
    body: bytes
    content_type: str = ""
    method: str = "POST"
    path: str = ""
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    seq: int | None = None

    def header(self, name: str) -> str | None:
        """The first value of the header ``name`` (lower case), if kept."""
        return next((value for key, value in self.headers if key == name), None)


@frozen
class DeliveryAnswer:
    """What the vendor gets back for a delivery.

    Attributes:
        must_arrive: It is given even when the delivery could not be kept: the vendor
            acts on it at once, as on where a call is to go, or sends nothing twice and
            stops sending for a while when it is refused.
    """

    status: int = 200
    body: bytes = b""
    content_type: str = ""
    must_arrive: bool = False


@frozen
class ParsedDelivery:
    """What a delivery turned out to say.

    Attributes:
        events: The call events in it, possibly none.
        problem: Why (part of) it could not be read, for the doctor: names of
            fields and types, never values. None when all of it was understood.
    """

    events: tuple[CallEvent, ...] = ()
    problem: str | None = None
