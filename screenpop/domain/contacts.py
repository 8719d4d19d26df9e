"""People and companies we know, and how well one fits a number."""

from __future__ import annotations

from dataclasses import field
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from datetime import datetime


ContactKey: TypeAlias = tuple[str, str]
"""What names a contact's entry: its source, and its id there."""


@frozen
class ContactNumber:
    """One number of a contact.

    Attributes:
        raw: As the source wrote it.
        e164: Its canonical form; "" when it has none (an extension, rubbish).
        label: What the source calls it ("mobile", "work"); may be "".
    """

    raw: str
    e164: str = ""
    label: str = ""


@frozen(kw_only=True)
class Contact:
    """A person or company known to one source.

    Attributes:
        source: Which source knows it: "local", or an account's id.
        source_id: Its id there; "" for one not yet saved.
        name: The name to show; "" when only a company is known.
        url: The record's page in the source, unchecked text of theirs; may be "".
    """

    source: str
    source_id: str = ""
    name: str = ""
    company: str = ""
    job_title: str = ""
    numbers: tuple[ContactNumber, ...] = ()
    emails: tuple[str, ...] = ()
    url: str = ""
    updated_at: datetime | None = None

    @property
    def key(self) -> ContactKey:
        """What names this entry."""
        return self.source, self.source_id

    @property
    def display_name(self) -> str:
        """The name, else the company, else the first number as written."""
        if self.name or self.company:
            return self.name or self.company
        return self.numbers[0].raw if self.numbers else ""


class Mark(StrEnum):
    """What a number is by the user's word."""

    SPAM = "spam"
    """No card is shown; its calls are logged."""
    PRIVATE = "private"
    """Nobody is asked who it is, and no name is kept with its calls."""
    DO_NOT_CALL = "do-not-call"
    """They asked not to be called: it is asked before it is dialled."""


TEAM_SPAM: Final = "team-spam"
"""How a number counts that is spam by the team's word, where the user said nothing."""


class MatchQuality(IntEnum):
    """How sure a match is; more is surer."""

    PROBABLE = 1
    EXACT = 2


@frozen(kw_only=True)
class ContactMatch:
    """A contact found for a number, and why.

    Attributes:
        quality: EXACT for the same E.164 number or extension; PROBABLE for the
            same last digits.
        reason: Why it matched, for the user: "same number, mobile".
        source_label: The source's name as shown to the user.
        took_seconds: How long the source needed.
        told_at: When the source said so, or its copy was last brought up to date;
            None when it is not known.
        merged: The entries of the same person that are shown as this one.
        is_joined: It is one person because the user said so.
        chosen_at: When the user chose this person for the number; None for never.
        is_team_choice: It was not the user who did, but a colleague for the team.
    """

    contact: Contact
    quality: MatchQuality
    reason: str
    source_label: str
    took_seconds: float = 0.0
    told_at: datetime | None = None
    merged: tuple[ContactKey, ...] = ()
    is_joined: bool = False
    chosen_at: datetime | None = None
    is_team_choice: bool = False

    @property
    def known_at(self) -> datetime | None:
        """How old this is: when the record was changed, else when it was told."""
        return self.contact.updated_at or self.told_at

    @property
    def keys(self) -> tuple[ContactKey, ...]:
        """Its own entry and those that are shown as it."""
        return (self.contact.key, *self.merged)

    @property
    def is_sure(self) -> bool:
        """Nobody needs to be asked whether it is them."""
        return self.quality is MatchQuality.EXACT or self.chosen_at is not None


@frozen
class ContactDraft:
    """A contact to be created or changed, as the user typed it."""

    first_name: str
    last_name: str = ""
    company: str = ""
    job_title: str = ""
    numbers: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    website: str = ""
    extra: tuple[tuple[str, str], ...] = field(default=())
