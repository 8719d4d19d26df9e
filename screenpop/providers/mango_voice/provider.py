"""One Mango Voice account, with every ability that its interfaces give it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.delivery import DeliverySource
from screenpop.domain.errors import (
    NotFound,
    RequestRejected,
    SecretMissing,
)
from screenpop.domain.numbers import read_number
from screenpop.providers.abilities import (
    HistoryChoice,
    HistoryFilter,
    ListChange,
    Recording,
    VoicemailNews,
)
from screenpop.providers.key_names import KeyNames
from screenpop.providers.mailbox import VoicemailFilter
from screenpop.providers.mango_voice import mapping, webhook
from screenpop.providers.mango_voice.answers import CallFilters
from screenpop.providers.mango_voice.client import SERVICE, MangoVoiceClient
from screenpop.providers.mango_voice.dialling import Click2Call
from screenpop.providers.mango_voice.directory import Directory
from screenpop.providers.mango_voice.history import CallList
from screenpop.providers.mango_voice.payloads import endpoint_of, read_voicemail
from screenpop.providers.mango_voice.polling import POLL_INTERVAL_SECONDS, RecordPoller
from screenpop.providers.mango_voice.requests import parameters_of, read_parameters
from screenpop.providers.protocol import HistoryQuery, Identity
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.delivery import Delivery, DeliveryAnswer, ParsedDelivery
    from screenpop.providers.abilities import SetupStep, Sound, Voicemail
    from screenpop.providers.protocol import (
        HistoryPage,
        OriginateReceipt,
        OriginateRequest,
        ProviderContext,
    )

# A temporary link "may be used for up to 300 seconds"; the way here takes some.
RECORDING_LIFE: Final = timedelta(seconds=290)


class MangoVoiceProvider:
    """Joins the client, the mapping, the hook and Click2Call of one account.

    Every method that talks to Mango Voice raises ``ProviderError`` by kind,
    ``SecretError`` when the keychain gives no token, and ``PayloadError`` when an
    answer cannot be read.
    """

    def __init__(self, context: ProviderContext) -> None:
        """Set up the account; nothing is sent and no token is read yet.

        Raises:
            ConfigurationError: One of the account's addresses cannot be used.
        """
        options = context.options
        directory = Directory.read(options.get("active_users", ""))
        self._context = context
        self._hook = webhook.HookSettings(
            directory=directory,
            users_wrapper=options.get("active_users_wrapper", "").strip(),
            switchboard_option=options.get("switchboard_option", "").strip(),
            switchboard_pops=options.get("switchboard_pops", "yes") != "no",
        )
        self._names = KeyNames(SERVICE)
        self._client = MangoVoiceClient(context)
        self._calls = CallList(self._client, context.region)
        self._poller = RecordPoller(self._client, context.account_id)
        self._dialling = Click2Call(context, directory)

    async def check(self) -> Identity:
        """Prove that address and tokens are right, by counting the calls of a month."""
        _, reply = await self._client.count_calls(CallFilters())
        skew = None
        if reply.server_date is not None:
            skew = (reply.received_at - reply.server_date).total_seconds()
        return Identity(SERVICE, clock_skew_seconds=skew)

    async def aclose(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
        await self._dialling.aclose()

    # --- calls coming in --------------------------------------------------------------

    async def prepare(self) -> None:
        """Read the security token, where the account has one."""
        try:
            token = await self._context.read_secret("security_token")
        except SecretMissing:
            token = None
        self._hook = replace(self._hook, security_token=token)

    def answer(self, delivery: Delivery) -> DeliveryAnswer:
        """Always a 2xx, with what was asked for."""
        return webhook.answer(delivery, self._hook)

    def parse(self, delivery: Delivery) -> ParsedDelivery:
        """What the delivery says; pure, never raises for bad input."""
        return webhook.parse(delivery, self._hook)

    def without_secrets(self, delivery: Delivery) -> Delivery:
        """What may be kept: of a Click2Call set-up only whom it is about."""
        return webhook.without_secrets(delivery)

    def desk_secrets(self, extension: str) -> tuple[str, ...]:
        """Where a user's calls are started, by each name that it may be kept under."""
        return self._dialling.names_of(extension)

    def live_setup(self, callback_url: str) -> tuple[SetupStep, ...]:
        """What Mango Voice's portal asks for; there is no interface for it."""
        return webhook.live_setup(callback_url)

    async def take(self, delivery: Delivery) -> None:
        """Keep Click2Call's set-ups, and note how requests are spelled."""
        if delivery.source is DeliverySource.POLL:
            return
        if not webhook.is_trusted(delivery, self._hook.security_token):
            return
        place = f"{delivery.method} {endpoint_of(delivery.path) or 'event'}"
        for request in read_parameters(delivery)[0]:
            self._names.note(place, request.names())
        await self._dialling.take(delivery)

    def news(self, delivery: Delivery) -> tuple[VoicemailNews, ...]:
        """Messages that were left or transcribed."""
        found = webhook.voicemails(delivery, self._hook.security_token)
        return tuple(
            VoicemailNews(
                ListChange.UPDATED if each.transcription else ListChange.ADDED,
                mapping.to_voicemail(each),
            )
            for each in found
        )

    @property
    def poll_interval_seconds(self) -> float:
        """How long to wait between two polls; Mango Voice publishes no limit."""
        return POLL_INTERVAL_SECONDS

    async def poll(self, since: datetime) -> tuple[Delivery, ...]:
        """The records of calls that ended since, oldest first."""
        return await self._poller.poll(since)

    async def fetch_call(self, call_id: str) -> tuple[Delivery, ...]:
        """What Mango Voice has of one call, as deliveries; empty when nothing."""
        if mapping.is_made_up(call_id):
            return ()
        try:
            return await self._poller.fetch_call(call_id)
        except NotFound:
            return ()

    # --- looking back -----------------------------------------------------------------

    async def history(self, query: HistoryQuery) -> HistoryPage:
        """One page of finished calls; of the last 30 days unless the query says."""
        return await self._calls.page(query, CallFilters())

    async def filter_history(
        self, query: HistoryQuery, only: HistoryFilter
    ) -> HistoryPage:
        """One page of the finished calls that fit both."""
        direction = only.direction.value if only.direction else ""
        filters = CallFilters(extension=only.extension, direction=direction)
        return await self._calls.page(
            query, filters, caller=only.caller, callee=only.callee
        )

    @property
    def history_choices(self) -> tuple[HistoryChoice, ...]:
        """By direction, internal calls too, and by extension."""
        directions = (
            ("inbound", "Incoming"),
            ("outbound", "Outgoing"),
            ("internal", "Internal"),
        )
        return (
            HistoryChoice(key="direction", label=tr("Direction"), choices=directions),
            HistoryChoice(key="extension", label=tr("Extension")),
        )

    async def choose_history(
        self, query: HistoryQuery, chosen: Mapping[str, str]
    ) -> HistoryPage:
        """One page of the finished calls that fit."""
        return await self._calls.page(query, self._chosen(chosen))

    async def count_calls(self, query: HistoryQuery, chosen: Mapping[str, str]) -> int:
        """How many calls fit, counted by Mango Voice; it cannot count by number."""
        if query.number.strip():
            page = await self._calls.page(query, self._chosen(chosen))
            return page.total or 0
        filters = replace(self._chosen(chosen), since=query.since, until=query.until)
        count, _ = await self._client.count_calls(filters)
        return count

    async def record(self, record_id: str) -> CallDetailRecord:
        """One finished call by Mango Voice's record id."""
        return await self._calls.record(record_id)

    async def records_of_call(self, call_id: str) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call."""
        return await self._calls.records_of_call(call_id)

    async def recording(self, call_id: str) -> Recording:
        """A fresh link to the recording of a call, good for 300 seconds."""
        for record in await self._calls.records_of_call(call_id):
            if record.recording_url:
                expires_at = datetime.now(UTC) + RECORDING_LIFE
                return Recording(url=record.recording_url, expires_at=expires_at)
        raise NotFound(
            tr("{service} has no recording of this call", service=SERVICE),
            tr("Recordings are kept for six months, where recording is switched on."),
        )

    async def download_recording(self, call_id: str) -> Sound:
        """The recording itself, before its link dies."""
        return await self._client.sound((await self.recording(call_id)).url)

    # --- calling out ------------------------------------------------------------------

    async def prepare_dial(self, request: OriginateRequest) -> None:
        """Make sure that Click2Call is set up; rings nothing."""
        await self._dialling.prepare(request)

    async def originate(self, request: OriginateRequest) -> OriginateReceipt:
        """Start the call; the request that rings is sent at most once."""
        return await self._dialling.originate(request)

    # --- voicemail --------------------------------------------------------------------

    async def list_voicemails(self) -> tuple[Voicemail, ...]:
        """Messages, newest first, of the account's extension where it has one."""
        return await self.filter_voicemails(VoicemailFilter())

    async def filter_voicemails(self, only: VoicemailFilter) -> tuple[Voicemail, ...]:
        """Messages that fit, newest first; the vendor looks at the extension alone."""
        own = "" if only.is_everyones else self._context.extension
        found = await self._client.list_voicemails(only.extension or own)
        messages = [
            mapping.to_voicemail(read_voicemail(parameters_of(each)))
            for each in found.items
        ]
        oldest = datetime.min.replace(tzinfo=UTC)
        messages.sort(key=lambda each: each.left_at or oldest, reverse=True)
        return tuple(each for each in messages if self._fits(each, only))

    async def get_voicemail(self, voicemail_id: str) -> Voicemail:
        """One message."""
        found = await self._client.get_voicemail(voicemail_id)
        return mapping.to_voicemail(read_voicemail(parameters_of(found)))

    async def mark_heard(self, voicemail_id: str) -> None:
        """Mark a message as listened to."""
        await self._client.mark_voicemail(voicemail_id)

    async def delete_voicemail(self, voicemail_id: str) -> None:
        """Delete a message; one that is gone is fine."""
        await self._client.delete_voicemail(voicemail_id)

    async def download_voicemail(self, voicemail_id: str) -> Sound:
        """The sound of a message, by a fresh link."""
        message = await self.get_voicemail(voicemail_id)
        if not message.audio_url:
            raise NotFound(
                tr("{service} gives no sound of this message", service=SERVICE),
                tr("Listen to it on your phone."),
            )
        return await self._client.sound(message.audio_url)

    # --- shared -----------------------------------------------------------------------

    def _fits(self, message: Voicemail, only: VoicemailFilter) -> bool:
        region = self._context.region
        caller = read_number(only.caller, region).key
        left_at = message.left_at
        return (
            (not only.caller or caller == read_number(message.caller, region).key)
            and only.box in ("", message.box)
            and (only.since is None or (left_at is not None and left_at >= only.since))
            and (only.until is None or (left_at is not None and left_at <= only.until))
        )

    def _chosen(self, chosen: Mapping[str, str]) -> CallFilters:
        choices = {choice.key: dict(choice.choices) for choice in self.history_choices}
        for key, value in chosen.items():
            if key not in choices or (choices[key] and value not in choices[key]):
                raise RequestRejected(
                    tr("{service} cannot be asked that", service=SERVICE)
                )
        return CallFilters(
            extension=chosen.get("extension", ""),
            direction=chosen.get("direction", ""),
        )
