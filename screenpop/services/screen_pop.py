"""Raise a card for a call, keep it true, and let it go."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.calls import Call, CallRef, CallState
from screenpop.domain.contacts import TEAM_SPAM, Mark
from screenpop.domain.errors import StoreError
from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import PhoneNumber, read_number
from screenpop.services.call_cards import (
    CardFacts,
    CardSetting,
    card_of,
    phase_of,
    receipt_of,
)
from screenpop.services.call_tracker import CallChanged
from screenpop.services.caller_lookup import is_complete
from screenpop.services.events import (
    NO_CONTEXT,
    CallCard,
    CallLogChanged,
    CardPhase,
    ContactsChanged,
    EarlierCall,
    NoticeLevel,
    PopDismissed,
    PopRequested,
    PopUpdated,
    UserNotice,
    WrapUpWanted,
)
from screenpop.services.matches import still_chosen

if TYPE_CHECKING:
    from asyncio import Task
    from concurrent.futures import Future

    from screenpop.domain.contacts import ContactKey, ContactMatch
    from screenpop.lookup.protocol import LookupAnswer
    from screenpop.services.bus import Bus
    from screenpop.services.call_memory import CallMemory
    from screenpop.services.caller_lookup import CallerLookup
    from screenpop.services.caller_sayings import CallerSayings
    from screenpop.services.clock import Clock
    from screenpop.services.supervisor import Supervisor

_log = logging.getLogger(__name__)

REMEMBERED_CARDS: Final = 10
FIRST_FRAME_SECONDS: Final = 0.02
"""How long a card that was just asked for has the processor to itself."""
LINGER_SECONDS: Final = {
    CardPhase.ELSEWHERE: 2.0,
    CardPhase.ANSWERED_ELSEWHERE: 2.0,
    CardPhase.MISSED: 0.0,
    CardPhase.DECLINED: 2.0,
    CardPhase.LOST: 10.0,
    CardPhase.ENDED: 10.0,
}


_LIVE: Final = (CardPhase.RINGING, CardPhase.DIALLING, CardPhase.CONNECTED)


@frozen
class PopRules:
    """Which calls raise a card.

    Attributes:
        internal: Calls between colleagues.
        outbound: Calls that our user starts.
        is_quiet: None at all for now; calls are still counted and logged.
    """

    internal: bool = True
    outbound: bool = True
    is_quiet: bool = False


@dataclass(slots=True)
class _Shown:
    """A card in hand."""

    facts: CardFacts
    search: Task[None] | None = None


class ScreenPop:
    """Publishes the events ``Pop…``, and ``WrapUpWanted``."""

    def __init__(
        self,
        *,
        lookup: CallerLookup,
        memory: CallMemory,
        said: CallerSayings,
        settings: Callable[[str], CardSetting],
        rules: Callable[[], PopRules],
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
    ) -> None:
        self._lookup = lookup
        self._memory = memory
        self._said = said
        self._settings = settings
        self._rules = rules
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._shown: OrderedDict[CallRef, _Shown] = OrderedDict()
        self._card_of_dial: dict[str, CallRef] = {}
        bus.subscribe(CallChanged, self._call_changed)
        bus.subscribe(ContactsChanged, self._contacts_changed)

    # --- what the card's user does ---------------------------------------------------

    def card(self, ref: CallRef) -> CallCard | None:
        """The card of a call, if it is among the remembered ones."""
        shown = self._shown.get(ref)
        return card_of(shown.facts) if shown else None

    def call(self, ref: CallRef) -> Call | None:
        """The call on that card as it is now."""
        shown = self._shown.get(ref)
        return shown.facts.call if shown else None

    def number(self, ref: CallRef) -> PhoneNumber | None:
        """The number of the party on that card, read."""
        shown = self._shown.get(ref)
        return shown.facts.number if shown else None

    def earlier(self, ref: CallRef) -> tuple[EarlierCall, ...]:
        """The latest calls with the party of a card; waits for the disk.

        Raises:
            StoreError: The log cannot be read.
        """
        shown = self._shown.get(ref)
        if shown is None:
            return ()
        return self._memory.earlier(shown.facts.number, shown.facts.call)

    def recent(self) -> tuple[CallCard, ...]:
        """The last ten cards, newest first, to bring one back."""
        return tuple(card_of(shown.facts) for shown in reversed(self._shown.values()))

    def choose(self, ref: CallRef, index: int) -> None:
        """Show the ``index``-th match (0-based), now and whenever the number calls.

        Out of range means none of these, for this call.
        """
        shown = self._shown.get(ref)
        if shown is None:
            return
        matches = shown.facts.matches
        chosen = matches[index] if 0 <= index < len(matches) else None
        if chosen is None:
            refused = shown.facts.refused.union(*(one.keys for one in matches))
            shown.facts = replace(shown.facts, matches=(), chosen=None, refused=refused)
        else:
            chosen = replace(chosen, chosen_at=self._clock())
            shown.facts = replace(shown.facts, chosen=chosen)
            self._save(self._said.people.choose(shown.facts.number, chosen))
            self._remember_match(shown)
        self._update(shown)

    def set_note(self, ref: CallRef, text: str) -> None:
        """Keep what the user writes about a call."""
        shown = self._shown.get(ref)
        if shown is not None:
            shown.facts = replace(shown.facts, note=text)
        ref = self.logged_ref(ref)
        self._save(self._memory.save_note(ref, text), changed=ref)

    def wrap_up(self, ref: CallRef, disposition: str) -> None:
        """Keep what a call came to; "" takes it back."""
        shown = self._shown.get(ref)
        if shown is not None:
            shown.facts = replace(
                shown.facts, disposition=disposition, is_wrapping_up=False
            )
            self._update(shown)
        ref = self.logged_ref(ref)
        self._save(self._memory.save_disposition(ref, disposition), changed=ref)

    def logged_ref(self, ref: CallRef) -> CallRef:
        """The call that a card's note belongs to.

        Of the two calls of a click-to-dial the log shows the one to the party.
        """
        shown = self._shown.get(ref)
        return shown.facts.call.ref if shown else ref

    def forget(self, number: PhoneNumber) -> None:
        """Remember no card of ended calls with a number any more."""
        for ref, shown in tuple(self._shown.items()):
            is_ended = shown.facts.call.state is CallState.ENDED
            if is_ended and shown.facts.number.key == number.key:
                self._drop(ref)

    @property
    def is_quiet(self) -> bool:
        """Whether cards are held back right now."""
        return self._rules().is_quiet

    # --- what happens to calls -------------------------------------------------------

    def _call_changed(self, change: CallChanged) -> None:
        call = change.call
        card_ref = self._card_ref(call)
        shown = self._shown.get(card_ref)
        if change.is_pop_granted and self._is_wanted(call):
            # Whoever lists or counts calls hears of it when the card is painted.
            self._raise(change, shown)
            return
        if call.is_ours:
            self._bus.publish(CallLogChanged(call.ref))
        if shown is not None:
            self._follow(shown, change)

    def _card_ref(self, call: Call) -> CallRef:
        """Both calls of a click-to-dial share one card."""
        if call.dial_id:
            return self._card_of_dial.setdefault(call.dial_id, call.ref)
        return call.ref

    def _is_wanted(self, call: Call) -> bool:
        if self.is_quiet:
            return False
        rules = self._rules()
        if call.is_internal and not rules.internal:
            return False
        if call.direction is Direction.OUTBOUND or call.is_own_leg:
            return rules.outbound
        mark = self._said.mark_of(self._number_of(call))
        return mark not in (Mark.SPAM, TEAM_SPAM)

    def _number_of(self, call: Call) -> PhoneNumber:
        region = self._settings(call.ref.account_id).region
        return read_number(call.remote.number, region)

    def _raise(self, change: CallChanged, known: _Shown | None) -> None:
        call = change.call
        setting = self._settings(call.ref.account_id)
        number = read_number(call.remote.number, setting.region)
        known_now = self._lookup.now(number)
        now = self._clock()
        facts = CardFacts(
            call=call,
            setting=setting,
            number=number,
            since=now,
            matches=known_now.matches,
            chosen=known.facts.chosen if known else None,
            is_pending=not is_complete(known_now),
            silent=known_now.silent,
            context=self._memory.context(number, call) if number.key else NO_CONTEXT,
            note=self._memory.note(call.ref),
            receipt=receipt_of(change.newest, now),
            mark=self._said.mark_of(number),
        )
        facts = self._with_spoken(facts)
        if known is not None and known.search is not None:
            # It would go on to show the call as it was at the earlier ring.
            known.search.cancel()
        shown = self._shown[self._card_ref(call)] = _Shown(facts)
        self._shown.move_to_end(self._card_ref(call))
        self._bus.publish(PopRequested(card_of(facts)))
        shown.search = self._supervisor.start("look a caller up", self._ask(shown))
        self._forget_old()

    async def _ask(self, shown: _Shown) -> None:
        # What follows would take the processor from the painting of the card.
        ref = shown.facts.call.ref
        await asyncio.sleep(FIRST_FRAME_SECONDS)
        self._bus.publish(CallLogChanged(ref))
        self._remember_match(shown)
        if shown.facts.is_pending:
            await self._search(shown)

    async def _search(self, shown: _Shown) -> None:
        def show(answer: LookupAnswer) -> None:
            pending = not answer.is_final
            before = shown.facts
            matches = _not_refused(answer.matches, before.refused)
            if (before.matches, before.is_pending) == (matches, pending):
                return
            shown.facts = replace(
                before,
                matches=matches,
                chosen=_as_known_now(before.chosen, matches),
                is_pending=pending,
                silent=answer.silent,
            )
            self._update(shown)

        await self._lookup.ask(shown.facts.number, show)
        self._remember_match(shown)

    def _contacts_changed(self, event: ContactsChanged) -> None:
        """Say anew who it is on cards that stand or can be brought back."""
        for shown in tuple(self._shown.values()):
            key = shown.facts.number.key
            if key and event.concerns(key):
                self._look_up_again(shown)

    def _look_up_again(self, shown: _Shown) -> None:
        if shown.search is not None:
            shown.search.cancel()
        facts, known_now = shown.facts, self._lookup.now(shown.facts.number)
        matches = _not_refused(known_now.matches, facts.refused)
        shown.facts = replace(
            facts,
            matches=matches,
            chosen=still_chosen(facts.chosen, matches),
            is_pending=not is_complete(known_now),
            silent=known_now.silent,
            mark=self._said.mark_of(facts.number),
        )
        self._update(shown)
        self._remember_match(shown)
        if shown.facts.is_pending:
            shown.search = self._supervisor.start(
                "look a caller up again", self._search(shown)
            )

    def _follow(self, shown: _Shown, change: CallChanged) -> None:
        before, call = shown.facts.call, change.call
        if before.ref == call.ref or _is_second_leg_of_same_dial(before, call):
            self._advance(shown, call)

    def _advance(self, shown: _Shown, call: Call) -> None:
        old = phase_of(shown.facts.call)
        new = phase_of(call)
        since = shown.facts.since if old is new else self._clock()
        if shown.facts.note and call.ref != shown.facts.call.ref:
            self._save(self._memory.save_note(call.ref, shown.facts.note))
        shown.facts = replace(shown.facts, call=call, since=since)
        if call.state not in (CallState.ENDED, CallState.ELSEWHERE):
            self._update(shown)
        elif old in _LIVE and self._asks_what_came_of(shown):
            self._ask_what_came_of(shown)
        elif old is not new:
            linger = LINGER_SECONDS[new]
            self._bus.publish(PopDismissed(self._card(shown), linger))

    def _asks_what_came_of(self, shown: _Shown) -> bool:
        call, setting = shown.facts.call, shown.facts.setting
        is_asked = bool(setting.dispositions) and not call.is_internal
        is_over = call.state is CallState.ENDED and not call.is_answered_elsewhere
        # A phone system may tell of the answer together with the end.
        has_talked = call.connected_at is not None and not call.is_own_leg
        return is_asked and is_over and has_talked and not self.is_quiet

    def _ask_what_came_of(self, shown: _Shown) -> None:
        known = self._memory.disposition(shown.facts.call.ref)
        shown.facts = replace(shown.facts, is_wrapping_up=not known, disposition=known)
        card, seconds = self._card(shown), shown.facts.setting.wrap_up_seconds
        if known:
            linger = LINGER_SECONDS[CardPhase.ENDED]
            self._bus.publish(PopDismissed(card, linger))
        else:
            self._bus.publish(WrapUpWanted(card, seconds))

    def _update(self, shown: _Shown) -> None:
        shown.facts = self._with_spoken(shown.facts)
        self._bus.publish(PopUpdated(self._card(shown)))

    def _with_spoken(self, facts: CardFacts) -> CardFacts:
        """With the last talks with each, once there are several people to choose of."""
        if len(facts.matches) < 2 or facts.spoken:
            return facts
        return replace(facts, spoken=self._memory.spoken(facts.number, facts.call))

    def _card(self, shown: _Shown) -> CallCard:
        card = card_of(shown.facts)
        dial_id = shown.facts.call.dial_id
        return replace(card, ref=self._card_of_dial.get(dial_id, card.ref))

    def _remember_match(self, shown: _Shown) -> None:
        card = card_of(shown.facts)
        is_private = card.mark == Mark.PRIVATE
        if card.chosen is not None and card.chosen.is_sure and not is_private:
            self._save(self._memory.save_match(shown.facts.call.ref, card.chosen))

    def _save(self, saved: Future[Any], changed: CallRef | None = None) -> None:
        """Say when it is in the log, or that it cannot be kept."""

        async def watch() -> None:
            try:
                # Whoever quits in this moment wants it kept all the same.
                await asyncio.shield(asyncio.wrap_future(saved))
            except StoreError as error:
                self._bus.publish(
                    UserNotice(
                        NoticeLevel.ERROR, error.title, error.advice, "call-store"
                    )
                )
            else:
                if changed is not None:
                    self._bus.publish(CallLogChanged(changed))

        self._supervisor.start("save what a card knows", watch())

    def _forget_old(self) -> None:
        while len(self._shown) > REMEMBERED_CARDS:
            ended = (
                ref
                for ref, shown in self._shown.items()
                if shown.facts.call.state is CallState.ENDED
            )
            oldest = next(ended, None)
            if oldest is None:
                return
            self._drop(oldest)

    def _drop(self, ref: CallRef) -> None:
        gone = self._shown.pop(ref)
        self._card_of_dial.pop(gone.facts.call.dial_id, None)
        if gone.search is not None:
            gone.search.cancel()


def _not_refused(
    matches: tuple[ContactMatch, ...], refused: frozenset[ContactKey]
) -> tuple[ContactMatch, ...]:
    """Those of whom the user has not said that it is none of them."""
    return tuple(match for match in matches if refused.isdisjoint(match.keys))


def _as_known_now(
    chosen: ContactMatch | None, matches: tuple[ContactMatch, ...]
) -> ContactMatch | None:
    """The one that was chosen on this card, with what a later answer adds to it."""
    if chosen is None:
        return None
    found = next((one for one in matches if chosen.contact.key in one.keys), None)
    return replace(found, chosen_at=chosen.chosen_at) if found else chosen


def _is_second_leg_of_same_dial(before: Call, call: Call) -> bool:
    """The far leg of a dial takes the card over from our own, not the other way."""
    return (
        bool(call.dial_id)
        and call.dial_id == before.dial_id
        and (before.is_own_leg and not call.is_own_leg)
    )
