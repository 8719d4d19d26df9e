"""Key pairs (Ed25519) in the broker's own writing: "UABC…" public, "SUABC…" secret.

That writing is base32 of a prefix that says whose key it is, 32 bytes of key, and a
CRC-16 (docs.nats.io, "NKeys"). The only module that knows the library for signatures.
"""

from __future__ import annotations

import base64
import binascii
import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ConfigurationError
from screenpop.domain.privacy import Secret

if TYPE_CHECKING:
    from nacl.signing import SigningKey

_PUBLIC: Final = re.compile(r"[OAU][A-Z2-7]{55}")
_SEED: Final = re.compile(r"S[OAU][A-Z2-7]{56}")
# The prefixes are chosen so that base32 begins with the letter they are known by.
_SEED_PREFIX: Final = 18 << 3


class KeyKind(StrEnum):
    """Whose key it is; the letter that its public form begins with."""

    OPERATOR = "O"
    ACCOUNT = "A"
    USER = "U"

    @property
    def prefix(self) -> int:
        """The first byte of such a public key."""
        return {"O": 14 << 3, "A": 0, "U": 20 << 3}[self.value]


class KeyPair:
    """A key pair; its secret half is shown to nobody by accident."""

    __slots__ = ("_key", "kind", "public")

    def __init__(self, raw_seed: bytes, kind: KeyKind) -> None:
        from nacl.signing import SigningKey

        self._key: SigningKey = SigningKey(raw_seed)
        self.kind = kind
        self.public = _written(bytes((kind.prefix,)) + bytes(self._key.verify_key))

    @classmethod
    def generate(cls, kind: KeyKind) -> KeyPair:
        """A fresh pair."""
        import secrets

        return cls(secrets.token_bytes(32), kind)

    @classmethod
    def from_seed(cls, seed: Secret, kind: KeyKind) -> KeyPair:
        """The pair of a seed.

        Raises:
            ConfigurationError: It is no seed, or one of another kind.
        """
        text = seed.reveal().strip()
        raw = _read(text) if _SEED.fullmatch(text) else None
        if raw is None or raw[:2] != _seed_head(kind):
            raise ConfigurationError(
                f"This is no secret key of the kind “{kind.name.lower()}”",
                f"It has 58 letters and digits and begins with S{kind.value}.",
            )
        return cls(raw[2:], kind)

    def seed(self) -> Secret:
        """The secret half, as it is stored."""
        return Secret(_written(_seed_head(self.kind) + bytes(self._key)))

    def sign(self, message: bytes) -> bytes:
        """The signature of ``message``, 64 bytes."""
        return self._key.sign(message).signature

    def open_sealed(self, sealed: bytes) -> bytes | None:
        """What ``sealed_for`` this key alone; None when it was for another one."""
        from nacl.exceptions import CryptoError
        from nacl.public import SealedBox

        try:
            return SealedBox(self._key.to_curve25519_private_key()).decrypt(sealed)
        except CryptoError:
            return None


def is_public(text: str, kind: KeyKind) -> bool:
    """Whether ``text`` is the public half of a key of that kind, checksum and all."""
    if not _PUBLIC.fullmatch(text) or text[0] != kind.value:
        return False
    return _read(text) is not None


def is_signed_by(public: str, message: bytes, signature: bytes) -> bool:
    """Whether ``signature`` is that of ``message`` by the key ``public``."""
    from nacl.exceptions import BadSignatureError, CryptoError
    from nacl.signing import VerifyKey

    raw = _read(public) if _PUBLIC.fullmatch(public) else None
    if raw is None:
        return False
    try:
        VerifyKey(raw[1:]).verify(message, signature)
    except (BadSignatureError, CryptoError, ValueError):
        return False
    return True


def sealed_for(public: str, message: bytes) -> bytes:
    """``message``, to be opened with the secret half of ``public`` alone.

    Libsodium's sealed box, with the key for signatures turned into one for boxes.

    Raises:
        ValueError: It is no public key.
    """
    from nacl.public import SealedBox
    from nacl.signing import VerifyKey

    raw = _read(public) if _PUBLIC.fullmatch(public) else None
    if raw is None:
        raise ValueError("not a public key")
    try:
        key = VerifyKey(raw[1:]).to_curve25519_public_key()
    except RuntimeError:
        raise ValueError("not a public key") from None
    return bytes(SealedBox(key).encrypt(message))


def _seed_head(kind: KeyKind) -> bytes:
    return bytes((_SEED_PREFIX | kind.prefix >> 5, (kind.prefix & 31) << 3))


def _written(raw: bytes) -> str:
    whole = raw + binascii.crc_hqx(raw, 0).to_bytes(2, "little")
    return base64.b32encode(whole).decode().rstrip("=")


def _read(text: str) -> bytes | None:
    """The bytes without their checksum; None when that does not fit."""
    whole = base64.b32decode(text + "=" * (-len(text) % 8))
    raw, checksum = whole[:-2], whole[-2:]
    if binascii.crc_hqx(raw, 0).to_bytes(2, "little") != checksum:
        return None
    return raw
