"""A desk reduced to what the broker sees of one: thousands fit into a process.

It speaks the broker's protocol itself (docs.nats.io, "Client Protocol"), asks for its
messages as ``screenpop.relay.broker.pulling`` does, acknowledges, and keeps nothing.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from screenpop.domain.privacy import Secret
from screenpop.relay.identity.nkey import KeyKind, KeyPair
from screenpop.relay.names import DESKS_STREAM, desk_consumer, device_inbox

BATCH: Final = 64
EXPIRES_SECONDS: Final = 240
HEARTBEAT_SECONDS: Final = 15
_MOST_AT_ONCE: Final = 50
_SECOND: Final = 10**9
_END: Final = b"\r\n"

Heard = Callable[[str, bytes], None]
"""Told of each copy: the device's id and the body."""


@dataclass(frozen=True, slots=True)
class Pass:
    """What lets a desk in."""

    device_id: str
    seed: str
    statement: str

    def to_json(self) -> list[str]:
        return [self.device_id, self.seed, self.statement]


class LeanDesk(asyncio.Protocol):
    """One connection.

    Attributes:
        is_ready: It has asked for its copies; None as long as it has not.
        refusals: What the broker did not let it do.
    """

    __slots__ = (
        "_asked",
        "_got",
        "_heard",
        "_pass",
        "_read",
        "_transport",
        "is_ready",
        "refusals",
    )

    def __init__(self, let_in: Pass, heard: Heard) -> None:
        self._pass = let_in
        self._heard = heard
        self._read = bytearray()
        self._got = 0
        self._asked = 0
        self._transport: asyncio.Transport | None = None
        self.is_ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.refusals: list[str] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_ready.done():
            self.is_ready.set_exception(exc or ConnectionError(str(self.refusals)))

    def data_received(self, data: bytes) -> None:
        self._read += data
        while (end := self._read.find(_END)) >= 0:
            words = bytes(self._read[:end]).split()
            size = int(words[-1]) + len(_END) if _is_message(words) else 0
            after = end + len(_END)
            if len(self._read) < after + size:
                return
            if size:
                self._take(words, bytes(self._read[after : after + size - len(_END)]))
            else:
                self._obey(words, bytes(self._read[:end]))
            del self._read[: after + size]

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    # --- what the broker says --------------------------------------------------------

    def _obey(self, words: Sequence[bytes], line: bytes) -> None:
        if words[0] == b"INFO":
            self._present_itself(json.loads(line[5:]))
        elif words[0] == b"PING":
            self._write(b"PONG\r\n")
        elif words[0] == b"PONG" and not self.is_ready.done():
            self.is_ready.set_result(None)
        elif words[0] == b"-ERR":
            self.refusals.append(line.decode("utf-8", "replace"))

    def _present_itself(self, info: dict[str, Any]) -> None:
        if self._asked:
            # The broker tells of its peers now and then.
            return
        key = KeyPair.from_seed(Secret(self._pass.seed), KeyKind.USER)
        signature = key.sign(str(info.get("nonce", "")).encode())
        said = {
            "jwt": self._pass.statement,
            "sig": base64.urlsafe_b64encode(signature).decode().rstrip("="),
            "verbose": False,
            "pedantic": False,
            "headers": True,
            "no_responders": True,
            "protocol": 1,
            "lang": "python3",
            "version": "2",
            "name": self._pass.device_id,
        }
        inbox = device_inbox(self._pass.device_id)
        self._write(b"CONNECT %s\r\n" % json.dumps(said).encode())
        self._write(b"SUB %s.> 1\r\n" % inbox.encode())
        self._ask()
        self._write(b"PING\r\n")

    def _ask(self) -> None:
        self._asked += 1
        self._got = 0
        device_id = self._pass.device_id
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{DESKS_STREAM}.{desk_consumer(device_id)}"
        question = {
            "batch": BATCH,
            "expires": EXPIRES_SECONDS * _SECOND,
            "idle_heartbeat": HEARTBEAT_SECONDS * _SECOND,
        }
        body = json.dumps(question).encode()
        reply = f"{device_inbox(device_id)}.{self._asked}"
        self._write(f"PUB {subject} {reply} {len(body)}\r\n".encode() + body + _END)

    def _take(self, words: Sequence[bytes], message: bytes) -> None:
        is_copy = len(words) >= 5 and words[3].startswith(b"$JS.ACK.")
        if not is_copy:
            status = message[: message.find(_END)].split()
            # 100 is a heartbeat; 408 and 409 end the question.
            if words[0] == b"HMSG" and len(status) > 1 and status[1] != b"100":
                self._ask()
            return
        head = int(words[-2]) if words[0] == b"HMSG" else 0
        self._heard(self._pass.device_id, message[head:])
        self._write(b"PUB %s 4\r\n+ACK\r\n" % words[3])
        self._got += 1
        if self._got >= BATCH:
            self._ask()

    def _write(self, data: bytes) -> None:
        if self._transport is not None:
            self._transport.write(data)


def _is_message(words: Sequence[bytes]) -> bool:
    return bool(words) and words[0] in (b"MSG", b"HMSG")


async def let_in(passes: Iterable[Pass], port: int, heard: Heard) -> list[LeanDesk]:
    """Connect them, a few at a time, until each has asked for its copies.

    Raises:
        ConnectionError: The broker does not take one.
    """
    gate = asyncio.Semaphore(_MOST_AT_ONCE)
    loop = asyncio.get_running_loop()

    async def enter(each: Pass) -> LeanDesk:
        async with gate:
            _, desk = await loop.create_connection(
                lambda: LeanDesk(each, heard), "127.0.0.1", port
            )
            await desk.is_ready
            return desk

    return list(await asyncio.gather(*map(enter, passes)))
