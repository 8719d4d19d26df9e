"""The real web server in front of relays, by the Caddyfile that the program writes."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from screenpop.relay.setup.folder import DESKTOP_PATH
from screenpop.relay.setup.web_config import caddyfile
from tests.relay.doorways import private_authority
from tests.relay.nats_server import free_port
from tests.requirements import require_program
from tests.waiting import until

if TYPE_CHECKING:
    from pathlib import Path

HOST = "localhost"


class Caddy:
    """One process; its certificate is one of a private authority.

    Attributes:
        authority: That authority's certificate.
    """

    def __init__(
        self, folder: Path, web_port: int, relay_ports: tuple[int, ...]
    ) -> None:
        """Write its files; start nothing.

        Args:
            folder: For them.
            web_port: The broker's for WebSockets.
            relay_ports: The relays'.
        """
        folder.mkdir()
        self.port = free_port()
        self.folder = folder
        self.authority, _ = private_authority(folder, HOST)
        text = caddyfile(self.url, DESKTOP_PATH, web_port, relay_ports)
        # No certificate is fetched here, and nothing else of this machine is touched.
        head = "{\n\tadmin off\n\tauto_https off\n"
        shown = f"\ttls {folder}/server.pem {folder}/server.key\n"
        text = text.replace("{\n", head, 1).replace(
            f"{self.url} {{\n", f"{self.url} {{\n{shown}"
        )
        self._config = folder / "Caddyfile"
        self._config.write_text(text, "utf-8")
        self._log = folder / "caddy.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """What vendors and desktops call."""
        return f"https://{HOST}:{self.port}"

    @property
    def desktop_url(self) -> str:
        """Where desktops' WebSockets come in."""
        return f"wss://{HOST}:{self.port}{DESKTOP_PATH}"

    @property
    def log(self) -> str:
        """What it said."""
        return self._log.read_text("utf-8", "replace")

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        words = ("run", "--adapter", "caddyfile", "--config", str(self._config))
        homes = dict.fromkeys(("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME"))
        environment = os.environ | dict.fromkeys(homes, str(self.folder))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [require_program("caddy"), *words],
                env=environment,
                stdout=log,
                stderr=log,
            )
        until(self._is_up, "Caddy to start", seconds=30)

    def _is_up(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            raise RuntimeError(f"Caddy does not start:\n{self.log}")
        return "serving initial configuration" in self.log

    def stop(self) -> None:
        """End it; twice is fine."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            process.wait(20)
