"""What ``screenpop relay init`` writes is taken by the programs that it is for."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import stat
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.main import main
from screenpop.config.relay_settings import RelayFolder
from screenpop.relay.broker import BrokerAddress, StreamPlan
from screenpop.relay.broker.nats_broker import connect
from screenpop.relay.enrolment import nothing_handed
from screenpop.relay.enrolment_code import EnrolmentCode
from screenpop.relay.setup.keys import TeamSecrets
from screenpop.services.relay.server import RelayServer
from screenpop.services.relay.team_desk import enrolment_of
from tests.end2end.voxloud_calls import webhook
from tests.relay.http_sender import Sender
from tests.relay.nats_server import NatsServer, nats_program
from tests.relay.team_server import fresh_key, join_request
from tests.requirements import require_program

if TYPE_CHECKING:
    from screenpop.relay.identity.nkey import KeyPair

URL = "https://pop.example.com"
ACCOUNT = (
    '\n[[accounts]]\nid = "acme"\nvendor = "voxloud"\nbase_url = "http://127.0.0.1:9"\n'
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("relay") / "team"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", str(Path(nats_program()).parent), prepend=":")
        words = ("relay", "init", str(path), "--url", URL, "--name", 'Ex "Ltd"')
        assert main(words) == 0
    return path


@pytest.fixture(scope="module")
def served(folder: Path) -> Iterator[Path]:
    """The folder's own broker, with its fixed port and place changed for a free one."""
    server = NatsServer(folder.parent / "broker")
    text = (folder / "nats.conf").read_text("utf-8")
    statements = text[text.index("operator:") :]
    store = "/var/lib/screenpop-relay/nats"
    assert store in statements
    server.more(statements.replace(store, str(server.folder)))
    server.start()
    toml = (folder / "relay.toml").read_text("utf-8")
    lines = f'[relay]\nbrokers = ["{server.url}"]\n'
    (folder / "relay.toml").write_text(
        toml.replace("[relay]\n", lines) + ACCOUNT, "utf-8"
    )
    yield folder
    server.stop()


def mode_of(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_secrets_are_for_their_owner_alone_and_in_no_other_file(folder: Path) -> None:
    secret = {folder / "secrets.env", folder / "admin.env"}
    assert [oct(mode_of(file)) for file in secret] == ["0o600"] * 2
    seeds = [
        line.partition("=")[2]
        for file in secret
        for line in file.read_text("utf-8").splitlines()
        if "SEED=" in line or "KEY=" in line
    ]
    assert len(seeds) == 10
    for file in folder.rglob("*"):
        if file.is_file() and file not in secret:
            # A broker that ran here meanwhile wrote no text.
            content = file.read_bytes()
            assert [each for each in seeds if each.encode() in content] == [], file.name


def test_whatever_roots_umask_is_the_programs_can_read_what_they_need(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    before = os.umask(0o077)
    try:
        assert main(("relay", "init", str(closed / "team"), "--url", URL)) == 0
    finally:
        os.umask(before)
    modes = {file.name: mode_of(file) for file in (closed / "team").rglob("*")}
    for name in ("relay.toml", "nats.conf", "Caddyfile", "compose.yaml"):
        assert modes[name] == 0o644
    assert (modes["systemd"], modes["container"]) == (0o755, 0o755)
    assert (modes["secrets.env"], modes["admin.env"]) == (0o600, 0o600)
    assert f"{closed} is for its owner alone" in capsys.readouterr().err


def test_a_folder_is_never_written_twice(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (folder / "secrets.env").read_bytes()
    assert main(("relay", "init", str(folder), "--url", URL)) == 2
    assert "holds a relay already" in capsys.readouterr().err
    assert (folder / "secrets.env").read_bytes() == before


@pytest.mark.parametrize("url", ["http://pop.example.com", "pop", f"{URL}/path"])
def test_an_address_that_nobody_should_call_is_refused(
    tmp_path: Path, url: str
) -> None:
    assert main(("relay", "init", str(tmp_path / "x"), "--url", url)) in (1, 2)
    assert not (tmp_path / "x").exists()


def test_settings_and_keys_of_a_fresh_folder_are_read(folder: Path) -> None:
    loaded = RelayFolder(folder).load()
    assert loaded.problems == ()
    assert loaded.settings.name == 'Ex "Ltd"'
    assert loaded.settings.desktop_servers == ("wss://pop.example.com/nats",)
    secrets = TeamSecrets(RelayFolder(folder).secrets(of_admin=True))
    assert len(secrets.sealing_key()) == 32
    assert secrets.operator().public.startswith("O")
    assert secrets.relay_credentials().jwt


def test_caddy_takes_its_file(folder: Path) -> None:
    config = str(folder / "Caddyfile")
    caddy = require_program("caddy")
    words = (caddy, "validate", "--adapter", "caddyfile", "--config", config)
    done = subprocess.run(words, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="without systemd")
def test_systemd_takes_its_units(folder: Path, tmp_path: Path) -> None:
    units = folder / "systemd"
    broker = units / "screenpop-nats.service"
    instance = tmp_path / "screenpop-relay@1.service"
    relay = (units / "screenpop-relay@.service").read_text("utf-8")
    # A build that is not installed has no command of its own.
    instance.write_text(relay.replace("ExecStart= ", "ExecStart=/bin/true "), "utf-8")
    shutil.copy(broker, tmp_path)
    done = subprocess.run(
        ("systemd-analyze", "verify", str(tmp_path / broker.name), str(instance)),
        capture_output=True,
        check=False,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_agent_joins_is_listed_and_is_removed(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(*words: str) -> str:
        assert main(("relay", words[0], "--dir", str(served), *words[1:])) == 0
        return capsys.readouterr().out

    adding = ("add-agent", "Ana Example", "--line", "acme:101", "--json")
    code = EnrolmentCode.read(json.loads(run(*adding))["code"])
    assert "code open until" in run("agents")
    key = fresh_key()
    device_id = _join(served, code, key)
    listed = [json.loads(line) for line in run("agents", "--json").splitlines()]
    assert [(each["agent"], each["computer"]) for each in listed] == [
        ("Ana Example", device_id)
    ]
    assert device_id in run("remove-agent", "Ana Example", "--yes")
    assert "Nobody is in the team yet" in run("agents")
    words = ("relay", "remove-agent", "--dir", str(served), "Ana Example", "--yes")
    assert main(words) == 2
    stranger = ("relay", "add-agent", "--dir", str(served), "Bob", "--line", "nobody")
    assert main(stranger) == 2
    assert "no account" in capsys.readouterr().err
    two = ("relay", "add-agent", "--dir", str(served), "Bob")
    assert main((*two, "--line", "acme:101", "--line", "acme:102")) == 2
    assert "one extension of an account" in capsys.readouterr().err


def test_a_broker_that_does_not_run_is_said_to_be_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(folder, tmp_path / "team")
    file = tmp_path / "team" / "relay.toml"
    file.write_text(
        f'[relay]\npublic_url = "{URL}"\nbrokers = ["nats://127.0.0.1:9"]\n', "utf-8"
    )
    assert main(("relay", "agents", "--dir", str(tmp_path / "team"))) == 1
    told = capsys.readouterr().err
    assert "nats://127.0.0.1:9" in told
    assert "again by itself" not in told


def test_the_address_that_a_phone_system_calls_needs_nothing_to_be_made_up(
    served: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(("relay", "hooks", "--dir", str(served), "--json")) == 0
    (told,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert told["account_id"] == "acme"
    assert told["is_registered"] is True
    assert told["url"].startswith(f"{URL}/hooks/acme/")

    async def knock() -> float:
        folder = RelayFolder(served)
        settings = replace(
            folder.load().settings,
            port=0,
            admin_port=0,
            spool=served / "spool",
            leave_seconds=0.0,
        )
        key = {"SCREENPOP_SECRET_ACME_API_KEY": "k" * 20}
        server = RelayServer(settings, folder.secrets() | key)
        await server.start()
        sender = Sender(server.web.port, "pop.example.com")
        await sender.send(told["url"].removeprefix(URL), webhook("1", "INCOMING", ""))
        sender.close()
        await server.stop()
        return server.meters.requests.values[("outcome", "accepted"),]

    assert asyncio.run(knock()) == 1


def _join(folder: Path, code: EnrolmentCode, key: KeyPair) -> str:
    async def join() -> str:
        settings = RelayFolder(folder).load().settings
        secrets = TeamSecrets(RelayFolder(folder).secrets())
        address = BrokerAddress(
            urls=settings.brokers, credentials=secrets.relay_credentials
        )
        broker = connect(address)
        await broker.connected(10)
        await broker.ensure_stream(StreamPlan(name="DESKS", subjects=("desk.*",)))
        enrolment = enrolment_of(settings, secrets, broker, nothing_handed)
        grant = await enrolment.answer(join_request(code, key))
        await broker.close()
        return grant.device_id

    return asyncio.run(join())
