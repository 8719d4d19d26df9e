"""What can tell who a number belongs to, and what is known at any moment."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from screenpop.domain.frozen import frozen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.contacts import Contact, ContactMatch
    from screenpop.domain.numbers import PhoneNumber


@runtime_checkable
class ContactSource(Protocol):
    """Somebody to ask who takes a while: a CRM, a phone system's address book."""

    @property
    def key(self) -> str:
        """Tells it from other sources; the same at every start."""
        ...

    @property
    def label(self) -> str:
        """Its name for the user."""
        ...

    @property
    def deadline_seconds(self) -> float:
        """How long its answer may take before it is given up."""
        ...

    async def by_number(self, number: PhoneNumber) -> tuple[Contact, ...]:
        """Contacts that may have the number; whoever asks checks them.

        Raises:
            ScreenpopError: It could not be asked.
        """
        ...

    async def by_text(self, text: str, limit: int) -> tuple[Contact, ...]:
        """At most ``limit`` contacts whose name, company or number has ``text``.

        Raises:
            ScreenpopError: It could not be asked.
        """
        ...


@frozen(kw_only=True)
class ContactChanges:
    """What became of a source's contacts since a mark.

    Attributes:
        changed: New ones, and the others as they are now.
        gone_ids: The ``source_id`` of those that are no longer there.
        mark: What to ask with next time; opaque.
        is_whole: ``changed`` is all there is: whatever is not in it is gone.
        has_more: Ask again at once with ``mark``.
    """

    changed: tuple[Contact, ...] = ()
    gone_ids: tuple[str, ...] = ()
    mark: str = ""
    is_whole: bool = False
    has_more: bool = False


@runtime_checkable
class SyncedSource(Protocol):
    """Somebody who cannot look a number up, or not well: all contacts are copied.

    The copy lies in the local directory under ``key``, so that a caller is known at
    once, offline as well.
    """

    @property
    def key(self) -> str:
        """Tells it from other sources; the same at every start."""
        ...

    @property
    def label(self) -> str:
        """Its name for the user."""
        ...

    async def changes(self, mark: str) -> ContactChanges:
        """What is new since ``mark``; "" for everything, from the beginning.

        A mark that the source no longer knows is answered as "".

        Raises:
            ScreenpopError: It could not be asked.
        """
        ...


@runtime_checkable
class SupportsSourceCheck(Protocol):
    """Can prove that address and key are right, and be closed."""

    async def check(self) -> str:
        """Who or what the source says we are, one line for the user.

        Raises:
            ScreenpopError: It cannot be reached, or refuses the key.
        """
        ...

    async def aclose(self) -> None:
        """Let go of connections; it is not used afterwards."""
        ...


@runtime_checkable
class SupportsOffers(Protocol):
    """Has parts of which a user may want some only, such as address books."""

    async def offers(self) -> Mapping[str, tuple[str, ...]]:
        """What can be chosen, by the setting that takes it, several with commas.

        Raises:
            ScreenpopError: It could not be asked.
        """
        ...


@runtime_checkable
class InstantSource(Protocol):
    """Somebody who knows at once: the local directory."""

    @property
    def key(self) -> str:
        """Tells it from other sources; the same at every start."""
        ...

    @property
    def label(self) -> str:
        """Its name for the user."""
        ...

    def by_number_now(self, number: PhoneNumber) -> tuple[ContactMatch, ...]:
        """Everybody who has the number; within microseconds, never waiting.

        Raises:
            ScreenpopError: It could not be asked.
        """
        ...


class SourceState(StrEnum):
    """How one source did for one number."""

    ASKED = "asked"
    """The answer may still come in time."""
    ANSWERED = "answered"
    NONE = "none"
    """It does not know the number."""
    LATE = "late"
    """No answer within the soft limit; one that comes yet is still shown."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not asked: it failed too often just now."""
    SPARED = "spared"
    """Not to be asked: the number is private, or there is none."""


_SILENT: Final = (SourceState.LATE, SourceState.FAILED, SourceState.SKIPPED)


@frozen(kw_only=True)
class SourceReport:
    """How one source did for one number.

    Attributes:
        source: Its key.
        label: Its name for the user.
        took_seconds: From the question to the answer, or until now.
        problem: Why there was no answer, one sentence; else "".
        advice: What the user can do about it; may be "".
        is_for_user: Only the user can mend it: a key or sign-in is of no use.
        is_from_cache: The answer is one it gave before.
    """

    source: str
    label: str
    state: SourceState
    took_seconds: float = 0.0
    problem: str = ""
    advice: str = ""
    is_for_user: bool = False
    is_from_cache: bool = False


@frozen(kw_only=True)
class LookupAnswer:
    """What is known about a number at one moment.

    Attributes:
        matches: The best first; the same person from two sources is one.
        reports: One for each source, in the order the sources were given.
        is_final: Nothing more will come.
    """

    number: PhoneNumber
    matches: tuple[ContactMatch, ...] = ()
    reports: tuple[SourceReport, ...] = ()
    is_final: bool = False

    @property
    def silent(self) -> tuple[str, ...]:
        """The names of the sources that were to be asked and gave no answer."""
        return tuple(report.label for report in self.reports if report.state in _SILENT)

    @property
    def best(self) -> ContactMatch | None:
        """The likeliest one."""
        return self.matches[0] if self.matches else None
