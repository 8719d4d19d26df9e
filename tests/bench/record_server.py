"""A call log of 500 records over HTTP, the same bytes to each request.

    python -m tests.bench.record_server

Tells its port, and at each line of input how many connections it has seen.
"""

from __future__ import annotations

import json
import socket
import sys
import threading
import uuid

from tests.bench.deliveries import CALLERS, NAMES
from tests.bench.facts import say

RECORDS = 500
_PIECE_BYTES = 65_536


def records() -> bytes:
    """As a phone system would list them; about 300 bytes each."""
    return json.dumps(
        {
            "items": [
                {
                    "callId": str(uuid.UUID(int=number)),
                    "direction": "INBOUND",
                    "originatorNumber": CALLERS[number % len(CALLERS)],
                    "originatorName": NAMES[number % len(NAMES)],
                    "destinationNumber": "+12025550199",
                    "userExtension": 101,
                    "startTime": 1_770_000_000_000 + number * 60_000,
                    "duration": number % 600,
                    "outcome": "ANSWERED",
                    "labels": ["sales"],
                }
                for number in range(RECORDS)
            ]
        }
    ).encode()


def main() -> int:
    body = records()
    head = (
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    answer = head.encode() + body
    listener = socket.create_server(("127.0.0.1", 0))
    seen: list[int] = []

    def talk(client: socket.socket) -> None:
        received = b""
        while piece := client.recv(_PIECE_BYTES):
            received += piece
            while b"\r\n\r\n" in received:
                received = received.partition(b"\r\n\r\n")[2]
                client.sendall(answer)

    def accept() -> None:
        while True:
            client, (_, port) = listener.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            seen.append(port)
            threading.Thread(target=talk, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    say(port=listener.getsockname()[1])
    for _ in sys.stdin:
        say(connections=len(seen))
    return 0


if __name__ == "__main__":
    sys.exit(main())
