"""The keys of a team, made once, and the two files that they live in.

The relay's programs are given what they need every day: their own user, and the key
that signs desktops. What states accounts stays with the administrator's commands, so
that a break-in at the relay, the part that faces the internet, ends with new keys for
the relay and not with a new team.
"""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.relay.broker import BrokerCredentials
from screenpop.relay.identity.nkey import KeyKind, KeyPair, is_public
from screenpop.relay.identity.statements import (
    Signer,
    desktops_statement,
    operator_statement,
    sys_statement,
    team_statement,
)

if TYPE_CHECKING:
    from datetime import datetime

RELAY_SEED: Final = "SCREENPOP_RELAY_SEED"
RELAY_STATEMENT: Final = "SCREENPOP_RELAY_STATEMENT"
DESKTOPS_SIGNING_SEED: Final = "SCREENPOP_RELAY_DESKTOPS_SIGNING_SEED"
DESKTOPS_ACCOUNT: Final = "SCREENPOP_RELAY_DESKTOPS_ACCOUNT"
TEAM_KEY: Final = "SCREENPOP_RELAY_TEAM_KEY"
SEALING_KEY: Final = "SCREENPOP_RELAY_SEALING_KEY"
OPERATOR_SEED: Final = "SCREENPOP_RELAY_OPERATOR_SEED"
ADMIN_SEED: Final = "SCREENPOP_RELAY_ADMIN_SEED"
ADMIN_STATEMENT: Final = "SCREENPOP_RELAY_ADMIN_STATEMENT"
SYS_SEED: Final = "SCREENPOP_RELAY_SYS_SEED"
TEAM_SEED: Final = "SCREENPOP_RELAY_TEAM_SEED"
TEAM_SIGNING_SEED: Final = "SCREENPOP_RELAY_TEAM_SIGNING_SEED"
DESKTOPS_SEED: Final = "SCREENPOP_RELAY_DESKTOPS_SEED"
_KEY_BYTES: Final = 32


@frozen(kw_only=True)
class BrokerStatements:
    """What the broker's configuration says of a team.

    Attributes:
        operator: The operator's statement.
        sys_account: The public key of SYS.
        accounts: The statement of each account, by its public key.
    """

    operator: str
    sys_account: str
    accounts: Mapping[str, str]


@frozen(kw_only=True)
class TeamKeys:
    """All keys of a fresh team.

    Attributes:
        broker: What the broker is told.
        relay: For secrets.env: what the relay's programs are given.
        admin: For admin.env: what the administrator's commands need besides.
    """

    broker: BrokerStatements
    relay: Mapping[str, Secret]
    admin: Mapping[str, Secret]

    @classmethod
    def generate(cls, now: datetime) -> TeamKeys:
        """Keys for a new team."""
        operator = KeyPair.generate(KeyKind.OPERATOR)
        sys, team, team_signing, desktops, desktops_signing = (
            KeyPair.generate(KeyKind.ACCOUNT) for _ in range(5)
        )
        relay, admin = (KeyPair.generate(KeyKind.USER) for _ in range(2))
        accounts = {
            sys.public: sys_statement(operator, sys.public, now),
            team.public: team_statement(
                operator, team.public, team_signing.public, now
            ),
            desktops.public: desktops_statement(
                operator, desktops.public, desktops_signing.public, team.public, now
            ),
        }
        relay_statement = Signer(team_signing, team.public).relay(relay.public, now)
        admin_statement = Signer(sys, sys.public).administrator(admin.public, now)
        return cls(
            broker=BrokerStatements(
                operator=operator_statement(operator, sys.public, now),
                sys_account=sys.public,
                accounts=accounts,
            ),
            relay={
                RELAY_SEED: relay.seed(),
                RELAY_STATEMENT: Secret(relay_statement),
                DESKTOPS_ACCOUNT: Secret(desktops.public),
                DESKTOPS_SIGNING_SEED: desktops_signing.seed(),
                TEAM_KEY: _random(),
                SEALING_KEY: _random(),
            },
            admin={
                ADMIN_SEED: admin.seed(),
                ADMIN_STATEMENT: Secret(admin_statement),
                OPERATOR_SEED: operator.seed(),
                SYS_SEED: sys.seed(),
                TEAM_SEED: team.seed(),
                TEAM_SIGNING_SEED: team_signing.seed(),
                DESKTOPS_SEED: desktops.seed(),
            },
        )


class TeamSecrets:
    """The keys as read from the environment or the files that hold them."""

    def __init__(self, values: Mapping[str, str]) -> None:
        """Read them when asked.

        Args:
            values: By name; of the environment, or of the files.
        """
        self._values = values

    def relay_credentials(self) -> BrokerCredentials:
        """Who the relay's programs are at the broker.

        Raises:
            ConfigurationError: It is not said.
        """
        seed = KeyPair.from_seed(self._secret(RELAY_SEED), KeyKind.USER).seed()
        return BrokerCredentials(seed=seed, jwt=self._text(RELAY_STATEMENT))

    def admin_credentials(self) -> BrokerCredentials:
        """Who changes accounts at the broker; as ``relay_credentials``."""
        seed = KeyPair.from_seed(self._secret(ADMIN_SEED), KeyKind.USER).seed()
        return BrokerCredentials(seed=seed, jwt=self._text(ADMIN_STATEMENT))

    def desktop_signer(self) -> Signer:
        """What signs desktops; as ``relay_credentials``."""
        account = self._text(DESKTOPS_ACCOUNT)
        if not is_public(account, KeyKind.ACCOUNT):
            raise _wrong(DESKTOPS_ACCOUNT)
        seed = self._secret(DESKTOPS_SIGNING_SEED)
        return Signer(KeyPair.from_seed(seed, KeyKind.ACCOUNT), account)

    def operator(self) -> KeyPair:
        """What states accounts; as ``relay_credentials``."""
        return KeyPair.from_seed(self._secret(OPERATOR_SEED), KeyKind.OPERATOR)

    def team_key(self) -> Secret:
        """For the keyed hashes of numbers, as text; as ``relay_credentials``."""
        return self._checked(TEAM_KEY)

    def sealing_key(self) -> bytes:
        """For what is kept at the broker sealed, 32 bytes; as ``relay_credentials``."""
        return base64.urlsafe_b64decode(self._checked(SEALING_KEY).reveal())

    def _checked(self, name: str) -> Secret:
        secret = self._secret(name)
        try:
            size = len(base64.urlsafe_b64decode(secret.reveal()))
        except ValueError:
            size = 0
        if size != _KEY_BYTES:
            raise _wrong(name)
        return secret

    def _secret(self, name: str) -> Secret:
        return Secret(self._text(name))

    def _text(self, name: str) -> str:
        text = self._values.get(name, "").strip()
        if not text:
            raise ConfigurationError(
                f"{name} is not set",
                "It is in the secrets.env or admin.env that “screenpop relay init” "
                "wrote.",
            )
        return text


def env_text(head: str, values: Mapping[str, Secret]) -> str:
    """A file of variables, one a line, below some lines for people."""
    lines = [f"# {line}".rstrip() for line in head.splitlines()]
    lines += [f"{name}={value.reveal()}" for name, value in values.items()]
    return "\n".join(lines) + "\n"


def _random() -> Secret:
    raw = secrets.token_bytes(_KEY_BYTES)
    return Secret(base64.urlsafe_b64encode(raw).decode())


def _wrong(name: str) -> ConfigurationError:
    return ConfigurationError(
        f"{name} holds no key",
        "Take it from the file that “screenpop relay init” wrote.",
    )
