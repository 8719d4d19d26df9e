"""May this number be called, from where the wish came: yes, after asking, or no."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from screenpop.domain.frozen import frozen
from screenpop.domain.number_reading import is_in_use
from screenpop.domain.numbering_plans import plan_of, plan_of_region
from screenpop.domain.phone_number import (
    NumberKind,
    PhoneNumber,
    country_of,
    is_emergency,
    is_premium,
)
from screenpop.wording import marked, tr, tr_marked


class DialOrigin(StrEnum):
    """Where the wish to call came from."""

    TYPED = "typed"
    LINK = "link"
    COMMAND = "command"
    RECENT = "recent"
    MISSED = "missed"
    CONTACT = "contact"
    CARD = "card"
    SELECTION = "selection"


class Verdict(StrEnum):
    """What is to be done with a wish to call."""

    ALLOW = "allow"
    CONFIRM = "confirm"
    REFUSE = "refuse"


# Text that other programs and web pages wrote: nobody at the keyboard chose it.
_FROM_OUTSIDE: Final = frozenset(
    {DialOrigin.LINK, DialOrigin.COMMAND, DialOrigin.SELECTION}
)
_SEVERITY: Final = (Verdict.ALLOW, Verdict.CONFIRM, Verdict.REFUSE)


@frozen
class DialRules:
    """What an office allows; everything ordinary by default.

    Attributes:
        premium: For numbers that cost far more than an ordinary call.
        foreign: For numbers of another calling code than the region's.
        allowed_countries: Region codes ("IT") that may be called; empty for all.
        blocked: ``PhoneNumber.key`` of numbers never to be called.
        do_not_call: Keys of people who asked not to be called; asked about.
        out_of_hours: For calls to outside at this moment; ALLOW within the hours.
        extensions: Known internal numbers, so that 101 is a colleague and not the
            fire brigade.
    """

    premium: Verdict = Verdict.CONFIRM
    foreign: Verdict = Verdict.ALLOW
    allowed_countries: frozenset[str] = frozenset()
    blocked: frozenset[str] = frozenset()
    do_not_call: frozenset[str] = frozenset()
    out_of_hours: Verdict = Verdict.ALLOW
    extensions: frozenset[str] = frozenset()


@frozen(kw_only=True)
class FlowSpeech:
    """What a phone system shall say by itself to whoever is called.

    Attributes:
        flow_id: Which of its flows speaks; "" for a sound.
        audio_id: Which recorded sound is played instead.
        title: What people call the flow; "" when only its id is known.
        variables: What the flow is to fill in, as name and text.
    """

    flow_id: str = ""
    audio_id: str = ""
    title: str = ""
    variables: tuple[tuple[str, str], ...] = ()


@frozen
class DialDecision:
    """The verdict and why: English sentences that do not hold the number.

    An ALLOW may carry a reason too: a hint that needs no answer.
    """

    verdict: Verdict
    reasons: tuple[str, ...] = ()


@frozen
class _Objection:
    verdict: Verdict
    reason: str


def decide(
    number: PhoneNumber,
    origin: DialOrigin,
    region: str,
    rules: DialRules | None = None,
    *,
    is_confirmed: bool = False,
    is_automatic: bool = False,
) -> DialDecision:
    """Whether ``number`` may be called.

    Args:
        number: What is to be called.
        origin: Where the wish came from.
        region: Where the phone system stands, for emergency numbers.
        rules: What the office allows; None for ``DialRules()``.
        is_confirmed: The user said yes. After a question they saw, that answers every
            question; given ahead (a command's ``--yes``), only whether to call at all.
        is_automatic: Nobody speaks but the phone system.
    """
    rules = rules or DialRules()
    refusal = _why_impossible(number)
    if refusal:
        return DialDecision(Verdict.REFUSE, (refusal,))
    if is_automatic and is_emergency(number, region):
        return DialDecision(Verdict.REFUSE, (tr_marked(_EMERGENCY_AUTOMATIC),))
    objections = [
        *_special_numbers(number, origin, region, rules),
        *_office_rules(number, region, rules),
    ]
    is_answered = is_confirmed and origin is not DialOrigin.COMMAND
    if is_answered:
        objections = [each for each in objections if each.verdict is Verdict.REFUSE]
    if origin in _FROM_OUTSIDE and not is_confirmed:
        objections.append(
            _Objection(Verdict.CONFIRM, tr_marked(_OUTSIDE_REASONS[origin]))
        )
    if not objections and not is_answered and not is_in_use(number):
        objections.append(
            _Objection(
                Verdict.ALLOW,
                tr("No number of this form is known to be in use: check it."),
            )
        )
    return _sum_up(objections)


_OUTSIDE_REASONS: Final = {
    DialOrigin.LINK: marked("A link asks to call this number."),
    DialOrigin.COMMAND: marked("Another program asks to call this number."),
    DialOrigin.SELECTION: marked("This number is marked on your screen."),
}


def _why_impossible(number: PhoneNumber) -> str:
    if number.kind is NumberKind.WITHHELD:
        return tr("The caller's number is not known.")
    if number.kind is NumberKind.SIP:
        return tr("This is a SIP address; the phone system calls numbers only.")
    if not number.is_dialable:
        return tr("This is not a number that can be called.")
    return ""


def _special_numbers(
    number: PhoneNumber, origin: DialOrigin, region: str, rules: DialRules
) -> list[_Objection]:
    objections = []
    is_colleague = not number.e164 and number.extension in rules.extensions
    if is_emergency(number, region) and not is_colleague:
        if origin in _FROM_OUTSIDE:
            verdict, reason = Verdict.REFUSE, _EMERGENCY_FROM_OUTSIDE
        else:
            verdict, reason = Verdict.CONFIRM, _EMERGENCY
        objections.append(_Objection(verdict, tr_marked(reason)))
    if number.kind is NumberKind.SERVICE_CODE:
        if origin is DialOrigin.TYPED:
            verdict, reason = Verdict.CONFIRM, _SERVICE_CODE
        else:
            verdict, reason = Verdict.REFUSE, _SERVICE_CODE_FROM_OUTSIDE
        objections.append(_Objection(verdict, tr_marked(reason)))
    return objections


_EMERGENCY: Final = marked(
    "This is an emergency number. A call from here rings your own phone first and may "
    "not tell the emergency service where you are: use a telephone if you can."
)
_EMERGENCY_FROM_OUTSIDE: Final = marked(
    "This is an emergency number: it is never called for a link or another program. "
    "Use a telephone."
)
_EMERGENCY_AUTOMATIC: Final = marked(
    "This is an emergency number: no machine calls it. Use a telephone."
)
_SERVICE_CODE: Final = marked(
    "This is a service code: it may change the settings of your phone line, such as "
    "where its calls go."
)
_SERVICE_CODE_FROM_OUTSIDE: Final = marked(
    "This is a service code, which may change the settings of your phone line: it can "
    "only be typed."
)


def _office_rules(
    number: PhoneNumber, region: str, rules: DialRules
) -> list[_Objection]:
    objections = []
    if number.key and number.key in rules.blocked:
        objections.append(_Objection(Verdict.REFUSE, tr("This number is blocked.")))
    if number.key and number.key in rules.do_not_call:
        objections.append(
            _Objection(
                Verdict.CONFIRM, tr("They asked not to be called on this number.")
            )
        )
    if not number.e164:
        return objections
    if rules.allowed_countries and (
        country_of(number.e164) not in rules.allowed_countries
    ):
        objections.append(
            _Objection(
                Verdict.REFUSE, tr("Calls to this country are not allowed here.")
            )
        )
    if rules.foreign is not Verdict.ALLOW and (
        plan_of(number.e164) is not plan_of_region(region)
    ):
        objections.append(_Objection(rules.foreign, tr("This is a call abroad.")))
    if rules.out_of_hours is not Verdict.ALLOW:
        objections.append(
            _Objection(
                rules.out_of_hours,
                tr("It is outside the hours in which calls are made from here."),
            )
        )
    if rules.premium is not Verdict.ALLOW and is_premium(number):
        objections.append(
            _Objection(rules.premium, tr("A call to this number costs extra."))
        )
    return objections


def _sum_up(objections: list[_Objection]) -> DialDecision:
    """The gravest verdict with its reasons; a refusal is not diluted by questions."""
    verdict = max(
        (each.verdict for each in objections),
        key=_SEVERITY.index,
        default=Verdict.ALLOW,
    )
    reasons = (each.reason for each in objections if each.verdict is verdict)
    return DialDecision(verdict, tuple(reasons))
