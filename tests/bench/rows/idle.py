"""Rows 2 and 3: memory and work of a program that has nothing to do."""

from __future__ import annotations

import os
import re
import threading
from dataclasses import dataclass
from pathlib import Path

from tests.bench.figures import Bound, Row, Target
from tests.bench.rows.start import FLOOR
from tests.bench.stage import Stage, home_of, is_live, python
from tests.waiting import until

SETTLE_SECONDS = 5.0
WATCHED_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Memory:
    """In MiB."""

    rss: float
    pss: float


@dataclass(frozen=True, slots=True)
class Work:
    """What a process has done since its start.

    Attributes:
        ticks: Of processor time, 10 ms each.
        switches: Of context, of all its threads, asked for or not.
    """

    ticks: int
    switches: int


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both sides idle side by side, the program with a connected account."""
    paths = stage.home("idle")
    rss = Row("idle memory, RSS", "MiB", Target(Bound.AT_MOST_TIMES, 1.45))
    pss = Row("idle memory, PSS", "MiB", Target(Bound.AT_MOST_TIMES, 1.5))
    ticks = Row("idle work in 30 s, processor ticks", "", Target(Bound.AT_MOST, 1))
    switches = Row("idle work in 30 s, context switches", "", Target(Bound.BELOW, 100))
    for _ in range(rounds):
        with (
            stage.running(*python(str(FLOOR))) as floor,
            stage.running(*python("-m", "screenpop"), env=home_of(paths)) as program,
        ):
            until(lambda: is_live(paths), "the account to be connected", seconds=30)
            pause(SETTLE_SECONDS)
            sides = (floor.pid, program.pid)
            before = [work_of(pid) for pid in sides]
            pause(WATCHED_SECONDS)
            after = [work_of(pid) for pid in sides]
            memories = [memory_of(pid) for pid in sides]
        rss.add(*(memory.rss for memory in memories))
        pss.add(*(memory.pss for memory in memories))
        done = list(zip(before, after, strict=True))
        ticks.add(*(new.ticks - old.ticks for old, new in done))
        switches.add(*(new.switches - old.switches for old, new in done))
    return [rss, pss, ticks, switches]


def pause(seconds: float) -> None:
    """Let time pass: here it is what is measured."""
    threading.Event().wait(seconds)


def memory_of(pid: int) -> Memory:
    """What a process keeps in memory; PSS shares pages out among their users."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return Memory(_kib(rollup, "Rss") / 1024, _kib(rollup, "Pss") / 1024)


def _kib(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"no {name} in smaps_rollup")
    return int(found.group(1))


def work_of(pid: int) -> Work:
    """What all threads of a process have done."""
    stat = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()
    user_time, system_time = int(stat[11]), int(stat[12])
    hertz = os.sysconf("SC_CLK_TCK")
    switches = 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        text = status.read_text("utf-8")
        switches += sum(map(int, re.findall(r"ctxt_switches:\s+(\d+)", text)))
    return Work((user_time + system_time) * 100 // hertz, switches)
