"""Killed at each step of the intake in turn, the app loses and repeats nothing.

The steps are not listed here: a first run of the program tells them.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.end2end.voxloud_calls import webhook
from tests.waiting import until

if TYPE_CHECKING:
    from tests.end2end.running_app import AppProcess, DeskHome

KNOWN = {
    "request 1",
    "sql-insert-deliveries 1",
    "sql-commit 1",
    "hand-over 1",
    "answer 1",
    "sql-insert-call_events 1",
    "sql-insert-calls 1",
    "sql-insert-pop_claims 1",
    "sql-update-deliveries 1",
    "sql-commit 2",
    "tell-CallChanged 1",
    "tell-PopRequested 1",
    "tell-CallLogChanged 1",
}
"""Without these the first run would have told too little."""
LAST = "tell-PopUpdated 1"
BESIDE = ("tell-AccountStateChanged", "tell-UserNotice")
"""Told of accounts whenever they change, whether or not a call comes in."""


def _ring(call_id: str) -> bytes:
    return webhook(call_id, "INCOMING", "+442079460555")


def _steps(home: DeskHome, words: tuple[str, ...]) -> list[str]:
    """All that is done for a webhook, from its request to the card and after."""
    app = home.start(*words, dies="steps").wait_for_listener()
    _arm(home)
    assert app.sender().post(_ring("first")) == 200
    until(lambda: LAST in home.notes("step"), "the last step")
    app.kill()
    return [step for step in home.notes("step") if not step.startswith(BESIDE)]


def _arm(home: DeskHome) -> None:
    home.notes_file.with_name("armed").touch()


def _disarm(home: DeskHome) -> None:
    home.notes_file.with_name("armed").unlink()


def _mend(home: DeskHome, app: AppProcess, call_id: str, ring: bytes) -> None:
    """What the vendor and the next run make up for."""
    app.wait_for_listener()
    if (call_id,) not in home.select("SELECT call_id FROM calls"):
        # It was not answered, or is about to be taken up.
        assert app.sender().post(ring) == 200
    until(home.all_read, "everything to be read")
    assert (call_id,) in home.select("SELECT call_id FROM calls")


@pytest.mark.parametrize(
    "words", [("--headless",), pytest.param((), marks=pytest.mark.soak)]
)
def test_killed_at_any_step_it_loses_nothing_acknowledged_and_repeats_no_card(
    home: DeskHome, words: tuple[str, ...]
) -> None:
    steps = _steps(home, words)
    assert not KNOWN - set(steps), "the steps are not all seen any more"
    before, ring = "first", _ring("first")
    for number, step in enumerate(steps):
        _disarm(home)
        app = home.start(*words, dies=f"step {step}")
        _mend(home, app, before, ring)
        before, ring = f"call-{number}", _ring(f"call-{number}")
        _arm(home)
        status = app.sender().post(ring)
        assert app.process.wait(timeout=20) == -signal.SIGKILL, step
        kept = home.select("SELECT body FROM deliveries WHERE body = ?", ring)
        assert status in (0, 200), step
        assert kept or status == 0, f"acknowledged and lost: {step}"
        assert home.pops()[before] <= 1, step
    _disarm(home)
    app = home.start(*words)
    _mend(home, app, before, ring)
    assert app.terminate() == 0
    assert set(home.pops().values()) == {1}
    assert len(home.pops()) > len(steps) // 2
    assert home.run("replay", "--dry-run", "--json").json["differences"] == []
