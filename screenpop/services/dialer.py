"""Start a call for the user: at most once, with the intent on disk before the request.

A dial moves only forward: intended, sending, then accepted, failed or unclear. What was
``sending`` when the program died is unclear, and the user is asked; nothing is ever
sent a second time by itself.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.dialing import DialOrigin, DialRules, Verdict, decide
from screenpop.domain.errors import (
    NotOffered,
    OutcomeUnknown,
    ScreenpopError,
    StoreError,
    UsageError,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import PhoneNumber, format_number
from screenpop.providers.protocol import DialFirst
from screenpop.services.dial_attempt import DialAttempt, attempt_of
from screenpop.services.dial_correlation import DialTrace
from screenpop.services.dial_news import FLOW_SPEAKS, DialNews
from screenpop.services.events import (
    DialConfirmationNeeded,
    DialProgress,
    DialState,
)
from screenpop.store.dials import Dial
from screenpop.store.dials import DialState as DialStage
from screenpop.wording import sentences, tr

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact
    from screenpop.domain.dialing import FlowSpeech
    from screenpop.providers.abilities import SupportsFlowCalls
    from screenpop.providers.protocol import SupportsClickToDial
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.dial_correlation import DialBook
    from screenpop.store.dials import Dials

_log = logging.getLogger(__name__)

REMEMBERED_FOR: Final = timedelta(days=1)
MOST_REMEMBERED: Final = 2_000
REPEAT_GUARD: Final = timedelta(seconds=3)


@frozen(kw_only=True)
class DialAccount:
    """An account that can start calls.

    Attributes:
        extension: Whose phone rings.
        caller_id: The number to show unless the user picks another.
        flows: Lets the phone system speak; None where it cannot.
    """

    account_id: str
    label: str
    extension: str
    region: str
    provider: SupportsClickToDial
    caller_id: str = ""
    dial_first: DialFirst = DialFirst.EXTENSION
    flows: SupportsFlowCalls | None = None


@frozen(kw_only=True)
class DialOrder:
    """What somebody wants dialled.

    Attributes:
        text: Whatever was typed, pasted or linked.
        account_id: "" for the only account, or the first.
        is_confirmed: The user has seen the reasons and said yes.
        speech: What the phone system shall say; None to speak oneself.
    """

    text: str
    origin: DialOrigin
    account_id: str = ""
    caller_id: str = ""
    name: str = ""
    is_confirmed: bool = False
    speech: FlowSpeech | None = None


@frozen
class DialPreview:
    """What would happen if an order were given.

    Attributes:
        number_text: The number as it would be dialled; "" when there is none.
        candidates: Several numbers in the text, to choose from.
        reasons: Why it is asked or refused, one sentence each.
    """

    number_text: str
    verdict: Verdict
    reasons: tuple[str, ...] = ()
    candidates: tuple[str, ...] = ()


class Dialer:
    """Click-to-dial over whichever account can do it."""

    def __init__(
        self,
        *,
        dials: Dials,
        book: DialBook,
        accounts: Callable[[], tuple[DialAccount, ...]],
        rules: Callable[[], DialRules],
        region: str,
        bus: Bus,
        clock: Clock,
        who: Callable[[PhoneNumber], Contact | None] = lambda _: None,
        asked_not: Callable[[PhoneNumber], bool] = lambda _: False,
    ) -> None:
        """Dial.

        Args:
            dials: Where intents are kept.
            book: Recognises the calls of a dial.
            accounts: Those that can start calls, the preferred one first.
            rules: Which numbers are asked about or refused.
            region: In which to read a number when there is no account.
            bus: Where progress is told.
            clock: What time it is.
            who: The known contact of a number, to speak of people.
            asked_not: Whether somebody does not want to be called on a number.
        """
        self._asked_not = asked_not
        self._who = who
        self._dials = dials
        self._book = book
        self._accounts = accounts
        self._rules = rules
        self._region = region
        self._bus = bus
        self._clock = clock
        self._in_flight: dict[str, Dial] = {}
        self._news = DialNews(bus, self._region_of)

    @property
    def is_sending(self) -> bool:
        """Whether a dial is on its way to a phone system just now."""
        return bool(self._in_flight)

    def preview(
        self,
        text: str,
        origin: DialOrigin,
        account_id: str = "",
        *,
        is_automatic: bool = False,
    ) -> DialPreview:
        """What would be dialled for ``text`` and whether it would be asked first."""
        region = self._region_of(account_id)
        target = read_dial_text(text, region)
        candidates = tuple(format_number(each, region) for each in target.candidates)
        if target.number is None:
            return DialPreview("", Verdict.REFUSE, (target.problem,), candidates)
        decision = decide(
            target.number,
            origin,
            region,
            self._rules_for(target.number),
            is_automatic=is_automatic,
        )
        shown = format_number(target.number, region) or target.number.raw
        return DialPreview(shown, decision.verdict, decision.reasons, candidates)

    def request(self, order: DialOrder) -> DialConfirmationNeeded:
        """Ask the user about an order that came from a link or another program.

        Raises:
            UsageError: There is no number in it, so there is nothing to ask.
        """
        preview = self.preview(
            order.text,
            order.origin,
            order.account_id,
            is_automatic=order.speech is not None,
        )
        if not preview.number_text:
            raise UsageError(
                sentences(*preview.reasons) or tr("There is no number in it")
            )
        asked = DialConfirmationNeeded(
            preview.number_text,
            order.text,
            order.account_id,
            order.origin,
            preview.reasons,
            order.speech,
        )
        self._bus.publish(asked)
        return asked

    async def dial(self, order: DialOrder) -> DialProgress:
        """Start a call.

        Returns:
            How far it came: accepted, failed (nothing was dialled), or unclear.

        Raises:
            UsageError: It may not or need not be dialled; nothing was sent.
            NotOffered: No account can start calls.
        """
        account = self._account(order.account_id, order.speech)
        number = self._checked(order, account)
        self._refuse_repeat(number)
        dial = Dial(
            dial_id=os.urandom(16).hex(),
            account_id=account.account_id,
            extension=account.extension,
            number_e164=number.e164,
            number_raw=order.text[:200],
            caller_id=order.caller_id or account.caller_id,
            dial_first=FLOW_SPEAKS if order.speech else account.dial_first,
            requested_at=self._clock(),
            state_at=self._clock(),
            source=order.origin,
        )
        self._in_flight[number.e164] = dial
        try:
            attempt = attempt_of(dial, account, order.speech)
            return await self._send(dial, attempt, order.name or self._name(number))
        finally:
            self._in_flight.pop(number.e164, None)

    async def settle_unclear(self, dial_id: str, *, did_ring: bool) -> None:
        """The user says whether an unclear dial took effect."""
        stage = DialStage.ACCEPTED if did_ring else DialStage.FAILED
        await asyncio.wrap_future(
            self._dials.set_state(dial_id, stage, at=self._clock())
        )

    async def restore(self) -> tuple[DialProgress, ...]:
        """At start: what was being sent when the program ended is unclear."""
        unclear = await asyncio.wrap_future(
            self._dials.settle_interrupted(at=self._clock())
        )
        since = self._clock() - REMEMBERED_FOR
        recent = self._dials.recent(MOST_REMEMBERED, since=since)
        self._book.note(trace_of(dial) for dial in recent)
        return tuple(self._news.tell(dial, DialState.UNCLEAR, "") for dial in unclear)

    # --- the one request -------------------------------------------------------------

    async def _send(self, dial: Dial, attempt: DialAttempt, name: str) -> DialProgress:
        await asyncio.wrap_future(self._dials.record_intent(dial))
        self._news.tell(dial, DialState.INTENDED, name)
        try:
            await attempt.prepare()
        except ScreenpopError as error:
            return await self._failed(dial, name, error)
        if not await self._stage(dial, DialStage.SENDING):
            raise UsageError(tr("This call was already sent or cancelled"))
        self._book.forget_before(self._clock() - REMEMBERED_FOR)
        self._book.note((trace_of(dial),))
        self._news.tell(dial, DialState.SENDING, name)
        try:
            receipt = await attempt.start()
        except OutcomeUnknown as error:
            await self._stage(dial, DialStage.UNCLEAR, error.title)
            return self._news.tell(dial, DialState.UNCLEAR, name, error)
        except asyncio.CancelledError:
            await asyncio.shield(self._stage(dial, DialStage.UNCLEAR))
            raise
        except ScreenpopError as error:
            return await self._failed(dial, name, error)
        try:
            await self._stage(dial, DialStage.ACCEPTED, call_id=receipt.call_id)
        except StoreError as error:
            # It was dialled all the same; a failure told now would be dialled again.
            _log.warning("a dial that was accepted stays open: %s", error.title)
        known = self._news.latest(dial.dial_id)
        if known is not None and known.state not in (
            DialState.INTENDED,
            DialState.SENDING,
        ):
            return known
        return self._news.tell(dial, DialState.ACCEPTED, name)

    async def _failed(
        self, dial: Dial, name: str, error: ScreenpopError
    ) -> DialProgress:
        await self._stage(dial, DialStage.FAILED, error.title)
        return self._news.tell(dial, DialState.FAILED, name, error)

    async def _stage(
        self, dial: Dial, stage: DialStage, problem: str = "", call_id: str = ""
    ) -> bool:
        return await asyncio.wrap_future(
            self._dials.set_state(
                dial.dial_id,
                stage,
                at=self._clock(),
                error_title=problem,
                vendor_call_id=call_id,
            )
        )

    # --- before it -------------------------------------------------------------------

    def _account(self, account_id: str, speech: FlowSpeech | None) -> DialAccount:
        accounts = self._accounts()
        if speech is not None and not account_id:
            accounts = tuple(one for one in accounts if one.flows is not None)
        for account in accounts:
            if account_id in ("", account.account_id):
                if speech is not None and account.flows is None:
                    raise NotOffered(
                        tr("{label} has no flows that could speak", label=account.label)
                    )
                if speech is None and not account.extension:
                    raise UsageError(
                        tr(
                            "{label} does not know which phone is yours",
                            label=account.label,
                        ),
                        tr("Choose your extension in the account's settings."),
                    )
                return account
        if account_id:
            raise UsageError(
                tr(
                    "There is no account “{account_id}” that can dial",
                    account_id=account_id,
                )
            )
        if speech is not None:
            raise NotOffered(tr("No account has flows that could speak"))
        raise NotOffered(
            tr("No account can start calls"),
            tr("Add an account of your phone system first."),
        )

    def _checked(self, order: DialOrder, account: DialAccount) -> PhoneNumber:
        target = read_dial_text(order.text, account.region)
        if target.number is None:
            raise UsageError(
                target.problem or tr("There is no phone number in this text")
            )
        decision = decide(
            target.number,
            order.origin,
            account.region,
            self._rules_for(target.number),
            is_confirmed=order.is_confirmed,
            is_automatic=order.speech is not None,
        )
        reason = " ".join(decision.reasons)
        if decision.verdict is Verdict.REFUSE:
            raise UsageError(tr("This number is not dialled from here"), reason)
        if decision.verdict is Verdict.CONFIRM:
            raise UsageError(
                tr("This number is dialled only after you confirm it"), reason
            )
        if not target.number.e164:
            raise UsageError(
                tr("Only full phone numbers can be dialled from here"),
                tr("Dial extensions and service codes on your phone."),
            )
        return target.number

    def _rules_for(self, number: PhoneNumber) -> DialRules:
        rules = self._rules()
        if not self._asked_not(number):
            return rules
        return replace(rules, do_not_call=rules.do_not_call | {number.key})

    def _name(self, number: PhoneNumber) -> str:
        contact = self._who(number)
        return contact.display_name if contact else ""

    def _refuse_repeat(self, number: PhoneNumber) -> None:
        just_now = self._dials.recent(since=self._clock() - REPEAT_GUARD)
        if number.e164 in self._in_flight or any(
            dial.number_e164 == number.e164 and dial.state is not DialStage.FAILED
            for dial in just_now
        ):
            raise UsageError(
                tr("This number is being dialled already"),
                tr("Look at your phone first."),
            )

    def _region_of(self, account_id: str) -> str:
        for account in self._accounts():
            if account_id in ("", account.account_id):
                return account.region
        return self._region


def trace_of(dial: Dial) -> DialTrace:
    """What is needed of a dial to recognise its calls."""
    return DialTrace(
        dial_id=dial.dial_id,
        account_id=dial.account_id,
        extension=dial.extension,
        number_e164=dial.number_e164,
        requested_at=dial.requested_at,
        caller_id=dial.caller_id,
        call_id=dial.vendor_call_id,
        rings_us=dial.dial_first != FLOW_SPEAKS,
    )
