"""Webhooks: made once, remembered, counted, and deleted again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import (
    NotFound,
    OutcomeUnknown,
    PermissionDenied,
    ProviderUnavailable,
    QuotaExceeded,
    SecretError,
)
from screenpop.providers.protocol import Subscription, SubscriptionChange
from screenpop.providers.tele2.payloads import EVENT_TYPES
from screenpop.simulator import Faults
from screenpop.simulator.tele2.cloud import Tele2Cloud
from screenpop.simulator.tele2.options import Tele2Options, WebhookAnswer
from tests.providers.tele2.conftest import paths

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from tests.providers.tele2.conftest import Keychain, Open

URL = "https://pop.example.com/hooks/acme/SEKRET-token"
OTHER = "https://pop.example.com/hooks/acme/SEKRET-other"


@pytest.fixture
async def account(open_account: Open) -> Any:
    return await open_account("webhook")


class _Killing:
    """A keychain that a process does not reach any more once a webhook is made."""

    def __init__(self, keychain: Keychain, cloud: Tele2Cloud) -> None:
        self._write, self._cloud = keychain.write, cloud

    async def write(self, name: str, secret: Secret) -> None:
        if self._cloud.webhooks:
            raise asyncio.CancelledError
        await self._write(name, secret)


def names(cloud: Tele2Cloud) -> list[str]:
    return [webhook.event_name for webhook in cloud.webhooks]


def changes(outcomes: Any) -> list[SubscriptionChange]:
    return [outcome.change for outcome in outcomes]


async def test_one_webhook_is_made_for_each_event_and_found_again(
    account: Any, cloud: Tele2Cloud, open_account: Open
) -> None:
    made = await account.ensure_subscriptions(URL)
    assert changes(made) == [SubscriptionChange.CREATED] * 10
    assert sorted(names(cloud)) == sorted(EVENT_TYPES)
    assert {webhook.url for webhook in cloud.webhooks} == {URL}
    # After a restart, and without a list to look them up in.
    again = await open_account("webhook")
    kept = await again.ensure_subscriptions(URL)
    assert changes(kept) == [SubscriptionChange.KEPT] * 10
    assert len(cloud.webhooks) == 10


async def test_calls_alone_take_four(open_account: Open, cloud: Tele2Cloud) -> None:
    few = await open_account("webhook", webhook_events="calls")
    await few.ensure_subscriptions(URL)
    assert names(cloud) == [
        "CallStarted",
        "CallConnected",
        "CallCompleted",
        "CallTransfered",
    ]
    assert few.event_types == tuple(names(cloud))


async def test_fewer_events_delete_what_is_not_wanted_any_more(
    account: Any, open_account: Open, cloud: Tele2Cloud
) -> None:
    await account.ensure_subscriptions(URL)
    few = await open_account("webhook", webhook_events="calls")
    outcomes = await few.ensure_subscriptions(URL)
    assert changes(outcomes).count(SubscriptionChange.DELETED) == 6
    assert len(cloud.webhooks) == 4


async def test_another_address_moves_all_of_ours_and_nobody_elses(
    account: Any, cloud: Tele2Cloud
) -> None:
    await account._client.create_webhook("CallStarted", "https://crm.example.com/")
    await account.ensure_subscriptions(URL)
    await account.ensure_subscriptions(OTHER)
    urls = [webhook.url for webhook in cloud.webhooks]
    assert urls.count(OTHER) == 10
    assert urls.count("https://crm.example.com/") == 1
    assert URL not in urls


async def test_dropping_deletes_ours_alone(account: Any, cloud: Tele2Cloud) -> None:
    await account._client.create_webhook("CallStarted", "https://crm.example.com/")
    await account.ensure_subscriptions(URL)
    outcomes = await account.drop_subscriptions(URL)
    assert changes(outcomes) == [SubscriptionChange.DELETED] * 10
    assert [webhook.url for webhook in cloud.webhooks] == ["https://crm.example.com/"]
    assert await account.drop_subscriptions(URL) == ()


async def test_a_crash_in_the_middle_forgets_no_webhook(
    account: Any, cloud: Tele2Cloud, open_account: Open
) -> None:
    for event_type in EVENT_TYPES[:3]:
        await account.create_subscription(URL, event_type)
    cloud.set_faults(Faults(server_error=500))
    with pytest.raises(ProviderUnavailable):
        await account.ensure_subscriptions(URL)
    cloud.set_faults(Faults())
    again = await open_account("webhook")
    outcomes = await again.ensure_subscriptions(URL)
    assert changes(outcomes).count(SubscriptionChange.KEPT) == 3
    assert len(cloud.webhooks) == 10


@pytest.mark.expects_log("ended before .* told the id of a new webhook for CallStarted")
async def test_one_made_at_the_moment_of_a_crash_is_told_of_at_the_next_start(
    open_account: Open,
    keychain: Keychain,
    cloud: Tele2Cloud,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kill = _Killing(keychain, cloud)
    with monkeypatch.context() as dying:
        dying.setattr(keychain, "write", kill.write)
        account = await open_account("webhook")
        with pytest.raises(asyncio.CancelledError):
            await account.ensure_subscriptions(URL)
    assert len(cloud.webhooks) == 1
    assert json.loads(keychain.secrets["webhook_ids"])["asked"] == "CallStarted"

    again = await open_account("webhook")
    for _ in range(2):
        await again.ensure_subscriptions(URL)
    assert len(cloud.webhooks) == 11, "one that nobody can find"
    assert caplog.text.count("CallStarted: where its page") == 1
    assert "SEKRET" not in caplog.text
    assert len(await again.list_subscriptions()) == 10
    await again.drop_subscriptions(URL)
    assert len(cloud.webhooks) == 1
    assert "asked" not in json.loads(keychain.secrets["webhook_ids"])


async def test_a_refused_webhook_leaves_no_doubt_behind(
    account: Any, keychain: Keychain, cloud: Tele2Cloud
) -> None:
    cloud.forbidden_paths = frozenset({"/api/v2/webhooks"})
    with pytest.raises(PermissionDenied):
        await account.ensure_subscriptions(URL)
    assert "asked" not in json.loads(keychain.secrets["webhook_ids"])


@pytest.mark.expects_log("ended before .* told the id of a new webhook")
async def test_a_webhook_without_an_answer_is_told_of_too(
    account: Any, keychain: Keychain, cloud: Tele2Cloud
) -> None:
    cloud.set_faults(Faults(server_error=504))
    with pytest.raises(OutcomeUnknown):
        await account.ensure_subscriptions(URL)
    sent = [path for path in paths(cloud) if "webhooks" in path]
    assert len(sent) == 1, "not repeated"
    assert json.loads(keychain.secrets["webhook_ids"])["asked"] == "CallStarted"
    cloud.set_faults(Faults())
    assert len(await account.ensure_subscriptions(URL)) == 10
    # Whoever deletes the stray by its id has seen to it.
    await account.delete_subscription("4711")
    assert "asked" not in json.loads(keychain.secrets["webhook_ids"])


async def test_a_deletion_that_failed_is_tried_again(
    account: Any, cloud: Tele2Cloud
) -> None:
    await account.ensure_subscriptions(URL)
    cloud.set_faults(Faults(server_error=500))
    with pytest.raises(ProviderUnavailable):
        await account.drop_subscriptions(URL)
    cloud.set_faults(Faults())
    assert len(await account.drop_subscriptions(URL)) == 10
    assert cloud.webhooks == ()


async def test_one_that_is_gone_at_the_vendor_is_fine(
    account: Any, cloud: Tele2Cloud
) -> None:
    await account.ensure_subscriptions(URL)
    found = await account.list_subscriptions()
    await account._client.delete_webhook(found[0].subscription_id)
    await account.drop_subscriptions(URL)
    assert cloud.webhooks == ()
    await account.delete_subscription("999")
    await account.delete_subscription("not a number")


# --- no room --------------------------------------------------------------------------


async def _fill(account: Any, count: int) -> None:
    for _ in range(count):
        await account._client.create_webhook("CallStarted", "https://crm.example.com/")


async def test_no_room_for_what_calls_need_says_what_to_do(
    account: Any, cloud: Tele2Cloud
) -> None:
    await _fill(account, 18)
    with pytest.raises(QuotaExceeded) as caught:
        await account.ensure_subscriptions(URL)
    assert "20" in caught.value.title
    assert "web hooks" in caught.value.advice
    assert "event stream" in caught.value.advice


@pytest.mark.expects_log("takes no further webhook.*this computer has 6 of 20")
async def test_room_for_calls_alone_is_used_and_warned_about_once(
    account: Any, cloud: Tele2Cloud, caplog: pytest.LogCaptureFixture
) -> None:
    await _fill(account, 14)
    for _ in range(2):
        outcomes = await account.ensure_subscriptions(URL)
        assert len(outcomes) == 6
    assert len(cloud.webhooks) == 20
    assert caplog.text.count("takes no further webhook") == 1


async def test_a_key_that_may_make_none_is_no_lack_of_room(
    account: Any, cloud: Tele2Cloud
) -> None:
    cloud.forbidden_paths = frozenset({"/api/v2/webhooks"})
    with pytest.raises(PermissionDenied):
        await account.ensure_subscriptions(URL)


# --- ids ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer", [WebhookAnswer.DATA, WebhookAnswer.SENTENCE, WebhookAnswer.LOCATION]
)
async def test_the_id_is_found_wherever_the_answer_has_it(
    open_account: Open, keychain: Keychain, answer: WebhookAnswer
) -> None:
    with Tele2Cloud(options=Tele2Options(webhook_answer=answer)) as cloud:
        keychain.secrets |= cloud.credentials
        account = await open_account("webhook", base_url=cloud.base_url)
        await account.ensure_subscriptions(URL)
        await account.drop_subscriptions(URL)
        assert cloud.webhooks == ()
        await account.aclose()


@pytest.mark.expects_log("did not tell the id of the webhook for")
async def test_a_webhook_without_an_id_is_kept_and_left_with_a_warning(
    open_account: Open, keychain: Keychain, caplog: pytest.LogCaptureFixture
) -> None:
    options = Tele2Options(webhook_answer=WebhookAnswer.NOWHERE)
    with Tele2Cloud(options=options) as cloud:
        keychain.secrets |= cloud.credentials
        account = await open_account(
            "webhook", base_url=cloud.base_url, webhook_events="calls"
        )
        await account.ensure_subscriptions(URL)
        await account.ensure_subscriptions(URL)
        assert len(cloud.webhooks) == 4, "not made twice"
        await account.drop_subscriptions(URL)
        assert caplog.text.count("delete it on its page") == 4
        await account.aclose()


@pytest.mark.parametrize(
    "kept", ["rubbish", "[]", '{"ids": 3}', '{"url": 1, "ids": {}}']
)
async def test_rubbish_in_the_keychain_is_no_webhook(
    account: Any, keychain: Keychain, kept: str
) -> None:
    keychain.secrets["webhook_ids"] = kept
    assert await account.list_subscriptions() == ()


async def test_what_is_kept_fits_into_every_keychain(
    account: Any, keychain: Keychain
) -> None:
    await account.ensure_subscriptions(f"https://{'x' * 200}.example.com/{'y' * 43}")
    assert len(keychain.secrets["webhook_ids"]) < 1200


async def test_a_keychain_that_takes_nothing_is_told_at_the_first_webhook(
    account: Any, keychain: Keychain, cloud: Tele2Cloud
) -> None:
    keychain.is_read_only = True
    with pytest.raises(SecretError):
        await account.ensure_subscriptions(URL)
    assert cloud.webhooks == ()


# --- one by one -----------------------------------------------------------------------


async def test_webhooks_made_here_are_listed_and_found(
    account: Any, cloud: Tele2Cloud
) -> None:
    made = await account.create_subscription(URL, "CallStarted", "me@example.com")
    assert await account.list_subscriptions() == (made,)
    assert await account.get_subscription(made.subscription_id) == made
    with pytest.raises(NotFound) as caught:
        await account.get_subscription("1")
    assert "web page" in caught.value.advice


async def test_switching_off_deletes_and_on_makes_anew(
    account: Any, cloud: Tele2Cloud
) -> None:
    made = await account.create_subscription(URL, "CallStarted")
    off = await account.update_subscription(replace(made, is_enabled=False))
    assert not off.is_enabled
    assert names(cloud) == []
    on: Subscription = await account.update_subscription(replace(off, is_enabled=True))
    ids = [str(webhook.webhook_id) for webhook in cloud.webhooks]
    assert ids == [on.subscription_id]


async def test_the_same_again_takes_the_place_of_the_first(
    account: Any, cloud: Tele2Cloud
) -> None:
    first = await account.create_subscription(URL, "CallStarted")
    second = await account.create_subscription(URL, "CallStarted")
    assert first.subscription_id != second.subscription_id
    assert len(cloud.webhooks) == 1


@pytest.mark.parametrize("source", ["stream", "poll"])
async def test_another_source_clears_away_the_webhooks_of_before(
    account: Any, open_account: Open, cloud: Tele2Cloud, keychain: Keychain, source: str
) -> None:
    await account.ensure_subscriptions(URL)
    other = await open_account(source)
    await other.poll(datetime.now(UTC))
    assert cloud.webhooks == ()
    assert json.loads(keychain.secrets["webhook_ids"])["ids"] == {}
    await other.poll(datetime.now(UTC))
    assert sum("DELETE" in path for path in paths(cloud)) == 10


async def test_webhooks_that_cannot_be_cleared_away_do_not_stop_calls(
    account: Any, open_account: Open, cloud: Tele2Cloud
) -> None:
    await account.ensure_subscriptions(URL)
    cloud.forbidden_paths = frozenset({"/api/v2/webhooks"})
    other = await open_account("poll")
    assert await other.poll(datetime.now(UTC)) == ()
    assert len(cloud.webhooks) == 10
