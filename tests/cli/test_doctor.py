"""``screenpop doctor``: what is wrong is found and said, with a way to mend it."""

from __future__ import annotations

import http.server
import os
import socket
import sqlite3
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.config.paths import Paths
from screenpop.desktop.instance import InstanceLock
from screenpop.simulator import parse_faults
from screenpop.store.call_log import CallLog
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.builders import a_delivery
from tests.cli.conftest import HOOK_TOKEN
from tests.cli.running_app import running_app

if TYPE_CHECKING:
    from screenpop.simulator import VendorCloud
    from tests.cli.conftest import Home, Run

LEVELS = {"ok", "warn", "fail"}


@pytest.fixture
def any_port(home: Home) -> Home:
    """Tests run side by side: take whichever port is free."""
    home.write(home.config + "\n[listener]\nport = 0\npublic_url = ''\n")
    return home


def _said(run: Run, *words: str, status: int) -> dict[str, tuple[str, str]]:
    """Level and advice of every finding, by its title."""
    ran = run("doctor", "--json", *words)
    assert ran.status == status, ran.out
    findings: list[dict[str, Any]] = ran.json
    assert {each["level"] for each in findings} <= LEVELS
    unmended = [
        each for each in findings if each["level"] != "ok" and not each["advice"]
    ]
    assert unmended == []
    assert (status == 1) == bool(ran.err)
    return {
        f"{each['area']}: {each['title']}": (each["level"], each["advice"])
        for each in findings
    }


def _find(said: dict[str, tuple[str, str]], part: str) -> tuple[str, str]:
    found = [value for title, value in said.items() if part in title]
    assert found, f"{part!r} is not among {list(said)}"
    return found[0]


# --- the vendor -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fault", "title", "advice"),
    [
        ("unauthorized", "does not accept the key", "Enter the account's key again"),
        ("forbidden", "does not allow this", "Ask whoever runs your phone system"),
        ("throttle=7", "asks for fewer requests for 7 s", "after that"),
        ("throttle", "does not say for how long", "Wait some minutes"),
        ("server-error=503", "out of order at the moment (status 503)", "by itself"),
        ("half-answer", "broke off its answer", "by itself"),
        ("html", "web page instead of data", "sign-in page"),
        ("empty-answer", "cannot be read", "cut short"),
    ],
)
def test_each_trouble_of_the_vendor_has_its_own_title_and_advice(
    run: Run, any_port: Home, cloud: VendorCloud, fault: str, title: str, advice: str
) -> None:
    cloud.set_faults(parse_faults([fault]))
    level, said = _find(_said(run, status=1), title)
    assert level == "fail"
    assert advice in said


def test_a_vendor_that_does_not_answer_is_not_waited_for(
    run: Run, any_port: Home, cloud: VendorCloud
) -> None:
    cloud.set_faults(parse_faults(["hang"]))
    said = _said(run, "--patience", "0.3", status=1)
    level, _ = _find(said, "No answer within 0.3 s")
    assert level == "fail"


def test_trouble_with_one_question_does_not_hide_the_others(
    run: Run, any_port: Home, cloud: VendorCloud
) -> None:
    cloud.set_faults(parse_faults(["throttle=9", "only=/users"]))
    said = _said(run, status=0)
    assert _find(said, "The users cannot be listed")[0] == "warn"
    assert _find(said, "The key is accepted")[0] == "ok"
    cloud.set_faults(parse_faults(["forbidden", "only=/click-to-call"]))
    assert _find(_said(run, status=0), "click-to-call")[0] == "warn"


def test_an_extension_nobody_has_is_found(run: Run, any_port: Home) -> None:
    any_port.write(any_port.config.replace('"101"', '"999"'))
    level, advice = _find(_said(run, status=1), "Nobody has the extension 999")
    assert level == "fail"
    assert "101, 102, 103" in advice


def test_a_clock_that_is_wrong_is_found(run: Run, home: Home) -> None:
    with _server_of_last_year() as address:
        lines = home.config.splitlines()
        home.write(
            "\n".join(
                f'base_url = "{address}"' if line.startswith("base_url") else line
                for line in lines
            )
        )
        level, advice = _find(_said(run, status=1), "ahead of the phone system's")
    assert level == "warn"
    assert "network" in advice


@contextmanager
def _server_of_last_year() -> Iterator[str]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = b'{"name": "Slow Clocks", "email": "clock@example.com"}'
            self.send_response_only(200)
            self.send_header("Date", "Thu, 02 Jan 2025 10:00:00 GMT")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_webhooks_that_are_missing_disabled_or_outdated_are_found(
    run: Run, home: Home, cloud: VendorCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    home.write(home.config + f"\n[listener]\nport = {port}\n")
    words = ("account", "subscriptions", "acme")
    monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", "an-older-token-0123456789")
    run(*words, "create", "CALL_HANGUP")
    monkeypatch.setenv("SCREENPOP_SECRET_ACME_HOOK_TOKEN", HOOK_TOKEN)
    found = run(*words, "create", "CALL_INCOMING", "--json").json["subscription_id"]
    run(*words, "disable", found)
    said = _said(run, status=1)
    assert _find(said, "Not registered for")[0] == "fail"
    level, advice = _find(said, "The vendor disabled CALL_INCOMING")
    assert level == "fail"
    assert "account subscriptions acme ensure" in advice
    assert _find(said, "1 webhooks go to an address of ours")[0] == "warn"


def test_failing_deliveries_show_the_vendors_reason_without_numbers(
    run: Run, home: Home, cloud: VendorCloud
) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    home.write(home.config + f"\n[listener]\nport = {port}\n")
    run("account", "subscriptions", "acme", "ensure")
    cloud.incoming_call("+442079460421").ring()
    cloud.wait_for_deliveries(1)
    level, _ = _find(_said(run, status=0), "deliveries of CALL_INCOMING failed")
    assert level == "warn"


def test_without_a_way_in_calls_are_seen_late_and_that_is_said(
    run: Run, any_port: Home
) -> None:
    level, advice = _find(_said(run, status=0), "seen only after they end")
    assert level == "warn"
    assert "public_url" in advice


# --- the public address -----------------------------------------------------------


def test_the_public_address_is_tried_from_outside(run: Run, home: Home) -> None:
    free = socket.create_server(("127.0.0.1", 0))
    port = free.getsockname()[1]
    free.close()
    public = f"[listener]\nport = {port}\npublic_url = "
    address = f'"http://127.0.0.1:{port}"'
    config = home.config
    home.write(f"{config}\n{public}{address}\n")
    with running_app():
        assert _find(_said(run, status=0), "The public address leads here")[0] == "ok"
        home.write(f'{config}\n{public}"http://127.0.0.1:1"\n')
        level, _ = _find(_said(run, status=1), "127.0.0.1")
        assert level in LEVELS
        assert _find(_said(run, status=1), "Nothing takes connections")[0] == "fail"


# --- this computer --------------------------------------------------------------------


def test_a_new_installation_is_told_what_is_left_to_do(
    run: Run, empty_home: Home
) -> None:
    said = _said(run, status=1)
    assert _find(said, "No account is set up")[0] == "warn"
    assert _find(said, "screenpop does not run")[0] == "warn"
    # The tests' keyring refuses everything.
    assert _find(said, "keychain: ")[0] == "fail"


def test_settings_that_are_wrong_or_were_kept_aside_are_listed(
    run: Run, empty_home: Home
) -> None:
    empty_home.write("this is no TOML")
    assert _find(_said(run, status=1), "config.toml.broken-")[0] == "warn"
    empty_home.write('region = "nowhere"\n[listener]\nport = "much"\n')
    said = _said(run, status=1)
    assert _find(said, "region")[0] == "warn"
    assert _find(said, "listener.port")[0] == "warn"


def test_a_damaged_database_is_found_and_left_alone(run: Run, any_port: Home) -> None:
    file = any_port.folder / "screenpop.db"
    file.write_bytes(b"no database at all " * 1000)
    level, advice = _find(_said(run, status=1), "database: ")
    assert level == "fail"
    assert "Restart" in advice
    assert file.read_bytes().startswith(b"no database")


def test_a_database_of_a_newer_version_is_found(run: Run, any_port: Home) -> None:
    run("calls")
    connection = sqlite3.connect(any_port.folder / "screenpop.db")
    connection.execute("PRAGMA user_version=99")
    connection.close()
    _, advice = _find(_said(run, status=1), "A newer screenpop")
    assert "Update" in advice


def test_deliveries_that_could_not_be_read_show_their_fields(
    run: Run, any_port: Home
) -> None:
    with Database(Paths.from_environment().database_file) as database:
        seq = Journal(database).append(a_delivery()).result()
        Journal(database).append(a_delivery()).result()
        CallLog(database).commit(
            delivery_seqs=[seq], problems={seq: "timestamp: no number"}
        ).result()
    said = _said(run, status=0)
    assert _find(said, "1 could not be read in full: timestamp")[0] == "warn"
    assert _find(said, "1 wait to be read")[0] == "warn"


def test_an_app_that_runs_without_answering_is_found(run: Run, any_port: Home) -> None:
    paths = Paths.from_environment()
    paths.ensure()
    lock = InstanceLock(paths.lock_file)
    assert lock.acquire()
    try:
        assert _find(_said(run, status=1), "does not answer")[0] == "fail"
    finally:
        lock.release()


def test_a_port_of_somebody_else_is_found(run: Run, home: Home) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        home.write(home.config + f"\n[listener]\nport = {port}\n")
        level, advice = _find(_said(run, status=1), f"127.0.0.1:{port} cannot be used")
    assert level == "fail"
    assert "listener.port" in advice


def test_the_last_crash_and_a_log_that_cannot_be_written_are_found(
    run: Run, any_port: Home
) -> None:
    logs = any_port.folder / "logs"
    logs.mkdir()
    (logs / "screenpop-crash-last.log").write_text("Fatal Python error: Aborted\n")
    assert _find(_said(run, status=0), "died of a fault")[0] == "warn"
    (logs / "screenpop-crash-last.log").unlink()
    logs.rmdir()
    logs.write_text("in the way")
    assert _find(_said(run, status=1), "log cannot be written")[0] == "fail"


# --- the bundle -----------------------------------------------------------------------


def test_the_bundle_holds_no_key_and_no_full_number(
    run: Run, any_port: Home, cloud: VendorCloud, tmp_path: Path
) -> None:
    key = cloud.credentials["api_key"]
    any_port.write(
        any_port.config.replace(
            "[[accounts]]", '[[accounts]]\noutbound_number = "+442079460100"'
        )
    )
    logs = any_port.folder / "logs"
    logs.mkdir()
    lines = [f"line {number}\n" for number in range(600)]
    lines[-1] = f"key {key} hook /hooks/acme/{HOOK_TOKEN} call +44 20 7946 0123\n"
    (logs / "screenpop.log").write_text("".join(lines))
    bundle = tmp_path / "bundle.zip"
    ran = run("doctor", "--bundle", str(bundle))
    assert ran.status == 0
    assert "screenpop.log" in ran.err
    assert "ok" in ran.out
    with zipfile.ZipFile(bundle) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    assert {"doctor.txt", "doctor.json", "versions.json", "config.toml"} <= set(texts)
    everything = "\n".join(texts.values())
    for secret in (key, HOOK_TOKEN, "7946 0123", "79460100", os.environ["HOME"]):
        assert secret not in everything
    assert texts["screenpop.log"].count("\n") == 500
    assert "line 598" in texts["screenpop.log"]
    if os.name == "posix":
        assert bundle.stat().st_mode & 0o077 == 0


def test_a_bundle_never_overwrites_a_file(
    run: Run, any_port: Home, tmp_path: Path
) -> None:
    kept = tmp_path / "kept.zip"
    kept.write_text("mine")
    ran = run("doctor", "--bundle", str(kept))
    assert ran.status == 1
    assert "is there already" in ran.err
    assert kept.read_text() == "mine"


@pytest.mark.parametrize("words", [("--patience", "0"), ("--patience", "x"), ("more",)])
def test_wrong_usage_ends_with_two(
    run: Run, empty_home: Home, words: tuple[str, ...]
) -> None:
    ran = run("doctor", *words)
    assert (ran.status, ran.out) == (2, "")
