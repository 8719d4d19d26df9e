"""Keep exactly one enabled webhook subscription for each event type."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from screenpop.domain.errors import RequestRejected
from screenpop.providers.protocol import SubscriptionChange, SubscriptionOutcome
from screenpop.providers.voxloud.mapping import from_subscription, to_subscription
from screenpop.providers.voxloud.payloads import EVENT_TYPES, OPTIONAL_EVENT_TYPES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.providers.protocol import Subscription
    from screenpop.providers.voxloud.client import VoxloudClient

_log = logging.getLogger(__name__)


async def ensure(
    client: VoxloudClient, callback_url: str, notification_email: str
) -> tuple[SubscriptionOutcome, ...]:
    """One enabled subscription per event type on ``callback_url``.

    What is there is found again by URL and type; what Voxloud disabled is enabled by
    PUT; doubles of ours go; everybody else's stays.

    Raises:
        ProviderError: By kind. A type that is refused does not keep the others from
            being subscribed to; the refusal is raised when all have been tried.
    """
    ours = await _ours(client, callback_url)
    outcomes: list[SubscriptionOutcome] = []
    refused: RequestRejected | None = None
    for event_type in EVENT_TYPES:
        present = [found for found in ours if found.event_type == event_type]
        try:
            outcomes += await _ensure_one(
                client, present, callback_url, event_type, notification_email
            )
        except RequestRejected as error:
            if event_type in OPTIONAL_EVENT_TYPES:
                _log.info("Voxloud takes no subscription to %s", event_type)
            else:
                refused = refused or error
    if refused is not None:
        raise refused
    return tuple(outcomes)


async def drop(
    client: VoxloudClient, callback_url: str
) -> tuple[SubscriptionOutcome, ...]:
    """Delete every subscription on ``callback_url``.

    Raises:
        ProviderError: By kind; what was deleted before stays deleted.
    """
    return tuple(
        [
            await _delete(client, subscription)
            for subscription in await _ours(client, callback_url)
        ]
    )


async def _ours(client: VoxloudClient, callback_url: str) -> list[Subscription]:
    wanted = _comparable(callback_url)
    found = map(to_subscription, await client.list_subscriptions())
    return [item for item in found if _comparable(item.callback_url) == wanted]


async def _ensure_one(
    client: VoxloudClient,
    present: Sequence[Subscription],
    callback_url: str,
    event_type: str,
    notification_email: str,
) -> list[SubscriptionOutcome]:
    if not present:
        created = to_subscription(
            await client.create_subscription(
                callback_url, event_type, notification_email
            )
        )
        return [SubscriptionOutcome(event_type, SubscriptionChange.CREATED, created)]
    kept = next((item for item in present if item.is_enabled), present[0])
    change = SubscriptionChange.KEPT
    if not kept.is_enabled:
        enabled = replace(
            kept,
            is_enabled=True,
            notification_email=kept.notification_email or notification_email,
        )
        kept = to_subscription(
            await client.update_subscription(from_subscription(enabled))
        )
        change = SubscriptionChange.ENABLED
    surplus = [item for item in present if item.subscription_id != kept.subscription_id]
    outcomes = [SubscriptionOutcome(event_type, change, kept)]
    return outcomes + [await _delete(client, item) for item in surplus]


async def _delete(
    client: VoxloudClient, subscription: Subscription
) -> SubscriptionOutcome:
    await client.delete_subscription(subscription.subscription_id)
    return SubscriptionOutcome(
        subscription.event_type, SubscriptionChange.DELETED, subscription
    )


def _comparable(url: str) -> tuple[str, str]:
    """The URL but for what a server may rewrite: case of the host, a last slash."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", url
    rest = parts._replace(scheme="", netloc="", path=parts.path.rstrip("/")).geturl()
    return f"{parts.scheme}://{parts.netloc}".casefold(), rest
