"""Webhooks as the simulated phone system would send them, and how to send one."""

from __future__ import annotations

import json
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Kept free for fiction by the North American Numbering Plan.
CALLERS = tuple(f"+120255501{number:02}" for number in range(100))
NAMES = tuple(f"Caller Number {number}" for number in range(100))
_LONGEST_ANSWER = 65_536


def body(kind: str, call_id: str, caller: int, line: str, extension: str) -> bytes:
    """One live event of a call: INCOMING, ANSWERED or HANGUP."""
    now = round(time.time() * 1000)
    data: Mapping[str, object] = {
        "timestamp": now,
        "destinationNumber": line,
        "destinationName": "Amelia Hart",
        "originatorNumber": CALLERS[caller % len(CALLERS)],
        "originatorName": CALLERS[caller % len(CALLERS)],
        "callId": call_id,
        "type": kind,
        "sipUsername": f"20001-{extension}",
        "userEmail": "amelia.hart@example.com",
        "userExtension": int(extension),
    }
    return json.dumps(
        {"timestamp": now, "type": f"CALL_{kind}", "data": data, "pbx_id": 20001}
    ).encode()


def request(path: str, content: bytes) -> bytes:
    """The bytes of a POST that wants the connection closed after it."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode("ascii") + content


class Sent:
    """A request on its way; a vendor opens a new connection for each.

    Attributes:
        began_at: Before the connection was opened, by time.monotonic().
    """

    def __init__(self, port: int, sent: bytes) -> None:
        self.began_at = time.monotonic()
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=5.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(sent)

    def status(self) -> int:
        """Read the answer to its end.

        Raises:
            ValueError: It is none.
        """
        received = b""
        with self._socket:
            while piece := self._socket.recv(_LONGEST_ANSWER):
                received += piece
        if not received.startswith(b"HTTP/1.1 "):
            raise ValueError("no answer to a delivery")
        return int(received[9:12])
