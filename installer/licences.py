"""The licences of everything that a package ships, as one text.

Collected from what is installed where the program is frozen: each distribution brings
its licence files; Python brings its own; Debian keeps one for each library. What
brings none, Qt and ICU, has its notice in ``notices/``. A licence that is nowhere to be
found is an error: nothing is shipped without.
"""

from __future__ import annotations

import re
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent / "notices"
_LICENCE_FILE = re.compile(r"licen[cs]e|copying|notice|authors", re.IGNORECASE)
_LGPL = "ldap3"
"""Its distribution holds the texts of the LGPL and the GPL, version 3."""

_QT = {"pyside6-essentials", "shiboken6"}
# They run, frozen or not, on code of these that is part of every frozen program.
_BUILDERS = ("pyinstaller",)
_RULE = "=" * 78


class LicenceMissing(Exception):
    """Something is shipped of which no licence is known."""


@dataclass(frozen=True)
class Notice:
    """One shipped thing and the terms it comes under.

    Attributes:
        licence: Its short name; "" where only the texts say.
        texts: The licence itself, and who must be named.
    """

    name: str
    version: str
    licence: str
    texts: tuple[str, ...]

    def text(self) -> str:
        """The whole of it, under a heading."""
        head = f"{self.name} {self.version}".strip()
        under = f"Licence: {self.licence}\n" if self.licence else ""
        return f"{_RULE}\n{head}\n{under}{_RULE}\n\n" + "\n\n".join(self.texts)


def notices(folder: Path) -> str:
    """One text for all that lies in the folder of a frozen program.

    Raises:
        LicenceMissing: Of something in it none is known.
    """
    shipped = distributions_in(folder)
    found = [
        _of_python(),
        *(of_distribution(name) for name in shipped),
        *(of_distribution(name) for name in _BUILDERS),
        *(_of_system_library(path) for path in _system_libraries(folder)),
    ]
    if any("icudata" in path.name for path in folder.rglob("libicudata*")):
        found.append(Notice("ICU", "", "Unicode-3.0", (_kept("icu.txt"),)))
    head = (FOLDER / "head.txt").read_text("utf-8")
    unique = {each.text(): None for each in found}
    return "\n\n".join([head.rstrip(), *(each.rstrip() for each in unique)]) + "\n"


def distributions_in(folder: Path) -> tuple[str, ...]:
    """The names of the Python distributions that a frozen program holds."""
    found = folder.rglob("*.dist-info/METADATA")
    names = (metadata.PathDistribution(path.parent).name for path in found)
    return tuple(sorted({*names} - {"screenpop"}, key=str.lower))


def of_distribution(name: str) -> Notice:
    """What an installed distribution says of its terms.

    Raises:
        LicenceMissing: It says nothing.
    """
    found = metadata.distribution(name)
    texts = tuple(
        Path(str(found.locate_file(path))).read_text("utf-8", errors="replace")
        for path in found.files or ()
        if ".dist-info" in path.parts[0] and _LICENCE_FILE.search(path.name)
    )
    if name.lower().replace("_", "-") in _QT:
        texts = (_kept("qt.txt"), *of_distribution(_LGPL).texts)
    if not texts:
        raise LicenceMissing(f"{name} brings no licence; put one into {FOLDER}")
    about = found.metadata.json
    licence = about.get("license_expression") or about.get("license") or ""
    return Notice(name, found.version, str(licence).partition("\n")[0], texts)


def _of_python() -> Notice:
    version = sys.version.partition(" ")[0]
    short = f"{sys.version_info.major}.{sys.version_info.minor}"
    places = (
        Path(sysconfig.get_path("stdlib"), "LICENSE.txt"),
        Path(sys.base_prefix, "LICENSE.txt"),
        Path(f"/usr/share/doc/python{short}/copyright"),
        Path(f"/usr/share/doc/libpython{short}-minimal/copyright"),
    )
    for place in places:
        if place.is_file():
            text = place.read_text("utf-8", errors="replace")
            return Notice("Python", version, "PSF-2.0", (text,))
    raise LicenceMissing("this Python does not come with its licence")


def _system_libraries(folder: Path) -> list[Path]:
    """What the frozen program holds of the libraries of this machine."""
    own = re.compile(r"lib(?:Qt6|icu|pyside6|shiboken6|python)")
    found = (folder / "_internal").glob("lib*.so*")
    return sorted(path for path in found if not own.match(path.name))


def _of_system_library(path: Path) -> Notice:
    """What Debian says of the package that the library came from."""
    asked = ["dpkg-query", "-S", f"*/{path.name}"]
    try:
        told = subprocess.run(asked, capture_output=True, text=True, check=False)
    except OSError as error:
        raise LicenceMissing(f"only Debian knows the licence of {path.name}") from error
    package = told.stdout.partition(":")[0]
    copyright_file = Path("/usr/share/doc", package, "copyright")
    if not package or not copyright_file.is_file():
        raise LicenceMissing(f"Debian does not say where {path.name} is from")
    asked = ["dpkg-query", "-W", "-f", "${Version}", package]
    version = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    text = copyright_file.read_text("utf-8", errors="replace")
    return Notice(f"{package} ({path.name})", version, "", (text,))


def _kept(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")
