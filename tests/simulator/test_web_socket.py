"""The simulator's own WebSocket, spoken to byte by byte and by a foreign client."""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from screenpop.simulator.clock import SystemClock
from screenpop.simulator.faults import NO_FAULTS, FaultSource
from screenpop.simulator.http_server import Answer, LoopbackServer, Request
from screenpop.simulator.logbook import Logbook
from screenpop.simulator.routing import Refusal
from screenpop.simulator.web_socket import WebSocketServer, accept

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "dGhlIHNhbXBsZSBub25jZQ=="


def _echo(server: WebSocketServer) -> None:
    while (message := server.receive()) is not None:
        server.send(message.encode())


def _respond(request: Request) -> Answer:
    try:
        return accept(request, _echo)
    except Refusal as refusal:
        return Answer(status=refusal.status, headers=refusal.headers)


@pytest.fixture
def server() -> Iterator[LoopbackServer]:
    running = LoopbackServer(
        _respond,
        lambda status, _reason: Answer(status=status),
        faults=FaultSource(NO_FAULTS, 0),
        log=Logbook(),
        clock=SystemClock(),
    )
    running.start()
    yield running
    running.stop()


class Peer:
    """A client of bytes."""

    def __init__(self, port: int, **changes: str | None) -> None:
        headers: dict[str, str | None] = {
            "Host": "127.0.0.1",
            "Upgrade": "websocket",
            "Connection": "keep-alive, Upgrade",
            "Sec-WebSocket-Key": KEY,
            "Sec-WebSocket-Version": "13",
        }
        headers |= {name.replace("_", "-"): text for name, text in changes.items()}
        lines = [
            f"{name}: {text}" for name, text in headers.items() if text is not None
        ]
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.source = self.socket.makefile("rb")
        head = "\r\n".join(["GET /api/ws HTTP/1.1", *lines])
        self.socket.sendall(f"{head}\r\n\r\n".encode())
        self.status = int(self.source.readline().split()[1])
        self.headers = {}
        while line := self.source.readline().decode().strip():
            name, _, text = line.partition(": ")
            self.headers[name] = text

    def send(self, first: int, payload: bytes, *, is_masked: bool = True) -> None:
        mask = b"\x01\x02\x03\x04" if is_masked else b""
        size = len(payload)
        bit = 0x80 if is_masked else 0
        if size < 126:
            head = bytes([first, bit | size])
        elif size < 65_536:
            head = bytes([first, bit | 126]) + struct.pack("!H", size)
        else:
            head = bytes([first, bit | 127]) + struct.pack("!Q", size)
        if is_masked:
            payload = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        self.socket.sendall(head + mask + payload)

    def read(self) -> tuple[int, bytes]:
        """The next frame's first byte and payload; b"" and 0 at the end."""
        head = self.source.read(2)
        if len(head) < 2:
            return 0, b""
        size = head[1]
        if size == 126:
            (size,) = struct.unpack("!H", self.source.read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.source.read(8))
        return head[0], self.source.read(size)

    def close_code(self) -> int:
        """The code of the goodbye that comes next."""
        first, payload = self.read()
        assert first == 0x88
        return int(struct.unpack("!H", payload)[0])

    def close(self) -> None:
        self.source.close()
        self.socket.close()


@pytest.fixture
def peer(server: LoopbackServer) -> Iterator[Peer]:
    opened = Peer(server.port)
    yield opened
    opened.close()


def test_a_foreign_client_talks_to_it(server: LoopbackServer) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/api/ws") as client:
        for text in ("hello", "Zoë", "x" * 200, "y" * 70_000):
            client.send(text)
            assert client.recv() == text
        client.ping().wait(5)


def test_the_handshake_is_the_one_of_the_document(peer: Peer) -> None:
    assert peer.status == 101
    # RFC 6455, 1.3.
    assert peer.headers["Sec-WebSocket-Accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert "Content-Length" not in peer.headers


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"Upgrade": None}, 426),
        ({"Upgrade": "h2c"}, 426),
        ({"Connection": "keep-alive"}, 400),
        ({"Connection": None}, 400),
        ({"Sec_WebSocket_Key": None}, 400),
        ({"Sec_WebSocket_Key": "short"}, 400),
        ({"Sec_WebSocket_Key": "!!!"}, 400),
        ({"Sec_WebSocket_Version": "8"}, 426),
    ],
)
def test_half_a_handshake_is_refused(
    server: LoopbackServer, changes: dict[str, str | None], status: int
) -> None:
    peer = Peer(server.port, **changes)
    assert peer.status == status
    peer.close()


def test_a_message_in_pieces_with_a_ping_between_is_put_together(peer: Peer) -> None:
    peer.send(0x01, b"hel")
    peer.send(0x89, b"?")
    peer.send(0x8A, b"unasked")
    peer.send(0x80, b"lo")
    assert peer.read() == (0x8A, b"?")
    assert peer.read() == (0x81, b"hello")


def test_a_goodbye_is_answered(peer: Peer) -> None:
    peer.send(0x88, struct.pack("!H", 1000))
    assert peer.close_code() == 1000
    assert peer.read() == (0, b"")


@pytest.mark.parametrize(
    ("first", "payload", "is_masked"),
    [
        (0x81, b"bare", False),
        (0xC1, b"compressed", True),
        (0x82, b"binary", True),
        (0x83, b"reserved", True),
        (0x81, b"\xff", True),
    ],
)
def test_what_the_document_forbids_ends_it(
    peer: Peer, first: int, payload: bytes, is_masked: bool
) -> None:
    peer.send(first, payload, is_masked=is_masked)
    assert peer.close_code() == 1002


def test_too_long_a_message_ends_it(peer: Peer) -> None:
    peer.socket.sendall(bytes([0x81, 0xFF]) + struct.pack("!Q", 2_000_000))
    assert peer.close_code() == 1002


def test_too_many_pieces_end_it(peer: Peer) -> None:
    for first in (0x01, 0x00, 0x00):
        peer.send(first, b"x" * 400_000)
    assert peer.close_code() == 1002


def test_a_client_that_vanishes_ends_it(server: LoopbackServer, peer: Peer) -> None:
    peer.socket.sendall(b"\x81")
    peer.socket.shutdown(socket.SHUT_WR)
    assert peer.close_code() == 1001


def test_a_stop_ends_every_connection(server: LoopbackServer) -> None:
    with connect(f"ws://127.0.0.1:{server.port}/") as client:
        server.stop()
        with pytest.raises(ConnectionClosed):
            client.recv(timeout=5)


def test_plain_http_is_told_what_to_do(server: LoopbackServer) -> None:
    peer = Peer(server.port, Upgrade=None)
    assert peer.headers["Upgrade"] == "websocket"
    peer.close()
    headers = {"Upgrade": "x"}
    url = f"ws://127.0.0.1:{server.port}/"
    with pytest.raises(InvalidStatus), connect(url, additional_headers=headers):
        pass
