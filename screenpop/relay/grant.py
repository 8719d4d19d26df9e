"""What a relay gives a computer that joins, and what it asks for before.

Both travel as JSON in the bodies of ``POST /enrol`` and ``POST /enrol/renew``; with the
same request, to ``POST /enrol/leave``, a computer says that it goes. Readers are
strict; a member that is not known is left alone, so that a newer relay may say more.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, cast

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.domain.privacy import Secret
from screenpop.relay.devices import (
    LONGEST_NAME,
    VERSION,
    is_device_id,
    moment_of,
    read_record,
)
from screenpop.relay.handed import HandedSecret, handed_from
from screenpop.relay.identity.nkey import KeyKind, is_public, is_signed_by

if TYPE_CHECKING:
    from screenpop.relay.identity.nkey import KeyPair

_PROOF: Final = b"screenpop enrolment 1\n"
_BROKER_SCHEMES: Final = ("wss://", "ws://", "tls://", "nats://")
_LONGEST_TEXT: Final = 2000


@frozen(kw_only=True)
class JoinRequest:
    """A computer asks to join, or to have its statement renewed, or says that it goes.

    Attributes:
        proof_of: What is shown: the code's token, or the device's id.
        public_key: Of the key that was made on that computer.
        host: What it calls itself.
        is_renewal: ``proof_of`` is a device's id.
        is_farewell: So it is, and the device leaves the team.
    """

    proof_of: str
    public_key: str
    host: str
    is_renewal: bool
    is_farewell: bool = False

    def to_json(self, key: KeyPair) -> bytes:
        """The request, signed with the key, which need not be shown for that."""
        fields = {
            "version": VERSION,
            _proof_name(is_known=self.is_renewal or self.is_farewell): self.proof_of,
            "public_key": self.public_key,
            "host": self.host,
            "signature": base64.b64encode(key.sign(self._signed())).decode(),
        }
        return json.dumps(fields).encode()

    @classmethod
    def from_json(
        cls, raw: bytes, *, is_renewal: bool, is_farewell: bool = False
    ) -> JoinRequest:
        """The request in a body, if whoever sent it has the key.

        Raises:
            PayloadError: It is none, or not signed with that key.
        """
        fields = read_record(raw)
        try:
            request = cls(
                proof_of=_text(fields, _proof_name(is_known=is_renewal or is_farewell)),
                public_key=_text(fields, "public_key"),
                host=_printable(_text(fields, "host"))[:LONGEST_NAME],
                is_renewal=is_renewal,
                is_farewell=is_farewell,
            )
            signature = base64.b64decode(_text(fields, "signature"), validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error):
            raise PayloadError("This is no request to join") from None
        key = request.public_key
        if not is_public(key, KeyKind.USER) or not is_signed_by(
            key, request._signed(), signature
        ):
            raise PayloadError("The request to join is not signed by its key")
        return request

    def _signed(self) -> bytes:
        kind = "renew" if self.is_renewal else "join"
        if self.is_farewell:
            kind = "leave"
        text = f"{kind}\n{self.proof_of}\n{self.public_key}\n"
        return _PROOF + text.encode("utf-8", "surrogatepass")


@frozen(kw_only=True)
class GrantedAccount:
    """An account whose calls come by the relay.

    Attributes:
        extension: Whose calls come; "" for everyone's.
        options: Further settings of the account that are no secrets.
    """

    account_id: str
    vendor: str
    label: str = ""
    region: str = ""
    extension: str = ""
    options: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@frozen(kw_only=True)
class DeviceGrant:
    """Everything a computer needs to hear of its calls.

    Attributes:
        team: What the team is called.
        agent: Whose computer the administrator made the code for.
        statement: Who may do what, signed; worth nothing without the computer's key.
        expires_at: When it ends, by the relay's clock.
        told_at: When the relay wrote this, by its clock.
        servers: The broker's addresses, best first.
        team_key: For the keyed hashes of numbers.
        accounts: At least one.
        handed: What vendors handed over and this computer needs.
    """

    device_id: str
    team: str
    agent: str
    statement: str
    expires_at: datetime
    told_at: datetime
    servers: tuple[str, ...]
    team_key: Secret
    accounts: tuple[GrantedAccount, ...]
    handed: tuple[HandedSecret, ...] = ()

    def to_json(self) -> bytes:
        """The grant as a body."""
        fields = {
            "version": VERSION,
            "device": self.device_id,
            "team": self.team,
            "agent": self.agent,
            "statement": self.statement,
            "expires_at": self.expires_at.isoformat(),
            "told_at": self.told_at.isoformat(),
            "servers": list(self.servers),
            "team_key": self.team_key.reveal(),
            "accounts": [
                {
                    "id": each.account_id,
                    "vendor": each.vendor,
                    "label": each.label,
                    "region": each.region,
                    "extension": each.extension,
                    "options": dict(each.options),
                }
                for each in self.accounts
            ],
            "handed": [dict(each.to_record()) for each in self.handed],
        }
        return json.dumps(fields, ensure_ascii=False).encode()

    @classmethod
    def from_json(cls, raw: bytes) -> DeviceGrant:
        """The grant in a body.

        Raises:
            PayloadError: It is none.
        """
        fields = read_record(raw)
        try:
            grant = cls(
                device_id=_text(fields, "device"),
                team=_printable(_text(fields, "team")),
                agent=_printable(_text(fields, "agent")),
                statement=_text(fields, "statement", 16_000),
                expires_at=moment_of(fields["expires_at"]),
                told_at=moment_of(fields["told_at"]),
                servers=_texts(fields["servers"]),
                team_key=Secret(_text(fields, "team_key")),
                accounts=tuple(map(_account, _list(fields["accounts"]))),
                handed=handed_from(fields.get("handed", [])),
            )
        except (LookupError, TypeError, ValueError) as error:
            raise PayloadError("The relay's answer cannot be read") from error
        has_servers = bool(grant.servers) and all(
            each.startswith(_BROKER_SCHEMES) for each in grant.servers
        )
        if not has_servers or not grant.accounts or not is_device_id(grant.device_id):
            raise PayloadError("The relay's answer cannot be read")
        return grant


def _proof_name(*, is_known: bool) -> str:
    return "device" if is_known else "code"


def _account(value: object) -> GrantedAccount:
    if not isinstance(value, dict):
        raise TypeError("account")
    options = value["options"]
    if not isinstance(options, dict):
        raise TypeError("options")
    return GrantedAccount(
        account_id=_text(value, "id"),
        vendor=_text(value, "vendor"),
        label=_printable(_text(value, "label")),
        region=_text(value, "region"),
        extension=_text(value, "extension"),
        options=MappingProxyType({key: _text(options, key) for key in options}),
    )


def _text(fields: Mapping[str, Any], key: str, longest: int = _LONGEST_TEXT) -> str:
    value = fields[key]
    if not isinstance(value, str) or len(value) > longest:
        raise TypeError(key)
    return value


def _printable(text: str) -> str:
    return "".join(letter for letter in text if letter.isprintable())


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("list")
    return cast("list[object]", value)


def _texts(value: object) -> tuple[str, ...]:
    texts = _list(value)
    if not all(isinstance(each, str) for each in texts):
        raise TypeError("texts")
    return tuple(cast("list[str]", texts))
