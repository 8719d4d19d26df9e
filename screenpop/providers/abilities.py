"""Further abilities that only some phone systems have, asked for like the others.

What is said at the top of ``providers.protocol`` about errors holds here too.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias, runtime_checkable

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import Direction
    from screenpop.providers.protocol import (
        HistoryPage,
        HistoryQuery,
        OriginateReceipt,
    )


@runtime_checkable
class SupportsPreparation(Protocol):
    """Needs something from the keychain before it can answer deliveries."""

    async def prepare(self) -> None:
        """Read it; called before the account's route opens, and after a new key."""
        ...


@runtime_checkable
class SupportsSecretDeliveries(Protocol):
    """Is handed secrets by webhook, which must not lie on the disk."""

    def without_secrets(self, delivery: Delivery) -> Delivery:
        """What may be kept of a delivery; pure, never raises, ``delivery`` for all.

        The whole of it is passed on in memory, to whoever takes its effects.
        """
        ...


@runtime_checkable
class SupportsEventStream(Protocol):
    """Tells of calls over a connection that we open: no public address is needed."""

    def open_stream(self) -> AbstractAsyncContextManager[AsyncIterator[Delivery]]:
        """One connection: entering it connects and signs in.

        What it gives are deliveries as they happen; it ends when the connection does.
        Whoever reads it reconnects, waits between tries and repairs the gap from the
        call history.
        """
        ...


@runtime_checkable
class SupportsPollingOnly(Protocol):
    """Takes no webhook even where one could reach us: the account is set so."""

    @property
    def way_to_live_calls(self) -> str:
        """What the user can do to see calls while they ring; one sentence."""
        ...


@frozen
class SetupStep:
    """One thing that somebody enters at the vendor by hand.

    Attributes:
        text: What and where.
        value: What to paste there; "" when the text says it all.
        is_secret: Whoever knows the value can pass for the vendor.
    """

    text: str
    value: str = ""
    is_secret: bool = False


@runtime_checkable
class SupportsLiveSetup(Protocol):
    """Tells of calls as they ring only once that was set up at the vendor by hand.

    Nobody can see whether it was, until a call comes that way.
    """

    def live_setup(self, callback_url: str) -> tuple[SetupStep, ...]:
        """What to enter there, in order."""
        ...


@runtime_checkable
class SupportsDeliveryEffects(Protocol):
    """Is told things by webhook that are no calls, such as where to dial."""

    async def take(self, delivery: Delivery) -> None:
        """Remember what a journalled delivery says besides calls; safe to repeat."""
        ...


@frozen(kw_only=True)
class Recording:
    """Where a recording can be had right now.

    Attributes:
        url: Treat it as a secret.
        expires_at: After this ask again; None when the vendor does not say.
    """

    url: str
    expires_at: datetime | None = None


@runtime_checkable
class SupportsRecordings(Protocol):
    """Gives a fresh link to a recording, as old ones die."""

    async def recording(self, call_id: str) -> Recording:
        """The recording of a call.

        Raises:
            NotFound: It has none.
        """
        ...


@frozen(kw_only=True)
class Voicemail:
    """A message somebody left.

    Attributes:
        box: Whose box, as people call it; may be "".
        audio_url: Treat it as a secret; "" when not told.
        needs_key: The link opens with the account's key only.
        is_heard: None when the vendor does not say.
    """

    voicemail_id: str
    caller: str = ""
    box: str = ""
    left_at: datetime | None = None
    seconds: float | None = None
    audio_url: str = ""
    needs_key: bool = False
    is_heard: bool | None = None
    transcription: str = ""


@runtime_checkable
class SupportsVoicemail(Protocol):
    """Lists messages."""

    async def list_voicemails(self) -> tuple[Voicemail, ...]:
        """Messages, newest first, of the account's extension where it has one."""
        ...

    async def get_voicemail(self, voicemail_id: str) -> Voicemail:
        """One message."""
        ...


@runtime_checkable
class SupportsVoicemailEditing(Protocol):
    """Marks and deletes messages."""

    async def mark_heard(self, voicemail_id: str) -> None:
        """Mark a message as listened to."""
        ...

    async def delete_voicemail(self, voicemail_id: str) -> None:
        """Delete a message; one that is gone is fine."""
        ...


@frozen
class CallNote:
    """What an agent attaches to a call at the vendor.

    Attributes:
        severity: 0 (none) to 5.
    """

    text: str
    needs_follow_up: bool = False
    severity: int = 0


@runtime_checkable
class SupportsCallNotes(Protocol):
    """Keeps notes on calls."""

    @property
    def longest_note(self) -> int:
        """How many characters a note may have."""
        ...

    async def write_note(self, call_id: str, note: CallNote) -> None:
        """Put a note in place of what was there; safe to repeat."""
        ...


@frozen
class TimelineEntry:
    """One thing that happened on a call, in the vendor's detail and our words."""

    at: datetime
    text: str


@runtime_checkable
class SupportsTimeline(Protocol):
    """Tells step by step what happened on a call."""

    async def timeline(self, call_id: str) -> tuple[TimelineEntry, ...]:
        """Every step known of a call, in order."""
        ...


@frozen(kw_only=True)
class LostCaller:
    """Somebody who called and was not answered, as the vendor keeps count.

    Attributes:
        line: The number of ours that was called.
        attempts: How often they called.
    """

    number: str
    line: str = ""
    name: str = ""
    attempts: int = 1
    last_at: datetime | None = None


@runtime_checkable
class SupportsLostCallers(Protocol):
    """Keeps a list of callers to call back."""

    async def list_lost_callers(self) -> tuple[LostCaller, ...]:
        """Those whom nobody has called back yet."""
        ...


@frozen
class NamedThing:
    """Anything at a vendor that has an id and a name: a group, a flow, a prompt.

    Attributes:
        details: What else is told, as name and text.
    """

    thing_id: str
    name: str
    details: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class SupportsCatalogues(Protocol):
    """Lists further things of the phone system for the curious and for set-up."""

    @property
    def catalogue_names(self) -> tuple[str, ...]:
        """Which there are, as people call them: "groups", "audio prompts"."""
        ...

    async def catalogue(self, name: str) -> tuple[NamedThing, ...]:
        """Everything in one of them."""
        ...


@runtime_checkable
class SupportsCatalogueItems(Protocol):
    """Gives one thing of a catalogue by its id."""

    async def catalogue_item(self, name: str, thing_id: str) -> NamedThing:
        """One thing of the catalogue called ``name``.

        Raises:
            NotFound: There is no such catalogue, or nothing with that id in it.
        """
        ...


class ListChange(StrEnum):
    """What became of an entry of one of the vendor's lists."""

    ADDED = "added"
    UPDATED = "updated"
    REMOVED = "removed"


@frozen
class LostCallerNews:
    """A change of the list of callers to call back.

    Attributes:
        caller: Its number and line name the entry; a removed one has little else.
    """

    change: ListChange
    caller: LostCaller


@frozen
class VoicemailNews:
    """A message was left or deleted.

    Attributes:
        voicemail: Its id names it; a removed one has little else.
    """

    change: ListChange
    voicemail: Voicemail


@frozen(kw_only=True)
class TextMessage:
    """A text message (SMS) to or from one of the account's numbers.

    Attributes:
        sender: The number, E.164 where it can be.
        at: When it was sent; None when the vendor does not say.
        conversation_id: What the vendor calls the talk it belongs to; may be "".
    """

    is_inbound: bool
    sender: str
    recipient: str
    text: str
    at: datetime | None = None
    conversation_id: str = ""


@frozen
class TextMessageNews:
    """A text message came or went, as far as it concerns the account's user."""

    message: TextMessage


@runtime_checkable
class SupportsTextMessages(Protocol):
    """Lists text messages."""

    async def list_text_messages(self) -> tuple[TextMessage, ...]:
        """The latest ones, newest first."""
        ...


News: TypeAlias = LostCallerNews | VoicemailNews | TextMessageNews


@runtime_checkable
class SupportsNews(Protocol):
    """Is told of changes to its lists, so that they need not be read again."""

    def news(self, delivery: Delivery) -> tuple[News, ...]:
        """What a delivery says besides calls; pure, never raises for bad input."""
        ...


@frozen(kw_only=True)
class HistoryFilter:
    """Which calls of the history, beyond what ``HistoryQuery`` asks for.

    Attributes:
        extension: Whose calls; "" for everyone's.
        caller: The calling number, as the user typed it.
        callee: The called number, as the user typed it.
    """

    direction: Direction | None = None
    extension: str = ""
    caller: str = ""
    callee: str = ""


@runtime_checkable
class SupportsHistoryFilters(Protocol):
    """Narrows the call history at the vendor."""

    async def filter_history(
        self, query: HistoryQuery, only: HistoryFilter
    ) -> HistoryPage:
        """One page of the finished calls that fit both."""
        ...


@frozen(kw_only=True)
class FlowCall:
    """Ring somebody and let the phone system speak to them by itself.

    Attributes:
        number: Whom to ring, E.164.
        flow_id: Which of the phone system's flows speaks.
        audio_id: A recorded sound to play instead of a flow; "" for a flow.
        caller_id: Which of our numbers to show; "" for the account's own default.
        variables: What the flow is to say, as name and text.
    """

    number: str
    flow_id: str = ""
    audio_id: str = ""
    caller_id: str = ""
    variables: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class SupportsFlowCalls(Protocol):
    """Starts calls in which a flow of the phone system speaks."""

    @property
    def flow_catalogue(self) -> str:
        """Which of its catalogues lists the flows, with their variables as details.

        Each detail called "variable" holds the name of one.
        """
        ...

    async def start_flow(self, call: FlowCall) -> OriginateReceipt:
        """Start it, sending the request that rings a phone at most once.

        Raises:
            OutcomeUnknown: It was sent and no answer came; it is not repeated.
        """
        ...


@frozen(kw_only=True)
class HistoryChoice:
    """A further question that a vendor's call history can be asked.

    Attributes:
        key: Its name in ``choose_history``.
        choices: The values it takes, each with its meaning; empty for any text.
    """

    key: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()


@runtime_checkable
class SupportsHistoryChoices(Protocol):
    """Narrows the call history by what only this vendor knows: notes, menus."""

    @property
    def history_choices(self) -> tuple[HistoryChoice, ...]:
        """Which questions there are."""
        ...

    async def choose_history(
        self, query: HistoryQuery, chosen: Mapping[str, str]
    ) -> HistoryPage:
        """One page of the finished calls that fit; ``chosen`` is value by key.

        Raises:
            RequestRejected: A key or a value that is not among the choices.
        """
        ...


@frozen
class Sound:
    """A recording as bytes.

    Attributes:
        media_type: As the vendor says; "audio/wav" when it does not.
    """

    data: bytes
    media_type: str


@runtime_checkable
class SupportsRecordingDownload(Protocol):
    """Fetches a recording itself, where its link alone does not open it."""

    async def download_recording(self, call_id: str) -> Sound:
        """The recording of a call.

        Raises:
            NotFound: It has none.
        """
        ...


@runtime_checkable
class SupportsCallCount(Protocol):
    """Counts finished calls without listing them."""

    async def count_calls(self, query: HistoryQuery, chosen: Mapping[str, str]) -> int:
        """How many calls fit; ``chosen`` as for ``SupportsHistoryChoices``."""
        ...
