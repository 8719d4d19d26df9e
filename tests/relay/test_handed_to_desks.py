"""What a vendor hands to the relay reaches the computers that dial with it."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from screenpop.config.paths import Paths
from screenpop.config.settings import AccountSettings
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.dialing import DialOrigin
from screenpop.domain.errors import RelayMissing
from screenpop.domain.privacy import Secret
from screenpop.relay.broker.streams import as_object
from screenpop.relay.handed import HandedSecret
from screenpop.relay.names import DESKS_STREAM, INTAKE_STREAM
from screenpop.services.dialer import DialOrder
from screenpop.services.events import DialState, SourceState
from screenpop.simulator.mango_voice.cloud import MangoVoiceCloud
from tests.relay.team_office import HOOK_TOKEN, TeamDeskApp, TeamOffice, team_office
from tests.relay.team_server import fresh_key
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.relay.broker.nats_broker import NatsBroker
    from tests.relay.team_server import TeamServer


def test_a_sealed_secret_opens_on_its_own_computer_and_for_its_own_purpose() -> None:
    own, other = fresh_key(), fresh_key()
    sealed = HandedSecret.of(own.public, "acme", "dial_url", Secret("s3cret"))
    assert b"s3cret" not in sealed.sealed
    assert sealed.open(own) == Secret("s3cret")
    assert sealed.open(other) is None
    moved = HandedSecret(account_id="other", name="dial_url", sealed=sealed.sealed)
    assert moved.open(own) is None
    short = HandedSecret(account_id="acme", name="dial_url", sealed=b"x")
    assert short.open(own) is None


ACCOUNT = "acme"
USERS = "101=Amelia Hart <amelia.hart@example.com>, 102=Rui Costa"
NUMBER = "+12025550123"


@pytest.fixture
async def cloud() -> AsyncIterator[MangoVoiceCloud]:
    cloud = MangoVoiceCloud()
    cloud.start()
    yield cloud
    await asyncio.to_thread(cloud.stop)


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path, cloud: MangoVoiceCloud
) -> AsyncIterator[TeamOffice]:
    account = _account(cloud)
    async with team_office(
        team, relay, tmp_path / "relay", account=account, secrets=cloud.credentials
    ) as office:
        yield office


def _account(cloud: MangoVoiceCloud) -> AccountSettings:
    return AccountSettings(
        id=ACCOUNT,
        vendor="mango_voice",
        base_url=cloud.base_url,
        region="US",
        options=MappingProxyType({"active_users": USERS}),
    )


async def _desk(
    folder: Path, office: TeamOffice, cloud: MangoVoiceCloud, extension: str
) -> TeamDeskApp:
    desk = TeamDeskApp(Paths.under(folder))
    # Only the vendor's own domain would be trusted with what is handed over.
    SettingsFile(desk.paths.config_file).add_account(_account(cloud))
    await desk.join(await office.code(extension=extension))
    await desk.start()
    await desk.is_in(SourceState.LIVE)
    return desk


async def test_a_desk_dials_with_what_the_relay_was_handed_and_nobody_else_reads_it(
    office: TeamOffice, relay: NatsBroker, cloud: MangoVoiceCloud, tmp_path: Path
) -> None:
    url = f"{office.url}/hooks/{ACCOUNT}/{HOOK_TOKEN}"
    amelia, rui = cloud.pbx.user("101").click_token, cloud.pbx.user("102").click_token

    async def dials(desk: TeamDeskApp, token: str) -> None:
        await eventually(lambda: _knows(desk, token), "its own set-up", seconds=20)
        assert desk.app is not None
        order = DialOrder(text=NUMBER, origin=DialOrigin.TYPED, account_id=ACCOUNT)
        placed = await desk.app.dialer.dial(order)
        assert placed.state not in (DialState.FAILED, DialState.UNCLEAR), placed

    early = await _desk(tmp_path / "early", office, cloud, "101")
    # Told at once, though it has been there before.
    await asyncio.to_thread(cloud.enter_callback_url, url)
    await dials(early, amelia)
    late = await _desk(tmp_path / "late", office, cloud, "102")
    await dials(late, rui)
    assert not _knows(late, amelia)
    assert not _knows(early, rui)
    written = [early.paths.team_file.read_bytes(), late.paths.team_file.read_bytes()]
    for stream in (INTAKE_STREAM, DESKS_STREAM, "KV_HANDED", "KV_DEVICES"):
        written += await _all(relay, stream)
    for token in (amelia.encode(), rui.encode()):
        assert not any(token in each for each in written)
    await early.stop()
    await late.stop()


def _knows(desk: TeamDeskApp, token: str) -> bool:
    return any(token in each for each in desk.secrets.known_values())


async def _all(broker: NatsBroker, stream: str) -> list[bytes]:
    found = []
    for seq in range(1, await broker.last_seq(stream) + 1):
        try:
            answer = await broker.api(f"STREAM.MSG.GET.{stream}", {"seq": seq})
        except RelayMissing:
            continue
        message = as_object(answer["message"])
        for part in ("data", "hdrs"):
            found.append(base64.b64decode(str(message.get(part, ""))))
    return found
