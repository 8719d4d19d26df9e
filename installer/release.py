"""What a release needs besides its packages: the right tag, sums, a list of updates.

Used by ``.github/workflows/release.yml``. Standard library only.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
import tomllib
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parent.parent
SUMS: Final = "SHA256SUMS"

# What a manifest of updates calls each package: its platform and its kind.
_KINDS: Final = (
    (re.compile(r"screenpop-[^-]+-linux-(\w+)\.tar\.xz"), "linux-{}", "tarball"),
    (re.compile(r"screenpop-[^-]+-windows-x64-setup\.exe"), "windows-x86_64", "setup"),
    (re.compile(r"screenpop-[^-]+-macos-(\w+)\.dmg"), "macos-{}", "dmg"),
)


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="release.py", description=__doc__)
    commands = parser.add_subparsers(required=True, dest="command")
    one = commands.add_parser("check-tag", help="the tag says the version")
    one.add_argument("tag")
    one = commands.add_parser("sums", help=f"write {SUMS}")
    one.add_argument("folder", type=Path)
    one = commands.add_parser("artefacts", help="what sign-manifest is to be told")
    one.add_argument("folder", type=Path)
    one.add_argument("url", help="where the files will be")
    options = parser.parse_args(arguments)
    if options.command == "check-tag":
        return check_tag(options.tag)
    if options.command == "sums":
        (options.folder / SUMS).write_text(sums(options.folder), "ascii")
        return 0
    print("\n".join(artefacts(options.folder, options.url)))
    return 0


def check_tag(tag: str) -> int:
    """0 when a tag is the version's of this checkout."""
    version = project_version()
    if tag == f"v{version}":
        return 0
    print(f"the tag is {tag}, the version {version}", file=sys.stderr)
    return 1


def project_version() -> str:
    """The version that ``pyproject.toml`` says."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return str(project["project"]["version"])


def sums(folder: Path) -> str:
    """The hashes of all files of a release, as ``sha256sum --check`` reads them."""
    lines = []
    for path in sorted(folder.iterdir()):
        if path.name == SUMS or not path.is_file():
            continue
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        lines.append(f"{digest}  {path.name}\n")
    return "".join(lines)


def artefacts(folder: Path, url: str) -> list[str]:
    """``--artefact=PLATFORM:KIND:FILE:URL`` for each package that updates itself."""
    found = []
    for path in sorted(folder.iterdir()):
        for pattern, platform, kind in _KINDS:
            if match := pattern.fullmatch(path.name):
                name = platform.format(*match.groups())
                place = f"{url.rstrip('/')}/{path.name}"
                found.append(f"--artefact={name}:{kind}:{path}:{place}")
    return found


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
