"""When a call opens a record by itself, and all the times it does not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from screenpop.domain.events import Direction
from screenpop.domain.open_template import CallWords
from screenpop.domain.record_opening import (
    Knowledge,
    OpenCall,
    OpenRule,
    OpenSettings,
    OpenTarget,
    OpenWhen,
    page_on_click,
    plan_of,
)

PAGE = "https://crm.example.com/contact/17"
CALL = OpenCall(
    account_id="acme",
    is_outbound=False,
    words=CallWords(e164="+442079460123", number="02079460123", name="Ana"),
    knowledge=Knowledge.SURE,
    page=PAGE,
    line_number="+442079460999",
    line_name="Sales UK",
    region="GB",
)
ON = OpenSettings(inbound=OpenWhen.RING, hosts=("example.com",))
TEMPLATE = "https://crm.example.com/?phone={e164}"


def test_nothing_is_opened_unless_it_was_switched_on() -> None:
    plan = plan_of(CALL, OpenSettings(hosts=("example.com",), url=TEMPLATE))
    assert plan.target is None
    assert "switched off" in plan.reason


def test_the_page_of_a_known_caller_is_opened_on_a_host_that_is_named() -> None:
    assert plan_of(CALL, ON).target == OpenTarget(url=PAGE)
    assert plan_of(CALL, ON).when is OpenWhen.RING


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"is_ours": False}, "somebody else"),
        ({"is_internal": True}, "colleagues"),
        ({"mark": "spam"}, "spam"),
        ({"mark": "private"}, "private"),
        ({"knowledge": Knowledge.PERHAPS}, "not sure"),
        ({"knowledge": Knowledge.SEVERAL}, "Several people"),
        ({"is_outbound": True}, "switched off"),
        ({"page": ""}, "Nobody with a page"),
        ({"page": "https://evil.example.org/x"}, "no host that may"),
        ({"page": "http://crm.example.com/x"}, "no host that may"),
        ({"page": "javascript:alert(1)"}, "no host that may"),
        ({"page": "https://a@crm.example.com/"}, "no host that may"),
    ],
)
def test_what_is_not_to_be_opened_says_why(
    change: dict[str, object], words: str
) -> None:
    plan = plan_of(replace(CALL, **change), ON)  # type: ignore[arg-type]
    assert plan.target is None
    assert words in plan.reason


def test_without_a_named_host_no_page_opens_by_itself_but_by_a_click() -> None:
    settings = replace(ON, hosts=())
    assert "card.link_hosts" in plan_of(CALL, settings).reason
    assert page_on_click(CALL, settings) == PAGE


def test_a_template_needs_no_contact_but_a_number() -> None:
    settings = replace(ON, url=TEMPLATE, hosts=())
    stranger = replace(CALL, knowledge=Knowledge.NOBODY, page="")
    opened = "https://crm.example.com/?phone=%2B442079460123"
    assert plan_of(stranger, settings).target == OpenTarget(url=opened)
    assert page_on_click(stranger, settings) == opened
    withheld = replace(stranger, words=CallWords())
    assert "no number" in plan_of(withheld, settings).reason
    assert page_on_click(withheld, settings) == ""


def test_an_administrator_can_switch_it_off_or_forbid_programs() -> None:
    settings = replace(ON, program=("crm", "{e164}"))
    assert plan_of(CALL, settings).target == OpenTarget(argv=("crm", "+442079460123"))
    forbidden = replace(settings, are_programs_allowed=False)
    assert "no programs" in plan_of(CALL, forbidden).reason
    assert "administrator" in plan_of(CALL, replace(ON, is_allowed=False)).reason


def test_a_scheme_of_its_own_must_be_allowed() -> None:
    settings = replace(ON, url="crm:{e164}")
    assert "https" in plan_of(CALL, settings).reason
    allowed = replace(settings, schemes=("crm",))
    assert plan_of(CALL, allowed).target == OpenTarget(url="crm:%2B442079460123")


@pytest.mark.parametrize(
    "rule",
    [
        OpenRule(line="020 7946 0999"),
        OpenRule(line="sales uk"),
        OpenRule(account="acme", direction=Direction.INBOUND),
    ],
)
def test_a_rule_for_a_line_changes_what_it_names(rule: OpenRule) -> None:
    answered = replace(rule, when=OpenWhen.ANSWER)
    plan = plan_of(CALL, replace(ON, rules=(answered,)))
    assert (plan.when, plan.target) == (OpenWhen.ANSWER, OpenTarget(url=PAGE))
    never = replace(rule, when=OpenWhen.NEVER)
    assert plan_of(CALL, replace(ON, rules=(never,))).target is None
    elsewhere = replace(rule, url="https://other.example.com/{national}")
    assert plan_of(CALL, replace(ON, rules=(elsewhere,))).when is OpenWhen.RING


@pytest.mark.parametrize(
    "rule",
    [
        OpenRule(line="+442079460998"),
        OpenRule(line="Support"),
        OpenRule(account="other"),
        OpenRule(direction=Direction.OUTBOUND),
    ],
)
def test_a_rule_for_other_calls_changes_nothing(rule: OpenRule) -> None:
    never = replace(rule, when=OpenWhen.NEVER)
    assert plan_of(CALL, replace(ON, rules=(never,))).target is not None


def test_a_rules_address_comes_before_the_general_program() -> None:
    rule = OpenRule(line="Sales UK", url=TEMPLATE)
    plan = plan_of(CALL, replace(ON, program=("crm", "{e164}"), rules=(rule,)))
    assert plan.target is not None
    assert plan.target.url.startswith("https://crm.example.com/")
