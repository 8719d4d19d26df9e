"""``dev.py package linux``: a Debian package and a tarball of the frozen program.

No AppImage: the program that such a file begins with, and the tool that puts it there,
come from a download of their own; Debian has neither.
"""

from __future__ import annotations

import argparse
import platform
import subprocess
import sys
from pathlib import Path
from typing import Final

import screenpop
import system_packages
from linux import deb, tarball

ROOT: Final = Path(__file__).resolve().parent.parent.parent
FROZEN: Final = ROOT / "dist" / "frozen" / "screenpop"
TARGET: Final = ROOT / "dist"


def main(arguments: list[str]) -> int:
    """Freeze the program and pack it."""
    parser = argparse.ArgumentParser(prog="dev.py package linux")
    parser.add_argument(
        "--frozen", action="store_true", help="take what dev.py freeze has made"
    )
    parser.add_argument(
        "--version", default=screenpop.__version__, help="for tests of an upgrade"
    )
    options = parser.parse_args(arguments)
    if sys.platform != "linux":
        print("packages for Linux are made on Linux", file=sys.stderr)
        return 1
    if system_packages.ensure(system_packages.PACKAGE):
        return 1
    try:
        if not options.frozen:
            freeze()
        made = (
            deb.build(FROZEN, TARGET, options.version),
            tarball.build(FROZEN, TARGET, options.version, platform.machine()),
        )
    except subprocess.CalledProcessError as error:
        print(f"dev.py package linux: {error.cmd[0]} failed", file=sys.stderr)
        return 1
    except (OSError, ValueError) as error:
        print(f"dev.py package linux: {error}", file=sys.stderr)
        return 1
    for path in made:
        print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
    return 0


def freeze() -> None:
    """Freeze the program anew.

    Raises:
        CalledProcessError: It cannot be frozen; why has been said.
    """
    command = [sys.executable, str(ROOT / "installer" / "dev.py"), "freeze"]
    subprocess.run(command, check=True)
