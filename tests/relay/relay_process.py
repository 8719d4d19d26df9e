"""A relay as an administrator runs it: a process of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.relay.nats_server import free_port
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.domain.privacy import Secret
    from tests.relay.nats_server import NatsServer

TOKEN = "a-token-of-acme-that-nobody-guesses"


class RelayProcess:
    """``screenpop relay serve`` over a folder; it keeps its ports over restarts."""

    def __init__(
        self,
        folder: Path,
        server: NatsServer,
        keys: Mapping[str, Secret] | None = None,
        *,
        leave_seconds: float = 0.5,
    ) -> None:
        """Write its settings; start nothing.

        Args:
            folder: For its settings, its spool and its log.
            server: Its broker.
            keys: Those of its team, where the broker wants any.
            leave_seconds: How long it says that it leaves before it does.
        """
        self.folder = folder
        self.port = free_port()
        self.admin_port = free_port()
        self.log = folder / "relay.log"
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True)
        (folder / "relay.toml").write_text(
            'region = "GB"\n'
            "[relay]\n"
            'public_url = "https://relay.example.com"\n'
            f"port = {self.port}\nadmin_port = {self.admin_port}\n"
            f'brokers = ["{server.url}"]\n'
            f"leave_seconds = {leave_seconds}\n"
            "[[accounts]]\n"
            'id = "acme"\nvendor = "voxloud"\nbase_url = "http://127.0.0.1:9"\n',
            "utf-8",
        )
        (folder / "secrets.env").write_text(
            f"SCREENPOP_SECRET_ACME_HOOK_TOKEN={TOKEN}\n"
            "SCREENPOP_SECRET_ACME_API_KEY=a-key-that-opens-nothing\n"
            + "".join(f"{name}={key.reveal()}\n" for name, key in (keys or {}).items()),
            "utf-8",
        )

    @property
    def target(self) -> str:
        """Where its account's deliveries go."""
        return f"/hooks/acme/{TOKEN}"

    @property
    def pid(self) -> int:
        """Of its process, which must run."""
        assert self._process is not None
        return self._process.pid

    def start(self, *, waits: bool = True) -> None:
        """Start it, and wait until it takes deliveries."""
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "screenpop", "relay", "serve"],
                cwd=self.folder,
                stderr=log,
                env={**os.environ, "PYTHONPATH": str(Path.cwd())},
            )
        if waits:
            until(self._is_up, f"the relay at {self.port}", seconds=30)

    def _is_up(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(self.log.read_text("utf-8"))
        return self.is_healthy

    @property
    def is_healthy(self) -> bool:
        """What a proxy's health check finds."""
        try:
            url = f"http://127.0.0.1:{self.port}/healthz"
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def readiness(self) -> dict[str, Any]:
        """What it says of itself; nothing while it is not there."""
        url = f"http://127.0.0.1:{self.admin_port}/readyz"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                found: dict[str, Any] = json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                found = json.load(error)
        except OSError:
            return {}
        return found

    @property
    def is_owner(self) -> bool:
        """Whether it has the duties."""
        return self.readiness().get("owner") is True

    def kill(self) -> None:
        """End it the hard way."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """Tell it to end; see ``wait``."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def wait(self) -> int:
        """Wait for its end; its exit status."""
        process, self._process = self._process, None
        return process.wait(20) if process is not None else 0

    def stop(self) -> None:
        """End it the soft way; twice is fine."""
        self._end(signal.SIGTERM)

    def _end(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(number)
        self.wait()
