"""By how much a precise timer of 5 ms is late: what a user would feel as stutter."""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass, field

from PySide6.QtCore import Qt, QTimer

TICK_MS = 5


def say(**facts: object) -> None:
    """One line for the benchmark."""
    line = (json.dumps(facts) + "\n").encode()
    while line:
        line = line[os.write(1, line) :]


@dataclass(slots=True)
class Ticks:
    """Each tick's lateness, in ms."""

    timer: QTimer
    last: float = 0.0
    late: list[float] = field(default_factory=list)

    def start(self) -> None:
        """Forget what was, and begin."""
        self.late.clear()
        self.last = time.perf_counter()
        self.timer.start(TICK_MS)

    def fired(self) -> None:
        """Note one tick."""
        now = time.perf_counter()
        self.late.append(round(max(0.0, (now - self.last) * 1000 - TICK_MS), 3))
        self.last = now


def ticks() -> Ticks:
    """A stopped ticker; needs a QApplication."""
    timer = QTimer()
    timer.setTimerType(Qt.TimerType.PreciseTimer)
    measured = Ticks(timer)
    timer.timeout.connect(measured.fired)
    return measured


def obey(word: str, measured: Ticks) -> None:
    """``tick`` begins to measure, ``told`` ends it and tells."""
    if word == "tick":
        measured.start()
    elif word == "told":
        measured.timer.stop()
        say(late_ms=measured.late)
