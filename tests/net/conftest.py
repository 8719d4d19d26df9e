"""A client and the server it talks to."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.net import HttpClient
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from tests.net.loopback import Handler

    Connect = Callable[..., Awaitable[tuple[HttpClient, LoopbackServer]]]


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    """``client, server = await connect(handler)``; both are closed afterwards."""
    async with AsyncExitStack() as stack:

        async def start(
            handler: Handler, **options: float
        ) -> tuple[HttpClient, LoopbackServer]:
            server = await stack.enter_async_context(LoopbackServer(handler))
            client = HttpClient(server.url, service="Example", **options)  # type: ignore[arg-type]
            stack.push_async_callback(client.aclose)
            return client, server

        yield start
