"""A steady stream of deliveries from a process of its own.

    python -m tests.bench.load PORT PATH LINE EXTENSION OTHER PER_SECOND SECONDS

The schedule does not wait for answers: a time counts from the moment at which a
delivery was due, so that a stall shows in every delivery that it holds up. Calls of a
whole company: each rings, is answered and ends; one in `OURS_EVERY` is for our agent
and pops. Prints the times in ms and how many were not answered with 2xx.
"""

from __future__ import annotations

import asyncio
import sys
import time
import uuid

from tests.bench.deliveries import body, request
from tests.bench.ticks import say

OURS_EVERY = 50
KINDS = ("INCOMING", "ANSWERED", "HANGUP")


def stream(count: int, path: str, line: str, own: str, other: str) -> list[bytes]:
    """The requests in their order: three of each call."""
    sent = []
    for number in range(-(-count // len(KINDS))):
        call_id = str(uuid.uuid4())
        extension = own if number % OURS_EVERY == 0 else other
        sent += [
            request(path, body(kind, call_id, number, line, extension))
            for kind in KINDS
        ]
    return sent[:count]


async def send(port: int, sent: bytes, due: float) -> float | None:
    """The time from the due moment to the whole answer, ms; None when refused."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(sent)
        answer = await reader.read()
    finally:
        writer.close()
    took = (time.perf_counter() - due) * 1000
    return took if answer.startswith(b"HTTP/1.1 2") else None


async def run(port: int, sent: list[bytes], per_second: float) -> None:
    loop = asyncio.get_running_loop()
    begin = time.perf_counter() + 0.05
    tasks = []
    wake = asyncio.Event()
    for number, each in enumerate(sent):
        due = begin + number / per_second
        wake.clear()
        loop.call_later(max(0.0, due - time.perf_counter()), wake.set)
        await wake.wait()
        tasks.append(asyncio.create_task(send(port, each, due)))
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    taken = [round(each, 3) for each in answers if isinstance(each, float)]
    say(load={"taken_ms": taken, "refused": len(answers) - len(taken)})


def main() -> int:
    port, path, line, own, other, per_second, seconds = sys.argv[1:]
    count = round(float(per_second) * float(seconds))
    asyncio.run(
        run(int(port), stream(count, path, line, own, other), float(per_second))
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
