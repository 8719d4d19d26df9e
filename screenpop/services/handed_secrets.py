"""Secrets that a vendor handed us, known by name so that they go with their account.

A keychain cannot be asked what it holds. So before such a secret is stored, its name
goes into an index beside it, in the keychain as well: the names tell who works there.
"""

from __future__ import annotations

import asyncio
import json
import logging
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore

_log = logging.getLogger(__name__)

INDEX: Final = "handed_names"
# A keychain entry holds 1,200 characters at most.
_LONGEST_PART: Final = 1_000


class HandedSecrets:
    """Keeps secrets for adapters and remembers their names by account."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets
        self._known: dict[str, list[str]] = {}
        self._writing = asyncio.Lock()

    async def keep(self, account_id: str, name: str, secret: Secret) -> None:
        """Store a secret; its name first, so that a kill leaves none unknown.

        Raises:
            SecretError: The keychain does not take it.
        """
        async with self._writing:
            if name not in self._known.get(account_id, ()):
                # Read anew: another program of ours may have stored some.
                names = [*await self.names(account_id)]
                if name not in names:
                    names.append(name)
                    await self._write(account_id, names)
                self._known[account_id] = names
        await self._secrets.set(account_id, name, secret)

    async def names(self, account_id: str) -> tuple[str, ...]:
        """What was stored for an account, oldest first.

        Raises:
            SecretError: The keychain does not say.
        """
        found: list[str] = []
        for part in await self._parts(account_id):
            found += part
        return tuple(dict.fromkeys(found))

    async def forget(self, account_id: str) -> None:
        """Delete all of them, the index last: what is left can be tried again.

        Raises:
            SecretError: The keychain does not let go of one.
        """
        parts = await self._parts(account_id)
        for name in (name for part in parts for name in part):
            await self._secrets.delete(account_id, name)
        for number in reversed(range(len(parts))):
            await self._secrets.delete(account_id, _part_name(number))
        self._known.pop(account_id, None)

    async def _parts(self, account_id: str) -> list[list[str]]:
        parts: list[list[str]] = []
        while True:
            try:
                kept = await self._secrets.get(account_id, _part_name(len(parts)))
            except SecretMissing:
                return parts
            parts.append(_read(kept))

    async def _write(self, account_id: str, names: list[str]) -> None:
        """Write the index in as many entries as it needs; it only ever grows."""
        part: list[str] = []
        number = 0
        for name in names:
            if part and len(json.dumps([*part, name])) > _LONGEST_PART:
                await self._write_part(account_id, number, part)
                part, number = [], number + 1
            part.append(name)
        await self._write_part(account_id, number, part)

    async def _write_part(self, account_id: str, number: int, part: list[str]) -> None:
        text = json.dumps(part, separators=(",", ":"))
        await self._secrets.set(account_id, _part_name(number), Secret(text))


def _part_name(number: int) -> str:
    return INDEX if not number else f"{INDEX}_{number + 1}"


def _read(kept: Secret) -> list[str]:
    try:
        value = json.loads(kept.reveal())
    except ValueError:
        value = None
    if not isinstance(value, list):
        _log.info("the index of handed secrets cannot be read")
        return []
    return [name for name in value if isinstance(name, str)]
