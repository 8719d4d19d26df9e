"""A real Tryton server on this machine, with the module "party" and a few parties."""

from __future__ import annotations

import base64
import importlib.metadata
import importlib.util
import json
import os
import shutil
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.requirements import require
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE = "crm"
PASSWORD = "SEKRET-tryton"

_CONFIG = """\
[database]
uri = sqlite://
path = {folder}
[web]
listen = 127.0.0.1:{port}
[session]
max_attempt = 1000
"""


class TrytonServer:
    """One server; its database outlives its process."""

    def __init__(self, folder: Path) -> None:
        self.port = _free_port()
        self.file = folder / f"{DATABASE}.sqlite"
        self._folder = folder
        self._config = folder / "trytond.conf"
        self._config.write_text(_CONFIG.format(folder=folder, port=self.port))
        self._process: subprocess.Popen[bytes] | None = None
        self._token: list[Any] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def make_database(self) -> None:
        """What takes ten seconds."""
        self.file.touch()
        password_file = self._folder / "password"
        password_file.write_text(PASSWORD)
        command = ["-c", str(self._config), "-d", DATABASE, "--all", "-u", "party"]
        command += ["--email", "admin@example.com", "--activate-dependencies"]
        subprocess.run(
            [sys.executable, _script("trytond-admin"), *command],
            env={**os.environ, "TRYTONPASSFILE": str(password_file)},
            check=True,
            capture_output=True,
        )

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, _script("trytond"), "-c", self._config, "-d", DATABASE],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._takes_connections, "trytond to start", seconds=60)

    def kill(self) -> None:
        """End it without a word."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def call(self, method: str, *arguments: Any) -> Any:
        """Call a method as the administrator."""
        if not self._token:
            self._token = self._post(
                "common.db.login", "admin", {"password": PASSWORD}, session=""
            )
        return self._post(method, *arguments, session=self._session())

    def sessions(self) -> list[str]:
        """The keys of all open sessions but the tests' own."""
        with closing(sqlite3.connect(self.file)) as database:
            rows = database.execute("select key from ir_session").fetchall()
        return [key for (key,) in rows if key not in self._token]

    def end_sessions(self) -> None:
        """End every session, as the time that the server sets does."""
        self._token = []
        with closing(sqlite3.connect(self.file)) as database, database:
            database.execute("delete from ir_session")

    def _session(self) -> str:
        user_id, token = self._token[:2]
        text = f"admin:{user_id}:{token}".encode()
        return f"Session {base64.b64encode(text).decode()}"

    def _post(self, method: str, *arguments: Any, session: str) -> Any:
        body = {"id": 1, "method": method, "params": list(arguments)}
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{self.url}/{DATABASE}/rpc/",
            json.dumps(body).encode(),
            {"Content-Type": "application/json", "Authorization": session},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            told = json.load(answer)
        assert "error" not in told, told
        return told["result"]

    def _takes_connections(self) -> bool:
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def tryton_server(folder: Path, cache: Path) -> Iterator[TrytonServer]:
    """A server that runs; its empty database is made once and kept in ``cache``."""
    require(importlib.util.find_spec("trytond"), "trytond (installer/dev.py setup)")
    server = TrytonServer(folder)
    versions = [
        importlib.metadata.version(name) for name in ("trytond", "trytond_party")
    ]
    kept = cache / f"tryton-{'-'.join(versions)}.sqlite"
    if kept.exists():
        shutil.copy(kept, server.file)
    else:
        server.make_database()
        # Whole or not at all: another run may be at the same.
        partial = cache / f"tryton-{os.getpid()}.part"
        shutil.copy(server.file, partial)
        partial.replace(kept)
    server.start()
    try:
        yield server
    finally:
        server.kill()


def _script(name: str) -> Path:
    suffix = ".exe" if sys.platform == "win32" else ""
    return Path(sys.executable).parent / f"{name}{suffix}"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
