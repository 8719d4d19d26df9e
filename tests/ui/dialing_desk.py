"""A dialer and a desk without a phone system: they answer as told, and keep count."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screenpop.domain.dial_text import read_dial_text
from screenpop.domain.dialing import DialOrigin, DialRules, Verdict, decide
from screenpop.domain.numbers import FormatAsYouType, format_number
from screenpop.services.dial_desk import DialSuggestion
from screenpop.services.dialer import DialOrder, DialPreview
from screenpop.services.events import DialProgress, DialState

if TYPE_CHECKING:
    from screenpop.providers.abilities import NamedThing
    from screenpop.providers.protocol import OwnedNumber

ANA = DialSuggestion(
    name="Ana Rossi",
    company="Example Bakery",
    number_text="(202) 555-0142",
    number="+12025550142",
    kind="contact",
)
BO = DialSuggestion(
    name="Bo Lind",
    company="",
    number_text="(202) 555-0117",
    number="+12025550117",
    kind="missed",
)
NOBODY = DialSuggestion(
    name="",
    company="",
    number_text="(202) 555-0163",
    number="+12025550163",
    kind="recent",
)
FROM_CRM = DialSuggestion(
    name="Anatol Weber",
    company="Example Travel",
    number_text="+44 20 7946 0018",
    number="+442079460018",
    kind="contact",
)


@dataclass
class Desk:
    """Suggestions from a fixed handful of people."""

    region: str = "US"
    people: tuple[DialSuggestion, ...] = (ANA,)
    recent: tuple[DialSuggestion, ...] = (BO, NOBODY)
    slow: tuple[DialSuggestion, ...] = ()
    lines: tuple[tuple[str, str], ...] = (("acme", "Acme"),)
    numbers: dict[str, tuple[OwnedNumber, ...]] = field(default_factory=dict)
    kept: tuple[DialSuggestion, ...] = ()
    speaking: dict[str, tuple[NamedThing, ...]] = field(default_factory=dict)

    def suggest(self, text: str, limit: int = 8) -> tuple[DialSuggestion, ...]:
        wanted = text.strip().casefold()
        if not wanted:
            return (*self.kept, *self.recent[:limit])
        return tuple(one for one in self.people if wanted in one.name.casefold())

    async def search(self, text: str) -> tuple[DialSuggestion, ...]:
        await asyncio.sleep(0)
        wanted = text.strip().casefold()
        return tuple(one for one in self.slow if wanted in one.name.casefold())

    def is_favourite(self, number: str) -> bool:
        return any(one.number == number for one in self.kept)

    async def set_favourite(self, number: str, name: str, *, is_wanted: bool) -> None:
        await asyncio.sleep(0)
        others = tuple(one for one in self.kept if one.number != number)
        added = DialSuggestion(
            name=name,
            company="",
            number_text=format_number(number, self.region),
            number=number,
            kind="favourite",
        )
        self.kept = (*others, added) if is_wanted else others

    async def caller_ids(self, account_id: str) -> tuple[OwnedNumber, ...]:
        await asyncio.sleep(0)
        return self.numbers.get(account_id, ())

    def accounts(self) -> tuple[tuple[str, str], ...]:
        return self.lines

    def can_speak(self, account_id: str) -> bool:
        return account_id in self.speaking

    async def flows(self, account_id: str) -> tuple[NamedThing, ...]:
        await asyncio.sleep(0)
        return self.speaking.get(account_id, ())

    def format_partial(self, text: str) -> str:
        return FormatAsYouType(self.region).format(text)


class PhoneLine:
    """A dialer that reads numbers as the real one does and calls nobody.

    Attributes:
        orders: What it was told to dial.
        answer: What comes of the next one; None leaves it under way until `release`.
    """

    def __init__(self, rules: DialRules | None = None) -> None:
        self.orders: list[DialOrder] = []
        self.settled: list[tuple[str, bool]] = []
        self.state = DialState.ACCEPTED
        self.error: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()
        self._rules = rules or DialRules()

    def preview(
        self,
        text: str,
        origin: DialOrigin,
        account_id: str = "",
        *,
        is_automatic: bool = False,
    ) -> DialPreview:
        target = read_dial_text(text, "US")
        candidates = tuple(format_number(one, "US") for one in target.candidates)
        if target.number is None:
            return DialPreview("", Verdict.REFUSE, (target.problem,), candidates)
        decision = decide(
            target.number, origin, "US", self._rules, is_automatic=is_automatic
        )
        shown = format_number(target.number, "US")
        return DialPreview(shown, decision.verdict, decision.reasons, candidates)

    async def dial(self, order: DialOrder) -> DialProgress:
        self.orders.append(order)
        await self.gate.wait()
        if self.error is not None:
            raise self.error
        return self.progress(self.state, order)

    async def settle_unclear(self, dial_id: str, *, did_ring: bool) -> None:
        self.settled.append((dial_id, did_ring))

    def progress(
        self, state: DialState, order: DialOrder | None = None, text: str = ""
    ) -> DialProgress:
        order = order or self.orders[-1]
        return DialProgress(
            dial_id=f"dial-{len(self.orders)}",
            state=state,
            number_text=self.preview(order.text, order.origin).number_text,
            name=order.name,
            text=text,
            is_flow=order.speech is not None,
        )


class Memory:
    """Remembers until the test ends."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}

    def recall(self, key: str) -> str:
        return self.kept.get(key, "")

    def remember(self, key: str, value: str) -> None:
        self.kept[key] = value
