"""Calls in every state a card can show, with invented people and reserved numbers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from screenpop.domain.calls import CallRef
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.contacts import (
    Contact,
    ContactMatch,
    ContactNumber,
    MatchQuality,
)
from screenpop.domain.events import Direction
from screenpop.domain.line_look import LineLook
from screenpop.services.events import (
    CallCard,
    CallerContext,
    CardPhase,
    DialProgress,
    DialState,
    LastTalk,
)

NOW = datetime(2026, 11, 14, 9, 30, 7, tzinfo=UTC)
NUMBER = "+442079460123"
NUMBER_TEXT = "+44 20 7946 0123"
REF = CallRef("acme", "call-1")


DISPOSITIONS = ("Sold", "Thinks about it", "Complaint settled", "Wrong number")


def contact(name: str, company: str = "", role: str = "", label: str = "") -> Contact:
    return Contact(
        source="local",
        source_id=name,
        name=name,
        company=company,
        job_title=role,
        numbers=(ContactNumber(NUMBER_TEXT, NUMBER, label),),
        updated_at=NOW - timedelta(hours=3, minutes=5),
    )


def match(
    who: Contact,
    *,
    quality: MatchQuality = MatchQuality.EXACT,
    reason: str = "same number",
) -> ContactMatch:
    return ContactMatch(
        contact=who, quality=quality, reason=reason, source_label="Voxloud"
    )


ANA = match(contact("Ana Petrauskienė", "UAB Rytas", "buyer", "mobile"))
BO = match(contact("Bo Lindqvist", "Lindqvist & Daughters AB"))
CEM = match(
    contact("Cem Aydan", "Example Imports"),
    quality=MatchQuality.PROBABLE,
    reason="same last 9 digits",
)


def ringing(call_id: str = "call-1", **changes: object) -> CallCard:
    """A call of which nothing but the number is known yet."""
    card = CallCard(
        ref=CallRef("acme", call_id),
        direction=Direction.INBOUND,
        phase=CardPhase.RINGING,
        phase_since=NOW - timedelta(seconds=7),
        number_text=NUMBER_TEXT,
        number_e164=NUMBER,
        place="London, United Kingdom",
        line_text="Sales UK",
        account_label="Voxloud",
        is_lookup_pending=True,
    )
    return replace(card, **changes)  # type: ignore[arg-type]


def known(call_id: str = "call-1", **changes: object) -> CallCard:
    """The same call once everything about the caller has arrived."""
    talk = LastTalk(
        at=NOW - timedelta(days=2),
        direction=Direction.INBOUND,
        outcome=CallOutcome.ANSWERED,
        by="Jonas",
        note="waiting for the invoice",
    )
    card = ringing(
        call_id,
        is_lookup_pending=False,
        matches=(ANA,),
        chosen=ANA,
        context=CallerContext(last_talk=talk, missed_count=2, call_count=5),
        record_url="https://crm.example.com/contacts/17",
    )
    return replace(card, **changes)  # type: ignore[arg-type]


def dialled(state: DialState, text: str, advice: str = "") -> DialProgress:
    return DialProgress(
        dial_id="d1",
        state=state,
        number_text=NUMBER_TEXT,
        name="Ana Petrauskienė",
        text=text,
        advice=advice,
    )


def longest() -> CallCard:
    """300 characters with markup, emoji and both directions in every foreign text."""
    text = ('<b>Žąsis</b> & "co" 🦄 יעל شركة ' * 12)[:300]
    who = ContactMatch(
        contact=replace(contact(text, text, text, text), updated_at=NOW),
        quality=MatchQuality.EXACT,
        reason=text,
        source_label=text,
    )
    talk = LastTalk(
        at=NOW - timedelta(days=2),
        direction=Direction.INBOUND,
        outcome=CallOutcome.ANSWERED,
        by=text,
        note=text,
    )
    return known(
        matches=(who, who),
        chosen=who,
        line_text=text,
        account_label=text,
        caller_name=text,
        place=text,
        answered_by=text,
        disposition=text,
        look=LineLook("plum", text),
        context=CallerContext(last_talk=talk, missed_count=99, call_count=999),
    )


def several_at_once(count: int) -> tuple[CallCard, ...]:
    """So many different calls that ring or talk at the same time."""
    kinds = (
        known("c1", phase=CardPhase.CONNECTED, line_text="Support"),
        ringing("c2", look=LineLook("teal", "Good morning, Example Sales")),
        known("c3", chosen=None, matches=(ANA, BO, CEM), context=CallerContext()),
        ringing("c4", is_lookup_pending=False, line_text="Front desk"),
        ringing("c5", number_text="", number_e164="", is_withheld=True),
        ringing("c6", caller_name="Ingrid Solberg", line_text="Support"),
        ringing("c7", caller_name="Maximiliana " * 25),
    )
    return kinds[:count]


Story = tuple[CallCard, DialProgress | None]


def stories() -> dict[str, Story]:
    """Every state, by a short name."""
    unknown = ringing(is_lookup_pending=False)
    several = known(
        chosen=None, matches=(ANA, BO, CEM), context=CallerContext(), record_url=""
    )
    outgoing = known(direction=Direction.OUTBOUND, dial_id="d1")
    talk = unknown.phase_since - timedelta(days=400)
    earlier = LastTalk(
        at=talk, direction=Direction.INBOUND, outcome=CallOutcome.NO_ANSWER
    )
    cards: dict[str, Story] = {
        "ringing-first-paint": (ringing(), None),
        "ringing-known": (known(), None),
        "ringing-unknown": (unknown, None),
        "ringing-several": (several, None),
        "ringing-chosen-of-several": (known(matches=(ANA, BO, CEM)), None),
        "ringing-withheld": (
            ringing(
                number_text="",
                number_e164="",
                place="",
                is_withheld=True,
                is_lookup_pending=False,
            ),
            None,
        ),
        "ringing-internal": (
            ringing(
                number_text="104",
                number_e164="",
                place="",
                caller_name="Ingrid Solberg",
                is_internal=True,
                is_lookup_pending=False,
            ),
            None,
        ),
        "ringing-long-name": (known(chosen=match(contact("Maximiliana " * 25))), None),
        "ringing-emoji": (
            known(
                chosen=match(contact("🦄 Zoë & Sons 👩🏽‍🚀", "Café “<b>Ünïcode</b>”"))
            ),
            None,
        ),
        "ringing-right-to-left": (
            known(chosen=match(contact("יעל כהן", "شركة الاختبار"))),
            None,
        ),
        "ringing-markup": (
            ringing(
                caller_name='<img src="file:///etc/passwd"><b>Bank</b> &Co',
                is_lookup_pending=False,
            ),
            None,
        ),
        "probable-match": (known(matches=(CEM,), chosen=CEM), None),
        "dial-own-phone": (
            replace(outgoing, phase=CardPhase.DIALLING),
            dialled(DialState.OWN_PHONE_RINGS, "Your phone is ringing: pick up"),
        ),
        "dial-calling": (
            replace(outgoing, phase=CardPhase.DIALLING),
            dialled(DialState.CALLING, "Calling Ana Petrauskienė …"),
        ),
        "dial-unclear": (
            replace(outgoing, phase=CardPhase.DIALLING),
            dialled(
                DialState.UNCLEAR,
                "The phone system did not answer",
                "Look at your phone before dialling again",
            ),
        ),
        "connected": (
            known(phase=CardPhase.CONNECTED, phase_since=NOW - timedelta(seconds=372)),
            None,
        ),
        "answered-elsewhere": (
            known(phase=CardPhase.ANSWERED_ELSEWHERE, answered_by="Ana Kovač"),
            None,
        ),
        "missed": (
            replace(
                unknown,
                phase=CardPhase.MISSED,
                context=CallerContext(last_talk=earlier, missed_count=1, call_count=1),
            ),
            None,
        ),
        "ended": (known(phase=CardPhase.ENDED), None),
        "end-not-reported": (
            known(phase=CardPhase.LOST, is_end_inferred=True),
            None,
        ),
        "ringing-greeting": (
            known(look=LineLook("teal", "Good morning, Example Sales, this is Jonas")),
            None,
        ),
        "ringing-promised": (
            known(
                context=CallerContext(
                    promised_at=NOW - timedelta(hours=3),
                    due_at=NOW + timedelta(hours=2),
                )
            ),
            None,
        ),
        "ringing-everything-long": (longest(), None),
        "connected-slim": (
            known(phase=CardPhase.CONNECTED, phase_since=NOW - timedelta(seconds=372)),
            None,
        ),
        "wrapped-up": (
            known(
                phase=CardPhase.ENDED,
                dispositions=DISPOSITIONS,
                disposition="Complaint settled",
            ),
            None,
        ),
        "call-back-later": (known(phase=CardPhase.CONNECTED), None),
        "rings-elsewhere": (known(phase=CardPhase.ELSEWHERE), None),
        "declined": (known(phase=CardPhase.DECLINED), None),
        "wrap-up": (
            known(phase=CardPhase.WRAP_UP, dispositions=DISPOSITIONS),
            None,
        ),
    }
    return cards
