"""Questions to a directory from the loop: each in a thread, none of them waited for.

The LDAP library blocks. A question whose time is over has its socket shut, which ends
the thread; one that hangs all the same (while a name is looked up, say) is a daemon, so
that neither other questions nor the end of the program wait for it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from screenpop.domain.errors import ProviderUnavailable
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.lookup.sources.ldap.address import DirectoryAddress
    from screenpop.lookup.sources.ldap.entries import Login
    from screenpop.lookup.sources.ldap.wire import Wire

T = TypeVar("T")

_AT_ONCE: Final = 4
# Active Directory ends connections that are idle for 15 minutes, firewalls sooner and
# without a word.
_KEPT_SECONDS: Final = 120.0
_GOODBYE_SECONDS: Final = 1.0


class Directory:
    """Keeps one connection to a server and opens further ones while it is in use."""

    def __init__(self, address: DirectoryAddress, label: str) -> None:
        """Nothing is opened yet."""
        self._address = address
        self._label = label
        self._kept: _Line | None = None
        self._at_work: set[_Line] = set()
        self._slots = asyncio.Semaphore(_AT_ONCE)
        self._is_closed = False

    async def ask(self, login: Login, work: Callable[[Wire], T], seconds: float) -> T:
        """What ``work`` makes of the directory.

        Cancelling is safe at any time. A connection that broke since its last use is
        replaced once.

        Args:
            login: Who asks.
            work: The question; called in a thread, perhaps twice.
            seconds: How long all of it may take.

        Raises:
            ProviderError: By kind, see ``screenpop.domain.errors``.
        """
        deadline = time.monotonic() + seconds
        try:
            async with asyncio.timeout(seconds), self._slots:
                return await self._ask(login, work, deadline)
        except TimeoutError:
            raise ProviderUnavailable(
                tr("{label} took too long to answer", label=self._label)
            ) from None

    async def _ask(self, login: Login, work: Callable[[Wire], T], deadline: float) -> T:
        if self._is_closed:
            raise ProviderUnavailable(tr("{label} is closed", label=self._label))
        line = self._take(login)
        self._at_work.add(line)
        try:
            answer = await in_thread(lambda: line.ask(work, deadline))
        except asyncio.CancelledError:
            line.cut()
            raise
        finally:
            self._at_work.discard(line)
        self._keep(line)
        return answer

    def _take(self, login: Login) -> _Line:
        kept, self._kept = self._kept, None
        if kept is not None:
            if kept.reserve(login):
                return kept
            kept.cut()
        return _Line(self._address, self._label, login)

    def _keep(self, line: _Line) -> None:
        if self._kept is None and not self._is_closed:
            self._kept = line
        else:
            line.cut()

    async def aclose(self) -> None:
        """End every question and say goodbye."""
        self._is_closed = True
        for line in self._at_work:
            line.cut()
        kept, self._kept = self._kept, None
        if kept is not None:
            try:
                async with asyncio.timeout(_GOODBYE_SECONDS):
                    await in_thread(kept.close)
            except TimeoutError:
                kept.cut()


class _Line:
    """A connection that is opened when needed and replaced when it broke.

    It is in use from the beginning; whoever ends its use closes it if nobody wants it
    any longer, and that may be the thread or the loop.
    """

    def __init__(self, address: DirectoryAddress, label: str, login: Login) -> None:
        self._login = login
        self._used_at = time.monotonic()
        self._address = address
        self._label = label
        self._wire: Wire | None = None
        self._lock = threading.Lock()
        self._is_in_use = True
        self._is_cut = False

    def reserve(self, login: Login) -> bool:
        """Use it again, if it is still good for this login."""
        is_fresh = time.monotonic() - self._used_at < _KEPT_SECONDS
        self._is_in_use = is_fresh and self._login == login
        return self._is_in_use

    def ask(self, work: Callable[[Wire], T], deadline: float) -> T:
        """Ask, once more over a new connection if the kept one turns out broken."""
        from screenpop.lookup.sources.ldap.wire import Lost  # heavy, and in a thread

        try:
            was_open = self._wire is not None
            try:
                return self._ask_once(work, deadline)
            except Lost:
                if not was_open or self._is_cut:
                    raise
            return self._ask_once(work, deadline)
        except Lost as lost:
            raise lost.error from None
        finally:
            self._put_down()

    def _ask_once(self, work: Callable[[Wire], T], deadline: float) -> T:
        from screenpop.lookup.sources.ldap.wire import Wire

        try:
            wire = self._wire
            if wire is None:
                wire = Wire(self._address, self._label)
                self._put_in(wire)
                wire.open(self._login, deadline)
            else:
                wire.renew(deadline)
            answer = work(wire)
        except BaseException:
            self._hang_up()
            raise
        self._used_at = time.monotonic()
        return answer

    def _put_in(self, wire: Wire) -> None:
        with self._lock:
            self._wire = wire
            # It may have been cut while there was nothing to cut.
            if self._is_cut:
                wire.cut()

    def _hang_up(self) -> None:
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def _put_down(self) -> None:
        with self._lock:
            self._is_in_use = False
            if self._is_cut:
                self._hang_up()

    def cut(self) -> None:
        """End it at once, from any thread."""
        with self._lock:
            self._is_cut = True
            wire = self._wire
            if wire is not None:
                wire.cut()
            if not self._is_in_use:
                self._hang_up()

    def close(self) -> None:
        """Say goodbye."""
        self._hang_up()


async def in_thread(work: Callable[[], T]) -> T:
    """What ``work`` returns, done in a thread that nobody ever has to wait for.

    ``asyncio.to_thread`` would not do: its threads are waited for at the end of the
    program, and there are few of them.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[T] = loop.create_future()

    def run() -> None:
        try:
            settle = partial(_answer, done, work())
        except BaseException as error:  # noqa: BLE001 - it is raised again in the loop
            settle = partial(_fail, done, error)
        try:
            loop.call_soon_threadsafe(settle)
        except RuntimeError:
            return  # the loop has ended meanwhile, and with it whoever asked

    threading.Thread(target=run, name="screenpop-ldap", daemon=True).start()
    return await done


def _answer(done: asyncio.Future[T], answer: T) -> None:
    if not done.done():
        done.set_result(answer)


def _fail(done: asyncio.Future[T], error: BaseException) -> None:
    if not done.done():
        done.set_exception(error)
