"""Floor of polling: an asyncio stream that is kept open, json.loads, nothing else.

    python -m tests.bench.floors.bare_poll PORT

It trusts the server in everything: length, encoding, time.
"""

from __future__ import annotations

import asyncio
import json
import sys

from tests.bench.polling import serve_polls

_REQUEST = (
    b"GET /records HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n\r\n"
)
_LENGTH = b"content-length:"


async def main() -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(sys.argv[1]))

    async def poll() -> int:
        writer.write(_REQUEST)
        head = await reader.readuntil(b"\r\n\r\n")
        _, _, after = head.lower().partition(_LENGTH)
        body = await reader.readexactly(int(after.partition(b"\r\n")[0]))
        return len(json.loads(body)["items"])

    await serve_polls(poll)
    writer.close()


if __name__ == "__main__":
    asyncio.run(main())
