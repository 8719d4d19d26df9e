"""A database after years of work: contacts and calls; and questions to its call log.

python -m tests.bench.grown_home build FILE CONTACTS CALLS
python -m tests.bench.grown_home ask FILE
"""

from __future__ import annotations

import random
import sys
from datetime import timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.domain.calls import CallState
from screenpop.domain.cdr import CallOutcome
from screenpop.domain.events import Direction
from screenpop.services.clock import utc_now
from screenpop.store.call_log import CallLog
from screenpop.store.call_rows import CallRow
from screenpop.store.database import Database
from tests.bench import directory
from tests.bench.facts import serve
from tests.bench.people import e164, name
from tests.bench.stage import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Iterator

_BATCH = 5_000
_ASKED = 50
_PEOPLE = 1_000
_OUTCOMES = (CallOutcome.ANSWERED, CallOutcome.ANSWERED, CallOutcome.NO_ANSWER)


def calls(count: int) -> Iterator[CallRow]:
    """One every ten minutes up to yesterday, each third of them missed."""
    last = utc_now() - timedelta(days=1)
    for number in range(count):
        started = last - timedelta(minutes=10 * (count - number))
        ended = started + timedelta(minutes=3)
        outcome = _OUTCOMES[number % len(_OUTCOMES)]
        is_answered = outcome is CallOutcome.ANSWERED
        yield CallRow(
            account_id=ACCOUNT,
            call_id=f"call-{number}",
            direction=Direction.INBOUND,
            state=CallState.ENDED,
            outcome=outcome,
            remote_number=e164(number % _PEOPLE),
            remote_e164=e164(number % _PEOPLE),
            matched_name=name(number % _PEOPLE),
            started_at=started,
            connected_at=started if is_answered else None,
            ended_at=ended,
            last_heard_at=ended,
        )


def build(path: Path, contacts: int, count: int) -> None:
    directory.build(path, contacts)
    with Database(path) as database:
        log, everything = CallLog(database), calls(count)
        while batch := list(islice(everything, _BATCH)):
            log.commit(rows=batch).result()


def ask(path: Path) -> None:
    with Database(path) as database:
        log = CallLog(database)

        def nothing(_seed: int) -> list[str]:
            return [""] * _ASKED

        def names(seed: int) -> list[str]:
            chance = random.Random(seed)  # noqa: S311 - nothing secret
            return [name(chance.randrange(_PEOPLE)) for _ in range(_ASKED)]

        def numbers(seed: int) -> list[str]:
            chance = random.Random(seed)  # noqa: S311 - nothing secret
            return [e164(chance.randrange(_PEOPLE)) for _ in range(_ASKED)]

        serve(
            {
                "first-page": (lambda _: log.search(), nothing),
                "missed": (lambda _: log.missed_count(), nothing),
                "search": (partial(log.search, limit=100), names),
                "last-with": (lambda asked: log.last_with(asked, utc_now()), numbers),
            }
        )


def main() -> int:
    verb, file, *sizes = sys.argv[1:]
    if verb == "build":
        build(Path(file), *map(int, sizes))
    else:
        ask(Path(file))
    return 0


if __name__ == "__main__":
    sys.exit(main())
