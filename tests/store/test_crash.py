"""Killed without warning, whatever was acknowledged is there."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.store.call_log import CallLog, PopClaim
from screenpop.store.database import Database
from screenpop.store.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

_BURST = """
import sys
from pathlib import Path
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import a_delivery

database = Database(Path(sys.argv[1]))
journal = Journal(database)
waiting = []
for number in range(2_000):
    waiting.append(journal.append(a_delivery(body=str(number).encode())))
    if len(waiting) == 16:
        for future in waiting:
            print(future.result(), flush=True)
        waiting.clear()
"""

_CLAIM = """
import sys
from pathlib import Path
from screenpop.store.call_log import CallLog, PopClaim
from screenpop.store.database import Database

log = CallLog(Database(Path(sys.argv[1])))
for number in range(2_000):
    claim = PopClaim("acme", f"call-{number}", "ring")
    if log.commit(pop_claims=[claim]).result():
        print(number, flush=True)
"""


def printed_before_a_kill(script: str, path: Path, lines: int) -> list[int]:
    """What the script managed to print before SIGKILL after so many lines."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    printed = [process.stdout.readline() for _ in range(lines)]
    process.kill()
    # communicate() would read past what readline() has buffered.
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGKILL
    # The very last line may have been cut off by the kill.
    whole = [line for line in (*printed, *rest.splitlines(keepends=True)) if line]
    return [int(line) for line in whole if line.endswith("\n")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("lines", [1, 333, 1_000])
def test_a_kill_in_a_burst_loses_nothing_acknowledged(path: Path, lines: int) -> None:
    acknowledged = printed_before_a_kill(_BURST, path, lines)
    assert len(acknowledged) >= lines
    with Database(path) as database:
        assert database.recovered_from is None
        pending = Journal(database).pending()
    assert set(acknowledged) <= {delivery.seq for delivery in pending}
    assert [delivery.body for delivery in pending] == [
        str(number).encode() for number in range(len(pending))
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_claim_made_before_a_kill_is_not_given_again(path: Path) -> None:
    popped = printed_before_a_kill(_CLAIM, path, 100)
    claims = [PopClaim("acme", f"call-{number}", "ring") for number in range(2_000)]
    with Database(path) as database:
        new = CallLog(database).commit(pop_claims=claims).result()
    again = {int(claim.call_id.removeprefix("call-")) for claim in new}
    assert not again & set(popped)
    # At most one was claimed without having been printed yet.
    assert len(again) + len(popped) >= 1_999
