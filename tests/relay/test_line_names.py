"""Whom an administrator means by ``--line``, and whose calls nobody hears of."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.config.relay_settings import LineRule
from screenpop.config.secrets import MemorySecretStore
from screenpop.config.settings import AccountSettings, Settings
from screenpop.domain.errors import UsageError
from screenpop.domain.privacy import Secret
from screenpop.relay.devices import Line
from screenpop.services.connections import Connections
from screenpop.services.events import SourceState
from screenpop.services.relay.line_names import NamedLine, named_line
from screenpop.simulator import create_cloud
from tests.relay.team_office import NOWHERE, TeamDeskApp, team_office
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker
    from tests.relay.team_server import TeamServer

AMELIA = "1741000000000101"
HER_NUMBER = "+442079460111"
RULE = LineRule(account="acme", line="2025550100", extensions=("101",))


async def named(
    vendor: str, base_url: str, text: str, *rules: LineRule, key: str = ""
) -> NamedLine:
    secrets = MemorySecretStore()
    if key:
        secrets.put("acme", "api_key", Secret(key))
    connections = Connections(secrets)
    account = AccountSettings(id="acme", vendor=vendor, base_url=base_url)
    connections.adopt(Settings(region="GB", accounts=(account,)))
    try:
        return await named_line(connections.get("acme"), Line("acme", text), rules)
    finally:
        await connections.aclose()


@pytest.mark.parametrize(
    "text", [HER_NUMBER, "020 7946 0111", AMELIA, "amelia hart", "Amelia Hart"]
)
async def test_an_employee_is_found_by_what_people_know_of_them(text: str) -> None:
    with create_cloud("tele2") as cloud:
        key = cloud.credentials["api_key"]
        found = await named("tele2", cloud.base_url, text, key=key)
    assert found.line == Line("acme", AMELIA, HER_NUMBER)
    assert found.line.shown == HER_NUMBER


@pytest.mark.parametrize("text", ["101", "+442079460199", "Nobody"])
async def test_an_employee_whom_the_phone_system_does_not_have_is_refused(
    text: str,
) -> None:
    with create_cloud("tele2") as cloud:
        key = cloud.credentials["api_key"]
        with pytest.raises(UsageError) as refused:
            await named("tele2", cloud.base_url, text, key=key)
    assert text in refused.value.title
    assert f"Amelia Hart ({HER_NUMBER})" in refused.value.advice


async def test_without_its_word_an_id_is_taken_and_a_number_is_not() -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        await named("tele2", NOWHERE, HER_NUMBER, key="k" * 20)
    found = await named("tele2", NOWHERE, AMELIA, key="k" * 20)
    assert found.line == Line("acme", AMELIA)
    assert "was not checked" in found.remark


async def test_an_extension_that_is_still_to_come_is_remarked_on() -> None:
    with create_cloud("voxloud") as cloud:
        key = cloud.credentials["api_key"]
        assert await named("voxloud", cloud.base_url, "101", key=key) == NamedLine(
            Line("acme", "101")
        )
        found = await named("voxloud", cloud.base_url, "999", key=key)
    assert found.line == Line("acme", "999")
    assert "no user “999”" in found.remark


@pytest.mark.parametrize("vendor", ["mobtexting", "primevox"])
async def test_whose_rings_name_nobody_needs_a_line_in_the_settings(
    vendor: str,
) -> None:
    found = await named(vendor, NOWHERE, "101")
    assert "[[relay.lines]]" in found.remark
    assert (await named(vendor, NOWHERE, "101", RULE)).remark == ""
    assert (await named(vendor, NOWHERE, "")).remark == ""


async def test_an_employee_by_number_has_their_calls_and_is_shown_by_it(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        cloud = stack.enter_context(create_cloud("tele2"))
        key = cloud.credentials["api_key"]
        account = AccountSettings(
            id="acme", vendor="tele2", base_url=cloud.base_url, region="GB"
        )
        office = await stack.enter_async_context(
            team_office(
                team,
                relay,
                tmp_path / "relay",
                account=account,
                secrets={"api_key": key},
            )
        )
        desks = []
        for agent, number in (("Amelia", HER_NUMBER), ("Rui", "+442079460112")):
            line = (await named("tele2", cloud.base_url, number, key=key)).line
            desk = TeamDeskApp(Paths.under(tmp_path / agent))
            await desk.join(await office.code_of(agent, line))
            await desk.start()
            stack.push_async_callback(desk.stop)
            await desk.is_in(SourceState.LIVE)
            desks.append(desk)
        amelia, rui = desks
        monitor = office.server.owner.monitor
        await eventually(
            lambda: (
                (state := monitor.state("acme")) and state.state is SourceState.LIVE
            ),
            "the stream",
        )
        call = cloud.incoming_call("+447700900123", extensions=(AMELIA,))
        await asyncio.to_thread(call.ring)
        card = await amelia.popped()
        assert card.number_e164 == "+447700900123"
        assert rui.pops == []
        assert rui.app is not None
        sharing = rui.app.team.sharing
        assert sharing is not None
        (seen,) = await eventually(sharing.colleagues.people, "Amelia")
        assert [line.known_as for line in seen.lines] == [HER_NUMBER]
