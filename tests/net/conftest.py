"""A client and the server it talks to."""

from __future__ import annotations

import subprocess
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.net import HttpClient
from tests.net.loopback import LoopbackServer
from tests.requirements import require_program

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

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


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key."""
    target = tmp_path / "own.pem"
    subprocess.run(
        [
            require_program("openssl"),
            *("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"),
            *("-keyout", target, "-out", f"{target}.crt"),
            *("-addext", "subjectAltName=IP:127.0.0.1"),
        ],
        check=True,
        capture_output=True,
    )
    with target.open("ab") as file:
        file.write((tmp_path / "own.pem.crt").read_bytes())
    return target
