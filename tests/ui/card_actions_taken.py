"""Keeps what cards asked for, in place of the services."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screenpop.domain.calls import CallRef


@dataclass
class ActionsTaken:
    """What was asked for, in order."""

    opened: list[CallRef] = field(default_factory=list)
    copied: list[str] = field(default_factory=list)
    notes: list[tuple[CallRef, str]] = field(default_factory=list)
    choices: list[tuple[CallRef, int]] = field(default_factory=list)
    called_back: list[CallRef] = field(default_factory=list)
    later: list[CallRef] = field(default_factory=list)
    created: list[CallRef] = field(default_factory=list)
    searched: list[str] = field(default_factory=list)
    quieted: list[int] = field(default_factory=list)

    def open_record(self, ref: CallRef) -> None:
        self.opened.append(ref)

    def copy(self, text: str) -> None:
        self.copied.append(text)

    def set_note(self, ref: CallRef, text: str) -> None:
        self.notes.append((ref, text))

    def choose(self, ref: CallRef, index: int) -> None:
        self.choices.append((ref, index))

    def call_back(self, ref: CallRef) -> None:
        self.called_back.append(ref)

    def call_back_later(self, ref: CallRef) -> None:
        self.later.append(ref)

    def create_contact(self, ref: CallRef) -> None:
        self.created.append(ref)

    def search(self, text: str) -> None:
        self.searched.append(text)

    def quiet(self, minutes: int) -> None:
        self.quieted.append(minutes)
