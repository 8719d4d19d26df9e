"""The tarball: the frozen program for any Linux, installed by a user for themselves.

Its script puts it below the user's home, or below a folder of choice, and takes it away
again. What of the system it needs is told in its notes.
"""

from __future__ import annotations

import re
import shutil
import tarfile
import tempfile
from pathlib import Path
from typing import Final

import update_pins
from linux import desktop_files

_FOLDER: Final = Path(__file__).resolve().parent / "tarball_files"
_FILES: Final = ("README.txt", "install.sh", "uninstall.sh")


def build(
    frozen: Path, target: Path, version: str, machine: str, *, is_quick: bool = False
) -> Path:
    """Pack a frozen program; return the tarball.

    Args:
        frozen: Its folder.
        target: The folder that gets the tarball.
        version: The program's.
        machine: The kind of processor, as the system calls it.
        is_quick: Leave it larger, for a test.
    """
    name = f"screenpop-{version}-linux-{machine}"
    path = target / f"{name}.tar.xz"
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder, name)
        shutil.copytree(frozen, tree / "program", symlinks=True)
        update_pins.write(tree / "program", "tarball")
        for entry, text in desktop_files.applications("@PROGRAM@").items():
            _write(tree / "share" / "applications" / entry, text)
        desktop_files.write_icons(tree / "share" / "icons" / "hicolor")
        for file in _FILES:
            text = (_FOLDER / file).read_text("utf-8").replace("@VERSION@", version)
            text = text.replace("@GLIBC@", oldest_glibc(frozen))
            _write(tree / file, text)
            (tree / file).chmod(0o755 if file.endswith(".sh") else 0o644)
        with tarfile.open(path, "w:xz", preset=0 if is_quick else 6) as archive:
            archive.add(tree, name, filter=_nobodys)
    return path


def oldest_glibc(frozen: Path) -> str:
    """The version of the C library that the program asks for."""
    asked = {
        int(found)
        for path in frozen.rglob("*")
        if path.is_file() and (path.suffix == "" or ".so" in path.name)
        for found in re.findall(rb"\0GLIBC_2\.(\d+)\0", path.read_bytes())
    }
    return f"2.{max(asked, default=17)}"


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without whoever built it."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
