"""An account at the simulated Mango Voice, and a keychain that remembers."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.domain.errors import SecretError, SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.providers.mango_voice.provider import MangoVoiceProvider
from screenpop.providers.protocol import ProviderContext
from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Open = Callable[..., Awaitable[MangoVoiceProvider]]


class Keychain:
    """Keeps secrets as the real one does: no empty ones."""

    def __init__(self, **secrets: str) -> None:
        self.kept = dict(secrets)
        self.written: list[str] = []

    async def read(self, name: str) -> Secret:
        if name not in self.kept:
            raise SecretMissing(f"There is no {name}")
        return Secret(self.kept[name])

    async def write(self, name: str, secret: Secret) -> None:
        if not secret.reveal():
            raise SecretError("The secret is empty")
        self.written.append(name)
        await asyncio.sleep(0)
        self.kept[name] = secret.reveal()


@pytest.fixture
def cloud() -> Iterator[MangoVoiceCloud]:
    with MangoVoiceCloud() as running:
        yield running


@pytest.fixture
def keychain(cloud: MangoVoiceCloud) -> Keychain:
    return Keychain(**cloud.credentials)


@pytest.fixture
async def open_account(
    cloud: MangoVoiceCloud, keychain: Keychain
) -> AsyncIterator[Open]:
    """``await open_account(number_format="digits")``: an account with options."""
    async with AsyncExitStack() as stack:

        async def start(
            *, extension: str = "101", **options: str
        ) -> MangoVoiceProvider:
            provider = MangoVoiceProvider(
                ProviderContext(
                    account_id="acme",
                    base_url=options.pop("base_url", cloud.base_url),
                    region="US",
                    extension=extension,
                    options=options,
                    read_secret=keychain.read,
                    write_secret=keychain.write,
                )
            )
            stack.push_async_callback(provider.aclose)
            await provider.prepare()
            return provider

        yield start


@pytest.fixture
async def account(open_account: Open) -> MangoVoiceProvider:
    return await open_account()
