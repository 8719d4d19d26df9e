"""What the voicemail window lists and does, without any window."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from screenpop.domain.errors import ProviderThrottled, ProviderUnavailable
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.ui.voicemail.texts import (
    details_text,
    file_name,
    left_text,
    who_text,
)
from screenpop.ui.wording import tr, tr_count, tr_marked

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    from screenpop.providers.abilities import Sound
    from screenpop.services.voicemail import MessageEntry, MessageRef, Playable
    from screenpop.ui.error_presenter import Trouble
    from screenpop.ui.ports import VoicemailPort

Stage = Literal["asking", "there", "failed"]

_EARLIEST: Final = 0.0
# True of calls, which are followed; messages are read again when somebody asks.
_PROMISES: Final = (
    ProviderUnavailable.default_advice,
    ProviderThrottled.default_advice,
)


@frozen
class Box:
    """An account's messages, as far as they are known.

    Attributes:
        trouble: Why they could not be read; None unless that failed.
    """

    account_id: str
    label: str
    is_editable: bool
    stage: Stage = "asking"
    messages: tuple[MessageEntry, ...] = ()
    trouble: Trouble | None = None


@frozen
class MessageRow:
    """A message as a line of the list; plain text."""

    key: str
    who: str
    details: str
    when: str
    is_new: bool


class VoicemailModel:
    """The messages of all accounts, each account read by itself.

    Args:
        clock: The present moment, for "today" and "yesterday".
    """

    def __init__(self, port: VoicemailPort, clock: Callable[[], datetime]) -> None:
        self._port = port
        self._clock = clock
        self._boxes: dict[str, Box] = {}

    @property
    def now(self) -> datetime:
        """The present moment."""
        return self._clock()

    # --- reading ----------------------------------------------------------------------

    def begin(self) -> tuple[str, ...]:
        """Know which accounts to read; what was read before is shown meanwhile."""
        known = self._boxes
        self._boxes = {}
        for each in self._port.mailboxes():
            old = known.get(each.account_id)
            self._boxes[each.account_id] = Box(
                each.account_id,
                plain(each.label, 60),
                each.is_editable,
                messages=old.messages if old else (),
            )
        return tuple(self._boxes)

    def ask_again(self, account_id: str) -> bool:
        """Show that an account is being read; False for one that is not there."""
        box = self._boxes.get(account_id)
        if box is None:
            return False
        self._boxes[account_id] = replace(box, stage="asking", trouble=None)
        return True

    async def load(self, account_id: str) -> None:
        """Read an account's messages.

        Raises:
            ScreenpopError: By kind; tell it to ``failed``.
        """
        messages = await self._port.messages(account_id)
        box = self._boxes.get(account_id)
        if box is not None:
            self._boxes[account_id] = replace(box, stage="there", messages=messages)
        self._port.look()

    def failed(self, account_id: str, trouble: Trouble) -> None:
        """An account could not be read; what was known of it stays."""
        box = self._boxes.get(account_id)
        if box is None:
            return
        if trouble.advice in map(tr_marked, _PROMISES):
            trouble = replace(trouble, advice="")
        self._boxes[account_id] = replace(box, stage="failed", trouble=trouble)

    @property
    def boxes(self) -> tuple[Box, ...]:
        """Every account, in the order of the configuration."""
        return tuple(self._boxes.values())

    @property
    def entries(self) -> tuple[MessageEntry, ...]:
        """All messages, the newest first; those without a time last."""
        found = [entry for box in self._boxes.values() for entry in box.messages]
        return tuple(sorted(found, key=_left, reverse=True))

    @property
    def rows(self) -> tuple[MessageRow, ...]:
        """All messages as lines."""
        return tuple(
            MessageRow(
                key_of(entry.ref),
                who_text(entry),
                details_text(entry),
                left_text(entry, self.now),
                entry.is_heard is False,
            )
            for entry in self.entries
        )

    def entry(self, key: str) -> MessageEntry | None:
        """The message of a line."""
        return next((one for one in self.entries if key_of(one.ref) == key), None)

    @property
    def summary(self) -> str:
        """How many messages there are, and how many nobody has heard."""
        entries = self.entries
        if not entries:
            return ""
        count = tr_count("{count} message", "{count} messages", len(entries))
        new = sum(entry.is_heard is False for entry in entries)
        return (
            tr("{messages}, {count} new", messages=count, count=new) if new else count
        )

    @property
    def empty_text(self) -> tuple[str, str]:
        """Why nothing is listed; nothing while that is not known."""
        if not self._boxes:
            return (
                tr("No phone system here keeps messages"),
                tr("Those of your accounts that do are listed here."),
            )
        if any(box.stage != "there" for box in self._boxes.values()):
            return "", ""
        return tr("No messages"), tr("What callers leave appears here.")

    # --- doing ------------------------------------------------------------------------

    async def listen(self, entry: MessageEntry) -> Playable:
        """What to open in order to hear it."""
        return await self._port.listen(entry.ref)

    async def fetch(self, entry: MessageEntry) -> tuple[Sound, str]:
        """The sound, and what a file with it is to be called."""
        from screenpop.services.vendor_calls import file_ending

        sound = await self._port.fetch(entry.ref)
        return sound, file_name(entry) + file_ending(sound)

    async def write(self, sound: Sound, path: Path) -> str:
        """Write a sound to a file; a sentence about it."""
        from screenpop.services.vendor_calls import write_sound

        await write_sound(sound, path)
        return tr("The message is saved as {name}", name=path.name)

    async def mark_heard(self, entry: MessageEntry) -> None:
        """Mark it as heard, at the phone system and here."""
        await self._port.mark_heard(entry.ref)
        self._change(entry.ref, replace(entry, is_heard=True))

    async def delete(self, entry: MessageEntry) -> None:
        """Delete it, at the phone system and here."""
        await self._port.delete(entry.ref)
        self._change(entry.ref, None)

    def _change(self, ref: MessageRef, changed: MessageEntry | None) -> None:
        box = self._boxes.get(ref.account_id)
        if box is None:
            return
        messages = tuple(
            changed if one.ref == ref and changed else one
            for one in box.messages
            if one.ref != ref or changed
        )
        self._boxes[ref.account_id] = replace(box, messages=messages)


def key_of(ref: MessageRef) -> str:
    """What names a message's line."""
    return f"{ref.account_id}\n{ref.voicemail_id}"


def _left(entry: MessageEntry) -> float:
    return entry.left_at.timestamp() if entry.left_at else _EARLIEST
