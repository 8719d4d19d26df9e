"""Senders that speak to the listener over real sockets, byte by byte."""

from __future__ import annotations

import re
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from screenpop.domain.delivery import DeliveryAnswer

if TYPE_CHECKING:
    import asyncio

    from screenpop.domain.delivery import Delivery
    from screenpop.domain.errors import ScreenpopError

TOKEN = "kC3r_0aZ-mT8vQ1xW5yB7nD2fG4hJ6kL9pS0uV3iXeR"
PATH = f"/hooks/acme/{TOKEN}"
BODY = b'{"event_type":"CALL_INCOMING","payload":{"call_id":"c-1"}}'


class RecordingIntake:
    """Keeps deliveries in memory; told to, it refuses, breaks or waits."""

    def __init__(self) -> None:
        self.deliveries: list[Delivery] = []
        self.answer = DeliveryAnswer()
        self.error: ScreenpopError | Exception | None = None
        self.gate: asyncio.Event | None = None
        self.has_begun = threading.Event()
        self.threads: set[str] = set()

    async def accept(self, delivery: Delivery) -> DeliveryAnswer:
        self.threads.add(threading.current_thread().name)
        self.has_begun.set()
        if self.gate is not None:
            await self.gate.wait()
        if self.error is not None:
            raise self.error
        self.deliveries.append(delivery)
        return self.answer


@dataclass(frozen=True)
class Answer:
    raw: bytes

    @property
    def status(self) -> int:
        return int(self.raw.split(b" ", 2)[1]) if self.raw else 0

    @property
    def body(self) -> bytes:
        return self.raw.partition(b"\r\n\r\n")[2]

    @property
    def headers(self) -> dict[str, str]:
        lines = self.raw.partition(b"\r\n\r\n")[0].decode().split("\r\n")[1:]
        return {
            name.lower(): value
            for name, _, value in (line.partition(": ") for line in lines)
        }

    @property
    def timeless(self) -> bytes:
        """The whole answer except the moment it was given."""
        return re.sub(rb"\r\nDate: [^\r]*", b"", self.raw)


def connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def read_all(sender: socket.socket) -> bytes:
    received = bytearray()
    while chunk := sender.recv(65_536):
        received += chunk
    return bytes(received)


def exchange(port: int, request: bytes) -> Answer:
    """Send the bytes and read until the listener closes."""
    with connect(port) as sender:
        sender.sendall(request)
        return Answer(read_all(sender))


def request(
    port: int,
    *extra: str,
    method: str = "POST",
    target: str = PATH,
    body: bytes = BODY,
    host: str | None = None,
    length: int | None = None,
) -> bytes:
    lines = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host or f'127.0.0.1:{port}'}",
        f"Content-Length: {len(body) if length is None else length}",
        *extra,
    ]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def chunked(port: int, *chunks: bytes, extra: str = "X-Test: 1") -> bytes:
    head = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{extra}\r\n"
        "Transfer-Encoding: chunked\r\n\r\n"
    ).encode()
    parts = [b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks]
    return head + b"".join(parts) + b"0\r\n\r\n"


def drip(sender: socket.socket, data: bytes, pause_seconds: float) -> bytes:
    """Send one byte after the other until the listener has had enough.

    Returns:
        What it said before it closed.
    """
    received = bytearray()
    for position in range(len(data)):
        try:
            sender.sendall(data[position : position + 1])
            sender.settimeout(pause_seconds)
            chunk = sender.recv(65_536)
        except TimeoutError:
            continue
        except ConnectionError:
            return bytes(received)
        if not chunk:
            return bytes(received)
        received += chunk
    raise AssertionError("the listener took every byte")
