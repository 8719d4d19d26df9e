"""Who calls: the local directory at once, the sources that take longer after it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.numbers import national_significant
from screenpop.lookup.cache import LookupCache
from screenpop.lookup.protocol import ContactSource, InstantSource, SourceState
from screenpop.lookup.ranking import nobody_joined
from screenpop.lookup.resolver import Resolver
from screenpop.providers.protocol import SupportsContactSearch
from screenpop.services.matches import sole_best, with_remembered_choice
from screenpop.store.sayings import is_private
from screenpop.wording import marked, tr

if TYPE_CHECKING:
    from screenpop.config.settings import LookupSettings
    from screenpop.domain.contacts import Contact, ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.protocol import LookupAnswer, SourceReport
    from screenpop.services.caller_sayings import CallerSayings
    from screenpop.services.connections import Connection, Connections
    from screenpop.store.chosen_people import ChosenPerson
    from screenpop.store.contacts import LocalContacts

LOCAL_LABEL: Final = marked("Contacts on this computer")

_TOLD: Final = (SourceState.ANSWERED, SourceState.NONE)
_UNTOLD: Final = (SourceState.FAILED, SourceState.LATE)


class LocalDirectory:
    """The contacts on this computer as an instant source."""

    key = "local"
    label = LOCAL_LABEL

    def __init__(self, contacts: LocalContacts) -> None:
        self._contacts = contacts

    def by_number_now(self, number: PhoneNumber) -> tuple[ContactMatch, ...]:
        """Everybody with this number or extension; microseconds."""
        if number.extension and not number.e164:
            return self._contacts.match_extension(number.extension)
        if not number.e164:
            return ()
        return self._contacts.match_number(
            number.e164, national_significant(number.e164)
        )


def known_locally(contacts: LocalContacts, number: PhoneNumber) -> Contact | None:
    """The one contact on this computer with a number; None for none or several.

    Nor is it somebody of whom only the last digits are the same, or of whose number
    the user said that it is private: lists name nobody then.
    """
    if is_private(contacts, number.key):
        return None
    matches = LocalDirectory(contacts).by_number_now(number)
    match = sole_best(matches)
    return match.contact if match and match.is_sure else None


class ProviderContacts:
    """The contacts that a phone system keeps itself, as a live source."""

    def __init__(self, connection: Connection, deadline_seconds: float) -> None:
        self._search = connection.ability(SupportsContactSearch)
        self.key = connection.account_id
        self.label = connection.label
        self.deadline_seconds = deadline_seconds

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """What the phone system returns for a number; whoever asks checks it."""
        if not number.e164:
            return ()
        return await self._search.find_by_number(number.e164)

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts that contain a text."""
        page = await self._search.search_contacts(text, limit=limit)
        return page.contacts


class CallerLookup:
    """Asks every source; the sources follow the accounts as they come and go."""

    def __init__(
        self,
        contacts: LocalContacts,
        connections: Connections,
        settings: LookupSettings,
        region: str,
        clock: Callable[[], float] = time.monotonic,
        further: Callable[[], tuple[ContactSource, ...]] = tuple,
        said: CallerSayings | None = None,
        failed: Callable[[SourceReport], None] = lambda _: None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Ask nobody yet.

        Args:
            contacts: The contacts on this computer.
            connections: The accounts; those that keep contacts are asked.
            settings: How long to wait, and to believe.
            region: In which to read numbers without a country code.
            clock: Seconds that only go forward.
            further: Gives the sources that the user has set up.
            said: What the user has said about callers; None for nothing.
            failed: Told, once, of a source of theirs that only the user can mend.
            now: What time it is, for the age of an answer.
        """
        self._said = said
        self._failed = failed
        self._now = now
        self._local = LocalDirectory(contacts)
        self._connections = connections
        self._settings = settings
        self._region = region
        self._clock = clock
        self._further = further
        self._asked: tuple[ContactSource, ...] = ()
        self._cache = LookupCache(
            clock,
            hit_seconds=settings.keep_hits_minutes * 60,
            miss_seconds=settings.keep_misses_minutes * 60,
        )
        self._known: tuple[Connection, ...] = ()
        self._problems: dict[str, SourceReport] = {}
        self._answered_at: dict[str, datetime] = {}
        self._told_of: set[str] = set()
        self._resolver = self._make_resolver()

    def now(self, number: PhoneNumber) -> LookupAnswer:
        """What is known without waiting: microseconds."""
        answer = self._current().resolve_now(number)
        if self._is_private(number):
            answer = _kept_here(answer)
        return self._with_choice(answer, self._choice(number))

    async def ask(
        self, number: PhoneNumber, show: Callable[[LookupAnswer], None]
    ) -> LookupAnswer:
        """Ask everybody; ``show`` gets each new state of knowledge.

        Whom the user chose for the number comes first, before any ranking. Until the
        source that knows them has said its word, they are shown by the name they had:
        nobody else takes their place because a source is slow or away.
        """
        if self._is_private(number):
            known = replace(self.now(number), is_final=True)
            show(known)
            return known
        choice = self._choice(number)
        answer = await self._current().resolve(
            number, lambda known: show(self._with_choice(known, choice))
        )
        for report in answer.reports:
            if report.state in _UNTOLD:
                self._note_problem(report)
            elif report.state in _TOLD and not report.is_from_cache:
                self.note_answer(report.source)
        return self._with_choice(answer, choice)

    def _with_choice(
        self, answer: LookupAnswer, choice: ChosenPerson | None
    ) -> LookupAnswer:
        """The user's own choice comes before the team's."""
        if choice is None and self._said is not None:
            return self._said.with_team_choice(answer)
        return with_remembered_choice(answer, choice)

    def _note_problem(self, report: SourceReport) -> None:
        self._problems[report.source] = report
        # Phone systems say themselves how they are.
        is_theirs = any(source.key == report.source for source in self._asked)
        if is_theirs and report.is_for_user and report.source not in self._told_of:
            self._told_of.add(report.source)
            self._failed(report)

    def _choice(self, number: PhoneNumber) -> ChosenPerson | None:
        return self._said.choice(number) if self._said else None

    def _is_private(self, number: PhoneNumber) -> bool:
        return self._said is not None and self._said.is_private(number)

    def problem_of(self, source: str) -> str:
        """Why a source's latest answer did not come; "" when it came."""
        report = self._problems.get(source)
        return report.problem if report else ""

    def note_answer(self, source: str) -> None:
        """A source has just answered, here or when it was tested."""
        self._problems.pop(source, None)
        self._told_of.discard(source)
        self._answered_at[source] = self._now()

    def answered_at(self, source: str) -> datetime | None:
        """When a source last answered in this run; None for not yet."""
        return self._answered_at.get(source)

    def advice_of(self, source: str) -> str:
        """What the user can do about that problem; may be ""."""
        report = self._problems.get(source)
        return report.advice if report else ""

    def forget_problem(self, source: str) -> None:
        """The source was changed: what was wrong with it says nothing any more."""
        self._problems.pop(source, None)
        self._told_of.discard(source)
        self._answered_at.pop(source, None)

    async def search(self, text: str, limit: int) -> tuple[Contact, ...]:
        """Contacts of the slow sources whose name, company or number fits."""
        return await self._current().search(text, limit)

    def forget(self, number: PhoneNumber) -> None:
        """Drop what sources said about a number: it was edited or forgotten."""
        self._cache.forget_number(number.key)

    def forget_all(self) -> None:
        """Drop everything that sources said."""
        self._cache.clear()

    def _current(self) -> Resolver:
        present = self._connections.all()
        asked = self._further()
        if self._known != present or self._asked != asked:
            for source in self._asked:
                if not any(each is source for each in asked):
                    self._cache.forget_source(source.key)
            for gone in self._known:
                # Another account may be called the same, or ask with another key.
                if not any(each is gone for each in present):
                    self._cache.forget_source(gone.account_id)
            self._resolver.retire()
            self._resolver = self._make_resolver()
        return self._resolver

    def _make_resolver(self) -> Resolver:
        """One for the sources there are now."""
        self._known = self._connections.all()
        self._asked = self._further()
        sources: list[ContactSource | InstantSource] = [self._local]
        sources += [
            ProviderContacts(connection, self._settings.hard_seconds)
            for connection in self._known
            if connection.able(SupportsContactSearch) is not None
        ]
        sources += self._asked
        return Resolver(
            sources,
            self._cache,
            region=self._region,
            clock=self._clock,
            soft_seconds=self._settings.soft_seconds,
            hard_seconds=self._settings.hard_seconds,
            persons=self._said.persons if self._said else nobody_joined,
            now=self._now,
        )


def _kept_here(answer: LookupAnswer) -> LookupAnswer:
    """An answer that asks nobody else: the question itself would tell too much."""
    reports = tuple(
        replace(report, state=SourceState.SPARED, problem=tr("the number is private"))
        if report.state is SourceState.ASKED
        else report
        for report in answer.reports
    )
    return replace(answer, reports=reports)


def is_complete(answer: LookupAnswer) -> bool:
    """Whether nobody is left to be asked."""
    return all(report.state is not SourceState.ASKED for report in answer.reports)
