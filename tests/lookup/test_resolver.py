from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from screenpop.domain.contacts import (
    Contact,
    ContactMatch,
    ContactNumber,
    MatchQuality,
)
from screenpop.domain.errors import (
    ProviderThrottled,
    ProviderUnavailable,
    ScreenpopError,
    StoreBusy,
)
from screenpop.domain.numbers import PhoneNumber, read_number
from screenpop.lookup.cache import LookupCache
from screenpop.lookup.protocol import (
    ContactSource,
    InstantSource,
    LookupAnswer,
    SourceState,
)
from screenpop.lookup.resolver import Resolver
from tests.waiting import eventually

NUMBER = read_number("+12025550123", "US")
ANN = Contact(
    source="crm",
    name="Ann Example",
    numbers=(ContactNumber("(202) 555-0123", "", "mobile"),),
)
THIS_MORNING = datetime(2026, 1, 5, 8, tzinfo=UTC)
STRANGER = Contact(source="crm", name="Bob", numbers=(ContactNumber("2025550199"),))


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowSource:
    """Answers when the test lets it; keeps count of its questions."""

    def __init__(
        self, *contacts: Contact, key: str = "crm", deadline_seconds: float = 30.0
    ) -> None:
        self.key = key
        self.label = key.upper()
        self.deadline_seconds = deadline_seconds
        self.contacts = contacts
        self.failure: Exception | None = None
        self.may_answer = asyncio.Event()
        self.may_answer.set()
        self.asked = asyncio.Event()
        self.questions = 0
        self.withdrawn = 0

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        self.questions += 1
        self.asked.set()
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.withdrawn += 1
            raise
        if self.failure is not None:
            raise self.failure
        return self.contacts

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        await self.may_answer.wait()
        if self.failure is not None:
            raise self.failure
        return self.contacts[:limit]


class LocalDirectory:
    """Knows at once."""

    key = "local"
    label = "Contacts"

    def __init__(
        self, *contacts: Contact, failure: ScreenpopError | None = None
    ) -> None:
        self.contacts = contacts
        self.failure = failure

    def by_number_now(self, number: PhoneNumber) -> tuple[ContactMatch, ...]:
        if self.failure is not None:
            raise self.failure
        return tuple(
            ContactMatch(
                contact=contact,
                quality=MatchQuality.EXACT,
                reason="same number",
                source_label=self.label,
            )
            for contact in self.contacts
        )


class Shown(list[LookupAnswer]):
    """Every answer that was shown, and a wait for the one that fits."""

    def __call__(self, answer: LookupAnswer) -> None:
        self.append(answer)

    def states(self) -> list[str]:
        return [
            "+".join(report.state.value for report in answer.reports) for answer in self
        ]

    async def until(self, fits: Callable[[LookupAnswer], bool]) -> LookupAnswer:
        await eventually(lambda: any(map(fits, self)), "the answer to be shown")
        return next(filter(fits, self))


@pytest.fixture
def shown() -> Shown:
    return Shown()


def names(answer: LookupAnswer) -> list[str]:
    return [match.contact.name for match in answer.matches]


async def test_the_doubles_here_are_sources() -> None:
    assert isinstance(SlowSource(), ContactSource)
    assert not isinstance(SlowSource(), InstantSource)
    assert isinstance(LocalDirectory(), InstantSource)
    assert not isinstance(LocalDirectory(), ContactSource)


async def test_local_names_are_shown_before_anything_is_waited_for(
    shown: Shown,
) -> None:
    crm = SlowSource(ANN)
    crm.may_answer.clear()
    local = Contact(source="local", name="Ann from here")
    resolver = Resolver([LocalDirectory(local), crm], region="US")
    lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
    await crm.asked.wait()
    assert names(shown[0]) == ["Ann from here"]
    assert not shown[0].is_final
    crm.may_answer.set()
    answer = await lookup
    assert names(answer) == ["Ann from here", "Ann Example"]
    assert answer.is_final
    assert shown[-1] == answer
    assert [one.is_final for one in shown].count(True) == 1


async def test_what_a_server_returns_is_checked_here(shown: Shown) -> None:
    resolver = Resolver([SlowSource(STRANGER, ANN)], region="US")
    answer = await resolver.resolve(NUMBER, shown)
    assert names(answer) == ["Ann Example"]
    assert answer.matches[0].quality is MatchQuality.EXACT
    assert answer.matches[0].reason == "same number, mobile"
    assert answer.reports[0].state is SourceState.ANSWERED


async def test_a_source_with_strangers_only_does_not_know_the_number(
    shown: Shown,
) -> None:
    answer = await Resolver([SlowSource(STRANGER)], region="US").resolve(NUMBER, shown)
    assert answer.matches == ()
    assert answer.best is None
    assert answer.reports[0].state is SourceState.NONE


async def test_all_sources_are_asked_at_once_and_shown_as_they_answer(
    shown: Shown,
) -> None:
    slow, quick = SlowSource(ANN, key="slow"), SlowSource(key="quick")
    slow.may_answer.clear()
    resolver = Resolver([slow, quick], region="US")
    lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
    await shown.until(lambda one: one.reports[1].state is SourceState.NONE)
    assert not lookup.done()
    slow.may_answer.set()
    await lookup
    assert shown.states() == ["asked+asked", "asked+none", "answered+none"]


async def test_a_late_source_is_named_and_still_shown_when_it_comes(
    shown: Shown,
) -> None:
    crm = SlowSource(ANN)
    crm.may_answer.clear()
    resolver = Resolver([crm], region="US", soft_seconds=0.01)
    lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
    await shown.until(lambda one: one.reports[0].state is SourceState.LATE)
    crm.may_answer.set()
    answer = await lookup
    assert names(answer) == ["Ann Example"]
    assert shown.states() == ["asked", "late", "answered"]


@pytest.mark.parametrize(("own", "hard"), [(0.01, 30.0), (30.0, 0.01)])
async def test_nobody_waits_longer_than_the_deadline(
    shown: Shown, own: float, hard: float
) -> None:
    crm = SlowSource(ANN, deadline_seconds=own)
    crm.may_answer.clear()
    resolver = Resolver([crm], region="US", hard_seconds=hard)
    answer = await resolver.resolve(NUMBER, shown)
    (report,) = answer.reports
    assert report.state is SourceState.LATE
    assert report.problem == "no answer within 0.01 s"
    assert crm.withdrawn == 1


async def test_a_failing_source_costs_the_others_nothing(shown: Shown) -> None:
    broken, crm = SlowSource(key="broken"), SlowSource(ANN)
    broken.failure = ProviderUnavailable("The CRM is out of order")
    answer = await Resolver([broken, crm], region="US").resolve(NUMBER, shown)
    assert names(answer) == ["Ann Example"]
    assert answer.reports[0].state is SourceState.FAILED
    assert answer.reports[0].problem == "The CRM is out of order"


@pytest.mark.expects_log("lookup in broken failed")
async def test_a_bug_in_a_source_is_logged_and_costs_the_others_nothing(
    shown: Shown,
) -> None:
    broken, crm = SlowSource(key="broken"), SlowSource(ANN)
    broken.failure = ZeroDivisionError("a bug")
    answer = await Resolver([broken, crm], region="US").resolve(NUMBER, shown)
    assert names(answer) == ["Ann Example"]
    assert answer.reports[0].state is SourceState.FAILED


@pytest.mark.expects_log("lookup in local failed: The database is busy")
async def test_a_busy_directory_costs_the_others_nothing(shown: Shown) -> None:
    local = LocalDirectory(failure=StoreBusy("The database is busy"))
    answer = await Resolver([local, SlowSource(ANN)], region="US").resolve(
        NUMBER, shown
    )
    assert names(answer) == ["Ann Example"]
    assert answer.reports[0].state is SourceState.FAILED


async def test_answers_are_remembered_for_a_while(shown: Shown) -> None:
    clock = Clock()
    crm = SlowSource(ANN)
    resolver = Resolver([crm], LookupCache(clock), region="US", clock=clock)
    await resolver.resolve(NUMBER, shown)
    again = await resolver.resolve(NUMBER, shown)
    assert crm.questions == 1
    assert again.reports[0].is_from_cache
    assert names(resolver.resolve_now(NUMBER)) == ["Ann Example"]
    clock.now = 7201
    assert resolver.resolve_now(NUMBER).matches == ()
    await resolver.resolve(NUMBER, shown)
    assert crm.questions == 2


async def test_records_without_the_number_are_remembered_as_not_known(
    shown: Shown,
) -> None:
    """For minutes: whoever is entered in the CRM now is there at the next call."""
    clock = Clock()
    crm = SlowSource(STRANGER)
    resolver = Resolver([crm], LookupCache(clock), region="US", clock=clock)
    await resolver.resolve(NUMBER, shown)
    crm.contacts = (STRANGER, ANN)
    clock.now = 301
    assert names(await resolver.resolve(NUMBER, shown)) == ["Ann Example"]
    kept = resolver.cache.get("crm", NUMBER.key)
    assert kept == (ANN,)


async def test_a_match_tells_how_old_it_is_from_the_cache_as_well(
    shown: Shown,
) -> None:
    clock = Clock()
    moments = iter((THIS_MORNING, datetime(2026, 1, 5, 12, tzinfo=UTC)))
    resolver = Resolver(
        [SlowSource(ANN)],
        LookupCache(clock),
        region="US",
        clock=clock,
        now=lambda: next(moments),
    )
    (match,) = (await resolver.resolve(NUMBER, shown)).matches
    (again,) = (await resolver.resolve(NUMBER, shown)).matches
    assert match.known_at == again.known_at == THIS_MORNING


async def test_ten_thousand_matches_are_cut_to_what_anybody_may_look_at(
    shown: Shown,
) -> None:
    many = [replace(ANN, source_id=str(at), name=f"Ann {at}") for at in range(10_000)]
    answer = await Resolver([SlowSource(*many)], region="US").resolve(NUMBER, shown)
    assert len(answer.matches) == 50


async def test_an_answer_for_a_source_that_is_gone_is_not_remembered(
    shown: Shown,
) -> None:
    """Another one of the same name would be taken to have said it."""
    cache, gone = LookupCache(Clock()), SlowSource(ANN)
    gone.may_answer.clear()
    resolver = Resolver([gone], cache, region="US")
    lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
    await gone.asked.wait()
    resolver.retire()
    gone.may_answer.set()
    assert names(await lookup) == ["Ann Example"]
    assert cache.get("crm", NUMBER.key) is None


@pytest.mark.expects_log("lookup in broken failed")
async def test_an_answer_that_is_no_answer_costs_the_others_nothing(
    shown: Shown,
) -> None:
    broken, crm = SlowSource(key="broken"), SlowSource(ANN)
    broken.contacts = None  # type: ignore[assignment]
    answer = await Resolver([broken, crm], region="US").resolve(NUMBER, shown)
    assert names(answer) == ["Ann Example"]
    assert answer.silent == ("BROKEN",)


async def test_failures_are_not_remembered_as_not_known(shown: Shown) -> None:
    crm = SlowSource(ANN)
    crm.failure = ProviderUnavailable("The CRM is out of order")
    resolver = Resolver([crm], region="US")
    await resolver.resolve(NUMBER, shown)
    crm.failure = None
    assert names(await resolver.resolve(NUMBER, shown)) == ["Ann Example"]


async def test_a_source_that_keeps_failing_is_left_alone_and_tried_again(
    shown: Shown,
) -> None:
    clock = Clock()
    crm = SlowSource(ANN)
    crm.failure = ProviderUnavailable("The CRM is out of order")
    resolver = Resolver([crm], region="US", clock=clock)
    for _ in range(3):
        await resolver.resolve(NUMBER, shown)
    answer = await resolver.resolve(NUMBER, shown)
    assert answer.reports[0].state is SourceState.SKIPPED
    assert crm.questions == 3
    clock.now = 31
    crm.failure = None
    assert names(await resolver.resolve(NUMBER, shown)) == ["Ann Example"]


async def test_a_source_that_asks_for_a_pause_gets_it(shown: Shown) -> None:
    clock = Clock()
    crm = SlowSource(ANN)
    crm.failure = ProviderThrottled("Too many requests", retry_after_seconds=90)
    resolver = Resolver([crm], region="US", clock=clock)
    await resolver.resolve(NUMBER, shown)
    clock.now = 89
    answer = await resolver.resolve(NUMBER, shown)
    assert answer.reports[0].state is SourceState.SKIPPED
    assert "1 s" in answer.reports[0].problem


async def test_a_cancelled_lookup_withdraws_every_question(shown: Shown) -> None:
    first, second = SlowSource(ANN, key="first"), SlowSource(key="second")
    first.may_answer.clear()
    second.may_answer.clear()
    resolver = Resolver([first, second], region="US")
    before = asyncio.all_tasks()
    lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
    await first.asked.wait()
    await second.asked.wait()
    lookup.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lookup
    assert (first.withdrawn, second.withdrawn) == (1, 1)
    assert asyncio.all_tasks() == before
    assert not any(answer.is_final for answer in shown)


async def test_being_cancelled_is_not_held_against_a_source(shown: Shown) -> None:
    crm = SlowSource(ANN)
    resolver = Resolver([crm], region="US")
    for _ in range(5):
        crm.may_answer.clear()
        crm.asked.clear()
        lookup = asyncio.create_task(resolver.resolve(NUMBER, shown))
        await crm.asked.wait()
        lookup.cancel()
        with pytest.raises(asyncio.CancelledError):
            await lookup
    crm.may_answer.set()
    assert names(await resolver.resolve(NUMBER, shown)) == ["Ann Example"]


async def test_a_withheld_number_is_asked_of_nobody(shown: Shown) -> None:
    crm = SlowSource(ANN)
    resolver = Resolver([LocalDirectory(ANN), crm], region="US")
    answer = await resolver.resolve(read_number("anonymous", "US"), shown)
    assert answer.matches == ()
    assert crm.questions == 0
    assert [report.state for report in answer.reports] == [SourceState.SPARED] * 2
    assert answer.silent == ()
    assert shown == [answer]


async def test_many_lookups_at_once_do_not_mix(shown: Shown) -> None:
    class Mirror(SlowSource):
        async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
            await asyncio.sleep(0)
            numbers = (ContactNumber(number.e164),)
            return (Contact(source="crm", name=number.e164, numbers=numbers),)

    resolver = Resolver([Mirror()], region="US")
    numbers = [read_number(f"+120255501{n:02d}", "US") for n in range(100)]
    answers = await asyncio.gather(*(resolver.resolve(one, shown) for one in numbers))
    assert [names(answer) for answer in answers] == [[one.e164] for one in numbers]


async def test_searching_joins_what_the_sources_find_in_their_order() -> None:
    slow, quick = SlowSource(ANN, key="a"), SlowSource(STRANGER, key="b")
    resolver = Resolver([slow, quick])
    found = await resolver.search("an", 10)
    assert [contact.name for contact in found] == ["Ann Example", "Bob"]
    assert len(await resolver.search("an", 1)) == 1


@pytest.mark.expects_log("search in c failed")
async def test_searching_leaves_out_who_fails_or_takes_too_long() -> None:
    down, slow = SlowSource(key="a"), SlowSource(ANN, key="b", deadline_seconds=0.01)
    down.failure = ProviderUnavailable("The CRM is out of order")
    slow.may_answer.clear()
    broken = SlowSource(key="c")
    broken.failure = ZeroDivisionError("a bug")
    resolver = Resolver([down, slow, broken, SlowSource(STRANGER, key="d")])
    assert await resolver.search("an", 10) == (STRANGER,)
