"""Row "import": a file of contacts, beside bare inserts into the same indexes.

The program's side is the worker process that the app starts, from spawn to exit, with
number reading, folding and generations. Memory is the worker's greatest and that of the
process which reads the file for it; the tick is that of the whole app meanwhile.
"""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.lookup.csv_contacts import inspect_csv
from screenpop.services.import_worker import COMMAND, ImportJob
from tests.bench.figures import Bound, Row, Target, percentile
from tests.bench.people import csv_lines
from tests.bench.rows.card import probed_program
from tests.bench.rows.idle import kib_of, pause
from tests.bench.stage import ROOT, Stage, python

if TYPE_CHECKING:
    from collections.abc import Iterator

PEOPLE = 200_000
MANY_PEOPLE = 1_000_000
SETTLE_SECONDS = 2.0
MOST_TICK_ROUNDS = 3
_REGION = "IT"
_LOOK_SECONDS = 0.02
_DATABASE_FILES = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one import by the worker took."""

    seconds: float
    peak_mib: float


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both sides import the same file into a new database, one after the other."""
    rate = Row(f"import of {PEOPLE:,}", "/s", Target(Bound.AT_LEAST, 50_000))
    memory = Row(
        f"import worker's memory, {MANY_PEOPLE:,} beside {PEOPLE:,}",
        "MiB",
        Target(Bound.AT_MOST_TIMES, 1.5),
        beside=f"{PEOPLE:,}",
    )
    source = _file(stage, PEOPLE)
    for _ in range(rounds):
        beside = _floor_seconds(stage, source)
        ours = _worker(stage, source)
        rate.add(PEOPLE / beside, PEOPLE / ours.seconds)
        memory.add(ours.peak_mib, None)
    many = _worker(stage, _file(stage, MANY_PEOPLE))
    memory.add(None, many.peak_mib)
    large = Row(f"import of {MANY_PEOPLE:,}", "/s")
    large.add(None, MANY_PEOPLE / many.seconds)
    return [rate, large, memory, *_tick_rows(stage, source, rounds)]


def _file(stage: Stage, people: int) -> Path:
    path = stage.folder / f"people-{people}.csv"
    with path.open("w", encoding="utf-8") as stream:
        stream.writelines(csv_lines(people))
    return path


def _floor_seconds(stage: Stage, source: Path) -> float:
    command = python("-m", "tests.bench.floors.bulk_insert", str(source))
    with _fresh(stage) as target:
        begun = time.monotonic()
        subprocess.run(
            (*command, str(target)), env=dict(stage.environment), cwd=ROOT, check=True
        )
        return time.monotonic() - begun


def _worker(stage: Stage, source: Path) -> Taken:
    with _fresh(stage) as target:
        job = _job(source, target).to_line().decode().strip()
        begun = time.monotonic()
        with stage.running(*python("-m", "screenpop", COMMAND)) as worker:
            watch = _PeakMemory(worker.pid)
            worker.tell(job)
            imported = worker.fact("imported")
            seconds = time.monotonic() - begun
            watch.stop()
    if not imported:
        raise RuntimeError(f"nothing was imported\n{stage.errors()}")
    return Taken(seconds, watch.mib)


@contextlib.contextmanager
def _fresh(stage: Stage) -> Iterator[Path]:
    """A place for a database, empty before and after."""
    path = stage.folder / "import.db"
    try:
        yield path
    finally:
        for suffix in _DATABASE_FILES:
            Path(f"{path}{suffix}").unlink(missing_ok=True)


def _job(source: Path, target: Path) -> ImportJob:
    guess = inspect_csv(source).guess
    return ImportJob(database_file=target, path=source, region=_REGION, guess=guess)


class _PeakMemory:
    """The greatest resident memory of a process and its children while it is watched.

    Each one's greatest is taken, whenever that was.
    """

    def __init__(self, pid: int) -> None:
        self._greatest: dict[str, float] = {}
        self._of_worker = Path(f"/proc/{pid}/task/{pid}/children")
        self._pid = str(pid)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    @property
    def mib(self) -> float:
        """All of it together."""
        return sum(self._greatest.values())

    def stop(self) -> None:
        """Look no more."""
        self._is_over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._is_over.wait(_LOOK_SECONDS):
            for pid in (self._pid, *self._of_worker.read_text("ascii").split()):
                # A child may end in this moment.
                with contextlib.suppress(OSError):
                    text = Path(f"/proc/{pid}/status").read_text("ascii")
                    if "VmHWM" in text:
                        self._greatest[pid] = kib_of(text, "VmHWM") / 1024


def _tick_rows(stage: Stage, source: Path, rounds: int) -> list[Row]:
    """How late the app's ticks are while its worker imports the file."""
    slow = Row("UI tick lag during an import, p99", "ms", Target(Bound.AT_MOST, 5))
    worst = Row("UI tick lag during an import, max", "ms")
    with probed_program(stage, "import", env={"BENCH_IMPORT": str(source)}) as (
        program,
        _,
    ):
        pause(SETTLE_SECONDS)
        for _ in range(min(rounds, MOST_TICK_ROUNDS)):
            program.tell("tick")
            program.tell("import")
            program.fact("imported")
            program.tell("told")
            late = program.fact("late_ms")
            slow.add(None, percentile(late, 0.99))
            worst.add(None, max(late))
    return [slow, worst]
