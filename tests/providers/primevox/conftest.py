"""An account at the simulated PrimeVOX."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.privacy import Secret
from screenpop.providers.primevox.provider import PrimevoxProvider
from screenpop.simulator.primevox.cloud import PrimevoxCloud
from screenpop.simulator.primevox.options import PrimevoxOptions
from tests.providers.contract import context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Open = Callable[..., Awaitable[PrimevoxProvider]]


@pytest.fixture
def reading() -> PrimevoxOptions:
    """How the cloud reads what the pages leave open; a test may choose another."""
    return PrimevoxOptions()


@pytest.fixture
def cloud(reading: PrimevoxOptions) -> Iterator[PrimevoxCloud]:
    with PrimevoxCloud(options=reading) as running:
        yield running


@pytest.fixture
async def open_account(cloud: PrimevoxCloud) -> AsyncIterator[Open]:
    """``await open_account(options={…})``: more accounts at the cloud."""
    async with AsyncExitStack() as stack:

        async def read_secret(name: str) -> Secret:
            return Secret(cloud.credentials[name])

        async def start(suffix: str = "", **changes: object) -> PrimevoxProvider:
            usual = replace(context(cloud.base_url + suffix), read_secret=read_secret)
            provider = PrimevoxProvider(replace(usual, **changes))  # type: ignore[arg-type]
            stack.push_async_callback(provider.aclose)
            return provider

        yield start


@pytest.fixture
async def account(open_account: Open) -> PrimevoxProvider:
    return await open_account()
