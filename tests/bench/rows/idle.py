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
    """One side at a time, as two would share pages; the program with its account."""
    paths = stage.home("idle")
    rows = [
        Row("idle memory, RSS", "MiB", Target(Bound.AT_MOST_TIMES, 1.45)),
        Row("idle memory, PSS", "MiB", Target(Bound.AT_MOST_TIMES, 1.5)),
        Row("idle work in 30 s, processor ticks", "", Target(Bound.AT_MOST, 1)),
        Row("idle work in 30 s, context switches", "", Target(Bound.BELOW, 100)),
    ]
    # The first start makes the database and the hook's secret.
    with stage.running(*python("-m", "screenpop"), env=home_of(paths)):
        until(lambda: is_live(paths), "the account to be connected", seconds=30)
    for _ in range(rounds):
        with stage.running(*python(str(FLOOR))) as floor:
            beside = _watch(floor.pid)
        with stage.running(*python("-m", "screenpop"), env=home_of(paths)) as program:
            until(lambda: is_live(paths), "the account to be connected", seconds=30)
            ours = _watch(program.pid)
        for row, pair in zip(rows, zip(beside, ours, strict=True), strict=True):
            row.add(*pair)
    return rows


def _watch(pid: int) -> tuple[float, float, int, int]:
    """RSS, PSS, ticks and context switches of a process that has come to rest."""
    pause(SETTLE_SECONDS)
    before = work_of(pid)
    pause(WATCHED_SECONDS)
    after, memory = work_of(pid), memory_of(pid)
    return (
        memory.rss,
        memory.pss,
        after.ticks - before.ticks,
        after.switches - before.switches,
    )


def pause(seconds: float) -> None:
    """Let time pass: here it is what is measured."""
    threading.Event().wait(seconds)


def memory_of(pid: int) -> Memory:
    """What a process keeps in memory; PSS shares pages out among their users."""
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
    return Memory(kib_of(rollup, "Rss") / 1024, kib_of(rollup, "Pss") / 1024)


def kib_of(text: str, name: str) -> int:
    """The figure of that name in a file of /proc."""
    found = re.search(rf"^{name}:\s+(\d+) kB", text, re.MULTILINE)
    if found is None:
        raise ValueError(f"/proc does not tell {name}")
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
