"""This computer's place in a team: what the relay granted, and the key to it.

The key is in the keychain. What the relay granted is in a file beside the database: it
is worth nothing without the key, and too long for the keychain of Windows.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.config.atomic_file import replace_file
from screenpop.domain.errors import (
    ConfigurationError,
    PayloadError,
    SecretMissing,
)
from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.relay.devices import VERSION, read_record
from screenpop.relay.grant import DeviceGrant
from screenpop.relay.identity.nkey import KeyKind, KeyPair
from screenpop.wording import tr

if TYPE_CHECKING:
    from screenpop.config.secrets import SecretStore

_log = logging.getLogger(__name__)

KEYCHAIN_NAME: Final = "_team"
"""No account can be called so: their ids begin with a letter or digit."""
SEED: Final = "device_seed"
TEAM_KEY: Final = "team_key"
_LARGEST: Final = 256 * 1024


@frozen(kw_only=True)
class Membership:
    """What is kept of having joined.

    Attributes:
        relay_url: Where the relay is, without a trailing slash.
        grant: What it gave, secrets left out.
        added: The accounts that are there for the team alone.
    """

    relay_url: str
    grant: DeviceGrant
    added: tuple[str, ...] = ()


class MembershipFile:
    """The file; all of it blocks."""

    def __init__(self, path: Path) -> None:
        """Read nothing yet."""
        self._path = path

    def load(self) -> Membership | None:
        """The membership; None when this computer is in no team.

        Raises:
            ConfigurationError: There is one, and it cannot be read.
        """
        try:
            with self._path.open("rb") as stream:
                fields = read_record(stream.read(_LARGEST))
            grant = DeviceGrant.from_json(json.dumps(fields["grant"]).encode())
            return Membership(
                relay_url=str(fields["relay"]),
                grant=grant,
                added=tuple(map(str, fields["added"])),
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, LookupError, TypeError, PayloadError) as error:
            _log.warning("the membership cannot be read: %s", type(error).__name__)
            raise ConfigurationError(
                tr("What the team's relay granted this computer cannot be read"),
                tr("Leave the team and join again with a new code."),
            ) from error

    def save(self, membership: Membership) -> None:
        """Keep it in place of the one before.

        Raises:
            ConfigurationError: It cannot be written.
        """
        grant = replace(membership.grant, team_key=Secret(""), handed=())
        fields: Mapping[str, object] = {
            "version": VERSION,
            "relay": membership.relay_url,
            "added": list(membership.added),
            "grant": json.loads(grant.to_json()),
        }
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            replace_file(self._path, json.dumps(fields, ensure_ascii=False).encode())
        except OSError as error:
            raise _not_written(self._path, error) from error

    def remove(self) -> None:
        """Forget it; one that is not there is fine.

        Raises:
            ConfigurationError: It cannot be removed.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise _not_written(self._path, error) from error


class DeviceKey:
    """The key of this computer, in the keychain."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    async def get(self) -> KeyPair:
        """The key.

        Raises:
            SecretMissing: There is none.
            SecretError: The keychain does not give it.
            ConfigurationError: What is there is no key.
        """
        seed = await self._secrets.get(KEYCHAIN_NAME, SEED)
        return KeyPair.from_seed(seed, KeyKind.USER)

    async def get_or_make(self) -> KeyPair:
        """The key of an attempt before, or a fresh one that is kept first.

        With the same key a code whose answer got lost works again.

        Raises:
            SecretError: The keychain does not take it.
        """
        try:
            return await self.get()
        except (SecretMissing, ConfigurationError):
            key = KeyPair.generate(KeyKind.USER)
            await self._secrets.set(KEYCHAIN_NAME, SEED, key.seed())
            return key

    async def keep_team_key(self, key: Secret) -> None:
        """Keep what keyed hashes are made with.

        Raises:
            SecretError: The keychain does not take it.
        """
        await self._secrets.set(KEYCHAIN_NAME, TEAM_KEY, key)

    async def team_key(self) -> Secret:
        """What keyed hashes are made with.

        Raises:
            SecretError: The keychain does not give it.
        """
        return await self._secrets.get(KEYCHAIN_NAME, TEAM_KEY)

    async def forget(self) -> None:
        """Delete both.

        Raises:
            SecretError: The keychain does not let go of them.
        """
        for name in (SEED, TEAM_KEY):
            try:
                await self._secrets.delete(KEYCHAIN_NAME, name)
            except SecretMissing:
                continue


def _not_written(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        tr(
            "{file} was not changed: {reason}",
            file=path.name,
            reason=error.strerror or "",
        ),
        tr("See that the disk has room and the folder can be written."),
    )
