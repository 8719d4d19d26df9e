"""How events keep coming, and what the tray hears when they do not."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from screenpop.config.secrets import MemorySecretStore
from screenpop.domain.delivery import Delivery, DeliverySource
from screenpop.domain.errors import KeychainLocked, StoreFull
from screenpop.domain.privacy import Secret
from screenpop.providers.protocol import SupportsWebhookSubscription
from screenpop.services.accounts import AccountDraft
from screenpop.services.events import AccountRemoved, DigestReady, SourceState
from screenpop.simulator import Faults, ReleaseReason, VendorCloud
from screenpop.simulator.voxloud.cloud import VoxloudCloud
from screenpop.store.journal import Journal
from tests.services.office import (
    ANA,
    BEN,
    Office,
    open_office,
    secrets_of,
    write_config,
)
from tests.waiting import eventually

TOKEN = "made-up-hook-token-0123456789abcdefghijklmn"


def subscriptions(cloud: VendorCloud) -> tuple[object, ...]:
    assert isinstance(cloud, VoxloudCloud)
    return tuple(cloud.subscriptions)


async def test_one_subscription_is_made_for_each_event_type(office: Office) -> None:
    assert len(subscriptions(office.cloud)) == 7


async def test_a_restart_finds_the_subscriptions_again(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    paths = write_config(tmp_path, cloud.base_url)
    paths.config_file.write_text(
        paths.config_file.read_text().replace("port = 0", f"port = {_free_port()}")
    )
    secrets = secrets_of(cloud)
    for _ in range(2):
        desk = open_office(paths, cloud, secrets)
        await desk.app.start()
        await desk.is_live()
        await desk.app.stop()
    assert len(subscriptions(cloud)) == 7


async def test_a_disabled_subscription_is_enabled_again(office: Office) -> None:
    assert isinstance(office.cloud, VoxloudCloud)
    victim = office.cloud.subscriptions[0]
    provider = office.app.accounts
    await provider.set_subscription_enabled("acme", victim.subscription_id, False)
    office.app.monitor.wake()
    await eventually(
        lambda: all(one.enabled for one in _voxloud(office).subscriptions),
        "every subscription enabled",
    )


async def test_removing_an_account_deletes_its_subscriptions_and_secrets(
    office: Office,
) -> None:
    left_over = await office.app.accounts.remove("acme")
    assert left_over == ""
    assert subscriptions(office.cloud) == ()
    await eventually(lambda: not office.app.connections.all(), "no account")
    assert "acme" not in office.app.paths.config_file.read_text()


async def test_a_new_address_takes_the_place_of_the_earlier_ones(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    assert isinstance(cloud, VoxloudCloud)
    secrets = secrets_of(cloud)
    secrets.put("acme", "hook_token", Secret(TOKEN))
    foreign = "https://crm.example.com/hooks/acme/of-somebody-else"
    for address in ("old", "new"):
        public = f'public_url = "https://{address}.example.com"'
        paths = write_config(tmp_path, cloud.base_url, listener=public)
        desk = open_office(paths, cloud, secrets)
        await desk.app.start()
        await desk.is_live()
        if address == "old":
            connection = desk.app.connections.get("acme")
            registrar = connection.ability(SupportsWebhookSubscription)
            await registrar.create_subscription(foreign, "CALL_INCOMING")
        await desk.app.stop()
    left = {each.callback_url for each in cloud.subscriptions}
    assert left == {f"https://new.example.com/hooks/acme/{TOKEN}", foreign}
    assert len(cloud.subscriptions) == 8


async def test_removing_finds_its_subscriptions_on_earlier_addresses_too(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    assert isinstance(cloud, VoxloudCloud)
    secrets = secrets_of(cloud)
    secrets.put("acme", "hook_token", Secret(TOKEN))
    paths = write_config(
        tmp_path,
        cloud.base_url,
        listener='public_url = "https://new.example.com"',
        account='label = "Acme"',
    )
    desk = open_office(paths, cloud, secrets)
    # As when its port is taken: the present address is not known then.
    await desk.app.connections.apply(desk.app.settings)
    connection = desk.app.connections.get("acme")
    registrar = connection.ability(SupportsWebhookSubscription)
    for url in (
        f"https://old.example.com/pop/hooks/acme/{TOKEN}",
        f"https://new.example.com/hooks/acme/{TOKEN}/",
        "https://new.example.com/hooks/acme/of-another-computer",
        f"https://crm.example.com/?hooks=/hooks/acme/{TOKEN}",
    ):
        await registrar.create_subscription(url, "CALL_INCOMING")
    assert not desk.app.listener.is_running
    assert await desk.app.accounts.remove("acme") == ""
    left = [each.callback_url for each in cloud.subscriptions]
    assert left == [
        "https://new.example.com/hooks/acme/of-another-computer",
        f"https://crm.example.com/?hooks=/hooks/acme/{TOKEN}",
    ]
    await desk.app.stop()


async def test_a_removed_account_leaves_the_tray(office: Office) -> None:
    gone: list[AccountRemoved] = []
    office.app.bus.subscribe(AccountRemoved, gone.append)
    await office.app.accounts.remove("acme")
    await eventually(lambda: gone, "the account to leave")
    assert gone == [AccountRemoved("acme")]


async def test_without_a_way_in_calls_are_seen_after_they_end(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud)
    desk.app.monitor._callback_url = lambda _: ""
    await desk.app.start()
    try:
        await eventually(lambda: desk.state() is SourceState.POLLING, "polling")
        state = desk.app.monitor.state("acme")
        assert state is not None
        assert state.headline == "Calls are seen only after they end"
        await desk.logged(1)
        assert desk.pops == []
        assert desk.app.history.missed_count == 1
    finally:
        await desk.app.stop()


async def test_calls_of_the_time_away_are_logged_and_summed_up_not_popped(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        await desk.logged(1)
        await eventually(lambda: desk.all(DigestReady), "the digest")
        assert desk.all(DigestReady)[0].missed == 1
        assert desk.pops == []
    finally:
        await desk.app.stop()


@pytest.mark.parametrize(
    ("faults", "state"),
    [
        (Faults(unauthorized=True), SourceState.NEEDS_KEY),
        (Faults(forbidden=True), SourceState.REFUSED),
        (Faults(throttle=True), SourceState.RECONNECTING),
        (Faults(throttle=True, retry_after_seconds=120), SourceState.RECONNECTING),
        (Faults(server_error=500), SourceState.RECONNECTING),
        (Faults(server_error=503), SourceState.RECONNECTING),
        (Faults(half_answer=True), SourceState.RECONNECTING),
        (Faults(html_instead_of_json=True), SourceState.RECONNECTING),
        (Faults(empty_answer=True), SourceState.RECONNECTING),
    ],
    ids=str,
)
async def test_each_trouble_has_its_state_and_recovers(
    tmp_path: Path, cloud: VendorCloud, faults: Faults, state: SourceState
) -> None:
    cloud.set_faults(faults)
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud)
    await desk.app.start()
    try:
        await eventually(lambda: desk.state() is state, f"the state {state}")
        told = desk.app.monitor.state("acme")
        assert told is not None
        assert told.headline
        key = cloud.credentials["api_key"]
        assert key not in told.headline + told.advice
        cloud.set_faults(Faults())
        desk.app.monitor.wake()
        await desk.is_live()
    finally:
        await desk.app.stop()


async def test_a_cloud_that_is_gone_and_comes_back_is_found_again(
    office: Office,
) -> None:
    office.cloud.stop()
    office.app.monitor.wake()
    await eventually(
        lambda: office.state() is SourceState.RECONNECTING, "the loss to show"
    )
    office.cloud.start()
    office.app.monitor.wake()
    await office.is_live()


async def test_calls_missed_while_the_phone_system_was_away_are_summed_up(
    office: Office,
) -> None:
    await eventually(
        lambda: not office.app.digest.is_collecting, "the summing up of the start"
    )
    office.cloud.set_faults(Faults(server_error=503, drop_types=frozenset(_ALL_TYPES)))
    office.app.monitor.wake()
    await eventually(
        lambda: office.state() is SourceState.RECONNECTING, "the loss to show"
    )
    lost = office.cloud.incoming_call(BEN)
    lost.ring()
    lost.hang_up(ReleaseReason.NO_ANSWER)
    office.cloud.set_faults(Faults())
    office.app.monitor.wake()
    await eventually(lambda: office.all(DigestReady), "the digest")
    assert office.all(DigestReady)[0].missed == 1
    assert office.pops == []


async def test_a_missing_key_is_a_state_with_advice(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    desk = open_office(
        write_config(tmp_path, cloud.base_url), cloud, MemorySecretStore()
    )
    await desk.app.start()
    try:
        await eventually(lambda: desk.state() is SourceState.NEEDS_KEY, "a missing key")
        await desk.app.accounts.set_secret(
            "acme", "api_key", Secret(cloud.credentials["api_key"])
        )
        await desk.is_live()
    finally:
        await desk.app.stop()


class LockedSecrets(MemorySecretStore):
    """A keychain that somebody unlocks later."""

    is_locked = True

    async def get(self, account_id: str, name: str) -> Secret:
        if self.is_locked:
            raise KeychainLocked("The keychain is locked")
        return await super().get(account_id, name)


async def test_a_keychain_unlocked_later_lets_the_webhooks_in(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    secrets = LockedSecrets()
    for name, value in cloud.credentials.items():
        secrets.put("acme", name, Secret(value))
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud, secrets)
    await desk.app.start()
    try:
        await eventually(lambda: desk.state() is SourceState.NEEDS_KEY, "a locked key")
        secrets.is_locked = False
        desk.app.monitor.wake()
        await desk.is_live()
        cloud.incoming_call(ANA).ring()
        await desk.popped()
    finally:
        await desk.app.stop()


@pytest.mark.expects_log("subscriptions of acme were left")
async def test_what_a_locked_keychain_leaves_at_the_vendor_is_said(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud, LockedSecrets())
    await desk.app.start()
    try:
        await eventually(lambda: desk.state() is SourceState.NEEDS_KEY, "a locked key")
        left_over = await desk.app.accounts.remove("acme")
        assert "registrations could not be removed" in left_over
        assert desk.app.settings.account("acme") is None
    finally:
        await desk.app.stop()


async def test_a_new_key_loses_no_delivery_that_comes_meanwhile(office: Office) -> None:
    key = Secret(office.cloud.credentials["api_key"])
    connections = office.app.connections
    before = connections.get("acme")
    changing = asyncio.ensure_future(
        office.app.accounts.set_secret("acme", "api_key", key)
    )
    while not changing.done():
        tracked = connections.tracked("acme")
        assert tracked is not None
        assert tracked.parser is not None
        await asyncio.sleep(0)
    await changing
    assert connections.get("acme") is not before


async def test_a_webhook_that_got_lost_is_found_in_the_records(office: Office) -> None:
    office.cloud.set_faults(Faults(drop_types=frozenset(_ALL_TYPES)))
    lost = office.cloud.incoming_call(BEN)
    lost.ring()
    lost.hang_up(ReleaseReason.NO_ANSWER)
    office.cloud.set_faults(Faults())
    later = datetime.now(UTC) + timedelta(minutes=30)
    office.app.inbox._hear("acme", later)
    office.app.monitor.wake()
    (entry,) = await office.logged(1)
    assert entry.is_missed
    assert office.pops == []


async def test_what_could_not_be_kept_is_asked_for_again(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    call = cloud.incoming_call(ANA)
    call.ring()
    call.hang_up(ReleaseReason.NO_ANSWER)
    desk = open_office(write_config(tmp_path, cloud.base_url), cloud)
    desk.app.monitor._callback_url = lambda _: ""
    journal = desk.app.inbox._journal
    desk.app.inbox._journal = FullDisk()
    await desk.app.start()
    try:
        await eventually(
            lambda: desk.state() is SourceState.RECONNECTING, "the full disk"
        )
        desk.app.inbox._journal = journal
        desk.app.monitor.wake()
        await desk.logged(1)
    finally:
        await desk.app.stop()


class FullDisk(Journal):
    """Takes nothing."""

    def __init__(self) -> None:
        """It needs no database."""

    def append(self, delivery: Delivery) -> Future[int]:
        future: Future[int] = Future()
        future.set_exception(StoreFull("The local database cannot be written"))
        return future

    def latest_of(self, account_id: str) -> datetime | None:
        return None


async def test_two_accounts_of_one_company_are_each_told_of_a_record(
    office: Office,
) -> None:
    told: list[Delivery] = []
    office.app.monitor._deliver = told.extend
    for account_id in ("acme", "second", "acme"):
        await office.app.monitor._take(
            (
                Delivery(
                    account_id=account_id,
                    source=DeliverySource.POLL,
                    received_at=datetime.now(UTC),
                    body=b"{}",
                ),
            )
        )
    assert [each.account_id for each in told] == ["acme", "second"]


_ALL_TYPES = ("CALL_INCOMING", "CALL_ANSWERED", "CALL_HANGUP", "PHONE_CALL")


@pytest.mark.expects_log("account odd")
async def test_an_unknown_vendor_is_a_broken_account_not_a_crash(
    tmp_path: Path, cloud: VendorCloud
) -> None:
    paths = write_config(tmp_path, cloud.base_url)
    text = paths.config_file.read_text()
    paths.config_file.write_text(
        f'{text}\n[[accounts]]\nid = "odd"\nvendor = "nobody"\n'
    )
    desk = open_office(paths, cloud)
    await desk.app.start()
    try:
        await desk.is_live()
        broken = desk.app.monitor.state("odd")
        assert broken is not None
        assert broken.state is SourceState.BROKEN
        assert "nobody" in broken.headline
    finally:
        await desk.app.stop()


async def test_an_account_is_tried_before_it_is_saved(office: Office) -> None:
    draft = AccountDraft(
        account_id="second",
        vendor="voxloud",
        fields={"base_url": office.cloud.base_url, "extension": "102"},
        secrets={"api_key": Secret(office.cloud.credentials["api_key"])},
    )
    trial = await office.app.accounts.try_out(draft)
    assert trial.identity.name
    assert "102" in {user.extension for user in trial.users}
    assert trial.region == "GB"
    assert office.app.settings.account("second") is None
    await office.app.accounts.add(draft)
    await eventually(
        lambda: (
            (found := office.app.monitor.state("second")) is not None
            and found.state is SourceState.LIVE
        ),
        "the second account",
    )


def _voxloud(office: Office) -> VoxloudCloud:
    assert isinstance(office.cloud, VoxloudCloud)
    return office.cloud


def _free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
