"""Updates as the running app has them done, and as its windows ask about them."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import subprocess
import sys
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import UpdateError
from screenpop.domain.frozen import frozen
from screenpop.services.events import NoticeLevel, UserNotice
from screenpop.services.own_program import own_command
from screenpop.services.supervisor import wait_quietly
from screenpop.services.updates.busy import is_busy
from screenpop.services.updates.finding import place_here, why_off
from screenpop.services.updates.hand_over import waiting_setup
from screenpop.wording import reworded, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.services.application import Application
    from screenpop.services.updates.finding import UpdatePlace

_log = logging.getLogger(__name__)

WORKER: Final = "update-worker"
NOTICE: Final = "update"
DAY_SECONDS: Final = 24 * 3600.0
_JITTER: Final = 0.1
_BUSY_SECONDS: Final = 900.0
_LOOK_AROUND_SECONDS: Final = 2.0
_LONGEST_ANSWER: Final = 64 * 1024


@frozen(kw_only=True)
class UpdateView:
    """How updates stand.

    Attributes:
        version: The one that runs.
        off: Why nothing is looked for, a sentence; "" when it is.
        ready: The version that waits to be put in place; "" for none.
        offered: The version that there is; "" for none that is newer.
        notes: What is new in it, plain text.
        checked_at: When the news were last had; None for never.
        problem: What went wrong the last time, a sentence; "" for nothing.
        is_wanted: It is put in place as soon as nobody is on the phone.
        is_own: It is updated from here; nobody else looks after it.
        is_fetched: A new version comes by itself; else somebody has to install it.
    """

    version: str
    off: str = ""
    ready: str = ""
    offered: str = ""
    notes: str = ""
    checked_at: datetime | None = None
    problem: str = ""
    is_wanted: bool = False
    is_own: bool = True
    is_fetched: bool = True


class UpdateDesk:
    """Has the work done by a process of its own, and only while nobody is on the phone.

    Attributes:
        ready_version: The version that waited to be put in place when it was looked
            last; "" for none.

    Args:
        app: The running app.
        place: The installation; a function, as settings change.
        command: What starts the worker.
        pause_seconds: How often it is looked whether somebody is on the phone, while
            there is something to hold up.
    """

    def __init__(
        self,
        app: Application,
        place: Callable[[], UpdatePlace] | None = None,
        command: tuple[str, ...] = (),
        pause_seconds: float = _LOOK_AROUND_SECONDS,
    ) -> None:
        self._app = app
        self._place = place or (lambda: place_here(app.paths, app.settings.updates))
        self._command = command or tuple(own_command(WORKER))
        self._pause = pause_seconds
        self._working = asyncio.Lock()
        self._is_wanted = False
        self._is_unfinished = False
        self.ready_version = ""

    # --- what windows ask ------------------------------------------------------------

    async def standing(self) -> UpdateView:
        """How updates stand."""
        view = await asyncio.to_thread(self._view)
        self.ready_version = view.ready
        return view

    def _view(self) -> UpdateView:
        place = self._place()
        memory = place.memory()
        failed = memory.failed.get(memory.offered, "")
        return UpdateView(
            version=place.version.text,
            off=why_off(place),
            ready=_ready(place),
            offered=memory.offered,
            notes=memory.notes,
            checked_at=memory.checked(),
            problem=reworded(memory.problem or failed),
            is_wanted=self._is_wanted,
            is_own=bool(place.installation.artefact_kind),
            is_fetched=place.installation.can_replace_itself,
        )

    async def look(self) -> UpdateView:
        """Look for an update now, and have it ready when there is one.

        Raises:
            UpdateError: It went wrong, or somebody is on the phone.
        """
        if is_busy(self._app):
            raise UpdateError(
                tr("Updates wait while you are on the phone"),
                tr("Try again after the call."),
            )
        answer = await self._work()
        if answer is None:
            raise UpdateError(
                tr("Updates wait while you are on the phone"),
                tr("Try again after the call."),
            )
        if "title" in answer:
            raise UpdateError(str(answer["title"]), str(answer.get("advice", "")))
        return await self.standing()

    async def install(self) -> None:
        """Put in place what is ready, by a restart as soon as nobody is on the phone.

        Raises:
            UpdateError: Nothing is ready.
        """
        if not (await self.standing()).ready:
            raise UpdateError(tr("No update is ready"))
        if not self._is_wanted:
            self._is_wanted = True
            self._app.supervisor.start("restart for an update", self._restart())

    async def _restart(self) -> None:
        try:
            while is_busy(self._app) or self._working.locked():
                await wait_quietly(self._app.quit_requested, self._pause)
            self._app.request_restart()
        finally:
            self._is_wanted = False

    # --- once a day ------------------------------------------------------------------

    async def daily(self) -> float:
        """Do what is due; how many seconds from now to come again."""
        place = self._place()
        if why_off(place):
            return _tomorrow()
        memory = await asyncio.to_thread(place.memory)
        if memory.news:
            await self._tell_news()
        asked = memory.asked()
        if asked is not None and not self._is_unfinished:
            age = self._app.clock() - asked
            left = timedelta(seconds=DAY_SECONDS * (1 - _JITTER)) - age
            if timedelta(0) < left < timedelta(seconds=DAY_SECONDS):
                return left.total_seconds() + random.uniform(0, 3600)  # noqa: S311
        if is_busy(self._app) or await self._work() is None:
            self._is_unfinished = True
            return _BUSY_SECONDS
        self._is_unfinished = False
        await self.standing()
        return _tomorrow()

    async def _tell_news(self) -> None:
        """Say once that an update was taken back; of one that works, say nothing."""
        place = self._place()
        memory = await asyncio.to_thread(place.memory)
        title, advice = [*map(reworded, memory.news), "", ""][:2]
        is_bad, memory.news, memory.is_bad_news = memory.is_bad_news, [], False
        await asyncio.to_thread(place.remember, memory)
        if is_bad:
            notice = UserNotice(NoticeLevel.WARNING, title, advice, NOTICE)
            self._app.bus.publish(notice)

    # --- the worker ------------------------------------------------------------------

    async def _work(self) -> dict[str, Any] | None:
        """Have the worker look and fetch; None when a call came in between.

        What it had fetched by then is kept for the next time.
        """
        async with self._working:
            try:
                process = await asyncio.to_thread(_start, self._command)
            except OSError as error:
                _log.info("the update worker cannot be started: %s", error)
                return {"title": tr("The look for updates ended unexpectedly")}
            reading = asyncio.get_running_loop().run_in_executor(None, _read, process)
            try:
                while not reading.done():
                    await asyncio.wait((reading,), timeout=self._pause)
                    if not reading.done() and is_busy(self._app):
                        return None
                return reading.result()
            finally:
                if process.poll() is None:
                    process.terminate()
                await asyncio.shield(reading)


def _ready(place: UpdatePlace) -> str:
    versions = place.installation.versions
    if versions is not None:
        return versions.ready()
    waiting = waiting_setup(place.folder)
    return waiting.version if waiting is not None else ""


def _tomorrow() -> float:
    return DAY_SECONDS * random.uniform(1 - _JITTER, 1 + _JITTER)  # noqa: S311


def _start(command: tuple[str, ...]) -> subprocess.Popen[bytes]:
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.BELOW_NORMAL_PRIORITY_CLASS
    return subprocess.Popen(  # noqa: S603 - this very program
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=flags,
    )


def _read(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    """Wait for the worker's one line."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    with process:
        said = process.stdout.read(_LONGEST_ANSWER)
    try:
        answer = json.loads(said)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        return {"title": tr("The look for updates ended unexpectedly")}
    return answer
