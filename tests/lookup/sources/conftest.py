"""What every source's tests need: a context without a keychain, and a server."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.lookup.manifest import SourceContext
from tests.net.loopback import LoopbackServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from screenpop.lookup.manifest import AnySource, SourceManifest
    from tests.net.loopback import Handler

    Serve = Callable[[Handler], Awaitable[LoopbackServer]]


class Keys:
    """Secrets in memory, in place of the keychain."""

    def __init__(self, **secrets: str) -> None:
        self.secrets = dict(secrets)

    async def read(self, name: str) -> Secret:
        if name not in self.secrets:
            raise SecretMissing(f"The secret “{name}” is missing", "Enter it.")
        return Secret(self.secrets[name])

    async def write(self, name: str, secret: Secret) -> None:
        self.secrets[name] = secret.reveal()


def a_context(
    base_url: str = "", keys: Keys | None = None, **options: str
) -> SourceContext:
    """What a source called "crm" is given, in Great Britain."""
    keys = keys or Keys()
    return SourceContext(
        source_id="crm",
        label="The CRM",
        base_url=base_url,
        region="GB",
        options=options,
        deadline_seconds=5.0,
        read_secret=keys.read,
        write_secret=keys.write,
    )


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """``server = await serve(handler)``; it is closed afterwards."""
    async with AsyncExitStack() as stack:

        async def start(handler: Handler) -> LoopbackServer:
            return await stack.enter_async_context(LoopbackServer(handler))

        yield start


@pytest.fixture
async def make() -> AsyncIterator[Callable[..., Any]]:
    """``source = make(MANIFEST, url, {"key": "k"}, option="…")``, closed afterwards."""
    async with AsyncExitStack() as stack:

        def made(
            manifest: SourceManifest,
            base_url: str = "",
            secrets: Mapping[str, str] | None = None,
            **options: str,
        ) -> AnySource:
            context = a_context(base_url, Keys(**(secrets or {})), **options)
            source: Any = manifest.create(context)
            stack.push_async_callback(source.aclose)
            return source  # type: ignore[no-any-return]

        yield made
