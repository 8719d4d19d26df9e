"""What measured programs tell, and how they time a question. Without Qt."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Mapping

from tests.bench.figures import percentile

Ask = Callable[[str], object]


def say(**facts: object) -> None:
    """One line for the benchmark."""
    line = (json.dumps(facts) + "\n").encode()
    while line:
        line = line[os.write(1, line) :]


def took_us(ask: Ask, questions: Iterable[str]) -> tuple[float, float]:
    """What asking each of them took: half of them at most, and 99 in 100, in us."""
    taken = []
    for question in questions:
        begun = time.perf_counter_ns()
        ask(question)
        taken.append(time.perf_counter_ns() - begun)
    return percentile(taken, 0.5) / 1000, percentile(taken, 0.99) / 1000


def serve(kinds: Mapping[str, tuple[Ask, Callable[[int], list[str]]]]) -> None:
    """Answer lines of ``KIND SEED`` with the times taken, until the input ends."""
    say(ready=True)
    for line in sys.stdin:
        kind, seed = line.split()
        ask, questions = kinds[kind]
        say(took_us=took_us(ask, questions(int(seed))))
