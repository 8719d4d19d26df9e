"""What phone systems' documents show, sent to the relay: whose desk shows a card?"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.config.relay_settings import LineRule
from screenpop.config.settings import AccountSettings
from screenpop.relay.names import DESKS_STREAM, INTAKE_STREAM, desk_consumer
from screenpop.services.events import SourceState
from tests.providers.hook_examples import HookRequest, examples
from tests.relay.http_sender import Sender
from tests.relay.team_office import NOWHERE, TeamDeskApp, TeamOffice, team_office
from tests.relay.team_server import TeamServer, now
from tests.waiting import eventually

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.relay.broker.nats_broker import NatsBroker

SECRET = "a-made-up-webhook-secret"


def _example(vendor: str, name: str) -> HookRequest:
    return next(each for each in examples(vendor) if each.name == name)


def _ms(at: datetime) -> str:
    return str(int(at.timestamp() * 1000))


@dataclass(frozen=True)
class Ring:
    """A documented delivery that tells of a ringing phone.

    Attributes:
        stale: The time that the example holds, and how to write the present in place.
        right: What the desk is enrolled with that shall show it; "" for everyone's.
        wrong: What a desk is enrolled with that shall hear nothing.
        caller: Who calls, as the card has it.
        rules: What relay.toml says of the lines.
    """

    vendor: str
    name: str
    stale: str
    fresh: Callable[[datetime], str]
    right: str
    wrong: str
    caller: str
    rules: tuple[LineRule, ...] = ()
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    region: str = "GB"
    secrets: tuple[str, ...] = ()


def _rule(line: str, *extensions: str) -> tuple[LineRule, ...]:
    return (LineRule(account="acme", line=line, extensions=extensions),)


PRINTED = "%Y-%m-%d %H:%M:%S"
_VOXLOUD = Ring(
    "voxloud",
    "call_incoming_bare",
    "1512552226000",
    _ms,
    right="101",
    wrong="102",
    caller="+390687654321",
)
_MANGO = Ring(
    "mango_voice",
    "line_ringing",
    "2026-11-22T09:59:58Z",
    lambda at: at.isoformat(),
    right="101",
    wrong="102",
    caller="+12025550143",
    region="US",
    secrets=("ident1", "ident2", "ident3"),
)
_PLATFORM = Ring(
    "mango_voice",
    "platform_callringing.form",
    "2026-11-22+09%3A59%3A57",
    lambda at: at.strftime("%Y-%m-%d+%H%%3A%M%%3A%S"),
    right="101",
    wrong="102",
    caller="+12025550143",
    region="US",
    secrets=("ident1", "ident2", "ident3"),
)
_PRIMEVOX = Ring(
    "primevox",
    "hook_inbound_call.form",
    # It tells no time; another id makes another call of it.
    "6f1c1f5e",
    lambda _: token_hex(4),
    right="101",
    wrong="102",
    caller="+12025550123",
    rules=_rule("2025550100", "101"),
    options={"container_id": "100200"},
    region="US",
)
_MOBTEXTING = Ring(
    "mobtexting",
    "step_ringing",
    "2026-11-22 09:59:58",
    lambda at: at.strftime(PRINTED),
    right="442079460150",
    wrong="442079460151",
    caller="+442079460123",
    rules=_rule("442079460100", "442079460150"),
    secrets=("webhook_secret",),
)
_TELE2 = Ring(
    "tele2",
    "call_started",
    "2018-04-25T13:52:02+0000",
    lambda at: at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    right="1519045200000101",
    wrong="1519045200000102",
    caller="+447700900123",
    options={"source": "webhook"},
)
RINGS = [_VOXLOUD, _MANGO, _PLATFORM, _PRIMEVOX, _MOBTEXTING, _TELE2]


@dataclass
class House:
    """A relay with one account, and desks that join it."""

    office: TeamOffice
    folder: Path
    stack: AsyncExitStack
    ring: Ring
    _count: int = 0

    async def desk(self, extension: str) -> tuple[str, TeamDeskApp]:
        name = f"desk-{extension or 'all'}"
        desk = TeamDeskApp(Paths.under(self.folder / name))
        device_id = await desk.join(await self.office.code(name, extension))
        self.stack.push_async_callback(desk.stop)
        return device_id, desk

    async def rings(self, *, as_call: str = "") -> None:
        """Have the example delivered as of now, or as of another call."""
        example = _example(self.ring.vendor, self.ring.name)
        body = example.body.decode().replace(self.ring.stale, self.ring.fresh(now()))
        if as_call:
            self._count += 1
            found = json.loads(body) | {"id": as_call, "again": self._count}
            body = json.dumps(found)
        await self.office.hook(
            body.encode(),
            example.path,
            content_type=example.content_type,
            bearer=SECRET if self.ring.secrets else "",
        )

    async def waits(self, device_id: str) -> int:
        """How many copies wait for a desk that does not run."""
        state = await self.office.broker.consumer_state(
            DESKS_STREAM, desk_consumer(device_id)
        )
        return state.pending


@pytest.fixture
async def house(
    team: TeamServer, relay: NatsBroker, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[House]:
    ring: Ring = request.param
    # The broker is there for other tests as well, whose desks hear of everything.
    await relay.purge("KV_DEVICES", ">")
    account = AccountSettings(
        id="acme",
        vendor=ring.vendor,
        base_url=NOWHERE,
        region=ring.region,
        options=ring.options,
    )
    async with AsyncExitStack() as stack:
        office = await stack.enter_async_context(
            team_office(
                team,
                relay,
                tmp_path / "relay",
                account=account,
                lines=ring.rules,
                secrets=dict.fromkeys(ring.secrets, SECRET),
            )
        )
        yield House(office, tmp_path, stack, ring)


def _named(rings: list[Ring]) -> list[str]:
    return [f"{each.vendor}-{each.right or 'all'}" for each in rings]


async def assert_right_desk_alone_hears(house: House) -> None:
    _, right = await house.desk(house.ring.right)
    other_id, _ = await house.desk(house.ring.wrong)
    await right.start()
    await right.is_in(SourceState.LIVE)
    await house.rings()
    card = await right.popped()
    assert card.number_e164 == house.ring.caller
    assert await house.waits(other_id) == 0


@pytest.mark.parametrize("house", RINGS, ids=_named(RINGS), indirect=True)
async def test_a_documented_ring_is_a_card_at_the_desk_whose_it_is_and_at_no_other(
    house: House,
) -> None:
    await assert_right_desk_alone_hears(house)


NAMELESS = [
    replace(_PRIMEVOX, right="2025550100", rules=()),
    replace(_MOBTEXTING, right="+44 20 7946 0100", rules=()),
    replace(_MOBTEXTING, right="", wrong="101", rules=()),
]


@pytest.mark.parametrize("house", NAMELESS, ids=_named(NAMELESS), indirect=True)
async def test_a_ring_that_names_nobody_is_whose_number_is_called_and_for_everybody(
    house: House,
) -> None:
    await assert_right_desk_alone_hears(house)


FOR_NOBODY = [replace(_MOBTEXTING, rules=())]


@pytest.mark.expects_log("its line is nobody's")
@pytest.mark.parametrize("house", FOR_NOBODY, ids=["mobtexting"], indirect=True)
async def test_a_call_that_no_desk_will_ever_show_is_warned_of_once_and_counted(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    server = house.office.server
    # Before anybody has joined there is nobody to miss it.
    await house.rings()
    last = await house.office.broker.last_seq(INTAKE_STREAM)
    await eventually(lambda: server.router.position >= last, "the routing")
    assert server.meters.for_nobody.total() == 0
    device_id, _ = await house.desk("442079460150")
    for call in (1, 2):
        # Three deliveries of one call are one call.
        for _ in range(3):
            await house.rings(as_call=f"c{call}")
    await eventually(lambda: server.meters.for_nobody.total() == 2, "the count")
    assert await house.waits(device_id) == 0
    told = [one for one in caplog.messages if "its line is nobody's" in one]
    assert len(told) == 1
    assert "442079460100" not in told[0]
    sender = Sender(server.admin_web.port)
    ready = json.loads((await sender.send("/readyz", method="GET")).body)
    metrics = (await sender.send("/metrics", method="GET")).body.decode()
    sender.close()
    assert ready["for_nobody"] == {"acme": 2}
    assert 'screenpop_relay_calls_for_nobody_total{account="acme"} 2' in metrics
