"""What a card can ask for. Widgets know no services, only this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from screenpop.domain.contacts import Mark
from screenpop.ui.popup.card_parts import NOBODY, ActionKind

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.services.events import CallCard, EarlierCall
    from screenpop.ui.note_state import NoteSheet

_MARKS: Final = {
    ActionKind.SPAM: Mark.SPAM,
    ActionKind.PRIVATE: Mark.PRIVATE,
    ActionKind.DO_NOT_CALL: Mark.DO_NOT_CALL,
}
QUIET_MINUTES: Final = 60
"""How long the card's own "Quiet" lasts; the tray offers more."""


class CardActions(Protocol):
    """The callbacks of whoever wires cards to services; all return at once."""

    def open_record(self, ref: CallRef) -> None:
        """Open the contact's page."""
        ...

    def copy(self, text: str) -> None:
        """Put the text on the clipboard."""
        ...

    def set_note(self, ref: CallRef, text: str) -> None:
        """Keep this note on the call; sent at each pause of the typing."""
        ...

    def note_sheet(self, ref: CallRef) -> NoteSheet:
        """What is known of the note on this call, and who takes it."""
        ...

    def mark_note(self, ref: CallRef, needs_follow_up: bool, severity: int) -> None:
        """Mark the call at its phone system."""
        ...

    def send_note_again(self, ref: CallRef) -> None:
        """Send a refused note once more."""
        ...

    def earlier(self, ref: CallRef) -> tuple[EarlierCall, ...]:
        """The latest calls with the party, newest first."""
        ...

    def show_call(self, ref: CallRef) -> None:
        """Show a call of the log."""
        ...

    def choose(self, ref: CallRef, index: int) -> None:
        """It is that one of the card's matches; -1 for none of them."""
        ...

    def take_choice_back(self, ref: CallRef) -> None:
        """It is not the one who was chosen for the number."""
        ...

    def join(self, ref: CallRef, first: int, second: int) -> None:
        """These two of the card's matches are one person."""
        ...

    def part(self, ref: CallRef) -> None:
        """Who was said to be one person is several."""
        ...

    def add_to_contact(self, ref: CallRef) -> None:
        """Begin to add the party's number to a contact."""
        ...

    def mark(self, ref: CallRef, mark: Mark) -> None:
        """Remember what the number is: spam, private, not to be called."""
        ...

    def unmark(self, ref: CallRef) -> None:
        """The number has no mark any more."""
        ...

    def call_back(self, ref: CallRef) -> None:
        """Call the party now."""
        ...

    def call_back_later(self, ref: CallRef) -> None:
        """Keep the call among those to call back."""
        ...

    def call_back_at(self, ref: CallRef, due_at: datetime) -> None:
        """Keep the call among those to call back, and remind of it then."""
        ...

    def wrap_up(self, ref: CallRef, disposition: str) -> None:
        """Keep what the call came to; "" for nothing after all."""
        ...

    def ring(self, sound: str) -> None:
        """Play the sound of a line once."""
        ...

    def speak(self, text: str) -> None:
        """Say aloud who is calling, where the user wants that."""
        ...

    def create_contact(self, ref: CallRef) -> None:
        """Begin a new contact with the party's number."""
        ...

    def reveal(self, ref: CallRef) -> None:
        """Show who it is, although others may look on."""
        ...

    def search(self, text: str) -> None:
        """Look for a contact by hand."""
        ...

    def quiet(self, minutes: int) -> None:
        """No cards for that long."""
        ...


def perform(actions: CardActions, kind: ActionKind, card: CallCard) -> None:
    """Ask for the action that a button or key of this card stands for."""
    if kind is ActionKind.OPEN:
        actions.open_record(card.ref)
    elif kind is ActionKind.COPY:
        actions.copy(card.number_e164 or card.number_text)
    elif kind is ActionKind.LATER:
        actions.call_back_later(card.ref)
    elif kind is ActionKind.CALL_BACK:
        actions.call_back(card.ref)
    elif kind is ActionKind.CREATE:
        actions.create_contact(card.ref)
    elif kind is ActionKind.SEARCH:
        actions.search(card.number_e164 or card.number_text)
    elif kind is ActionKind.QUIET:
        actions.quiet(QUIET_MINUTES)
    else:
        _correct(actions, kind, card)


def _correct(actions: CardActions, kind: ActionKind, card: CallCard) -> None:
    """What the user says of who it is."""
    if kind is ActionKind.CONFIRM:
        actions.choose(card.ref, 0)
    elif kind is ActionKind.REFUSE:
        actions.choose(card.ref, NOBODY)
    elif kind is ActionKind.TAKE_BACK:
        actions.take_choice_back(card.ref)
    elif kind is ActionKind.PART:
        actions.part(card.ref)
    elif kind is ActionKind.ADD_TO:
        actions.add_to_contact(card.ref)
    elif kind in _MARKS:
        actions.mark(card.ref, _MARKS[kind])
    elif kind is ActionKind.UNMARK:
        actions.unmark(card.ref)
    elif kind is ActionKind.REVEAL:
        actions.reveal(card.ref)
