"""The real program as processes of its own, and what can be seen of it from outside."""

from __future__ import annotations

import http.client
import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screenpop.config.paths import Paths
from screenpop.desktop.control_client import ask
from screenpop.desktop.instance import InstanceLock
from screenpop.domain.errors import InstanceError
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.simulator import VendorCloud

ROOT = Path(__file__).parents[2]
ACCOUNT = "acme"
HOOK_TOKEN = "made-up-hook-token-0123456789abcdefghijklmn"
ENDS_WITHIN_SECONDS = 3.0
"""What the program may take to end when it is asked to."""

_START_SECONDS = 60.0
_CONFIG = """\
region = "{region}"
{top}
[listener]
port = 0
{listener}
[[accounts]]
id = "acme"
vendor = "voxloud"
base_url = "{base_url}"
extension = "{extension}"
{account}
"""


@dataclass(frozen=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[Any]:
        """The lines of standard output, each read as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def json(self) -> Any:
        (row,) = self.rows
        return row


@dataclass
class DeskHome:
    """A home folder of the program with one account, and processes started in it.

    Attributes:
        environment: What every process gets; the secrets are in here.
        notes_file: Where a watched app notes what it wants to be shown.
    """

    paths: Paths
    environment: dict[str, str]
    apps: list[AppProcess] = field(default_factory=list)

    @property
    def notes_file(self) -> Path:
        return self.paths.data_dir / "notes.txt"

    def start(self, *words: str, dies: str = "", watched: bool = True) -> AppProcess:
        """Start the app; ``words`` are its arguments.

        Args:
            words: ``--headless``, for one.
            dies: Where a watched app kills itself, see ``watched_app.py``.
            watched: Note what is to be shown in ``notes_file``.
        """
        if watched:
            script = str(Path(__file__).parent / "watched_app.py")
            command = [sys.executable, script, str(self.notes_file), dies, *words]
        else:
            command = [sys.executable, "-m", "screenpop", *words]
        app = AppProcess(self, command, len(self.apps))
        self.apps.append(app)
        return app

    def run(self, *words: str, stdin: str = "", timeout: float = 60.0) -> Ran:
        """Run a command to its end, as a shell would."""
        done = subprocess.run(
            [sys.executable, "-m", "screenpop", *words],
            cwd=ROOT,
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        assert "Traceback" not in done.stderr, done.stderr
        return Ran(done.returncode, done.stdout, done.stderr)

    def ask(self, verb: str, **args: object) -> Mapping[str, Any]:
        """Ask the running app over its control channel.

        Raises:
            InstanceError: It does not run, or not yet.
        """
        answer = ask(
            self.paths.socket_file, self.paths.lock_file, verb, args, timeout_seconds=20
        )
        assert answer.is_ok, answer
        return answer.result

    def select(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """Read the database as any other program could."""
        file = f"file:{self.paths.database_file}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=20)) as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: object) -> Any:
        """The one value that the query gives."""
        return self.select(sql, *values)[0][0]

    def notes(self, kind: str) -> list[str]:
        """What was to be shown in all runs, by kind, see ``watched_app.py``."""
        if not self.notes_file.exists():
            return []
        lines = self.notes_file.read_text("utf-8").splitlines()
        pairs = (line.partition(" ") for line in lines)
        return [what for each, _, what in pairs if each == kind]

    def pops(self) -> Counter[str]:
        """How often a card was asked for, by call id, over all runs."""
        return Counter(self.notes("card"))

    def all_read(self) -> bool:
        """Whether every delivery has become part of the call log."""
        return not self.value("SELECT count(*) FROM deliveries WHERE is_processed = 0")

    def log_lines(self) -> list[dict[str, Any]]:
        """What the runs have logged."""
        file = self.paths.log_dir / "screenpop.log"
        if not file.exists():
            return []
        return [json.loads(line) for line in file.read_text("utf-8").splitlines()]

    def is_in_use(self) -> bool:
        """Whether an app runs in this home, whoever started it."""
        lock = InstanceLock(self.paths.lock_file)
        is_free = lock.acquire()
        lock.release()
        return not is_free

    def errors(self) -> list[dict[str, Any]]:
        """What the runs have logged as faults of our own."""
        return [
            line for line in self.log_lines() if line["level"] in ("error", "critical")
        ]


class AppProcess:
    """One run of the app."""

    def __init__(self, home: DeskHome, command: list[str], number: int) -> None:
        self._home = home
        self._errors = home.paths.data_dir / f"stderr-{number}.txt"
        with self._errors.open("wb") as errors:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=home.environment,
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
            )

    @property
    def stderr(self) -> str:
        """What it wrote to standard output and standard error."""
        return self._errors.read_text("utf-8", errors="replace")

    def is_up(self) -> bool:
        """Whether it can be asked; fails at once when it has ended."""
        assert self.process.poll() is None, f"the app ended: {self.stderr}"
        return self._facts() is not None

    def status(self) -> Mapping[str, Any]:
        """What it says of itself."""
        return self._home.ask("status")

    def _facts(self) -> Mapping[str, Any] | None:
        try:
            facts = self.status()
        except InstanceError:
            return None
        return facts if facts["pid"] == self.process.pid else None

    def wait_for(self, *states: str) -> AppProcess:
        """Wait until its account is in one of these states."""

        def is_there() -> bool:
            if not self.is_up():
                return False
            accounts = self.status()["accounts"]
            return [each["state"] for each in accounts] in [[one] for one in states]

        until(is_there, f"an account that is {states}", seconds=_START_SECONDS)
        return self

    def wait_for_listener(self) -> AppProcess:
        """Wait until it takes webhooks."""
        until(
            lambda: self.is_up() and self.status()["listener"]["is_running"],
            "the listener",
            seconds=_START_SECONDS,
        )
        return self

    def sender(self) -> Sender:
        """Somebody who knows its webhook address."""
        return Sender(int(self.status()["listener"]["port"]))

    def kill(self) -> None:
        """End it as a power cut would."""
        self.process.kill()
        self.process.wait()

    def terminate(self) -> int:
        """Ask it to end, and see that it does so in time and without a word."""
        self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout=ENDS_WITHIN_SECONDS)
        assert self.stderr == ""
        return status


class Sender:
    """Posts webhooks as the vendor would, over a new connection each."""

    def __init__(self, port: int, path: str = "") -> None:
        self.port = port
        self._path = path or f"/hooks/{ACCOUNT}/{HOOK_TOKEN}"

    def post(
        self, body: bytes | Mapping[str, object], content_type: str = "application/json"
    ) -> int:
        """Deliver one body.

        Returns:
            The status, or 0 when there was no answer.
        """
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        try:
            connection.request("POST", self._path, data, {"Content-Type": content_type})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def make_home(
    folder: Path, cloud: VendorCloud, *, region: str = "GB", **parts: str
) -> DeskHome:
    """A home with one account at ``cloud``; ``parts`` add lines to a section."""
    paths = Paths.under(folder)
    paths.ensure()
    filled = {"top": "", "listener": "", "account": ""} | parts
    filled = {"base_url": cloud.base_url, "extension": cloud.extension} | filled
    paths.config_file.write_text(_CONFIG.format(region=region, **filled), "utf-8")
    secrets = {**cloud.credentials, "hook_token": HOOK_TOKEN}
    environment = os.environ | {
        f"SCREENPOP_SECRET_ACME_{name.upper()}": value
        for name, value in secrets.items()
    }
    environment["SCREENPOP_HOME"] = str(folder)
    return DeskHome(paths, environment)
