"""A vendor's HTTP client in a few lines: one connection, kept as long as it lasts."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Sender:
    """Sends one request after the other to a port of this machine.

    Attributes:
        host: What the server there is called.
        tls: How to know it; None for plain.
    """

    port: int
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(
        default=None, init=False
    )

    async def send(
        self,
        target: str,
        body: bytes = b"",
        *,
        method: str = "POST",
        headers: tuple[tuple[str, str], ...] = (),
    ) -> Answer:
        """One request.

        Raises:
            ConnectionError: It was not answered; it may have been taken.
        """
        if self._streams is not None and self._streams[0].at_eof():
            # The other side has closed it since.
            self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1",
                self.port,
                ssl=self.tls,
                server_hostname=self.host if self.tls else None,
            )
        reader, writer = self._streams
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: {self.host}",
            f"Content-Length: {len(body)}",
            *(f"{name}: {value}" for name, value in headers),
        ]
        try:
            writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
            await writer.drain()
            answer = await _read(reader)
        except (OSError, asyncio.IncompleteReadError):
            self.close()
            raise ConnectionError("no answer") from None
        if answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Let the connection go."""
        if self._streams is not None:
            # At once: whoever answers early reads no farewell over TLS, and a soft end
            # would wait for theirs.
            self._streams[1].transport.abort()
            self._streams = None


async def _read(reader: asyncio.StreamReader) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    headers = {}
    for line in head[1:]:
        name, sign, value = line.partition(":")
        if sign:
            headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Answer(int(head[0].split(" ")[1]), headers, body)
