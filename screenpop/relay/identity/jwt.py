"""Signed statements ("claims") as the broker reads them: NATS JWT, version 2.

Three parts in URL-safe base64: a fixed header, the claims as JSON, an Ed25519 signature
by the key that issues them (github.com/nats-io/jwt, v2).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import PayloadError
from screenpop.domain.frozen import frozen
from screenpop.relay.identity.nkey import is_signed_by

if TYPE_CHECKING:
    from screenpop.relay.identity.nkey import KeyPair

_HEADER: Final = {"typ": "JWT", "alg": "ed25519-nkey"}
_LARGEST: Final = 1024 * 1024


@frozen(kw_only=True)
class Claims:
    """What a statement says.

    Attributes:
        subject: The public key it is about.
        issuer: The public key that signed it.
        name: For people.
        issued_at: Aware, UTC, whole seconds.
        expires_at: None for never.
        nats: The part that the broker acts on.
    """

    subject: str
    issuer: str
    name: str
    issued_at: datetime
    expires_at: datetime | None
    nats: Mapping[str, Any]


def signed(
    nats: Mapping[str, Any],
    *,
    subject: str,
    name: str,
    signer: KeyPair,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """A statement about ``subject``, signed.

    Args:
        nats: What the broker shall act on; "type" among it.
        subject: The public key it is about.
        name: For people.
        signer: Who says so.
        now: When.
        expires_at: Until when; None for ever.
    """
    claims: dict[str, Any] = {
        "iat": int(now.timestamp()),
        "iss": signer.public,
        "name": name,
        "sub": subject,
        "nats": {**nats, "version": 2},
    }
    if expires_at is not None:
        claims["exp"] = int(expires_at.timestamp())
    digest = hashlib.sha256(_json(claims)).digest()
    claims["jti"] = base64.b32encode(digest).decode().rstrip("=")
    text = f"{_encoded(_json(_HEADER))}.{_encoded(_json(claims))}"
    return f"{text}.{_encoded(signer.sign(text.encode()))}"


def read(token: str) -> Claims:
    """What a statement says, if it is signed by who it says it is.

    Whether that one may say so is the caller's to judge.

    Raises:
        PayloadError: It is none, or its signature is wrong.
    """
    parts = token.strip().split(".")
    if len(parts) != 3 or len(token) > _LARGEST:
        raise PayloadError("This is no statement of the broker's kind")
    try:
        header = json.loads(_decoded(parts[0]))
        claims = json.loads(_decoded(parts[1]))
        signature = _decoded(parts[2])
        found = Claims(
            subject=_text(claims["sub"]),
            issuer=_text(claims["iss"]),
            name=_text(claims.get("name", "")),
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC)
            if claims.get("exp")
            else None,
            nats=dict(claims["nats"]),
        )
    except (
        ArithmeticError,
        LookupError,
        OSError,
        RecursionError,
        TypeError,
        ValueError,
        binascii.Error,
        AttributeError,
    ) as error:
        raise PayloadError("This is no statement of the broker's kind") from error
    said = f"{parts[0]}.{parts[1]}".encode()
    if header != _HEADER or not is_signed_by(found.issuer, said, signature):
        raise PayloadError("The statement's signature is wrong")
    return found


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(
        text + "=" * (-len(text) % 4), altchars=b"-_", validate=True
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value
