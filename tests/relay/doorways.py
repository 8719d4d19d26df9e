"""What stands between a desk and its relay: a web server with TLS, and a proxy."""

from __future__ import annotations

import asyncio
import ssl
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.requirements import require_program

if TYPE_CHECKING:
    from types import TracebackType

_CHUNK = 64 * 1024


class Doorway:
    """Listens at 127.0.0.1 and hands every connection on to another port there.

    Attributes:
        port: Where it listens.
        asked_for: What it was told to connect to, for a proxy.
    """

    def __init__(
        self,
        target_port: int,
        *,
        tls: ssl.SSLContext | None = None,
        is_proxy: bool = False,
    ) -> None:
        self.port = 0
        self.asked_for: list[str] = []
        self._target_port = target_port
        self._tls = tls
        self._is_proxy = is_proxy
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Doorway:
        self._server = await asyncio.start_server(
            self._serve, "127.0.0.1", 0, ssl=self._tls
        )
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if self._is_proxy:
            head = await reader.readuntil(b"\r\n\r\n")
            self.asked_for.append(head.split(b"\r\n", 1)[0].decode())
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        far_reader, far_writer = await asyncio.open_connection(
            "127.0.0.1", self._target_port
        )
        for source, sink in ((reader, far_writer), (far_reader, writer)):
            task = asyncio.create_task(_pump(source, sink))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    except (OSError, ssl.SSLError):
        return
    finally:
        sink.close()


def private_authority(folder: Path, host: str) -> tuple[Path, ssl.SSLContext]:
    """A company's own certificate authority, and a server's side with one of its.

    Returns:
        The authority's certificate, and what a server at ``host`` shows.
    """
    authority, server = folder / "ca", folder / "server"
    _certify(
        *("-subj", "/CN=Example CA"),
        *("-keyout", f"{authority}.key", "-out", f"{authority}.pem"),
    )
    _certify(
        *("-CA", f"{authority}.pem", "-CAkey", f"{authority}.key"),
        *("-subj", f"/CN={host}", "-addext", f"subjectAltName=DNS:{host}"),
        *("-addext", "basicConstraints=CA:FALSE"),
        *("-keyout", f"{server}.key", "-out", f"{server}.pem"),
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(f"{server}.pem", f"{server}.key")
    return Path(f"{authority}.pem"), context


def _certify(*words: str) -> None:
    subprocess.run(
        [
            require_program("openssl"),
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", *words),
        ],
        check=True,
        capture_output=True,
    )
