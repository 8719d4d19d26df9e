"""A delivery on the broker: its body as the vendor sent it, all else in one header.

The header holds one JSON object in ASCII, so that no vendor's bytes can break the
broker's framing. The reader is strict: what another version wrote, or anybody else, is
an error and never half a delivery.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, cast

from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

VERSION: Final = 1
DELIVERY_HEADER: Final = "Screenpop-Delivery"
_LONGEST_SPREAD_SECONDS: Final = 600.0


@frozen
class Envelope:
    """A delivery as it travels.

    Attributes:
        headers: Of the broker's message, without the message id.
        body: The delivery's body, byte for byte.
    """

    headers: Mapping[str, str]
    body: bytes


def enclose(delivery: Delivery) -> Envelope:
    """The delivery as a message; ``seq`` is the reader's own and does not travel."""
    facts: dict[str, object] = {
        "v": VERSION,
        "account": delivery.account_id,
        "source": delivery.source.value,
        "at": delivery.received_at.astimezone(UTC).isoformat(),
        "type": delivery.content_type,
        "method": delivery.method,
        "path": delivery.path,
        "query": delivery.query,
        "headers": delivery.headers,
    }
    text = json.dumps(facts, separators=(",", ":"))
    return Envelope({DELIVERY_HEADER: text}, delivery.body)


def unfold(
    headers: Mapping[str, str], body: bytes, *, source: DeliverySource | None = None
) -> Delivery:
    """The delivery in a message.

    Args:
        headers: Of the message.
        body: Of the message.
        source: How the reader had it, in place of how the relay had it.

    Raises:
        PayloadError: It is no envelope of this version.
    """
    try:
        facts = json.loads(headers[DELIVERY_HEADER])
        return _delivery(cast("object", facts), body, source)
    except (KeyError, ValueError, TypeError, OverflowError, RecursionError):
        raise PayloadError(
            tr("A message of the team's relay cannot be read"),
            tr("The relay and this program may be of different versions: update both."),
        ) from None


def _delivery(facts: object, body: bytes, source: DeliverySource | None) -> Delivery:
    if not isinstance(facts, dict) or facts["v"] != VERSION:
        raise ValueError("not of this version")
    received_at = datetime.fromisoformat(_text(facts, "at"))
    if received_at.tzinfo is None:
        raise ValueError("a time without a zone")
    account_id = _text(facts, "account")
    account_id.encode()  # half a surrogate pair would reach the disk, and break there
    return Delivery(
        account_id=account_id,
        source=source or DeliverySource(_text(facts, "source")),
        received_at=received_at.astimezone(UTC),
        body=body,
        content_type=_text(facts, "type"),
        method=_text(facts, "method"),
        path=_text(facts, "path"),
        query=_text(facts, "query"),
        headers=_pairs(facts["headers"]),
    )


def _text(facts: Mapping[str, object], name: str) -> str:
    value = facts[name]
    if not isinstance(value, str):
        raise TypeError
    return value


def _pairs(value: object) -> tuple[tuple[str, str], ...]:
    if not isinstance(value, list):
        raise TypeError
    pairs = []
    for pair in cast("list[object]", value):
        if not isinstance(pair, list) or [type(each) for each in pair] != [str, str]:
            raise TypeError
        pairs.append((pair[0], pair[1]))
    return tuple(pairs)


@frozen
class Notice:
    """Something for a desk to do, in place of a delivery: ask what was handed over.

    Attributes:
        spread_seconds: Over how long the desks that are told shall spread it.
    """

    spread_seconds: float

    def to_header(self) -> str:
        """What stands in place of a delivery's facts."""
        return json.dumps(
            {"v": VERSION, "notice": "handed", "spread": self.spread_seconds}
        )


def read_notice(headers: Mapping[str, str]) -> Notice | None:
    """The notice in a message; None when it is none."""
    try:
        facts = json.loads(headers[DELIVERY_HEADER])
    except (KeyError, ValueError, TypeError, RecursionError):
        return None
    match facts:
        case {"v": 1, "notice": "handed", "spread": int(spread) | float(spread)}:
            # In this order: NaN is none, and an integer may be too large for a float.
            return Notice(float(min(max(0.0, spread), _LONGEST_SPREAD_SECONDS)))
    return None


def message_id(delivery: Delivery, vendor_id: str = "") -> str:
    """What the broker knows a delivery by, so that one that comes twice is stored once.

    Args:
        delivery: As received.
        vendor_id: The vendor's own id of the delivery, where it sends one.
    """
    digest = hashlib.sha256()
    # With its length before each part, so that no two deliveries share their parts.
    for part in (
        delivery.account_id.encode(),
        delivery.method.encode("utf-8", "surrogatepass"),
        delivery.path.encode("utf-8", "surrogatepass"),
        delivery.query.encode("utf-8", "surrogatepass"),
        vendor_id.encode("utf-8", "surrogatepass"),
        delivery.body,
    ):
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()[:40]
