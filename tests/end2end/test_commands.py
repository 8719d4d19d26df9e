"""Commands beside the running app, without it, and several starts at once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.desktop.control_client import ask
from tests.end2end.running_app import ROOT
from tests.end2end.voxloud_calls import webhook
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from screenpop.simulator import VendorCloud
    from tests.end2end.running_app import DeskHome

NUMBER = "+442079460777"
NUMBER_SHOWN = "020 7946 0777"
STARTS = 8


@pytest.fixture
def free_home(home: DeskHome) -> Iterator[DeskHome]:
    """A home in which a command may start the app; it is ended afterwards."""
    yield home
    if home.is_in_use():
        home.ask("quit")
        until(lambda: not home.is_in_use(), "the app to end")


def _connects(cloud: VendorCloud) -> int:
    """How often the phone system was asked to call."""
    return sum(
        request.method == "POST" and request.path.endswith("/connect")
        for request in cloud.requests
    )


def test_dial_asks_in_the_window_before_anything_is_sent(
    home: DeskHome, cloud: VendorCloud
) -> None:
    home.start().wait_for("live")
    ran = home.run("dial", f"tel:{NUMBER}")
    assert (ran.status, ran.err) == (0, "")
    assert NUMBER_SHOWN in ran.out
    assert home.notes("asked") == [NUMBER_SHOWN]
    assert cloud.placed_calls == ()
    assert home.value("SELECT count(*) FROM dials") == 0


def test_dial_yes_calls_exactly_once_however_often_it_is_said(
    home: DeskHome, cloud: VendorCloud
) -> None:
    home.start("--headless").wait_for("live")
    ran = home.run("dial", NUMBER, "--yes")
    assert (ran.status, ran.err) == (0, "")
    assert "pick up" in ran.out
    cloud.wait_for_placed_calls(1)
    # At once, without the time that another process takes to start.
    again = ask(
        home.paths.socket_file,
        home.paths.lock_file,
        "dial",
        {"text": NUMBER, "yes": True},
    )
    assert not again.is_ok
    assert "dialled already" in again.title
    assert _connects(cloud) == 1
    assert home.notes("asked") == []
    assert home.value("SELECT state FROM dials") == "accepted"


def test_dial_refuses_in_one_sentence_what_is_no_number(
    home: DeskHome, cloud: VendorCloud
) -> None:
    home.start("--headless").wait_for("live")
    for text in ("tel:*21*123#", "javascript:alert(1)", ""):
        ran = home.run("dial", "--yes", "--", text)
        assert ran.status == 2
        assert ran.err.count("\n") == 1
    assert cloud.placed_calls == ()


def test_dial_starts_the_app_when_it_does_not_run(
    free_home: DeskHome, cloud: VendorCloud
) -> None:
    ran = free_home.run("dial", NUMBER)
    assert (ran.status, ran.err) == (0, "")
    assert NUMBER_SHOWN in ran.out
    assert free_home.is_in_use()
    assert cloud.placed_calls == ()
    facts = free_home.ask("status")
    assert facts["accounts"][0]["id"] == "acme"


def test_a_second_start_shows_the_first_and_ends(home: DeskHome) -> None:
    first = home.start().wait_for_listener()
    ran = home.run()
    assert (ran.status, ran.out, ran.err) == (0, "", "")
    until(lambda: home.notes("window"), "the window to be asked for")
    assert home.notes("window") == ["dialer"]
    assert first.terminate() == 0


def test_a_start_after_a_kill_takes_the_place_that_was_left(home: DeskHome) -> None:
    home.start("--headless").wait_for_listener().kill()
    second = home.start("--headless").wait_for_listener()
    assert home.notes("window") == []
    assert second.terminate() == 0


def test_racing_starts_end_in_one_app_that_is_shown_by_all_others(
    home: DeskHome,
) -> None:
    racers = [home.start("--headless") for _ in range(STARTS)]
    until(
        lambda: sum(each.process.poll() is None for each in racers) == 1,
        "all but one to end",
        seconds=60,
    )
    (winner,) = [each for each in racers if each.process.poll() is None]
    losers = [each for each in racers if each is not winner]
    assert [(each.process.returncode, each.stderr) for each in losers] == [(0, "")] * 7
    assert home.notes("window") == ["dialer"] * (STARTS - 1)
    winner.wait_for_listener()
    assert winner.terminate() == 0


def test_reading_commands_say_the_same_with_and_without_the_app(
    home: DeskHome, cloud: VendorCloud
) -> None:
    app = home.start("--headless").wait_for("live")
    call = cloud.incoming_call("+442079460421", caller_name="Nora Whitfield")
    call.ring()
    call.hang_up()
    until(
        lambda: home.value("SELECT count(*) FROM calls WHERE ended_at IS NOT NULL"),
        "the call to be in the log",
    )
    commands = (
        ("calls", "--json"),
        ("calls", "--missed"),
        ("events",),
        ("replay", "--json"),
    )
    beside = [home.run(*words) for words in commands]
    facts = home.run("status", "--json").json
    assert facts["pid"] == app.process.pid
    assert facts["accounts"][0]["state"] == "live"
    assert facts["calls"] == {"open": 0, "missed": 1}
    assert facts["queues"] == {"deliveries": 0, "store": 0}
    assert app.terminate() == 0
    alone = [home.run(*words) for words in commands]
    assert [each.out for each in alone] == [each.out for each in beside]
    assert {each.status for each in (*alone, *beside)} == {0}
    assert {each.err for each in (*alone, *beside)} == {""}
    assert beside[0].json["number_e164"] == "+442079460421"
    assert beside[3].json["differences"] == []
    status = home.run("status", "--json")
    assert (status.status, status.out) == (1, "")
    assert "not running" in status.err


# As at a terminal: what is started in the background ignores interrupts by custom.
_HEEDS_INTERRUPTS = """
import runpy, signal
signal.signal(signal.SIGINT, signal.default_int_handler)
runpy.run_module("screenpop", run_name="__main__", alter_sys=True)
"""


def test_events_follow_tells_each_delivery_once_as_it_comes(home: DeskHome) -> None:
    app = home.start("--headless").wait_for_listener()
    sender = app.sender()
    sender.post(webhook("c-0", "INCOMING", NUMBER))
    follower = subprocess.Popen(
        [sys.executable, "-c", _HEEDS_INTERRUPTS, "events", "--follow"],
        cwd=ROOT,
        env=home.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert follower.stdout is not None
    assert follower.stderr is not None
    with closing(follower.stdout), closing(follower.stderr):
        try:
            told: list[Any] = [json.loads(follower.stdout.readline())]
            for number in range(1, 4):
                sender.post(webhook(f"c-{number}", "INCOMING", NUMBER))
                told.append(json.loads(follower.stdout.readline()))
            follower.send_signal(signal.SIGINT)
            rest = follower.stdout.read()
            assert follower.stderr.read() == ""
            assert follower.wait(timeout=10) == 130
        finally:
            follower.kill()
            follower.wait()
    assert [each["events"][0]["call_id"] for each in told] == [
        f"c-{number}" for number in range(4)
    ]
    assert rest == ""
    assert app.terminate() == 0
