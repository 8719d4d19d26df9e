"""What kind of installation this is, and which keys it trusts.

Both are said by files that a package puts beside the program: ``installation.json``
and ``update-keys.json``. A checkout and an installation by pip have neither.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from screenpop.domain.frozen import frozen
from screenpop.domain.update_manifest import Version
from screenpop.services.updates.versions import VersionsFolder

MARKER: Final = "installation.json"
KEYS: Final = "update-keys.json"
MOST_KEYS: Final = 2
"""The one in use, and the one that takes over."""
_KEY_BYTES: Final = 32
_LARGEST_BYTES: Final = 10_000


class Kind(StrEnum):
    """How the program came onto this computer.

    MANAGED: somebody else looks after it, such as a software distribution. NONE: a
    checkout, or an installation by pip.
    """

    TARBALL = "tarball"
    SETUP_USER = "setup-user"
    SETUP_MACHINE = "setup-machine"
    DMG = "dmg"
    DEB = "deb"
    MSI = "msi"
    MANAGED = "managed"
    NONE = "none"


# What an installation of that kind takes for an update.
_ARTEFACTS: Final = {
    Kind.TARBALL: "tarball",
    Kind.SETUP_USER: "setup",
    Kind.SETUP_MACHINE: "setup",
    Kind.DMG: "dmg",
}


@frozen(kw_only=True)
class Installation:
    """The program as it is installed here.

    Attributes:
        folder: Where the running program lies.
        versions: The folder of versions it lies in; None where there is one only.
        keys: Ed25519 public keys, 32 bytes each; none for "trust nobody".
        manifest_url: Where news of updates are, ``{channel}`` filled in by whoever
            asks; "" for nowhere.
    """

    kind: Kind
    folder: Path
    versions: VersionsFolder | None = None
    keys: tuple[bytes, ...] = ()
    manifest_url: str = ""

    @property
    def artefact_kind(self) -> str:
        """What it takes for an update; "" where somebody else looks after it."""
        return _ARTEFACTS.get(self.kind, "")

    @property
    def can_replace_itself(self) -> bool:
        """Whether a new version can be put in place without an administrator."""
        if self.kind is Kind.TARBALL:
            return self.versions is not None and self.versions.is_writable
        return self.kind is Kind.SETUP_USER


def installation_here() -> Installation:
    """This very program's installation."""
    if not getattr(sys, "frozen", False):
        return Installation(kind=Kind.NONE, folder=Path(sys.executable).parent)
    return installation_of(Path(sys.executable).resolve(), getattr(sys, "_MEIPASS", ""))


def installation_of(program: Path, bundle: str = "") -> Installation:
    """The installation that an executable belongs to.

    Args:
        program: The executable, links resolved.
        bundle: Where a frozen program has its data; a macOS app has no other place.
    """
    places = (program.parent, *((Path(bundle),) if bundle else ()))
    keys = _read_first(places, KEYS)
    return Installation(
        kind=_kind(_read_first(places, MARKER)),
        folder=program.parent,
        versions=VersionsFolder.around(program),
        keys=_keys(keys),
        manifest_url=_text(keys.get("manifest_url")),
    )


def _read_first(places: tuple[Path, ...], name: str) -> dict[str, Any]:
    for place in places:
        try:
            with (place / name).open("rb") as stream:
                read = json.loads(stream.read(_LARGEST_BYTES))
        except (OSError, ValueError):
            continue
        if isinstance(read, dict):
            return read
    return {}


def _kind(marker: dict[str, Any]) -> Kind:
    word = marker.get("kind")
    if not marker:
        return Kind.NONE
    # An unknown word is a newer kind of package: leave it to who made it.
    return next((kind for kind in Kind if kind.value == word), Kind.MANAGED)


def _keys(table: dict[str, Any]) -> tuple[bytes, ...]:
    listed = table.get("keys")
    found = []
    for text in listed if isinstance(listed, list) else ():
        try:
            key = base64.b64decode(_text(text), validate=True)
        except (binascii.Error, ValueError):
            continue
        if len(key) == _KEY_BYTES:
            found.append(key)
    return tuple(found[:MOST_KEYS])


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def platform_name() -> str:
    """This kind of computer, as manifests name it: "linux-x86_64"."""
    import platform

    systems = {"win32": "windows", "darwin": "macos"}
    machine = platform.machine().lower()
    system = systems.get(sys.platform, sys.platform)
    return f"{system}-{'x86_64' if machine == 'amd64' else machine}"


def own_version() -> Version:
    """The version that runs."""
    from screenpop import __version__

    return Version.read(__version__)


def clean_environment() -> dict[str, str]:
    """The environment for another version of the program.

    A frozen program hands its children what its own libraries need; another version
    brings its own.
    """
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("_PYI_", "_MEIPASS"))
    }
    for name in ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH"):
        before = kept.pop(f"{name}_ORIG", None)
        if getattr(sys, "frozen", False):
            kept.pop(name, None)
        if before is not None:
            kept[name] = before
    kept["PYINSTALLER_RESET_ENVIRONMENT"] = "1"
    return kept
