"""Whether a manifest was signed with a key that this build trusts."""

from __future__ import annotations

import base64
import hashlib
from typing import TYPE_CHECKING

from screenpop.domain.errors import UpdateError, UpdateRefused
from screenpop.domain.update_manifest import (
    Manifest,
    Signature,
    read_manifest,
    signed_bytes,
    split,
)
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Iterable


def key_id(key: bytes) -> str:
    """The short name of a public key."""
    return hashlib.sha256(key).hexdigest()[:16]


def trusted(file: bytes, keys: Iterable[bytes]) -> Manifest:
    """The manifest in a file, if one of the keys signed it.

    Nothing of it is read before its signature was found good.

    Raises:
        UpdateRefused: Nobody trusted signed it, or it cannot be read.
        UpdateError: This build lacks what checks signatures.
    """
    table, signatures = split(file)
    text = signed_bytes(table)
    known = {key_id(key): key for key in keys}
    if not any(
        _is_good(known[each.key_id], text, each)
        for each in signatures
        if each.key_id in known
    ):
        raise UpdateRefused(tr("The news of updates is not signed by a trusted key"))
    return read_manifest(table)


def _is_good(key: bytes, text: bytes, signature: Signature) -> bool:
    try:
        from nacl.exceptions import BadSignatureError
        from nacl.signing import VerifyKey
    except ImportError:
        raise UpdateError(
            tr("This build cannot check signatures"),
            tr("Install screenpop again."),
        ) from None
    try:
        VerifyKey(key).verify(text, base64.b64decode(signature.value))
    except BadSignatureError:
        return False
    return True
