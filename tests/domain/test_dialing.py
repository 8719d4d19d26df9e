"""Who may have which number called, and when they are asked first."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.domain.dialing import (
    DialDecision,
    DialOrigin,
    DialRules,
    Verdict,
    decide,
)
from screenpop.domain.numbers import read_number

ROME = "+390655501234"
OUTSIDE = [DialOrigin.LINK, DialOrigin.COMMAND, DialOrigin.SELECTION]
AT_THE_DESK = [each for each in DialOrigin if each not in OUTSIDE]


def _decide(
    text: str,
    origin: DialOrigin = DialOrigin.TYPED,
    rules: DialRules | None = None,
    *,
    region: str = "IT",
    is_confirmed: bool = False,
) -> DialDecision:
    number = read_number(text, region)
    return decide(number, origin, region, rules, is_confirmed=is_confirmed)


@pytest.mark.parametrize("origin", AT_THE_DESK)
@pytest.mark.parametrize("text", [ROME, "101", "+12025550100"])
def test_what_the_user_chose_is_called(text: str, origin: DialOrigin) -> None:
    assert _decide(text, origin) == DialDecision(Verdict.ALLOW)


@pytest.mark.parametrize("origin", OUTSIDE)
@pytest.mark.parametrize("text", [ROME, "101", "+12025550100"])
def test_links_and_commands_are_asked_about(text: str, origin: DialOrigin) -> None:
    decision = _decide(text, origin)
    assert decision.verdict is Verdict.CONFIRM
    assert len(decision.reasons) == 1


@pytest.mark.parametrize("origin", OUTSIDE)
def test_an_explicit_yes_is_enough_for_an_ordinary_number(origin: DialOrigin) -> None:
    assert _decide(ROME, origin, is_confirmed=True) == DialDecision(Verdict.ALLOW)


def test_a_commands_yes_does_not_answer_what_it_was_not_asked() -> None:
    premium = "+449098790123"
    command = _decide(premium, DialOrigin.COMMAND, is_confirmed=True)
    assert command.verdict is Verdict.CONFIRM
    assert "costs" in command.reasons[0]
    link = _decide(premium, DialOrigin.LINK, is_confirmed=True)
    assert link.verdict is Verdict.ALLOW


@pytest.mark.parametrize("origin", AT_THE_DESK)
def test_an_emergency_call_is_asked_about_with_the_reason(origin: DialOrigin) -> None:
    decision = _decide("112", origin)
    assert decision.verdict is Verdict.CONFIRM
    assert "use a telephone" in decision.reasons[0]
    assert _decide("112", origin, is_confirmed=True).verdict is Verdict.ALLOW


@pytest.mark.parametrize("is_confirmed", [False, True])
@pytest.mark.parametrize("origin", OUTSIDE)
def test_links_and_commands_never_call_emergency_services(
    origin: DialOrigin, is_confirmed: bool
) -> None:
    decision = _decide("112", origin, is_confirmed=is_confirmed)
    assert decision.verdict is Verdict.REFUSE
    assert "emergency" in decision.reasons[0]


def test_a_known_colleague_is_not_the_fire_brigade() -> None:
    assert _decide("101", region="IN").verdict is Verdict.CONFIRM
    rules = DialRules(extensions=frozenset({"101"}))
    assert _decide("101", rules=rules, region="IN").verdict is Verdict.ALLOW


@pytest.mark.parametrize(
    "text", ["", "anonymous", "Mario Rossi", "sip:anna@example.com"]
)
@pytest.mark.parametrize("origin", list(DialOrigin))
def test_what_is_no_number_is_refused_even_when_confirmed(
    text: str, origin: DialOrigin
) -> None:
    decision = _decide(text, origin, is_confirmed=True)
    assert decision.verdict is Verdict.REFUSE
    assert len(decision.reasons) == 1


def test_a_service_code_can_only_be_typed() -> None:
    for origin in DialOrigin:
        verdict = _decide("*21*0655501234#", origin).verdict
        is_typed = origin is DialOrigin.TYPED
        assert verdict is (Verdict.CONFIRM if is_typed else Verdict.REFUSE)


@pytest.mark.parametrize("premium", list(Verdict))
def test_premium_numbers_follow_the_offices_rule(premium: Verdict) -> None:
    assert _decide("+449098790123", rules=DialRules(premium=premium)).verdict is premium


@pytest.mark.parametrize("foreign", list(Verdict))
def test_calls_abroad_follow_the_offices_rule(foreign: Verdict) -> None:
    rules = DialRules(foreign=foreign)
    assert _decide("+12025550100", rules=rules).verdict is foreign
    assert _decide(ROME, rules=rules).verdict is Verdict.ALLOW


def test_only_allowed_countries_are_called() -> None:
    rules = DialRules(allowed_countries=frozenset({"IT", "CA"}))
    assert _decide(ROME, rules=rules).verdict is Verdict.ALLOW
    assert _decide("+14165550123", rules=rules).verdict is Verdict.ALLOW
    assert _decide("101", rules=rules).verdict is Verdict.ALLOW
    assert _decide("+12025550100", rules=rules).verdict is Verdict.REFUSE
    assert _decide("+881655501234", rules=rules).verdict is Verdict.REFUSE


def test_blocked_numbers_are_refused_however_they_are_written() -> None:
    rules = DialRules(blocked=frozenset({ROME, "ext:101"}))
    assert _decide("06 5550 1234", rules=rules).verdict is Verdict.REFUSE
    assert _decide("x101", rules=rules).verdict is Verdict.REFUSE
    assert _decide("102", rules=rules).verdict is Verdict.ALLOW


def test_people_who_asked_not_to_be_called_are_asked_about() -> None:
    rules = DialRules(do_not_call=frozenset({ROME}))
    assert _decide(ROME, rules=rules).verdict is Verdict.CONFIRM


def test_a_refusal_is_not_diluted_by_questions() -> None:
    rules = DialRules(blocked=frozenset({ROME}), do_not_call=frozenset({ROME}))
    decision = _decide(ROME, DialOrigin.LINK, rules)
    assert decision == DialDecision(Verdict.REFUSE, ("This number is blocked.",))


def test_all_questions_are_asked_at_once() -> None:
    rules = DialRules(do_not_call=frozenset({"+449098790123"}))
    decision = _decide("+449098790123", DialOrigin.LINK, rules)
    assert decision.verdict is Verdict.CONFIRM
    assert len(decision.reasons) == 3


def test_a_number_that_does_not_exist_is_called_with_a_hint() -> None:
    decision = _decide("+10005550123")
    assert decision.verdict is Verdict.ALLOW
    assert "check it" in decision.reasons[0]
    assert _decide("+10005550123", is_confirmed=True).reasons == ()


@given(
    st.text("0123456789+*#", max_size=16),
    st.sampled_from(DialOrigin),
    st.sampled_from(Verdict),
    st.booleans(),
)
def test_nothing_from_outside_is_called_unasked(
    text: str, origin: DialOrigin, verdict: Verdict, is_confirmed: bool
) -> None:
    rules = DialRules(premium=verdict, foreign=verdict)
    decision = _decide(text, origin, rules, is_confirmed=is_confirmed)
    if origin in OUTSIDE and not is_confirmed:
        assert decision.verdict is not Verdict.ALLOW
    if decision.verdict is not Verdict.ALLOW:
        assert decision.reasons
    for reason in decision.reasons:
        assert reason.endswith(".")
        assert not set(reason) & set("0123456789")


def test_outside_the_hours_only_calls_to_outside_are_stopped() -> None:
    night = DialRules(out_of_hours=Verdict.REFUSE)
    refused = _decide(ROME, rules=night)
    assert refused.verdict is Verdict.REFUSE
    assert "outside the hours" in refused.reasons[0]
    assert _decide("101", rules=night).verdict is Verdict.ALLOW
    assert _decide("112", rules=night).verdict is Verdict.CONFIRM, "help is never late"
