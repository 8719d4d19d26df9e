"""Messages that callers left: listed, played, kept, marked as heard, deleted.

Nothing is kept here but how many are new, and that only from what the vendors tell by
themselves: an idle program asks nobody. Links to the sound of a message are secrets
and die soon, so each is asked for again right before it is used.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError, NotOffered, ScreenpopError
from screenpop.domain.frozen import frozen
from screenpop.domain.links import openable
from screenpop.domain.numbers import format_number, read_number
from screenpop.providers.abilities import (
    ListChange,
    SupportsVoicemail,
    SupportsVoicemailEditing,
)
from screenpop.providers.mailbox import (
    SupportsVoicemailDownload,
    SupportsVoicemailFilters,
    VoicemailFilter,
)
from screenpop.services.events import VoicemailChanged
from screenpop.services.vendor_calls import file_ending
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime
    from pathlib import Path

    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.providers.abilities import Sound, Voicemail, VoicemailNews
    from screenpop.services.bus import Bus
    from screenpop.services.call_history import LogSetting
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.supervisor import Supervisor

__all__ = [
    "Mailbox",
    "MessageEntry",
    "MessageRef",
    "Playable",
    "VoicemailFilter",
    "Voicemails",
]

_log = logging.getLogger(__name__)

_REMEMBERED: Final = 1_000


@frozen
class Mailbox:
    """An account that keeps messages.

    Attributes:
        is_editable: Its messages can be marked as heard and deleted.
    """

    account_id: str
    label: str
    is_editable: bool


@frozen
class MessageRef:
    """What names a message."""

    account_id: str
    voicemail_id: str


@frozen(kw_only=True)
class MessageEntry:
    """One message. All texts are foreign: show as plain text.

    Attributes:
        number_text: As people write it here; "" when withheld.
        number_e164: Canonical, to dial; "" when there is none.
        box: Whose box, as people call it; may be "".
        is_heard: None when the vendor does not say.
        has_sound: There is something to listen to.
    """

    ref: MessageRef
    number_text: str
    number_e164: str
    name: str
    company: str
    box: str
    account_label: str
    left_at: datetime | None
    seconds: float | None
    is_heard: bool | None
    transcription: str
    has_sound: bool
    is_editable: bool


@frozen
class Playable:
    """What to open in order to hear a message: one of the two.

    Attributes:
        url: A checked address that opens by itself; a secret for some minutes.
        file: A file of ours, which goes when the program ends.
    """

    url: str = ""
    file: Path | None = None


class Voicemails:
    """The messages of every account that has them."""

    def __init__(
        self,
        *,
        connections: Connections,
        settings: Callable[[str], LogSetting],
        bus: Bus,
        supervisor: Supervisor,
        who: Callable[[PhoneNumber], Contact | None],
        folder: Path,
    ) -> None:
        """Know where to ask.

        Args:
            connections: The accounts.
            settings: How to write an account's numbers.
            bus: Where changes are told.
            supervisor: Runs what takes its time.
            who: The known contact of a number.
            folder: For sounds while they are listened to; emptied now and at the end.
        """
        self._connections = connections
        self._settings = settings
        self._bus = bus
        self._supervisor = supervisor
        self._who = who
        self._folder = folder
        self._is_swept = False
        self._count = 0
        self._new: set[MessageRef] = set()
        self._told: OrderedDict[MessageRef, None] = OrderedDict()
        self._unchecked: set[MessageRef] = set()

    # --- reading ----------------------------------------------------------------------

    def mailboxes(self) -> tuple[Mailbox, ...]:
        """The accounts that keep messages, in the order of the configuration."""
        return tuple(
            Mailbox(
                account_id=connection.account_id,
                label=connection.label,
                is_editable=connection.able(SupportsVoicemailEditing) is not None,
            )
            for connection in self._connections.all()
            if connection.able(SupportsVoicemail) is not None
        )

    async def messages(
        self, account_id: str, only: VoicemailFilter | None = None
    ) -> tuple[MessageEntry, ...]:
        """An account's messages, newest first.

        Raises:
            NotOffered: The account keeps none, or cannot narrow the list.
            ScreenpopError: By kind, as the account's adapter.
        """
        connection = self._connections.get(account_id)
        keeper = connection.ability(SupportsVoicemail)
        if only is None or only == VoicemailFilter():
            found = await keeper.list_voicemails()
        else:
            chooser = connection.ability(SupportsVoicemailFilters)
            found = await chooser.filter_voicemails(only)
        return tuple([self._entry(connection, each) for each in found])

    async def message(self, ref: MessageRef) -> MessageEntry:
        """One message as it is now."""
        connection = self._connections.get(ref.account_id)
        keeper = connection.ability(SupportsVoicemail)
        return self._entry(connection, await keeper.get_voicemail(ref.voicemail_id))

    # --- listening --------------------------------------------------------------------

    async def listen(self, ref: MessageRef) -> Playable:
        """What to open in order to hear it, and no longer than some minutes from now.

        Raises:
            NotOffered: The phone system gives no sound that could be opened.
            ConfigurationError: The sound cannot be kept for the player.
        """
        connection = self._connections.get(ref.account_id)
        keeper = connection.ability(SupportsVoicemail)
        found = await keeper.get_voicemail(ref.voicemail_id)
        address = "" if found.needs_key else openable(found.audio_url)
        if address:
            return Playable(url=address)
        sound = await self._sound(connection, ref)
        file = await asyncio.to_thread(self._keep, sound)
        return Playable(file=file)

    async def fetch(self, ref: MessageRef) -> Sound:
        """The sound of a message, to be written to a file of the user's choice.

        Raises:
            NotOffered: The phone system gives none that could be fetched.
        """
        return await self._sound(self._connections.get(ref.account_id), ref)

    async def _sound(self, connection: Connection, ref: MessageRef) -> Sound:
        downloader = connection.able(SupportsVoicemailDownload)
        if downloader is None:
            raise NotOffered(
                tr("The sound of this message cannot be fetched"),
                tr("Listen to it on your phone."),
            )
        return await downloader.download_voicemail(ref.voicemail_id)

    def _keep(self, sound: Sound) -> Path:
        """For the system's player, and nobody else on this computer."""
        try:
            if not self._is_swept:
                # What a killed program left behind.
                shutil.rmtree(self._folder, ignore_errors=True)
                self._is_swept = True
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._count += 1
            file = self._folder / f"message-{self._count}{file_ending(sound)}"
            flags = os.O_CREAT | os.O_WRONLY | os.O_TRUNC | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(file, flags, 0o600), "wb") as opened:
                opened.write(sound.data)
        except OSError as error:
            raise _unwritable(error) from None
        return file

    # --- changing ---------------------------------------------------------------------

    async def mark_heard(self, ref: MessageRef) -> None:
        """Mark a message as listened to, at the phone system.

        Raises:
            NotOffered: It does not let us.
        """
        connection = self._connections.get(ref.account_id)
        await connection.ability(SupportsVoicemailEditing).mark_heard(ref.voicemail_id)
        self._forget(ref)

    async def delete(self, ref: MessageRef) -> None:
        """Delete a message at the phone system; one that is gone is fine.

        Raises:
            NotOffered: It does not let us.
        """
        connection = self._connections.get(ref.account_id)
        editor = connection.ability(SupportsVoicemailEditing)
        await editor.delete_voicemail(ref.voicemail_id)
        self._forget(ref)

    # --- what is new ------------------------------------------------------------------

    @property
    def new_count(self) -> int:
        """How many messages came since the list was looked at last."""
        return len(self._new)

    def hear(self, account_id: str, news: Iterable[VoicemailNews]) -> None:
        """Take over what a delivery said; once more changes nothing.

        The news go to everybody of the company: whether a message is for us is seen by
        the account's own list, which is read once for them.
        """
        for each in news:
            ref = MessageRef(account_id, each.voicemail.voicemail_id)
            if not ref.voicemail_id:
                continue
            if each.change is ListChange.REMOVED:
                self._unchecked.discard(ref)
                self._new.discard(ref)
            elif each.change is ListChange.ADDED and ref not in self._told:
                self._told[ref] = None
                self._unchecked.add(ref)
                if len(self._told) > _REMEMBERED:
                    self._told.popitem(last=False)
        connection = self._connections.find(account_id)
        if self._unchecked and connection is not None:
            self._supervisor.start("look for messages", self._check(connection))
        self._tell(account_id)

    def look(self) -> None:
        """The user has the list in front of them: nothing in it is new any more."""
        if self._new:
            self._new.clear()
            self._tell()

    def forget_account(self, account_id: str) -> None:
        """An account is no longer there."""
        self._new = {ref for ref in self._new if ref.account_id != account_id}
        self._tell()

    async def close(self) -> None:
        """Take every sound off the disk."""
        await asyncio.to_thread(shutil.rmtree, self._folder, ignore_errors=True)

    async def _check(self, connection: Connection) -> None:
        """Count those of the told messages that are in our own list."""
        account_id = connection.account_id
        told = {ref for ref in self._unchecked if ref.account_id == account_id}
        keeper = connection.able(SupportsVoicemail)
        if keeper is None or not told:
            return
        self._unchecked -= told
        try:
            found = await keeper.list_voicemails()
        except ScreenpopError as error:
            _log.info("messages of %s: %s", account_id, error.title)
            return
        unheard = {
            MessageRef(account_id, each.voicemail_id)
            for each in found
            if each.is_heard is not True
        }
        known = {ref for ref in self._new if ref.account_id == account_id}
        self._new = (self._new - known) | (unheard & (known | told))
        self._tell()

    def _forget(self, ref: MessageRef) -> None:
        if ref in self._new:
            self._new.discard(ref)
            self._tell()

    def _tell(self, account_id: str = "") -> None:
        self._bus.publish(VoicemailChanged(account_id, self.new_count))

    def _entry(self, connection: Connection, found: Voicemail) -> MessageEntry:
        setting = self._settings(connection.account_id)
        number = read_number(found.caller, setting.region)
        known = self._who(number) if number.key else None
        # Where nobody told a number, the caller may be a name.
        name = "" if number.key else found.caller
        return MessageEntry(
            ref=MessageRef(connection.account_id, found.voicemail_id),
            number_text=format_number(number, setting.region)
            or (found.caller if number.key else ""),
            number_e164=number.e164,
            name=known.display_name if known else name,
            company=known.company if known else "",
            box=found.box,
            account_label=setting.account_label,
            left_at=found.left_at,
            seconds=found.seconds,
            is_heard=found.is_heard,
            transcription=found.transcription,
            has_sound=bool(found.audio_url),
            is_editable=connection.able(SupportsVoicemailEditing) is not None,
        )


def _unwritable(error: OSError) -> ConfigurationError:
    return ConfigurationError(
        tr("The file cannot be written: {reason}", reason=error.strerror),
        tr("Choose another folder."),
    )
