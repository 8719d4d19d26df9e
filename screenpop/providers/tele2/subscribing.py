"""Our webhooks: made once, remembered, and deleted again.

SmartMEX lists no webhooks, takes at most twenty for an account, and deletes them by an
id that it tells once. A program that forgot its ids would use up all the room: so they
are kept with the account's key, written down after each single creation. Before it the
intention is: of one whose id never came back nobody else could tell whose it is.
"""

from __future__ import annotations

import json
import logging
from dataclasses import field, replace
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import (
    NotFound,
    OutcomeUnknown,
    PayloadError,
    PermissionDenied,
    ProviderError,
    QuotaExceeded,
    SecretError,
    SecretMissing,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.json_fields import FieldReader, read_json
from screenpop.domain.privacy import Secret
from screenpop.providers.protocol import (
    Subscription,
    SubscriptionChange,
    SubscriptionOutcome,
)
from screenpop.providers.tele2.client import MOST_WEBHOOKS, SERVICE
from screenpop.providers.tele2.payloads import CALL_EVENT_TYPES, EVENT_TYPES
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.protocol import ProviderContext
    from screenpop.providers.tele2.client import SmartMexClient

_log = logging.getLogger(__name__)

KEPT_NAME: Final = "webhook_ids"
EVENTS_OPTION: Final = "webhook_events"
CALLS_ONLY: Final = "calls"
# What stands for the id of a webhook whose id was not told.
_UNKNOWN_ID: Final = "unknown"


@frozen
class _Kept:
    """The webhooks that we made.

    Attributes:
        ids: By event type.
        asked: The event types of those that may have been made without our learning
            their ids.
    """

    url: str = ""
    ids: dict[str, str] = field(default_factory=dict)
    asked: tuple[str, ...] = ()


class Webhooks:
    """Makes and deletes the webhooks of this computer, and knows no others."""

    def __init__(self, client: SmartMexClient, context: ProviderContext) -> None:
        """Remember whom to ask; nothing is asked yet."""
        self._client = client
        self._context = context
        is_short = context.options.get(EVENTS_OPTION, "") == CALLS_ONLY
        self.event_types = CALL_EVENT_TYPES if is_short else EVENT_TYPES
        self._is_warned = False
        self._told: frozenset[str] = frozenset()

    async def all(self) -> tuple[Subscription, ...]:
        """Those that we made."""
        kept = await self._read()
        return tuple(
            _subscription(kept.url, event_type, webhook_id)
            for event_type, webhook_id in kept.ids.items()
        )

    async def get(self, subscription_id: str) -> Subscription:
        """One of them.

        Raises:
            NotFound: It is none of ours.
        """
        for found in await self.all():
            if found.subscription_id == subscription_id:
                return found
        raise NotFound(
            tr(
                "This webhook was not made here, and {service} shows no others",
                service=SERVICE,
            ),
            tr("Its web page shows all of them, under API, web hooks."),
        )

    async def create(self, callback_url: str, event_type: str) -> Subscription:
        """Make one, in place of our own for the same event type.

        Raises:
            QuotaExceeded: The account has no room.
        """
        kept = await self._read()
        if kept.url != callback_url:
            kept = await self._delete_all(kept)
        self._tell_of_strays(kept)
        present = kept.ids.get(event_type)
        before = replace(kept, url=callback_url)
        await self._write(replace(before, asked=(*kept.asked, event_type)))
        try:
            webhook_id = await self._client.create_webhook(event_type, callback_url)
        except OutcomeUnknown:
            raise
        except ProviderError:
            await self._write(before)
            raise
        ids = {**kept.ids, event_type: webhook_id or _UNKNOWN_ID}
        try:
            await self._write(replace(before, ids=ids))
        except SecretError:
            # Nobody would know of it at the next start.
            await self._delete_at_vendor(event_type, ids[event_type])
            raise
        if present is not None:
            await self._delete_at_vendor(event_type, present)
        return _subscription(callback_url, event_type, ids[event_type])

    async def delete(self, subscription_id: str) -> None:
        """Delete one; one that is gone is fine.

        One that we know nothing of is taken for the stray that was told of.
        """
        await self._client.ready()
        kept = await self._read()
        for event_type, webhook_id in kept.ids.items():
            if webhook_id == subscription_id:
                await self._forget(kept, event_type)
                return
        await self._client.delete_webhook(subscription_id)
        if kept.asked:
            await self._write(replace(kept, asked=()))

    async def ensure(self, callback_url: str) -> tuple[SubscriptionOutcome, ...]:
        """One webhook per event type on ``callback_url``; ours elsewhere go.

        Raises:
            QuotaExceeded: There is no room for what calls need.
            ProviderError: By kind; what was made before stays made.
        """
        await self._client.ready()
        kept = await self._read()
        self._tell_of_strays(kept)
        outcomes = await self._drop(kept, all_of_them=kept.url != callback_url)
        kept = await self._read()
        for event_type in self.event_types:
            present = kept.ids.get(event_type)
            if present is not None:
                found = _subscription(callback_url, event_type, present)
                change = SubscriptionChange.KEPT
            else:
                try:
                    found = await self.create(callback_url, event_type)
                except (QuotaExceeded, PermissionDenied) as error:
                    if event_type in CALL_EVENT_TYPES:
                        raise
                    self._warn(error, len((await self._read()).ids))
                    break
                change = SubscriptionChange.CREATED
            outcomes.append(SubscriptionOutcome(event_type, change, found))
        return tuple(outcomes)

    async def drop(self) -> tuple[SubscriptionOutcome, ...]:
        """Delete all that we made.

        Raises:
            ProviderError: By kind; what was deleted before stays deleted.
        """
        await self._client.ready()
        kept = await self._read()
        self._tell_of_strays(kept)
        outcomes = await self._drop(kept, all_of_them=True)
        if kept.asked:
            await self._write(_Kept())
        return tuple(outcomes)

    async def tidy_up(self) -> None:
        """Delete what is left of a time when the account used webhooks."""
        kept = await self._read()
        self._tell_of_strays(kept)
        if not kept.ids:
            return
        try:
            await self._delete_all(kept)
        except ProviderError as error:
            _log.info("webhooks of an earlier time are left: %s", error.title)

    async def _drop(
        self, kept: _Kept, *, all_of_them: bool
    ) -> list[SubscriptionOutcome]:
        outcomes = []
        for event_type, webhook_id in tuple(kept.ids.items()):
            if all_of_them or event_type not in self.event_types:
                kept = await self._forget(kept, event_type)
                gone = _subscription(kept.url, event_type, webhook_id)
                outcomes.append(
                    SubscriptionOutcome(event_type, SubscriptionChange.DELETED, gone)
                )
        return outcomes

    async def _delete_all(self, kept: _Kept) -> _Kept:
        for event_type in tuple(kept.ids):
            kept = await self._forget(kept, event_type)
        return kept

    async def _forget(self, kept: _Kept, event_type: str) -> _Kept:
        """Delete at the vendor first: what is still written down can be tried again."""
        await self._delete_at_vendor(event_type, kept.ids[event_type])
        rest = {name: text for name, text in kept.ids.items() if name != event_type}
        kept = replace(kept, ids=rest)
        await self._write(kept)
        return kept

    async def _delete_at_vendor(self, event_type: str, webhook_id: str) -> None:
        if webhook_id == _UNKNOWN_ID:
            _log.warning(
                "%s did not tell the id of the webhook for %s: delete it on its page",
                SERVICE,
                event_type,
            )
            return
        await self._client.delete_webhook(webhook_id)

    def _tell_of_strays(self, kept: _Kept) -> None:
        """Once each: nobody but a person at the vendor's page can delete them."""
        new = [name for name in kept.asked if name not in self._told]
        self._told |= frozenset(new)
        if new:
            _log.warning(
                "screenpop ended before %s told the id of a new webhook for %s: where "
                "its page, under API, web hooks, has two for that event and this "
                "computer's address, delete the older one",
                SERVICE,
                ", ".join(dict.fromkeys(new)),
            )

    def _warn(self, error: ProviderError, count: int) -> None:
        if not self._is_warned:
            _log.warning(
                "%s; this computer has %d of %d", error.title, count, MOST_WEBHOOKS
            )
        self._is_warned = True

    async def _read(self) -> _Kept:
        await self._client.ready()
        try:
            text = (await self._context.read_secret(KEPT_NAME)).reveal()
            value = read_json(text.encode()).value
        except (SecretMissing, PayloadError):
            return _Kept()
        fields = FieldReader(value if isinstance(value, dict) else {})
        ids = fields.child("ids") or FieldReader({})
        known = {name: ids.text(name) for name in EVENT_TYPES if ids.has(name)}
        asked = tuple(
            name for name in fields.text("asked").split(" ") if name in EVENT_TYPES
        )
        return _Kept(fields.text("url"), {k: v for k, v in known.items() if v}, asked)

    async def _write(self, kept: _Kept) -> None:
        value: dict[str, object] = {"url": kept.url, "ids": kept.ids}
        if kept.asked:
            # The latest are enough: the account has room for no more.
            value["asked"] = " ".join(kept.asked[-MOST_WEBHOOKS:])
        await self._context.write_secret(KEPT_NAME, Secret(json.dumps(value)))


def _subscription(url: str, event_type: str, webhook_id: str) -> Subscription:
    return Subscription(
        subscription_id=webhook_id, callback_url=url, event_type=event_type
    )
