"""`screenpop dial --flow`: the running app lets the phone system speak, once."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from screenpop.simulator import create_cloud
from tests.cli.running_app import running_app

if TYPE_CHECKING:
    import pytest

    from tests.cli.conftest import Home, Run

CALLEE = "+442079460421"


def test_a_flow_is_started_from_the_command_line(
    run: Run, empty_home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    with create_cloud("mobtexting") as cloud:
        empty_home.write(
            f"""
region = "GB"

[listener]
port = 0

[[accounts]]
id = "acme"
vendor = "mobtexting"
base_url = "{cloud.base_url}"
agent_number = "+442079460150"
outbound_number = "+442079460100"
"""
        )
        for name, value in cloud.credentials.items():
            monkeypatch.setenv(f"SCREENPOP_SECRET_ACME_{name.upper()}", value)
        monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", "made-up-token" * 3)
        with running_app():
            words = ("dial", CALLEE, "--flow", "220", "--variable", "otp=4711")
            asked = run(*words)
            assert asked.status == 2
            assert "--yes" in asked.err
            ran = run(*words, "--yes")
            assert ran.status == 0
            assert "the phone system speaks" in ran.out
            again = run(*words, "--yes")
            assert "being dialled already" in again.err
            no_machine = run("dial", "999", "--flow", "220", "--yes")
            assert no_machine.status != 0
        (sent,) = (one for one in cloud.requests if one.path.endswith("/c2c"))
        body = json.loads(sent.body)
        assert (body["to"], body["variables[otp]"]) == ("flow:220", "4711")


def test_what_cannot_be_meant_is_refused_before_anything_starts(
    run: Run, empty_home: Home
) -> None:
    for words in (
        ("--variable", "otp=1"),
        ("--flow", "1", "--audio", "2"),
        ("--flow", "1", "--variable", "otp"),
    ):
        assert run("dial", CALLEE, *words).status == 2, words
