"""What the windows ask of the services, one protocol for each of them.

A window that is given a port can be tried with a few lines of Python standing in for a
service; nothing in here knows Qt.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.calls import CallRef
    from screenpop.domain.contacts import Contact, ContactDraft
    from screenpop.domain.dialing import DialOrigin
    from screenpop.lookup.contact_files import FileContents
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.providers.abilities import (
        NamedThing,
        Sound,
        TimelineEntry,
    )
    from screenpop.providers.protocol import (
        OwnedNumber,
    )
    from screenpop.services.call_history import LogDetails, LogEntry, LogFilter
    from screenpop.services.call_notes import NoteMarks, NoteTerms
    from screenpop.services.contact_book import ContactHit, ImportReport
    from screenpop.services.dial_desk import DialSuggestion
    from screenpop.services.dialer import DialOrder, DialPreview
    from screenpop.services.events import DialConfirmationNeeded, DialProgress
    from screenpop.services.lost_callers import LostEntry, LostKey
    from screenpop.services.note_progress import NoteProgress
    from screenpop.services.team.claims import ClaimView
    from screenpop.services.text_messages import TextListing
    from screenpop.services.vendor_calls import VendorOffer
    from screenpop.services.voicemail import (
        Mailbox,
        MessageEntry,
        MessageRef,
        Playable,
    )

OpenUrl = Callable[[str], None]
"""Opens an address that has been checked, in the user's browser."""


class DialerPort(Protocol):
    """Starts calls."""

    def preview(
        self,
        text: str,
        origin: DialOrigin,
        account_id: str = "",
        *,
        is_automatic: bool = False,
    ) -> DialPreview:
        """What would be dialled for ``text`` and whether it would be asked first."""
        ...

    async def dial(self, order: DialOrder) -> DialProgress:
        """Start a call, at most once."""
        ...

    async def settle_unclear(self, dial_id: str, *, did_ring: bool) -> None:
        """The user says whether an unclear dial took effect."""
        ...


class AskingDialer(Protocol):
    """Asks the user before it calls a number that somebody else wrote."""

    def preview(self, text: str, origin: DialOrigin) -> DialPreview:
        """What would be dialled for ``text``."""
        ...

    def request(self, order: DialOrder) -> DialConfirmationNeeded:
        """Ask.

        Raises:
            UsageError: There is no number in it, so there is nothing to ask.
        """
        ...


class DialDeskPort(Protocol):
    """What somebody about to dial may want to choose from."""

    def suggest(self, text: str, limit: int = 8) -> tuple[DialSuggestion, ...]:
        """At once: recent calls for "", else whoever fits the text."""
        ...

    async def search(self, text: str) -> tuple[DialSuggestion, ...]:
        """The same from sources that take longer."""
        ...

    def is_favourite(self, number: str) -> bool:
        """Whether a number is kept at hand."""
        ...

    async def set_favourite(self, number: str, name: str, *, is_wanted: bool) -> None:
        """Keep a number at hand, or no longer."""
        ...

    async def caller_ids(self, account_id: str) -> tuple[OwnedNumber, ...]:
        """The numbers the user may show when calling."""
        ...

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Id and label of every account that can start calls."""
        ...

    def can_speak(self, account_id: str) -> bool:
        """Whether the account's phone system can speak by itself."""
        ...

    async def flows(self, account_id: str) -> tuple[NamedThing, ...]:
        """The flows that may speak, with their variables."""
        ...

    def format_partial(self, text: str) -> str:
        """``text`` with its digits grouped as far as they go."""
        ...


class CallHistoryPort(Protocol):
    """The call log."""

    async def search(
        self, wanted: LogFilter, limit: int = 200, offset: int = 0
    ) -> tuple[LogEntry, ...]:
        """Calls that fit, newest first."""
        ...

    def missed_now(self, limit: int = 500) -> tuple[LogEntry, ...]:
        """Who waits for a call back: missed, or promised. Waits for the disk."""
        ...

    async def details(self, ref: CallRef) -> LogDetails | None:
        """Everything known of one call; None when there is no such call."""
        ...

    async def mark_called_back(self, ref: CallRef) -> None:
        """A missed call needs nothing more."""
        ...

    async def mark_open(self, ref: CallRef) -> None:
        """Take that back."""
        ...

    async def set_note(self, ref: CallRef, text: str) -> None:
        """Keep what the user wrote about a call."""
        ...

    async def set_disposition(self, ref: CallRef, disposition: str) -> None:
        """Keep what a call came to; "" takes it back."""
        ...

    async def export_csv(self, path: Path, wanted: LogFilter) -> int:
        """Write what fits to a file; the number of calls written."""
        ...


class LostCallersPort(Protocol):
    """The phone systems' own lists of callers to call back."""

    def open_now(self, limit: int = 500) -> tuple[LostEntry, ...]:
        """Who waits for a call back, the latest first. Waits for the disk."""
        ...

    def refresh(self) -> None:
        """Read the lists that do not come by themselves."""
        ...

    async def mark_called_back(self, key: LostKey) -> None:
        """A caller needs nothing more."""
        ...

    async def mark_open(self, key: LostKey) -> None:
        """Take that back."""
        ...


class ClaimsPort(Protocol):
    """Who of the team calls whom back."""

    def view(self, account_id: str, e164: str) -> ClaimView | None:
        """Whose a caller is; None for one who is not the team's business."""
        ...

    async def claim(self, account_id: str, e164: str) -> ClaimView | None:
        """The user calls them back; whose they are then."""
        ...

    async def release(self, account_id: str, e164: str) -> ClaimView | None:
        """The user does not, after all."""
        ...


class VoicemailPort(Protocol):
    """Messages that callers left."""

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """The accounts that keep messages."""
        ...

    async def messages(self, account_id: str) -> tuple[MessageEntry, ...]:
        """An account's messages, newest first."""
        ...

    async def listen(self, ref: MessageRef) -> Playable:
        """What to open in order to hear a message."""
        ...

    async def fetch(self, ref: MessageRef) -> Sound:
        """The sound of a message."""
        ...

    async def mark_heard(self, ref: MessageRef) -> None:
        """Mark a message as listened to."""
        ...

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message for good."""
        ...

    def look(self) -> None:
        """The user has the messages in front of them."""
        ...


class ContactBookPort(Protocol):
    """People, ours and the vendors'."""

    async def search(self, text: str, limit: int = 50) -> tuple[ContactHit, ...]:
        """Contacts whose name, company or number fits."""
        ...

    async def create(self, draft: ContactDraft, source: str) -> Contact:
        """Add a contact to a source."""
        ...

    async def update(self, contact: Contact, draft: ContactDraft) -> Contact:
        """Overwrite a contact."""
        ...

    async def delete(self, contact: Contact) -> None:
        """Remove a contact."""
        ...

    def writable_sources(self) -> tuple[tuple[str, str], ...]:
        """Key and label of every source that takes contacts."""
        ...

    async def inspect_file(self, path: Path) -> FileContents:
        """What a file of contacts holds: columns, or vCards."""
        ...

    async def import_file(
        self, path: Path, guess: ColumnGuess | None, on_progress: Callable[[int], None]
    ) -> ImportReport:
        """Take the contacts of a file in; no guess for vCards."""
        ...

    async def forget(self, number: str) -> int:
        """Remove every trace of a number; how many there were."""
        ...


class CallNotesPort(Protocol):
    """Notes on calls, and where they are besides here."""

    def terms(self, account_id: str) -> NoteTerms | None:
        """What the account's vendor takes; None when it takes no notes."""
        ...

    def text(self, ref: CallRef) -> str:
        """The note on a call. Waits for the disk, as the next two do."""
        ...

    def marks(self, ref: CallRef) -> NoteMarks:
        """What the user has set for a call besides the words."""
        ...

    def progress(self, ref: CallRef) -> NoteProgress | None:
        """How far the note has come; None when it stays here."""
        ...

    async def set_marks(self, ref: CallRef, marks: NoteMarks) -> None:
        """Set the marks and leave the note as it is."""
        ...

    async def send_again(self, ref: CallRef) -> None:
        """Try once more what the vendor refused."""
        ...


class VendorCallsPort(Protocol):
    """What vendors have of single calls."""

    def offer(self, account_id: str) -> VendorOffer:
        """What the account's vendor can be asked."""
        ...

    async def steps(self, ref: CallRef) -> tuple[TimelineEntry, ...]:
        """Every step of a call that the vendor knows of."""
        ...

    async def recording_link(self, ref: CallRef) -> str:
        """A fresh link that a browser may open."""
        ...

    async def sound(self, ref: CallRef) -> Sound:
        """The recording itself."""
        ...


class TextMessagesPort(Protocol):
    """Text messages."""

    def accounts(self) -> tuple[tuple[str, str], ...]:
        """Id and label of every account that has text messages."""
        ...

    async def listing(
        self, account_id: str, limit: int = 200, *, is_vendor_asked: bool = True
    ) -> TextListing:
        """The latest of an account, newest first."""
        ...


class SettingsPort(Protocol):
    """Settings by key, as texts: "theme", "region", "autostart".

    A yes or no is "true" or "false"; what was never set is "".
    """

    def get(self, key: str) -> str:
        """The value in force."""
        ...

    def lock(self, key: str) -> str:
        """Who locked it, as a sentence; "" when the user may change it."""
        ...

    async def set(self, key: str, value: str) -> None:
        """Keep a value; the latest of several stays.

        Raises:
            ScreenpopError: It is not a value for this key, or cannot be saved.
        """
        ...


class MemoryPort(Protocol):
    """Small things the windows remember for their user: last choices and places."""

    def recall(self, key: str) -> str:
        """What was remembered; "" for nothing."""
        ...

    def remember(self, key: str, value: str) -> None:
        """Keep ``value`` until told otherwise."""
        ...
