"""Ending the running app, as an installer asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.control_message import ControlAnswer
from screenpop.desktop.pipe_everybody import ask_all
from tests.cli.running_app import running_app, wait_for_app

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from tests.cli.conftest import Home, Run

GONE: tuple[str, ...] = ()


def test_a_call_keeps_the_app_running_and_without_one_it_ends(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    home.write(home.config + "\n[listener]\nport = 0\n")
    with running_app(ends_itself=True):
        call = cloud.incoming_call("+442079460421", caller_name="Nora Whitfield")
        call.ring()
        wait_for_app(lambda facts: facts["calls"]["open"] == 1)
        kept = run("quit", "--unless-in-call")
        assert kept.status == 1
        assert "is in a call" in kept.err
        call.hang_up()
        wait_for_app(lambda facts: facts["calls"]["open"] == 0)
        assert run("quit", "--unless-in-call").out == "screenpop has ended\n"
        assert run("status").status == 1


def test_an_app_that_does_not_run_needs_no_ending(run: Run, empty_home: Home) -> None:
    assert run("quit").out == "screenpop is not running\n"


def test_other_users_apps_are_for_windows(run: Run, empty_home: Home) -> None:
    assert run("quit", "--everybody").status == 2


def test_all_apps_are_asked_and_waited_for() -> None:
    still_there = [("screenpop-1", "screenpop-2"), ("screenpop-2",), GONE]
    asked: list[str] = []

    def ask(name: str) -> ControlAnswer:
        asked.append(name)
        if name == "screenpop-2":
            raise FileNotFoundError(name)
        return ControlAnswer(is_ok=True, result={})

    assert ask_all(lambda: still_there.pop(0), ask, patience_seconds=5) == GONE
    assert asked == ["screenpop-1", "screenpop-2"]


@pytest.mark.parametrize("broken", [True, False])
def test_one_app_that_stays_is_told(broken: bool) -> None:
    def ask(name: str) -> ControlAnswer:
        if broken:
            raise PermissionError(name)
        return ControlAnswer(False, {}, "InstanceError", "screenpop is in a call")

    (why,) = ask_all(lambda: ("screenpop-1",), ask, patience_seconds=0)
    assert ("answer" if broken else "in a call") in why


def test_an_app_that_agreed_but_stays_is_told() -> None:
    def ask(_name: str) -> ControlAnswer:
        return ControlAnswer(is_ok=True, result={})

    (why,) = ask_all(lambda: ("screenpop-1",), ask, patience_seconds=0)
    assert "does not end" in why
