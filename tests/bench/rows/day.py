"""A day of calls: whether memory, queues and files stay as they were.

Twenty-four hours of a busy line, one after the other without the pauses between calls.
Of a hundred calls an hour thirty are for our agent and come up as cards. After each
hour what came has been read, and the program is weighed. After the first nothing may
grow but what the user keeps.

A call is remembered for ten minutes after its end, at most 2,000 of them. A day within
minutes would fill that up and look like growth, so as many calls of others go before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from tests.bench.deliveries import Sent, body, request
from tests.bench.figures import Bound, Row, Target
from tests.bench.rows.answer import OTHER_EXTENSION
from tests.bench.rows.card import probed_program
from tests.bench.rows.idle import memory_of, pause
from tests.waiting import until

if TYPE_CHECKING:
    from tests.bench.stage import Program, Stage

HOURS: Final = 24
CALLS_AN_HOUR, OURS_AN_HOUR = 100, 30
REMEMBERED: Final = 2_000
KINDS: Final = ("INCOMING", "ANSWERED", "HANGUP")
SETTLE_SECONDS: Final = 2.0
_HOME: Final = "day"


@dataclass(frozen=True, slots=True)
class Weighed:
    """The program after an hour.

    Attributes:
        memory: RSS in MiB.
        files: How many it has open.
        threads: How many it has.
        disk: What its home takes, in KiB.
    """

    memory: float
    files: int
    threads: int
    disk: float


def measure(stage: Stage, rounds: int) -> list[Row]:
    """One program lives through all of it; a further round is another day."""
    flat = Target(Bound.AT_MOST_TIMES, 1.05)
    known = "hour 1"
    rows = [
        Row(f"memory after hour {HOURS} of calls", "MiB", flat, beside=known),
        Row(f"open files after hour {HOURS}", "", flat, beside=known),
        Row(f"threads after hour {HOURS}", "", flat, beside=known),
        Row(
            "deliveries that wait to be read after any hour",
            "",
            Target(Bound.AT_MOST, 0),
        ),
        Row("disk for each call", "KiB"),
    ]
    for number in range(rounds):
        with probed_program(stage, f"{_HOME}-{number}") as (program, url):
            home = stage.folder / f"{_HOME}-{number}"
            pause(SETTLE_SECONDS)
            _call(stage, program, url, range(REMEMBERED), ours=0)
            hours = [_hour(stage, program, url, home) for _ in range(HOURS)]
            program.tell("backlog")
            waiting = float(program.fact("backlog"))
        warm, last = hours[0], hours[-1]
        rows[0].add(warm.memory, last.memory)
        rows[1].add(warm.files, last.files)
        rows[2].add(warm.threads, last.threads)
        rows[3].add(None, waiting)
        calls = (HOURS - 1) * CALLS_AN_HOUR
        rows[4].add(None, (last.disk - warm.disk) / calls)
    return rows


def _hour(stage: Stage, program: Program, url: str, home: Path) -> Weighed:
    _call(stage, program, url, range(CALLS_AN_HOUR), ours=OURS_AN_HOUR)
    pause(SETTLE_SECONDS)
    return Weighed(
        memory_of(program.pid).rss,
        _count(Path(f"/proc/{program.pid}/fd")),
        _count(Path(f"/proc/{program.pid}/task")),
        sum(each.stat().st_size for each in home.rglob("*") if each.is_file()) / 1024,
    )


def _call(
    stage: Stage, program: Program, url: str, numbers: range, *, ours: int
) -> None:
    """Make calls, the first ``ours`` of them for our agent."""
    hook, line = urlsplit(url), stage.cloud.line
    for number in numbers:
        is_ours = number < ours
        extension = stage.cloud.extension if is_ours else OTHER_EXTENSION
        call_id = str(uuid.uuid4())
        for kind in KINDS:
            content = body(kind, call_id, number, line, extension)
            status = Sent(hook.port or 0, request(hook.path, content)).status()
            assert status == 200, status
            if is_ours and kind == KINDS[0]:
                program.fact("painted")
        if is_ours:
            _wait_until_read(program)
            program.tell("hide")
            _wait_until_read(program)
    _wait_until_read(program)


def _count(folder: Path) -> int:
    return sum(1 for _ in folder.iterdir())


def _wait_until_read(program: Program) -> None:
    """Until nothing waits; what it was told before is done by then as well."""

    def is_read() -> bool:
        program.tell("backlog")
        return not program.fact("backlog")

    until(is_read, "the calls to be read", seconds=60)
