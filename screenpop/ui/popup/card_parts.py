"""What a card is made of besides its sentences: buttons and rows to choose from."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactKey

from screenpop.domain.frozen import frozen

NOBODY: Final = -1
"""The index to choose for "none of these"."""


class ActionKind(StrEnum):
    """What a button of a card does."""

    OPEN = "open"
    COPY = "copy"
    NOTE = "note"
    LATER = "later"
    QUIET = "quiet"
    CALL_BACK = "call_back"
    CREATE = "create"
    SEARCH = "search"
    CHOOSE = "choose"
    CONFIRM = "confirm"
    REFUSE = "refuse"
    MORE = "more"
    TAKE_BACK = "take_back"
    PART = "part"
    ADD_TO = "add_to"
    SPAM = "spam"
    PRIVATE = "private"
    DO_NOT_CALL = "do-not-call"
    UNMARK = "unmark"
    EARLIER = "earlier"
    REVEAL = "reveal"


@frozen
class CardAction:
    """One button. A disabled one keeps its place, so that nothing moves.

    Attributes:
        hint: What the text leaves open, as tool tip and description.
    """

    kind: ActionKind
    text: str
    is_enabled: bool = True
    hint: str = ""


@frozen
class PersonRow:
    """One of the people a number may belong to.

    Attributes:
        index: Which match it is, to be handed to ``choose``.
        key: The key that chooses it.
        why: What speaks for them, on a line of its own; "" for none.
        entries: What names them in their sources, however the list is ordered.
    """

    index: int
    key: str
    name: str
    details: str
    is_chosen: bool = False
    entries: tuple[ContactKey, ...] = ()
    why: str = ""
