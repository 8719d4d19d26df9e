"""Make the card of a call: what is known of it, in the order people read."""

from __future__ import annotations

from dataclasses import field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from screenpop.domain.calls import Call, CallState
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.line_look import PLAIN_LINE, LineLook
from screenpop.domain.numbers import PhoneNumber, country_of, format_number, read_number
from screenpop.services.call_rows import user_text
from screenpop.services.events import (
    CallCard,
    CallerContext,
    CardPhase,
    DeliveryReceipt,
)
from screenpop.services.line_book import LineBook
from screenpop.services.matches import are_namesakes, sole_best

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.config.card_settings import LineSettings
    from screenpop.domain.contacts import ContactKey, ContactMatch
    from screenpop.domain.events import CallerId, CallEvent


@frozen
class CardSetting:
    """What the card must know beside the call.

    Attributes:
        region: Region to read and write numbers in.
        account_label: Shown when there is more than one account; "" otherwise.
        lines: What the phone system calls its numbers and users.
        page: Makes the address of a call's record where the contact has no page of
            its own; None when the user set none.
        look: Finds how a line is shown, by what was called and its name; None where
            nothing is set.
        dispositions: What calls can come to; empty where nobody is asked.
        wrap_up_seconds: How long that is asked; 0 for without an end.
        link_hosts: Where pages of contacts may lie; empty for anywhere.
    """

    region: str
    account_label: str = ""
    lines: LineBook = field(default_factory=LineBook)
    page: Callable[[Call, CallCard], str] | None = None
    look: Callable[[CallerId, str], LineSettings | None] | None = None
    dispositions: tuple[str, ...] = ()
    wrap_up_seconds: float = 0.0
    link_hosts: tuple[str, ...] = ()


@frozen(kw_only=True)
class CardFacts:
    """All that one card is made of.

    Attributes:
        silent: Sources that gave no answer, by their names for the user.
        refused: Who the user said it is not, for this call.
    """

    call: Call
    setting: CardSetting
    number: PhoneNumber
    since: datetime
    matches: tuple[ContactMatch, ...] = ()
    chosen: ContactMatch | None = None
    is_pending: bool = False
    silent: tuple[str, ...] = ()
    refused: frozenset[ContactKey] = frozenset()
    context: CallerContext
    note: str = ""
    receipt: DeliveryReceipt | None = None
    mark: str = ""
    is_wrapping_up: bool = False
    disposition: str = ""
    spoken: tuple[tuple[str, datetime], ...] = ()


def phase_of(call: Call) -> CardPhase:
    """What the card of ``call`` stands for."""
    if call.state is CallState.ENDED:
        if call.is_answered_elsewhere:
            return CardPhase.ANSWERED_ELSEWHERE
        if call.is_end_inferred:
            return CardPhase.LOST
        if call.is_missed:
            return CardPhase.MISSED
        is_declined = call.outcome is CallOutcome.REJECTED
        return CardPhase.DECLINED if is_declined else CardPhase.ENDED
    if call.state is CallState.ELSEWHERE:
        return CardPhase.ELSEWHERE
    if call.state is CallState.CONNECTED:
        return CardPhase.DIALLING if call.is_own_leg else CardPhase.CONNECTED
    if call.state is CallState.INITIATED or call.is_own_leg:
        return CardPhase.DIALLING
    return CardPhase.RINGING


def card_of(facts: CardFacts) -> CallCard:
    """The card that these facts amount to."""
    call, region = facts.call, facts.setting.region
    remote = call.remote
    e164 = facts.number.e164
    chosen = facts.chosen or sole_best(facts.matches)
    lines, account_id = facts.setting.lines, call.ref.account_id
    taker = call.answered_by
    line = lines.line(account_id, call.line, region)
    name, look = line_look(facts.setting, call.line, line_text(line, region))
    is_asked = facts.is_wrapping_up and call.state is CallState.ENDED
    card = CallCard(
        ref=call.ref,
        # Our own phone rings like a customer's call; what the user did is call out.
        direction=Direction.OUTBOUND if call.is_own_leg else call.direction,
        phase=CardPhase.WRAP_UP if is_asked else phase_of(call),
        phase_since=facts.since,
        number_text=format_number(facts.number, region) or remote.number,
        number_e164=e164,
        place=country_of(e164) if e164 else "",
        area=_area(e164) if chosen is None and not facts.is_pending else "",
        caller_name=remote.name or lines.name_of(account_id, remote.number),
        is_withheld=remote.is_withheld and not remote.number,
        is_internal=call.is_internal,
        matches=facts.matches,
        chosen=chosen,
        is_lookup_pending=facts.is_pending,
        line_text=name,
        silent=() if facts.is_pending else facts.silent,
        account_label=facts.setting.account_label,
        context=facts.context,
        answered_by=user_text(lines.colleague(account_id, taker)) if taker else "",
        is_end_inferred=call.is_end_inferred,
        note=facts.note,
        dial_id=call.dial_id,
        record_url=_page(chosen, facts) if chosen else "",
        receipt=facts.receipt,
        mark=facts.mark,
        outcome=call.outcome,
        look=look,
        dispositions=facts.setting.dispositions,
        disposition=facts.disposition,
        spoken=facts.spoken,
    )
    if card.record_url or facts.setting.page is None:
        return card
    return replace(card, record_url=facts.setting.page(call, card))


def _page(chosen: ContactMatch, facts: CardFacts) -> str:
    """The page that a click may open: theirs, and surely theirs."""
    is_guess = chosen.chosen_at is None and are_namesakes(facts.matches)
    if not chosen.contact.url or is_guess:
        return ""
    # Late: most contacts have no page.
    from screenpop.domain.links import openable

    return openable(chosen.contact.url, facts.setting.link_hosts)


def _area(e164: str) -> str:
    # Late: most callers are known, and the number is to be seen first.
    from screenpop.domain.number_areas import area_of

    return area_of(e164)


def line_text(line: CallerId, region: str) -> str:
    """Which of our lines: its name and number, or what there is of them."""
    number = format_number(read_number(line.number, region), region) or line.number
    if line.name and number and line.name != line.number:
        return f"{line.name} · {number}"
    return line.name or number


def line_look(setting: CardSetting, line: CallerId, name: str) -> tuple[str, LineLook]:
    """What a line is called and how it is shown, by what the user set for it.

    Args:
        setting: Of the account.
        line: As the phone system sent it.
        name: What it is called otherwise.
    """
    found = setting.look(line, name) if setting.look else None
    if found is None:
        return name, PLAIN_LINE
    return found.name or name, LineLook(found.color, found.greeting, found.sound)


def receipt_of(newest: CallEvent, now: datetime) -> DeliveryReceipt:
    """How long this piece of news took."""
    return DeliveryReceipt(
        occurred_at=newest.occurred_at,
        received_at=newest.received_at,
        published_at=now,
    )
