"""One Voxloud account, with every ability that its interface gives it."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from screenpop.domain.errors import RequestRejected
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import national_significant, read_number
from screenpop.providers.protocol import (
    ContactPage,
    HistoryPage,
    Identity,
)
from screenpop.providers.voxloud import mapping, subscribing, webhook
from screenpop.providers.voxloud.client import SERVICE, VoxloudClient
from screenpop.providers.voxloud.dialling import ClickToCall
from screenpop.providers.voxloud.payloads import (
    EVENT_TYPES,
    ContactPayload,
    RecordPayload,
    read_delivery,
    unreadable_answer,
)
from screenpop.providers.voxloud.polling import POLL_INTERVAL_SECONDS, RecordPoller
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.contacts import Contact, ContactDraft
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.json_fields import JsonValue
    from screenpop.providers.protocol import (
        DialFirst,
        DialResource,
        HistoryQuery,
        LineHolder,
        OriginateReceipt,
        OriginateRequest,
        ProviderContext,
        Subscription,
        SubscriptionOutcome,
    )

# The server answers partial matches to any text; fewer digits match half the world.
_FEWEST_DIGITS = 3
# Fields that a vendor sends now and then are among these; the rest need not be read.
_MOST_LOOKED_INTO = 200


class VoxloudProvider:
    """Joins the client, the mapping and the webhook of one account.

    Every method that talks to Voxloud raises ``ProviderError`` by kind,
    ``SecretError`` when the keychain gives no key, and ``PayloadError`` when an
    answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no key is read yet.

        Raises:
            ConfigurationError: The account's address cannot be used.
        """
        self._context = context
        self._client = VoxloudClient(context)
        self._dialling = ClickToCall(self._client, context)
        self._poller = RecordPoller(self._client, context.account_id)
        self._looked_into = 0

    async def check(self) -> Identity:
        """Prove that address and key are right."""
        company, reply = await self._client.validate_auth()
        return Identity(company.name, company.email, _clock_skew(reply))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    # --- calls coming in --------------------------------------------------------------

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """An empty 200, whatever came."""
        return webhook.answer(delivery)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; pure, never raises for bad input."""
        return webhook.parse(delivery)

    async def take(self, delivery: Delivery) -> None:
        """Learn the names of the fields that a live account sends."""
        if self._looked_into < _MOST_LOOKED_INTO:
            self._looked_into += 1
            webhook.note_names(delivery, self._client.key_names)

    @property
    def event_types(self) -> tuple[str, ...]:
        """Every event type there is to subscribe to."""
        return EVENT_TYPES

    async def list_subscriptions(self) -> tuple[Subscription, ...]:
        """All subscriptions of the phone system, ours or not."""
        found = await self._client.list_subscriptions()
        return tuple(map(mapping.to_subscription, found))

    async def get_subscription(self, subscription_id: str) -> Subscription:
        """One subscription."""
        found = await self._client.get_subscription(subscription_id)
        return mapping.to_subscription(found)

    async def create_subscription(
        self, callback_url: str, event_type: str, notification_email: str = ""
    ) -> Subscription:
        """Subscribe to one event type."""
        email = notification_email or self._notification_email
        return mapping.to_subscription(
            await self._client.create_subscription(callback_url, event_type, email)
        )

    async def update_subscription(self, subscription: Subscription) -> Subscription:
        """Write URL, type, mail address and enabled back."""
        payload = mapping.from_subscription(subscription)
        return mapping.to_subscription(await self._client.update_subscription(payload))

    async def delete_subscription(self, subscription_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        await self._client.delete_subscription(subscription_id)

    async def ensure_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have exactly one enabled subscription per event type on the URL."""
        return await subscribing.ensure(
            self._client, callback_url, self._notification_email
        )

    async def drop_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Delete every subscription on the URL."""
        return await subscribing.drop(self._client, callback_url)

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait between two polls; Voxloud publishes no limit."""
        return POLL_INTERVAL_SECONDS

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The records of calls that ended since, oldest first, each once."""
        return await self._poller.poll(since)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What Voxloud has of one call, as deliveries; empty when nothing."""
        now = datetime.now(UTC)
        found = await self._records_of_call(call_id)
        return tuple(self._poller.delivery(record, now) for record in found)

    # --- looking back -----------------------------------------------------------------

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls."""
        answer = await self._client.query_events(
            number=self._searchable(query.number),
            since=query.since,
            until=query.until,
            page=query.page,
            size=query.size,
            newest_first=query.newest_first,
        )
        now = datetime.now(UTC)
        read = [_read_record(record) for record in answer.content]
        booked = [payload for payload in read if payload is not None]
        return HistoryPage(
            records=tuple(mapping.to_record(item, received_at=now) for item in booked),
            call_ids=tuple(mapping.call_id_of(item, now) for item in booked),
            page=query.page,
            has_next=not answer.is_last,
            total=answer.total,
        )

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by Voxloud's record id."""
        return _booked(await self._client.get_event(record_id))

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call."""
        return tuple(map(_booked, await self._records_of_call(call_id)))

    async def export_history(self, query: HistoryQuery) -> bytes:
        """The CSV exactly as Voxloud sends it."""
        return await self._client.export_events(
            number=self._searchable(query.number),
            since=query.since,
            until=query.until,
            page=query.page,
            size=query.size,
            newest_first=query.newest_first,
        )

    # --- calling out ------------------------------------------------------------------

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """Find or make the click-to-call resource; rings nothing."""
        await self._dialling.prepare(request)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Start the call; the request that rings is sent at most once."""
        return await self._dialling.originate(request)

    async def list_dial_resources(self) -> tuple[DialResource, ...]:
        """All click-to-call resources, ours or not."""
        return await self._dialling.resources()

    async def get_dial_resource(self, resource_id: str) -> DialResource:
        """One click-to-call resource."""
        found = await self._client.get_click_to_call(resource_id)
        return mapping.to_dial_resource(found)

    async def create_dial_resource(
        self, name: str, extension: str, caller_id: str, dial_first: DialFirst
    ) -> DialResource:
        """Make a click-to-call resource; costs quota."""
        return await self._dialling.create(name, extension, caller_id, dial_first)

    async def delete_dial_resource(self, resource_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        await self._client.delete_click_to_call(resource_id)
        self._dialling.forget(resource_id)

    async def connect_dial_resource(self, resource_id: str, number: str) -> None:
        """Start a call through a resource, sent at most once."""
        await self._client.connect_click_to_call(
            resource_id, self._dialling.dialable(number)
        )

    # --- people -----------------------------------------------------------------------

    async def list_users(self) -> tuple[LineHolder, ...]:
        """All users."""
        return tuple(map(mapping.to_line_holder, await self._client.list_users()))

    async def find_by_number(self, e164: str) -> tuple[Contact, ...]:
        """Contacts whose numbers contain the national part, not yet verified."""
        digits = national_significant(e164) or "".join(filter(str.isdigit, e164))
        if len(digits) < _FEWEST_DIGITS:
            return ()
        page = await self._client.search_contacts(phone=digits, limit=100)
        return tuple(self._contact(found) for found in page.data)

    async def search_contacts(
        self, text: str, *, offset: int = 0, limit: int = 20
    ) -> ContactPage:
        """Contacts whose first or last name, number or e-mail contains ``text``.

        Voxloud searches one field at a time, so a name takes two questions, and a
        page may hold up to twice ``limit``.
        """
        pages = await asyncio.gather(
            *(
                self._client.search_contacts(**fields, offset=offset, limit=limit)
                for fields in self._search_fields(text)
            )
        )
        found = {item.id: self._contact(item) for page in pages for item in page.data}
        return ContactPage(
            tuple(found.values()), has_next=any(page.has_next for page in pages)
        )

    async def get_contact(self, contact_id: str) -> Contact:
        """One contact."""
        return self._contact(await self._client.get_contact(contact_id))

    async def create_contact(self, draft: ContactDraft) -> Contact:
        """Create one; ``draft.numbers`` holds at least one number."""
        payload = self._contact_payload(draft, ContactPayload())
        return self._contact(await self._client.create_contact(payload))

    async def update_contact(self, contact_id: str, draft: ContactDraft) -> Contact:
        """Overwrite one, keeping what a draft cannot say: website and CRM page."""
        present = await self._client.get_contact(contact_id)
        payload = self._contact_payload(draft, present)
        updated = await self._client.update_contact(contact_id, payload)
        return self._contact(updated)

    async def delete_contact(self, contact_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        await self._client.delete_contact(contact_id)

    # --- shared -----------------------------------------------------------------------

    @property
    def _notification_email(self) -> str:
        return self._context.options.get("notification_email", "")

    def _contact(self, payload: ContactPayload) -> Contact:
        return mapping.to_contact(
            payload, source=self._context.account_id, region=self._context.region
        )

    def _searchable(self, number: str) -> str:
        """The national number, as in the reference's example: 06123456789."""
        if not number.strip():
            return ""
        read = read_number(number, self._context.region)
        return national_significant(read.e164) or read.extension or number.strip()

    def _search_fields(self, text: str) -> tuple[dict[str, str], ...]:
        words = text.split()
        if not words:
            return ({},)
        if "@" in text:
            return ({"email": "".join(words)},)
        digits = "".join(filter(str.isdigit, text))
        if not any(char.isalpha() for char in text) and digits:
            e164 = read_number(text, self._context.region).e164
            return ({"phone": national_significant(e164) or digits},)
        if len(words) == 1:
            return ({"first_name": text.strip()}, {"last_name": text.strip()})
        first, rest = words[0], " ".join(words[1:])
        return (
            {"first_name": first, "last_name": rest},
            {"first_name": rest, "last_name": first},
        )

    def _contact_payload(
        self, draft: ContactDraft, present: ContactPayload
    ) -> ContactPayload:
        """The draft in Voxloud's form, which wants a first name and E.164 numbers."""
        numbers = [read_number(raw, self._context.region).e164 for raw in draft.numbers]
        if not numbers or not all(numbers):
            raise RequestRejected(
                tr(
                    "{service} keeps contacts with full phone numbers only",
                    service=SERVICE,
                ),
                tr("Write each number with its country code, such as +39 …"),
            )
        extra = dict(draft.extra)
        fallback = draft.last_name or draft.company or numbers[0]
        return ContactPayload(
            first_name=draft.first_name or fallback,
            last_name=draft.last_name if draft.first_name else "",
            primary_phone=numbers[0],
            phones=tuple(numbers[1:]),
            primary_email=draft.emails[0] if draft.emails else "",
            emails=draft.emails[1:],
            company_name=draft.company,
            job_title=draft.job_title,
            website=draft.website or present.website,
            crm_name=extra.get("crm_name", present.crm_name),
            crm_contact_url=extra.get("crm_contact_url", present.crm_contact_url),
        )

    async def _records_of_call(self, call_id: str) -> tuple[dict[str, JsonValue], ...]:
        """By the call's id, or by that of its click-to-call twin."""
        if mapping.is_made_up(call_id):
            return ()
        found = await self._client.get_events_of_call(call_id)
        if found or call_id.endswith(mapping.CLICK_TO_CALL_SUFFIX):
            return found
        twin = f"{call_id}{mapping.CLICK_TO_CALL_SUFFIX}"
        return await self._client.get_events_of_call(twin)


def _clock_skew(reply: HttpReply) -> float | None:
    """Our clock minus the vendor's, in seconds."""
    if reply.server_date is None:
        return None
    return (reply.received_at - reply.server_date).total_seconds()


def _read_record(record: dict[str, JsonValue]) -> RecordPayload | None:
    payload = read_delivery(FieldReader(record))
    return payload if isinstance(payload, RecordPayload) else None


def _booked(record: dict[str, JsonValue]) -> CallDetailRecord:
    payload = _read_record(record)
    if payload is None:
        raise unreadable_answer()
    return mapping.to_record(payload, received_at=datetime.now(UTC))
