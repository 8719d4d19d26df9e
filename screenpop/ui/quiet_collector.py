"""Look for garbage when nothing happens, and so not while a phone begins to ring.

Python looks whenever 700 more objects have been made than let go, which is every third
call, and now and then at all objects there are: 1 to 3 ms each 35 calls, 20 ms and more
each few thousand. A card that comes up just then waits for it.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, QTimer

from screenpop.services.events import CallLogChanged
from screenpop.ui.lean_memory import give_back

if TYPE_CHECKING:
    from screenpop.services.bus import Bus

# A call leaves some 200 objects. Where calls never pause, memory stays bounded by this.
_MOST_UNSEEN: Final = 30_000
_QUIET_MS: Final = 1_000
# The desktop around us is asked after five seconds.
_STARTED_MS: Final = 8_000


class QuietCollector(QObject):
    """Collects a second after the last that happened to a call.

    What the start has made is left alone from then on: it stays for as long as the
    program runs, and going through it is nearly all of the work.
    """

    def __init__(
        self, bus: Bus, *, quiet_ms: int = _QUIET_MS, started_ms: int = _STARTED_MS
    ) -> None:
        """Begin.

        Args:
            bus: Tells what happens to calls.
            quiet_ms: How long nothing must have happened.
            started_ms: How long from now the start takes, at most.
        """
        super().__init__()
        self._thresholds = gc.get_threshold()
        self._is_started = False
        self._quiet = QTimer(self, singleShot=True, interval=quiet_ms)
        self._quiet.setTimerType(Qt.TimerType.CoarseTimer)
        self._quiet.timeout.connect(lambda: gc.collect())  # noqa: PLW0108 - no slot
        self._forget = bus.subscribe(CallLogChanged, lambda _: self._quiet.start())
        QTimer.singleShot(started_ms, self, self._note_start)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._forget()
        self._quiet.stop()
        gc.set_threshold(*self._thresholds)
        if self._is_started:
            gc.unfreeze()
        self.deleteLater()

    def _note_start(self) -> None:
        gc.set_threshold(_MOST_UNSEEN, *self._thresholds[1:])
        # Without collecting first: there is hardly anything, and it takes 20 ms.
        gc.freeze()
        give_back()
        self._is_started = True
