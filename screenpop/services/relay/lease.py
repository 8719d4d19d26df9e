"""One of several instances has a duty, by a lease in a bucket of the broker.

The holder writes the lease anew every second. Whoever else has seen it unchanged for
three seconds takes it, by compare-and-set. Only durations on each one's own clock
count, so the clocks need not agree. A holder that cannot renew in time gives up before
anybody else can have taken over.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import RelayConflict, RelayError

if TYPE_CHECKING:
    from screenpop.relay.broker import Entry, KeyValue

_log = logging.getLogger(__name__)

RENEW_SECONDS: Final = 1.0
LEASE_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 0.5
_FREE: Final = b""


class Lease:
    """One instance's part in the election."""

    def __init__(self, bucket: KeyValue, duty: str, holder: str) -> None:
        """Hold nothing yet.

        Args:
            bucket: Where the leases are.
            duty: What there is to have.
            holder: This instance's name, unlike any other's.
        """
        self._bucket = bucket
        self._duty = duty
        self._holder = holder.encode()
        self._revision = 0
        self._seen: tuple[int, float] | None = None
        self._renewed_at = 0.0
        self._leaving = asyncio.Event()
        self.is_held = False

    async def run(
        self, gained: Callable[[], Awaitable[None]], lost: Callable[[], Awaitable[None]]
    ) -> None:
        """Take part until cancelled or ``leave``.

        Args:
            gained: Called when the duty is ours.
            lost: Called when it no longer is.
        """
        was_held = False
        while not self._leaving.is_set():
            try:
                await self._turn()
            except RelayError as error:
                self._note_trouble(error)
            if self.is_held and not was_held:
                _log.info("this instance has the duty %s", self._duty)
                await gained()
            elif was_held and not self.is_held:
                _log.info("this instance has no longer the duty %s", self._duty)
                await lost()
            was_held = self.is_held
            pause = RENEW_SECONDS if self.is_held else LOOK_SECONDS
            await self._pause(pause)

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._leaving.wait()
        except TimeoutError:
            return

    async def _turn(self) -> None:
        if self.is_held:
            await self._renew()
            return
        entry = await self._bucket.get(self._duty)
        if entry is None:
            self._revision = await self._bucket.create(self._duty, self._holder)
            self._take()
        elif self._is_free(entry):
            self._revision = await self._bucket.update(
                self._duty, self._holder, entry.revision
            )
            self._take()

    def _is_free(self, entry: Entry) -> bool:
        if entry.value == _FREE:
            return True
        now = time.monotonic()
        if self._seen is None or self._seen[0] != entry.revision:
            self._seen = entry.revision, now
        return now - self._seen[1] >= LEASE_SECONDS

    def _take(self) -> None:
        self.is_held = True
        self._renewed_at = time.monotonic()

    async def _renew(self) -> None:
        started = time.monotonic()
        left = LEASE_SECONDS - RENEW_SECONDS - (started - self._renewed_at)
        try:
            async with asyncio.timeout(max(0.1, left)):
                self._revision = await self._bucket.update(
                    self._duty, self._holder, self._revision
                )
        except TimeoutError:
            self.is_held = False
            return
        self._renewed_at = started

    def _note_trouble(self, error: RelayError) -> None:
        # What cannot be read tells nothing of how long it has been unchanged.
        self._seen = None
        is_late = time.monotonic() - self._renewed_at > LEASE_SECONDS - RENEW_SECONDS
        if self.is_held and (is_late or isinstance(error, RelayConflict)):
            self.is_held = False

    async def leave(self) -> None:
        """Let somebody else have it at once, and take part no more."""
        self._leaving.set()
        if self.is_held:
            self.is_held = False
            try:
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._bucket.update(self._duty, _FREE, self._revision)
            except (RelayError, TimeoutError) as error:
                # The others take it when its time is up.
                kind = type(error).__name__
                _log.info("the lease was not given back: %s", kind)
