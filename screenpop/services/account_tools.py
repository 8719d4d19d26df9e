"""What can be done with an account at its vendor, beside calls and contacts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from screenpop.domain.errors import NotFound, UsageError
from screenpop.providers.abilities import (
    SupportsCatalogueItems,
    SupportsCatalogues,
    SupportsLiveSetup,
)
from screenpop.providers.narrowed_lists import SupportsCatalogueChoices
from screenpop.providers.protocol import (
    SupportsDialResources,
    SupportsFurtherEvents,
    SupportsSubscriptionLimit,
    SupportsUsers,
    SupportsWebhookSubscription,
)
from screenpop.services.account_history import (
    NOTHING_CHOSEN,
    AccountHistory,
    check_chosen,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.providers.abilities import HistoryChoice, NamedThing, SetupStep
    from screenpop.providers.protocol import (
        DialFirst,
        DialResource,
        LineHolder,
        Subscription,
        SubscriptionOutcome,
    )
    from screenpop.services.connections import Connection, Connections
    from screenpop.services.operations import Operation


class AccountTools(AccountHistory):
    """What an account's vendor keeps and does, beside calls and contacts.

    Every method raises UsageError for an unknown account, NotOffered where the vendor
    has no such thing, and ProviderError when it does not do what was asked.
    """

    def __init__(
        self, connections: Connections, callback_url: Callable[[Connection], str]
    ) -> None:
        super().__init__(connections)
        self._callback_url = callback_url

    async def users(self, account_id: str) -> tuple[LineHolder, ...]:
        """The users of the account's phone system."""
        connection = self._connections.get(account_id)
        return await connection.ability(SupportsUsers).list_users()

    def operations(self, account_id: str) -> tuple[Operation, ...]:
        """Everything a phone system could do, and whether this one does."""
        from screenpop.services.operations import operations_of

        return operations_of(self._connections.get(account_id))

    def live_setup(self, account_id: str) -> tuple[SetupStep, ...]:
        """What somebody must enter at the vendor by hand; empty for nothing.

        Empty, too, while our address is not known: it is what has to be entered.
        """
        connection = self._connections.get(account_id)
        setup, url = connection.able(SupportsLiveSetup), self._callback_url(connection)
        return setup.live_setup(url) if setup is not None and url else ()

    # --- lists -----------------------------------------------------------------------

    def catalogue_names(self, account_id: str) -> tuple[str, ...]:
        """Which further lists the vendor has; empty for none."""
        lists = self._connections.get(account_id).able(SupportsCatalogues)
        return lists.catalogue_names if lists else ()

    def catalogue_choices(
        self, account_id: str, name: str
    ) -> tuple[HistoryChoice, ...]:
        """What one of the vendor's lists can be narrowed by; empty for nothing."""
        narrowing = self._connections.get(account_id).able(SupportsCatalogueChoices)
        return narrowing.catalogue_choices(name) if narrowing else ()

    async def catalogue(
        self,
        account_id: str,
        name: str,
        chosen: Mapping[str, str] = NOTHING_CHOSEN,
    ) -> tuple[NamedThing, ...]:
        """Everything in one of the vendor's lists, or what fits ``chosen``."""
        connection = self._connections.get(account_id)
        lists = connection.ability(SupportsCatalogues)
        if name not in lists.catalogue_names:
            raise UsageError(
                tr("There is no list “{name}”", name=name[:40]),
                tr(
                    "Known ones: {known}.",
                    known=", ".join(lists.catalogue_names),
                ),
            )
        if not chosen:
            return await lists.catalogue(name)
        check_chosen(self.catalogue_choices(account_id, name), chosen, "list")
        narrowing = connection.ability(SupportsCatalogueChoices)
        return await narrowing.choose_catalogue(name, chosen)

    async def catalogue_item(
        self, account_id: str, name: str, thing_id: str
    ) -> NamedThing:
        """One thing of a list, asked for by itself where the vendor can.

        Raises:
            NotFound: There is nothing with that id in it.
        """
        single = self._connections.get(account_id).able(SupportsCatalogueItems)
        if single is not None:
            return await single.catalogue_item(name, thing_id)
        for thing in await self.catalogue(account_id, name):
            if thing.thing_id == thing_id:
                return thing
        raise NotFound(
            tr("There is nothing with that id in the list “{name}”", name=name[:40])
        )

    # --- webhook registrations -------------------------------------------------------

    async def subscriptions(self, account_id: str) -> tuple[Subscription, ...]:
        """The vendor's webhook registrations, ours or not."""
        return await self._registrar(account_id).list_subscriptions()

    def most_subscriptions(self, account_id: str) -> int | None:
        """How many the vendor takes, all computers together; None when not told."""
        connection = self._connections.get(account_id)
        limited = connection.able(SupportsSubscriptionLimit)
        return limited.most_subscriptions if limited else None

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
        further = self._connections.get(account_id).able(SupportsFurtherEvents)
        known = registrar.event_types + (further.further_event_types if further else ())
        if event_type not in known:
            raise UsageError(
                tr("There is no event type “{event_type}”", event_type=event_type),
                tr("Known ones: {known}.", known=", ".join(known)),
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

    # --- finding the ability ---------------------------------------------------------

    def _own_url(self, account_id: str) -> str:
        connection = self._connections.get(account_id)
        if connection.is_relayed:
            raise UsageError(
                tr("The calls of this account come by the team's relay"),
                tr("Whoever runs it sees its addresses with “screenpop relay hooks”."),
            )
        url = self._callback_url(connection)
        if not url:
            raise UsageError(
                tr("The phone system has no way to reach this computer"),
                tr("Set listener.public_url in the settings, and start the app once."),
            )
        return url

    def _registrar(self, account_id: str) -> SupportsWebhookSubscription:
        connection = self._connections.get(account_id)
        return connection.ability(SupportsWebhookSubscription)

    def _dial_setups(self, account_id: str) -> SupportsDialResources:
        return self._connections.get(account_id).ability(SupportsDialResources)
