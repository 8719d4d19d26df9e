"""A real CardDAV server, Radicale, on this machine with one user's address books."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from tests.requirements import require
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

USER = "agent"
PASSWORD = "SEKRET-dav"

# As `python -m radicale`, but without waiting for the disk after each of 2,000 cards.
_RUN = """\
import os, runpy
os.fsync = lambda descriptor: None
runpy.run_module("radicale", run_name="__main__")
"""
_CONFIG = """\
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/data
[logging]
level = error
"""


def card(uid: str, name: str, *numbers: str) -> str:
    """One vCard with mobile numbers."""
    lines = [f"TEL;TYPE=CELL:{number}" for number in numbers]
    return "\r\n".join(
        ["BEGIN:VCARD", "VERSION:3.0", f"UID:{uid}", f"FN:{name}", *lines, "END:VCARD"]
    )


@dataclass
class Radicale:
    """One server; its data outlives its process."""

    folder: Path
    port: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it and wait until it answers."""
        self._process = subprocess.Popen(
            [sys.executable, "-c", _RUN, "--config", self.folder / "config"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: _takes_connections(self.port), "Radicale to start", seconds=30)

    def kill(self) -> None:
        """End it without a word, as a crash or a power cut does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def make_book(self, name: str, cards: dict[str, str] | None = None) -> None:
        """An address book with cards by their file names, laid down as files."""
        book = self.folder / "data" / "collection-root" / USER / name.casefold()
        book.mkdir(parents=True)
        kept = {"tag": "VADDRESSBOOK", "D:displayname": name}
        (book / ".Radicale.props").write_text(json.dumps(kept))
        for file, text in (cards or {}).items():
            (book / file).write_bytes(text.encode())

    def put(self, path: str, text: str) -> None:
        """Make or change a card, as another program of the user does."""
        assert self._ask("PUT", path, text) in (201, 204)

    def delete(self, path: str) -> None:
        """Remove a card or an address book."""
        assert self._ask("DELETE", path) == 200

    def _ask(self, method: str, path: str, body: str = "") -> int:
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}", "Content-Type": "text/vcard"}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body.encode(), headers)
            return connection.getresponse().status
        finally:
            connection.close()


@contextmanager
def radicale(folder: Path) -> Iterator[Radicale]:
    """A server that is not started yet; it is ended afterwards."""
    require(find_spec("radicale"), "radicale (python3 installer/dev.py setup)")
    server = Radicale(folder, _free_port())
    (folder / "config").write_text(_CONFIG.format(folder=folder, port=server.port))
    (folder / "users").write_text(f"{USER}:{PASSWORD}\n")
    try:
        yield server
    finally:
        server.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _takes_connections(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
