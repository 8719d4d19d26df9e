"""Who is it? The buttons, rows and reasons by which a card answers that."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.contacts import TEAM_SPAM, Mark, MatchQuality
from screenpop.domain.plain_text import plain
from screenpop.ui.popup.card_parts import ActionKind, CardAction, PersonRow
from screenpop.ui.popup.card_text import (
    LONGEST_LINE,
    is_ambiguous,
    is_question,
    match_name,
)
from screenpop.ui.time_text import ago_text, day_text
from screenpop.ui.wording import joined, names, tr, tr_count

if TYPE_CHECKING:
    from datetime import datetime

    from screenpop.domain.contacts import ContactMatch
    from screenpop.services.events import CallCard

# More than a card has places for, so that whoever has a place keeps it.
_MOST_PEOPLE: Final = 20
_SPAM, _PRIVATE = Mark.SPAM.value, Mark.PRIVATE.value


def identity_actions(card: CallCard) -> tuple[CardAction, ...]:
    """The buttons beside the reason."""
    if card.is_veiled:
        return (CardAction(ActionKind.REVEAL, tr("Show who it is")),)
    more: tuple[CardAction, ...] = ()
    if _may_have_more(card):
        # From the first moment on, so that what stands beside it does not move.
        is_enabled = not card.is_lookup_pending
        more = (CardAction(ActionKind.MORE, tr("Options"), is_enabled),)
    if card.mark:
        return (_unmark(card), *more)
    if is_ambiguous(card):
        return (CardAction(ActionKind.CHOOSE, tr("Choose")), *more)
    if is_question(card):
        return (*_question(card), *more)
    if card.chosen is not None:
        return (*_about_chosen(card), *more)
    if not has_stranger(card):
        return more
    return (
        CardAction(ActionKind.CREATE, tr("Create contact")),
        CardAction(ActionKind.SEARCH, tr("Search")),
        *more,
    )


def has_stranger(card: CallCard) -> bool:
    """Whether everybody was asked and nobody knows the number."""
    is_open = card.is_lookup_pending or card.is_internal or not card.number_e164
    return card.chosen is None and not is_open


def _question(card: CallCard) -> tuple[CardAction, ...]:
    name = match_name(card.chosen) if card.chosen else ""
    return (
        CardAction(
            ActionKind.CONFIRM,
            tr("Yes"),
            hint=tr("From now on this number belongs to {name}", name=name),
        ),
        CardAction(ActionKind.REFUSE, tr("No"), hint=tr("It is somebody else")),
    )


def _about_chosen(card: CallCard) -> tuple[CardAction, ...]:
    chosen, others = card.chosen, len(card.matches) - 1
    if chosen is not None and chosen.chosen_at is not None:
        hint = tr("Forgets that you chose them for this number")
        if chosen.is_team_choice:
            hint = tr("Takes back what your team says of this number, for everybody")
        return (CardAction(ActionKind.TAKE_BACK, tr("Not this one"), hint=hint),)
    if others > 0:
        text = tr_count("{count} more person", "{count} more people", others)
        return (CardAction(ActionKind.CHOOSE, text),)
    return ()


def more_actions(card: CallCard) -> tuple[CardAction, ...]:
    """What is offered behind "Options"; nothing while it could be made wrong."""
    if card.is_veiled or card.is_lookup_pending or not _may_have_more(card):
        return ()
    offered = []
    chosen, count = card.chosen, card.context.call_count
    if count:
        offered.append(_earlier(count))
    if chosen is not None and chosen.chosen_at is not None and len(card.matches) > 1:
        offered.append(CardAction(ActionKind.CHOOSE, tr("Choose somebody else")))
    if chosen is not None and chosen.is_joined:
        hint = tr("You said that these entries are one person")
        offered.append(
            CardAction(ActionKind.PART, tr("They are not one person"), hint=hint)
        )
    if chosen is None or is_question(card):
        offered.append(
            CardAction(ActionKind.ADD_TO, tr("Add the number to a contact…"))
        )
    return (*offered, *_marking(card))


def _may_have_more(card: CallCard) -> bool:
    return bool(card.number_e164) and not card.is_internal


def _marking(card: CallCard) -> tuple[CardAction, ...]:
    offered = []
    if card.mark != _SPAM:
        hint = tr("Its next calls show no card")
        offered.append(CardAction(ActionKind.SPAM, tr("Mark as spam"), hint=hint))
    if card.mark != _PRIVATE:
        hint = tr("No name in the log, no source asked")
        offered.append(CardAction(ActionKind.PRIVATE, tr("Keep private"), hint=hint))
    if card.mark != Mark.DO_NOT_CALL:
        hint = tr("You are asked before it is dialled")
        offered.append(CardAction(ActionKind.DO_NOT_CALL, tr("Do not call"), hint=hint))
    return tuple(offered)


def _earlier(count: int) -> CardAction:
    hint = tr_count("{count} call so far", "{count} calls so far", count)
    return CardAction(ActionKind.EARLIER, tr("Earlier calls"), hint=hint)


def _unmark(card: CallCard) -> CardAction:
    not_spam = tr("Not spam")
    if card.mark == TEAM_SPAM:
        hint = tr("Takes back what your team says of this number, for everybody")
        return CardAction(ActionKind.UNMARK, not_spam, hint=hint)
    texts = {_SPAM: not_spam, _PRIVATE: tr("Not private")}
    text = texts.get(card.mark, tr("May be called"))
    return CardAction(ActionKind.UNMARK, text)


def people_rows(card: CallCard, now: datetime) -> tuple[PersonRow, ...]:
    """Whom the number may belong to, when there are several."""
    if len(card.matches) < 2:
        return ()
    return tuple(
        PersonRow(
            index=index,
            key=str(index + 1),
            name=match_name(match) or tr("No name"),
            details=joined(
                plain(match.contact.company, LONGEST_LINE),
                _spoken(card, match, now),
            ),
            why=joined(
                plain(match.reason, LONGEST_LINE),
                plain(match.source_label, LONGEST_LINE),
                _age(match, now),
            ),
            is_chosen=match == card.chosen,
            entries=match.keys,
        )
        for index, match in enumerate(card.matches[:_MOST_PEOPLE])
    )


def _spoken(card: CallCard, match: ContactMatch, now: datetime) -> str:
    """When they were last talked with; "" for never or not known."""
    name = match.contact.display_name
    moment = next((at for who, at in card.spoken if who == name), None)
    return tr("talked {when}", when=day_text(moment, now)) if moment else ""


def why_text(card: CallCard, now: datetime) -> str:
    """Everything that speaks for the person shown, one thing to a line."""
    match = card.chosen
    if match is None:
        return _silence(card)
    key = tr("the whole number")
    if match.quality is MatchQuality.PROBABLE:
        key = tr("the last digits only")
    lines = [
        tr("Found by {key}: {reason}", key=key, reason=plain(match.reason, 100)),
        tr("Source: {source}", source=plain(match.source_label, 100)),
    ]
    if match.contact.updated_at is not None:
        when = ago_text(match.contact.updated_at, now)
        lines.append(tr("Changed there: {when}", when=when))
    if match.told_at is not None:
        when = ago_text(match.told_at, now)
        lines.append(tr("Told: {when}", when=when))
    if match.chosen_at is not None:
        when = day_text(match.chosen_at, now)
        lines.append(tr("Chosen by you: {when}", when=when))
    if match.is_joined:
        lines.append(tr("One person by your word"))
    return "\n".join(filter(None, (*lines, _silence(card))))


def _silence(card: CallCard) -> str:
    """Who did not say whether they know the number."""
    if not card.silent:
        return ""
    sources = names(tuple(plain(one, 60) for one in card.silent))
    return tr("No answer from: {sources}", sources=sources)


def _age(match: ContactMatch, now: datetime) -> str:
    known_at = match.known_at
    return ago_text(known_at, now) if known_at else ""
