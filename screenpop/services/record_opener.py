"""Open the record of whoever calls, if and when the user wants that.

Every call opens at most one thing, once in the life of the database, however often it
rings and whatever is restarted meanwhile. What is opened is the windows' matter.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import StoreError, UsageError
from screenpop.domain.events import CallerId, Direction
from screenpop.domain.numbers import national_significant, read_number
from screenpop.domain.open_template import CallWords
from screenpop.domain.record_opening import (
    Knowledge,
    OpenCall,
    OpenPlan,
    OpenRule,
    OpenSettings,
    OpenWhen,
    page_on_click,
    plan_of,
)
from screenpop.services.events import CardPhase, RecordWanted
from screenpop.services.matches import are_namesakes, sole_best
from screenpop.store.call_log import PopClaim
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.settings import CardRule, Settings
    from screenpop.domain.calls import Call, CallRef
    from screenpop.domain.contacts import ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.services.application import Application
    from screenpop.services.events import CallCard
    from screenpop.store.call_rows import CallRow

_log = logging.getLogger(__name__)

_REMEMBERED: Final = 200
_UNSEEN: Final = ("name", "tray")
_TALKING: Final = (CardPhase.CONNECTED,)
_BEGUN: Final = (CardPhase.RINGING, CardPhase.DIALLING, CardPhase.CONNECTED)
_DIRECTIONS: Final = {
    "any": None,
    "inbound": Direction.INBOUND,
    "outbound": Direction.OUTBOUND,
}


class RecordOpener:
    """Publishes ``RecordWanted``, once for a call."""

    def __init__(self, app: Application) -> None:
        """Nothing is opened before ``consider``."""
        self._app = app
        self._done: OrderedDict[CallRef, None] = OrderedDict()

    def consider(self, card: CallCard) -> None:
        """A card has appeared or changed: it may be time to open its record."""
        if card.ref in self._done:
            return
        is_told = card.chosen is not None and card.chosen.chosen_at is not None
        if card.is_lookup_pending and not is_told:
            # Whoever answers last may know better.
            return
        plan = self._plan(card)
        if plan is None or plan.target is None:
            return
        phases = _BEGUN if plan.when is OpenWhen.RING else _TALKING
        if card.phase in phases:
            self._remember(card.ref)
            self._app.supervisor.start("open a record", self._open(card, plan))

    def on_click(self, ref: CallRef) -> str:
        """The address that a click on a card's "Open" may open; "" for none."""
        call = self._app.screen_pop.call(ref)
        card = self._app.screen_pop.card(ref)
        if call is None or card is None:
            return ""
        return record_page(call, card, self._app.settings, self._region(call))

    async def rehearse(self, ref: CallRef) -> OpenPlan:
        """What a call of the log would open if it came now; nothing is opened.

        ``when`` says whether and when it would; the target is told in any case.

        Raises:
            UsageError: There is no such call.
            StoreError: The log cannot be read.
        """
        row = await asyncio.to_thread(self._app.call_log.get, *_key(ref))
        if row is None:
            raise UsageError(tr("There is no such call in the log"))
        number = read_number(row.remote_number, self._app.region)
        answer = await self._app.lookup.ask(number, lambda _: None)
        subject = open_call_of_row(row, number, answer.matches, self._app.region)
        settings = open_settings(self._app.settings)
        return plan_of(subject, settings, is_rehearsal=True)

    async def repeat(self, ref: CallRef) -> OpenPlan:
        """Open what a call of the log would open, as a test.

        Raises:
            UsageError: There is no such call.
            StoreError: The log cannot be read.
        """
        plan = await self.rehearse(ref)
        if plan.target is not None:
            self._app.bus.publish(RecordWanted(ref, plan.target.url, plan.target.argv))
        return plan

    async def _open(self, card: CallCard, plan: OpenPlan) -> None:
        ref, target = card.ref, plan.target
        quiet = self._app.around.quiet
        if quiet.must_look:
            await quiet.look()
        if quiet.now.level in _UNSEEN:
            # A record says more than the name that is not to be seen.
            return
        claim = PopClaim(ref.account_id, card.dial_id or ref.call_id, "open")
        try:
            granted = await asyncio.wrap_future(
                self._app.call_log.commit(pop_claims=(claim,))
            )
        except StoreError as error:
            # Rather nothing than the same page again and again.
            _log.warning("a record was not opened: %s", error.title)
            return
        if claim in granted and target is not None:
            self._app.bus.publish(RecordWanted(ref, target.url, target.argv))

    def _plan(self, card: CallCard) -> OpenPlan | None:
        call = self._app.screen_pop.call(card.ref)
        if call is None:
            return None
        subject = open_call_of_card(call, card, self._region(call))
        return plan_of(subject, open_settings(self._app.settings))

    def _region(self, call: Call) -> str:
        return self._app.views.card_setting(call.ref.account_id).region

    def _remember(self, ref: CallRef) -> None:
        self._done[ref] = None
        while len(self._done) > _REMEMBERED:
            self._done.popitem(last=False)


def record_page(call: Call, card: CallCard, settings: Settings, region: str) -> str:
    """The address that a click may open for a call; "" for none."""
    subject = open_call_of_card(call, card, region)
    return page_on_click(subject, open_settings(settings))


def open_settings(settings: Settings) -> OpenSettings:
    """What the settings say about opening records."""
    card, policy = settings.card, settings.policy
    return OpenSettings(
        inbound=OpenWhen(card.open_record),
        outbound=OpenWhen(card.open_outbound),
        url=card.open_url,
        program=card.open_program,
        rules=tuple(_rule(each) for each in card.rules),
        hosts=card.link_hosts,
        schemes=policy.schemes,
        are_programs_allowed=policy.programs,
        is_allowed=policy.open_records,
    )


def _rule(rule: CardRule) -> OpenRule:
    return OpenRule(
        account=rule.account,
        line=rule.line,
        direction=_DIRECTIONS[rule.direction],
        when=OpenWhen(rule.open_record) if rule.open_record else None,
        url=rule.open_url,
        program=rule.open_program,
    )


def open_call_of_card(call: Call, card: CallCard, region: str) -> OpenCall:
    """What must be known of a call that goes on."""
    number = read_number(call.remote.number, region)
    knowledge = _knowledge(card.matches, card.chosen)
    who = card.chosen if knowledge is Knowledge.SURE else None
    return OpenCall(
        account_id=call.ref.account_id,
        is_outbound=card.direction is Direction.OUTBOUND,
        words=_words(number, call.remote.number, call.ref.call_id, call.line, who),
        knowledge=knowledge,
        page=_page(card, knowledge),
        line_number=call.line.number,
        line_name=call.line.name,
        region=region,
        mark=card.mark,
        is_internal=call.is_internal,
        is_ours=call.is_ours,
    )


def open_call_of_row(
    row: CallRow, number: PhoneNumber, matches: tuple[ContactMatch, ...], region: str
) -> OpenCall:
    """What must be known of a call of the log, with who it is now."""
    chosen = sole_best(matches)
    knowledge = _knowledge(matches, chosen)
    who = chosen if knowledge is Knowledge.SURE else None
    line = CallerId(row.line_number, row.line_name)
    return OpenCall(
        account_id=row.account_id,
        is_outbound=row.direction is Direction.OUTBOUND,
        words=_words(number, row.remote_number, row.call_id, line, who),
        knowledge=knowledge,
        page=who.contact.url if who else "",
        line_number=row.line_number,
        line_name=row.line_name,
        region=region,
        mark=row.mark,
        is_internal=row.is_internal,
    )


def _page(card: CallCard, knowledge: Knowledge) -> str:
    if card.chosen is None or knowledge is Knowledge.SEVERAL:
        return ""
    return card.chosen.contact.url


def _knowledge(
    matches: tuple[ContactMatch, ...], chosen: ContactMatch | None
) -> Knowledge:
    if chosen is not None:
        if chosen.chosen_at is None and are_namesakes(matches):
            return Knowledge.SEVERAL
        return Knowledge.SURE if chosen.is_sure else Knowledge.PERHAPS
    return Knowledge.SEVERAL if len(matches) > 1 else Knowledge.NOBODY


def _words(
    number: PhoneNumber,
    raw: str,
    call_id: str,
    line: CallerId,
    who: ContactMatch | None,
) -> CallWords:
    return CallWords(
        number=raw,
        e164=number.e164,
        national=national_significant(number.e164),
        name=who.contact.display_name if who else "",
        call_id=call_id,
        line=line.name or line.number,
    )


def _key(ref: CallRef) -> tuple[str, str]:
    return ref.account_id, ref.call_id
