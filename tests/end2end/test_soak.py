"""Several busy days in half a minute: nothing grows that has no reason to."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.end2end.voxloud_calls import LINE, Hook, vendor, webhook
from tests.waiting import until

if TYPE_CHECKING:
    from tests.end2end.running_app import AppProcess, DeskHome

pytestmark = pytest.mark.soak

ROUNDS = 8
CALLS = 400
# What the program keeps at hand of ended calls is full after so many rounds.
WARM = 5
MOST_GROWTH_MIB = 6.0
MIB = 1024 * 1024


def _record(call_id: str, caller: str) -> bytes:
    return json.dumps(
        {
            "id": int(call_id[2:]) + 1,
            "type": "PHONE_CALL",
            "direction": "INBOUND",
            "timestamp": int(time.time() * 1000),
            "originatorNumber": caller,
            "destinationNumber": LINE,
            "answererNumber": "101",
            "lastEvent": "CALL_TERMINATED",
            "duration": 60,
            "ringTime": 4,
            "callId": call_id,
            "summary": "They talked. " * 20,
        }
    ).encode()


def _round(number: int) -> list[Hook]:
    hooks = []
    for one in range(CALLS):
        call_id = f"c-{number * CALLS + one}"
        caller = f"+4420794607{one % 100:02}"
        bodies = [
            webhook(call_id, kind, caller)
            for kind in ("INCOMING", "ANSWERED", "HANGUP")
        ]
        bodies.append(_record(call_id, caller))
        hooks += [Hook(call_id, body) for body in bodies]
    return hooks


def _memory_after(home: DeskHome, app: AppProcess, number: int) -> float:
    """What the program holds, without the database's pages that SQLite caches."""
    hooks = _round(number)
    sent = vendor(hooks)
    sent.send(app.sender(), connections=4, until_accepted=len(hooks), then=lambda: None)
    until(home.all_read, "the round to be read", seconds=60)
    facts = app.status()
    assert facts["queues"] == {"deliveries": 0, "store": 0}
    assert facts["calls"]["open"] == 0
    return float(facts["memory_mib"]) - home.paths.database_file.stat().st_size / MIB


@pytest.mark.parametrize("words", [("--headless",), ()])
def test_three_thousand_calls_leave_memory_flat_and_no_queue(
    home: DeskHome, words: tuple[str, ...]
) -> None:
    app = home.start(*words, watched=False).wait_for("live")
    memory = [_memory_after(home, app, number) for number in range(ROUNDS)]
    assert memory[-1] - memory[WARM - 1] < MOST_GROWTH_MIB, memory
    calls = ROUNDS * CALLS
    grown = {
        table: home.value(f"SELECT count(*) FROM {table}")  # noqa: S608
        for table in ("calls", "pop_claims", "call_events", "deliveries")
    }
    assert grown["calls"] == calls
    assert grown["pop_claims"] <= calls
    assert grown["call_events"] <= 4 * calls
    assert grown["deliveries"] == 4 * calls
    assert app.terminate() == 0
