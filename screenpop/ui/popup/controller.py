"""When cards are shown, brought up to date, and hidden."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QRect, QTimer

from screenpop.domain.events import Direction
from screenpop.services.events import CallCard, CardPhase, DialProgress, DialState
from screenpop.ui.countries import country_name
from screenpop.ui.popup.card import Card
from screenpop.ui.popup.card_actions import CardActions, perform
from screenpop.ui.popup.card_lists import choose_row, list_earlier, list_times
from screenpop.ui.popup.card_text import state_text
from screenpop.ui.popup.face import HEIGHT_PX, WIDTH_PX
from screenpop.ui.popup.overflow import LISTED, MoreCalls
from screenpop.ui.popup.pool import CardPool
from screenpop.ui.popup.sample import SAMPLE
from screenpop.ui.popup.shown_call import ShownCall
from screenpop.ui.popup.spots import Forgetful, Spots
from screenpop.ui.popup.stack_layout import StackLayout, StackSettings
from screenpop.ui.popup.view_model import (
    ActionKind,
    card_key,
    card_of_dial,
    card_view,
    dial_key,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.domain.calls import CallRef
    from screenpop.ui.popup.screens import Screens
    from screenpop.ui.ports import MemoryPort
    from screenpop.ui.theme.theme import Theme

RECENT_CARDS: Final = 10

_ANNOUNCE_WAIT_MS: Final = 700
_SOON_SECONDS: Final = 2.0
_SOON_GONE: Final = (
    CardPhase.ELSEWHERE,
    CardPhase.ANSWERED_ELSEWHERE,
    CardPhase.DECLINED,
)
_TROUBLE: Final = (DialState.FAILED, DialState.UNCLEAR)
_DIAL_OVER: Final = (*_TROUBLE, DialState.ENDED, DialState.CANCELLED)


class CardStack(QObject):
    """The cards on the screen and the calls that wait for one.

    Nothing in here takes the keyboard, except `focus_card`. The one repeating timer
    runs only while a running time is on the screen.

    Args:
        clock: What time it is, aware.
        memory: Where it is kept where the user has put the cards.
    """

    def __init__(
        self,
        theme: Theme,
        actions: CardActions,
        settings: StackSettings,
        screens: Screens,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        memory: Callable[[], MemoryPort] = Forgetful,
    ) -> None:
        super().__init__(theme)
        self._theme = theme
        self._actions = actions
        self._settings = settings
        self._clock = clock
        self._calls: list[ShownCall] = []
        self._recent: dict[CallRef, CallCard] = {}
        self._announced: dict[CallRef, None] = {}
        # Set by whoever knows how quiet to be: nothing is said aloud then.
        self.is_silent: Callable[[], bool] = lambda: False
        self._row: MoreCalls | None = None
        self.layout = StackLayout(screens, settings, Spots(memory))
        self.pool = CardPool(lambda: Card(theme), SAMPLE, self)
        self._tick = QTimer(self, interval=1000)
        self._tick.timeout.connect(self._show_times)

    @property
    def cards(self) -> tuple[Card, ...]:
        """The cards on the screen, the oldest first."""
        return tuple(call.card for call in self._calls if call.card is not None)

    @property
    def row(self) -> MoreCalls | None:
        """The row of further calls while it is shown."""
        return self._row if self._row is not None and self._row.isVisible() else None

    @property
    def is_ticking(self) -> bool:
        """Whether the repeating timer runs."""
        return self._tick.isActive()

    def change_settings(self, settings: StackSettings) -> None:
        """Use these from now on."""
        self._settings = settings
        self.layout.change_settings(settings)
        for call in self._calls:
            self._paint(call)

    def show(self, card: CallCard) -> None:
        """Show a call; one that is shown already is updated where it stands."""
        if self._find(card_key(card)) is not None:
            self.update(card)
            return
        self._remember(card)
        call = ShownCall(card, self)
        call.expired.connect(self._take_down)
        if card.phase is CardPhase.WRAP_UP:
            # Brought back, it asks again, and for as long as it is there.
            call.asked_seconds = 0
        self._calls.append(call)
        self._bring_up_waiting()
        if card.phase is CardPhase.RINGING and card.look.sound:
            self._actions.ring(card.look.sound)

    def update(self, card: CallCard) -> None:
        """Show what has changed of a call; a card that is gone stays gone."""
        key = card_key(card)
        if key in self._recent:
            self._recent[key] = card
        call = self._find(key)
        if call is None:
            return
        before, call.facts = call.facts.phase, card
        self._paint(call)
        if card.phase is not before:
            self._schedule(call)

    def dismiss(self, card: CallCard, linger_seconds: float) -> None:
        """The call is over: hide its card after that long, unless it is in use."""
        self.update(card)
        call = self._find(card_key(card))
        if call is None:
            return
        if call.card is None:
            self._take_down(call)
        else:
            call.hide_after(linger_seconds)

    def wrap_up(self, card: CallCard, seconds: float) -> None:
        """The call is over: ask what it came to, on its card or on a new one.

        ``seconds`` is for how long; 0 for until that is said or the card hidden.
        """
        self.show(card)
        call = self._find(card_key(card))
        if call is not None:
            call.asked_seconds = seconds
            self._shape(call)
            self._schedule(call)

    def show_dial(self, progress: DialProgress) -> None:
        """Show how far a click-to-dial has come, also before there is a call."""
        key = dial_key(progress.dial_id)
        if self._find(key) is None:
            if progress.state in (DialState.INTENDED, DialState.ENDED):
                return
            self.show(card_of_dial(progress, self._clock()))
        call = self._find(key)
        if call is None:
            return
        call.progress = progress
        if call.facts.ref == key:
            self.update(card_of_dial(progress, call.facts.phase_since))
        self._paint(call)
        if progress.state in _DIAL_OVER:
            factor = 3 if progress.state in _TROUBLE else 1
            call.hide_after(self._settings.answered_seconds * factor)

    def notes_changed(self) -> None:
        """A note was kept, sent or refused: open ones may have news."""
        for call in self._calls:
            self._show_note_sheet(call)

    def recall_last(self) -> bool:
        """Bring the last hidden card back; False when there is none."""
        hidden = [card for card in self.recent() if not self._find(card_key(card))]
        return bool(hidden) and self.recall(hidden[0].ref)

    def recall(self, ref: CallRef) -> bool:
        """Bring that card back, to stay until the user hides it; False if too old."""
        card = next((one for one in self.recent() if one.ref == ref), None)
        if card is None:
            return False
        self.show(card)
        call = self._find(card_key(card))
        if call is not None:
            call.stay()
        return True

    def recent(self) -> tuple[CallCard, ...]:
        """The last ten cards, the latest first."""
        return tuple(reversed(self._recent.values()))

    def home(self) -> QRect:
        """Where the first card stands or would stand."""
        return self.layout.home(self._theme.px(WIDTH_PX), self._theme.px(HEIGHT_PX))

    def focus_card(self) -> bool:
        """Give the newest card the keyboard, because the user asked for it.

        Asked for again, the one before it, and after the oldest the row of further
        calls.

        Returns:
            False when there is none.
        """
        if not self.cards:
            self.recall_last()
        windows: list[Card | MoreCalls] = [*self.cards]
        if self.row is not None:
            windows.insert(0, self.row)
        active = (at for at, one in enumerate(windows) if one.isActiveWindow())
        if windows:
            windows[next(active, 0) - 1].focus_on_purpose()
        return bool(windows)

    def hide_all(self) -> None:
        """Take everything off the screen, at the end of the program for one."""
        for call in reversed(self._calls):
            self._take_down(call)

    def close(self) -> None:
        """Hide and delete everything."""
        self.hide_all()
        self.pool.close()
        if self._row is not None:
            self._row.deleteLater()
            self._row = None

    # --- one call -------------------------------------------------------------------

    def _bring_up_waiting(self) -> None:
        """Give cards to the calls that wait, as far as there are places."""
        if not self.cards:
            self.layout.begin_anew()
        px = self._theme.px
        room = self.layout.room_for(px(WIDTH_PX), px(HEIGHT_PX))
        free = room - len(self.cards)
        if free > 0:
            waiting = [call for call in self._calls if call.card is None]
            for call in waiting[:free]:
                self._bring_up(call)
        self._show_row()

    def _bring_up(self, call: ShownCall) -> None:
        card = self.pool.take()
        call.card = card
        self._paint(call)
        self.layout.add(card)
        card.show()
        card.raise_()
        # All below is done while the X server makes the window visible; nothing can
        # come of the card before this turn of the loop is over.
        self._connect(call, card)
        self._announce(call)
        self._schedule(call)

    def _connect(self, call: ShownCall, card: Card) -> None:
        call.connections = (
            card.acted.connect(lambda kind: self._act(call, kind)),
            card.person_chosen.connect(
                lambda index: self._actions.choose(call.facts.ref, index)
            ),
            card.people_joined.connect(
                lambda first, second: self._actions.join(call.facts.ref, first, second)
            ),
            card.row_chosen.connect(
                lambda place: choose_row(call, place, self._actions, self._clock())
            ),
            card.disposed.connect(
                lambda said: self._actions.wrap_up(call.facts.ref, said)
            ),
            card.unfolded.connect(lambda: self._unfold(call)),
            card.dragged.connect(self.layout.drag),
            card.dropped.connect(self.layout.drop),
            card.note_opened.connect(lambda: self._show_note_sheet(call)),
            card.note_written.connect(
                lambda text: self._actions.set_note(call.facts.ref, text)
            ),
            card.note_marked.connect(
                lambda needs_follow_up, severity: self._actions.mark_note(
                    call.facts.ref, needs_follow_up, severity
                )
            ),
            card.note_repeat_wanted.connect(
                lambda: self._actions.send_note_again(call.facts.ref)
            ),
            card.closed.connect(lambda: self._take_down(call, by_user=True)),
            card.grown.connect(self.layout.arrange),
            card.attention_changed.connect(lambda: self._attention_changed(call)),
        )

    def _paint(self, call: ShownCall) -> None:
        if call.card is None:
            self._show_row()
        else:
            call.card.show_view(
                card_view(
                    call.facts,
                    self._clock(),
                    progress=call.progress,
                    is_account_shown=self._settings.is_account_shown,
                    country_name=country_name,
                )
            )
            self._shape(call)
            self._keep_time()
        if call.is_announcement_due and not call.facts.is_lookup_pending:
            self._say(call)

    def _show_note_sheet(self, call: ShownCall) -> None:
        if call.card is not None and call.card.note.isVisibleTo(call.card):
            call.card.show_note_sheet(self._actions.note_sheet(call.facts.ref))

    def _schedule(self, call: ShownCall) -> None:
        """Decide when the card goes, by what its call is doing now."""
        phase = call.facts.phase
        if phase in (CardPhase.RINGING, CardPhase.DIALLING):
            # A ringing phone's card never goes before the ringing does.
            call.stay()
        elif phase is CardPhase.WRAP_UP and not call.asked_seconds:
            call.stay()
        elif phase is CardPhase.WRAP_UP and call.asked_seconds:
            call.hide_after(call.asked_seconds)
        elif phase in _SOON_GONE or call.facts.disposition:
            call.hide_after(_SOON_SECONDS)
        else:
            call.hide_after(self._settings.answered_seconds)

    def _act(self, call: ShownCall, kind: ActionKind) -> None:
        if kind is ActionKind.EARLIER:
            list_earlier(call, self._actions, self._clock())
            return
        perform(self._actions, kind, call.facts)
        if kind is ActionKind.LATER:
            list_times(call, self._clock())
        if kind in (ActionKind.QUIET, ActionKind.CALL_BACK):
            self._take_down(call, by_user=True)

    def _unfold(self, call: ShownCall) -> None:
        call.is_unfolded = True
        if call.card is not None:
            call.card.set_slim(False)

    def _shape(self, call: ShownCall) -> None:
        """Fold or unfold a card by itself, but move nothing under the pointer."""
        card = call.card
        if card is None or any(one.is_hovered for one in self.cards):
            return
        is_answered = call.facts.phase is CardPhase.CONNECTED
        wants_slim = self._settings.is_slim_once_answered and not call.is_unfolded
        card.set_slim(is_answered and wants_slim)
        if call.asked_seconds is not None and not card.is_asking:
            card.ask_what_came_of_it()

    def _attention_changed(self, call: ShownCall) -> None:
        call.attention_changed()
        for each in self._calls:
            self._shape(each)
        self.layout.close_ranks()

    def _take_down(self, call: ShownCall, *, by_user: bool = False) -> None:
        if call not in self._calls:
            return
        self._calls.remove(call)
        self._take_card(call, by_user=by_user)
        call.deleteLater()
        self._bring_up_waiting()
        self._keep_time()

    def _take_card(self, call: ShownCall, *, by_user: bool) -> None:
        call.stay()
        card = call.card
        if card is None:
            return
        # Hidden first: that is when it reports its note.
        card.hide()
        for connection in call.connections:
            QObject.disconnect(connection)
        call.card = None
        self.layout.remove(card, by_user=by_user)
        self.pool.give_back(card)

    def _bring_forward(self, key: CallRef) -> None:
        """Give a waiting call a card; the newest that nobody uses waits instead."""
        wanted = self._find(key)
        if wanted is None or wanted.card is not None:
            return
        shown = [one for one in self._calls if one.card and not one.card.is_busy]
        if not shown:
            return
        # Behind it in line: else it would be the next to get a card again.
        self._calls.remove(shown[-1])
        self._calls.append(shown[-1])
        self._take_card(shown[-1], by_user=True)
        self._bring_up(wanted)
        self._show_row()

    # --- what all share -------------------------------------------------------------

    def _show_row(self) -> None:
        waiting = [call for call in self._calls if call.card is None]
        if not waiting:
            if self.row is not None:
                self.row.hide()
                self.layout.show_row(None)
            return
        if self._row is None:
            self._row = MoreCalls(self._theme)
            self._row.chosen.connect(self._bring_forward)
        now = self._clock()
        # Only those that have a line: a storm of calls must not cost its square.
        views = [card_view(call.facts, now) for call in waiting[:LISTED]]
        self._row.show_calls(views, len(waiting))
        self.layout.show_row(self._row)
        self._row.show()
        for call in waiting[:LISTED]:
            if call.facts.phase is CardPhase.RINGING:
                self._announce(call)

    def _announce(self, call: ShownCall) -> None:
        """Have the call said once, however often it is shown, on a card or below."""
        key = card_key(call.facts)
        if key in self._announced or self.is_silent():
            return
        self._announced[key] = None
        while len(self._announced) > 10 * RECENT_CARDS:
            del self._announced[next(iter(self._announced))]
        call.is_announcement_due = True
        if call.facts.is_lookup_pending:
            # The name is worth a moment: one announcement, and not of the number.
            QTimer.singleShot(_ANNOUNCE_WAIT_MS, call, lambda: self._say(call))
        else:
            self._say(call)

    def _say(self, call: ShownCall) -> None:
        if not call.is_announcement_due:
            return
        call.is_announcement_due = False
        view = card_view(call.facts, self._clock())
        is_to_us = call.facts.direction is Direction.INBOUND
        if is_to_us and call.facts.phase is CardPhase.RINGING:
            self._actions.speak(view.announcement)
        if call.card is not None:
            call.card.announce()
        elif self._row is not None:
            self._row.announce(view.announcement)

    def _keep_time(self) -> None:
        """Let the timer run exactly while a running time is visible."""
        views = (card.view for card in self.cards)
        is_needed = any(view and view.timer_since for view in views)
        if is_needed and not self._tick.isActive():
            self._tick.start()
        elif not is_needed:
            self._tick.stop()

    def _show_times(self) -> None:
        now = self._clock()
        for call in self._calls:
            if call.card is not None:
                call.card.show_time(state_text(call.facts, now, call.progress))

    def _find(self, key: CallRef) -> ShownCall | None:
        matching = (call for call in self._calls if card_key(call.facts) == key)
        return next(matching, None)

    def _remember(self, card: CallCard) -> None:
        self._recent.pop(card_key(card), None)
        self._recent[card_key(card)] = card
        while len(self._recent) > RECENT_CARDS:
            del self._recent[next(iter(self._recent))]
