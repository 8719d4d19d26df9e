"""What a package writes beside the program: how it is installed, and whose updates.

Standard library only. Builders call ``write``; which keys a build trusts comes from the
environment of the release and never from the checkout: without it there are none, and
the program says that it has no update key.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
from collections.abc import Iterable
from pathlib import Path

MARKER = "installation.json"
KEYS = "update-keys.json"
KEYS_VARIABLE = "SCREENPOP_UPDATE_PUBLIC_KEYS"
"""One or two Ed25519 public keys in Base64, with a comma between them."""
URL_VARIABLE = "SCREENPOP_UPDATE_URL"
"""Where the manifest is; ``{channel}`` stands for the channel."""
MOST_KEYS = 2
KINDS = ("tarball", "setup-user", "setup-machine", "dmg", "deb", "msi", "managed")
_KEY_BYTES = 32


class PinFault(ValueError):
    """Those keys, or that address, cannot be pinned; the text says why."""


def write(folder: Path, kind: str) -> None:
    """Write both files into a program's folder, as the environment says.

    Raises:
        PinFault: What the environment says cannot be.
    """
    listed = os.environ.get(KEYS_VARIABLE, "").split(",")
    keys = [text.strip() for text in listed if text.strip()]
    pin(folder, kind, keys, os.environ.get(URL_VARIABLE, ""))


def pin(folder: Path, kind: str, keys: Iterable[str], url: str) -> None:
    """Write how the program is installed, and whose updates it takes if anybody's.

    Raises:
        PinFault: There is no such kind, those are no such keys, or the address is not
            encrypted.
    """
    if kind not in KINDS:
        raise PinFault(f"“{kind}” is none of {', '.join(KINDS)}")
    listed = list(keys)
    if len(listed) > MOST_KEYS:
        raise PinFault(f"at most {MOST_KEYS} keys can be trusted at a time")
    for text in listed:
        public(text)
    if listed and not url.startswith("https://"):
        raise PinFault("the address of updates begins with https://")
    _write(folder / MARKER, {"kind": kind})
    if listed:
        _write(folder / KEYS, {"keys": listed, "manifest_url": url})


def public(text: str) -> bytes:
    """A public key, from Base64.

    Raises:
        PinFault: It is none.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != _KEY_BYTES:
        raise PinFault(f"“{text[:60]}” is no public key")
    return key


def _write(path: Path, table: dict[str, object]) -> None:
    text = json.dumps(table, indent=1, sort_keys=True) + "\n"
    # The same bytes wherever a release is built.
    path.write_bytes(text.encode("ascii"))
