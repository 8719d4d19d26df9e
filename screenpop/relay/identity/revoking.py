"""Have the running broker turn users away, those connected included."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import PayloadError, RelayMissing, RelayRefused
from screenpop.relay.identity.statements import with_revoked

if TYPE_CHECKING:
    from screenpop.relay.broker import Broker
    from screenpop.relay.identity.nkey import KeyPair

_UPDATE: Final = "$SYS.REQ.CLAIMS.UPDATE"
_ACCEPTED: Final = 200


async def revoke(
    broker: Broker,
    operator: KeyPair,
    account: str,
    public_keys: tuple[str, ...],
    clock: Callable[[], datetime],
) -> None:
    """Void every statement about these users; the broker cuts them off at once.

    Args:
        broker: With the rights of the administrator.
        operator: Whose word on accounts the broker takes.
        account: The public key of the users' account.
        public_keys: Of the users.
        clock: What time it is.

    Raises:
        RelayError: The broker did not do it.
    """
    lookup = f"$SYS.REQ.ACCOUNT.{account}.CLAIMS.LOOKUP"
    statement = (await broker.request(lookup, b"")).decode("utf-8", "replace")
    if not statement:
        raise RelayMissing(
            "The broker does not know the desktops' account",
            "Is this the folder that its nats.conf is from?",
        )
    try:
        changed = with_revoked(statement, operator, public_keys, clock())
    except PayloadError as error:
        raise RelayRefused(
            error.title, "Is this the folder that its nats.conf is from?"
        ) from error
    answer = await broker.request(_UPDATE, changed.encode())
    if not _is_accepted(answer):
        raise RelayRefused(
            "The broker did not take the change",
            "Its log says why; the computer may still be connected.",
        )


def _is_accepted(answer: bytes) -> bool:
    try:
        fields = json.loads(answer)
    except ValueError:
        return False
    data = fields.get("data") if isinstance(fields, dict) else None
    return isinstance(data, dict) and data.get("code") == _ACCEPTED
