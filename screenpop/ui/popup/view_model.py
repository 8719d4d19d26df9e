"""What a card shows of a call, as texts and states, decided without any window.

The number is there at once; names and history arrive later, into lines that were kept
free for them. Buttons keep their places while a call goes on.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.calls import CallRef
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.services.events import CallCard, CardPhase, DialProgress, DialState
from screenpop.ui.popup.card_parts import NOBODY, ActionKind, CardAction, PersonRow
from screenpop.ui.popup.card_text import (
    LONGEST_LINE,
    accessible_name,
    announcement_text,
    context_text,
    details_text,
    greeting_text,
    is_ambiguous,
    is_question,
    line_fallback,
    missed_text,
    name_of,
    reason_text,
    state_text,
    title_text,
)
from screenpop.ui.popup.identity import (
    identity_actions,
    more_actions,
    people_rows,
    why_text,
)
from screenpop.ui.wording import joined, tr

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

__all__ = [
    "NOBODY",
    "ActionKind",
    "CardAction",
    "CardView",
    "PersonRow",
    "Tone",
    "card_key",
    "card_of_dial",
    "card_view",
    "dial_key",
]

_DIAL_PREFIX: Final = "dial:"


class Tone(StrEnum):
    """The mood of a card; its colour role. Text and icon say the same."""

    RINGING = "ringing"
    TALKING = "talking"
    CALM = "calm"
    MISSED = "missed"
    TROUBLE = "trouble"


@frozen(kw_only=True)
class CardView:
    """Everything a card paints, as plain text.

    Attributes:
        key: What tells this card from others; the same for a dial and its call.
        icon: The name of the state's icon.
        timer_since: When the running timer began; None when none runs.
        line_key: What the line's colour is derived from.
        line_color: The colour that the user chose for the line; "auto" for none.
        greeting: What to say when picking up; "" for no hint.
        initials: For the picture; "" when ``avatar_icon`` stands there.
        detail_head: Company and role; gives way first when room is short.
        detail_tail: The number, which stays whole.
        context: The last talk, or how far a dial has come.
        is_context_urgent: The context asks the user to do something now.
        missed: "2 missed", or "".
        why: Everything that speaks for the person shown, one thing to a line.
        identity_actions: Buttons beside the reason: who is it?
        more: What is offered behind "Options".
        actions: The row of buttons.
        people: Whom the number may belong to, when there are several.
        people_count: How many there are, also of whom there is no row.
        is_looking_up: More people may come yet.
        announcement: What a screen reader says when the card appears.
        dispositions: What the call can have come to, while that is asked.
        disposition: What it came to; "" for not said yet.
    """

    key: CallRef
    phase: CardPhase
    tone: Tone
    icon: str
    state: str
    timer_since: datetime | None
    line: str
    line_key: str
    line_color: str
    greeting: str
    title: str
    initials: str
    avatar_icon: str
    detail_head: str
    detail_tail: str
    context: str
    is_context_urgent: bool
    missed: str
    reason: str
    why: str
    identity_actions: tuple[CardAction, ...]
    more: tuple[CardAction, ...]
    actions: tuple[CardAction, ...]
    people: tuple[PersonRow, ...]
    people_count: int
    is_looking_up: bool
    accessible_name: str
    announcement: str
    note: str
    is_settled: bool
    dispositions: tuple[str, ...]
    disposition: str


def card_key(card: CallCard) -> CallRef:
    """The same for a click-to-dial and for the call that comes of it."""
    return dial_key(card.dial_id) if card.dial_id else card.ref


def dial_key(dial_id: str) -> CallRef:
    """The key of a dial's card before there is a call."""
    return CallRef("", _DIAL_PREFIX + dial_id)


def card_of_dial(progress: DialProgress, since: datetime) -> CallCard:
    """The card of a dial of which the phone system has not told us a call yet."""
    is_over = progress.state in (
        DialState.FAILED,
        DialState.UNCLEAR,
        DialState.CANCELLED,
        DialState.ENDED,
    )
    connected = progress.state is DialState.CONNECTED
    over = CardPhase.ENDED if is_over else CardPhase.DIALLING
    return CallCard(
        ref=dial_key(progress.dial_id),
        direction=Direction.OUTBOUND,
        phase=CardPhase.CONNECTED if connected else over,
        phase_since=since,
        number_text=progress.number_text,
        caller_name=progress.name,
        dial_id=progress.dial_id,
    )


def card_view(
    card: CallCard,
    now: datetime,
    *,
    progress: DialProgress | None = None,
    is_account_shown: bool = False,
    country_name: Callable[[str], str] = str,
) -> CardView:
    """What to show of the card at this moment.

    Args:
        card: What is known of the call.
        now: By our clock.
        progress: How far the click-to-dial it belongs to has come.
        is_account_shown: Several accounts are in use, so say which one it is.
        country_name: What a country is called, by its code.
    """
    title = title_text(card)
    line = plain(card.line_text, LONGEST_LINE)
    account = plain(card.account_label, LONGEST_LINE) if is_account_shown else ""
    place = _place(card, country_name)
    head, tail = details_text(card, place, has_name=bool(name_of(card)))
    context, is_urgent = context_text(card, now, progress)
    timer_since = card.phase_since if card.phase in _TIMED else None
    return CardView(
        key=card_key(card),
        phase=card.phase,
        tone=_tone(card, progress),
        icon=_icon(card, progress),
        state=state_text(card, now, progress),
        timer_since=timer_since,
        line=joined(line, account) or line_fallback(card),
        line_key=joined(card.line_text or card.account_label, card.ref.account_id),
        line_color=card.look.color,
        greeting=greeting_text(card),
        title=title,
        initials="" if is_question(card) else _initials(card),
        avatar_icon=_avatar_icon(card),
        detail_head=head,
        detail_tail=tail,
        context=context,
        is_context_urgent=is_urgent,
        missed=missed_text(card),
        reason=reason_text(card, now, progress),
        identity_actions=identity_actions(card),
        more=more_actions(card),
        why=why_text(card, now),
        actions=_actions(card),
        people=people_rows(card, now),
        people_count=len(card.matches),
        is_looking_up=card.is_lookup_pending,
        accessible_name=accessible_name(card),
        announcement=announcement_text(card, line),
        note=card.note,
        is_settled=card.chosen is not None or not card.is_lookup_pending,
        dispositions=card.dispositions if card.phase is CardPhase.WRAP_UP else (),
        disposition=plain(card.disposition, LONGEST_LINE),
    )


def _place(card: CallCard, country_name: Callable[[str], str]) -> str:
    """Where the number belongs to, in words; "" when unknown."""
    place = country_name(card.place) if card.place else ""
    if place and card.area:
        place = tr("{area}, {country}", area=card.area, country=place)
    return plain(place, LONGEST_LINE)


_TIMED: Final = (
    CardPhase.RINGING,
    CardPhase.DIALLING,
    CardPhase.CONNECTED,
    CardPhase.WRAP_UP,
)


def _tone(card: CallCard, progress: DialProgress | None) -> Tone:
    if progress and progress.state in (DialState.FAILED, DialState.UNCLEAR):
        return Tone.TROUBLE
    return _TONES[card.phase]


_TONES: Final = {
    CardPhase.RINGING: Tone.RINGING,
    CardPhase.DIALLING: Tone.RINGING,
    CardPhase.CONNECTED: Tone.TALKING,
    CardPhase.ELSEWHERE: Tone.CALM,
    CardPhase.ANSWERED_ELSEWHERE: Tone.CALM,
    CardPhase.MISSED: Tone.MISSED,
    CardPhase.DECLINED: Tone.CALM,
    CardPhase.LOST: Tone.TROUBLE,
    CardPhase.WRAP_UP: Tone.RINGING,
    CardPhase.ENDED: Tone.CALM,
}


def _icon(card: CallCard, progress: DialProgress | None) -> str:
    if progress and progress.state in (DialState.FAILED, DialState.UNCLEAR):
        return "alert"
    if card.phase is CardPhase.RINGING and card.direction is Direction.OUTBOUND:
        return "phone-out"
    return _ICONS[card.phase]


_ICONS: Final = {
    CardPhase.RINGING: "phone-in",
    CardPhase.DIALLING: "phone-out",
    CardPhase.CONNECTED: "phone",
    CardPhase.ELSEWHERE: "people",
    CardPhase.ANSWERED_ELSEWHERE: "check",
    CardPhase.MISSED: "phone-missed",
    CardPhase.DECLINED: "phone-off",
    CardPhase.LOST: "alert",
    CardPhase.WRAP_UP: "wrap-up",
    CardPhase.ENDED: "phone-end",
}


def _avatar_icon(card: CallCard) -> str:
    if card.is_withheld or card.is_veiled:
        return "hidden"
    return "people" if is_ambiguous(card) or card.is_internal else "person"


def _initials(card: CallCard) -> str:
    """Up to two letters; none for names that do not start with letters."""
    if card.is_veiled:
        return ""
    words = [word for word in name_of(card).split() if word[0].isalpha()]
    picked = words[:1] + words[-1:] if len(words) > 1 else words
    return "".join(word[0].upper()[:1] for word in picked)


_CALLED_BACK: Final = (
    CardPhase.MISSED,
    CardPhase.DECLINED,
    CardPhase.LOST,
    CardPhase.ENDED,
)


def _actions(card: CallCard) -> tuple[CardAction, ...]:
    """Fixed places: only what comes last depends on the phase."""
    number = bool(card.number_e164 or (card.number_text and card.is_internal))
    row = [
        CardAction(ActionKind.OPEN, tr("Open"), bool(card.record_url)),
        CardAction(ActionKind.COPY, tr("Copy"), bool(card.number_text)),
        CardAction(
            ActionKind.NOTE, tr("Note"), not card.ref.call_id.startswith(_DIAL_PREFIX)
        ),
        CardAction(
            ActionKind.LATER,
            tr("Call back later"),
            number,
            tr("Keeps this call among those to call back"),
        ),
    ]
    is_over = card.phase in _CALLED_BACK
    if is_over and number:
        row.append(CardAction(ActionKind.CALL_BACK, tr("Call back")))
    elif card.phase is CardPhase.RINGING and card.direction is Direction.INBOUND:
        hint = tr("Hides this card and shows none for an hour")
        row.append(CardAction(ActionKind.QUIET, tr("Quiet"), hint=hint))
    return tuple(row)
