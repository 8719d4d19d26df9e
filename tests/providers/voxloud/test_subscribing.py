"""Webhook subscriptions against the stand-in."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from screenpop.domain.errors import NotFound, ProviderUnavailable, RequestRejected
from screenpop.providers.protocol import SubscriptionChange
from tests.providers.voxloud.stand_in import EVENT_TYPES

if TYPE_CHECKING:
    from screenpop.providers.voxloud.provider import VoxloudProvider
    from tests.net.loopback import Connection, Request
    from tests.providers.voxloud.conftest import Open
    from tests.providers.voxloud.stand_in import StandIn

OURS = "https://pop.example.com/hooks/acme/token"
OTHER = "https://other.example.org/in"


def _changes(outcomes: Any) -> Counter[SubscriptionChange]:
    return Counter(outcome.change for outcome in outcomes)


def _present(cloud: StandIn, url: str = OURS) -> Counter[str]:
    return Counter(
        item["event_type"]
        for item in cloud.subscriptions.values()
        if item["callback_url"] == url and item["enabled"]
    )


async def test_every_event_type_is_subscribed_to_once(
    open_account: Open, cloud: StandIn
) -> None:
    options = {"notification_email": "admin@example.com"}
    account = await open_account(options=options)
    outcomes = await account.ensure_subscriptions(OURS)
    assert _changes(outcomes) == {SubscriptionChange.CREATED: 7}
    assert set(account.event_types) == EVENT_TYPES
    assert _present(cloud) == dict.fromkeys(EVENT_TYPES, 1)
    emails = {item["notification_email"] for item in cloud.subscriptions.values()}
    assert emails == {"admin@example.com"}


@pytest.mark.parametrize("says_type", [False, True])
@pytest.mark.parametrize("url", [OURS, "HTTPS://POP.example.com/hooks/acme/token/"])
async def test_what_is_there_is_found_again(
    account: VoxloudProvider, cloud: StandIn, says_type: bool, url: str
) -> None:
    cloud.lists_type_for_event_type = says_type
    await account.ensure_subscriptions(OURS)
    outcomes = await account.ensure_subscriptions(url)
    assert _changes(outcomes) == {SubscriptionChange.KEPT: 7}
    assert len(cloud.subscriptions) == 7


async def test_the_case_of_the_token_matters(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.ensure_subscriptions(OURS)
    await account.ensure_subscriptions(OURS.replace("token", "TOKEN"))
    assert len(cloud.subscriptions) == 14


async def test_a_disabled_one_is_enabled_and_others_are_left_alone(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.ensure_subscriptions(OURS)
    await account.create_subscription(OTHER, "CALL_INCOMING", "ops@example.org")
    for item in cloud.subscriptions.values():
        if item["event_type"] == "CALL_INCOMING":
            item["enabled"] = False
    outcomes = await account.ensure_subscriptions(OURS)
    assert _changes(outcomes) == {
        SubscriptionChange.KEPT: 6,
        SubscriptionChange.ENABLED: 1,
    }
    assert _present(cloud) == dict.fromkeys(EVENT_TYPES, 1)
    assert _present(cloud, OTHER) == {}


async def test_doubles_are_deleted_and_a_working_one_stays(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    first = await account.create_subscription(OURS, "CALL_HANGUP")
    second = await account.create_subscription(OURS, "CALL_HANGUP")
    third = await account.create_subscription(OURS, "CALL_HANGUP")
    cloud.subscriptions[first.subscription_id]["enabled"] = False
    outcomes = await account.ensure_subscriptions(OURS)
    deleted = {
        outcome.subscription.subscription_id
        for outcome in outcomes
        if outcome.change is SubscriptionChange.DELETED and outcome.subscription
    }
    assert deleted == {first.subscription_id, third.subscription_id}
    assert second.subscription_id in cloud.subscriptions
    assert _present(cloud) == dict.fromkeys(EVENT_TYPES, 1)


async def test_the_type_that_may_be_missing_does_not_matter(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.types_refused = {"CLICK_TO_CALL"}
    outcomes = await account.ensure_subscriptions(OURS)
    assert len(outcomes) == 6


async def test_another_type_that_is_refused_is_an_error_after_the_rest_is_done(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.types_refused = {"CALL_INCOMING", "CALL_STARTED"}
    with pytest.raises(RequestRejected):
        await account.ensure_subscriptions(OURS)
    assert len(cloud.subscriptions) == 5


async def test_a_lost_answer_to_creating_makes_no_double_in_the_end(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    async def created_but_silent(request: Request, connection: Connection) -> None:
        body = request.json()
        made = {"id": "silent", "enabled": True} | body
        cloud.subscriptions["silent"] = made
        await connection.hang_up()

    cloud.fail_next("POST /api/v1/webhook-subscriptions", created_but_silent)
    with pytest.raises(ProviderUnavailable):
        await account.ensure_subscriptions(OURS)
    await account.ensure_subscriptions(OURS)
    assert _present(cloud) == dict.fromkeys(EVENT_TYPES, 1)


async def test_all_of_ours_are_dropped_and_no_other(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    await account.ensure_subscriptions(OURS)
    kept = await account.create_subscription(OTHER, "PHONE_CALL")
    outcomes = await account.drop_subscriptions(OURS)
    assert _changes(outcomes) == {SubscriptionChange.DELETED: 7}
    assert list(cloud.subscriptions) == [kept.subscription_id]


async def test_subscriptions_can_be_kept_by_hand(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    made = await account.create_subscription(OTHER, "PHONE_CALL", "ops@example.org")
    cloud.subscriptions[made.subscription_id] |= {
        "enabled": False,
        "failed_count": 9,
        "last_error": "timeout",
    }
    found = await account.get_subscription(made.subscription_id)
    assert (found.is_enabled, found.failed_count, found.last_error) == (
        False,
        9,
        "timeout",
    )
    assert await account.list_subscriptions() == (found,)
    changed = await account.update_subscription(made)
    assert changed.is_enabled
    await account.delete_subscription(made.subscription_id)
    await account.delete_subscription(made.subscription_id)
    with pytest.raises(NotFound):
        await account.get_subscription(made.subscription_id)


async def test_an_address_that_is_none_is_simply_not_ours(
    account: VoxloudProvider, cloud: StandIn
) -> None:
    cloud.subscriptions["odd"] = {
        "id": "odd",
        "callback_url": "http://[",
        "event_type": "PHONE_CALL",
    }
    assert await account.drop_subscriptions(OURS) == ()
