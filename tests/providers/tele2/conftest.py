"""Accounts at a simulated Tele2, with a keychain of their own."""

from __future__ import annotations

from contextlib import AsyncExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import KeychainLocked, SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.providers.tele2.manifest import MANIFEST
from screenpop.simulator.tele2.cloud import Tele2Cloud
from tests.providers.contract import context
from tests.providers.tele2.description import complaints

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    Open = Callable[..., Awaitable[Any]]

AMELIA = "1741000000000101"
RUI = "1741000000000102"
SARA = "1741000000000103"
ANA = "+447700900123"
BEN = "+447700900456"


class Keychain:
    """Gives what it holds and takes what it is given."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = dict(secrets)
        self.is_read_only = False

    async def read(self, name: str) -> Secret:
        if name not in self.secrets:
            raise SecretMissing(f"No {name} is stored")
        return Secret(self.secrets[name])

    async def write(self, name: str, secret: Secret) -> None:
        if self.is_read_only:
            raise KeychainLocked("The keychain is locked")
        self.secrets[name] = secret.reveal()


@pytest.fixture
def cloud() -> Iterator[Tele2Cloud]:
    """Whatever a test has it asked is checked against the vendor's description."""
    with Tele2Cloud() as running:
        yield running
        found = {
            f"{request.method} {request.path}: {complaint}"
            for request in running.requests
            if request.path.startswith(("/api/v2/", "/api/session_keys/"))
            for complaint in complaints(
                request.method, f"{request.path}?{request.query}", request.body
            )
        }
    assert found == set()


@pytest.fixture
def keychain(cloud: Tele2Cloud) -> Keychain:
    return Keychain(**cloud.credentials)


@pytest.fixture
async def open_account(cloud: Tele2Cloud, keychain: Keychain) -> AsyncIterator[Open]:
    """``await open_account("webhook", extension="…", number_format="digits")``."""
    async with AsyncExitStack() as stack:

        async def start(
            source: str = "poll",
            *,
            base_url: str = "",
            extension: str = AMELIA,
            region: str = "GB",
            **options: str,
        ) -> Any:
            given = replace(
                context(base_url or cloud.base_url),
                region=region,
                extension=extension,
                options={"source": source, **options},
                read_secret=keychain.read,
                write_secret=keychain.write,
            )
            provider = MANIFEST.create(given)
            stack.push_async_callback(provider.aclose)
            return provider

        yield start


@pytest.fixture
async def account(open_account: Open) -> Any:
    return await open_account()


def paths(cloud: Tele2Cloud) -> list[str]:
    """What was asked of the cloud, without its base path."""
    return [
        f"{request.method} {request.path.removeprefix('/api/v2')}"
        for request in cloud.requests
    ]
