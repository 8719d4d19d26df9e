"""Text messages: told once when they come, and listed with who it was."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotOffered, ScreenpopError, StoreError
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import format_number, read_number
from screenpop.providers.abilities import SupportsNews, SupportsTextMessages
from screenpop.services.events import (
    NoticeLevel,
    TextMessageArrived,
    UserNotice,
)
from screenpop.store.text_messages import StoredText, TextMessages
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from concurrent.futures import Future

    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.providers.abilities import TextMessage
    from screenpop.services.bus import Bus
    from screenpop.services.connections import Connections
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.database import Database

NOTICE_KEY: Final = "text-message"
_SAME_WITHIN: Final = timedelta(minutes=10)


@frozen(kw_only=True)
class TextEntry:
    """One text message as people read it. All texts are foreign: show as plain text.

    Attributes:
        number_text: The other side's number as it is written here.
        number_e164: The same, to dial; "" when it has no such form.
        name: Whose it is, from the contacts on this computer; may be "".
        at: When it was sent, else when we heard of it.
        is_from_vendor: Listed by the vendor, not only told to us when it came.
    """

    account_id: str
    account_label: str
    is_inbound: bool
    number_text: str
    number_e164: str
    name: str
    line_text: str
    text: str
    at: datetime | None
    is_from_vendor: bool

    @property
    def who(self) -> str:
        """The name, else the number."""
        return self.name or self.number_text


@frozen
class TextListing:
    """What there is of an account's text messages.

    Attributes:
        problem: Why the vendor's own list is not in it; "" when it is.
    """

    entries: tuple[TextEntry, ...]
    problem: str = ""


class TextMessageBook:
    """Keeps what webhooks tell, and reads the vendor's list beside it."""

    def __init__(
        self,
        *,
        database: Database,
        connections: Connections,
        bus: Bus,
        supervisor: Supervisor,
        who: Callable[[PhoneNumber], Contact | None],
    ) -> None:
        self._texts = TextMessages(database)
        self._connections = connections
        self._bus = bus
        self._supervisor = supervisor
        self._who = who
        self._listed: dict[str, tuple[TextMessage, ...]] = {}

    # --- coming in -------------------------------------------------------------------

    def hear(
        self, account_id: str, messages: Iterable[TextMessage], received_at: datetime
    ) -> None:
        """Keep these messages and tell of those that are new.

        They are on their way to the disk when this returns, before the delivery they
        came in can count as done.
        """
        for message in messages:
            stored = StoredText(
                account_id=account_id,
                is_inbound=message.is_inbound,
                sender=message.sender,
                recipient=message.recipient,
                text=message.text,
                conversation_id=message.conversation_id,
                received_at=received_at,
            )
            self._supervisor.start(
                "keep a text message", self._tell(stored, self._texts.add(stored))
            )

    async def _tell(self, stored: StoredText, added: Future[bool]) -> None:
        try:
            # Whoever quits in this moment wants it kept all the same.
            is_new = await asyncio.shield(asyncio.wrap_future(added))
        except StoreError as error:
            self._bus.publish(
                UserNotice(NoticeLevel.ERROR, error.title, error.advice, "text-store")
            )
            return
        if not is_new:
            return
        self._bus.publish(TextMessageArrived(stored.account_id))
        if stored.is_inbound:
            entry = self._entry_of_stored(stored)
            self._bus.publish(
                UserNotice(
                    NoticeLevel.INFO,
                    tr(
                        "Text message from {who}",
                        who=entry.who or tr("an unknown number"),
                    ),
                    entry.text,
                    NOTICE_KEY,
                )
            )

    # --- listing ---------------------------------------------------------------------

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Id and label of every account that has text messages."""
        return tuple(
            (each.account_id, each.label)
            for each in self._connections.all()
            if each.able(SupportsTextMessages) is not None
        )

    def received(self, account_id: str = "", limit: int = 200) -> TextListing:
        """What webhooks told, newest first; waits for the disk."""
        found = self._texts.latest(account_id, limit)
        return TextListing(tuple(self._entry_of_stored(each) for each in found))

    async def listing(
        self, account_id: str, limit: int = 200, *, is_vendor_asked: bool = True
    ) -> TextListing:
        """What webhooks told and what the vendor lists, each message once.

        Args:
            account_id: Whose messages.
            limit: How many at most, the newest.
            is_vendor_asked: Ask the vendor anew; else its list is as it was last time.

        Raises:
            UsageError: There is no such account.
            NotOffered: Its vendor has no text messages.
        """
        connection = self._connections.get(account_id)
        source = connection.able(SupportsTextMessages)
        if source is None and connection.able(SupportsNews) is None:
            raise NotOffered(tr("{label} has no text messages", label=connection.label))
        told = await asyncio.to_thread(self._texts.latest, account_id, limit)
        problem = ""
        if source is not None and is_vendor_asked:
            try:
                self._listed[account_id] = await source.list_text_messages()
            except ScreenpopError as error:
                problem = error.title
        listed = self._listed.get(account_id, ())
        entries = [self._entry_of_listed(account_id, each) for each in listed]
        entries += [
            self._entry_of_stored(each)
            for each in told
            if not any(_is_same(each, other) for other in listed)
        ]
        entries.sort(key=lambda each: each.at.timestamp() if each.at else 0.0)
        return TextListing(tuple(reversed(entries[-limit:])), problem)

    # --- in words --------------------------------------------------------------------

    def _entry_of_stored(self, stored: StoredText) -> TextEntry:
        return self._entry(
            stored.account_id,
            is_inbound=stored.is_inbound,
            sender=stored.sender,
            recipient=stored.recipient,
            text=stored.text,
            at=stored.received_at,
            is_from_vendor=False,
        )

    def _entry_of_listed(self, account_id: str, message: TextMessage) -> TextEntry:
        return self._entry(
            account_id,
            is_inbound=message.is_inbound,
            sender=message.sender,
            recipient=message.recipient,
            text=message.text,
            at=message.at,
            is_from_vendor=True,
        )

    def _entry(
        self,
        account_id: str,
        *,
        is_inbound: bool,
        sender: str,
        recipient: str,
        text: str,
        at: datetime | None,
        is_from_vendor: bool,
    ) -> TextEntry:
        connection = self._connections.find(account_id)
        region = connection.region if connection else ""
        ours, theirs = (recipient, sender) if is_inbound else (sender, recipient)
        number = read_number(theirs, region)
        contact = self._who(number)
        return TextEntry(
            account_id=account_id,
            account_label=connection.label if connection else account_id,
            is_inbound=is_inbound,
            number_text=format_number(number, region) or theirs,
            number_e164=number.e164,
            name=contact.display_name if contact else "",
            line_text=format_number(read_number(ours, region), region) or ours,
            text=text,
            at=at,
            is_from_vendor=is_from_vendor,
        )


def _is_same(stored: StoredText, listed: TextMessage) -> bool:
    """Whether the vendor lists what a webhook told; there is no id to go by."""
    if (stored.is_inbound, stored.sender, stored.text.strip()) != (
        listed.is_inbound,
        listed.sender,
        listed.text.strip(),
    ):
        return False
    return listed.at is None or abs(stored.received_at - listed.at) < _SAME_WITHIN
