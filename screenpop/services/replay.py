"""Rebuild calls from the journal and say what would be different."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import fields
from datetime import datetime
from typing import TYPE_CHECKING, Final

from screenpop.domain.call_fold import derive
from screenpop.domain.calls import CallRef
from screenpop.domain.frozen import frozen
from screenpop.services.call_backs import call_back_of
from screenpop.services.call_rows import row_of
from screenpop.services.dial_correlation import joined

if TYPE_CHECKING:
    from screenpop.domain.calls import Call
    from screenpop.domain.events import CallEvent
    from screenpop.services.call_tracker import TrackedAccount
    from screenpop.services.clock import Clock
    from screenpop.services.dial_correlation import DialBook
    from screenpop.store.call_log import CallLog
    from screenpop.store.call_rows import CallRow
    from screenpop.store.journal import Journal

NOT_DERIVED: Final = frozenset(
    {"matched_name", "matched_company", "note", "last_heard_at"}
)


@frozen
class ReplayDifference:
    """One value that comes out differently.

    Attributes:
        stored: What the call log has; "" when it lacks the call.
        rebuilt: What the journal gives.
    """

    ref: CallRef
    name: str
    stored: str
    rebuilt: str


@frozen
class ReplayReport:
    """What a replay found."""

    deliveries: int
    calls: int
    unreadable: int
    differences: tuple[ReplayDifference, ...]


class Replay:
    """Folds the journal anew with today's adapters."""

    def __init__(
        self,
        *,
        journal: Journal,
        log: CallLog,
        accounts: Callable[[str], TrackedAccount | None],
        dials: DialBook,
        clock: Clock,
    ) -> None:
        self._journal = journal
        self._log = log
        self._accounts = accounts
        self._dials = dials
        self._clock = clock

    async def run(self, since: datetime | None, *, write: bool) -> ReplayReport:
        """Fold every delivery since a moment.

        Args:
            since: None for the whole journal.
            write: Put what was rebuilt into the call log.
        """
        events, deliveries, unreadable = self._events(since)
        differences: list[ReplayDifference] = []
        changed: list[CallRow] = []
        calls = 0
        folded = self._calls(events)
        for ref, row in self._rows(folded):
            calls += 1
            stored = self._log.get(ref.account_id, ref.call_id)
            found = differences_of(ref, stored, row)
            if found:
                changed.append(row)
                differences += found
        if write:
            # Only what differs: the running app may know more of the others by now.
            flat = [event for facts in events.values() for event in facts]
            backs = [call_back_of(each, self._region_of(each)) for each in folded]
            await asyncio.wrap_future(
                self._log.commit(events=flat, rows=changed, call_backs=backs)
            )
        return ReplayReport(deliveries, calls, unreadable, tuple(differences))

    def _events(
        self, since: datetime | None
    ) -> tuple[dict[CallRef, set[CallEvent]], int, int]:
        events: dict[CallRef, set[CallEvent]] = {}
        oldest: datetime | None = None
        count = unreadable = 0
        for delivery in self._journal.iter_since(since or 0):
            count += 1
            oldest = min(oldest or delivery.received_at, delivery.received_at)
            account = self._accounts(delivery.account_id)
            if account is None or account.parser is None:
                unreadable += 1
                continue
            parsed = account.parser.parse(delivery)
            unreadable += parsed.problem is not None
            for event in parsed.events:
                ref = CallRef(event.account_id, event.call_id)
                events.setdefault(ref, set()).add(event)
        for ref, facts in events.items():
            known = self._log.events_of(ref.account_id, ref.call_id)
            # The beginning of a call may be gone from the journal before its end is.
            facts.update(
                event
                for event in known
                if since or (oldest and event.received_at < oldest)
            )
        return events, count, unreadable

    def _calls(self, events: dict[CallRef, set[CallEvent]]) -> list[Call]:
        calls = [self._call(ref, facts) for ref, facts in events.items()]
        return [call for call in calls if call is not None]

    def _rows(self, calls: list[Call]) -> Iterator[tuple[CallRef, CallRow]]:
        """The rows of our calls, in the order in which they were first heard of."""
        ours = [call for call in calls if call.is_ours]
        for call in sorted(ours, key=lambda each: (each.first_heard_at, str(each.ref))):
            linked = joined(call, self._dials.link(call))
            yield call.ref, row_of(linked, self._region_of(call))

    def _region_of(self, call: Call) -> str:
        account = self._accounts(call.ref.account_id)
        return account.region if account else ""

    def _call(self, ref: CallRef, facts: set[CallEvent]) -> Call | None:
        account = self._accounts(ref.account_id)
        own = account.extension if account else ""
        return derive(facts, own_extension=own, now=self._clock())


def differences_of(
    ref: CallRef, stored: CallRow | None, rebuilt: CallRow
) -> list[ReplayDifference]:
    """What differs between a stored row and a rebuilt one, value by value."""
    if stored is None:
        return [ReplayDifference(ref, "call", "", "missing from the log")]
    return [
        ReplayDifference(ref, each.name, str(old), str(new))
        for each in fields(rebuilt)
        if each.name not in NOT_DERIVED
        and (old := getattr(stored, each.name)) != (new := getattr(rebuilt, each.name))
    ]
