"""What can be done with an account at its vendor, beside calls and contacts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.domain.errors import ConfigurationError, UsageError
from screenpop.providers.protocol import (
    SupportsCallHistory,
    SupportsDialResources,
    SupportsHistoryExport,
    SupportsUsers,
    SupportsWebhookSubscription,
)

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.providers.protocol import (
        DialFirst,
        DialResource,
        HistoryPage,
        HistoryQuery,
        LineHolder,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.services.connections import Connection, Connections


class AccountTools:
    """Users, webhook registrations, click-to-dial set-ups and the vendor's history.

    Every method raises UsageError for an unknown account, NotOffered where the vendor
    has no such thing, and ProviderError when it does not do what was asked.
    """

    def __init__(
        self, connections: Connections, callback_url: Callable[[Connection], str]
    ) -> None:
        self._connections = connections
        self._callback_url = callback_url

    async def users(self, account_id: str) -> tuple[LineHolder, ...]:
        """The users of the account's phone system."""
        connection = self._connections.get(account_id)
        return await connection.ability(SupportsUsers).list_users()

    # --- webhook registrations -------------------------------------------------------

    async def subscriptions(self, account_id: str) -> tuple[Subscription, ...]:
        """The vendor's webhook registrations, ours or not."""
        return await self._registrar(account_id).list_subscriptions()

    async def subscription(self, account_id: str, subscription_id: str) -> Subscription:
        """One registration."""
        return await self._registrar(account_id).get_subscription(subscription_id)

    async def ensure_subscriptions(
        self, account_id: str
    ) -> tuple[SubscriptionOutcome, ...]:
        """Have exactly one enabled registration per event type."""
        return await self._registrar(account_id).ensure_subscriptions(
            self._own_url(account_id)
        )

    async def create_subscription(
        self, account_id: str, event_type: str
    ) -> Subscription:
        """Register our callback URL for one event type."""
        registrar = self._registrar(account_id)
        if event_type not in registrar.event_types:
            raise UsageError(
                f"There is no event type “{event_type}”",
                f"Known ones: {', '.join(registrar.event_types)}.",
            )
        return await registrar.create_subscription(
            self._own_url(account_id), event_type
        )

    async def set_subscription_enabled(
        self,
        account_id: str,
        subscription_id: str,
        enabled: bool,
    ) -> None:
        """Switch a registration on or off."""
        registrar = self._registrar(account_id)
        known = await registrar.get_subscription(subscription_id)
        await registrar.update_subscription(replace(known, is_enabled=enabled))

    async def delete_subscription(self, account_id: str, subscription_id: str) -> None:
        """Remove a registration."""
        await self._registrar(account_id).delete_subscription(subscription_id)

    # --- click-to-dial set-ups -------------------------------------------------------

    async def dial_resources(self, account_id: str) -> tuple[DialResource, ...]:
        """The click-to-dial set-ups kept at the vendor."""
        return await self._dial_setups(account_id).list_dial_resources()

    async def dial_resource(self, account_id: str, resource_id: str) -> DialResource:
        """One of them."""
        return await self._dial_setups(account_id).get_dial_resource(resource_id)

    async def create_dial_resource(
        self,
        account_id: str,
        *,
        name: str,
        extension: str,
        caller_id: str,
        dial_first: DialFirst,
    ) -> DialResource:
        """Make one; costs quota."""
        return await self._dial_setups(account_id).create_dial_resource(
            name, extension, caller_id, dial_first
        )

    async def delete_dial_resource(self, account_id: str, resource_id: str) -> None:
        """Remove one."""
        await self._dial_setups(account_id).delete_dial_resource(resource_id)

    async def connect_dial_resource(
        self, account_id: str, resource_id: str, number: str
    ) -> None:
        """Start a call to ``number`` (E.164) through one of them; sent once."""
        await self._dial_setups(account_id).connect_dial_resource(resource_id, number)

    # --- the vendor's call history ---------------------------------------------------

    async def history(self, account_id: str, query: HistoryQuery) -> HistoryPage:
        """One page of the vendor's own call history."""
        return await self._history(account_id).history(query)

    async def history_record(self, account_id: str, record_id: str) -> CallDetailRecord:
        """One finished call by the vendor's record id."""
        return await self._history(account_id).record(record_id)

    async def history_of_call(
        self, account_id: str, call_id: str
    ) -> tuple[CallDetailRecord, ...]:
        """The record or records of one call."""
        return await self._history(account_id).records_of_call(call_id)

    async def export_history(
        self, account_id: str, query: HistoryQuery, path: Path
    ) -> int:
        """Write the vendor's CSV to a file; returns its size in bytes.

        Raises:
            ConfigurationError: The file cannot be written.
        """
        connection = self._connections.get(account_id)
        data = await connection.ability(SupportsHistoryExport).export_history(query)
        try:
            return await asyncio.to_thread(path.write_bytes, data)
        except OSError as error:
            raise ConfigurationError(
                f"The file cannot be written: {error.strerror}",
                "Choose another folder.",
            ) from None

    # --- finding the ability ---------------------------------------------------------

    def _own_url(self, account_id: str) -> str:
        url = self._callback_url(self._connections.get(account_id))
        if not url:
            raise UsageError(
                "The phone system has no way to reach this computer",
                "Set listener.public_url in the settings, and start the app once.",
            )
        return url

    def _registrar(self, account_id: str) -> SupportsWebhookSubscription:
        connection = self._connections.get(account_id)
        return connection.ability(SupportsWebhookSubscription)

    def _dial_setups(self, account_id: str) -> SupportsDialResources:
        return self._connections.get(account_id).ability(SupportsDialResources)

    def _history(self, account_id: str) -> SupportsCallHistory:
        return self._connections.get(account_id).ability(SupportsCallHistory)
