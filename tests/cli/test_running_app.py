"""Commands beside a running app: it is asked, and told what was changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.cli.conftest import HOOK_TOKEN
from tests.cli.running_app import running_app, wait_for_app

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from tests.cli.conftest import Home, Run


@pytest.fixture
def any_port(home: Home) -> Home:
    """Tests run side by side: take whichever port is free."""
    home.write(home.config + "\n[listener]\nport = 0\n")
    return home


def test_commands_see_the_app_and_it_hears_of_changes(
    run: Run, any_port: Home, cloud: VendorCloud
) -> None:
    with running_app():
        status = run("status", "--json").json
        port = status["listener"]["port"]
        url = run("account", "url", "acme").out.strip()
        assert url == f"http://127.0.0.1:{port}/hooks/acme/{HOOK_TOKEN}"
        assert run("account", "list", "--json").json["state"] == "live"
        listed = run("account", "subscriptions", "acme", "--json").rows
        assert len(listed) == 7
        assert all(each["is_ours"] for each in listed)
        assert run("account", "remove", "acme", "--yes").status == 0
        wait_for_app(lambda facts: not facts["accounts"])
        assert run("account", "list").out.startswith("No accounts")


def test_a_call_that_was_delivered_is_in_the_events_and_the_log(
    run: Run, any_port: Home, cloud: VendorCloud
) -> None:
    with running_app():
        call = cloud.incoming_call("+442079460421", caller_name="Nora Whitfield")
        call.ring()
        wait_for_app(lambda facts: facts["calls"]["open"] == 1)
        assert run("calls", "--json").json["is_live"] is True
        call.hang_up()
        wait_for_app(lambda facts: facts["calls"]["open"] == 0)
        kinds = [each["events"][0]["kind"] for each in run("events").rows]
        assert kinds[0] == "LegAlerting"
        (missed,) = run("calls", "--missed", "--json").rows
        assert missed["number_e164"] == "+442079460421"
        assert "Nora Whitfield" in run("calls").out
    assert run("replay", "--dry-run").out.endswith(" 0 differences\n")


def test_the_doctor_finds_a_running_app_in_good_health(
    run: Run, any_port: Home
) -> None:
    with running_app():
        ran = run("doctor", "--json")
        assert ran.status == 0
        titles = {each["title"]: each["level"] for each in ran.json}
        assert titles["All 7 webhooks are registered and enabled"] == "ok"
        assert titles["The app says: Calls are shown as they ring"] == "ok"


def test_without_an_app_status_says_so(run: Run, empty_home: Home) -> None:
    ran = run("status")
    assert (ran.status, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
