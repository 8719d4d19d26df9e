"""Secrets at the relay: given by the environment, or handed over by vendors.

What a vendor hands over is kept at the broker, sealed: every instance needs it, and
whoever reads the broker's disk gets nothing. While the broker is away it waits in the
spool, sealed as well.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from screenpop.config.secrets import MemorySecretStore, environment_name
from screenpop.domain.errors import (
    ConfigurationError,
    RelayError,
    ScreenpopError,
    SecretError,
    SecretMissing,
)
from screenpop.domain.privacy import Secret
from screenpop.providers import registry
from screenpop.relay.names import Bucket
from screenpop.relay.spool import SpooledMessage
from screenpop.services.connections import HOOK_TOKEN
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.relay_settings import RelaySettings
    from screenpop.relay.broker import Broker, Entry, Watching

Keep = Callable[[SpooledMessage], Awaitable[object]]


class Seal:
    """Locks small things with one key (XSalsa20-Poly1305, by libsodium)."""

    def __init__(self, key: bytes) -> None:
        """Be ready.

        Args:
            key: 32 random bytes.
        """
        from nacl.secret import SecretBox

        self._key = key
        self._box = SecretBox(key)

    def hook_token(self, account_id: str) -> Secret:
        """The secret of an account's callback address, where none was given.

        Every instance and every command comes to the same one without a word to
        anybody, and whoever reads it learns nothing of the key.
        """
        purpose = f"{HOOK_TOKEN}.{account_id}".encode()
        digest = hmac.digest(self._key, purpose, hashlib.sha256)
        return Secret(base64.urlsafe_b64encode(digest).decode().rstrip("="))

    def close(self, what_for: str, secret: Secret) -> bytes:
        """The secret, sealed; it opens for the same purpose only."""
        text = json.dumps([what_for, secret.reveal()])
        return bytes(self._box.encrypt(text.encode()))

    def open(self, what_for: str, sealed: bytes) -> Secret | None:
        """The secret; None when it is not of this key or for another purpose."""
        from nacl.exceptions import CryptoError

        try:
            found = json.loads(self._box.decrypt(sealed))
        except (CryptoError, ValueError):
            return None
        match found:
            case [str(purpose), str(text)] if purpose == what_for:
                return Secret(text)
        return None


def given_secret(
    given: Mapping[str, str], seal: Seal | None, account_id: str, name: str
) -> Secret | None:
    """A secret that needs no broker; None where it was not given.

    Args:
        given: The environment's variables.
        seal: What the secrets of callback addresses come from that were not given.
        account_id: Whose.
        name: Which.
    """
    value = given.get(environment_name(account_id, name), "").strip()
    if value:
        return Secret(value)
    if name == HOOK_TOKEN and seal is not None:
        return seal.hook_token(account_id)
    return None


def given_store(settings: RelaySettings, given: Mapping[str, str]) -> MemorySecretStore:
    """The keys of phone systems, for a command that asks one something."""
    store = MemorySecretStore()
    for account in settings.accounts:
        try:
            names = registry.manifest(account.vendor).secret_names()
        except ConfigurationError:
            # Whoever asks such an account is told.
            continue
        for name in names:
            secret = given_secret(given, None, account.id, name)
            if secret is not None:
                store.put(account.id, name, secret)
    return store


class RelaySecrets:
    """A ``SecretStore`` for the relay.

    Attributes:
        handed_over: Told of the account and the name of each secret that is new here.
    """

    def __init__(
        self, given: Mapping[str, str], broker: Broker, seal: Seal | None, keep: Keep
    ) -> None:
        """Nothing is read yet.

        Args:
            given: The environment's variables.
            broker: Where handed secrets are.
            seal: Locks them; None where nothing can be kept.
            keep: Has a message stored at the broker, by way of the spool if need be.
        """
        self._given = given
        self._bucket = broker.bucket(Bucket.HANDED.value)
        self._seal = seal
        self._keep = keep
        self._own: dict[tuple[str, str], Secret | None] = {}
        self._seen: set[str] = set()
        self.handed_over: Callable[[str, str], Awaitable[None]] = _tell_nobody

    async def get(self, account_id: str, name: str) -> Secret:
        """The secret; see ``SecretStore``."""
        secret = given_secret(self._given, self._seal, account_id, name)
        if secret is None:
            secret = await self._handed(account_id, name)
        if secret is None:
            raise SecretMissing(
                tr("There is no {name} for {account}", name=name, account=account_id),
                tr(
                    "Put {variable} into secrets.env.",
                    variable=environment_name(account_id, name),
                ),
            )
        self._seen.add(secret.reveal())
        return secret

    async def handed(self, account_id: str, name: str) -> Secret:
        """A secret that a vendor handed over, never one of the environment.

        Raises:
            SecretMissing: None was.
            SecretError: It cannot be read.
        """
        secret = await self._handed(account_id, name)
        if secret is None:
            raise SecretMissing(
                tr("There is no {name} for {account}", name=name, account=account_id)
            )
        return secret

    async def _handed(self, account_id: str, name: str) -> Secret | None:
        if (account_id, name) in self._own:
            return self._own[account_id, name]
        if self._seal is None:
            return None
        try:
            entry = await self._bucket.get(_key(account_id, name))
        except RelayError as error:
            raise SecretError(error.title, error.advice) from None
        if entry is None or entry.value is None:
            return None
        return self._seal.open(_key(account_id, name), entry.value)

    async def set(self, account_id: str, name: str, secret: Secret) -> None:
        """Keep what a vendor handed over; see ``SecretStore``."""
        if self._seal is None:
            raise SecretError(tr("The relay has no key to seal secrets with"))
        key = _key(account_id, name)
        is_new = self._own.get((account_id, name)) != secret
        self._own[account_id, name] = secret
        self._seen.add(secret.reveal())
        sealed = self._seal.close(key, secret)
        message = SpooledMessage("", f"$KV.{Bucket.HANDED.value}.{key}", "", sealed)
        try:
            await self._keep(message)
        except ScreenpopError as error:
            raise SecretError(error.title, error.advice) from None
        if is_new:
            await self.handed_over(account_id, name)

    async def delete(self, account_id: str, name: str) -> None:
        """Remove a handed secret; see ``SecretStore``."""
        self._own[account_id, name] = None
        try:
            await self._bucket.delete(_key(account_id, name))
        except RelayError as error:
            raise SecretError(error.title, error.advice) from None

    def known_values(self) -> frozenset[str]:
        """Every secret seen so far."""
        return frozenset(self._seen)

    async def watch(self, changed: Callable[[str], Awaitable[None]]) -> Watching:
        """Tell of the account of each secret that another instance was handed."""

        async def heard(entry: Entry) -> None:
            account_id, _, rest = entry.key.partition(".")
            name = bytes.fromhex(rest).decode("utf-8", "replace") if rest else ""
            own = self._own.get((account_id, name))
            sealed, seal = entry.value, self._seal
            found = seal.open(entry.key, sealed) if seal and sealed else None
            if own is not None and own == found:
                return
            self._own.pop((account_id, name), None)
            await changed(account_id)

        return await self._bucket.watch(heard)


async def _tell_nobody(_account_id: str, _name: str) -> None:
    return


def _key(account_id: str, name: str) -> str:
    return f"{account_id}.{name.encode().hex()}"
