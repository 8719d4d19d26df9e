"""Accounts at a simulated MobTexting, and at servers that misbehave."""

from __future__ import annotations

import json
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.providers.mobtexting.provider import MobTextingProvider
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from tests.providers.contract import context

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

    Open = Callable[..., Awaitable[MobTextingProvider]]

FIXTURES = Path(__file__).parent / "fixtures"
LINE = "+442079460100"
AGENT = "+442079460150"
ANA = "+442079460123"
OPTIONS = {"outbound_number": LINE, "agent_number": AGENT}


def recorded(name: str) -> Any:
    """A recorded payload."""
    return json.loads((FIXTURES / f"{name}.json").read_text("utf-8"))


def keychain(secrets: Mapping[str, str]) -> Callable[[str], Awaitable[Secret]]:
    async def read(name: str) -> Secret:
        if name not in secrets:
            raise SecretMissing("There is no such key")
        return Secret(secrets[name])

    return read


@pytest.fixture
def cloud() -> Iterator[MobTextingCloud]:
    with MobTextingCloud() as running:
        yield running


@pytest.fixture
async def open_account(cloud: MobTextingCloud) -> AsyncIterator[Open]:
    """``await open_account(options={…})``: an account at the cloud."""
    async with AsyncExitStack() as stack:

        async def start(
            url: str = "",
            secrets: Mapping[str, str] | None = None,
            **changes: object,
        ) -> MobTextingProvider:
            made = context(url or cloud.base_url)
            fields: dict[str, Any] = {
                "region": "GB",
                "options": OPTIONS,
                "read_secret": keychain(
                    cloud.credentials if secrets is None else secrets
                ),
            }
            provider = MobTextingProvider(replace(made, **(fields | changes)))
            stack.push_async_callback(provider.aclose)
            return provider

        yield start


@pytest.fixture
async def account(open_account: Open) -> MobTextingProvider:
    return await open_account()
