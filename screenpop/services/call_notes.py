"""What the user writes about calls: kept here, and sent to vendors that take notes."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from screenpop.domain.frozen import frozen
from screenpop.providers.abilities import SupportsCallNotes
from screenpop.services.note_sender import NoteSender
from screenpop.store.outbox import NoteOutbox, OutboxState

if TYPE_CHECKING:
    import random
    from concurrent.futures import Future

    from screenpop.domain.calls import CallRef
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connections
    from screenpop.services.note_progress import NoteProgress
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog
    from screenpop.store.database import Database
    from screenpop.store.outbox import OutgoingNote

__all__ = ["CallNotes", "NoteMarks", "NoteTerms"]


@frozen
class NoteMarks:
    """What is attached to a call besides the words.

    Attributes:
        severity: 0 (none) to 5.
    """

    needs_follow_up: bool = False
    severity: int = 0


@frozen
class NoteTerms:
    """What the vendor of an account takes as a note.

    Attributes:
        longest: How many characters; a longer note stays here as a whole.
    """

    account_label: str
    longest: int


class CallNotes:
    """Notes on calls, each stored before anything is sent."""

    def __init__(
        self,
        *,
        database: Database,
        log: CallLog,
        connections: Connections,
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        random_source: random.Random | None = None,
    ) -> None:
        self._outbox = NoteOutbox(database)
        self._log = log
        self._connections = connections
        self._supervisor = supervisor
        self._bus = bus
        self._clock = clock
        self._sender = NoteSender(
            outbox=self._outbox,
            log=log,
            connections=connections,
            bus=bus,
            supervisor=supervisor,
            clock=clock,
            random_source=random_source,
        )

    # --- reading ---------------------------------------------------------------------

    def terms(self, account_id: str) -> NoteTerms | None:
        """What the account's vendor takes; None when it takes no notes."""
        connection = self._connections.find(account_id)
        taker = connection.able(SupportsCallNotes) if connection else None
        if connection is None or taker is None:
            return None
        return NoteTerms(connection.label, taker.longest_note)

    def text(self, ref: CallRef) -> str:
        """The note on a call; "" for none."""
        found = self._log.note(ref.account_id, ref.call_id)
        return found.text if found else ""

    def progress(self, ref: CallRef) -> NoteProgress | None:
        """How far the note on a call has come; None when it stays here."""
        found = self._outbox.get(ref.account_id, ref.call_id)
        return self._sender.progress(found) if found else None

    def marks(self, ref: CallRef) -> NoteMarks:
        """What the user has set for a call besides the words."""
        found = self._outbox.get(ref.account_id, ref.call_id)
        return (
            NoteMarks(found.needs_follow_up, found.severity) if found else NoteMarks()
        )

    # --- writing ---------------------------------------------------------------------

    def keep(
        self, ref: CallRef, text: str, marks: NoteMarks | None = None
    ) -> Future[Any]:
        """Store a note; on disk once the future is done, and soon on its way.

        Args:
            ref: The call.
            text: The whole note; "" for none.
            marks: As the user set them; None for as they were.

        Raises (through the future):
            StoreError: Or one of its kin; nothing was stored.
        """
        now = self._clock()
        if self.terms(ref.account_id) is None:
            return self._log.set_note(ref.account_id, ref.call_id, text, at=now)
        if marks is None:
            marks = self.marks(ref)
        saved = self._outbox.keep(
            ref.account_id,
            ref.call_id,
            text,
            needs_follow_up=marks.needs_follow_up,
            severity=marks.severity,
            at=now,
        )
        self._supervisor.start("send a note", self._send_after(saved))
        return saved

    def wrap_up(self, ref: CallRef, disposition: str) -> Future[Any]:
        """Store what a call came to; "" takes it back. Vendors are told with the note.

        Raises (through the future):
            StoreError: Or one of its kin; nothing was stored.
        """
        is_told = self.terms(ref.account_id) is not None
        saved = self._outbox.wrap_up(
            ref.account_id, ref.call_id, disposition, is_told=is_told, at=self._clock()
        )
        if is_told:
            self._supervisor.start("send a note", self._send_after(saved))
        return saved

    async def set_marks(self, ref: CallRef, marks: NoteMarks) -> None:
        """Set the marks of a call and leave its note as it is.

        Raises:
            StoreError: Or one of its kin; nothing was stored.
        """
        await asyncio.wrap_future(self.keep(ref, self.text(ref), marks))

    async def send_again(self, ref: CallRef) -> None:
        """Try once more what the vendor refused.

        Raises:
            StoreError: Or one of its kin.
        """
        await asyncio.wrap_future(self.keep(ref, self.text(ref)))

    async def send_now(self, ref: CallRef) -> None:
        """Send the note on a call at once, for a command; not sent, it waits."""
        found = self._outbox.get(ref.account_id, ref.call_id)
        if found is not None and found.state is OutboxState.WAITING:
            await self._sender.send(found)

    def take_up(self) -> None:
        """Send what still waits from before; at start."""
        for account_id in self._outbox.waiting_accounts():
            self._sender.wake(account_id)

    async def _send_after(self, saved: Future[OutgoingNote | None]) -> None:
        # Whether it can be stored is told by whoever keeps the note.
        (note,) = await asyncio.gather(
            asyncio.shield(asyncio.wrap_future(saved)), return_exceptions=True
        )
        if note is None or isinstance(note, BaseException):
            return
        if note.state is OutboxState.WAITING:
            self._bus.publish(self._sender.progress(note))
            self._sender.wake(note.account_id)
