"""One PrimeVOX account, with every ability that its interface gives it."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import NotFound, RequestRejected
from screenpop.domain.events import CallRecorded
from screenpop.domain.json_fields import FieldReader
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import (
    NamedThing,
    Recording,
    SetupStep,
    Sound,
    TextMessage,
    TextMessageNews,
)
from screenpop.providers.narrowed_lists import SINCE, UNTIL, chosen_moment
from screenpop.providers.primevox import looking_back, mapping, webhook
from screenpop.providers.primevox.client import PrimevoxClient
from screenpop.providers.primevox.complaints import SERVICE
from screenpop.providers.primevox.did_map import DidMap
from screenpop.providers.primevox.manifest import DEFAULT_INTERVAL_SECONDS
from screenpop.providers.primevox.parties import (
    dialable,
    is_made_up,
    readable_number,
)
from screenpop.providers.primevox.payloads import (
    HookPayload,
    is_hook,
    read_event,
    read_hook,
)
from screenpop.providers.primevox.polling import CallPoller
from screenpop.providers.primevox.questions import HIGHEST_SEVERITY, LONGEST_NOTE
from screenpop.providers.primevox.recordings import Recordings
from screenpop.providers.protocol import Identity, OriginateReceipt
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.providers.abilities import (
        CallNote,
        HistoryChoice,
        HistoryFilter,
        News,
        TimelineEntry,
    )
    from screenpop.providers.primevox.payloads import TextPayload
    from screenpop.providers.protocol import (
        HistoryPage,
        HistoryQuery,
        OriginateRequest,
        ProviderContext,
    )

CONVERSATIONS: Final = marked("text conversations")
MESSAGES: Final = marked("text messages")
RING_GROUPS: Final = marked("ring groups")
_MOST_CONVERSATIONS: Final = 10


class PrimevoxProvider:
    """Joins the client, the mapping and the webhook of one account.

    Every method that talks to PrimeVOX raises ``ProviderError`` by kind,
    ``SecretError`` when the keychain gives no key, and ``PayloadError`` when an
    answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no key is read yet.

        Raises:
            ConfigurationError: The account's address or an option cannot be used.
        """
        self._context = context
        self._did_map = DidMap.read(context.options.get("did_map", ""))
        self._client = PrimevoxClient(context)
        self._poller = CallPoller(
            self._client, context.account_id, context.extension, _interval(context)
        )
        self._past = looking_back.PastCalls(self._client, context.region)
        self._recordings = Recordings(self._client, self._poller)

    async def check(self) -> Identity:
        """Prove that address, key and container are right."""
        now = datetime.now(UTC)
        _page, reply = await self._client.list_calls(
            since=now - timedelta(minutes=1), until=now
        )
        skew = None
        if reply.server_date is not None:
            skew = (reply.received_at - reply.server_date).total_seconds()
        return Identity(SERVICE, clock_skew_seconds=skew)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()

    # --- calls coming in --------------------------------------------------------------

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """An empty 200, whatever came."""
        return webhook.answer(delivery)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; pure, never raises for bad input."""
        return webhook.parse(delivery, self._did_map)

    def live_setup(self, callback_url: str) -> tuple[SetupStep, ...]:
        """Each number is set by hand in the portal."""
        return (
            SetupStep(
                tr(
                    "In the PrimeVOX portal, Call Routing, Inbound, for each phone "
                    "number, "
                    "under API/Webhooks"
                ),
                callback_url,
            ),
        )

    async def take(self, delivery: Delivery) -> None:
        """Remember which calls go on, so that polls ask for their events.

        The names of a webhook's fields are logged when they are new: the vendor's page
        does not list them all.
        """
        for item in webhook.read_body(delivery).items:
            fields = FieldReader(item)
            if not is_hook(fields):
                continue
            hook = read_hook(fields)
            self._client.key_names.note(_place(hook), item)
            if isinstance(hook, HookPayload) and hook.call_uuid:
                self._poller.rang(hook.call_uuid, delivery.received_at)

    def news(self, delivery: Delivery) -> tuple[News, ...]:
        """The text message in a delivery, if there is one for us."""
        found = webhook.text_of(delivery, self._did_map, self._context.extension)
        return (TextMessageNews(found),) if found else ()

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait: as set, or longer when the last poll took much."""
        return self._poller.pause_seconds

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The calls that ended since, oldest first, then those going on."""
        return await self._poller.poll(since)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What PrimeVOX has of one call; empty when nothing."""
        return () if is_made_up(call_id) else await self._poller.fetch(call_id)

    # --- looking back -----------------------------------------------------------------

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls."""
        return await self._past.page(query)

    async def filter_history(
        self, query: HistoryQuery, only: HistoryFilter
    ) -> HistoryPage:
        """One page of the finished calls that fit both."""
        return await self._past.page(query, self._past.filters_of(only))

    @property
    def history_choices(self) -> tuple[HistoryChoice, ...]:
        """Every filter of PrimeVOX's call list."""
        return looking_back.CHOICES

    async def choose_history(
        self, query: HistoryQuery, chosen: Mapping[str, str]
    ) -> HistoryPage:
        """One page of the finished calls that fit ``chosen``."""
        return await self._past.page(query, looking_back.chosen_filters(chosen))

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by its UUID."""
        found = await self.records_of_call(record_id)
        if not found:
            raise NotFound(tr("{service} does not know it", service=SERVICE))
        return found[0]

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record of one call, with who answered it."""
        return tuple(
            event.record
            for delivery in await self.fetch_call(call_id)
            for event in self.parse(delivery).events
            if isinstance(event, CallRecorded)
        )

    async def timeline(self, call_id: str) -> tuple[TimelineEntry, ...]:
        """Every event of a call, in words."""
        if is_made_up(call_id):
            return ()
        _call, events = await self._client.call_details(call_id)
        return mapping.timeline(tuple(read_event(FieldReader(one)) for one in events))

    async def recording(self, call_id: str) -> Recording:
        """The link to a call's recording."""
        return Recording(url=await self._recordings.link(call_id))

    async def download_recording(self, call_id: str) -> Sound:
        """The recording itself."""
        return await self._recordings.sound(call_id)

    # --- notes ------------------------------------------------------------------------

    @property
    def longest_note(self) -> int:
        """255 characters."""
        return LONGEST_NOTE

    async def write_note(self, call_id: str, note: CallNote) -> None:
        """Put note, follow-up flag and severity in place of what was there."""
        if len(note.text) > LONGEST_NOTE:
            raise RequestRejected(
                tr(
                    "{service} takes notes of at most {longest_note} characters",
                    service=SERVICE,
                    longest_note=LONGEST_NOTE,
                )
            )
        if not 0 <= note.severity <= HIGHEST_SEVERITY:
            raise RequestRejected(
                tr(
                    "{service} knows severities from 0 to {highest_severity}",
                    service=SERVICE,
                    highest_severity=HIGHEST_SEVERITY,
                )
            )
        if is_made_up(call_id):
            raise NotFound(
                tr(
                    "{service} gave no id for this call, so it takes no note",
                    service=SERVICE,
                )
            )
        await self._client.write_note(
            call_id,
            note.text,
            is_flagged=note.needs_follow_up,
            severity=note.severity,
        )

    # --- calling out ------------------------------------------------------------------

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """See that the number can be dialled, and have the key ready."""
        await self._client.warm_up()
        self._dialable(request.number)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Start the call; the request that rings is sent at most once."""
        extension = request.extension.strip()
        if not extension.isascii() or not extension.isdigit():
            raise RequestRejected(
                tr("No extension is known to call from"),
                tr("Choose your extension in the account's settings."),
            )
        await self._client.click_to_call(extension, self._dialable(request.number))
        return OriginateReceipt()

    # --- further things ---------------------------------------------------------------

    @property
    def catalogue_names(self) -> tuple[str, ...]:
        """Text messages of the numbers in ``did_map``, and what ring groups did."""
        return (CONVERSATIONS, MESSAGES, RING_GROUPS)

    async def list_text_messages(self) -> tuple[TextMessage, ...]:
        """Those of the latest conversations of the numbers in ``did_map``."""
        latest = (await self._conversations())[:_MOST_CONVERSATIONS]
        found = [
            _text_message(ours, talk, message)
            for ours, talk in latest
            for message in await self._client.messages(talk.text_id)
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        return tuple(sorted(found, key=lambda one: one.at or oldest, reverse=True))

    async def catalogue(self, name: str) -> tuple[NamedThing, ...]:
        """Everything in one of them."""
        if name == CONVERSATIONS:
            found = await self._conversations()
            return tuple(_conversation(talk) for _ours, talk in found)
        if name == MESSAGES:
            latest = (await self._conversations())[:_MOST_CONVERSATIONS]
            return tuple(
                [
                    _message(talk, message)
                    for _ours, talk in latest
                    for message in await self._client.messages(talk.text_id)
                ]
            )
        if name == RING_GROUPS:
            return await self.choose_catalogue(name, {})
        raise NotFound(tr("{service} has no list of that name", service=SERVICE))

    def catalogue_choices(self, name: str) -> tuple[HistoryChoice, ...]:
        """What ring groups did, by time; of the last day unless chosen."""
        return (SINCE, UNTIL) if name == RING_GROUPS else ()

    async def choose_catalogue(
        self, name: str, chosen: Mapping[str, str]
    ) -> tuple[NamedThing, ...]:
        """What ring groups did in that time."""
        if name != RING_GROUPS or not {SINCE.key, UNTIL.key}.issuperset(chosen):
            raise RequestRejected(
                tr("{service} cannot narrow this list like that", service=SERVICE)
            )
        day = timedelta(days=1)
        until = chosen_moment(chosen, UNTIL.key) or datetime.now(UTC) + day
        since = chosen_moment(chosen, SINCE.key) or until - 2 * day
        events = await self._client.ring_group_events(
            since.astimezone(UTC), until.astimezone(UTC)
        )
        return tuple(
            NamedThing(str(number), entry.text, ((marked("at"), _written(entry.at)),))
            for number, entry in enumerate(mapping.timeline(events), 1)
        )

    # --- shared -----------------------------------------------------------------------

    async def _conversations(self) -> list[tuple[str, TextPayload]]:
        """Those of every number we know of, newest first, each with that number."""
        found = [
            (number, talk)
            for number in self._did_map.numbers
            for talk in await self._client.conversations(number)
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        return sorted(found, key=lambda pair: pair[1].at or oldest, reverse=True)

    def _dialable(self, number: str) -> str:
        e164 = read_number(readable_number(number), self._context.region).e164
        found = dialable(e164)
        if not found:
            raise RequestRejected(
                tr("This cannot be called through click-to-call"),
                tr(
                    "{service} calls full phone numbers only, no extensions.",
                    service=SERVICE,
                ),
            )
        return found


def _interval(context: ProviderContext) -> float:
    """As set; the usual one for what is no number. ``CallPoller`` keeps the floor."""
    try:
        seconds = float(context.options.get("poll_interval_seconds", ""))
    except ValueError:
        return DEFAULT_INTERVAL_SECONDS
    return seconds if math.isfinite(seconds) else DEFAULT_INTERVAL_SECONDS


def _place(hook: object) -> str:
    is_call = isinstance(hook, HookPayload)
    return tr("call webhook") if is_call else tr("message webhook")


def _conversation(talk: TextPayload) -> NamedThing:
    details = [(marked("last message"), _written(talk.at))]
    if talk.is_unread:
        details.append((marked("unread"), tr("yes")))
    return NamedThing(talk.text_id, readable_number(talk.party), tuple(details))


def _message(talk: TextPayload, message: TextPayload) -> NamedThing:
    details = (
        (marked("from"), readable_number(message.party)),
        (marked("with"), readable_number(talk.party)),
        (marked("at"), _written(message.at)),
    )
    return NamedThing(message.text_id, message.text, details)


def _text_message(ours: str, talk: TextPayload, message: TextPayload) -> TextMessage:
    other, line = readable_number(talk.party), readable_number(ours)
    is_inbound = readable_number(message.party) == other
    return TextMessage(
        is_inbound=is_inbound,
        sender=other if is_inbound else line,
        recipient=line if is_inbound else other,
        text=message.text,
        at=message.at,
        conversation_id=talk.text_id,
    )


def _written(at: datetime | None) -> str:
    return at.isoformat(sep=" ", timespec="seconds") if at else ""
