"""An account at a stand-in Voxloud."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.privacy import Secret
from screenpop.providers.voxloud.provider import VoxloudProvider
from tests.net.loopback import LoopbackServer
from tests.providers.contract import context
from tests.providers.voxloud.stand_in import StandIn

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    Open = Callable[..., Awaitable[VoxloudProvider]]


@pytest.fixture
def cloud() -> StandIn:
    return StandIn()


@pytest.fixture
async def open_account(cloud: StandIn) -> AsyncIterator[Open]:
    """``await open_account(region="GB", options={…})``: more accounts at the cloud."""
    async with AsyncExitStack() as stack:
        server = await stack.enter_async_context(LoopbackServer(cloud.handle))

        async def start(suffix: str = "", **changes: object) -> VoxloudProvider:
            base = context(server.url + suffix)
            provider = VoxloudProvider(replace(base, **changes))  # type: ignore[arg-type]
            stack.push_async_callback(provider.aclose)
            return provider

        yield start
        assert cloud.complaints == []


@pytest.fixture
async def account(open_account: Open) -> VoxloudProvider:
    return await open_account()


class Keychain:
    """Counts how often the key is read, and gives whatever it holds now."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.reads = 0

    async def read(self, name: str) -> Secret:
        assert name == "api_key"
        self.reads += 1
        return Secret(self.key)
