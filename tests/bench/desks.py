"""Thousands of lean desks in a process of their own, driven by lines.

    python -m tests.bench.desks PORT

``enter FILE`` connects the desks of a file of passes; ``report`` tells how long what
came was on its way, by its kind, in ms, and forgets it. A body says when it was sent:
``…KIND@NANOSECONDS@…`` by the clock that all processes of a machine share.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import sys
import time
from pathlib import Path
from typing import Final

from tests.bench.facts import say
from tests.relay.lean_desk import Pass, let_in

_SENT: Final = re.compile(rb"(\w+)@(\d+)@")


def allow_many_files() -> None:
    """As many connections as this process may have at all."""
    with contextlib.suppress(ImportError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _passes(file: Path) -> list[Pass]:
    return [Pass(*each) for each in json.loads(file.read_text("utf-8"))]


async def run(port: int) -> None:
    took: dict[str, list[float]] = {}

    def heard(_: str, body: bytes) -> None:
        at = time.monotonic_ns()
        found = _SENT.search(body)
        if found:
            kind = found[1].decode()
            took.setdefault(kind, []).append((at - int(found[2])) / 1e6)

    loop = asyncio.get_running_loop()
    desks = []
    say(ready=True)
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        word, _, rest = line.strip().partition(" ")
        if word == "enter":
            passes = _passes(Path(rest))
            desks += await let_in(passes, port, heard)
            say(entered=len(desks))
        else:
            say(took=took, refusals=sum(len(each.refusals) for each in desks))
            took = {}
    for each in desks:
        each.close()


if __name__ == "__main__":
    allow_many_files()
    asyncio.run(run(int(sys.argv[1])))
