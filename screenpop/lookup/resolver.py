"""Ask everybody who may know a number, show what is known at every moment."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError
from screenpop.lookup.cache import LookupCache
from screenpop.lookup.circuit_breaker import CircuitBreaker
from screenpop.lookup.inquiry import Inquiry
from screenpop.lookup.protocol import (
    ContactSource,
    InstantSource,
    LookupAnswer,
    SourceState,
)
from screenpop.lookup.ranking import Persons, nobody_joined, verify

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact, ContactMatch
    from screenpop.domain.numbers import PhoneNumber

Show = Callable[[LookupAnswer], None]

_SOFT_SECONDS: Final = 1.5
_HARD_SECONDS: Final = 5.0
# A source may give thousands, and each pair of matches is compared with each other.
_MOST_CONTACTS: Final = 200
_MOST_MATCHES: Final = 50
_log = logging.getLogger(__name__)


class Resolver:
    """Finds out whose number it is."""

    def __init__(
        self,
        sources: Sequence[ContactSource | InstantSource],
        cache: LookupCache | None = None,
        *,
        region: str = "",
        clock: Callable[[], float] = time.monotonic,
        soft_seconds: float = _SOFT_SECONDS,
        hard_seconds: float = _HARD_SECONDS,
        persons: Persons = nobody_joined,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Nothing is asked yet.

        Args:
            sources: The most trusted first.
            cache: What slow sources said before; None for an empty one.
            region: In which to read what the sources have.
            clock: Seconds that only go forward.
            soft_seconds: After this a source is reported as late.
            hard_seconds: After this no source is waited for, whatever its own
                deadline.
            persons: Which entries the user said to be one person.
            now: What time it is, for the age of an answer.
        """
        self.cache = cache if cache is not None else LookupCache(clock)
        self._sources = tuple(sources)
        self._region = region
        self._clock = clock
        self._soft_seconds = soft_seconds
        self._hard_seconds = hard_seconds
        self._persons = persons
        self._now = now
        self._breakers = {
            source.key: CircuitBreaker(clock)
            for source in self._sources
            if isinstance(source, ContactSource)
        }

    def retire(self) -> None:
        """Let what is still on its way be shown, but not be remembered.

        It may be of a source that is gone, in whose place another has come.
        """
        self.cache = LookupCache(self._clock)

    def resolve_now(self, number: PhoneNumber) -> LookupAnswer:
        """What is known without waiting: the local directory and the cache."""
        return self._begin(number).answer(is_final=False)

    async def resolve(self, number: PhoneNumber, show: Show) -> LookupAnswer:
        """Ask everybody; ``show`` gets each new state of knowledge, the last one too.

        The first call of ``show`` comes before anything is waited for. Cancelling is
        safe at any time: every question still open is withdrawn.

        Args:
            number: Who calls.
            show: Called in the loop's thread; it must not raise.
        """
        import asyncio

        inquiry = self._begin(number)
        waiting = [
            source
            for source in self._sources
            if isinstance(source, ContactSource)
            and inquiry.state_of(source) is SourceState.ASKED
        ]
        admitted = [source for source in waiting if self._admit(source, inquiry)]
        if admitted:
            show(inquiry.answer(is_final=False))
            async with asyncio.TaskGroup() as group:
                soft_limit = group.create_task(self._mark_late(inquiry, show))
                questions = [
                    group.create_task(self._ask(source, inquiry, show))
                    for source in admitted
                ]
                await asyncio.wait(questions)
                soft_limit.cancel()
        answer = inquiry.answer(is_final=True)
        show(answer)
        return answer

    async def search(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts of all slow sources for a text, in the order of the sources.

        A source that fails or takes too long is left out.
        """
        import asyncio

        sources = [
            source
            for source in self._sources
            if isinstance(source, ContactSource)
            and not self._breakers[source.key].resumes_in_seconds
        ]
        answers = await asyncio.gather(
            *(self._search_in(source, text, limit) for source in sources)
        )
        return tuple(contact for answer in answers for contact in answer)[:limit]

    async def _search_in(
        self, source: ContactSource, text: str, limit: int
    ) -> tuple[Contact, ...]:
        import asyncio

        try:
            async with asyncio.timeout(self._limit_of(source)):
                return await source.by_text(text, limit)
        except (ScreenpopError, TimeoutError) as error:
            _log.info("no contacts from %s: %s", source.key, error)
        except Exception:  # noqa: BLE001 (as in _ask)
            _log.exception("search in %s failed", source.key)
        return ()

    # --- one inquiry -----------------------------------------------------------------

    def _begin(self, number: PhoneNumber) -> Inquiry:
        """Everything that is known without waiting."""
        keys = [source.key for source in self._sources]
        inquiry = Inquiry(number, keys, self._persons)
        for source in self._sources:
            if not number.key:
                inquiry.note(source, SourceState.SPARED, problem="there is no number")
            elif isinstance(source, InstantSource):
                self._ask_instant(source, inquiry)
            else:
                self._ask_cache(source, inquiry)
        return inquiry

    def _ask_instant(self, source: InstantSource, inquiry: Inquiry) -> None:
        began = self._clock()
        try:
            matches = source.by_number_now(inquiry.number)
        except ScreenpopError as error:
            _log.warning("lookup in %s failed: %s", source.key, error.title)
            inquiry.note(source, SourceState.FAILED, problem=error.title)
            return
        took = self._clock() - began
        inquiry.matches[source.key] = matches
        state = SourceState.ANSWERED if matches else SourceState.NONE
        inquiry.note(source, state, took_seconds=took)

    def _ask_cache(self, source: ContactSource, inquiry: Inquiry) -> None:
        contacts = self.cache.get(source.key, inquiry.number.key)
        if contacts is None:
            inquiry.note(source, SourceState.ASKED)
        else:
            told_at = self.cache.told_at(source.key, inquiry.number.key)
            matches = self._matches(source, contacts, inquiry.number, 0.0, told_at)
            self._take(source, matches, inquiry, 0.0, is_from_cache=True)

    def _admit(self, source: ContactSource, inquiry: Inquiry) -> bool:
        breaker = self._breakers[source.key]
        if breaker.admit():
            return True
        pause = breaker.resumes_in_seconds
        problem = f"it failed too often; asked again in {pause:.0f} s"
        inquiry.note(source, SourceState.SKIPPED, problem=problem)
        return False

    async def _ask(self, source: ContactSource, inquiry: Inquiry, show: Show) -> None:
        import asyncio

        breaker = self._breakers[source.key]
        limit = self._limit_of(source)
        began = self._clock()
        try:
            async with asyncio.timeout(limit):
                contacts = await source.by_number(inquiry.number)
            took, told_at = self._clock() - began, self._now()
            matches = self._matches(source, contacts, inquiry.number, took, told_at)
        except asyncio.CancelledError:
            breaker.abandoned()
            raise
        except TimeoutError:
            breaker.failed()
            problem = f"no answer within {limit:g} s"
            inquiry.note(source, SourceState.LATE, self._clock() - began, problem)
        except ScreenpopError as error:
            wait = getattr(error, "retry_after_seconds", None)
            breaker.failed(wait)
            inquiry.note_failure(source, self._clock() - began, error)
        # A source may be somebody else's code; its bugs must not cost the others.
        except Exception:  # noqa: BLE001 (it is logged)
            _log.exception("lookup in %s failed", source.key)
            breaker.failed()
            problem = "it failed unexpectedly; the log has details"
            inquiry.note(source, SourceState.FAILED, self._clock() - began, problem)
        else:
            breaker.succeeded()
            known = tuple(match.contact for match in matches)
            self.cache.put(source.key, inquiry.number.key, known, told_at)
            self._take(source, matches, inquiry, took)
        if inquiry.is_open:
            show(inquiry.answer(is_final=False))

    async def _mark_late(self, inquiry: Inquiry, show: Show) -> None:
        import asyncio

        began = self._clock()
        await asyncio.sleep(self._soft_seconds)
        for source in self._sources:
            if inquiry.state_of(source) is SourceState.ASKED:
                inquiry.note(source, SourceState.LATE, self._clock() - began)
        show(inquiry.answer(is_final=False))

    def _matches(
        self,
        source: ContactSource,
        contacts: Iterable[Contact],
        number: PhoneNumber,
        took_seconds: float,
        told_at: datetime | None,
    ) -> tuple[ContactMatch, ...]:
        """Those of a source's contacts that have the number."""
        found = (
            verify(
                contact,
                number,
                self._region,
                source_label=source.label,
                took_seconds=took_seconds,
                told_at=told_at,
            )
            for contact in islice(contacts, _MOST_CONTACTS)
        )
        return tuple(islice((match for match in found if match), _MOST_MATCHES))

    @staticmethod
    def _take(
        source: ContactSource,
        matches: tuple[ContactMatch, ...],
        inquiry: Inquiry,
        took_seconds: float,
        *,
        is_from_cache: bool = False,
    ) -> None:
        inquiry.matches[source.key] = matches
        state = SourceState.ANSWERED if matches else SourceState.NONE
        inquiry.note(source, state, took_seconds, is_from_cache=is_from_cache)

    def _limit_of(self, source: ContactSource) -> float:
        return min(source.deadline_seconds, self._hard_seconds)
