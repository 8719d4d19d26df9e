"""Send notes to vendors: in order, until each has arrived or was refused.

There is one lane for each account, so that a vendor that is out of order keeps no
other waiting. A lane is a task that exists only while something waits in it. A note
stays in the outbox until the vendor has confirmed it, so a kill at any moment sends
it at the worst twice, which changes nothing at the vendor.
"""

from __future__ import annotations

import asyncio
import logging
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.backoff import Backoff
from screenpop.domain.calls import CallRef, CallState
from screenpop.domain.errors import (
    KeychainLocked,
    NotFound,
    ProviderThrottled,
    ProviderUnavailable,
    RequestRejected,
    ScreenpopError,
    StoreError,
)
from screenpop.providers.abilities import CallNote, SupportsCallNotes
from screenpop.services.events import (
    AccountStateChanged,
    NoticeLevel,
    SourceState,
    UserNotice,
)
from screenpop.services.note_progress import NoteProgress, NoteStage
from screenpop.services.supervisor import wait_quietly
from screenpop.wording import sentences, tr

if TYPE_CHECKING:
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connections
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog
    from screenpop.store.outbox import NoteOutbox, OutgoingNote

_log = logging.getLogger(__name__)

SETTLE: Final = timedelta(seconds=3)
"""How long nobody changes a note before it is sent: not at each pause of a writer."""
KNOWN_AFTER: Final = timedelta(minutes=15)
"""How long after its end a call may still be unknown to the vendor's archive."""
LONGEST_WAIT: Final = timedelta(days=7)
PATIENCE: Final = 3
"""How often a note may fail before those behind it are tried first."""
FIRST_PAUSE: Final = 2.0
_REACHED: Final = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)


@dataclass(slots=True)
class _Lane:
    """The notes of one account on their way.

    Attributes:
        not_before: When the vendor may be asked again.
        is_asked_to_wait: The vendor itself said so.
        failures: How often each call's note has failed in a row.
        held: Calls whose notes have failed by themselves, and when to try each again.
    """

    backoff: Backoff
    not_before: datetime
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    is_asked_to_wait: bool = False
    failures: dict[str, int] = field(default_factory=dict)
    held: dict[str, tuple[datetime, Backoff]] = field(default_factory=dict)


class NoteSender:
    """Publishes ``NoteProgress`` and, when a note was refused, a ``UserNotice``."""

    def __init__(
        self,
        *,
        outbox: NoteOutbox,
        log: CallLog,
        connections: Connections,
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        random_source: random.Random | None = None,
    ) -> None:
        self._outbox = outbox
        self._call_log = log
        self._connections = connections
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._random = random_source or random.Random()  # noqa: S311 - jitter only
        self._lanes: dict[str, _Lane] = {}

    def wake(self, account_id: str) -> None:
        """Something waits for this account."""
        lane = self._lanes.get(account_id)
        if lane is not None:
            lane.woken.set()
            return
        lane = self._lanes[account_id] = _Lane(self._backoff(), self._clock())
        self._supervisor.start(f"notes of {account_id}", self._serve(account_id, lane))

    async def send(self, note: OutgoingNote) -> None:
        """Try once; what the vendor could not take now goes on waiting."""
        lane = _Lane(self._backoff(), self._clock())
        await self._try(note, lane)

    def progress(self, note: OutgoingNote) -> NoteProgress:
        """How far it has come."""
        connection = self._connections.find(note.account_id)
        return NoteProgress(
            ref=CallRef(note.account_id, note.call_id),
            stage=NoteStage(note.state.value),
            account_label=connection.label if connection else note.account_id,
            problem=note.problem,
            advice=note.advice,
        )

    # --- one account -----------------------------------------------------------------

    async def _serve(self, account_id: str, lane: _Lane) -> None:
        def reached(event: AccountStateChanged) -> None:
            state = event.state
            if state.account_id == account_id and state.state in _REACHED:
                self._retry_soon(lane)

        forget = self._bus.subscribe(AccountStateChanged, reached)
        try:
            while await self._step(account_id, lane):
                pass
        finally:
            forget()
            del self._lanes[account_id]

    async def _step(self, account_id: str, lane: _Lane) -> bool:
        """Send one note or wait until one may be sent; false when none is left."""
        lane.woken.clear()
        try:
            notes = await asyncio.to_thread(self._outbox.waiting, account_id)
            if not notes:
                return lane.woken.is_set()
            now = self._clock()
            due = {note.call_id: _due_at(note, lane) for note in notes}
            ready = (note for note in notes if due[note.call_id] <= now)
            note = next(ready, None)
            if note is None:
                wait = min(due.values()) - now
                await wait_quietly(lane.woken, max(wait.total_seconds(), 0.05))
            else:
                await self._try(note, lane)
        except StoreError as error:
            _log.warning("notes cannot be read or marked: %s", error.title)
            await wait_quietly(lane.woken, lane.backoff.next_delay() + FIRST_PAUSE)
        return True

    def _retry_soon(self, lane: _Lane) -> None:
        """The vendor is there again, unless it asked for a pause itself."""
        if not lane.is_asked_to_wait:
            lane.not_before = self._clock()
            lane.held.clear()
            lane.woken.set()

    async def _try(self, note: OutgoingNote, lane: _Lane) -> None:
        try:
            await self._write(note)
        except ProviderThrottled as error:
            self._put_off(
                note, lane, lane.backoff.next_delay(error.retry_after_seconds)
            )
            lane.is_asked_to_wait = True
        except (ProviderUnavailable, KeychainLocked) as error:
            if self._clock() - note.changed_at > LONGEST_WAIT:
                await self._refused(note, error)
            else:
                self._put_off(note, lane, lane.backoff.next_delay())
                self._let_others_pass(note, lane)
        except NotFound as error:
            if self._may_be_known_later(note):
                self._hold(note, lane)
            else:
                await self._refused(note, error)
        except ScreenpopError as error:
            await self._refused(note, error)
        except Exception as error:  # noqa: BLE001 - adapters may be foreign
            _log.error("a note could not be sent: %s", type(error).__name__)
            fault = ScreenpopError(tr("Something went wrong inside screenpop"))
            await self._refused(note, fault)
        else:
            lane.backoff.reset()
            lane.is_asked_to_wait = False
            lane.failures.pop(note.call_id, None)
            if await asyncio.wrap_future(self._outbox.mark_sent(note)):
                self._tell(note)

    async def _write(self, note: OutgoingNote) -> None:
        connection = self._connections.get(note.account_id)
        taker = connection.ability(SupportsCallNotes)
        if len(note.text) > taker.longest_note:
            raise RequestRejected(
                tr(
                    "The note is longer than the {count} characters that {label} takes",
                    count=taker.longest_note,
                    label=connection.label,
                ),
                tr("The whole of it is kept here. Shorten it, and it is sent."),
            )
        await taker.write_note(
            note.call_id,
            CallNote(note.text, note.needs_follow_up, note.severity),
        )

    def _put_off(self, note: OutgoingNote, lane: _Lane, seconds: float) -> None:
        lane.not_before = self._clock() + timedelta(seconds=seconds)
        _log.info("a note for %s waits %.0f s", note.account_id, seconds)

    def _let_others_pass(self, note: OutgoingNote, lane: _Lane) -> None:
        """What fails again and again may do so by itself: others must not wait for it.

        Some vendors say "try again later" of a call they do not know.
        """
        failures = lane.failures[note.call_id] = lane.failures.get(note.call_id, 0) + 1
        if failures >= PATIENCE:
            self._hold(note, lane)
            lane.backoff.reset()
            lane.not_before = self._clock() + timedelta(seconds=FIRST_PAUSE)

    def _hold(self, note: OutgoingNote, lane: _Lane) -> None:
        _, backoff = lane.held.get(note.call_id, (None, self._backoff()))
        wait = timedelta(seconds=FIRST_PAUSE + backoff.next_delay())
        lane.held[note.call_id] = self._clock() + wait, backoff

    def _may_be_known_later(self, note: OutgoingNote) -> bool:
        """A vendor may keep only finished calls, and those only after a while."""
        call = self._call_log.get(note.account_id, note.call_id)
        if call is not None and call.state is not CallState.ENDED:
            return True
        ended_at = (call.ended_at if call else None) or note.changed_at
        return self._clock() - ended_at < KNOWN_AFTER

    async def _refused(self, note: OutgoingNote, error: ScreenpopError) -> None:
        settled = self._outbox.mark_refused(note, error.title, error.advice)
        if not await asyncio.wrap_future(settled):
            return
        told = self._tell(note)
        # Whoever writes too much is told so while writing.
        if told is not None and not _is_too_long(self._connections, note):
            self._bus.publish(
                UserNotice(
                    NoticeLevel.WARNING,
                    tr(
                        "A note was not taken by {account}: {title}",
                        account=told.account_label,
                        title=error.title,
                    ),
                    sentences(error.advice, tr("The note is kept here.")),
                    f"note-{note.account_id}",
                )
            )

    def _tell(self, note: OutgoingNote) -> NoteProgress | None:
        now = self._outbox.get(note.account_id, note.call_id)
        if now is None:
            return None
        told = self.progress(now)
        self._bus.publish(told)
        return told

    def _backoff(self) -> Backoff:
        return Backoff(random=self._random.random, base_seconds=FIRST_PAUSE)


def _due_at(note: OutgoingNote, lane: _Lane) -> datetime:
    held_until, _ = lane.held.get(note.call_id, (lane.not_before, None))
    return max(note.changed_at + SETTLE, lane.not_before, held_until)


def _is_too_long(connections: Connections, note: OutgoingNote) -> bool:
    connection = connections.find(note.account_id)
    taker = connection.able(SupportsCallNotes) if connection else None
    return taker is not None and len(note.text) > taker.longest_note
