"""Ten times the contacts and calls: what the program needs more for them.

The same program twice, after some years and after ten times as much: how fast it is in
the tray, what it keeps in memory, and how long its call log takes to answer.
"""

from __future__ import annotations

import statistics
import subprocess
from typing import TYPE_CHECKING, Final

from tests.bench.directories import took_us
from tests.bench.figures import Bound, Row, Target
from tests.bench.rows.idle import SETTLE_SECONDS, memory_of, pause
from tests.bench.rows.start import PROGRAM, STARTS_PER_ROUND, start
from tests.bench.stage import ROOT, Stage, home_of, is_live, python
from tests.waiting import until

if TYPE_CHECKING:
    from screenpop.config.paths import Paths

CONTACTS, CALLS = 10_000, 5_000
TIMES: Final = 10
QUESTIONS: Final = ("first page", "missed", "search", "last with")
_MODULE: Final = "tests.bench.grown_home"
_BESIDE: Final = "a tenth"


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Both homes are there; one at a time is used."""
    homes = _home(stage, 1), _home(stage, TIMES)
    what = f"{CONTACTS * TIMES:,} contacts and {CALLS * TIMES:,} calls"
    little = Target(Bound.AT_MOST_TIMES, 1.1)
    started = Row(f"start to tray with {what}", "ms", little, _BESIDE)
    memory = Row(f"memory at rest with {what}", "MiB", little, _BESIDE)
    answers = {
        kind: Row(
            f"call log, {kind}, p50",
            "ms",
            Target(Bound.AT_MOST_TIMES, TIMES),
            _BESIDE,
        )
        for kind in QUESTIONS
    }
    for number in range(1, rounds + 1):
        pairs = [
            [start(stage, PROGRAM, home_of(home)) for home in homes]
            for _ in range(STARTS_PER_ROUND)
        ]
        started.add(*map(statistics.median, zip(*pairs, strict=True)))
        memory.add(*(_memory(stage, home) for home in homes))
        for kind, row in answers.items():
            row.add(*(_asked(stage, home, kind, number) / 1000 for home in homes))
    return [started, memory, *answers.values()]


def _home(stage: Stage, times: int) -> Paths:
    paths = stage.home(f"grown-{times}")
    # The first start makes what is made once.
    with stage.running(*python("-m", "screenpop"), env=home_of(paths)):
        until(lambda: is_live(paths), "the account to be connected", seconds=30)
    sizes = str(CONTACTS * times), str(CALLS * times)
    subprocess.run(
        python("-m", _MODULE, "build", str(paths.database_file), *sizes),
        env=dict(stage.environment),
        cwd=ROOT,
        check=True,
    )
    return paths


def _memory(stage: Stage, home: Paths) -> float:
    with stage.running(*python("-m", "screenpop"), env=home_of(home)) as program:
        until(lambda: is_live(home), "the account to be connected", seconds=30)
        pause(SETTLE_SECONDS)
        return memory_of(program.pid).rss


def _asked(stage: Stage, home: Paths, kind: str, seed: int) -> float:
    """Half of the answers take at most this, in us."""
    command = python("-m", _MODULE, "ask", str(home.database_file))
    with stage.running(*command) as log:
        log.fact("ready")
        took_us(log, kind.replace(" ", "-"), 0)
        return took_us(log, kind.replace(" ", "-"), seed)[0]
