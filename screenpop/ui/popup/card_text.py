"""The sentences of a card, one function for each of its lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from screenpop.domain.cdr import CallOutcome
from screenpop.domain.contacts import ContactMatch, MatchQuality
from screenpop.domain.events import Direction
from screenpop.domain.plain_text import plain
from screenpop.services.events import (
    CallCard,
    CallerContext,
    CardPhase,
    DialProgress,
    DialState,
    LastTalk,
)
from screenpop.ui.time_text import ago_text, day_text, since_text
from screenpop.ui.wording import (
    Marked,
    joined,
    marked,
    names,
    tr,
    tr_count,
    tr_marked,
    unmarked,
)

if TYPE_CHECKING:
    from datetime import datetime

LONGEST_LINE: Final = 300
_LONGEST_SPOKEN: Final = 80
"""Of a name: nobody wants to hear more of it while the phone rings."""
"""Characters of a foreign text that a card takes over; the rest could not be seen."""


def title_text(card: CallCard) -> str:
    """The largest text: the name, else the number, else that there is none.

    Who may only be somebody is a question.
    """
    if is_question(card):
        return tr("Perhaps {name}", name=name_of(card))
    return name_of(card) or plain(card.number_text, LONGEST_LINE) or _no_number(card)


def state_text(
    card: CallCard, now: datetime, progress: DialProgress | None = None
) -> str:
    """What the call is doing, with the running time; changes once a second."""
    if progress and progress.state in _DIAL_STATES:
        return tr_marked(_DIAL_STATES[progress.state])
    if card.phase is CardPhase.ANSWERED_ELSEWHERE:
        who = plain(card.answered_by, LONGEST_LINE)
        return (
            tr("Answered by {name}", name=who) if who else tr("Answered by a colleague")
        )
    if card.phase in _OVER:
        return tr_marked(_end_text(card))
    return tr_marked(_STATES[card.phase], time=since_text(card.phase_since, now))


def _end_text(card: CallCard) -> Marked:
    if card.phase is not CardPhase.ENDED or card.direction is Direction.INBOUND:
        return _OVER[card.phase]
    outcome = card.outcome or CallOutcome.UNKNOWN
    return _NOT_REACHED.get(outcome, _OVER[card.phase])


_OVER: Final = {
    CardPhase.ELSEWHERE: marked("Rings for a colleague"),
    CardPhase.MISSED: marked("Missed call"),
    CardPhase.DECLINED: marked("Declined"),
    CardPhase.LOST: marked("End unknown"),
    CardPhase.ENDED: marked("Call ended"),
}
_NOT_REACHED: Final = {
    CallOutcome.BUSY: marked("Busy"),
    CallOutcome.NO_ANSWER: marked("No answer"),
    CallOutcome.FAILED: marked("Not reached"),
    CallOutcome.CANCELLED: marked("Cancelled"),
}


_STATES: Final = {
    CardPhase.RINGING: marked("Ringing {time}"),
    CardPhase.DIALLING: marked("Dialling {time}"),
    CardPhase.CONNECTED: marked("Talking {time}"),
    CardPhase.WRAP_UP: marked("Wrap-up {time}"),
}
_DIAL_STATES: Final = {
    DialState.FAILED: marked("Not dialled"),
    DialState.UNCLEAR: marked("Was it dialled?"),
    DialState.CANCELLED: marked("Cancelled"),
}


def name_of(card: CallCard) -> str:
    """The party's name as plain text; "" when nobody has told one."""
    if card.chosen and card.chosen.contact.display_name:
        return plain(card.chosen.contact.display_name, LONGEST_LINE)
    return plain(card.caller_name, LONGEST_LINE)


def _no_number(card: CallCard) -> str:
    return tr("Number withheld") if card.is_withheld else tr("Number not reported")


def line_fallback(card: CallCard) -> str:
    """What stands where the line would, when the phone system does not tell it."""
    if card.direction is Direction.OUTBOUND:
        return tr("Outgoing call")
    return tr("Internal call") if card.is_internal else tr("Incoming call")


def is_ambiguous(card: CallCard) -> bool:
    """Whether several people are equally likely."""
    return card.chosen is None and len(card.matches) > 1


def is_question(card: CallCard) -> bool:
    """Whether somebody is shown who may well not be it."""
    return card.chosen is not None and not card.chosen.is_sure and bool(name_of(card))


def details_text(card: CallCard, place: str, *, has_name: bool) -> tuple[str, str]:
    """What stands under the title: what may give way, and what must stay whole.

    Args:
        card: What is known of the call.
        place: Where the number belongs to, in words.
        has_name: The title is a name, so the number is told here.
    """
    number = plain(card.number_text, LONGEST_LINE)
    if card.is_withheld and not number:
        return (tr("The caller hides the number"), "")
    if is_ambiguous(card):
        people = tuple(match_name(match) for match in card.matches)
        return (names(people), number if has_name else "")
    if card.is_internal:
        # Without a line, the card's first line says already that it is internal.
        kind = tr("Internal call") if card.line_text else tr("Colleague")
        return (kind, number if has_name else "")
    contact = card.chosen.contact if card.chosen else None
    company = plain(card.company, LONGEST_LINE)
    role = plain(contact.job_title, LONGEST_LINE) if contact else ""
    if not has_name:
        return (joined(company, role, place), "")
    label = _number_label(card)
    tail = tr("{number} ({label})", number=number, label=label) if label else number
    return (joined(company, role) or place, tail)


def _number_label(card: CallCard) -> str:
    if card.chosen is None or not card.number_e164:
        return ""
    numbers = card.chosen.contact.numbers
    found = (one.label for one in numbers if one.e164 == card.number_e164)
    return plain(next(found, ""), 20)


def context_text(
    card: CallCard, now: datetime, progress: DialProgress | None
) -> tuple[str, bool]:
    """The last talk, or how far a dial has come; and whether that asks to act."""
    if progress and progress.state in _DIAL_STATES:
        return plain(progress.text, LONGEST_LINE), True
    if progress and progress.text and card.phase is CardPhase.DIALLING:
        return plain(progress.text, LONGEST_LINE), True
    if card.is_end_inferred:
        return tr("The end of this call was not reported"), False
    if card.disposition:
        came_to = plain(card.disposition, LONGEST_LINE)
        return tr("This call came to: {disposition}", disposition=came_to), False
    talk = card.context.last_talk
    promise = _promise_text(card.context, now)
    if promise:
        return joined(promise, last_talk_text(talk, now) if talk else ""), True
    if talk is not None:
        return last_talk_text(talk, now), False
    is_known = card.number_text and not card.is_lookup_pending
    if card.context.call_count == 0 and is_known and not card.is_internal:
        return tr("No earlier calls"), False
    return "", False


def greeting_text(card: CallCard) -> str:
    """What to say when picking up; "" for calls of ours and lines without."""
    if card.direction is Direction.OUTBOUND or not card.look.greeting:
        return ""
    return tr("Say: “{greeting}”", greeting=plain(card.look.greeting, LONGEST_LINE))


def _promise_text(context: CallerContext, now: datetime) -> str:
    """That we promised to call back, and for when; "" for no open promise."""
    if context.due_at is not None:
        # Late: few are promised a time.
        from screenpop.ui.popup.due_times import due_text

        return tr("To be called back: {when}", when=due_text(context.due_at, now))
    if context.promised_at is not None:
        when = day_text(context.promised_at, now)
        return tr("Call back promised: {when}", when=when)
    return ""


def last_talk_text(talk: LastTalk, now: datetime) -> str:
    """The latest earlier call in one line."""
    when = day_text(talk.at, now)
    who = plain(talk.by, LONGEST_LINE)
    note = plain(talk.note, LONGEST_LINE)
    if note and who:
        return tr("Last: {when}, {name}: {note}", when=when, name=who, note=note)
    if note:
        return tr("Last: {when}: {note}", when=when, note=note)
    if who and talk.outcome is CallOutcome.ANSWERED:
        return tr("Last: {when}, talked to {name}", when=when, name=who)
    sentences = _WE_CALLED if talk.direction is Direction.OUTBOUND else _THEY_CALLED
    fallback = sentences[CallOutcome.NO_ANSWER]
    return tr_marked(sentences.get(talk.outcome, fallback), when=when)


_THEY_CALLED: Final = {
    CallOutcome.ANSWERED: marked("Last: {when}, they called"),
    CallOutcome.UNKNOWN: marked("Last: {when}, they called"),
    CallOutcome.VOICEMAIL: marked("Last: {when}, they left a message"),
    CallOutcome.REJECTED: marked("Last: {when}, their call was declined"),
    CallOutcome.NO_ANSWER: marked("Last: {when}, missed call"),
}
_WE_CALLED: Final = {
    CallOutcome.ANSWERED: marked("Last: {when}, we called"),
    CallOutcome.UNKNOWN: marked("Last: {when}, we called"),
    CallOutcome.BUSY: marked("Last: {when}, we called, busy"),
    CallOutcome.NO_ANSWER: marked("Last: {when}, we called, no answer"),
}


def missed_text(card: CallCard) -> str:
    """How many calls of theirs nobody has returned; "" for none."""
    count = card.context.missed_count
    return tr_count("{count} missed", "{count} missed", count) if count else ""


def reason_text(
    card: CallCard, now: datetime, progress: DialProgress | None = None
) -> str:
    """Why it is this contact, or that there is none; what to do when a dial failed."""
    if progress and progress.advice and progress.state in _DIAL_STATES:
        return plain(progress.advice, LONGEST_LINE)
    if card.mark or card.is_veiled:
        mark = "veiled" if card.is_veiled else card.mark
        return tr_marked(_MARKS.get(mark, Marked("")))
    if card.chosen is not None:
        return _match_reason(card.chosen, now)
    if is_ambiguous(card):
        count = len(card.matches)
        if not any(match.is_sure for match in card.matches):
            return tr("{count} people may have this number", count=count)
        return tr_count(
            "{count} person has this number", "{count} people have this number", count
        )
    if card.is_internal or not card.number_text:
        return ""
    return _nobody_text(card)


def _nobody_text(card: CallCard) -> str:
    """Why there is no name: a source that is silent may well know one."""
    if card.is_lookup_pending:
        return tr("Looking up…")
    if len(card.silent) == 1:
        source = plain(card.silent[0], LONGEST_LINE)
        return tr("No answer from {source}", source=source)
    if card.silent:
        count = len(card.silent)
        return tr("No answer from {count} sources", count=count)
    return tr("Not in your contacts")


_MARKS: Final = {
    "veiled": marked("Hidden while others may see your screen"),
    "spam": marked("Spam: its next calls show no card"),
    "private": marked("Private: no name is kept in the log"),
    "team-spam": marked("Spam, your team says: its calls show no card"),
}


def _match_reason(match: ContactMatch, now: datetime) -> str:
    known_at = match.known_at
    facts = joined(
        plain(match.reason, LONGEST_LINE),
        plain(match.source_label, LONGEST_LINE),
        ago_text(known_at, now) if known_at else "",
    )
    if match.chosen_at is not None:
        day = day_text(match.chosen_at, now)
        source = plain(match.source_label, LONGEST_LINE)
        if match.is_team_choice:
            return joined(tr("Your team says so: {day}", day=day), source)
        return joined(tr("Chosen by you: {day}", day=day), source)
    if match.quality is MatchQuality.PROBABLE:
        return tr("Probably: {facts}", facts=facts)
    return tr("Matched: {facts}", facts=facts)


def match_name(match: ContactMatch) -> str:
    """The name of one of the people it may be."""
    return plain(match.contact.display_name, LONGEST_LINE)


def accessible_name(card: CallCard) -> str:
    """What a screen reader calls the card; part of the program's stable face."""
    return unmarked(_accessible_sentence(card))


def _accessible_sentence(card: CallCard, longest: int = LONGEST_LINE) -> str:
    who = plain(name_of(card) or card.number_text, longest)
    if is_question(card):
        number = plain(card.number_text, LONGEST_LINE)
        who = tr("{number}, perhaps {name}", number=number, name=who)
    if card.direction is Direction.OUTBOUND:
        return tr("Outgoing call to {name}", name=who or tr("an unknown number"))
    if who:
        return tr("Incoming call from {name}", name=who)
    if card.is_withheld:
        return tr("Incoming call from a withheld number")
    return tr("Incoming call from an unknown number")


def announcement_text(card: CallCard, line: str) -> str:
    """What a screen reader says, once, when the card appears."""
    return unmarked(_announcement(card, line))


def _announcement(card: CallCard, line: str) -> str:
    call = _accessible_sentence(card, _LONGEST_SPOKEN)
    company = plain(card.company, _LONGEST_SPOKEN)
    if company and line:
        return tr("{call}, {company}, on {line}", call=call, company=company, line=line)
    if line:
        return tr("{call}, on {line}", call=call, line=line)
    return tr("{call}, {company}", call=call, company=company) if company else call
