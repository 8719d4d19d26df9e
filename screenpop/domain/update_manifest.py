"""What may be installed: the manifest of a channel, and whether it is for this one.

The file is JSON in one canonical form, so that what is signed has one spelling only::

    {
     "manifest": {"format": 1, "channel": "stable", "serial": 7, …},
     "signatures": [{"key": "9f86d081884c7d65", "value": "…base64…"}]
    }

What is signed is ``signed_bytes`` of the inner object. `screenpop.services.updates`
checks signatures, fetches and installs; nothing in here does I/O or asks a clock.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from screenpop.domain.errors import UpdateError, UpdateRefused
from screenpop.domain.frozen import frozen
from screenpop.wording import tr

if TYPE_CHECKING:
    from collections.abc import Mapping

FORMAT: Final = 1
LARGEST_MANIFEST: Final = 64 * 1024
"""In bytes; a real one has some two thousand."""
LARGEST_ARTEFACT: Final = 500 * 1000 * 1000
DRAWS: Final = 10_000
"""How many different numbers an installation can draw: hundredths of a per cent."""

_CONTEXT: Final = b"screenpop update manifest 1\n"
_HIGHEST_SERIAL: Final = 10**12
_LONGEST_NOTES: Final = 4000
_MOST_ARTEFACTS: Final = 20
_MOST_SIGNATURES: Final = 4
_VERSION: Final = re.compile(
    r"(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})\.(0|[1-9]\d{0,4})(?:rc([1-9]\d{0,3}))?",
    re.ASCII,
)
_CHANNEL: Final = re.compile(r"[a-z]{1,20}")
_WORD: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_FILE_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]{0,119}")
_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_KEY_ID: Final = re.compile(r"[0-9a-f]{16}")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/]{86}==")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)


@frozen
class Version:
    """A version of the program, such as 1.4.0 or, before it, 1.4.0rc2.

    Attributes:
        text: As it is written; fit to name a folder.
        order: Compares as versions do.
    """

    text: str
    order: tuple[int, int, int, int]

    @classmethod
    def read(cls, text: str) -> Version:
        """The version in ``text``.

        Raises:
            UpdateRefused: It is none.
        """
        found = _VERSION.fullmatch(text)
        if found is None:
            raise _malformed("version")
        major, minor, patch = map(int, found.group(1, 2, 3))
        candidate = int(found[4]) if found[4] else 10**6
        return cls(text, (major, minor, patch, candidate))


@frozen(kw_only=True)
class Artefact:
    """One file that can be installed.

    Attributes:
        platform: "linux-x86_64", "windows-x86_64", "macos-arm64" and the like.
        kind: "tarball", "setup" or "dmg".
        name: The file's name; never a path.
        url: Where it is; "" for beside the manifest.
        size: In bytes.
        sha256: In lower-case hexadecimal digits.
    """

    platform: str
    kind: str
    name: str
    url: str
    size: int
    sha256: str


@frozen(kw_only=True)
class Manifest:
    """What a channel offers at the moment.

    Attributes:
        serial: Goes up with each manifest of the channel.
        minimum_version: Older ones cannot update to this one by themselves.
        rollout: How many of each ring's installations it is for, in per cent.
        notes: What is new, plain text; may be "".
    """

    channel: str
    serial: int
    version: Version
    minimum_version: Version
    issued_at: datetime
    expires_at: datetime
    rollout: Mapping[str, int]
    artefacts: tuple[Artefact, ...]
    notes: str = ""

    def artefact(self, platform: str, kind: str) -> Artefact | None:
        """The file for such a computer, if there is one."""
        for each in self.artefacts:
            if (each.platform, each.kind) == (platform, kind):
                return each
        return None

    def is_for(self, ring: str, draw: int) -> bool:
        """Whether its turn has come for the installation that drew that number."""
        return draw < self.rollout.get(ring, 0) * DRAWS // 100


@frozen
class Signature:
    """Who signed, by the id of the key, and with what, in Base64."""

    key_id: str
    value: str


# --- reading -------------------------------------------------------------------------


def canonical(value: object) -> bytes:
    """The one form in which a manifest is written and signed."""
    text = json.dumps(value, ensure_ascii=True, indent=1, sort_keys=True)
    return text.encode("ascii") + b"\n"


def signed_bytes(manifest: object) -> bytes:
    """What a signature is made of; no other file of ours begins like it."""
    return _CONTEXT + canonical(manifest)


def split(file: bytes) -> tuple[dict[str, Any], tuple[Signature, ...]]:
    """The manifest as it stands in a file, not trusted yet, and its signatures.

    Raises:
        UpdateRefused: It is no such file, or not in its canonical form.
    """
    if len(file) > LARGEST_MANIFEST:
        raise _malformed("size")
    try:
        whole = json.loads(file, parse_float=_no_number, parse_constant=_no_number)
        is_canonical = canonical(whole) == file
    except (ValueError, RecursionError):
        raise _malformed("JSON") from None
    if not is_canonical or not isinstance(whole, dict):
        raise _malformed("form")
    manifest, signatures = whole.get("manifest"), whole.get("signatures")
    if not isinstance(manifest, dict) or not isinstance(signatures, list):
        raise _malformed("form")
    if not 1 <= len(signatures) <= _MOST_SIGNATURES:
        raise _malformed("signatures")
    return manifest, tuple(_signature(each) for each in signatures)


def read_manifest(table: dict[str, Any]) -> Manifest:
    """What a manifest says whose signature was found good.

    Raises:
        UpdateRefused: It does not say what is needed.
    """
    fields = _Fields(table)
    if fields.whole("format", 1, 1000) != FORMAT:
        raise UpdateRefused(
            tr("The news of updates is written for newer versions of screenpop"),
            tr("Install it by hand."),
        )
    artefacts = table.get("artefacts")
    if not isinstance(artefacts, list) or len(artefacts) > _MOST_ARTEFACTS:
        raise _malformed("artefacts")
    return Manifest(
        channel=fields.text("channel", _CHANNEL),
        serial=fields.whole("serial", 1, _HIGHEST_SERIAL),
        version=Version.read(fields.text("version")),
        minimum_version=Version.read(fields.text("minimum_version")),
        issued_at=fields.moment("issued"),
        expires_at=fields.moment("expires"),
        rollout=_rollout(table.get("rollout")),
        artefacts=tuple(_artefact(each) for each in artefacts),
        notes=_notes(table.get("notes", "")),
    )


def _artefact(table: object) -> Artefact:
    fields = _Fields(table)
    return Artefact(
        platform=fields.text("platform", _WORD),
        kind=fields.text("kind", _WORD),
        name=fields.text("name", _FILE_NAME),
        url=fields.text("url"),
        size=fields.whole("size", 1, LARGEST_ARTEFACT),
        sha256=fields.text("sha256", _SHA256),
    )


def _signature(table: object) -> Signature:
    fields = _Fields(table)
    return Signature(fields.text("key", _KEY_ID), fields.text("value", _SIGNATURE))


def _rollout(table: object) -> Mapping[str, int]:
    if not isinstance(table, dict) or not all(map(_WORD.fullmatch, table)):
        raise _malformed("rollout")
    fields = _Fields(table)
    return {ring: fields.whole(ring, 0, 100) for ring in table}


def _notes(text: object) -> str:
    if not isinstance(text, str) or len(text) > _LONGEST_NOTES:
        raise _malformed("notes")
    return text


class _Fields:
    """Reads the fields of one object; what is not as it should be raises."""

    def __init__(self, table: object) -> None:
        if not isinstance(table, dict):
            raise _malformed("form")
        self._table = table

    def text(self, name: str, pattern: re.Pattern[str] | None = None) -> str:
        value = self._table.get(name)
        if not isinstance(value, str) or len(value) > _LONGEST_NOTES:
            raise _malformed(name)
        if pattern is not None and not pattern.fullmatch(value):
            raise _malformed(name)
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        value = self._table.get(name)
        if not isinstance(value, int) or isinstance(value, bool):
            raise _malformed(name)
        if not least <= value <= most:
            raise _malformed(name)
        return value

    def moment(self, name: str) -> datetime:
        text = self.text(name, _MOMENT)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _malformed(name) from None


def _no_number(_text: str) -> None:
    raise ValueError("no such numbers in a manifest")


def _malformed(what: str) -> UpdateRefused:
    return UpdateRefused(
        tr("The news of updates cannot be read ({what})", what=what),
    )


# --- judging -------------------------------------------------------------------------


@frozen(kw_only=True)
class Standpoint:
    """From where a manifest is judged.

    Attributes:
        channel: The one that is set.
        version: What runs.
        now: Aware.
        serial: The highest that was ever accepted on the channel; 0 for none.
        digest: Of the manifest that had it; "" for none.
    """

    channel: str
    version: Version
    now: datetime
    serial: int = 0
    digest: str = ""


def refuse_untimely(manifest: Manifest, here: Standpoint, digest: str) -> None:
    """Let a signed manifest pass only if nobody can be playing back an old one.

    Raises:
        UpdateRefused: It is of another channel, older than one that was seen, or has
            expired.
    """
    if manifest.channel != here.channel:
        raise UpdateRefused(
            tr(
                "The news of updates is of the channel “{channel}”, not of “{own}”",
                channel=manifest.channel,
                own=here.channel,
            )
        )
    if manifest.serial < here.serial:
        raise UpdateRefused(
            tr("The news of updates is older than what was seen before")
        )
    if manifest.serial == here.serial and here.digest not in ("", digest):
        raise UpdateRefused(tr("The news of updates has changed without a new number"))
    if not manifest.issued_at < manifest.expires_at:
        raise _malformed("expires")
    if here.now >= manifest.expires_at:
        raise UpdateRefused(
            tr("The news of updates has expired"),
            tr(
                "Check this computer's date. If it is right, whoever publishes updates "
                "has not renewed the news."
            ),
        )


def is_newer(manifest: Manifest, here: Standpoint) -> bool:
    """Whether it offers something newer than what runs.

    Raises:
        UpdateRefused: It would go back to an older version.
        UpdateError: It cannot be reached from what runs.
    """
    if manifest.version.order == here.version.order:
        return False
    if manifest.version.order < here.version.order:
        raise UpdateRefused(
            tr(
                "The update to {version} is older than {own}, which runs",
                version=manifest.version.text,
                own=here.version.text,
            )
        )
    if here.version.order < manifest.minimum_version.order:
        raise UpdateError(
            tr(
                "Version {version} cannot be reached from {own} by an update",
                version=manifest.version.text,
                own=here.version.text,
            ),
            tr("Install it by hand."),
        )
    return True
