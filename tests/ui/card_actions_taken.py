"""Keeps what cards asked for, in place of the services."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from screenpop.ui.note_state import NoteSheet

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.domain.contacts import Mark
    from screenpop.services.events import EarlierCall


@dataclass
class ActionsTaken:
    """What was asked for, in order."""

    opened: list[CallRef] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    notes: list[tuple[CallRef, str]] = field(default_factory=list)
    marked: list[tuple[CallRef, bool, int]] = field(default_factory=list)
    repeated: list[CallRef] = field(default_factory=list)
    sheet: NoteSheet | None = None
    choices: list[tuple[CallRef, int]] = field(default_factory=list)
    taken_back: list[CallRef] = field(default_factory=list)
    joined: list[tuple[CallRef, int, int]] = field(default_factory=list)
    parted: list[CallRef] = field(default_factory=list)
    added_to: list[CallRef] = field(default_factory=list)
    numbers_marked: list[tuple[CallRef, str]] = field(default_factory=list)
    past: tuple[EarlierCall, ...] = ()
    calls_shown: list[CallRef] = field(default_factory=list)
    called_back: list[CallRef] = field(default_factory=list)
    later: list[CallRef] = field(default_factory=list)
    promised: list[tuple[CallRef, datetime]] = field(default_factory=list)
    disposed: list[tuple[CallRef, str]] = field(default_factory=list)
    rung: list[str] = field(default_factory=list)
    spoken: list[str] = field(default_factory=list)
    created: list[CallRef] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    quieted: list[int] = field(default_factory=list)
    revealed: list[CallRef] = field(default_factory=list)

    def open_record(self, ref: CallRef) -> None:
        self.opened.append(ref)

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def set_note(self, ref: CallRef, text: str) -> None:
        self.notes.append((ref, text))

    def note_sheet(self, ref: CallRef) -> NoteSheet:
        return replace(self.sheet, ref=ref) if self.sheet else NoteSheet(ref=ref)

    def mark_note(self, ref: CallRef, needs_follow_up: bool, severity: int) -> None:
        self.marked.append((ref, needs_follow_up, severity))

    def send_note_again(self, ref: CallRef) -> None:
        self.repeated.append(ref)

    def earlier(self, ref: CallRef) -> tuple[EarlierCall, ...]:
        return self.past

    def show_call(self, ref: CallRef) -> None:
        self.calls_shown.append(ref)

    def choose(self, ref: CallRef, index: int) -> None:
        self.choices.append((ref, index))

    def take_choice_back(self, ref: CallRef) -> None:
        self.taken_back.append(ref)

    def join(self, ref: CallRef, first: int, second: int) -> None:
        self.joined.append((ref, first, second))

    def part(self, ref: CallRef) -> None:
        self.parted.append(ref)

    def add_to_contact(self, ref: CallRef) -> None:
        self.added_to.append(ref)

    def mark(self, ref: CallRef, mark: Mark) -> None:
        self.numbers_marked.append((ref, mark))

    def unmark(self, ref: CallRef) -> None:
        self.numbers_marked.append((ref, ""))

    def call_back(self, ref: CallRef) -> None:
        self.called_back.append(ref)

    def call_back_later(self, ref: CallRef) -> None:
        self.later.append(ref)

    def call_back_at(self, ref: CallRef, due_at: datetime) -> None:
        self.promised.append((ref, due_at))

    def wrap_up(self, ref: CallRef, disposition: str) -> None:
        self.disposed.append((ref, disposition))

    def ring(self, sound: str) -> None:
        self.rung.append(sound)

    def speak(self, text: str) -> None:
        self.spoken.append(text)

    def create_contact(self, ref: CallRef) -> None:
        self.created.append(ref)

    def reveal(self, ref: CallRef) -> None:
        self.revealed.append(ref)

    def search(self, text: str) -> None:
        self.searched.append(text)

    def quiet(self, minutes: int) -> None:
        self.quieted.append(minutes)
