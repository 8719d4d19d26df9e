"""The program's HTTP client as every account uses it, asking for the same page again.

python -m tests.bench.polling PORT
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable

from screenpop.net import HttpClient
from tests.bench.facts import say
from tests.bench.figures import percentile
from tests.bench.record_server import RECORDS

POLLS = 200


async def serve_polls(poll: Callable[[], Awaitable[int]]) -> None:
    """Poll 200 times at each line of input, and tell what one took, in ms."""
    loop = asyncio.get_running_loop()
    say(ready=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        taken = []
        for _ in range(POLLS):
            begun = time.perf_counter()
            count = await poll()
            taken.append((time.perf_counter() - begun) * 1000)
            if count != RECORDS:
                raise RuntimeError(f"{count} records came")
        say(took_ms=(percentile(taken, 0.5), percentile(taken, 0.99)))


async def main() -> None:
    client = HttpClient(f"http://127.0.0.1:{sys.argv[1]}", service="the bench")

    async def poll() -> int:
        reply = await client.request("GET", "/records")
        value = reply.json()
        assert isinstance(value, dict)
        items = value["items"]
        assert isinstance(items, list)
        return len(items)

    await serve_polls(poll)
    await client.aclose()


if __name__ == "__main__":
    asyncio.run(main())
