"""A desk that hears of its calls by the team's relay."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, cast

import pytest

from screenpop.config.paths import Paths
from screenpop.config.settings_file import SettingsFile
from screenpop.domain.errors import RelayRefused, SecretMissing, UsageError
from screenpop.relay.broker.nats_broker import NatsBroker, connect
from screenpop.relay.removal import devices_of, remove_device
from screenpop.services.connections import Connections
from screenpop.services.diagnosis_desktop import check_listener
from screenpop.services.diagnosis_team import check_team
from screenpop.services.events import AccountStateChanged, DigestReady, SourceState
from screenpop.services.findings import Finding, Level, Surroundings
from screenpop.services.operations import Offer
from tests.end2end.voxloud_calls import webhook
from tests.relay.team_office import TeamDeskApp, TeamOffice, team_office
from tests.relay.team_server import TeamServer, now
from tests.waiting import eventually

if TYPE_CHECKING:
    from screenpop.config.secrets import KeychainSecretStore

CALLER = "+442079460123"
LIVE = SourceState.LIVE


@pytest.fixture
async def office(
    team: TeamServer, relay: NatsBroker, tmp_path: Path
) -> AsyncIterator[TeamOffice]:
    async with team_office(team, relay, tmp_path / "relay") as office:
        yield office


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[TeamDeskApp]:
    desk = TeamDeskApp(Paths.under(tmp_path / "desk"))
    yield desk
    await desk.stop()


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


async def test_a_call_at_the_relay_rings_at_the_desk_that_has_joined(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    assert desk.joined_accounts() == [("acme", "relay", "101")]
    app = await desk.start()
    await desk.is_in(LIVE)
    await office.hook(webhook(office.call("1"), "INCOMING", CALLER))
    card = await desk.popped()
    assert card.number_e164 == CALLER
    await office.hook(webhook(office.call("2"), "INCOMING", CALLER, userExtension=102))
    await office.hook(webhook(office.call("1"), "HANGUP", CALLER))
    await eventually(lambda: not app.tracker.open_calls(), "the end of the call")
    assert len(desk.pops) == 1
    # Nobody calls this computer, and it asks its phone system for nothing.
    assert not app.listener.is_running
    assert app.monitor.states() == ()
    assert app.callback_url(app.connections.get("acme")) == ""
    offers = {one.key: one.offer for one in app.accounts.operations("acme")}
    assert offers["webhook"] is offers["call_polling"] is Offer.RELAYED
    assert offers["click_to_dial"] is Offer.WORKS
    with pytest.raises(UsageError, match="by the team's relay"):
        await app.accounts.ensure_subscriptions("acme")


async def test_what_was_missed_is_a_digest_and_only_what_still_rings_pops(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    device_id = await desk.join(await office.code())
    long_ago = now() - timedelta(minutes=10)
    for number in range(3):
        call = f"old-{number}"
        for kind in ("INCOMING", "HANGUP"):
            body = webhook(call, kind, CALLER, at_ms=ms(long_ago))
            await office.publish(device_id, body, long_ago)
    silent = webhook("silent", "INCOMING", CALLER, at_ms=ms(long_ago))
    await office.publish(device_id, silent, long_ago)
    await office.hook(webhook(office.call("rings"), "INCOMING", CALLER))
    await desk.start()
    card = await desk.popped()
    await desk.is_in(LIVE)
    (digest,) = await eventually(lambda: desk.all(DigestReady), "the digest")
    assert (card.ref.call_id, len(desk.pops)) == (office.call("rings"), 1)
    assert digest.missed == 4


@pytest.mark.parametrize("hours", [1, -1, 24 * 400, -24 * 400])
async def test_a_clock_that_is_wrong_by_an_hour_or_a_year_changes_nothing(
    office: TeamOffice, desk: TeamDeskApp, hours: int
) -> None:
    desk.clock = lambda: now() + timedelta(hours=hours)
    device_id = await desk.join(await office.code())
    await desk.start()
    await desk.is_in(LIVE)
    old = now() - timedelta(minutes=5)
    body = webhook("old", "INCOMING", CALLER, at_ms=ms(old))
    await office.publish(device_id, body, old)
    await office.hook(webhook(office.call("new"), "INCOMING", CALLER))
    assert (await desk.popped()).ref.call_id == office.call("new")
    assert len(desk.pops) == 1


async def test_a_clock_that_is_set_meanwhile_changes_nothing(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    ahead = timedelta()
    desk.clock = lambda: now() + ahead
    await desk.join(await office.code())
    await desk.start()
    await desk.is_in(LIVE)
    for number, ahead in enumerate((timedelta(hours=1), timedelta(hours=-2)), 1):  # noqa: B007
        await office.hook(webhook(office.call(f"c{number}"), "INCOMING", CALLER))
        await desk.popped(number)


async def test_a_desk_that_is_removed_says_so_at_once_and_after_a_restart(
    team: TeamServer, office: TeamOffice, desk: TeamDeskApp
) -> None:
    device_id = await desk.join(await office.code())
    # As desks do: there the broker hangs up before the last word is out.
    desk.set("team.servers", [team.nats.web_url])
    await desk.start()
    await desk.is_in(LIVE)
    admin = connect(team.admin_address())
    await admin.connected(10)
    await remove_device(office.broker, admin, team.secrets, device_id, now)
    await admin.close()
    told = await desk.is_in(SourceState.REFUSED)
    assert told.headline == "This computer was removed from the team"
    await desk.stop()
    await desk.start()
    await desk.is_in(SourceState.REFUSED)
    # With a new code it is in again, after it has left.
    await desk.membership().leave()
    await desk.join(await office.code())
    await desk.is_in(LIVE)


@pytest.mark.expects_log("no broker|broker")
async def test_a_broker_that_is_started_again_costs_nothing_but_delay(
    team: TeamServer, office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    await desk.start()
    await desk.is_in(LIVE)
    team.nats.kill()
    told = await desk.is_in(SourceState.RECONNECTING)
    assert told.headline
    await office.hook(webhook(office.call("meanwhile"), "INCOMING", CALLER))
    team.nats.start()
    assert (await desk.popped()).ref.call_id == office.call("meanwhile")
    await desk.is_in(LIVE)


async def test_a_consumer_that_went_is_made_again(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    """As after a month's holiday, or when the relay was set up anew."""
    device_id = await desk.join(await office.code())
    await office.broker.remove_consumer("DESKS", f"desk-{device_id}")
    await desk.start()
    await desk.is_in(LIVE)
    await office.hook(webhook(office.call("1"), "INCOMING", CALLER))
    await desk.popped()


async def test_a_keychain_without_the_key_is_told(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    await desk.secrets.delete("_team", "device_seed")
    await desk.start()
    told = await desk.is_in(SourceState.NEEDS_KEY)
    assert "device_seed" in told.headline


async def test_a_team_that_is_switched_off_is_left_alone(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    desk.set("team.is_enabled", False)
    app = await desk.start()
    await desk.is_in(SourceState.OFF)
    assert app.team.link is None
    desk.set("team.is_enabled", True)
    app.reload()
    await desk.is_in(LIVE)


@pytest.mark.expects_log("used a second time")
async def test_joining_twice_or_by_a_code_that_was_used_is_refused(
    office: TeamOffice, desk: TeamDeskApp, tmp_path: Path
) -> None:
    code = await office.code()
    await desk.join(code)
    with pytest.raises(UsageError):
        await desk.join(await office.code())
    thief = TeamDeskApp(Paths.under(tmp_path / "thief"))
    with pytest.raises(RelayRefused):
        await thief.join(code)
    assert not thief.paths.team_file.exists()
    assert thief.joined_accounts() == []


async def test_what_is_kept_of_a_team_is_no_secret_and_goes_when_it_is_left(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    text = desk.paths.team_file.read_text("utf-8")
    secrets = [
        (await desk.secrets.get("_team", name)).reveal()
        for name in ("device_seed", "team_key")
    ]
    assert [one for one in secrets if one in text] == []
    assert await desk.membership().leave() == ""
    assert not desk.paths.team_file.exists()
    assert desk.joined_accounts() == []
    assert secrets[0] not in str(vars(desk.secrets)["_secrets"])
    with pytest.raises(UsageError):
        await desk.membership().leave()


async def test_leaving_is_told_to_the_relay_and_said_where_it_was_not(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    async def known() -> list[str]:
        return [each.device_id for each in await devices_of(office.broker)]

    first = await desk.join(await office.code())
    await desk.start()
    await desk.is_in(LIVE)
    assert await desk.membership().leave() == ""
    assert first not in await known()
    # The running app was told first and has nothing to complain of.
    assert SourceState.REFUSED not in [
        event.state.state for event in desk.all(AccountStateChanged)
    ]
    second = await desk.join(await office.code())
    await office.server.stop()
    said = await desk.membership().leave()
    assert "The relay was not told" in said
    assert second in said
    assert second in await known()
    assert desk.joined_accounts() == []


async def test_an_account_of_ones_own_comes_by_the_relay_and_back(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    desk.paths.ensure()
    own = '[[accounts]]\nid = "acme"\nvendor = "voxloud"\nlabel = "Mine"\n'
    desk.paths.config_file.write_text(own, "utf-8")
    await desk.join(await office.code())
    assert desk.joined_accounts() == [("acme", "relay", "101")]
    assert "Mine" in desk.paths.config_file.read_text("utf-8")
    await desk.membership().leave()
    assert desk.joined_accounts() == [("acme", "direct", "101")]


async def test_the_doctor_looks_at_the_way_to_the_relay(
    office: TeamOffice, desk: TeamDeskApp
) -> None:
    await desk.join(await office.code())
    found = [(one.level, one.title) for one in await examined(desk)]
    assert found == [
        (Level.OK, "The relay of Example Ltd knows this computer"),
        (Level.OK, "The relay's broker is reached and lets this computer in"),
    ]
    # Nor does it miss webhooks that no account of this desk waits for.
    (webhooks,) = await examined(desk, check_listener, {"listener": {}})
    assert webhooks.level is Level.OK
    desk.set("team.servers", ["nats://127.0.0.1:9"])
    assert [one.level for one in await examined(desk)] == [Level.OK, Level.FAIL]
    await desk.secrets.delete("_team", "device_seed")
    with pytest.raises(SecretMissing):
        await examined(desk)


async def examined(
    desk: TeamDeskApp,
    check: Callable[[Surroundings], Awaitable[list[Finding]]] = check_team,
    app: Mapping[str, Any] = MappingProxyType({}),
) -> list[Finding]:
    file = SettingsFile(desk.paths.config_file)
    loaded = file.load()
    connections = Connections(desk.secrets)
    connections.adopt(loaded.settings)
    home = Surroundings(
        paths=desk.paths,
        file=file,
        loaded=loaded,
        secrets=cast("KeychainSecretStore", desk.secrets),
        connections=connections,
        app=app,
        callback_url=lambda _: "",
        patience_seconds=3.0,
    )
    try:
        return await check(home)
    finally:
        await connections.aclose()
