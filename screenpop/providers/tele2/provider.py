"""One Tele2 account, with every ability that its interface gives it.

How events come is chosen by the account's setting ``source``; abilities are asked for
by type, so each choice is a class: ``StreamingTele2`` opens the event stream,
``WebhookTele2`` registers webhooks, ``PollingTele2`` does neither.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotFound,
    PayloadError,
    PermissionDenied,
    RequestRejected,
)
from screenpop.domain.json_fields import read_json
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import HistoryFilter, Recording
from screenpop.providers.mailbox import LostCallerFilter
from screenpop.providers.protocol import ContactPage, Identity, OriginateReceipt
from screenpop.providers.tele2 import catalogues, directory, webhook
from screenpop.providers.tele2.client import MOST_WEBHOOKS, SERVICE, SmartMexClient
from screenpop.providers.tele2.directory_payloads import read_employee
from screenpop.providers.tele2.history import CallHistory
from screenpop.providers.tele2.mailbox import Mailbox, linked_sound
from screenpop.providers.tele2.payloads import read_call
from screenpop.providers.tele2.polling import POLL_INTERVAL_SECONDS, HistoryPoller
from screenpop.providers.tele2.requests import (
    CALLS,
    EMPLOYEES,
    RECORDINGS,
)
from screenpop.providers.tele2.staff import Staff
from screenpop.providers.tele2.stream import EventStream
from screenpop.providers.tele2.subscribing import Webhooks
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.contacts import Contact
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.domain.http_replies import HttpReply
    from screenpop.providers.abilities import (
        HistoryChoice,
        LostCaller,
        NamedThing,
        News,
        Sound,
        Voicemail,
    )
    from screenpop.providers.mailbox import VoicemailFilter
    from screenpop.providers.protocol import (
        HistoryPage,
        HistoryQuery,
        LineHolder,
        OriginateRequest,
        ProviderContext,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.providers.tele2.directory_payloads import EmployeePayload

NUMBER_STYLE_OPTION: Final = "number_format"
_ALL_CALLS: Final = HistoryFilter()


class Tele2Provider:
    """What an account can do, however it is told of calls.

    Every method that talks to Tele2 raises ``ProviderError`` by kind, ``SecretError``
    when the keychain gives no key, and ``PayloadError`` when an answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no key is read yet.

        Raises:
            ConfigurationError: The account's address cannot be used.
        """
        if not context.region:
            region = directory.home_region(context.base_url)
            context = replace(context, region=region)
        self._context = context
        style = context.options.get(NUMBER_STYLE_OPTION, "")
        known = style in directory.NUMBER_STYLES
        self._number_style = style if known else directory.NUMBER_STYLES[0]
        self._client = SmartMexClient(context)
        self._staff = Staff(self._client, context)
        self._poller = HistoryPoller(self._client, context.account_id)
        self._history = CallHistory(
            self._client, self._staff, context.region, self._number_style
        )
        self._mailbox = Mailbox(
            self._client, self._staff, context.region, self._number_style
        )
        self._webhooks = Webhooks(self._client, context)
        self._is_tidied = False

    async def check(self) -> Identity:
        """Prove that address and key are right; a key may be allowed little."""
        try:
            reply = await self._client.probe(EMPLOYEES)
        except PermissionDenied:
            reply = await self._client.probe(CALLS)
        return Identity(SERVICE, clock_skew_seconds=_clock_skew(reply))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    # --- calls coming in --------------------------------------------------------------

    async def prepare(self) -> None:
        """Know which employee is ours, so that the first event is read right."""
        await self._staff.restore()

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """An empty 200, whatever came."""
        return webhook.answer(delivery)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; pure, never raises for bad input."""
        return webhook.parse(delivery, self._staff.own)

    def news(self, delivery: Delivery) -> tuple[News, ...]:
        """What the delivery says of lost callers and messages."""
        return webhook.news(delivery)

    async def take(self, delivery: Delivery) -> None:
        """Learn the names of the fields that a live account sends."""
        try:
            value = read_json(delivery.body).value
        except PayloadError:
            return
        for item in value if isinstance(value, list) else [value]:
            webhook.note_names(item, self._client.key_names)

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait between two polls, within 100 requests a minute."""
        return POLL_INTERVAL_SECONDS

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The calls that ended since or still go on, oldest first."""
        await self._get_ready()
        return await self._poller.poll(since)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What Tele2 has of one call, as deliveries; empty when nothing."""
        return await self._poller.fetch_call(call_id)

    # --- looking back -----------------------------------------------------------------

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls."""
        return await self._history.page(query, _ALL_CALLS)

    async def filter_history(
        self, query: HistoryQuery, only: HistoryFilter
    ) -> HistoryPage:
        """One page of the finished calls that fit both."""
        return await self._history.page(query, only)

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by its id."""
        return await self._history.record(record_id)

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record of one call."""
        return await self._history.records_of_call(call_id)

    async def recording(self, call_id: str) -> Recording:
        """A fresh link to the recording of a call."""
        call = read_call(await self._client.item(CALLS, call_id))
        if not call.recording_id:
            raise NotFound(tr("This call has no recording"))
        found = read_call(await self._client.item(RECORDINGS, call.recording_id))
        if not found.recording_url:
            raise NotFound(tr("The recording of this call is not ready"))
        return Recording(url=found.recording_url)

    async def download_recording(self, call_id: str) -> Sound:
        """The recording itself, by a fresh link."""
        return await linked_sound(self._client, (await self.recording(call_id)).url)

    async def list_voicemails(self) -> tuple[Voicemail, ...]:
        """Messages, newest first: the own employee's where the account has one."""
        return await self._mailbox.messages()

    async def filter_voicemails(self, only: VoicemailFilter) -> tuple[Voicemail, ...]:
        """Messages that fit, newest first."""
        return await self._mailbox.messages(only)

    async def get_voicemail(self, voicemail_id: str) -> Voicemail:
        """One message, with a fresh link to it."""
        return await self._mailbox.message(voicemail_id)

    async def download_voicemail(self, voicemail_id: str) -> Sound:
        """The sound of a message."""
        return await self._mailbox.sound(voicemail_id)

    async def list_lost_callers(self) -> tuple[LostCaller, ...]:
        """Those whom nobody has called back yet."""
        return await self._mailbox.lost_callers(LostCallerFilter())

    async def filter_lost_callers(
        self, only: LostCallerFilter
    ) -> tuple[LostCaller, ...]:
        """Those who fit and whom nobody has called back yet."""
        return await self._mailbox.lost_callers(only)

    # --- calling out ------------------------------------------------------------------

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """Find out which employee's phone is to call; rings nothing."""
        self._dialable(request.number)
        await self._staff.contact_id(request.extension)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Have the employee's phone call; sent at most once."""
        number = self._dialable(request.number)
        contact_id = await self._staff.contact_id(request.extension)
        await self._client.dial(number, contact_id)
        return OriginateReceipt()

    # --- people and things ------------------------------------------------------------

    async def list_users(self) -> tuple[LineHolder, ...]:
        """All employees who are not archived."""
        employees = await self._staff.all()
        own = self._staff.own
        return tuple(directory.to_line_holder(one, own) for one in employees)

    async def find_by_number(self, e164: str) -> tuple[Contact, ...]:
        """Employees with that number; nobody where employees may not be read."""
        try:
            contacts = await self._contacts()
        except PermissionDenied:
            return ()
        wanted = read_number(e164, self._context.region).e164
        return tuple(
            contact
            for contact in contacts
            if wanted and any(number.e164 == wanted for number in contact.numbers)
        )

    async def search_contacts(
        self, text: str, *, offset: int = 0, limit: int = 20
    ) -> ContactPage:
        """Employees whose name or number contains ``text``."""
        fitting = [one for one in await self._contacts() if _fits(one, text)]
        return ContactPage(
            tuple(fitting[offset : offset + limit]),
            has_next=len(fitting) > offset + limit,
        )

    async def get_contact(self, contact_id: str) -> Contact:
        """One employee."""
        item = await self._client.item(EMPLOYEES, contact_id)
        return self._contact(read_employee(item))

    @property
    def catalogue_names(self) -> tuple[str, ...]:
        """What else can be looked through."""
        return catalogues.NAMES

    async def catalogue(self, name: str) -> tuple[NamedThing, ...]:
        """Everything in one catalogue."""
        return await catalogues.read_all(self._client, name)

    def catalogue_choices(self, name: str) -> tuple[HistoryChoice, ...]:
        """Recordings by party, direction, employee and time; groups by employee."""
        return catalogues.choices(name)

    async def choose_catalogue(
        self, name: str, chosen: Mapping[str, str]
    ) -> tuple[NamedThing, ...]:
        """What fits in one catalogue."""
        employee = chosen.get("employee", "")
        return await catalogues.read_chosen(
            self._client,
            name,
            chosen,
            contact_id=await self._staff.contact_id(employee) if employee else "",
            region=self._context.region,
        )

    async def catalogue_item(self, name: str, thing_id: str) -> NamedThing:
        """One thing of a catalogue."""
        return await catalogues.read_one(self._client, name, thing_id)

    # --- shared -----------------------------------------------------------------------

    async def _get_ready(self) -> None:
        """Know our own employee, and leave no webhooks of another setting behind."""
        await self._staff.learn()
        if not self._is_tidied:
            await self._webhooks.tidy_up()
            self._is_tidied = True

    def _dialable(self, number: str) -> str:
        if not read_number(number, self._context.region).e164:
            raise RequestRejected(
                tr("This cannot be called from here"),
                tr(
                    "{service} is asked to call full phone numbers only.",
                    service=SERVICE,
                ),
            )
        return directory.written(number, self._number_style, self._context.region)

    async def _contacts(self) -> tuple[Contact, ...]:
        return tuple(map(self._contact, await self._staff.all()))

    def _contact(self, employee: EmployeePayload) -> Contact:
        return directory.to_contact(
            employee, source=self._context.account_id, region=self._context.region
        )


class PollingTele2(Tele2Provider):
    """An account whose calls are asked for, and seen when they are over."""

    @property
    def way_to_live_calls(self) -> str:
        """What the user can do to see calls while they ring."""
        return tr("Choose the event stream as the source in the account's settings.")


class StreamingTele2(Tele2Provider):
    """An account that is told of calls over a connection that we open."""

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no key is read yet.

        Raises:
            ConfigurationError: The account's address cannot be used.
        """
        super().__init__(context)
        self._stream = EventStream(self._client, context)

    async def check(self) -> Identity:
        """Prove that address and key are right, and that they open the stream."""
        identity = await super().check()
        await self._stream.new_key()
        return identity

    def open_stream(self) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """One connection, signed in."""
        return self._stream.open()


class WebhookTele2(Tele2Provider):
    """An account that is told of calls by webhooks."""

    @property
    def event_types(self) -> tuple[str, ...]:
        """Every event type there is, or those about calls when set so."""
        return self._webhooks.event_types

    @property
    def most_subscriptions(self) -> int:
        """Twenty, of which ten are ours, or four where only calls are wanted."""
        return MOST_WEBHOOKS

    async def list_subscriptions(self) -> tuple[Subscription, ...]:
        """The webhooks made here: Tele2 lists none."""
        return await self._webhooks.all()

    async def get_subscription(self, subscription_id: str) -> Subscription:
        """One webhook made here."""
        return await self._webhooks.get(subscription_id)

    async def create_subscription(
        self, callback_url: str, event_type: str, notification_email: str = ""
    ) -> Subscription:
        """Make a webhook; Tele2 writes no mails."""
        return await self._webhooks.create(callback_url, event_type)

    async def update_subscription(self, subscription: Subscription) -> Subscription:
        """Delete or make it: a webhook at Tele2 cannot be changed."""
        if not subscription.is_enabled:
            await self._webhooks.delete(subscription.subscription_id)
            return subscription
        return await self._webhooks.create(
            subscription.callback_url, subscription.event_type
        )

    async def delete_subscription(self, subscription_id: str) -> None:
        """Delete a webhook; one that is gone is fine."""
        await self._webhooks.delete(subscription_id)

    async def ensure_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have one webhook per event type on the URL."""
        await self._staff.learn()
        return await self._webhooks.ensure(callback_url)

    async def drop_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Delete every webhook that was made here, on whichever URL."""
        return await self._webhooks.drop()

    async def _get_ready(self) -> None:
        await self._staff.learn()


def _fits(contact: Contact, text: str) -> bool:
    """Whether every word is in the name, or all the digits in a number."""
    digits = "".join(filter(str.isdigit, text))
    if digits and not any(char.isalpha() for char in text):
        wanted = digits.lstrip("0")
        numbers = (number.e164 or number.raw for number in contact.numbers)
        return any(wanted in "".join(filter(str.isdigit, number)) for number in numbers)
    return all(word in contact.name.casefold() for word in text.casefold().split())


def _clock_skew(reply: HttpReply | None) -> float | None:
    """Our clock minus the vendor's, in seconds."""
    if reply is None or reply.server_date is None:
        return None
    return (reply.received_at - reply.server_date).total_seconds()
