"""What a card's buttons do: the services are asked, or a window opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QGuiApplication

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.calls import CallRef
    from screenpop.domain.contacts import Mark
    from screenpop.services.application import Application
    from screenpop.services.events import EarlierCall
    from screenpop.ui.desk import Desk
    from screenpop.ui.note_state import NoteSheet
    from screenpop.ui.windows import Windows


class CardDesk:
    """The actions of all cards; each returns at once."""

    def __init__(self, services: Application, windows: Windows, desk: Desk) -> None:
        self._services = services
        self._windows = windows
        self._desk = desk
        self._tasks = desk.tasks

    # --- opening, copying, calling ---------------------------------------------------

    def open_record(self, ref: CallRef) -> None:
        """Open the contact's page, or the one that the settings name."""
        from screenpop.ui.opening import open_address

        if not open_address(self._services.callers.opener.on_click(ref)):
            self._windows.open_call(ref)

    def copy(self, text: str) -> None:
        """Put the text on the clipboard."""
        QGuiApplication.clipboard().setText(text)

    def call_back(self, ref: CallRef) -> None:
        """Open the dialer with the party's number, ready to call."""
        card = self._services.screen_pop.card(ref)
        if card is not None:
            self._windows.open_dialer(card.number_e164 or card.number_text)

    def call_back_later(self, ref: CallRef) -> None:
        """Keep the call among those to call back."""
        self._tasks.start(self._services.history.promise_call_back(self._logged(ref)))

    def call_back_at(self, ref: CallRef, due_at: datetime) -> None:
        """Keep the call among those to call back, and remind of it then."""
        self._tasks.start(
            self._services.history.promise_call_back(self._logged(ref), due_at)
        )

    def wrap_up(self, ref: CallRef, disposition: str) -> None:
        """Keep what the call came to."""
        self._services.screen_pop.wrap_up(ref, disposition)

    def ring(self, sound: str) -> None:
        """Play the sound of a line once, beside the event loop; not while quiet."""
        if self._services.around.quiet.now.level != "none":
            return
        import asyncio

        from screenpop.desktop.ring_tone import play_tone

        self._tasks.start(asyncio.to_thread(play_tone, sound))

    def speak(self, text: str) -> None:
        """Say aloud who is calling, if that is wanted; not while quiet."""
        is_wanted = self._services.settings.card.spoken
        if not is_wanted or self._services.around.quiet.now.level != "none":
            return
        import asyncio

        from screenpop.desktop.spoken_caller import say_aloud

        self._tasks.start(asyncio.to_thread(say_aloud, text))

    def earlier(self, ref: CallRef) -> tuple[EarlierCall, ...]:
        """The latest calls with the party, newest first."""
        from screenpop.domain.errors import StoreError

        try:
            return self._services.screen_pop.earlier(ref)
        except StoreError as error:
            self._desk.show_error(error)
            return ()

    def show_call(self, ref: CallRef) -> None:
        """Show a call of the log."""
        self._windows.open_call(ref)

    def reveal(self, ref: CallRef) -> None:
        """Show who it is, although others may look on."""
        self._desk.reveal(ref)

    def search(self, text: str) -> None:
        """Look for a contact by hand."""
        self._windows.open_dialer(text)

    def quiet(self, minutes: int) -> None:
        """No cards for that long."""
        self._desk.quiet_for(minutes)

    def _logged(self, ref: CallRef) -> CallRef:
        """The call of the log that a card stands for."""
        return self._services.screen_pop.logged_ref(ref)

    # --- notes -----------------------------------------------------------------------

    def set_note(self, ref: CallRef, text: str) -> None:
        """Keep this note on the call."""
        self._services.screen_pop.set_note(ref, text)

    def note_sheet(self, ref: CallRef) -> NoteSheet:
        """What is known of the note on this call, and who takes it."""
        from screenpop.ui.note_state import sheet_of

        logged = self._services.screen_pop.logged_ref(ref)
        return sheet_of(self._services.call_notes, logged)

    def mark_note(self, ref: CallRef, needs_follow_up: bool, severity: int) -> None:
        """Mark the call at its phone system."""
        from screenpop.services.call_notes import NoteMarks

        logged = self._services.screen_pop.logged_ref(ref)
        marks = NoteMarks(needs_follow_up, severity)
        self._tasks.start(self._services.call_notes.set_marks(logged, marks))

    def send_note_again(self, ref: CallRef) -> None:
        """Send a refused note once more."""
        logged = self._services.screen_pop.logged_ref(ref)
        self._tasks.start(self._services.call_notes.send_again(logged))

    # --- who it is -------------------------------------------------------------------

    def choose(self, ref: CallRef, index: int) -> None:
        """It is that one of the card's matches."""
        self._services.screen_pop.choose(ref, index)

    def take_choice_back(self, ref: CallRef) -> None:
        """It is not the one who was chosen for the number."""
        self._tasks.start(self._services.callers.corrections.take_choice_back(ref))

    def join(self, ref: CallRef, first: int, second: int) -> None:
        """These two of the card's matches are one person."""
        self._tasks.start(self._services.callers.corrections.join(ref, first, second))

    def part(self, ref: CallRef) -> None:
        """Who was said to be one person is several."""
        self._tasks.start(self._services.callers.corrections.part(ref))

    def mark(self, ref: CallRef, mark: Mark) -> None:
        """Remember what the number is: spam, private, not to be called."""
        self._tasks.start(self._services.callers.corrections.mark(ref, mark))

    def unmark(self, ref: CallRef) -> None:
        """The number has no mark any more."""
        self._tasks.start(self._services.callers.corrections.unmark(ref))

    def create_contact(self, ref: CallRef) -> None:
        """Begin a new contact with the party's number."""
        card = self._services.screen_pop.card(ref)
        if card is not None:
            self._windows.open_contact_editor(card.number_e164, card.caller_name)

    def add_to_contact(self, ref: CallRef) -> None:
        """Begin to add the party's number to a contact."""
        card = self._services.screen_pop.card(ref)
        if card is not None:
            self._windows.open_contact_picker(card)
