"""Deliveries at a steady rate over a few kept connections, and how long each took."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING

from screenpop.relay.broker import BrokerAddress
from screenpop.relay.broker.nats_broker import connect
from tests.relay.relay_office import join

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.relay.relay_process import RelayProcess

CONNECTIONS = 32


class _Vendor(asyncio.Protocol):
    """One connection; knows nothing of HTTP but where an answer ends."""

    def __init__(self) -> None:
        self._received = b""
        self._answer: asyncio.Future[int] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return
        length = head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0]
        if len(body) >= int(length) and self._answer is not None:
            answer, self._answer, self._received = self._answer, None, b""
            answer.set_result(int(head[9:12]))

    def send(self, target: str, body: bytes) -> asyncio.Future[int]:
        """The status that one request gets."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        head = f"POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: "
        self._transport.write(f"{head}{len(body)}\r\n\r\n".encode() + body)
        return self._answer

    def close(self) -> None:
        """Let the connection go."""
        if self._transport is not None:
            self._transport.close()


def deliver(
    relay: RelayProcess, name: str, rate: int, seconds: float
) -> tuple[float, list[float]]:
    """Send at ``rate`` for so long.

    Returns:
        How many were taken a second, and how long each took, in seconds.

    Raises:
        RuntimeError: One was not taken.
    """
    count = int(rate * seconds)
    bodies = [ringing(f"{name}-{number}") for number in range(count)]
    return deliver_all(relay, bodies, rate)


def deliver_all(
    relay: RelayProcess, bodies: Sequence[bytes], rate: int
) -> tuple[float, list[float]]:
    """Send these at ``rate``, each with its time where it says ``{}``.

    Returns:
        How many were taken a second, and how long each took, in seconds.

    Raises:
        RuntimeError: One was not taken.
    """
    return asyncio.run(_deliver(relay, bodies, rate))


async def _deliver(
    relay: RelayProcess, bodies: Sequence[bytes], rate: int
) -> tuple[float, list[float]]:
    count = len(bodies)
    loop = asyncio.get_running_loop()
    idle: asyncio.Queue[_Vendor] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        _, vendor = await loop.create_connection(_Vendor, "127.0.0.1", relay.port)
        idle.put_nowait(vendor)
    took: list[float] = []

    async def send_one(number: int) -> None:
        vendor = await idle.get()
        body = bodies[number].replace(b"{}", b"%d" % time.monotonic_ns())
        started = time.perf_counter()
        status = await vendor.send(relay.target, body)
        took.append(time.perf_counter() - started)
        idle.put_nowait(vendor)
        if status != 200:
            raise RuntimeError(f"a delivery was answered {status}")

    sending: list[asyncio.Task[None]] = []
    is_all = asyncio.Event()

    def begin(number: int) -> None:
        sending.append(loop.create_task(send_one(number)))
        if len(sending) == count:
            is_all.set()

    began, first = time.perf_counter(), loop.time()
    for number in range(count):
        loop.call_at(first + number / rate, begin, number)
    await is_all.wait()
    await asyncio.gather(*sending)
    elapsed = time.perf_counter() - began
    while not idle.empty():
        idle.get_nowait().close()
    return count / elapsed, took


def ringing(call: str, extension: str = "101") -> bytes:
    """A phone rings."""
    data = {
        "timestamp": 1772442000000,
        "callId": call,
        "type": "INCOMING",
        "originatorNumber": "+442079460123",
        "destinationNumber": "+442079460100",
        "userExtension": int(extension),
    }
    return json.dumps({"timestamp": 1, "type": "CALL_INCOMING", "data": data}).encode()


def join_desks(broker_url: str, count: int) -> None:
    """Have so many desks hear of extension 101."""

    async def join_all() -> None:
        broker = connect(BrokerAddress(urls=(broker_url,)))
        await broker.connected(10)
        for number in range(count):
            await join(broker, f"desk{number}", ("acme", "101"))
        await broker.close()

    asyncio.run(join_all())
