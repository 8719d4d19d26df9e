"""Make, sign and check manifests of updates, and tell a build which keys to trust.

Run it as ``python3 installer/dev.py sign-manifest``; docs/updates.md says when. The
secret key comes from a file outside the checkout or from ``SCREENPOP_UPDATE_KEY``, and
is neither printed nor written anywhere but where ``new-key`` is told to.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from screenpop.domain.errors import UpdateError
from screenpop.domain.update_manifest import (
    FORMAT,
    LARGEST_MANIFEST,
    Version,
    canonical,
    read_manifest,
    signed_bytes,
    split,
)
from screenpop.services.updates.signatures import key_id, trusted
from update_pins import KINDS, PinFault, pin, public

ROOT = Path(__file__).resolve().parent.parent
KEY_VARIABLE = "SCREENPOP_UPDATE_KEY"
USUAL_DAYS = 30
_OWNER_ONLY = 0o600


class SigningFault(Exception):
    """It cannot be signed; the text says why."""


# --- keys ----------------------------------------------------------------------------


def secret_key(path: Path | None) -> SigningKey:
    """The key to sign with, from a file or from the environment.

    Raises:
        SigningFault: There is none, or it lies where it would be published.
    """
    if path is not None:
        if path.resolve().is_relative_to(ROOT):
            raise SigningFault("a secret key does not belong into the checkout")
        text = path.read_text("ascii")
    else:
        text = os.environ.get(KEY_VARIABLE, "")
        if not text:
            raise SigningFault(f"give --key FILE or set {KEY_VARIABLE}")
    try:
        return SigningKey(base64.b64decode(text.strip(), validate=True))
    except ValueError:
        raise SigningFault("that is no secret key") from None


def new_key(path: Path) -> str:
    """Make a secret key in a file; return its public half, in Base64.

    Raises:
        SigningFault: The file is there already, or in the checkout.
    """
    if path.resolve().is_relative_to(ROOT):
        raise SigningFault("a secret key does not belong into the checkout")
    key = SigningKey.generate()
    try:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(path, flags, _OWNER_ONLY), "wb") as stream:
            stream.write(base64.b64encode(bytes(key)) + b"\n")
    except FileExistsError:
        raise SigningFault(f"{path} is there already") from None
    return public_text(key)


def public_text(key: SigningKey) -> str:
    """The public half of a key, in Base64."""
    return base64.b64encode(bytes(key.verify_key)).decode("ascii")


# --- manifests -----------------------------------------------------------------------


def artefact(words: str) -> dict[str, Any]:
    """The table of one file, from ``PLATFORM:KIND:FILE[:URL]``.

    Raises:
        SigningFault: It is not written like that.
    """
    parts = words.split(":", 3)
    if len(parts) < 3:
        raise SigningFault(f"“{words}” is not PLATFORM:KIND:FILE[:URL]")
    path = Path(parts[2])
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return {
        "platform": parts[0],
        "kind": parts[1],
        "name": path.name,
        "url": parts[3] if len(parts) > 3 else "",
        "size": path.stat().st_size,
        "sha256": digest,
    }


def signed(manifest: dict[str, Any], keys: Iterable[SigningKey]) -> bytes:
    """The whole file: the manifest in its canonical form, signed by each of the keys.

    Raises:
        UpdateRefused: The program would not read it.
        SigningFault: It has become too large.
    """
    read_manifest(manifest)
    text = signed_bytes(manifest)
    signatures = [
        {
            "key": key_id(bytes(key.verify_key)),
            "value": base64.b64encode(key.sign(text).signature).decode("ascii"),
        }
        for key in keys
    ]
    file = canonical({"manifest": manifest, "signatures": signatures})
    if len(file) > LARGEST_MANIFEST:
        raise SigningFault("the manifest has become too large")
    return file


def rollout(words: Iterable[str]) -> dict[str, int]:
    """``pilot=100 early=25`` as a table; all rings whole when nothing is said."""
    table = {"pilot": 100, "early": 100, "broad": 100}
    for word in words:
        ring, _, percent = word.partition("=")
        if ring not in table or not percent.isdigit():
            raise SigningFault(f"“{word}” is not RING=PERCENT")
        table[ring] = int(percent)
    return table


# --- commands ------------------------------------------------------------------------


def command_new_key(options: argparse.Namespace) -> None:
    """Make a secret key; prints the public one."""
    print(new_key(options.file))


def command_make(options: argparse.Namespace) -> None:
    """Write a signed manifest."""
    now = datetime.now(UTC).replace(microsecond=0)
    manifest = {
        "format": FORMAT,
        "channel": options.channel,
        # Seconds since 1970 only go up, and nobody has to keep count.
        "serial": options.serial or int(now.timestamp()),
        "version": Version.read(options.version).text,
        "minimum_version": Version.read(options.minimum_version).text,
        "issued": _moment(now),
        "expires": _moment(now + timedelta(days=options.days)),
        "rollout": rollout(options.rollout),
        "artefacts": [artefact(words) for words in options.artefact],
        "notes": options.notes.read_text("utf-8").strip() if options.notes else "",
    }
    keys = [secret_key(path) for path in options.key or [None]]
    options.out.write_bytes(signed(manifest, keys))
    print(f"{options.out}: {manifest['version']}, serial {manifest['serial']}")


def command_sign(options: argparse.Namespace) -> None:
    """Sign what is in a file anew, with these keys and no others."""
    manifest, _ = split(options.file.read_bytes())
    keys = [secret_key(path) for path in options.key or [None]]
    options.file.write_bytes(signed(manifest, keys))
    print(f"{options.file}: signed by {len(keys)}")


def command_verify(options: argparse.Namespace) -> None:
    """Check a file as the program would, but for the date."""
    keys = [public(text) for text in options.public]
    manifest = trusted(options.file.read_bytes(), keys)
    print(f"{options.file}: {manifest.channel} {manifest.version.text}, good")


def command_pin(options: argparse.Namespace) -> None:
    """Write into a program's folder which keys it trusts and how it is installed."""
    pin(options.folder, options.kind, options.public, options.manifest_url)
    print(f"{options.folder}: {options.kind}, {len(options.public)} keys")


def _moment(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def parser() -> argparse.ArgumentParser:
    """The command line."""
    whole = argparse.ArgumentParser(
        prog="dev.py sign-manifest", description=(__doc__ or "").splitlines()[0]
    )
    commands = whole.add_subparsers(required=True)

    def add(name: str, does: Any) -> argparse.ArgumentParser:
        one = commands.add_parser(name, help=does.__doc__)
        one.set_defaults(does=does)
        return one

    one = add("new-key", command_new_key)
    one.add_argument("file", type=Path)
    one = add("make", command_make)
    one.add_argument("--channel", default="stable")
    one.add_argument("--version", required=True)
    one.add_argument("--minimum-version", default="0.1.0")
    one.add_argument("--serial", type=int, help="default: the time")
    one.add_argument("--days", type=int, default=USUAL_DAYS, help="until it expires")
    one.add_argument("--rollout", action="append", default=[], metavar="RING=PERCENT")
    one.add_argument(
        "--artefact",
        action="append",
        default=[],
        metavar="PLATFORM:KIND:FILE[:URL]",
        help="without a URL it lies beside the manifest",
    )
    one.add_argument("--notes", type=Path, help="a file of plain text")
    one.add_argument("--key", type=Path, action="append", help="two for a change")
    one.add_argument("--out", type=Path, required=True)
    one = add("sign", command_sign)
    one.add_argument("file", type=Path)
    one.add_argument("--key", type=Path, action="append")
    one = add("verify", command_verify)
    one.add_argument("file", type=Path)
    one.add_argument("--public", action="append", required=True)
    one = add("pin", command_pin)
    one.add_argument("folder", type=Path)
    one.add_argument("--kind", choices=KINDS, required=True)
    one.add_argument("--public", action="append", default=[])
    one.add_argument("--manifest-url", default="")
    return whole


def main(arguments: list[str]) -> int:
    """Do what the command line says; 1 with a sentence where that cannot be."""
    options = parser().parse_args(arguments)
    try:
        options.does(options)
    except (SigningFault, PinFault, UpdateError, OSError) as error:
        print(f"sign-manifest: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
