"""The configured accounts with their live adapters."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

from screenpop.config.secrets import new_hook_token
from screenpop.domain.errors import (
    ConfigurationError,
    KeychainMissing,
    NotOffered,
    SecretMissing,
    UsageError,
)
from screenpop.providers import registry
from screenpop.providers.abilities import (
    SupportsDeliveryEffects,
    SupportsNews,
    SupportsPreparation,
    SupportsSecretDeliveries,
)
from screenpop.providers.protocol import ProviderContext, SupportsWebhook
from screenpop.services.call_tracker import TrackedAccount
from screenpop.services.handed_secrets import HandedSecrets
from screenpop.services.vendor_clock import VendorClock
from screenpop.wording import reworded, tr

if TYPE_CHECKING:
    from concurrent.futures import Future
    from datetime import timedelta

    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import AccountSettings, Settings
    from screenpop.domain.delivery import Delivery
    from screenpop.domain.privacy import Secret
    from screenpop.providers.manifest import ProviderManifest
    from screenpop.providers.protocol import TelephonyProvider

_log = logging.getLogger(__name__)

P = TypeVar("P")

HOOK_TOKEN = "hook_token"  # noqa: S105 - the name of a secret, not one


@dataclass(slots=True)
class Connection:
    """One account at work.

    Attributes:
        provider: None when the vendor's adapter is missing; ``problem`` says why.
        vendor_clock: How far our clock is from the vendor's.
        hook_token: The secret of its callback URL, once read from the keychain.
    """

    settings: AccountSettings
    region: str
    manifest: ProviderManifest | None = None
    provider: TelephonyProvider | None = None
    problem: str = ""
    vendor_clock: VendorClock = field(default_factory=VendorClock)
    hook_token: Secret | None = None
    _abilities: dict[type, tuple[object, bool]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def account_id(self) -> str:
        """The account's id."""
        return self.settings.id

    @property
    def label(self) -> str:
        """What the user calls the account."""
        return self.settings.label or self.settings.id

    @property
    def is_relayed(self) -> bool:
        """Whether its calls come by the team's relay, which looks after all else."""
        return self.settings.via == "relay"

    @property
    def is_on_this_machine(self) -> bool:
        """Whether its vendor is reached on loopback, so that it reaches us there."""
        host = urlsplit(self.settings.base_url).hostname or ""
        return host in ("localhost", "::1") or host.startswith("127.")

    def able(self, kind: type[P]) -> P | None:
        """The provider as one that can do ``kind``; None when it cannot."""
        # Looking a protocol's members up takes 20 us, and the call tracker asks at each
        # step of each delivery.
        provider: object = self.provider
        known = self._abilities.get(kind)
        if known is None or known[0] is not provider:
            known = provider, isinstance(provider, kind)
            self._abilities[kind] = known
        return cast("P", provider) if known[1] else None

    def ability(self, kind: type[P]) -> P:
        """The provider as one that can do ``kind``.

        Raises:
            NotOffered: It cannot, or there is none.
        """
        found = self.able(kind)
        if found is not None:
            return found
        name = self.manifest.name if self.manifest else self.settings.vendor
        for each in self.manifest.optional if self.manifest else ():
            if each.ability is kind:
                raise NotOffered(
                    tr("{name} offers this, but the account is not set so", name=name),
                    reworded(each.how),
                )
        raise NotOffered(tr("{name} does not offer this", name=name), self.problem)


class Connections:
    """All connections, by account id, in the order of the configuration.

    Attributes:
        handed: The secrets that vendors handed to their adapters.
    """

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self.handed = HandedSecrets(secrets)
        self._by_id: dict[str, Connection] = {}

    def all(self) -> tuple[Connection, ...]:
        """Every connection."""
        return tuple(self._by_id.values())

    def find(self, account_id: str) -> Connection | None:
        """The connection of an account, if there is one."""
        return self._by_id.get(account_id)

    def get(self, account_id: str) -> Connection:
        """The connection of an account.

        Raises:
            UsageError: There is no such account.
        """
        found = self._by_id.get(account_id)
        if found is None:
            known = ", ".join(self._by_id) or tr("none yet")
            raise UsageError(
                tr("There is no account “{account_id}”", account_id=account_id),
                tr("Known accounts: {known}.", known=known),
            )
        return found

    def adopt(self, settings: Settings) -> None:
        """Open every account, for a command that talks to no vendor."""
        for account in settings.accounts:
            region = settings.region_of(account)
            self._by_id[account.id] = self.open(account, region)

    def needs_preparation(self, account_id: str) -> bool:
        """Whether an account's adapter must be prepared to read deliveries."""
        found = self._by_id.get(account_id)
        return found is not None and found.able(SupportsPreparation) is not None

    def taker(self) -> Callable[[Delivery], Future[None]]:
        """Has an adapter keep what a delivery hands over; for use from any thread."""
        loop = asyncio.get_running_loop()

        async def take(delivery: Delivery) -> None:
            found = self._by_id.get(delivery.account_id)
            effects = found.able(SupportsDeliveryEffects) if found else None
            if effects is not None:
                await effects.take(delivery)

        return lambda delivery: asyncio.run_coroutine_threadsafe(take(delivery), loop)

    async def prepare(self) -> None:
        """Read what adapters need before they can read deliveries as the app does.

        Raises:
            SecretError: A keychain does not give it; nothing may be read without it.
        """
        for connection in self.all():
            preparing = connection.able(SupportsPreparation)
            if preparing is not None:
                await preparing.prepare()

    async def apply(self, settings: Settings) -> None:
        """Open what is new or changed, then close what is gone.

        In this order, as a delivery may need its reader at any moment.
        """
        before = self._by_id
        self._by_id = {
            account.id: self._kept(before.get(account.id), account, settings)
            for account in settings.accounts
        }
        for old in before.values():
            if self._by_id.get(old.account_id) is not old:
                await close(old)

    def _kept(
        self, old: Connection | None, account: AccountSettings, settings: Settings
    ) -> Connection:
        region = settings.region_of(account)
        if old is not None and (old.settings, old.region) == (account, region):
            return old
        return self.open(account, region)

    def open(self, account: AccountSettings, region: str) -> Connection:
        """A connection to one account; an unknown vendor is a problem, not an error."""
        connection = Connection(account, region)
        try:
            connection.manifest = registry.manifest(account.vendor)
            connection.provider = connection.manifest.create(
                self.context(account, region, connection.manifest)
            )
        except ConfigurationError as error:
            connection.problem = str(error)
            _log.warning("account %s: %s", account.id, error.title)
        return connection

    def context(
        self,
        account: AccountSettings,
        region: str,
        manifest: ProviderManifest,
        read_secret: Callable[[str], Secret] | None = None,
    ) -> ProviderContext:
        """What the adapter of ``account`` is given.

        ``read_secret`` stands in for the keychain while a draft is tried.
        """

        async def from_keychain(name: str) -> Secret:
            if read_secret is not None:
                return read_secret(name)
            try:
                return await self._secrets.get(account.id, name)
            except KeychainMissing:
                if name in manifest.secret_names():
                    raise
                # What a vendor hands over was never kept where nothing can keep it.
                raise SecretMissing(
                    tr("No {name} is kept for {account}", name=name, account=account.id)
                ) from None

        # A draft's vendor hands nothing to an account that may never be.
        writing = (
            {"write_secret": partial(self.handed.keep, account.id)}
            if read_secret is None
            else {}
        )
        return ProviderContext(
            account_id=account.id,
            base_url=(account.base_url or manifest.default_base_url).rstrip("/"),
            region=region,
            extension=account.extension,
            options=account.options,
            read_secret=from_keychain,
            note_clock=partial(self._note_clock, account.id),
            **writing,
        )

    def _note_clock(self, account_id: str, skew: timedelta) -> None:
        # What the team's relay tells the time of is not asked here.
        found = self._by_id.get(account_id)
        if found is not None and not found.is_relayed:
            found.vendor_clock.note(skew)

    async def hook_token(self, account_id: str) -> Secret:
        """The secret of the account's callback URL, made when there is none yet.

        Raises:
            SecretError: The keychain cannot be read or written.
        """
        connection = self.get(account_id)
        if connection.hook_token is None:
            try:
                connection.hook_token = await self._secrets.get(account_id, HOOK_TOKEN)
            except SecretMissing:
                token = new_hook_token()
                await self._secrets.set(account_id, HOOK_TOKEN, token)
                connection.hook_token = token
        return connection.hook_token

    async def drop(self, account_id: str) -> None:
        """Close an account's connection for good."""
        connection = self._by_id.pop(account_id, None)
        if connection is not None:
            await close(connection)

    async def renew(self, account_id: str) -> None:
        """Open an account's connection anew, as after a change of its key."""
        old = self.get(account_id)
        self._by_id[account_id] = self.open(old.settings, old.region)
        await close(old)

    def tracked(self, account_id: str) -> TrackedAccount | None:
        """What the call tracker needs of an account."""
        found = self._by_id.get(account_id)
        if found is None:
            return None
        return TrackedAccount(
            extension=found.settings.extension,
            region=found.region,
            parser=found.able(SupportsWebhook),
            clock_skew=found.vendor_clock.skew,
            effects=found.able(SupportsDeliveryEffects),
            is_handed_secrets=found.able(SupportsSecretDeliveries) is not None,
            news=found.able(SupportsNews),
        )

    async def aclose(self) -> None:
        """Close every connection."""
        connections, self._by_id = self.all(), {}
        for connection in connections:
            await close(connection)


async def close(connection: Connection) -> None:
    """Let go of one connection's adapter."""
    if connection.provider is not None:
        await connection.provider.aclose()
