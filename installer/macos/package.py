"""``dev.py package macos``: a disk image of the app, signed and notarised if it can be.

Runs on macOS, whose own tools do the work. What they are told stands in functions that
only make lists of words, so that it can be looked at anywhere.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, NamedTuple

import update_pins
from macos.bundle import APP, BUNDLE_ID, ENTITLEMENTS, IDENTITY_VARIABLE
from screenpop import __version__

ROOT: Final = Path(__file__).resolve().parents[2]
FROZEN: Final = ROOT / "dist" / "frozen"
NOTICES: Final = ("LICENSE.txt", "THIRD-PARTY-LICENCES.txt")

KEY_FILE_VARIABLE: Final = "SCREENPOP_NOTARY_KEY_FILE"
KEY_ID_VARIABLE: Final = "SCREENPOP_NOTARY_KEY_ID"
ISSUER_VARIABLE: Final = "SCREENPOP_NOTARY_ISSUER"
"""An App Store Connect key of the team; without all three nothing is notarised."""

_NOBODY: Final = "-"


class NotaryKey(NamedTuple):
    """Who asks Apple's notary service.

    Attributes:
        file: The private key, a .p8 file.
    """

    file: str
    key_id: str
    issuer: str


def main(arguments: list[str]) -> int:
    """Make the image of an app that dev.py freeze has made."""
    parser = argparse.ArgumentParser(prog="dev.py package macos")
    parser.add_argument("--from", type=Path, default=FROZEN / APP, dest="app")
    parser.add_argument("--to", type=Path, default=ROOT / "dist")
    parser.add_argument("--version", default=__version__)
    options = parser.parse_args(arguments)
    if platform.system() != "Darwin":
        print("packages for macOS are made on macOS", file=sys.stderr)
        return 1
    if not (options.app / "Contents" / "Info.plist").is_file():
        print(f"there is no app in {options.app}", file=sys.stderr)
        return 1
    options.to.mkdir(parents=True, exist_ok=True)
    image = options.to.resolve() / image_name(options.version, platform.machine())
    identity = os.environ.get(IDENTITY_VARIABLE) or _NOBODY
    notary = notary_key(os.environ)
    if identity == _NOBODY:
        print(f"not signed by anybody: {IDENTITY_VARIABLE} is not set")
    if notary is None:
        print(f"not notarised: {KEY_FILE_VARIABLE} and its neighbours are not set")
    try:
        build(options.app, image, options.version, identity, notary)
    except subprocess.CalledProcessError as error:
        print(f"package macos: {error.cmd[0]} failed", file=sys.stderr)
        return 1
    print(f"{image} ({image.stat().st_size / 2**20:.1f} MiB)")
    return 0


def image_name(version: str, machine: str) -> str:
    """The name of the image's file."""
    return f"screenpop-{version}-macos-{machine}.dmg"


def notary_key(environment: Mapping[str, str]) -> NotaryKey | None:
    """The key for the notary service, if the environment has all of it."""
    names = (KEY_FILE_VARIABLE, KEY_ID_VARIABLE, ISSUER_VARIABLE)
    found = [environment.get(name, "") for name in names]
    return NotaryKey(*found) if all(found) else None


def build(
    app: Path, image: Path, version: str, identity: str, notary: NotaryKey | None
) -> None:
    """Finish the app, pack it, and have it notarised.

    Raises:
        CalledProcessError: One of the system's tools failed, and has said why.
    """
    finish(app, app.parent / "screenpop")
    _run_all(signing(app, identity))
    with tempfile.TemporaryDirectory() as made:
        staging = Path(made) / "screenpop"
        _run_all([["ditto", str(app), str(staging / APP)]])
        (staging / "Applications").symlink_to("/Applications")
        _run_all(imaging(staging, image, version, identity))
    if notary is not None:
        _run_all(notarising(image, notary))


def finish(app: Path, folder: Path) -> None:
    """Put into the app what PyInstaller leaves out: licences, and how it is installed.

    Only code may lie in ``Frameworks``, where the program looks: links lead from there.

    Args:
        app: The bundle.
        folder: The folder of the same program that ``dev.py freeze`` has looked after.
    """
    resources = app / "Contents" / "Resources"
    update_pins.write(resources, "dmg")
    for name in NOTICES:
        shutil.copy(folder / name, resources / name)
    for name in (update_pins.MARKER, update_pins.KEYS):
        link = app / "Contents" / "Frameworks" / name
        link.unlink(missing_ok=True)
        if (resources / name).exists():
            link.symlink_to(Path("..") / "Resources" / name)


def signing(app: Path, identity: str) -> list[list[str]]:
    """Sign the bundle itself anew; what lies in it was signed when it was frozen."""
    sign = ["codesign", "--force", "--sign", identity]
    if identity != _NOBODY:
        sign += ["--options", "runtime", "--timestamp"]
        sign += ["--entitlements", str(ENTITLEMENTS)]
    return [
        [*sign, str(app)],
        ["codesign", "--verify", "--deep", "--strict", str(app)],
    ]


def imaging(staging: Path, image: Path, version: str, identity: str) -> list[list[str]]:
    """Make the compressed image of a folder, and sign it."""
    make = ["hdiutil", "create", "-ov", "-volname", f"screenpop {version}"]
    make += ["-srcfolder", str(staging), "-fs", "HFS+", "-format", "ULFO", str(image)]
    if identity == _NOBODY:
        return [make]
    sign = ["codesign", "--sign", identity, "--timestamp", "-i", BUNDLE_ID]
    return [make, [*sign, str(image)]]


def notarising(image: Path, key: NotaryKey) -> list[list[str]]:
    """Have Apple look at the image, and pin its answer to it."""
    submit = ["xcrun", "notarytool", "submit", str(image), "--wait"]
    submit += ["--key", key.file, "--key-id", key.key_id, "--issuer", key.issuer]
    return [
        submit,
        ["xcrun", "stapler", "staple", str(image)],
        ["xcrun", "stapler", "validate", str(image)],
    ]


def _run_all(commands: Iterable[list[str]]) -> None:
    for command in commands:
        subprocess.run(command, check=True)
