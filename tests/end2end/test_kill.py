"""Killed at any instant, the app loses nothing it acknowledged and repeats no card."""

from __future__ import annotations

import random
from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.end2end.voxloud_calls import Hook, burst, vendor, webhook
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.end2end.running_app import DeskHome

CALLS = 500
KILLS = 4


def _bodies(hooks: Iterable[Hook]) -> Counter[bytes]:
    return Counter(hook.body for hook in hooks)


def _journalled(home: DeskHome) -> Counter[bytes]:
    rows = home.select("SELECT body FROM deliveries WHERE source = 'webhook'")
    return Counter(bytes(body) for (body,) in rows)


def _calls(home: DeskHome) -> set[str]:
    return {call_id for (call_id,) in home.select("SELECT call_id FROM calls")}


def _no_difference(home: DeskHome) -> bool:
    return bool(home.run("replay", "--dry-run", "--json").json["differences"] == [])


def test_kill_during_a_burst_loses_nothing_acknowledged_and_pops_nothing_twice(
    home: DeskHome,
) -> None:
    rng = random.Random()  # noqa: S311
    hooks = burst(CALLS, rng)
    sent = vendor(hooks)
    kill_points = sorted(rng.sample(range(20, len(hooks) - 100), KILLS))
    for number, point in enumerate(kill_points):
        # Every other time with windows, which take up what was left just the same.
        app = home.start(*("--headless",)[number % 2 :]).wait_for_listener()
        sent.send(app.sender(), connections=6, until_accepted=point, then=app.kill)
        # Before anybody mends anything: what was answered is on disk.
        assert not _bodies(sent.accepted) - _journalled(home), kill_points
    app = home.start("--headless").wait_for_listener()
    sent.send(app.sender(), connections=6, until_accepted=len(hooks), then=app.status)
    assert len(sent.accepted) == len(hooks)
    assert sent.statuses - {0} == {200}
    until(home.all_read, "everything to be read", seconds=30)
    assert app.terminate() == 0
    assert not _bodies(hooks) - _journalled(home)
    assert _calls(home) == {hook.call_id for hook in hooks}
    assert set(home.pops().values()) <= {1}, kill_points
    assert len(home.pops()) <= home.value("SELECT count(*) FROM pop_claims")
    assert _no_difference(home)


def test_kill_between_answer_and_fold_is_made_up_for_at_the_next_start(
    home: DeskHome,
) -> None:
    app = home.start("--headless", dies="before-fold").wait_for_listener()
    assert app.sender().post(webhook("c-1", "INCOMING", "+442079460555")) == 200
    app.kill()
    assert _calls(home) == set()
    app = home.start("--headless")
    until(lambda: _calls(home), "the call to be in the log")
    assert app.wait_for_listener().terminate() == 0
    assert home.all_read()
    assert home.pops() == {"c-1": 1}
    assert _no_difference(home)


def test_kill_between_log_and_card_does_not_show_the_card_later(
    home: DeskHome,
) -> None:
    ring = webhook("c-1", "INCOMING", "+442079460555")
    app = home.start("--headless", dies="before-card").wait_for_listener()
    app.sender().post(ring)
    app.process.wait(timeout=10)
    assert _calls(home) == {"c-1"}
    app = home.start("--headless").wait_for_listener()
    assert app.sender().post(ring) == 200
    until(home.all_read, "the repetition to be read")
    app.terminate()
    assert home.pops() == {}
    assert home.value("SELECT count(*) FROM pop_claims") == 1
    assert _no_difference(home)


@pytest.mark.parametrize("words", [("--headless",), ()])
def test_asked_to_end_in_the_middle_of_a_burst_it_does_so_cleanly(
    home: DeskHome, words: tuple[str, ...]
) -> None:
    hooks = burst(200, random.Random(7))  # noqa: S311
    sent = vendor(hooks)
    app = home.start(*words).wait_for_listener()
    ended: list[int] = []

    def end() -> None:
        ended.append(app.terminate())

    sent.send(app.sender(), connections=4, until_accepted=100, then=end)
    assert ended == [0]
    assert not _bodies(sent.accepted) - _journalled(home)
