"""Secrets longer than a keychain entry holds, kept in several of them.

The tokens of some services are longer than an entry of the Windows keychain. A long
secret lies in numbered parts beside its entry, which says where they are. There are two
places for parts, used in turn, and the entry is written last: whoever is killed on the
way leaves the old secret whole.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import SecretMissing
from screenpop.domain.privacy import Secret

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore


# A keychain entry holds 1,200 characters at most.
_LONGEST_PART: Final = 1_100
_MOST_PARTS: Final = 40
_WHERE: Final = re.compile(r"screenpop-parts:([ab]):(\d{1,2})")


class LongSecrets:
    """Keeps secrets of any length by owner and name, like a ``SecretStore``."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    async def get(self, owner_id: str, name: str) -> Secret:
        """The secret.

        Raises:
            SecretMissing: It was never stored, or a part of it is gone.
            SecretError: The keychain does not give it.
        """
        entry = await self._secrets.get(owner_id, name)
        names = _parts_of(name, entry)
        if not names:
            return entry
        parts = [await self._secrets.get(owner_id, part) for part in names]
        return Secret("".join(part.reveal() for part in parts))

    async def set(self, owner_id: str, name: str, secret: Secret) -> None:
        """Store or overwrite the secret.

        Raises:
            SecretError: The keychain does not take it, or it is empty.
        """
        before = await self._parts_now(owner_id, name)
        value = secret.reveal()
        if len(value) <= _LONGEST_PART and not _WHERE.fullmatch(value):
            await self._secrets.set(owner_id, name, secret)
        else:
            place = "b" if before and before[0] == _part(name, "a", 0) else "a"
            await self._set_parts(owner_id, name, place, value)
        for part in before:
            await self._secrets.delete(owner_id, part)

    async def delete(self, owner_id: str, name: str) -> None:
        """Remove the secret and all its parts; one that is not there is fine.

        Raises:
            SecretError: The keychain does not let go of it.
        """
        parts = await self._parts_now(owner_id, name)
        if parts:
            # The other place may hold what somebody who was killed wrote there.
            for place in "ab":
                await self._delete_parts(owner_id, name, place)
        await self._secrets.delete(owner_id, name)

    async def _set_parts(
        self, owner_id: str, name: str, place: str, value: str
    ) -> None:
        steps = range(0, len(value), _LONGEST_PART)
        for number, start in enumerate(steps):
            part = Secret(value[start : start + _LONGEST_PART])
            await self._secrets.set(owner_id, _part(name, place, number), part)
        where = Secret(f"screenpop-parts:{place}:{len(steps)}")
        await self._secrets.set(owner_id, name, where)

    async def _delete_parts(self, owner_id: str, name: str, place: str) -> None:
        for number in range(_MOST_PARTS):
            part = _part(name, place, number)
            try:
                await self._secrets.get(owner_id, part)
            except SecretMissing:
                return
            await self._secrets.delete(owner_id, part)

    async def _parts_now(self, owner_id: str, name: str) -> tuple[str, ...]:
        try:
            return _parts_of(name, await self._secrets.get(owner_id, name))
        except SecretMissing:
            return ()


def _parts_of(name: str, entry: Secret) -> tuple[str, ...]:
    """The names of the parts that an entry points to; none for a short secret."""
    found = _WHERE.fullmatch(entry.reveal())
    if found is None:
        return ()
    return tuple(_part(name, found[1], number) for number in range(int(found[2])))


def _part(name: str, place: str, number: int) -> str:
    return f"{name}_{place}{number + 1}"
