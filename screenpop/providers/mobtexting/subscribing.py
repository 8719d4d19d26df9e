"""Keep one webhook of ours, and its one subscription to the reports of calls.

MobTexting keeps a callback URL (a webhook) apart from what it is called for (a
subscription). To the rest of the program both together are one registration.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.domain.errors import NotFound
from screenpop.providers.mobtexting.mapping import (
    WEBHOOK_PREFIX,
    to_idle_subscription,
    to_subscription,
)
from screenpop.providers.mobtexting.payloads import (
    FLOW_TARGET,
    OPT_OUT_EVENT,
    REPORT_EVENT,
    WebhookPayload,
)
from screenpop.providers.protocol import SubscriptionChange, SubscriptionOutcome

if TYPE_CHECKING:
    from screenpop.domain.privacy import Secret
    from screenpop.providers.mobtexting.client import MobTextingClient
    from screenpop.providers.mobtexting.payloads import SubscriptionPayload
    from screenpop.providers.protocol import Subscription

EVENT_TYPES: Final = (REPORT_EVENT,)
FURTHER_EVENT_TYPES: Final = (OPT_OUT_EVENT,)
NAME_PREFIX: Final = "screenpop"


class Registrations:
    """The webhooks and subscriptions of one account."""

    def __init__(self, client: MobTextingClient, account_id: str) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._account_id = account_id
        self._has_sent_secret: set[str] = set()

    async def listed(self) -> tuple[Subscription, ...]:
        """All of the account, those that nothing is subscribed to last."""
        webhooks, subscriptions = await self._all()
        by_id = {webhook.id: webhook for webhook in webhooks}
        used = {subscription.webhook_id for subscription in subscriptions}
        joined = [
            to_subscription(one, by_id.get(one.webhook_id)) for one in subscriptions
        ]
        idle = [to_idle_subscription(one) for one in webhooks if one.id not in used]
        return (*joined, *idle)

    async def get(self, subscription_id: str) -> Subscription:
        """One registration.

        Raises:
            NotFound: There is none of that id.
        """
        if subscription_id.startswith(WEBHOOK_PREFIX):
            webhook_id = subscription_id.removeprefix(WEBHOOK_PREFIX)
            return to_idle_subscription(await self._client.get_webhook(webhook_id))
        found = await self._client.get_subscription(subscription_id)
        return to_subscription(found, await self._webhook_of(found))

    async def create(
        self, callback_url: str, event_type: str, secret: Secret | None
    ) -> Subscription:
        """Subscribe our webhook on the URL, making it where there is none."""
        webhooks, _ = await self._all()
        ours = [one for one in webhooks if self._is_ours(one, callback_url)]
        webhook = ours[0] if ours else await self._make(callback_url, secret)
        made = await self._client.create_subscription(event_type, webhook.id)
        return to_subscription(replace(made, webhook_id=webhook.id), webhook)

    async def update(
        self, subscription: Subscription, secret: Secret | None
    ) -> Subscription:
        """Write URL, event and enabled back; the event by a new subscription."""
        wanted = subscription
        if wanted.subscription_id.startswith(WEBHOOK_PREFIX):
            webhook_id = wanted.subscription_id.removeprefix(WEBHOOK_PREFIX)
            webhook = await self._client.get_webhook(webhook_id)
            return to_idle_subscription(await self._write(webhook, wanted, secret))
        present = await self._client.get_subscription(wanted.subscription_id)
        found = await self._webhook_of(present)
        if found is None:
            return to_subscription(present, None)
        webhook = await self._write(found, wanted, secret)
        if present.event != wanted.event_type:
            made = await self._client.create_subscription(
                wanted.event_type, present.webhook_id
            )
            await self._client.delete_subscription(present.id)
            present = made
        return to_subscription(present, webhook)

    async def delete(self, subscription_id: str) -> None:
        """Remove one, and our webhook with it when nothing else needs it."""
        if subscription_id.startswith(WEBHOOK_PREFIX):
            webhook_id = subscription_id.removeprefix(WEBHOOK_PREFIX)
            await self._client.delete_webhook(webhook_id)
            return
        try:
            gone = await self._client.get_subscription(subscription_id)
        except NotFound:
            return
        await self._client.delete_subscription(subscription_id)
        webhooks, left = await self._all()
        is_needed = any(one.webhook_id == gone.webhook_id for one in left)
        for webhook in webhooks:
            is_meant = webhook.id == gone.webhook_id and not is_needed
            if is_meant and webhook.name.startswith(NAME_PREFIX):
                await self._client.delete_webhook(webhook.id)

    async def ensure(
        self, callback_url: str, secret: Secret | None
    ) -> tuple[SubscriptionOutcome, ...]:
        """One active webhook of ours on the URL with one subscription to reports.

        Webhooks that people made by hand stay as they are, on our URL too: a flow may
        need them.

        Raises:
            ProviderError: By kind.
        """
        webhooks, subscriptions = await self._all()
        ours = [one for one in webhooks if self._is_ours(one, callback_url)]
        outcomes: list[SubscriptionOutcome] = []
        if not ours:
            webhook = await self._make(callback_url, secret)
            change = SubscriptionChange.CREATED
        else:
            webhook = next((one for one in ours if one.is_active), ours[0])
            webhook, change = await self._mended(webhook, secret)
            for surplus in ours:
                if surplus.id != webhook.id:
                    outcomes += await self._remove(surplus, subscriptions)
        present = [
            one
            for one in subscriptions
            if one.webhook_id == webhook.id and one.event == REPORT_EVENT
        ]
        if not present:
            made = await self._client.create_subscription(REPORT_EVENT, webhook.id)
            present, change = [made], SubscriptionChange.CREATED
        kept, *doubles = (to_subscription(one, webhook) for one in present)
        for double in doubles:
            await self._client.delete_subscription(double.subscription_id)
            outcomes.append(_outcome(SubscriptionChange.DELETED, double))
        return (_outcome(change, kept), *outcomes)

    async def drop(self, callback_url: str) -> tuple[SubscriptionOutcome, ...]:
        """Delete our webhooks on the URL and all that is subscribed to them.

        Raises:
            ProviderError: By kind; what was deleted before stays deleted.
        """
        webhooks, subscriptions = await self._all()
        outcomes: list[SubscriptionOutcome] = []
        for webhook in webhooks:
            if self._is_ours(webhook, callback_url):
                outcomes += await self._remove(webhook, subscriptions)
        return tuple(outcomes)

    # --- shared -----------------------------------------------------------------------

    async def _all(
        self,
    ) -> tuple[tuple[WebhookPayload, ...], tuple[SubscriptionPayload, ...]]:
        return await asyncio.gather(
            self._client.list_webhooks(), self._client.list_subscriptions()
        )

    async def _webhook_of(
        self, subscription: SubscriptionPayload
    ) -> WebhookPayload | None:
        """None for a flow, and for a webhook that is gone."""
        if (
            subscription.webhook_id.startswith(FLOW_TARGET)
            or not subscription.webhook_id
        ):
            return None
        try:
            return await self._client.get_webhook(subscription.webhook_id)
        except NotFound:
            return None

    async def _make(self, callback_url: str, secret: Secret | None) -> WebhookPayload:
        wanted = WebhookPayload(
            name=self._name(callback_url),
            uri=callback_url,
            secret=secret.reveal() if secret else None,
        )
        made = await self._client.create_webhook(wanted)
        self._has_sent_secret.add(made.id)
        return replace(made, uri=made.uri or callback_url)

    async def _mended(
        self, webhook: WebhookPayload, secret: Secret | None
    ) -> tuple[WebhookPayload, SubscriptionChange]:
        """Active, and with our secret, as far as MobTexting lets us see that."""
        wanted = secret.reveal() if secret else None
        is_known = webhook.id in self._has_sent_secret
        has_secret = wanted is None or webhook.secret in (None, wanted) or is_known
        if webhook.is_active and has_secret:
            return webhook, SubscriptionChange.KEPT
        renewed = replace(webhook, is_active=True, secret=wanted)
        await self._client.update_webhook(renewed)
        self._has_sent_secret.add(webhook.id)
        was_off = not webhook.is_active
        return renewed, (
            SubscriptionChange.ENABLED if was_off else SubscriptionChange.KEPT
        )

    async def _write(
        self, webhook: WebhookPayload, wanted: Subscription, secret: Secret | None
    ) -> WebhookPayload:
        is_ours = webhook.name.startswith(NAME_PREFIX)
        changed = replace(
            webhook,
            uri=wanted.callback_url,
            is_active=wanted.is_enabled,
            secret=secret.reveal() if secret and is_ours else webhook.secret,
        )
        if changed != webhook:
            await self._client.update_webhook(changed)
        return changed

    async def _remove(
        self, webhook: WebhookPayload, subscriptions: tuple[SubscriptionPayload, ...]
    ) -> list[SubscriptionOutcome]:
        outcomes = []
        for one in subscriptions:
            if one.webhook_id == webhook.id:
                await self._client.delete_subscription(one.id)
                gone = to_subscription(one, webhook)
                outcomes.append(_outcome(SubscriptionChange.DELETED, gone))
        await self._client.delete_webhook(webhook.id)
        return outcomes

    def _is_ours(self, webhook: WebhookPayload, callback_url: str) -> bool:
        is_named = webhook.name.startswith(NAME_PREFIX)
        return is_named and _comparable(webhook.uri) == _comparable(callback_url)

    def _name(self, callback_url: str) -> str:
        """A name for people that no other computer of the account has too."""
        mark = hashlib.sha256(callback_url.encode()).hexdigest()[:6]
        return f"{NAME_PREFIX} {self._account_id} {mark}"


def _outcome(
    change: SubscriptionChange, subscription: Subscription
) -> SubscriptionOutcome:
    return SubscriptionOutcome(subscription.event_type, change, subscription)


def _comparable(url: str) -> tuple[str, str]:
    """The URL but for what a server may rewrite: case of the host, a last slash."""
    try:
        scheme, host, path, query, _ = urlsplit(url.strip())
    except ValueError:
        return "", url
    return f"{scheme}://{host}".casefold(), f"{path.rstrip('/')}?{query}"
