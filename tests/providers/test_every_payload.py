"""Whatever arrives at a hook address is answered, kept byte for byte, and read.

All examples of the vendors' documents, and several hundred mutations of each, go over
HTTP to a running listener that stores them as the program does.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from screenpop.domain.call_fold import derive
from screenpop.domain.calls import CallRef
from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret
from screenpop.listener import HookRoute, Limits, ListenerThread, digest_of
from screenpop.providers import registry
from screenpop.providers.abilities import SupportsPreparation, SupportsSecretDeliveries
from screenpop.providers.protocol import ProviderContext
from screenpop.services.application import LARGEST_WEBHOOK
from screenpop.services.intake import WebhookIntake
from screenpop.store.database import Database
from screenpop.store.journal import Journal
from tests.providers.hook_examples import (
    HookRequest,
    all_examples,
    documented,
    examples,
)
from tests.providers.mutations import mutations

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable
    from pathlib import Path

    from screenpop.domain.delivery import Delivery
    from screenpop.domain.events import CallEvent

TOKEN: Final = "kC3r_0aZ-mT8vQ1xW5yB7nD2fG4hJ6kL9pS0uV3iXeR"
PER_DOCUMENTED: Final = 300
PER_RECORDED: Final = 24
AT_ONCE: Final = 48
SENDER_REFUSED: Final = 401
"""What MobTexting's document has us answer to who does not show the secret."""


@dataclass
class Intake:
    """A listener with its journal and the adapters of all accounts."""

    journal: Journal
    providers: dict[str, Any]
    listener: ListenerThread
    delivered: list[Delivery] = field(default_factory=list)

    async def post_all(
        self, account_id: str, requests: Iterable[HookRequest]
    ) -> list[int]:
        """The status of each, in order; many at once, as a storm of calls would."""
        gate = asyncio.Semaphore(AT_ONCE)

        async def post(number: int, request: HookRequest) -> int:
            async with gate:
                return await self._post(account_id, number, request)

        return await asyncio.gather(*(post(*each) for each in enumerate(requests)))

    async def _post(self, account_id: str, number: int, request: HookRequest) -> int:
        query = f"?{request.query}" if request.query else ""
        head = (
            f"{request.method} /hooks/{account_id}/{TOKEN}{request.path}{query}"
            f" HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {number}\r\n"
            f"Content-Length: {len(request.body)}\r\n"
        )
        if request.content_type:
            head += f"Content-Type: {request.content_type}\r\n"
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        try:
            writer.write(f"{head}\r\n".encode("ascii") + request.body)
            answer = await reader.read()
        finally:
            writer.close()
        return int(answer.split(b" ", 2)[1])

    def kept(self, account_id: str) -> dict[int, Delivery]:
        """What the journal has of an account, by the number it was sent under."""
        found = [
            delivery
            for delivery in self.journal.iter_since(0)
            if delivery.account_id == account_id
        ]
        kept = {int(each.header("user-agent") or -1): each for each in found}
        assert len(kept) == len(found), "nothing is kept twice"
        return kept


async def _provider(vendor: str, secret: str | None) -> Any:
    async def read_secret(_name: str) -> Secret:
        if secret is None:
            raise SecretMissing("There is no key for this account")
        return Secret(secret)

    provider = registry.manifest(vendor).create(
        ProviderContext(
            account_id=vendor,
            base_url="http://127.0.0.1:9",
            region="GB",
            extension="101",
            read_secret=read_secret,
        )
    )
    if isinstance(provider, SupportsPreparation):
        await provider.prepare()
    return provider


@pytest.fixture
async def intake(tmp_path: Path) -> AsyncIterator[Intake]:
    database = Database(tmp_path / "screenpop.db")
    journal = Journal(database)
    providers = {vendor: await _provider(vendor, None) for vendor in registry.BUILT_IN}
    delivered: list[Delivery] = []
    listener = ListenerThread(
        "127.0.0.1",
        0,
        intake=WebhookIntake(journal, providers.get, delivered.append),
        limits=Limits(body_bytes=LARGEST_WEBHOOK),
    )
    listener.set_routes(
        HookRoute(
            account_id=vendor,
            digest=digest_of(Secret(TOKEN)),
            methods=registry.manifest(vendor).hook_methods,
        )
        for vendor in providers
    )
    listener.start()
    yield Intake(journal, providers, listener, delivered)
    await asyncio.to_thread(listener.stop)
    for provider in providers.values():
        await provider.aclose()
    await asyncio.to_thread(database.close)


def spoiled(vendor: str) -> list[HookRequest]:
    """Every example as it is, then its mutations."""
    names = {each.name for each in documented(vendor)}
    requests: list[HookRequest] = []
    for example in examples(vendor):
        count = PER_DOCUMENTED if example.name in names else PER_RECORDED
        requests += [example, *mutations(example, count)]
    return requests


def is_delivery(request: HookRequest) -> bool:
    """Whether it says anything, in a way that its vendor speaks."""
    methods = registry.manifest(request.vendor).hook_methods
    is_something = request.body or request.query or request.path.strip("/")
    return request.method in methods and bool(is_something)


@pytest.mark.parametrize("vendor", registry.BUILT_IN)
async def test_every_example_and_its_mutations_are_answered_kept_and_read(
    intake: Intake, vendor: str
) -> None:
    requests = spoiled(vendor)
    statuses = await intake.post_all(vendor, requests)
    assert set(statuses) == {200}
    kept = intake.kept(vendor)
    wanted = {n: each for n, each in enumerate(requests) if is_delivery(each)}
    assert kept.keys() == wanted.keys()
    provider = intake.providers[vendor]
    whole = {int(each.header("user-agent") or -1): each for each in intake.delivered}
    for number, request in wanted.items():
        assert_same(whole[number], request)
        if isinstance(provider, SupportsSecretDeliveries):
            assert kept[number] == provider.without_secrets(whole[number])
            assert b"SEKRET" not in kept[number].body
            assert "SEKRET" not in kept[number].query
        else:
            assert_same(kept[number], request)
    assert_folds(provider, kept.values())


async def test_what_other_vendors_send_is_answered_and_kept_too(intake: Intake) -> None:
    for vendor in registry.BUILT_IN:
        foreign = [
            replace(each, vendor=vendor)
            for each in all_examples()
            if each.vendor != vendor
        ]
        assert set(await intake.post_all(vendor, foreign)) == {200}
        kept = intake.kept(vendor)
        assert len(kept) == sum(map(is_delivery, foreign))
        for delivery in kept.values():
            intake.providers[vendor].parse(delivery)


@pytest.mark.parametrize(
    ("vendor", "status"), [("mobtexting", SENDER_REFUSED), ("mango_voice", 200)]
)
async def test_who_does_not_show_the_secret_is_kept_and_makes_no_call(
    intake: Intake, vendor: str, status: int
) -> None:
    provider = await _provider(vendor, "SEKRET-4711-canary")
    intake.providers[vendor] = provider
    requests = [
        each for each in examples(vendor) if is_delivery(each) and not each.path
    ]
    spoiled = [each for example in requests for each in mutations(example, 24)]
    spoiled = [each for each in spoiled if is_delivery(each) and not each.path]
    assert set(await intake.post_all(vendor, spoiled)) <= {200, status}
    kept = intake.kept(vendor)
    assert len(kept) == len(spoiled)
    assert not any(provider.parse(delivery).events for delivery in kept.values())
    await provider.aclose()


def assert_same(delivery: Delivery, request: HookRequest) -> None:
    """It is what was sent, byte for byte."""
    assert delivery.body == request.body, request.name
    assert delivery.method == request.method
    assert delivery.path == request.path
    assert delivery.query == request.query
    assert delivery.content_type == request.content_type.strip()


def assert_folds(provider: Any, deliveries: Iterable[Delivery]) -> None:
    """Each is read without a crash, and so are the calls that come of all of them."""
    facts: dict[CallRef, set[CallEvent]] = defaultdict(set)
    readable = 0
    for delivery in deliveries:
        parsed = provider.parse(delivery)
        readable += bool(parsed.events)
        for event in parsed.events:
            facts[CallRef(event.account_id, event.call_id)].add(event)
    assert readable
    for ref, events in facts.items():
        call = derive(events, own_extension="101", now=datetime.now(UTC))
        assert call is not None
        assert call.ref == ref
