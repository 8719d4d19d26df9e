"""Our webhook and its subscription, made once, mended and removed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import NotFound, RequestRejected
from screenpop.providers.protocol import SubscriptionChange
from screenpop.simulator.mobtexting.cloud import MobTextingCloud
from screenpop.simulator.mobtexting.options import MobTextingOptions
from tests.providers.mobtexting.receiver import EchoReceiver
from tests.simulator.mobtexting_client import Client

if TYPE_CHECKING:
    from screenpop.providers.mobtexting.provider import MobTextingProvider
    from tests.providers.mobtexting.conftest import Open

REPORT = "voice:message:out"


@pytest.fixture
def receiver() -> Iterator[EchoReceiver]:
    with EchoReceiver() as running:
        yield running


@pytest.fixture
def portal(cloud: MobTextingCloud) -> Client:
    """What an administrator does by hand."""
    return Client(cloud)


def changes(outcomes: Any) -> list[SubscriptionChange]:
    return [outcome.change for outcome in outcomes]


async def test_webhook_and_subscription_are_made_once(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    assert account.event_types == (REPORT,)
    outcomes = await account.ensure_subscriptions(receiver.url)
    assert changes(outcomes) == [SubscriptionChange.CREATED]
    (webhook,) = cloud.webhooks
    assert webhook.name.startswith("screenpop acme")
    assert webhook.secret == cloud.credentials["webhook_secret"]
    again = await account.ensure_subscriptions(receiver.url + "/")
    assert changes(again) == [SubscriptionChange.KEPT]
    assert (len(cloud.webhooks), len(cloud.subscriptions)) == (1, 1)
    (listed,) = await account.list_subscriptions()
    assert (listed.callback_url, listed.event_type) == (receiver.url, REPORT)
    assert await account.get_subscription(listed.subscription_id) == listed


async def test_without_a_secret_the_webhook_has_none(
    open_account: Open, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    token = {"api_token": cloud.credentials["api_token"]}
    account = await open_account(secrets=token)
    await account.ensure_subscriptions(receiver.url)
    assert cloud.webhooks[0].secret == ""


async def test_a_webhook_whose_challenge_fails_is_refused(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    receiver.repeats = False
    with pytest.raises(RequestRejected, match="verified"):
        await account.ensure_subscriptions(receiver.url)
    assert cloud.webhooks == ()


async def test_a_switched_off_webhook_is_switched_on(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    await account.ensure_subscriptions(receiver.url)
    (made,) = await account.list_subscriptions()
    off = await account.update_subscription(replace(made, is_enabled=False))
    assert not off.is_enabled
    assert not cloud.webhooks[0].is_active
    outcomes = await account.ensure_subscriptions(receiver.url)
    assert changes(outcomes) == [SubscriptionChange.ENABLED]
    assert cloud.webhooks[0].is_active


async def test_a_new_secret_is_written_to_the_webhook_once(
    open_account: Open, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    await (await open_account()).ensure_subscriptions(receiver.url)
    renewed = await open_account(
        secrets={**cloud.credentials, "webhook_secret": "another"}
    )
    for _ in range(2):
        outcomes = await renewed.ensure_subscriptions(receiver.url)
        assert changes(outcomes) == [SubscriptionChange.KEPT]
    assert cloud.webhooks[0].secret == "another"
    assert sum(request.method == "PUT" for request in cloud.requests) == 1


async def test_a_secret_that_is_not_shown_is_not_written_again_and_again(
    open_account: Open, receiver: EchoReceiver
) -> None:
    with MobTextingCloud(options=MobTextingOptions(shows_secrets=False)) as cloud:
        account = await open_account(cloud.base_url, secrets=cloud.credentials)
        await account.ensure_subscriptions(receiver.url)
        await account.ensure_subscriptions(receiver.url)
        assert not any(request.method == "PUT" for request in cloud.requests)


async def test_doubles_of_ours_go_and_what_people_made_stays(
    account: MobTextingProvider,
    cloud: MobTextingCloud,
    portal: Client,
    receiver: EchoReceiver,
) -> None:
    theirs = portal.webhook("for the flow", receiver.url)
    portal.webhook("screenpop acme old", receiver.url, status=0)
    ours = portal.webhook("screenpop acme new", receiver.url)
    other = portal.webhook("CRM", receiver.url.replace("acme", "other"))
    for webhook_id in (ours, ours, theirs, other):
        portal.subscription(REPORT, webhook_id)
    portal.subscription("vmn:message:in", "flow:1")
    outcomes = await account.ensure_subscriptions(receiver.url)
    assert changes(outcomes).count(SubscriptionChange.DELETED) == 1
    assert changes(outcomes)[0] is SubscriptionChange.KEPT
    assert {one.webhook_id for one in cloud.webhooks} == {theirs, ours, other}
    left = [one.webhook_id for one in cloud.subscriptions]
    assert sorted(left) == sorted([ours, theirs, other, "flow:1"])


async def test_dropping_removes_ours_alone(
    account: MobTextingProvider,
    cloud: MobTextingCloud,
    portal: Client,
    receiver: EchoReceiver,
) -> None:
    theirs = portal.webhook("for the flow", receiver.url)
    await account.ensure_subscriptions(receiver.url)
    outcomes = await account.drop_subscriptions(receiver.url)
    assert changes(outcomes) == [SubscriptionChange.DELETED]
    assert [one.webhook_id for one in cloud.webhooks] == [theirs]
    assert cloud.subscriptions == ()
    assert await account.drop_subscriptions(receiver.url) == ()


async def test_all_registrations_are_listed_over_all_pages(
    account: MobTextingProvider, portal: Client, receiver: EchoReceiver
) -> None:
    ids = [portal.webhook(f"hook {number}", receiver.url) for number in range(17)]
    for webhook_id in ids[:16]:
        portal.subscription(REPORT, webhook_id)
    portal.subscription("vmn:message:in", "flow:1")
    listed = await account.list_subscriptions()
    assert len(listed) == 18
    flow = next(one for one in listed if one.event_type == "vmn:message:in")
    assert flow.callback_url == "flow:1"
    assert await account.get_subscription(flow.subscription_id) == flow
    idle = listed[-1]
    assert idle.subscription_id == f"webhook:{ids[16]}"
    assert await account.get_subscription(idle.subscription_id) == idle


async def test_one_more_event_is_subscribed_to_on_the_same_webhook(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    first = await account.create_subscription(receiver.url, REPORT)
    second = await account.create_subscription(receiver.url, "voice:unsubscription")
    assert len(cloud.webhooks) == 1
    await account.delete_subscription(first.subscription_id)
    assert len(cloud.webhooks) == 1
    await account.delete_subscription(second.subscription_id)
    assert [*cloud.webhooks, *cloud.subscriptions] == []
    await account.delete_subscription(second.subscription_id)


async def test_opt_outs_are_subscribed_to_where_wanted_and_then_stay(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    (opt_outs,) = account.further_event_types
    await account.ensure_subscriptions(receiver.url)
    assert [one.event for one in cloud.subscriptions] == [REPORT]
    await account.create_subscription(receiver.url, opt_outs)
    await account.ensure_subscriptions(receiver.url)
    assert [one.event for one in cloud.subscriptions] == [REPORT, opt_outs]
    await account.drop_subscriptions(receiver.url)
    assert cloud.subscriptions == ()


async def test_a_webhook_of_somebody_else_outlives_its_subscription(
    account: MobTextingProvider,
    cloud: MobTextingCloud,
    portal: Client,
    receiver: EchoReceiver,
) -> None:
    theirs = portal.webhook("CRM", receiver.url)
    subscription = portal.subscription(REPORT, theirs)
    await account.delete_subscription(str(subscription))
    assert [one.webhook_id for one in cloud.webhooks] == [theirs]
    await account.delete_subscription(f"webhook:{theirs}")
    assert cloud.webhooks == ()


async def test_address_event_and_state_can_be_changed(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    made = await account.create_subscription(receiver.url, REPORT)
    moved = replace(
        made, callback_url=f"{receiver.url}/moved", event_type="voice:unsubscription"
    )
    changed = await account.update_subscription(moved)
    assert changed.callback_url.endswith("/moved")
    assert [one.event for one in cloud.subscriptions] == ["voice:unsubscription"]
    assert cloud.webhooks[0].uri.endswith("/moved")
    before = len(cloud.requests)
    assert await account.update_subscription(changed) == changed
    assert all(request.method == "GET" for request in cloud.requests[before:])


async def test_a_webhook_without_a_subscription_can_be_changed(
    account: MobTextingProvider,
    cloud: MobTextingCloud,
    portal: Client,
    receiver: EchoReceiver,
) -> None:
    theirs = portal.webhook("CRM", receiver.url)
    found = await account.get_subscription(f"webhook:{theirs}")
    await account.update_subscription(replace(found, is_enabled=False))
    assert not cloud.webhooks[0].is_active


async def test_what_a_flow_or_a_lost_webhook_has_stays_as_it_is(
    account: MobTextingProvider, portal: Client, receiver: EchoReceiver
) -> None:
    flow = await account.get_subscription(
        str(portal.subscription("vmn:message:in", "flow:1"))
    )
    assert await account.update_subscription(replace(flow, is_enabled=False)) == flow
    gone = portal.webhook("CRM", receiver.url)
    lost = portal.subscription(REPORT, gone)
    portal.delete(f"/developer/webhooks/{gone}")
    found = await account.get_subscription(str(lost))
    assert found.callback_url == gone
    with pytest.raises(NotFound):
        await account.get_subscription("4711")


async def test_an_odd_address_is_compared_as_it_is(
    account: MobTextingProvider, cloud: MobTextingCloud, receiver: EchoReceiver
) -> None:
    await account.ensure_subscriptions(receiver.url)
    assert await account.drop_subscriptions("http://[") == ()
    assert len(cloud.webhooks) == 1
