"""How quiet to be now: by hand, by the time of the week, or as the desktop wants it.

Quiet never forgets: calls are counted and logged at every level, and what no card was
shown for is summed up when the quiet is over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.events import Direction
from screenpop.domain.frozen import frozen
from screenpop.services.call_tracker import CallChanged
from screenpop.services.events import (
    ComputerResumed,
    NoticeLevel,
    SettingsChanged,
    UserNotice,
)
from screenpop.wording import tr_count

if TYPE_CHECKING:
    from screenpop.config.desk_settings import QuietSettings
    from screenpop.desktop.attention import Attention, AttentionWatch
    from screenpop.domain.calls import CallRef
    from screenpop.services.bus import Bus
    from screenpop.services.clock import Clock
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog

FOR_GOOD: Final = datetime(9999, 1, 1, tzinfo=UTC)
"""Quiet until somebody says otherwise."""
DIGEST_KEY: Final = "digest"

_LEVELS: Final = ("none", "silent", "name", "tray")
# Long after the window system and the panel have come up at a login.
_WATCH_AFTER_SECONDS: Final = 5.0
_LONGEST_LOOK_SECONDS: Final = 0.1


class QuietReason(StrEnum):
    """Why it is quiet."""

    BY_HAND = "by_hand"
    TIME = "time"
    FOCUS_MODE = "focus_mode"
    SHARING = "sharing"


@frozen
class Quiet:
    """How quiet it is.

    Attributes:
        level: One of the levels of the settings, "none" to "tray".
        reason: Why; None when it is not quiet.
        until: When it ends by itself; None where that is not known.
    """

    level: str = "none"
    reason: QuietReason | None = None
    until: datetime | None = None


NOT_QUIET: Final = Quiet()


@frozen
class QuietChanged:
    """It is quieter or less quiet than it was, or for another reason."""

    quiet: Quiet


def _watch_of_platform() -> AttentionWatch:
    from screenpop.desktop.attention import attention_watch

    return attention_watch()


class Quietness:
    """Publishes ``QuietChanged``, and a ``UserNotice`` of what a quiet held back."""

    def __init__(
        self,
        *,
        settings: Callable[[], QuietSettings],
        log: CallLog,
        bus: Bus,
        supervisor: Supervisor,
        clock: Clock,
        watch: Callable[[], AttentionWatch] = _watch_of_platform,
    ) -> None:
        self._settings = settings
        self._log = log
        self._bus = bus
        self._supervisor = supervisor
        self._clock = clock
        self._make_watch = watch
        self._watch: AttentionWatch | None = None
        self._attention: Attention | None = None
        self._by_hand: datetime | None = None
        self._told = NOT_QUIET
        self._held_back: dict[CallRef, None] = {}
        self._turn: asyncio.TimerHandle | None = None

    # --- life ------------------------------------------------------------------------

    def start(self) -> None:
        """Follow the settings, the clock and, a little later, the desktop."""
        self._bus.subscribe(SettingsChanged, lambda _: self._settings_changed())
        # Timers stand still while the computer sleeps.
        self._bus.subscribe(ComputerResumed, lambda _: self.refresh())
        self._bus.subscribe(CallChanged, self._call_changed)
        self.refresh()
        asyncio.get_running_loop().call_later(
            _WATCH_AFTER_SECONDS, self._settings_changed
        )

    async def stop(self) -> None:
        """Follow nothing any more."""
        if self._turn is not None:
            self._turn.cancel()
        watch, self._watch = self._watch, None
        if watch is not None:
            await watch.stop()

    # --- what is so ------------------------------------------------------------------

    @property
    def attention(self) -> Attention | None:
        """What the desktop tells; None before it was asked."""
        return self._attention

    @property
    def now(self) -> Quiet:
        """How quiet it is: the quietest of all reasons, the user's own word first."""
        reasons = [
            quiet
            for quiet in (self._of_hand(), self._of_time(), *self._of_desktop())
            if quiet.level != "none"
        ]
        return max(
            reasons, key=lambda quiet: _LEVELS.index(quiet.level), default=NOT_QUIET
        )

    @property
    def must_look(self) -> bool:
        """Whether the desktop must be asked before a card may name anybody."""
        watch = self._watch
        is_wanted = self._settings().sharing != "none"
        return watch is not None and watch.must_be_asked and is_wanted

    async def look(self) -> None:
        """Ask the desktop what it tells nobody by itself; gives up at once."""
        if self._watch is None:
            return
        try:
            async with asyncio.timeout(_LONGEST_LOOK_SECONDS):
                self._attention = await self._watch.look()
        except TimeoutError:
            return
        self.refresh()

    async def watch_desktop(self) -> None:
        """Begin to follow the desktop; done once, and only where it matters."""
        if self._watch is None:
            self._watch = self._make_watch()
            await self._watch.start(self._desktop_changed)

    # --- what changes it -------------------------------------------------------------

    def set_until(self, moment: datetime | None) -> None:
        """Be quiet by hand until then; None for no longer."""
        self._by_hand = moment
        self.refresh()

    def refresh(self) -> None:
        """Tell when it is quieter or less quiet than it was last told."""
        quiet = self.now
        before, self._told = self._told, quiet
        if quiet != before:
            self._bus.publish(QuietChanged(quiet))
        if before.level == "tray" and quiet.level != "tray":
            self._sum_up()
        self._await_turn()

    def _settings_changed(self) -> None:
        settings = self._settings()
        if {settings.focus_mode, settings.sharing} != {"none"}:
            self._supervisor.start("watch the desktop", self.watch_desktop())
        self.refresh()

    def _desktop_changed(self, attention: Attention) -> None:
        self._attention = attention
        self.refresh()

    def _of_hand(self) -> Quiet:
        until = self._by_hand
        if until is None or until <= self._clock():
            return NOT_QUIET
        return Quiet("tray", QuietReason.BY_HAND, until)

    def _of_time(self) -> Quiet:
        settings = self._settings()
        if not settings.times or settings.times_level == "none":
            return NOT_QUIET
        from screenpop.domain.week_times import end_of, read_week_time

        times = [read_week_time(text) for text in settings.times]
        until = end_of(times, self._clock().astimezone())
        if until is None:
            return NOT_QUIET
        return Quiet(settings.times_level, QuietReason.TIME, until)

    def _of_desktop(self) -> tuple[Quiet, ...]:
        known, settings = self._attention, self._settings()
        if known is None:
            return ()
        found = []
        if known.focus_mode:
            found.append(Quiet(settings.focus_mode, QuietReason.FOCUS_MODE))
        if known.sharing:
            found.append(Quiet(settings.sharing, QuietReason.SHARING))
        return tuple(found)

    def _await_turn(self) -> None:
        """Wake up when quiet begins or ends by the clock, and never else."""
        if self._turn is not None:
            self._turn.cancel()
            self._turn = None
        now = self._clock()
        turns = [moment for moment in (self._by_hand, *self._turns()) if moment]
        coming = [moment for moment in turns if now < moment < FOR_GOOD]
        if coming:
            seconds = (min(coming) - now).total_seconds()
            loop = asyncio.get_running_loop()
            self._turn = loop.call_later(seconds, self.refresh)

    def _turns(self) -> tuple[datetime | None, ...]:
        texts = self._settings().times
        if not texts:
            return ()
        from screenpop.domain.week_times import (
            end_of,
            next_begin,
            read_week_time,
        )

        times = [read_week_time(text) for text in texts]
        here = self._clock().astimezone()
        return end_of(times, here), next_begin(times, here)

    # --- what it held back -----------------------------------------------------------

    def _call_changed(self, change: CallChanged) -> None:
        call = change.call
        is_incoming = call.is_ours and call.direction is Direction.INBOUND
        if change.is_pop_granted and is_incoming and self._told.level == "tray":
            self._held_back[call.ref] = None

    def _sum_up(self) -> None:
        refs, self._held_back = tuple(self._held_back), {}
        rows = [self._log.get(ref.account_id, ref.call_id) for ref in refs]
        missed = sum(row is not None and row.is_missed for row in rows)
        if not rows:
            return
        title = tr_count(
            "{count} call while it was quiet",
            "{count} calls while it was quiet",
            len(rows),
        )
        text = (
            tr_count("{count} of them missed", "{count} of them missed", missed)
            if missed
            else ""
        )
        self._bus.publish(UserNotice(NoticeLevel.INFO, title, text, DIGEST_KEY))
