"""Mailboxes in memory, with made-up people and reserved numbers."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from screenpop.providers.abilities import Sound
from screenpop.services.lost_callers import LostEntry, LostKey
from screenpop.services.voicemail import Mailbox, MessageEntry, MessageRef, Playable
from tests.ui.past_calls import NOW

_WORDS = (
    "Hello, this is Ana from the bakery. The delivery of Thursday came without the "
    "invoice; could somebody call me back before four?"
)


def message(number: int = 0, **changes: object) -> MessageEntry:
    """The message with that number, counted from the latest."""
    people = (
        ("Ana Rossi", "Example Bakery", "+12025550142", "(202) 555-0142"),
        ("", "", "+12025550163", "(202) 555-0163"),
        ("Bo Lind", "", "+12025550117", "(202) 555-0117"),
    )
    name, company, e164, text = people[number % len(people)]
    made = MessageEntry(
        ref=MessageRef("acme", f"vm-{number}"),
        number_text=text,
        number_e164=e164,
        name=name,
        company=company,
        box="Sales",
        account_label="",
        left_at=NOW - timedelta(minutes=95 * number + 12),
        seconds=23.0 + 11 * number,
        is_heard=number > 1,
        transcription=_WORDS if number == 0 else "",
        has_sound=True,
        is_editable=True,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class LeftMessages:
    """Keeps messages by account, and what was done with them."""

    def __init__(self, *entries: MessageEntry) -> None:
        self.boxes = [Mailbox("acme", "Acme", is_editable=True)]
        self.entries = list(entries)
        self.errors: dict[str, Exception] = {}
        self.playable = Playable(url="https://media.example.com/1")
        self.heard: list[MessageRef] = []
        self.looks = 0
        self.sound = Sound(b"ID3 sound", "audio/mpeg")
        self.wait: asyncio.Event | None = None

    def mailboxes(self) -> tuple[Mailbox, ...]:
        return tuple(self.boxes)

    async def messages(self, account_id: str) -> tuple[MessageEntry, ...]:
        await asyncio.sleep(0)
        if self.wait is not None:
            await self.wait.wait()
        if account_id in self.errors:
            raise self.errors[account_id]
        return tuple(one for one in self.entries if one.ref.account_id == account_id)

    async def listen(self, ref: MessageRef) -> Playable:
        await asyncio.sleep(0)
        if "listen" in self.errors:
            raise self.errors["listen"]
        return self.playable

    async def fetch(self, ref: MessageRef) -> Sound:
        await asyncio.sleep(0)
        return self.sound

    async def mark_heard(self, ref: MessageRef) -> None:
        self.heard.append(ref)

    async def delete(self, ref: MessageRef) -> None:
        self.entries = [one for one in self.entries if one.ref != ref]

    def look(self) -> None:
        self.looks += 1


def lost(**changes: object) -> LostEntry:
    """Somebody whom only a phone system knows to be called back."""
    made = LostEntry(
        key=LostKey("acme", "2025550199", "2025550100"),
        number_text="(202) 555-0199",
        number_e164="+12025550199",
        name="",
        company="",
        vendor_name="",
        line_text="Sales",
        account_label="",
        attempts=3,
        last_at=NOW - timedelta(minutes=20),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


class LostList:
    """A phone system's list of callers to call back."""

    def __init__(self, *entries: LostEntry) -> None:
        self.entries = list(entries)
        self.done: set[LostKey] = set()
        self.refreshed = 0

    def open_now(self, limit: int = 500) -> tuple[LostEntry, ...]:
        left = (one for one in self.entries if one.key not in self.done)
        return tuple(left)[:limit]

    def refresh(self) -> None:
        self.refreshed += 1

    async def mark_called_back(self, key: LostKey) -> None:
        self.done.add(key)

    async def mark_open(self, key: LostKey) -> None:
        self.done.discard(key)
