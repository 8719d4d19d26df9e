"""What a phone system can do for us, one small protocol per ability.

Every adapter is a ``TelephonyProvider``; whoever needs more asks with
``isinstance(provider, Supports…)``, never by the vendor's name. All methods that talk
to the vendor raise only ``ProviderError`` and its kin, ``SecretError`` when the
keychain gives no key, and ``PayloadError`` when an answer cannot be read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.contacts import Contact, ContactDraft
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.domain.privacy import Secret


async def _keep_nowhere(name: str, secret: Secret) -> None:
    """Stands in where there is no keychain to write to: a draft, a command."""


def _note_nowhere(skew: timedelta) -> None:
    """Stands in where nobody wants to know."""


@frozen(kw_only=True)
class ProviderContext:
    """What an adapter is given to work for one account.

    Attributes:
        base_url: Where the vendor's API lives, without a trailing slash.
        region: Region to read national numbers in (ISO 3166, "IT").
        extension: Whose calls matter; "" for everyone's.
        options: The account's other settings, by field key.
        read_secret: Reads a secret of this account from the keychain.
        write_secret: Keeps a secret that the vendor handed us.
        note_clock: Told how far our clock is from the vendor's, whenever it says.
    """

    account_id: str
    base_url: str
    region: str
    extension: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    read_secret: Callable[[str], Awaitable[Secret]]
    write_secret: Callable[[str, Secret], Awaitable[None]] = _keep_nowhere
    note_clock: Callable[[timedelta], None] = _note_nowhere


@frozen
class Identity:
    """Who the vendor says we are.

    Attributes:
        clock_skew_seconds: Our clock minus the vendor's, by its ``Date`` header.
    """

    name: str
    email: str = ""
    clock_skew_seconds: float | None = None


@runtime_checkable
class TelephonyProvider(Protocol):
    """One account at one vendor."""

    async def check(self) -> Identity:
        """Prove that address and key are right."""
        ...

    async def aclose(self) -> None:
        """Let go of connections; the provider is not used afterwards."""
        ...


# --- calls coming in -----------------------------------------------------------------


@runtime_checkable
class SupportsWebhook(Protocol):
    """Takes the vendor's HTTP deliveries."""

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """What the vendor gets back; pure, quick, called off the UI thread.

        It is called after the delivery is on disk and must never raise.
        """
        ...

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; pure, never raises for bad input."""
        ...


@frozen(kw_only=True)
class Subscription:
    """One registration of ours (or another's) for the vendor's webhooks."""

    subscription_id: str
    callback_url: str
    event_type: str
    is_enabled: bool = True
    failed_count: int = 0
    last_error: str = ""
    notification_email: str = ""


class SubscriptionChange(StrEnum):
    """What was done about one event type."""

    KEPT = "kept"
    CREATED = "created"
    ENABLED = "enabled"
    DELETED = "deleted"


@frozen
class SubscriptionOutcome:
    """One event type after ``ensure_subscriptions`` or ``drop_subscriptions``."""

    event_type: str
    change: SubscriptionChange
    subscription: Subscription | None = None


@runtime_checkable
class SupportsWebhookSubscription(Protocol):
    """Lets us register our callback URL by API."""

    @property
    def event_types(self) -> tuple[str, ...]:
        """Every event type that ``ensure_subscriptions`` registers."""
        ...

    async def list_subscriptions(self) -> tuple[Subscription, ...]:
        """All registrations of the account, ours or not."""
        ...

    async def get_subscription(self, subscription_id: str) -> Subscription:
        """One registration."""
        ...

    async def create_subscription(
        self, callback_url: str, event_type: str, notification_email: str = ""
    ) -> Subscription:
        """Register one event type."""
        ...

    async def update_subscription(self, subscription: Subscription) -> Subscription:
        """Write URL, type, mail address and enabled back to the vendor."""
        ...

    async def delete_subscription(self, subscription_id: str) -> None:
        """Remove one registration; one that is already gone is fine."""
        ...

    async def ensure_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have exactly one enabled registration per event type on ``callback_url``.

        Found again by URL and type rather than created twice; re-enabled when the
        vendor disabled it; surplus doubles of ours are deleted; others' are left.
        """
        ...

    async def drop_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Delete every registration on ``callback_url``."""
        ...


@runtime_checkable
class SupportsFurtherEvents(Protocol):
    """Has event types besides those that screenpop registers by itself."""

    @property
    def further_event_types(self) -> tuple[str, ...]:
        """What can be subscribed to where somebody wants it."""
        ...


@runtime_checkable
class SupportsSubscriptionLimit(Protocol):
    """Takes so many registrations and no more."""

    @property
    def most_subscriptions(self) -> int:
        """How many, those of other computers and programs among them."""
        ...


@runtime_checkable
class SupportsCallPolling(Protocol):
    """Can be asked for what happened since a moment, when no webhook reaches us."""

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait between two polls within the vendor's limits."""
        ...

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """Everything newer than ``since``, oldest first, as deliveries to journal.

        Each delivery's body is one record that ``parse`` understands, so that a poll
        and a webhook of the same call end in the same call.
        """
        ...

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What the vendor has of one call, as deliveries; empty when nothing."""
        ...


# --- looking back --------------------------------------------------------------------


@frozen(kw_only=True)
class HistoryQuery:
    """Which finished calls to list.

    Attributes:
        number: As the user typed it; the adapter brings it to the vendor's form.
        page: 0-based.
    """

    number: str = ""
    since: datetime | None = None
    until: datetime | None = None
    page: int = 0
    size: int = 50
    newest_first: bool = True


@frozen
class HistoryPage:
    """One page of the vendor's call history.

    Attributes:
        call_ids: The vendor's call id of each record, in the same order.
        total: How many records match, when the vendor says.
    """

    records: tuple[CallDetailRecord, ...]
    call_ids: tuple[str, ...]
    page: int
    has_next: bool
    total: int | None = None


@runtime_checkable
class SupportsCallHistory(Protocol):
    """Lists finished calls."""

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls."""
        ...

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by the vendor's record id."""
        ...

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call."""
        ...


@runtime_checkable
class SupportsHistoryExport(Protocol):
    """Gives the call history as the vendor's own CSV."""

    async def export_history(self, query: HistoryQuery) -> bytes:
        """The CSV exactly as the vendor sends it."""
        ...


# --- calling out ---------------------------------------------------------------------


class DialFirst(StrEnum):
    """Whose phone rings first after a click."""

    EXTENSION = "extension"
    CONTACT = "contact"


@frozen(kw_only=True)
class OriginateRequest:
    """Start a call.

    Attributes:
        number: Where to, E.164.
        extension: Whose phone makes the call.
        caller_id: Which of our numbers to show; "" for the user's own default.
    """

    number: str
    extension: str
    caller_id: str = ""
    dial_first: DialFirst = DialFirst.EXTENSION


@frozen
class OriginateReceipt:
    """The vendor accepted the call.

    Attributes:
        call_id: Its id, when the vendor tells; "" otherwise.
        caller_id: The number of ours that is shown, when known.
    """

    call_id: str = ""
    caller_id: str = ""


@runtime_checkable
class SupportsClickToDial(Protocol):
    """Starts calls."""

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """Everything that may safely be repeated, done before the one real request.

        Calling it is optional; ``originate`` does it by itself when needed.
        """
        ...

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Start the call, sending the request that rings a phone at most once.

        Raises:
            OutcomeUnknown: It was sent and no answer came; it is not repeated.
        """
        ...


@frozen(kw_only=True)
class DialResource:
    """A reusable click-to-dial set-up kept at the vendor."""

    resource_id: str
    name: str
    extension: str
    caller_id: str
    dial_first: DialFirst = DialFirst.EXTENSION


@runtime_checkable
class SupportsDialResources(Protocol):
    """Keeps click-to-dial set-ups at the vendor that are made once and reused."""

    async def list_dial_resources(self) -> tuple[DialResource, ...]:
        """All of them, ours or not."""
        ...

    async def get_dial_resource(self, resource_id: str) -> DialResource:
        """One of them."""
        ...

    async def create_dial_resource(
        self, name: str, extension: str, caller_id: str, dial_first: DialFirst
    ) -> DialResource:
        """Make one; costs quota.

        Raises:
            QuotaExceeded: The account has no room for another.
        """
        ...

    async def delete_dial_resource(self, resource_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        ...

    async def connect_dial_resource(self, resource_id: str, number: str) -> None:
        """Start a call to ``number`` (E.164) through it, sent at most once."""
        ...


# --- people --------------------------------------------------------------------------


@frozen
class OwnedNumber:
    """A number of the organisation that a user may show when calling."""

    number: str
    label: str = ""


@frozen(kw_only=True)
class LineHolder:
    """A user of the phone system.

    Attributes:
        extension: What events call them, which may be an id.
        own_number: Theirs, by which people know them; "" where it is the extension.
        caller_id: The number shown by default; None when not set.
        caller_ids: All numbers this user may show.
    """

    user_id: str
    name: str
    extension: str
    email: str = ""
    own_number: str = ""
    caller_id: OwnedNumber | None = None
    caller_ids: tuple[OwnedNumber, ...] = ()


@runtime_checkable
class SupportsUsers(Protocol):
    """Lists the users of the phone system."""

    async def list_users(self) -> tuple[LineHolder, ...]:
        """All users."""
        ...


@frozen
class ContactPage:
    """One page of the vendor's contacts."""

    contacts: tuple[Contact, ...]
    has_next: bool


@runtime_checkable
class SupportsContactSearch(Protocol):
    """Searches the vendor's own contacts."""

    async def find_by_number(self, e164: str) -> tuple[Contact, ...]:
        """Contacts that the vendor returns for a number, not yet verified."""
        ...

    async def search_contacts(
        self, text: str, *, offset: int = 0, limit: int = 20
    ) -> ContactPage:
        """Contacts whose name, number or e-mail address contains ``text``."""
        ...

    async def get_contact(self, contact_id: str) -> Contact:
        """One contact."""
        ...


@runtime_checkable
class SupportsContactEditing(Protocol):
    """Writes the vendor's own contacts."""

    async def create_contact(self, draft: ContactDraft) -> Contact:
        """Create one; ``draft.numbers`` holds at least one number."""
        ...

    async def update_contact(self, contact_id: str, draft: ContactDraft) -> Contact:
        """Overwrite one."""
        ...

    async def delete_contact(self, contact_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        ...


@runtime_checkable
class SupportsDeskSecrets(Protocol):
    """Was handed secrets that an agent's own computer needs, as for dialling."""

    def desk_secrets(self, extension: str) -> tuple[str, ...]:
        """The names of those that an extension may use; pure.

        With "" of those that everybody may.
        """
        ...
