"""What the measured programs run in: a screen, a phone system, a home, a keychain.

One desktop session (D-Bus, keychain) holds for the whole run. Its screen is an X server
of the benchmark's own, as the pixels must be readable, with a window manager and a
tray. Accessibility is not forced on, as it is not on most desktops.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any

from screenpop.config.paths import Paths
from screenpop.desktop.control_client import ask
from screenpop.domain.errors import InstanceError
from tests.bench.framebuffer import Framebuffer
from tests.desktop_session import open_session
from tests.waiting import until

ROOT = Path(__file__).parents[2]
ACCOUNT = "bench"
FACT_SECONDS = 30.0
_SCREEN = "1280x800x24"
# Set on some build machines; with it every start would compile the whole program.
_NOT_OF_USERS = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PYTHONPYCACHEPREFIX")
_CONFIG = """\
region = "GB"

[listener]
port = 0

[[accounts]]
id = "{account}"
vendor = "voxloud"
base_url = "{base_url}"
extension = "{extension}"
"""
_STORE_SECRETS = """\
import asyncio, json, os, sys
from screenpop.config.secrets import KeychainSecretStore
from screenpop.domain.privacy import Secret
store = KeychainSecretStore(environment=os.environ)
account, secrets = json.load(sys.stdin)
for name, value in secrets.items():
    asyncio.run(store.set(account, name, Secret(value)))
"""


@dataclass(frozen=True, slots=True)
class Cloud:
    """How to reach the simulated phone system."""

    base_url: str
    extension: str
    line: str
    credentials: Mapping[str, str]


class Program:
    """A program that runs, and what it tells in JSON lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process
        self._lines: SimpleQueue[str] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def tell(self, word: str) -> None:
        """Write one line to its input."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()

    def fact(self, name: str) -> Any:
        """The next of its facts of that name; others before it are passed over.

        Raises:
            RuntimeError: It does not come.
        """
        try:
            while line := self._lines.get(timeout=FACT_SECONDS):
                facts = json.loads(line)
                if name in facts:
                    return facts[name]
        except Empty:
            pass
        raise RuntimeError(f"a measured program never told {name!r}")

    def _read(self) -> None:
        assert self._process.stdout is not None
        with contextlib.suppress(ValueError):  # closed by whoever ends it
            for line in self._process.stdout:
                self._lines.put(line)
        self._lines.put("")


@dataclass(frozen=True, slots=True)
class Stage:
    """Everything around the measured programs.

    Attributes:
        folder: Scratch space of this run.
        environment: What the programs get.
        is_full: Whether the run takes the time for the largest sizes.
    """

    folder: Path
    environment: Mapping[str, str]
    framebuffer: Framebuffer
    cloud: Cloud
    is_full: bool = False

    def home(self, name: str) -> Paths:
        """A fresh home of the program with one account at the simulated system."""
        paths = Paths.under(self.folder / name)
        paths.ensure()
        paths.config_file.write_text(
            _CONFIG.format(
                account=ACCOUNT,
                base_url=self.cloud.base_url,
                extension=self.cloud.extension,
            ),
            encoding="utf-8",
        )
        return paths

    @contextlib.contextmanager
    def running(
        self,
        *command: str,
        env: Mapping[str, str] | None = None,
        pass_fds: tuple[int, ...] = (),
    ) -> Iterator[Program]:
        """Run a program with pipes for input and output; end it by its id."""
        errors = (self.folder / "errors.log").open("a")
        with errors:
            process = subprocess.Popen(
                command,
                env={**self.environment, **(env or {})},
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
                pass_fds=pass_fds,
            )
        try:
            yield Program(process)
        finally:
            end(process)

    def errors(self) -> str:
        """What the programs had to complain of."""
        path = self.folder / "errors.log"
        return path.read_text(errors="replace") if path.exists() else ""


def end(process: subprocess.Popen[str]) -> None:
    """End one program, gently first."""
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def python(*arguments: str) -> tuple[str, ...]:
    """The command that runs this Python again."""
    return (sys.executable, *arguments)


def home_of(paths: Paths) -> Mapping[str, str]:
    """The variable that puts the program's files there."""
    return {"SCREENPOP_HOME": str(paths.config_dir)}


def is_live(paths: Paths) -> bool:
    """Whether the running program's account is connected."""
    try:
        answer = ask(
            paths.socket_file, paths.lock_file, "status", {}, timeout_seconds=2.0
        )
    except InstanceError:
        return False
    return '"live"' in json.dumps(answer.result, default=str).lower()


@contextlib.contextmanager
def open_stage(*, is_full: bool = False) -> Iterator[Stage]:
    """Set everything up; take it down again whatever happens."""
    with (
        open_session() as session,
        tempfile.TemporaryDirectory(prefix="screenpop-bench-") as scratch,
        contextlib.ExitStack() as services,
    ):
        folder = Path(scratch)
        environment = _clean(session.environment)
        environment["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        framebuffer = services.enter_context(_screen(folder, environment))
        cloud = services.enter_context(_cloud(folder, environment))
        yield Stage(folder, environment, framebuffer, cloud, is_full)


def _clean(session: Mapping[str, str]) -> dict[str, str]:
    environment = {**os.environ, **session}
    for name in (*_NOT_OF_USERS, "QT_LINUX_ACCESSIBILITY_ALWAYS_ON", "QT_QPA_PLATFORM"):
        environment.pop(name, None)
    for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "XDG_CURRENT_DESKTOP"):
        environment.pop(name, None)
    return environment


@contextlib.contextmanager
def _screen(folder: Path, environment: dict[str, str]) -> Iterator[Framebuffer]:
    pixels = folder / "pixels"
    pixels.mkdir()
    with contextlib.ExitStack() as services:
        reader, writer = os.pipe()
        server = ("Xvfb", "-displayfd", str(writer), "-screen", "0", _SCREEN)
        options = ("-nolisten", "tcp", "-noreset", "-fbdir", str(pixels))
        services.enter_context(
            _service(folder, environment, *server, *options, pass_fd=writer)
        )
        os.close(writer)
        with os.fdopen(reader) as announcements:
            environment["DISPLAY"] = f":{announcements.readline().strip()}"
        services.enter_context(_service(folder, environment, "openbox", "--sm-disable"))
        services.enter_context(_service(folder, environment, "tint2"))
        until(lambda: _has_tray(environment), "the tray")
        with Framebuffer(pixels) as framebuffer:
            yield framebuffer


def _has_tray(environment: Mapping[str, str]) -> bool:
    asked = subprocess.run(
        ["xwininfo", "-root", "-tree"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "tint2" in asked.stdout


@contextlib.contextmanager
def _service(
    folder: Path, environment: Mapping[str, str], *command: str, pass_fd: int = -1
) -> Iterator[None]:
    with (folder / "services.log").open("ab") as log:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=() if pass_fd < 0 else (pass_fd,),
            text=True,
        )
    try:
        yield
    finally:
        end(process)


@contextlib.contextmanager
def _cloud(folder: Path, environment: Mapping[str, str]) -> Iterator[Cloud]:
    with (folder / "cloud.log").open("ab") as log:
        process = subprocess.Popen(
            python("-m", "tests.bench.cloud"),
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        assert process.stdout is not None
        facts = json.loads(process.stdout.readline())
        cloud = Cloud(**facts)
        subprocess.run(
            python("-c", _STORE_SECRETS),
            env=environment,
            cwd=ROOT,
            input=json.dumps([ACCOUNT, dict(cloud.credentials)]),
            text=True,
            check=True,
        )
        yield cloud
    finally:
        end(process)
