"""The server's side of a WebSocket (RFC 6455), as strict as the document."""

from __future__ import annotations

import base64
import hashlib
import struct
import threading
from typing import TYPE_CHECKING, Final

from screenpop.simulator.http_server import Answer
from screenpop.simulator.routing import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedIOBase

    from screenpop.simulator.http_server import Request

_GUID: Final = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LARGEST_MESSAGE: Final = 1_000_000
_CONTINUATION, _TEXT, _BINARY, _CLOSE, _PING, _PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
NORMAL: Final = 1000
GOING_AWAY: Final = 1001
PROTOCOL_ERROR: Final = 1002
POLICY_VIOLATION: Final = 1008


class _Broken(Exception):
    """The client does not keep to the protocol, or is gone."""

    def __init__(self, code: int) -> None:
        super().__init__(code)
        self.code = code


def accept(request: Request, serve: Callable[[WebSocketServer], None]) -> Answer:
    """Shake hands; `serve` then has the connection until it returns.

    Raises:
        Refusal: 400 for a handshake that lacks something, 426 for another version.
    """
    headers = request.headers
    if headers.get("upgrade", "").casefold() != "websocket":
        raise Refusal(426, "Only WebSocket here", {"Upgrade": "websocket"})
    connection = headers.get("connection", "").casefold().split(",")
    key = headers.get("sec-websocket-key", "")
    if "upgrade" not in map(str.strip, connection) or not _is_nonce(key):
        raise Refusal(400, "Not a WebSocket handshake")
    if headers.get("sec-websocket-version") != "13":
        raise Refusal(426, "Version 13 only", {"Sec-WebSocket-Version": "13"})

    def takes_over(source: BufferedIOBase, target: BufferedIOBase) -> None:
        server = WebSocketServer(source, target)
        try:
            serve(server)
        finally:
            server.close(NORMAL)

    digest = hashlib.sha1(f"{key}{_GUID}".encode(), usedforsecurity=False).digest()
    return Answer(
        status=101,
        headers={
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Accept": base64.b64encode(digest).decode(),
        },
        takes_over=takes_over,
    )


def _is_nonce(key: str) -> bool:
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        return False


class WebSocketServer:
    """One open connection; sends from any thread, receives on one."""

    def __init__(self, source: BufferedIOBase, target: BufferedIOBase) -> None:
        self._source = source
        self._target = target
        self._lock = threading.Lock()
        self._is_closed = False

    def receive(self) -> str | None:
        """The next text message; None when there will be no more."""
        try:
            return self._message()
        except (_Broken, OSError, ValueError) as error:
            self.close(error.code if isinstance(error, _Broken) else PROTOCOL_ERROR)
            return None

    def send(self, payload: bytes) -> bool:
        """Send a text message; False when the client is gone."""
        return self._send(_TEXT, payload)

    def close(self, code: int) -> None:
        """Say goodbye, once."""
        with self._lock:
            if self._is_closed:
                return
        self._send(_CLOSE, struct.pack("!H", code))
        with self._lock:
            self._is_closed = True

    def _message(self) -> str | None:
        message = b""
        while True:
            is_final, kind, payload = self._frame()
            if kind == _PING:
                self._send(_PONG, payload)
            elif kind == _CLOSE:
                self.close(NORMAL)
                return None
            elif kind in (_TEXT, _CONTINUATION):
                message += payload
                if len(message) > _LARGEST_MESSAGE:
                    raise _Broken(PROTOCOL_ERROR)
                if is_final:
                    return message.decode()
            elif kind != _PONG:
                raise _Broken(PROTOCOL_ERROR)

    def _send(self, kind: int, payload: bytes) -> bool:
        head = bytes([0x80 | kind])
        if len(payload) < 126:
            head += bytes([len(payload)])
        elif len(payload) < 65_536:
            head += struct.pack("!BH", 126, len(payload))
        else:
            head += struct.pack("!BQ", 127, len(payload))
        with self._lock:
            if self._is_closed:
                return False
            try:
                self._target.write(head + payload)
                self._target.flush()
            except (OSError, ValueError):
                self._is_closed = True
                return False
        return True

    def _frame(self) -> tuple[bool, int, bytes]:
        first, second = self._read(2)
        if first & 0x70 or not second & 0x80:
            # Extensions nobody agreed on; a client's frame that is not masked.
            raise _Broken(PROTOCOL_ERROR)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self._read(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self._read(8))
        if size > _LARGEST_MESSAGE:
            raise _Broken(PROTOCOL_ERROR)
        mask = self._read(4)
        data = self._read(size)
        payload = bytes(byte ^ mask[place % 4] for place, byte in enumerate(data))
        return bool(first & 0x80), first & 0x0F, payload

    def _read(self, size: int) -> bytes:
        data = self._source.read(size)
        if len(data) != size:
            raise _Broken(GOING_AWAY)
        return data
