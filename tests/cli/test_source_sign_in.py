"""``screenpop source`` for sources that are signed in to in the browser."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from screenpop.config.secrets import KeychainSecretStore
from screenpop.domain.errors import SecretMissing
from screenpop.services.long_secrets import LongSecrets
from tests.lookup.sources.standins.authorization import CLIENT_ID, Browser
from tests.lookup.sources.standins.microsoft import GRAPH, Graph
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.cli.conftest import Home

SOURCE = "added-by-a-test"
PATIENCE = 30


@pytest.fixture
async def graph() -> AsyncIterator[Graph]:
    stand_in = Graph()
    async with LoopbackServer(stand_in) as server:
        stand_in.base_url = f"{server.url}{GRAPH}"
        stand_in.save("1", "Ana Bell", businessPhones=["+442079460123"])
        yield stand_in


@pytest.fixture
async def keychain() -> AsyncIterator[LongSecrets]:
    """The real keychain, without what an earlier run may have left."""
    store = LongSecrets(KeychainSecretStore(timeout_seconds=30))
    await store.delete(SOURCE, "tokens")
    yield store
    await store.delete(SOURCE, "tokens")


class Terminal:
    """Runs commands, and opens the pages that they print."""

    def __init__(self) -> None:
        self.browser = Browser()
        self.said = ""

    async def run(self, *words: str) -> int:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "screenpop", "source", *words,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        assert process.stdout is not None
        self.said = ""
        async with asyncio.timeout(PATIENCE):
            async for raw in process.stdout:
                line = raw.decode()
                self.said += line
                if line.startswith("http"):
                    self.browser.open(line.strip())
            return await process.wait()


@pytest.mark.keyring
async def test_a_source_is_signed_in_to_synced_and_removed(
    empty_home: Home, graph: Graph, keychain: LongSecrets
) -> None:
    terminal = Terminal()
    login_url = graph.base_url.removesuffix(GRAPH)
    added = await terminal.run(
        "add", "microsoft", "--id", SOURCE,
        "--set", f"client_id={CLIENT_ID}",
        "--set", f"base_url={graph.base_url}",
        "--set", f"login_url={login_url}",
    )  # fmt: skip
    assert added == 0, terminal.said
    assert "Signed in as Ana Bell" in terminal.said
    assert "SEKRET" not in terminal.said + empty_home.config
    assert len((await keychain.get(SOURCE, "tokens")).reveal()) > 3_000

    assert await terminal.run("sync", SOURCE) == 0
    assert "1 contacts came" in terminal.said

    graph.tokens.revoke()
    assert await terminal.run("check", SOURCE) == 1
    assert "Sign in again" in terminal.said
    assert await terminal.run("sign-in", SOURCE) == 0
    assert "Signed in as Ana Bell" in terminal.said
    graph.tokens.says = "access_denied"
    assert await terminal.run("sign-in", SOURCE) == 1
    assert "cancelled or not allowed" in terminal.said

    assert await terminal.run("remove", SOURCE, "--yes") == 0
    with pytest.raises(SecretMissing):
        await keychain.get(SOURCE, "tokens")
