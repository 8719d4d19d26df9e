"""The vendor of ``docs/providers.md``, built, installed and used from outside."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.providers import abilities, mailbox, narrowed_lists, protocol
from tests.end2end.running_app import ROOT, make_home
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.end2end.running_app import DeskHome

PAGE = ROOT / "docs" / "providers.md"
FILE = re.compile(
    r"^\*\*`(screenpop-sixth/[^`]+)`\*\*\n\n```\w+\n(.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
KEY = "SEKRET-sixth-4711"
ACCOUNT = "sixth-by-a-test"


def run(*command: str, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass(frozen=True)
class Package:
    """The package as the page has it, and the folder it is installed in."""

    source: Path
    installed: Path


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Package:
    folder = tmp_path_factory.mktemp("outside")
    for name, text in FILE.findall(PAGE.read_text("utf-8")):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    source, target = folder / "screenpop-sixth", folder / "installed"
    offline = ("--no-index", "--no-deps", "--no-build-isolation")
    pip = ("-m", "pip", "--quiet", "--disable-pip-version-check", "install")
    run(*pip, *offline, "--target", str(target), str(source), cwd=folder)
    return Package(source, target)


@dataclass
class SixthCloud:
    """The phone system that the page invents."""

    asked: list[tuple[str, str, Any]] = field(default_factory=list)
    base_url: str = ""
    extension: str = "101"
    credentials: dict[str, str] = field(default_factory=lambda: {"api_key": KEY})

    def answer(self, method: str, path: str, key: str, body: bytes) -> tuple[int, Any]:
        self.asked.append((method, path, json.loads(body) if body else None))
        if key != KEY:
            return 401, {"message": "wrong key"}
        if (method, path) == ("GET", "/v1/me"):
            return 200, {"company": "Acme", "email": "admin@example.com"}
        if (method, path) == ("POST", "/v1/calls"):
            return 201, {"call": "c-2"}
        return 404, {}


@pytest.fixture
def sixth() -> Iterator[SixthCloud]:
    cloud = SixthCloud()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            key = self.headers.get("X-Sixth-Key", "")
            status, value = cloud.answer(self.command, self.path, key, body)
            answer = json.dumps(value).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_GET  # noqa: N815 - the standard library's name

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        cloud.base_url = f"http://127.0.0.1:{server.server_address[1]}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield cloud
        server.shutdown()
        thread.join()


@pytest.fixture
def home(tmp_path: Path, sixth: SixthCloud, package: Package) -> Iterator[DeskHome]:
    desk = make_home(tmp_path / "home", sixth)  # type: ignore[arg-type]
    config = desk.paths.config_file
    config.write_text(config.read_text().replace('"voxloud"', '"sixth"'))
    desk.environment["PYTHONPATH"] = str(package.installed)
    yield desk
    for app in desk.apps:
        if app.process.poll() is None:
            app.kill()
    assert desk.errors() == []


def test_its_calls_pop_and_its_dials_go_out(home: DeskHome, sixth: SixthCloud) -> None:
    checked = home.run("account", "check", "acme")
    assert (checked.status, checked.err) == (0, "")
    assert "Acme" in checked.out
    app = home.start("--headless").wait_for_listener()
    until(lambda: app.sender().post(_webhook("ringing")) == 200, "the delivery")
    until(lambda: home.pops() == {"c-1": 1}, "the card")
    for event in ("ringing", "answered", "ended"):
        assert app.sender().post(_webhook(event)) == 200
    until(
        lambda: home.select("SELECT state FROM calls") == [("ended",)],
        "the call to be over",
    )
    assert home.pops() == {"c-1": 1}
    (call,) = home.run("calls", "--json").rows
    assert call["ref"]["call_id"] == "c-1"
    dialled = home.run("dial", "020 7946 0777", "--yes")
    assert dialled.status == 0, dialled.err
    calls = [body for _, path, body in sixth.asked if path == "/v1/calls"]
    assert calls == [{"extension": "101", "to": "+442079460777"}]
    assert app.terminate() == 0


def _webhook(event: str) -> dict[str, object]:
    return {
        "event": event,
        "call": "c-1",
        "extension": "101",
        "from": "+442079460123",
        "to": "+442079460100",
        "name": "Ana Example",
    }


def test_it_inherits_the_contract_of_all_adapters(package: Package) -> None:
    said = run(
        "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider",
        cwd=package.source, PYTHONPATH=str(package.installed),
    )  # fmt: skip
    assert re.search(r"^\d\d+ passed", said, re.MULTILINE)
    assert "skipped" not in said


@pytest.mark.keyring
def test_its_account_is_added_like_any_other(
    tmp_path: Path, sixth: SixthCloud, package: Package
) -> None:
    environment = os.environ | {
        "PYTHONPATH": str(package.installed),
        "SCREENPOP_HOME": str(tmp_path / "home"),
    }

    def screenpop(*words: str, stdin: str = "") -> str:
        done = subprocess.run(
            [sys.executable, "-m", "screenpop", "account", *words],
            cwd=tmp_path,
            env=environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert KEY not in done.stdout
        return done.stdout

    try:
        added = screenpop(
            "add", "sixth", "--id", ACCOUNT, "--base-url", sixth.base_url,
            "--extension", "101", "--secret-stdin", "api_key", stdin=f"{KEY}\n",
        )  # fmt: skip
        assert "Acme" in added
        config = (tmp_path / "home" / "config.toml").read_text("utf-8")
        assert 'vendor = "sixth"' in config
        assert KEY not in config
        assert ACCOUNT in screenpop("list")
    finally:
        screenpop("remove", ACCOUNT, "--yes")


def test_the_page_names_every_ability() -> None:
    named = set(re.findall(r"`(Supports\w+)`", PAGE.read_text("utf-8")))
    there = {
        name
        for module in (protocol, abilities, mailbox, narrowed_lists)
        for name in vars(module)
        if name.startswith("Supports")
    }
    assert named == there
