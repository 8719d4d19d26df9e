"""The statements that a team's broker is run by: operator, accounts, users.

There are three accounts. SYS is for changing what is stated while the broker runs. TEAM
holds the streams and the relays. Desktops live in DESKTOPS, which keeps nothing and is
given four services of TEAM: to fetch, to acknowledge, to ask, and to hear news.

Desktops are not in TEAM because whoever may ask the broker for anything also says on
which subject it shall answer, and no permission limits that one: an empty answer on
``$JS.API.STREAM.DELETE.INTAKE`` deletes a stream. In an account of their own such an
answer reaches nobody (tests/relay/test_desk_limits.py).

Users whose statement names no subjects may do nothing at all.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.relay.identity import jwt
from screenpop.relay.names import (
    DESKS_STREAM,
    TEAM_NEWS_SUBJECTS,
    TEAM_SUBJECTS,
    device_rights,
)

if TYPE_CHECKING:
    from screenpop.relay.identity.nkey import KeyPair

DEVICE_LIFE: Final = timedelta(days=7)
"""How long a device's statement holds; a desktop has it renewed long before."""

_REVOKED_AHEAD: Final = timedelta(hours=1)
"""A relay that was renewing a statement at that very moment, or whose clock is ahead,
must not bring a device back."""

MOST_SUBSCRIPTIONS: Final = 32
LARGEST_REQUEST: Final = 64 * 1024
_NO_LIMIT: Final = -1
_NOTHING: Final = {"pub": {"deny": [">"]}, "sub": {"deny": [">"]}}
_PLAIN_LIMITS: Final = dict.fromkeys(
    ("subs", "data", "payload", "imports", "exports"), _NO_LIMIT
)
_WHOLE_LIMITS: Final = {
    **_PLAIN_LIMITS,
    "wildcards": True,
    "conn": _NO_LIMIT,
    "leaf": _NO_LIMIT,
    "disallow_bearer": True,
}
_STORAGE_LIMITS: Final = dict.fromkeys(
    ("mem_storage", "disk_storage", "streams", "consumer"), _NO_LIMIT
)
# What TEAM offers and DESKTOPS takes, and whether it has one answer or many.
_SERVICES: Final = (
    ("fetch", f"$JS.API.CONSUMER.MSG.NEXT.{DESKS_STREAM}.*", "Stream"),
    ("acknowledge", f"$JS.ACK.{DESKS_STREAM}.>", "Singleton"),
    ("ask", TEAM_SUBJECTS, "Singleton"),
)
_NEWS: Final = ("news", TEAM_NEWS_SUBJECTS)
# What the relay never does, and nobody shall do in its name.
_RELAY_NEVER: Final = (
    "$JS.API.STREAM.DELETE.>",
    "$JS.API.STREAM.SNAPSHOT.>",
    "$JS.API.STREAM.RESTORE.>",
    "$JS.API.ACCOUNT.PURGE.>",
)


@frozen
class Signer:
    """A key that may sign users of an account.

    Attributes:
        account: The public key of the account.
    """

    key: KeyPair
    account: str

    def device(
        self,
        public_key: str,
        device_id: str,
        account_ids: tuple[str, ...],
        now: datetime,
        life: timedelta = DEVICE_LIFE,
    ) -> str:
        """A device's statement: its own copies, requests and inbox, nothing else."""
        rights = device_rights(device_id, account_ids)
        nats = {
            **self._user(),
            "pub": {"allow": list(rights.may_publish)},
            "sub": {"allow": list(rights.may_subscribe)},
            "subs": MOST_SUBSCRIPTIONS,
            "payload": LARGEST_REQUEST,
        }
        return jwt.signed(
            nats,
            subject=public_key,
            name=device_id,
            signer=self.key,
            now=now,
            expires_at=now + life,
        )

    def relay(self, public_key: str, now: datetime) -> str:
        """The statement of the relay's own programs."""
        nats = {
            **self._user(),
            "pub": {"allow": [">"], "deny": list(_RELAY_NEVER)},
            "sub": {"allow": [">"]},
        }
        return jwt.signed(
            nats, subject=public_key, name="relay", signer=self.key, now=now
        )

    def administrator(self, public_key: str, now: datetime) -> str:
        """The statement of who changes accounts while the broker runs; SYS only."""
        nats = {
            **self._user(),
            "pub": {
                "allow": [
                    "$SYS.REQ.CLAIMS.UPDATE",
                    "$SYS.REQ.ACCOUNT.*.CLAIMS.LOOKUP",
                ]
            },
            "sub": {"allow": ["_INBOX.>"]},
        }
        return jwt.signed(
            nats, subject=public_key, name="administrator", signer=self.key, now=now
        )

    def _user(self) -> dict[str, Any]:
        claims = {"type": "user", **_PLAIN_LIMITS}
        del claims["imports"], claims["exports"]
        if self.key.public != self.account:
            claims["issuer_account"] = self.account
        return claims


def operator_statement(operator: KeyPair, sys_account: str, now: datetime) -> str:
    """Who the broker believes."""
    return jwt.signed(
        {"type": "operator", "system_account": sys_account},
        subject=operator.public,
        name="screenpop",
        signer=operator,
        now=now,
    )


def sys_statement(operator: KeyPair, account: str, now: datetime) -> str:
    """The account by which the broker itself is looked after."""
    nats = {"type": "account", "limits": dict(_WHOLE_LIMITS)}
    return jwt.signed(nats, subject=account, name="SYS", signer=operator, now=now)


def team_statement(
    operator: KeyPair, account: str, signing_key: str, now: datetime
) -> str:
    """The account of the streams and the relays.

    Args:
        operator: Who states it.
        account: The account's public key.
        signing_key: Who else may sign its users.
        now: When.
    """
    name, subject = _NEWS
    exports: list[dict[str, Any]] = [
        {"name": name, "subject": subject, "type": "stream"},
        *(
            {"name": name, "subject": subject, "type": "service", "response_type": kind}
            for name, subject, kind in _SERVICES
        ),
    ]
    nats = {
        "type": "account",
        "limits": {**_WHOLE_LIMITS, **_STORAGE_LIMITS},
        "signing_keys": [signing_key],
        "default_permissions": _NOTHING,
        "exports": exports,
    }
    return jwt.signed(nats, subject=account, name="TEAM", signer=operator, now=now)


def desktops_statement(
    operator: KeyPair, account: str, signing_key: str, team: str, now: datetime
) -> str:
    """The account of the desktops.

    Args:
        operator: Who states it.
        account: The account's public key.
        signing_key: Who else may sign its users.
        team: The public key of the account that serves them.
        now: When.
    """
    imports = [
        {
            "name": name,
            "subject": subject,
            "local_subject": subject,
            "account": team,
            "type": kind,
        }
        for name, subject, kind in (
            (*_NEWS, "stream"),
            *((name, subject, "service") for name, subject, _ in _SERVICES),
        )
    ]
    nats = {
        "type": "account",
        "limits": dict(_WHOLE_LIMITS),
        "signing_keys": [signing_key],
        "default_permissions": _NOTHING,
        "imports": imports,
    }
    return jwt.signed(nats, subject=account, name="DESKTOPS", signer=operator, now=now)


def with_revoked(
    statement: str, operator: KeyPair, public_keys: tuple[str, ...], now: datetime
) -> str:
    """An account's statement that voids all statements about these users.

    Older revocations are kept for as long as anything they void could still hold.

    Raises:
        PayloadError: The statement is none of this operator's on an account.
    """
    claims = jwt.read(statement)
    if claims.issuer != operator.public or claims.nats.get("type") != "account":
        raise PayloadError("The broker's account was stated by somebody else")
    outlived = int((now - 2 * DEVICE_LIFE).timestamp())
    known = claims.nats.get("revocations") or {}
    revocations = {key: until for key, until in known.items() if until > outlived}
    until = int((now + _REVOKED_AHEAD).timestamp())
    revocations |= dict.fromkeys(public_keys, until)
    return jwt.signed(
        {**claims.nats, "revocations": revocations},
        subject=claims.subject,
        name=claims.name,
        signer=operator,
        # The broker keeps what is newer, and counts in seconds.
        now=max(now, claims.issued_at + timedelta(seconds=1)),
    )
