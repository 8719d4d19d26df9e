"""What an administrator is told of a relay.toml that is wrong, empty or half."""

from __future__ import annotations

import json
import logging
import socket
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.main import main
from screenpop.config.settings import AccountSettings
from tests.relay.relay_office import relay_settings, running_relay
from tests.relay.relay_process import RelayProcess
from tests.relay.team_office import NOWHERE
from tests.waiting import until

if TYPE_CHECKING:
    from tests.relay.nats_server import NatsServer

HEAD = '[relay]\npublic_url = "https://pop.example.com"\n'
LINE = (
    '[[relay.lines]]\naccount = "nobody"\nline = "+442079460100"\nextensions = ["1"]\n'
)


def serve(
    folder: Path, toml: str, capsys: pytest.CaptureFixture[str]
) -> tuple[int, str]:
    (folder / "relay.toml").write_text(toml, "utf-8")
    status = main(("relay", "serve", "--dir", str(folder)))
    return status, capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        (LINE, "relay.lines[1].account: there is no account of that id"),
        ("port = 99999\n", "relay.port: this must be from 0 to 65535"),
        ('port = "eight"\n', "relay.port: this must be a whole number, not text"),
    ],
)
def test_what_a_relay_does_not_start_with_is_named_without_saying_what_is_used(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, wrong: str
) -> None:
    status, told = serve(tmp_path, HEAD + more, capsys)
    assert status == 1
    assert wrong in told
    assert "ignored" not in told
    assert "is used" not in told
    assert "left out" not in told


@pytest.mark.expects_log("no account is in relay.toml yet")
def test_a_port_that_is_taken_is_told_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        toml = (
            f'{HEAD}port = {port}\nadmin_port = 0\nbrokers = ["nats://127.0.0.1:9"]\n'
        )
        status, told = serve(tmp_path, toml, capsys)
    assert status == 1
    assert f"port {port}" in told
    assert "relay.toml" in told


def test_a_relay_without_accounts_and_with_unknown_settings_says_so(
    tmp_path: Path, shared_server: NatsServer
) -> None:
    relay = RelayProcess(tmp_path / "relay", shared_server)
    file = relay.folder / "relay.toml"
    text = file.read_text("utf-8").partition("[[accounts]]")[0]
    file.write_text(f"{text}prot = 1\n", "utf-8")
    relay.start()
    relay.stop()
    lines = [json.loads(line) for line in relay.log.read_text("utf-8").splitlines()]
    told = [line["text"] for line in lines if line["level"] == "warning"]
    assert any("relay.prot" in text for text in told)
    assert any("no account is in relay.toml yet" in text for text in told)


def test_an_administrator_asks_how_the_instances_are(
    tmp_path: Path, shared_server: NatsServer, capsys: pytest.CaptureFixture[str]
) -> None:
    relay = RelayProcess(tmp_path / "relay", shared_server)
    ask = ("relay", "status", "--dir", str(relay.folder))
    assert main(ask) == 1
    assert "no instance of the relay answers" in capsys.readouterr().err
    secrets = relay.folder / "secrets.env"
    text = secrets.read_text("utf-8")
    secrets.write_text(text.replace("SCREENPOP_SECRET_ACME_API_KEY", "X"), "utf-8")
    relay.start()
    try:
        until(lambda: relay.is_owner, "the duties", seconds=20)
        until(lambda: "acme" in relay.readiness()["problems"], "the account")
        assert main(ask) == 0
        told = capsys.readouterr().out
        assert "owner" in told
        assert "connected" in told
        assert "SCREENPOP_SECRET_ACME_API_KEY" in told
        assert main((*ask, "--json")) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["number"], found["is_owner"], found["spooled"]) == (1, True, 0)
    finally:
        relay.stop()
    lines = [json.loads(line) for line in relay.log.read_text("utf-8").splitlines()]
    told_of_it = [one for one in lines if "SCREENPOP_SECRET_ACME" in one["text"]]
    assert [one["level"] for one in told_of_it] == ["warning"]


@pytest.mark.expects_log("there is no|is missing|not known|No vendor|phone system")
async def test_what_is_wrong_with_an_account_is_logged_once_and_again_when_it_mends(
    tmp_path: Path, shared_server: NatsServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "screenpop.services.relay.doors")
    account = AccountSettings(id="acme", vendor="voxloud", base_url=NOWHERE)
    settings = relay_settings(tmp_path, shared_server, [account])
    async with running_relay(settings) as relay:
        doors = relay.server.doors
        connection = relay.server.connections.get("acme")

        def told() -> list[str]:
            return [
                record.levelname
                for record in caplog.records
                if record.name.endswith("relay.doors")
            ]

        assert told() == []
        connection.problem = "the phone system is not known"
        for _ in range(3):
            await doors.open()
        assert told() == ["WARNING"]
        assert doors.problems == {"acme": "the phone system is not known"}
        connection.problem = ""
        for _ in range(2):
            await doors.open()
        assert told() == ["WARNING", "INFO"]
        assert doors.problems == {}
