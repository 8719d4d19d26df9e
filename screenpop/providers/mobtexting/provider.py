"""One MobTexting account, with every ability that its interface gives it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.domain.errors import (
    NotFound,
    RequestRejected,
    SecretMissing,
    UsageError,
)
from screenpop.providers.key_names import KeyNames
from screenpop.providers.mobtexting import webhook
from screenpop.providers.mobtexting.client import SERVICE, MobTextingClient
from screenpop.providers.mobtexting.dialling import Dialling
from screenpop.providers.mobtexting.logs import (
    POLL_INTERVAL_SECONDS,
    SILENT_CALL_REACH,
    CallLogs,
    LogPoller,
)
from screenpop.providers.mobtexting.mapping import is_made_up
from screenpop.providers.mobtexting.outgoing import CHOICES, OutgoingCalls
from screenpop.providers.mobtexting.payloads import log_entry_of
from screenpop.providers.mobtexting.subscribing import (
    EVENT_TYPES,
    FURTHER_EVENT_TYPES,
    Registrations,
)
from screenpop.providers.mobtexting.zone import account_zone
from screenpop.providers.narrowed_lists import SINCE, UNTIL, chosen_moment
from screenpop.providers.protocol import Identity
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.domain.http_replies import HttpReply
    from screenpop.domain.privacy import Secret
    from screenpop.providers.abilities import (
        FlowCall,
        HistoryChoice,
        NamedThing,
        Recording,
        SetupStep,
    )
    from screenpop.providers.protocol import (
        HistoryPage,
        HistoryQuery,
        OriginateReceipt,
        OriginateRequest,
        ProviderContext,
        Subscription,
        SubscriptionOutcome,
    )

WEBHOOK_SECRET = "webhook_secret"  # noqa: S105 - the name of a secret, not one
FLOWS = marked("voice flows")
RECORDINGS = marked("recordings")
OUTGOING = marked("outgoing calls")


class MobTextingProvider:
    """Joins the client, the mapping and the webhook of one account.

    Every method that talks to MobTexting raises ``ProviderError`` by kind,
    ``SecretError`` when the keychain gives no token, and ``PayloadError`` when an
    answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no key is read yet.

        Raises:
            ConfigurationError: The address or the time zone cannot be used.
        """
        self._context = context
        self._zone = account_zone(context.options.get("time_zone", ""), context.region)
        self._client = MobTextingClient(context)
        self._registrations = Registrations(self._client, context.account_id)
        self._dialling = Dialling(self._client, context)
        self._logs = CallLogs(self._client, context, self._zone)
        self._outgoing = OutgoingCalls(self._client, context, self._zone)
        self._poller = LogPoller(self._logs, context.account_id)
        self._keys = KeyNames(SERVICE)
        self._secret: Secret | None = None

    async def prepare(self) -> None:
        """Read the webhook secret, which tells the vendor's deliveries from others."""
        self._secret = await self._webhook_secret()

    async def check(self) -> Identity:
        """Prove that address and token are right."""
        account, reply = await self._client.me()
        return Identity(account.name or SERVICE, account.email, _clock_skew(reply))

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    # --- calls coming in --------------------------------------------------------------

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """200, or the challenge repeated; 401 to whoever lacks the secret."""
        return webhook.answer(delivery, self._secret)

    def live_setup(self, callback_url: str) -> tuple[SetupStep, ...]:
        """The steps of a voice flow: MobTexting's own webhooks only report the end."""
        return webhook.live_setup(callback_url, self._secret)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; never raises for bad input."""
        parsed = webhook.parse(delivery, self._secret, self._zone)
        if parsed.events:
            place = f"{delivery.source} {type(parsed.events[0]).__name__}"
            self._keys.note(place, webhook.key_names(delivery))
        return parsed

    @property
    def event_types(self) -> tuple[str, ...]:
        """The reports of calls."""
        return EVENT_TYPES

    @property
    def further_event_types(self) -> tuple[str, ...]:
        """Who wants no more calls; all other events are about messages."""
        return FURTHER_EVENT_TYPES

    async def list_subscriptions(self) -> tuple[Subscription, ...]:
        """All webhooks and what they are subscribed to, ours or not."""
        return await self._registrations.listed()

    async def get_subscription(self, subscription_id: str) -> Subscription:
        """One registration."""
        return await self._registrations.get(subscription_id)

    async def create_subscription(
        self, callback_url: str, event_type: str, notification_email: str = ""
    ) -> Subscription:
        """Subscribe our webhook on the URL; MobTexting sends no mail about it."""
        return await self._registrations.create(
            callback_url, event_type, await self._webhook_secret()
        )

    async def update_subscription(self, subscription: Subscription) -> Subscription:
        """Write URL, event and enabled back."""
        return await self._registrations.update(
            subscription, await self._webhook_secret()
        )

    async def delete_subscription(self, subscription_id: str) -> None:
        """Remove one; one that is already gone is fine."""
        await self._registrations.delete(subscription_id)

    async def ensure_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have one active webhook of ours on the URL, subscribed to reports."""
        return await self._registrations.ensure(
            callback_url, await self._webhook_secret()
        )

    async def drop_subscriptions(
        self, callback_url: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Delete our webhook on the URL and what is subscribed to it."""
        return await self._registrations.drop(callback_url)

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait between two polls; far within 1,000 GETs a minute."""
        return POLL_INTERVAL_SECONDS

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The log entries of calls that ended since, oldest first."""
        return await self._poller.poll(since)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What the logs have of one call; empty when nothing."""
        entry = await self._logs.find(call_id, reach=SILENT_CALL_REACH)
        if entry is not None:
            return (self._poller.delivery(entry.source),)
        if is_made_up(call_id):
            return ()
        states = await self._client.call_states("id", call_id)
        return tuple(self._poller.delivery(log_entry_of(state)) for state in states[:1])

    # --- looking back -----------------------------------------------------------------

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls."""
        return await self._logs.page(query)

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by the id in the log."""
        entry = await self._logs.find(record_id, by_record=True)
        if entry is None:
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        return entry.record

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record of one call; none when the log does not know it."""
        entry = await self._logs.find(call_id)
        return () if entry is None else (entry.record,)

    async def recording(self, call_id: str) -> Recording:
        """A fresh link to the recording of a call."""
        return await self._logs.recording(call_id)

    # --- calling out ------------------------------------------------------------------

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """Try the token and the numbers."""
        await self._dialling.prepare(request)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Ring the agent first, then the number; sent at most once."""
        return await self._dialling.originate(request)

    async def start_flow(self, call: FlowCall) -> OriginateReceipt:
        """Let a voice flow speak to somebody; sent at most once."""
        return await self._dialling.start_flow(call)

    @property
    def flow_catalogue(self) -> str:
        """The flows of the account's settings."""
        return FLOWS

    @property
    def catalogue_names(self) -> tuple[str, ...]:
        """The flows of the settings, the recording log, and calls by request."""
        return (FLOWS, RECORDINGS, OUTGOING)

    async def catalogue(self, name: str) -> tuple[NamedThing, ...]:
        """The flows to offer, the latest recordings, or today's calls by request."""
        if name == RECORDINGS:
            return await self._logs.recent_recordings()
        if name == OUTGOING:
            return await self._outgoing.chosen({})
        if name != FLOWS:
            known = ", ".join(self.catalogue_names)
            raise UsageError(
                tr("There is no list called “{name}”", name=name),
                tr("Known: {known}.", known=known),
            )
        return self._dialling.flows()

    def catalogue_choices(self, name: str) -> tuple[HistoryChoice, ...]:
        """The recording log by days, calls by request by one of their names."""
        if name == OUTGOING:
            return CHOICES
        return (SINCE, UNTIL) if name == RECORDINGS else ()

    async def choose_catalogue(
        self, name: str, chosen: Mapping[str, str]
    ) -> tuple[NamedThing, ...]:
        """The recordings of those days, or the calls that fit."""
        if name == OUTGOING:
            return await self._outgoing.chosen(chosen)
        if name != RECORDINGS or not {SINCE.key, UNTIL.key}.issuperset(chosen):
            raise RequestRejected(
                tr("{service} cannot narrow this list like that", service=SERVICE)
            )
        since, until = (chosen_moment(chosen, one.key) for one in (SINCE, UNTIL))
        return await self._logs.recordings_between(since, until)

    async def catalogue_item(self, name: str, thing_id: str) -> NamedThing:
        """One recording with its link, one call by request, or one flow."""
        if name == RECORDINGS:
            return await self._logs.recorded(thing_id)
        if name == OUTGOING:
            return await self._outgoing.one(thing_id)
        for thing in await self.catalogue(name):
            if thing.thing_id == thing_id:
                return thing
        raise NotFound(tr("{service} does not know it", service=SERVICE))

    # --- shared -----------------------------------------------------------------------

    async def _webhook_secret(self) -> Secret | None:
        """The secret that was agreed on; None when there is none."""
        try:
            secret = await self._context.read_secret(WEBHOOK_SECRET)
        except SecretMissing:
            return None
        return secret if secret.reveal().strip() else None


def _clock_skew(reply: HttpReply) -> float | None:
    """Our clock minus the vendor's, in seconds."""
    if reply.server_date is None:
        return None
    return (reply.received_at - reply.server_date).total_seconds()
