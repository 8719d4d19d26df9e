"""What was found out about one number so far, by which source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    AuthenticationFailed,
    PermissionDenied,
    ScreenpopError,
    SecretError,
)
from screenpop.lookup.protocol import LookupAnswer, SourceReport, SourceState
from screenpop.lookup.ranking import Persons, rank

if TYPE_CHECKING:
    from screenpop.domain.contacts import ContactMatch
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.lookup.protocol import ContactSource, InstantSource

_FOR_THE_USER: Final = (AuthenticationFailed, PermissionDenied, SecretError)


@dataclass(slots=True)
class Inquiry:
    """One question, and the state of every source's answer to it."""

    number: PhoneNumber
    sources: list[str]
    persons: Persons
    matches: dict[str, tuple[ContactMatch, ...]] = field(default_factory=dict)
    reports: dict[str, SourceReport] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether an answer may still come."""
        return any(
            report.state is SourceState.ASKED
            or (report.state is SourceState.LATE and not report.problem)
            for report in self.reports.values()
        )

    def state_of(self, source: ContactSource | InstantSource) -> SourceState:
        """How a source does at this moment."""
        return self.reports[source.key].state

    def note(
        self,
        source: ContactSource | InstantSource,
        state: SourceState,
        took_seconds: float = 0.0,
        problem: str = "",
        *,
        is_from_cache: bool = False,
    ) -> None:
        """Keep how a source did."""
        self.reports[source.key] = SourceReport(
            source=source.key,
            label=source.label,
            state=state,
            took_seconds=took_seconds,
            problem=problem,
            is_from_cache=is_from_cache,
        )

    def note_failure(
        self, source: ContactSource, took_seconds: float, error: ScreenpopError
    ) -> None:
        """Keep why a source could not be asked, and whose matter that is."""
        self.reports[source.key] = SourceReport(
            source=source.key,
            label=source.label,
            state=SourceState.FAILED,
            took_seconds=took_seconds,
            problem=error.title,
            advice=error.advice,
            is_for_user=isinstance(error, _FOR_THE_USER),
        )

    def answer(self, *, is_final: bool) -> LookupAnswer:
        """All that is known at this moment."""
        by_source = [self.matches.get(source, ()) for source in self.sources]
        return LookupAnswer(
            number=self.number,
            matches=tuple(rank(by_source, self.persons)),
            reports=tuple(self.reports[source] for source in self.sources),
            is_final=is_final,
        )
