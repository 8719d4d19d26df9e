"""Text messages that came by webhook: kept, and each told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import storable
from screenpop.store.columns import from_micros, to_micros

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from screenpop.store.database import Database

SAME_WITHIN: Final = timedelta(minutes=10)
"""The same words between the same numbers in so short a time are one message.

A vendor that gives its messages no id leaves no other way to tell a repeated delivery
from a second message; who writes "Yes" twice in ten minutes is told of once.
"""


@frozen(kw_only=True)
class StoredText:
    """A text message as a webhook told it.

    Attributes:
        sender: The number, as the adapter reads it; E.164 where it can be.
        received_at: When the webhook came; the message itself bears no time.
    """

    account_id: str
    is_inbound: bool
    sender: str
    recipient: str
    text: str
    conversation_id: str
    received_at: datetime


_COLUMNS: Final = (
    "account_id, is_inbound, sender, recipient, text, conversation_id, received_at"
)
_ADD: Final = f"""INSERT INTO text_messages ({_COLUMNS})
    SELECT :account_id, :is_inbound, :sender, :recipient, :text, :conversation_id, :at
    WHERE NOT EXISTS (SELECT 1 FROM text_messages WHERE received_at > :at - :same
        AND received_at < :at + :same AND account_id = :account_id
        AND is_inbound = :is_inbound AND sender = :sender AND recipient = :recipient
        AND text = :text AND conversation_id = :conversation_id)
"""  # noqa: S608 - our own column names; so below


class TextMessages:
    """The text messages of this desktop's accounts.

    Methods that read raise StoreError or one of its kin; so do the futures.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, message: StoredText) -> Future[bool]:
        """Keep a message; the future says whether it was new."""
        values = {
            "account_id": storable(message.account_id),
            "is_inbound": message.is_inbound,
            "sender": storable(message.sender),
            "recipient": storable(message.recipient),
            "text": storable(message.text),
            "conversation_id": storable(message.conversation_id),
            "at": to_micros(message.received_at),
            "same": SAME_WITHIN // timedelta(microseconds=1),
        }
        return self._database.submit(lambda c: c.execute(_ADD, values).rowcount == 1)

    def latest(self, account_id: str = "", limit: int = 200) -> tuple[StoredText, ...]:
        """The latest messages, newest first; of every account for ""."""
        rows = self._database.read(
            lambda c: c.execute(
                f"SELECT {_COLUMNS} FROM text_messages"  # noqa: S608
                " WHERE ?1 = '' OR account_id = ?1"
                " ORDER BY received_at DESC, message_no DESC LIMIT ?2",
                (storable(account_id), limit),
            ).fetchall()
        )
        return tuple(_from_columns(row) for row in rows)


def _from_columns(row: Sequence[Any]) -> StoredText:
    account_id, is_inbound, sender, recipient, text, conversation_id, at = row
    return StoredText(
        account_id=account_id,
        is_inbound=bool(is_inbound),
        sender=sender,
        recipient=recipient,
        text=text,
        conversation_id=conversation_id,
        received_at=from_micros(at),
    )
