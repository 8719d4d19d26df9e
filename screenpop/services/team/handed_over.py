"""What a vendor handed to the relay, kept in this computer's keychain."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from screenpop.domain.errors import SecretError, SecretMissing

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore
    from screenpop.domain.privacy import Secret
    from screenpop.relay.grant import DeviceGrant
    from screenpop.relay.identity.nkey import KeyPair

_log = logging.getLogger(__name__)


class HandedOver:
    """Opens what the relay sealed for this computer, and keeps it by account."""

    def __init__(
        self,
        secrets: SecretStore,
        keep: Callable[[str, str, Secret], Awaitable[None]],
        is_relayed: Callable[[str], bool],
    ) -> None:
        """Keep nothing yet.

        Args:
            secrets: The keychain.
            keep: Keeps a secret so that it goes with its account.
            is_relayed: Whether an account is one whose calls come by the relay.
        """
        self._secrets = secrets
        self._keep = keep
        self._is_relayed = is_relayed

    async def take(self, grant: DeviceGrant, key: KeyPair) -> None:
        """Keep what is new; a keychain that takes none is tried at the next renewal."""
        for each in grant.handed:
            if not self._is_relayed(each.account_id):
                continue
            secret = each.open(key)
            if secret is None:
                _log.warning("a secret of the relay is not for this computer")
                continue
            try:
                if await self._known(each.account_id, each.name) != secret:
                    await self._keep(each.account_id, each.name, secret)
                    _log.info("account %s: the relay handed over", each.account_id)
            except SecretError as error:
                _log.info("what was handed over is not kept: %s", error.title)

    async def _known(self, account_id: str, name: str) -> Secret | None:
        try:
            return await self._secrets.get(account_id, name)
        except SecretMissing:
            return None
