"""``dev.py package windows``: the set-up for Windows out of a frozen program.

Works on Linux, too: the script's compiler, makensis, is there in Debian's `nsis`. What
it packs must have been frozen on Windows.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

import system_packages
import update_pins
from screenpop import __version__
from windows.facts import CONSOLE_PROGRAM, PRODUCT, PROGRAM, dotted, four_parts

ROOT: Final = Path(__file__).resolve().parents[2]
SCRIPT: Final = Path(__file__).with_name("screenpop.nsi")
NEEDED: Final = system_packages.COMPILERS
SIGN_VARIABLE: Final = "SCREENPOP_SIGN_COMMAND"
"""A command that signs the file it is given; the set-up and what removes it."""
FROZEN: Final = ROOT / "dist" / "frozen" / PRODUCT

# Debian's compiler has both; the one of NSIS's own makers only the second, which runs
# on a 64-bit Windows as well.
_TARGETS: Final = ("amd64-unicode", "x86-unicode")


class PackageError(Exception):
    """The package cannot be made; the text says why."""


def main(arguments: list[str]) -> int:
    """Read the arguments, build, and say what was built."""
    parser = argparse.ArgumentParser(
        prog="dev.py package windows", description="Build the set-up for Windows."
    )
    parser.add_argument("--from", type=Path, default=FROZEN, dest="source")
    parser.add_argument("--to", type=Path, default=ROOT / "dist")
    parser.add_argument("--version", default=__version__)
    parser.add_argument("--msi", action="store_true", help="also an MSI, by wixl")
    options = parser.parse_args(arguments)
    system_packages.ensure(NEEDED)
    try:
        built = [build_setup(options.source, options.to, options.version)]
        if options.msi:
            from windows.msi import build_msi

            built.append(build_msi(options.source, options.to, options.version))
    except (PackageError, ValueError) as error:
        print(f"package windows: {error}", file=sys.stderr)
        return 1
    for path in built:
        print(f"{path} ({path.stat().st_size / 2**20:.1f} MiB)")
    return 0


def setup_name(version: str) -> str:
    """The name of the set-up's file."""
    return f"{PRODUCT}-{version}-windows-x64-setup.exe"


def build_setup(source: Path, folder: Path, version: str) -> Path:
    """Compile the set-up.

    Args:
        source: The frozen program, a folder with both programs in it.
        folder: Where to put the set-up.
        version: The program's.

    Raises:
        PackageError: Something is missing, or the script does not compile.
    """
    check_frozen(source)
    out = folder.resolve() / setup_name(version)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screenpop-nsis-") as made:
        defines = {
            **version_defines(version),
            "SOURCE": str(source.resolve()),
            "SIZE_KB": str(size_kb(source)),
            "OUT": str(out),
            **_generated(Path(made)),
            "TARGET": target(),
        }
        if sign := os.environ.get(SIGN_VARIABLE):
            defines["SIGN_COMMAND"] = sign
        _compile(defines)
    return out


def version_defines(version: str) -> dict[str, str]:
    """What the script is told about the version."""
    major, minor, *_ = four_parts(version)
    return {
        "VERSION": version,
        "VERSION_NUMBER": dotted(version),
        "VERSION_MAJOR": str(major),
        "VERSION_MINOR": str(minor),
    }


def check_frozen(source: Path) -> None:
    """See that there is a frozen program.

    Raises:
        PackageError: There is none.
    """
    absent = [n for n in (PROGRAM, CONSOLE_PROGRAM) if not (source / n).is_file()]
    if absent:
        raise PackageError(f"{source} has no {' and no '.join(absent)}")


def size_kb(source: Path) -> int:
    """What the installed program takes, for the list of installed programs."""
    files = (path for path in source.rglob("*") if path.is_file())
    return sum(path.stat().st_size for path in files) // 1024 + 1


def target() -> str:
    """The kind of program that the compiler here can make."""
    found = shutil.which("makensis")
    if found is None:
        raise PackageError("makensis is missing (Debian: apt-get install nsis)")
    homes = (Path("/usr/share/nsis"), Path(found).parent, Path(found).parent.parent)
    for each in _TARGETS:
        if any((home / "Stubs" / f"lzma_solid-{each}").exists() for home in homes):
            return each
    return _TARGETS[-1]


def _generated(folder: Path) -> dict[str, str]:
    """The files that the script includes."""
    from app_icons import write_ico
    from windows.script_facts import script_facts

    for kind in ("setup-user", "setup-machine"):
        (folder / kind).mkdir()
        update_pins.write(folder / kind, kind)
    icon, facts = folder / f"{PRODUCT}.ico", folder / "facts.nsh"
    write_ico(icon)
    # With its mark, makensis takes the file for UTF-8.
    facts.write_text(script_facts(), "utf-8-sig")
    return {
        "ICON": str(icon),
        "GENERATED": str(facts),
        "MARKS_USER": str(folder / "setup-user"),
        "MARKS_MACHINE": str(folder / "setup-machine"),
    }


def _compile(defines: dict[str, str]) -> None:
    words = [f"-D{name}={text}" for name, text in defines.items()]
    done = subprocess.run(
        ["makensis", "-V2", "-WX", "-INPUTCHARSET", "UTF8", *words, str(SCRIPT)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PackageError(f"makensis failed:\n{done.stdout}{done.stderr}")
