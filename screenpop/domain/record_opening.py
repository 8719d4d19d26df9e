"""Whether a call opens a record by itself, when, and which. Pure.

Off unless the user or an administrator says otherwise. Opened are only addresses whose
scheme and host one of them wrote down, and programs they named.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.links import openable
from screenpop.domain.numbers import read_number
from screenpop.domain.open_template import CallWords, ProgramTemplate, UrlTemplate
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.domain.events import Direction


class OpenWhen(StrEnum):
    """When a call's record is opened without a click."""

    NEVER = "never"
    RING = "ring"
    """As soon as it rings, or is dialled, and it is known who it is."""
    ANSWER = "answer"


class Knowledge(StrEnum):
    """How well it is known who the other party is."""

    NOBODY = "nobody"
    SURE = "sure"
    PERHAPS = "perhaps"
    """Only the last digits of the number are the same."""
    SEVERAL = "several"


@frozen(kw_only=True)
class OpenRule:
    """What holds for some calls instead of the general settings.

    Attributes:
        account: Only calls of this account; "" for any.
        line: Only calls on this line of ours, by number or name; "" for any.
        direction: Only calls this way; None for both.
        when: None for the general setting; so ``url`` and ``program`` when empty.
    """

    account: str = ""
    line: str = ""
    direction: Direction | None = None
    when: OpenWhen | None = None
    url: str = ""
    program: tuple[str, ...] = ()


@frozen(kw_only=True)
class OpenSettings:
    """What the user and the administrators say about opening records.

    Attributes:
        url: Template of an address; "" for the contact's own page.
        program: Template of a program; it comes before any address.
        hosts: Hosts of contacts' pages that may be opened without a click.
        schemes: What administrators allow besides https.
        are_programs_allowed: By the administrators.
        is_allowed: By the administrators: opening without a click at all.
    """

    inbound: OpenWhen = OpenWhen.NEVER
    outbound: OpenWhen = OpenWhen.NEVER
    url: str = ""
    program: tuple[str, ...] = ()
    rules: tuple[OpenRule, ...] = ()
    hosts: tuple[str, ...] = ()
    schemes: tuple[str, ...] = ()
    are_programs_allowed: bool = True
    is_allowed: bool = True


@frozen(kw_only=True)
class OpenCall:
    """What must be known of a call.

    Attributes:
        page: The page of the contact it surely is; unchecked, may be "".
        mark: How the user marked the number: "spam", "private" or "".
        region: In which to read the lines' numbers.
    """

    account_id: str
    is_outbound: bool
    words: CallWords
    knowledge: Knowledge
    page: str = ""
    line_number: str = ""
    line_name: str = ""
    region: str = ""
    mark: str = ""
    is_internal: bool = False
    is_ours: bool = True


@frozen
class OpenTarget:
    """What is opened: an address, or a program with its arguments."""

    url: str = ""
    argv: tuple[str, ...] = ()


@frozen
class OpenPlan:
    """What a call opens, and when.

    Attributes:
        target: None for nothing.
        reason: Why nothing is opened, one sentence; "" otherwise.
    """

    when: OpenWhen
    target: OpenTarget | None = None
    reason: str = ""


def plan_of(
    call: OpenCall, settings: OpenSettings, *, is_rehearsal: bool = False
) -> OpenPlan:
    """What a call opens without a click.

    A rehearsal tells what there is to open also where opening is switched off.
    """
    rule = _rule_for(call, settings)
    general = settings.outbound if call.is_outbound else settings.inbound
    when = rule.when if rule.when is not None else general
    reason = _reason_against(call, settings)
    if not reason and when is OpenWhen.NEVER and not is_rehearsal:
        reason = tr("Opening is switched off for calls like this")
    if reason:
        return OpenPlan(when, reason=reason)
    try:
        return _with_target(call, settings, rule, when)
    except ConfigurationError as error:
        return OpenPlan(when, reason=str(error))


def page_on_click(call: OpenCall, settings: OpenSettings) -> str:
    """The address that a click on "Open" may open; "" for none.

    The contact's own page, else the one that the template makes.
    """
    page = openable(call.page, settings.hosts)
    if page:
        return page
    url = _rule_for(call, settings).url or settings.url
    try:
        return (
            UrlTemplate.checked(url, settings.schemes).filled(call.words) if url else ""
        )
    except ConfigurationError:
        return ""


def _rule_for(call: OpenCall, settings: OpenSettings) -> OpenRule:
    """The first rule that fits; an empty one for none."""
    return next((one for one in settings.rules if _fits(one, call)), OpenRule())


def _fits(rule: OpenRule, call: OpenCall) -> bool:
    if rule.account and rule.account != call.account_id:
        return False
    if rule.direction is not None:
        is_outbound = rule.direction.value == "outbound"
        if is_outbound is not call.is_outbound:
            return False
    return not rule.line or is_line(
        rule.line, call.line_name, call.line_number, call.region
    )


def is_line(text: str, name: str, number: str, region: str) -> bool:
    """Whether the text means the line of that name and number, as sent."""
    if text.strip().casefold() in (name.strip().casefold(), number.strip().casefold()):
        return True
    wanted = read_number(text, region).key
    return bool(wanted) and wanted == read_number(number, region).key


def _reason_against(call: OpenCall, settings: OpenSettings) -> str:
    reasons = (
        (not settings.is_allowed, tr("The administrator has switched opening off")),
        (not call.is_ours, tr("It is a call of somebody else")),
        (call.is_internal, tr("It is a call between colleagues")),
        (call.mark == "spam", tr("The number is marked as spam")),
        (call.mark == "private", tr("The number is private")),
        (call.knowledge is Knowledge.PERHAPS, tr("It is not sure who it is")),
        (call.knowledge is Knowledge.SEVERAL, tr("Several people have the number")),
    )
    return next((text for holds, text in reasons if holds), "")


def _with_target(
    call: OpenCall, settings: OpenSettings, rule: OpenRule, when: OpenWhen
) -> OpenPlan:
    program = rule.program or ("" if rule.url else settings.program)
    if program:
        if not settings.are_programs_allowed:
            return OpenPlan(when, reason=tr("The administrator allows no programs"))
        argv = ProgramTemplate.checked(program).filled(call.words)
        return _plan(when, OpenTarget(argv=argv) if argv else None)
    url = rule.url or settings.url
    if url:
        filled = UrlTemplate.checked(url, settings.schemes).filled(call.words)
        return _plan(when, OpenTarget(url=filled) if filled else None)
    if not call.page:
        return OpenPlan(when, reason=tr("Nobody with a page of their own is known"))
    if not settings.hosts:
        reason = tr("No host is named whose pages may be opened (card.link_hosts)")
        return OpenPlan(when, reason=reason)
    page = openable(call.page, settings.hosts)
    if not page:
        return OpenPlan(when, reason=tr("Their page is on no host that may be opened"))
    return OpenPlan(when, OpenTarget(url=page))


def _plan(when: OpenWhen, target: OpenTarget | None) -> OpenPlan:
    if target is None:
        return OpenPlan(when, reason=tr("There is no number to open it with"))
    return OpenPlan(when, target)
