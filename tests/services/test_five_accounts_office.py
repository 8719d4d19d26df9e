"""One desk with an account at each vendor, sent everything their documents show."""

from __future__ import annotations

import asyncio
import urllib.request
from collections import Counter
from contextlib import AsyncExitStack, ExitStack
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.privacy import Secret
from screenpop.providers import registry
from screenpop.services.application import Application
from screenpop.services.events import CallCard, PopRequested, SourceState
from screenpop.services.replay import Replay
from screenpop.simulator import create_cloud
from tests.providers.hook_examples import documented, examples
from tests.providers.mutations import mutations
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from tests.providers.hook_examples import HookRequest

PER_EXAMPLE = 8
REACHED = (SourceState.LIVE, SourceState.WAITING, SourceState.POLLING)


def _config(addresses: dict[str, str]) -> str:
    accounts = "".join(
        f'[[accounts]]\nid = "{vendor}"\nvendor = "{vendor}"\nbase_url = "{url}"\n'
        'container_id = "100200"\nagent_number = "+442079460150"\n'
        'outbound_number = "+442079460100"\n'
        for vendor, url in addresses.items()
    )
    return f'region = "GB"\n[listener]\nport = 0\n{accounts}'


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Application]:
    """The running services, connected to five simulated phone systems."""
    paths = Paths.under(tmp_path / "home")
    paths.ensure()
    secrets = MemorySecretStore()
    addresses: dict[str, str] = {}
    with ExitStack() as clouds:
        for vendor in registry.BUILT_IN:
            cloud = clouds.enter_context(create_cloud(vendor))
            addresses[vendor] = cloud.base_url
            for name, value in cloud.credentials.items():
                if name != "webhook_secret":
                    secrets.put(vendor, name, Secret(value))
        paths.config_file.write_text(_config(addresses))
        app = Application(paths, secrets=secrets)
        await app.start()
        async with AsyncExitStack() as stack:
            stack.push_async_callback(app.stop)
            for vendor in registry.BUILT_IN:
                await eventually(lambda: _is_open(app, vendor), vendor)  # noqa: B023
            yield app


def _is_open(app: Application, account_id: str) -> bool:
    told = app.monitor.state(account_id)
    return told is not None and told.state in REACHED


def _post(app: Application, request: HookRequest) -> int:
    token = app.connections.get(request.vendor).hook_token
    assert token is not None
    query = f"?{request.query}" if request.query else ""
    sent = urllib.request.Request(
        f"http://127.0.0.1:{app.listener.port}/hooks/{request.vendor}"
        f"/{token.reveal()}{request.path}{query}",
        request.body or None,
        {"Content-Type": request.content_type},
        method=request.method,
    )
    with urllib.request.urlopen(sent, timeout=10) as answer:  # noqa: S310
        return int(answer.status)


def _post_all(app: Application, requests: Iterable[HookRequest]) -> set[int]:
    return {_post(app, request) for request in requests}


def _everything() -> list[HookRequest]:
    found: list[HookRequest] = []
    for vendor in registry.BUILT_IN:
        found += examples(vendor)
        for example in documented(vendor):
            found += mutations(example, PER_EXAMPLE, seed=1)
    return found


@pytest.mark.expects_log("a delivery could not be acted on: Mango Voice switched")
async def test_what_the_documents_show_and_worse_is_logged_once_and_survives_a_replay(
    desk: Application,
) -> None:
    cards: list[CallCard] = []
    desk.bus.subscribe(PopRequested, lambda event: cards.append(event.card))
    assert await asyncio.to_thread(_post_all, desk, _everything()) == {200}
    await eventually(lambda: not desk.journal.pending(), "everything to be read")
    await desk.tracker.settled()
    popped = Counter((card.ref, card.direction) for card in cards)
    assert popped
    assert set(popped.values()) == {1}
    replay = Replay(
        journal=desk.journal,
        log=desk.call_log,
        accounts=desk.connections.tracked,
        dials=desk.dial_book,
        clock=desk.clock,
    )
    report = await replay.run(None, write=False)
    assert report.deliveries >= len(examples("voxloud"))
    assert report.differences == ()
