"""Callers whom a phone system lists as to be called back, as part of the day's work.

The list is read when an account's events begin to reach us, and followed by its news
from then on. It is kept on the disk (see ``store.lost_callers``); which of it still
waits is asked there, together with the missed calls.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from screenpop.domain.errors import ScreenpopError
from screenpop.domain.events import CallerId
from screenpop.domain.frozen import frozen
from screenpop.domain.numbers import format_number, read_number
from screenpop.providers.abilities import ListChange, SupportsLostCallers, SupportsNews
from screenpop.services.call_cards import line_text
from screenpop.services.call_tracker import CallChanged
from screenpop.services.events import LostCallersChanged
from screenpop.store.call_rows import party_of
from screenpop.store.lost_callers import LostKey, LostRow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from concurrent.futures import Future
    from datetime import datetime

    from screenpop.domain.contacts import Contact
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.providers.abilities import LostCaller, LostCallerNews
    from screenpop.services.bus import Bus
    from screenpop.services.call_history import LogSetting
    from screenpop.services.clock import Clock
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.lost_callers import LostCallerList

__all__ = ["LostCallers", "LostEntry", "LostKey", "entry_of"]

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class LostEntry:
    """Somebody to call back. All texts are foreign: show as plain text.

    Attributes:
        number_text: As people write it here.
        number_e164: Canonical, to dial; "" when there is none.
        name: Of our own contact; "" when nobody is known.
        vendor_name: What the list says; whether it is the caller's is not documented.
        attempts: How often they called, by the vendor's count.
        last_at: Their latest attempt; None when not known.
    """

    key: LostKey
    number_text: str
    number_e164: str
    name: str
    company: str
    vendor_name: str
    line_text: str
    account_label: str
    attempts: int
    last_at: datetime | None


class LostCallers:
    """Keeps the vendors' lists, and says who of them still waits."""

    def __init__(
        self,
        *,
        lists: LostCallerList,
        connections: Connections,
        settings: Callable[[str], LogSetting],
        is_told: Callable[[str], bool],
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        who: Callable[[PhoneNumber], Contact | None],
    ) -> None:
        """Look after the lists.

        Args:
            lists: Where they are kept.
            connections: The accounts.
            settings: How to write an account's numbers.
            is_told: Whether an account's news reach us by themselves right now.
            bus: Where changes are told.
            supervisor: Runs what takes its time.
            clock: What time it is.
            who: The known contact of a number.
        """
        self._lists = lists
        self._connections = connections
        self._settings = settings
        self._is_told = is_told
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._who = who
        self._listed: set[str] = set()
        self._asking: dict[str, asyncio.Task[None]] = {}
        bus.subscribe(CallChanged, self._note_call)

    # --- what the vendors tell --------------------------------------------------------

    def hear(
        self, account_id: str, news: Iterable[LostCallerNews], at: datetime
    ) -> None:
        """Take over what a delivery said; once more changes nothing.

        What is to be written stands in the database's queue when this returns, so
        before anything that counts the delivery as dealt with.
        """
        region = self._settings(account_id).region
        writing = []
        for each in news:
            row = _row_of(account_id, each.caller, region)
            if row is None:
                continue
            if each.change is ListChange.REMOVED:
                writing.append(self._lists.remove(row.key, row.party, at=at))
            else:
                writing.append(self._lists.put(row, heard_at=at))
        if writing:
            self._supervisor.start("keep lost callers", self._tell(account_id, writing))

    def learn(self, connection: Connection) -> None:
        """Read an account's whole list; soon, and one question at a time."""
        account_id = connection.account_id
        if account_id not in self._asking:
            self._asking[account_id] = self._supervisor.start(
                f"lost callers of {account_id}", self._learn(connection)
            )

    def refresh(self) -> None:
        """Read the lists whose news do not reach us, or that could not be read."""
        for connection in self._connections.all():
            account_id = connection.account_id
            is_known = account_id in self._listed and self._hears_of(connection)
            if connection.able(SupportsLostCallers) is not None and not is_known:
                self.learn(connection)

    def forget_account(self, account_id: str) -> None:
        """An account is no longer there."""
        self._listed.discard(account_id)
        gone = self._lists.drop_account(account_id)
        self._supervisor.start("drop lost callers", self._tell(account_id, [gone]))

    def _hears_of(self, connection: Connection) -> bool:
        return connection.able(SupportsNews) is not None and self._is_told(
            connection.account_id
        )

    async def _learn(self, connection: Connection) -> None:
        account_id, asked_at = connection.account_id, self._clock()
        try:
            found = await connection.ability(SupportsLostCallers).list_lost_callers()
            region = self._settings(account_id).region
            rows = [_row_of(account_id, caller, region) for caller in found]
            today = asked_at.astimezone().replace(hour=0, minute=0, second=0)
            await asyncio.wrap_future(
                self._lists.replace(
                    account_id,
                    [row for row in rows if row is not None],
                    asked_at=asked_at,
                    settles_since=today,
                )
            )
        except ScreenpopError as error:
            self._listed.discard(account_id)
            _log.info("lost callers of %s: %s", account_id, error.title)
            return
        finally:
            del self._asking[account_id]
        self._listed.add(account_id)
        self._bus.publish(LostCallersChanged(account_id))

    def _note_call(self, change: CallChanged) -> None:
        """Where nobody tells us, a call is the sign that the list has changed."""
        connection = self._connections.find(change.call.ref.account_id)
        if connection is None or self._hears_of(connection):
            return
        if connection.able(SupportsLostCallers) is not None:
            self.learn(connection)

    async def _tell(self, account_id: str, writing: Sequence[Future[None]]) -> None:
        # Shielded: the end of the program must not take back what waits to be written.
        results = await asyncio.gather(
            *(asyncio.shield(asyncio.wrap_future(future)) for future in writing),
            return_exceptions=True,
        )
        for failure in results:
            if isinstance(failure, ScreenpopError):
                # The next look at the vendor's list mends it.
                self._listed.discard(account_id)
                _log.info("lost callers of %s: %s", account_id, failure.title)
            elif isinstance(failure, BaseException):
                raise failure
        self._bus.publish(LostCallersChanged(account_id))

    # --- the work list ----------------------------------------------------------------

    def open_now(self, limit: int = 500) -> tuple[LostEntry, ...]:
        """Who waits to be called back, the latest first. Waits for the disk.

        Raises:
            StoreError: Or one of its kin.
        """
        return tuple(
            entry_of(
                row.key.account_id,
                vendor_name=row.name,
                number=row.key.number,
                line=row.key.line,
                attempts=row.attempts,
                last_at=row.last_at,
                setting=self._settings(row.key.account_id),
                who=self._who,
            )
            for row in self._lists.open_rows(limit)
        )

    async def mark_called_back(self, key: LostKey) -> None:
        """Tick a caller off; another attempt of theirs puts them back."""
        await asyncio.wrap_future(self._lists.mark_done(key, at=self._clock()))
        self._bus.publish(LostCallersChanged(key.account_id))

    async def mark_open(self, key: LostKey) -> None:
        """Take that back."""
        await asyncio.wrap_future(self._lists.mark_open(key))
        self._bus.publish(LostCallersChanged(key.account_id))


def entry_of(
    account_id: str,
    *,
    number: str,
    line: str,
    vendor_name: str,
    attempts: int,
    last_at: datetime | None,
    setting: LogSetting,
    who: Callable[[PhoneNumber], Contact | None],
) -> LostEntry:
    """An entry of a vendor's list as people read it, the caller by our own name."""
    region = setting.region
    read = read_number(number, region)
    known = who(read)
    called = setting.lines.line(account_id, CallerId(line), region)
    return LostEntry(
        key=LostKey(account_id, number, line),
        number_text=format_number(read, region) or number,
        number_e164=read.e164,
        name=known.display_name if known else "",
        company=known.company if known else "",
        vendor_name=vendor_name,
        line_text=line_text(called, region),
        account_label=setting.account_label,
        attempts=attempts,
        last_at=last_at,
    )


def _row_of(account_id: str, caller: LostCaller, region: str) -> LostRow | None:
    """What is kept of an entry; None for one without a number to call back."""
    number = caller.number.strip()
    if not number:
        return None
    return LostRow(
        key=LostKey(account_id, number, caller.line.strip()),
        party=party_of(read_number(number, region).e164, number),
        name=caller.name,
        attempts=caller.attempts,
        last_at=caller.last_at,
    )
