"""The lists that a card opens of its call: earlier calls, and when to call back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from screenpop.ui.popup.card_parts import NOBODY
from screenpop.ui.wording import tr

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.ui.popup.card_actions import CardActions
    from screenpop.ui.popup.shown_call import ShownCall


def list_earlier(call: ShownCall, actions: CardActions, now: datetime) -> None:
    """Show the latest calls with the party."""
    from screenpop.ui.popup.earlier import earlier_rows

    call.times = ()
    call.earlier = actions.earlier(call.facts.ref)
    if call.card is not None:
        rows = earlier_rows(call.earlier, now)
        call.card.show_rows(tr("Earlier calls"), rows)


def list_times(call: ShownCall, now: datetime) -> None:
    """Ask for when it is kept to be called back; the keyboard stays where it is."""
    from screenpop.ui.popup.due_times import due_choices, due_rows

    call.times = due_choices(now)
    if call.card is not None:
        rows = due_rows(call.times, now)
        call.card.show_rows(tr("When to call back"), rows, is_focused=False)


def choose_row(
    call: ShownCall, place: int, actions: CardActions, now: datetime
) -> None:
    """Do what a row of the list that is open stands for."""
    if call.times:
        _promise(call, place, actions, now)
        return
    ref = call.earlier[place].ref if place < len(call.earlier) else None
    if ref is not None:
        actions.show_call(ref)


def _promise(call: ShownCall, place: int, actions: CardActions, now: datetime) -> None:
    """It is to be called back at that one of the offered times, or at none."""
    from screenpop.ui.popup.due_times import due_text

    moments, call.times = call.times, ()
    if call.card is not None:
        call.card.close_rows()
    if place == NOBODY:
        return
    actions.call_back_at(call.facts.ref, moments[place])
    if call.card is not None:
        when = due_text(moments[place], now)
        call.card.confirm(tr("To be called back: {when}", when=when))
