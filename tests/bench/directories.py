"""Both directories, built once in a run and kept for the rows that ask them."""

from __future__ import annotations

import contextlib
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.stage import ROOT, Program, Stage, python

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FLOOR = "tests.bench.floors.contact_index"
PROGRAM = "tests.bench.directory"
SMALL = 10_000
LARGE = 1_000_000
LARGEST = 10_000_000


@dataclass(frozen=True, slots=True)
class Built:
    """What building one directory took.

    Attributes:
        seconds: None when it stood there already.
    """

    path: Path
    seconds: float | None
    mib: float


def sizes(stage: Stage) -> tuple[int, ...]:
    """How many people the directories of this run have."""
    return (SMALL, LARGE, LARGEST) if stage.is_full else (SMALL, LARGE)


def built(stage: Stage, side: str, people: int) -> Built:
    """The directory of one side; it is made when it is not there yet."""
    path = stage.folder / f"{side.rpartition('.')[2]}-{people}.db"
    seconds = None
    if not path.exists():
        begun = time.monotonic()
        subprocess.run(
            python("-m", side, "build", str(path), str(people)),
            env=dict(stage.environment),
            cwd=ROOT,
            check=True,
        )
        seconds = time.monotonic() - begun
    return Built(path, seconds, path.stat().st_size / 2**20)


@contextlib.contextmanager
def asked(stage: Stage, side: str, people: int) -> Iterator[Program]:
    """One side's directory, open and ready to be asked."""
    path = built(stage, side, people).path
    command = python("-m", side, "ask", str(path), str(people))
    with stage.running(*command) as program:
        program.fact("ready")
        yield program


def took_us(side: Program, kind: str, seed: int) -> tuple[float, float]:
    """Ask one side; p50 and p99."""
    side.tell(f"{kind} {seed}")
    half, slow = side.fact("took_us")
    return float(half), float(slow)
