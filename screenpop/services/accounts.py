"""Add, test, mend and remove accounts."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import field, replace
from datetime import timedelta
from typing import TYPE_CHECKING

from screenpop.config.secrets import new_hook_token
from screenpop.domain.errors import (
    ConfigurationError,
    ScreenpopError,
    SecretError,
    SecretMissing,
    UsageError,
)
from screenpop.domain.frozen import frozen
from screenpop.providers import registry
from screenpop.providers.protocol import (
    SupportsUsers,
    SupportsWebhookSubscription,
)
from screenpop.services.account_fields import (
    OWN_FIELDS,
    check_complete,
    check_option,
    country_of_line,
    reader_of,
    settings_of,
)
from screenpop.services.account_tools import AccountTools
from screenpop.services.callback_url import is_callback_url
from screenpop.services.connections import HOOK_TOKEN
from screenpop.services.events import AccountState, SourceState
from screenpop.wording import sentences, tr

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.config.settings import Settings
    from screenpop.config.settings_file import SettingsFile
    from screenpop.domain.privacy import Secret
    from screenpop.providers.manifest import AccountField, ProviderManifest
    from screenpop.providers.protocol import Identity, LineHolder
    from screenpop.services.connections import Connection, Connections

_log = logging.getLogger(__name__)


@frozen(kw_only=True)
class AccountDraft:
    """An account as the user filled it in.

    Attributes:
        fields: By field key; those every account has ("base_url", "extension",
            "region", "label") among them.
        secrets: By field key.
    """

    account_id: str
    vendor: str
    fields: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)


@frozen
class AccountTrial:
    """What the vendor said when the draft was tried.

    Attributes:
        users: Whose phone may be chosen; empty when the vendor lists nobody.
    """

    identity: Identity
    users: tuple[LineHolder, ...] = ()

    @property
    def region(self) -> str:
        """The country most of the company's own numbers are of; "" when not known."""
        owned = {one.number for user in self.users for one in user.caller_ids}
        found = Counter(filter(None, map(country_of_line, owned)))
        return max(sorted(found), key=lambda region: found[region], default="")

    def completed(self, draft: AccountDraft) -> AccountDraft:
        """``draft`` with the country of the account's numbers, if it names none."""
        if draft.fields.get("region") or not self.region:
            return draft
        return replace(draft, fields={**draft.fields, "region": self.region})


class Accounts(AccountTools):
    """The configured accounts, kept in step in file, keychain, vendor and memory."""

    def __init__(
        self,
        *,
        file: SettingsFile,
        secrets: SecretStore,
        connections: Connections,
        states: Callable[[], tuple[AccountState, ...]],
        callback_url: Callable[[Connection], str],
        reload: Callable[[], Settings],
    ) -> None:
        super().__init__(connections, callback_url)
        self._file = file
        self._secrets = secrets
        self._states = states
        self._reload = reload
        self._writing = asyncio.Lock()

    def vendors(self) -> tuple[ProviderManifest, ...]:
        """Every phone system that an account can be added for."""
        return registry.manifests()[0]

    def states(self) -> tuple[AccountState, ...]:
        """How every account stands."""
        return self._states()

    def manifest_of(self, account_id: str) -> ProviderManifest | None:
        """The facts of an account's vendor; None when its adapter is missing."""
        connection = self._connections.find(account_id)
        return connection.manifest if connection else None

    def option_of(self, account_id: str, key: str) -> str:
        """One of an account's settings by its field key; "" when unset."""
        connection = self._connections.find(account_id)
        if connection is None:
            return ""
        if key in OWN_FIELDS:
            return str(getattr(connection.settings, key))
        return connection.settings.options.get(key, "")

    async def try_out(self, draft: AccountDraft) -> AccountTrial:
        """Talk to the vendor with a draft, saving nothing.

        Raises:
            ProviderError: The vendor cannot be reached or refuses the key.
            UsageError: Something required is missing.
        """
        manifest = registry.manifest(draft.vendor)
        check_complete(draft, manifest)
        account = settings_of(draft)
        provider = manifest.create(
            self._connections.context(
                account, account.region, manifest, reader_of(draft.secrets)
            )
        )
        try:
            identity = await provider.check()
            users: tuple[LineHolder, ...] = ()
            if isinstance(provider, SupportsUsers):
                users = await provider.list_users()
            return AccountTrial(identity, users)
        finally:
            await provider.aclose()

    async def add(self, draft: AccountDraft) -> AccountState:
        """Save an account and start it: keychain first, then the file.

        Raises:
            PolicyError: Administrators let nobody add one.
            UsageError: Something required is missing, or the id is taken.
            SecretError: The keychain does not take the key; nothing was saved.
        """
        await asyncio.to_thread(self._file.refuse_locked, "accounts")
        manifest = registry.manifest(draft.vendor)
        check_complete(draft, manifest)
        if self._connections.find(draft.account_id) is not None:
            raise UsageError(
                tr(
                    "There is already an account “{account_id}”",
                    account_id=draft.account_id,
                ),
                tr("Choose another short name."),
            )
        for name, secret in draft.secrets.items():
            await self._secrets.set(draft.account_id, name, secret)
        await self._secrets.set(draft.account_id, HOOK_TOKEN, new_hook_token())
        try:
            await asyncio.to_thread(self._file.add_account, settings_of(draft))
        except ConfigurationError:
            await self._forget_secrets(draft.account_id, manifest)
            raise
        self._reload()
        return AccountState(
            account_id=draft.account_id,
            label=draft.fields.get("label") or draft.account_id,
            state=SourceState.STARTING,
            headline=tr("Starting"),
        )

    async def remove(self, account_id: str) -> str:
        """Remove an account: the vendor's subscriptions, the file, the keychain.

        Returns:
            What could not be tidied up at the vendor; "" when all went well.

        Raises:
            PolicyError: Administrators locked it.
        """
        connection = self._connections.get(account_id)
        await asyncio.to_thread(self._file.refuse_locked, f"accounts.{account_id}")
        left_over = await self._drop_subscriptions(connection)
        await asyncio.to_thread(self._file.remove_account, account_id)
        try:
            await self._forget_secrets(account_id, connection.manifest)
        except SecretError as error:
            keys = tr("The keys stay in the keychain: {error}", error=error)
            left_over = sentences(left_over, keys)
        await self._connections.drop(account_id)
        self._reload()
        return left_over

    async def check(self, account_id: str) -> Identity:
        """Ask the vendor whether address and key are right."""
        connection = self._connections.get(account_id)
        if connection.provider is None:
            raise ConfigurationError(connection.problem or tr("The account is broken"))
        identity = await connection.provider.check()
        if identity.clock_skew_seconds is not None:
            skew = timedelta(seconds=identity.clock_skew_seconds)
            connection.vendor_clock.note(skew)
        return identity

    async def lacking_keys(self, account_id: str) -> tuple[AccountField, ...]:
        """What the account needs and the keychain, which can be read, does not have."""
        connection = self._connections.find(account_id)
        if connection is None or connection.is_relayed or connection.manifest is None:
            return ()
        lacking = []
        for one in connection.manifest.fields:
            if one.kind != "secret" or not one.is_required:
                continue
            try:
                await self._secrets.get(account_id, one.key)
            except SecretMissing:
                lacking.append(one)
            except SecretError:
                continue
        return tuple(lacking)

    async def set_secret(self, account_id: str, name: str, secret: Secret) -> None:
        """Replace a secret in the keychain and try again with it."""
        connection = self._connections.get(account_id)
        names = connection.manifest.secret_names() if connection.manifest else ()
        if name not in (*names, HOOK_TOKEN):
            raise UsageError(
                tr("This account has no secret called “{name}”", name=name),
                tr("It has: {names}.", names=", ".join((*names, HOOK_TOKEN))),
            )
        await self._secrets.set(account_id, name, secret)
        await self._connections.renew(account_id)
        self._reload()

    def hook_url(self, account_id: str) -> str:
        """What the vendor is told to call; "" while the keychain is not read."""
        return self._callback_url(self._connections.get(account_id))

    async def set_extension(self, account_id: str, extension: str) -> None:
        """Choose whose calls pop here.

        Raises:
            ConfigurationError: It cannot be saved.
        """
        await self.set_option(account_id, "extension", extension)

    async def set_option(self, account_id: str, key: str, value: str) -> None:
        """Change one of the account's settings.

        Raises:
            UsageError: There is no such setting, or not with this value.
            ConfigurationError: It cannot be saved.
        """
        check_option(self._connections.get(account_id), key, value)
        # One after the other, so that the last choice is the one that stays.
        async with self._writing:
            await asyncio.to_thread(
                self._file.set_account_value, account_id, key, value or None
            )
        self._reload()

    async def _drop_subscriptions(self, connection: Connection) -> str:
        provider = connection.able(SupportsWebhookSubscription)
        if provider is None:
            return ""
        try:
            # Else nobody knows which registrations at the vendor are ours.
            await self._connections.hook_token(connection.account_id)
            # Not only those on the present address: it may have been another, and
            # there is none while the listener does not run.
            listed = await provider.list_subscriptions()
            urls = {each.callback_url for each in listed}
            ours = {url for url in urls if is_callback_url(url, connection)}
            for url in sorted(ours | {self._callback_url(connection)}):
                if url:
                    await provider.drop_subscriptions(url)
        except ScreenpopError as error:
            _log.warning(
                "subscriptions of %s were left: %s", connection.account_id, error.title
            )
            return tr(
                "The phone system's webhook registrations could not be removed: "
                "{title}. Remove them in the phone system.",
                title=error.title,
            )
        return ""

    async def _forget_secrets(
        self, account_id: str, manifest: ProviderManifest | None
    ) -> None:
        await self._connections.handed.forget(account_id)
        names = manifest.secret_names() if manifest else ()
        for name in (*names, HOOK_TOKEN):
            try:
                await self._secrets.delete(account_id, name)
            except SecretMissing:
                continue
