"""What the dialer's rows, messages and questions say. Knows no Qt."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Literal

from screenpop.domain.dialing import DialOrigin
from screenpop.domain.frozen import frozen
from screenpop.domain.plain_text import plain
from screenpop.services.events import DialProgress, DialState
from screenpop.ui.wording import joined, marked, tr, tr_marked

if TYPE_CHECKING:
    from screenpop.domain.dialing import FlowSpeech
    from screenpop.services.dial_desk import DialSuggestion


MessageTone = Literal["soft", "good", "warn", "bad"]


class RowKind(StrEnum):
    """Why a row is offered."""

    FAVOURITE = "favourite"
    RECENT = "recent"
    MISSED = "missed"
    CONTACT = "contact"
    NUMBER = "number"


@frozen(kw_only=True)
class DialRow:
    """Somebody to call, or one of several numbers in a text.

    Attributes:
        title: The name, else the number; plain text.
        details: Company and number; plain text.
        number: What is dialled.
        number_text: The same as people write it; "" where it is the title.
        end: What stands at the far side: missed, or how a colleague is.
    """

    kind: RowKind
    title: str
    details: str
    number: str
    name: str = ""
    account_id: str = ""
    number_text: str = ""
    end: str = ""


@frozen
class Question:
    """What is asked before a call."""

    title: str
    reasons: tuple[str, ...]


@frozen
class Message:
    """A line about what happened. Tones: "soft", "good", "warn", "bad"."""

    text: str
    advice: str = ""
    tone: MessageTone = "soft"


NO_MESSAGE: Final = Message("")


@frozen(kw_only=True)
class CallSteps:
    """The two legs of a call that was started for the user.

    Attributes:
        own_phone_text: "" when no phone of ours has a part in it.
        own_phone: 0 to come, 1 happening, 2 done; the same for ``party``.
    """

    own_phone_text: str
    own_phone: int
    party_text: str
    party: int
    headline: str


ORIGINS: Final = {
    RowKind.FAVOURITE: DialOrigin.CONTACT,
    RowKind.RECENT: DialOrigin.RECENT,
    RowKind.MISSED: DialOrigin.MISSED,
    RowKind.CONTACT: DialOrigin.CONTACT,
    RowKind.NUMBER: DialOrigin.TYPED,
}
"""Where a call came from, by the kind of row."""


def row_of(suggestion: DialSuggestion) -> DialRow:
    """The row of somebody who is suggested."""
    name, number = plain(suggestion.name), plain(suggestion.number_text)
    company = plain(suggestion.company)
    return DialRow(
        kind=RowKind(suggestion.kind),
        title=name or company or number,
        details=joined(company if name else "", number if name or company else ""),
        number=suggestion.number,
        name=name or company,
        account_id=suggestion.account_id,
        number_text=number if name or company else "",
        end=_end_of(suggestion),
    )


def _end_of(suggestion: DialSuggestion) -> str:
    if suggestion.presence in _PRESENCE:
        return tr_marked(_PRESENCE[suggestion.presence])
    return tr("Missed") if suggestion.kind == "missed" else ""


_PRESENCE: Final = {
    "free": marked("Free"),
    "ringing": marked("Phone is ringing"),
    "call": marked("In a call"),
    "away": marked("Away"),
}


def call_question(
    who: str, reasons: tuple[str, ...], speech: FlowSpeech | None
) -> Question:
    """What is asked before a call, with all that the phone system would say."""
    if speech is None:
        return Question(tr("Call {who}?", who=who), reasons)
    title = plain(speech.title, 60)
    if speech.audio_id:
        what = tr("It plays the sound {name}.", name=plain(speech.audio_id, 60))
    elif title:
        what = tr("The flow “{name}” speaks.", name=title)
    else:
        what = tr("The flow {name} speaks.", name=plain(speech.flow_id, 60))
    values = tuple(
        tr("{name}: {text}", name=plain(name, 60), text=plain(text, 120))
        for name, text in speech.variables
    )
    asked = tr("Have the phone system call {who}?", who=who)
    return Question(asked, (*reasons, what, *values))


def unclear_question(progress: DialProgress) -> Question:
    """What is asked when nobody knows whether a call was started."""
    who = plain(progress.name) or plain(progress.number_text)
    title = tr("Did your phone ring?")
    if progress.is_flow:
        title = tr("Was {who} called?", who=who)
    reason = tr(
        "The phone system did not answer, so the call to {who} may or may "
        "not have been started.",
        who=who,
    )
    return Question(
        title, (reason, plain(progress.advice)) if progress.is_flow else (reason,)
    )


def steps_of(progress: DialProgress) -> CallSteps:
    """Which of the two phones rings, and which is on the line."""
    who = plain(progress.name) or plain(progress.number_text)
    state = progress.state
    own = 2 if state in (DialState.CALLING, DialState.CONNECTED) else 1
    party = {DialState.CALLING: 1, DialState.CONNECTED: 2}.get(state, 0)
    fallback = {
        DialState.CALLING: tr("Calling {who}", who=who),
        DialState.CONNECTED: tr("Talking to {who}", who=who),
    }.get(state, tr("Your phone rings first: pick up"))
    if progress.is_flow:
        fallback = tr("Calling {who}", who=who)
        party = max(party, 1)
    return CallSteps(
        own_phone_text="" if progress.is_flow else tr("Your phone"),
        own_phone=own,
        party_text=who,
        party=party,
        headline=plain(progress.text) or fallback,
    )
