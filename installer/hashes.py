"""Which files may be installed: a hash for each pin, for each kind of computer.

``constraints.txt`` says versions, ``hashes.txt`` what their files must be, to the last
bit. The set-up installs by hash where the file knows the computer, so that neither the
registry nor anybody on the way can slip in something else. Standard library only, as
the set-up reads it; ``main`` renews it (``python3 installer/dev.py hashes``).
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
FILE = FOLDER / "hashes.txt"
CONSTRAINTS = FOLDER / "constraints.txt"
PYTHONS = ("3.11", "3.12", "3.13")
RUN, SHIP, FREEZE, BUILD, TEST = "run", "ship", "freeze", "build", "test"
"""What the program needs, with what packages have besides; what freezes it; what an
install from a checkout is made with; what it is tested with."""
_SHIPPED = ("team", "relay", "updates")
_EXTRAS = {
    RUN: (),
    SHIP: _SHIPPED,
    FREEZE: (*_SHIPPED, "freeze"),
    TEST: (*_SHIPPED, "dev"),
}
_NEWEST_GLIBC, _OLDEST_GLIBC = 36, 5
_OLD_NAMES = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
# What an editable install is made with.
_BUILDERS = ("hatchling", "editables")
_OWN = "screenpop"
# What packages ask for that are in no environment of a developer.
_NOT_HERE = {
    "pyinstaller": (
        *("altgraph", "macholib", "packaging", "pefile"),
        *("pyinstaller-hooks-contrib", "pywin32-ctypes", "setuptools"),
    ),
}
MARKERS = {
    "atheris": 'sys_platform == "linux"',
    "colorama": 'sys_platform == "win32"',
    "cryptography": 'sys_platform == "linux"',
    "jeepney": 'sys_platform == "linux"',
    "macholib": 'sys_platform == "darwin"',
    "pefile": 'sys_platform == "win32"',
    "pywin32-ctypes": 'sys_platform == "win32"',
    "secretstorage": 'sys_platform == "linux"',
}
"""What is not wanted everywhere, by key."""
_LINE = re.compile(
    r"([\w.-]+)==([\w.+!]+)(?: ; ([^\\#]+?))?((?: --hash=sha256:\w{64})+)"
    r"(?:  # ([a-z ]*))?"
)
_EXTRA = re.compile(r"""extra\s*==\s*["']([\w.-]+)["']""")
_ASKED = re.compile(r"([\w.-]+)\s*(?:\[([^\]]*)\])?")
_NONE = re.compile(r"No matching distribution found for ([\w.-]+)==")
_HEAD = """\
# What may be installed, by the SHA-256 of each file: the versions of constraints.txt.
# Made by `python3 installer/dev.py hashes`, read by the set-up.
"""
_FOR = "# For: "


@dataclass(frozen=True, slots=True)
class Pin:
    """One package, in one version.

    Attributes:
        marker: Where it is wanted; "" for everywhere.
        hashes: SHA-256 of its files, sorted.
        uses: What it is wanted for; nothing for what single commands ask for.
    """

    name: str
    version: str
    marker: str = ""
    hashes: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()

    def line(self) -> str:
        """As pip reads it."""
        marker = f" ; {self.marker}" if self.marker else ""
        hashes = "".join(f" --hash=sha256:{each}" for each in self.hashes)
        uses = f"  # {' '.join(self.uses)}" if self.uses else ""
        return f"{self.name}=={self.version}{marker}{hashes}{uses}"


@dataclass(slots=True)
class Locked:
    """Everything in the file.

    Attributes:
        computers: Kinds that every file is known for: "linux-x86_64".
    """

    computers: tuple[str, ...] = ()
    pins: list[Pin] = field(default_factory=list)


# --- reading -------------------------------------------------------------------------


def read(path: Path = FILE) -> Locked:
    """The file.

    Raises:
        ValueError: A line of it cannot be read.
        OSError: It cannot be read at all.
    """
    locked = Locked()
    for line in path.read_text("utf-8").splitlines():
        if line.startswith(_FOR):
            locked.computers = tuple(line.removeprefix(_FOR).split())
        elif line and not line.startswith("#"):
            found = _LINE.fullmatch(line)
            if found is None:
                raise ValueError(f"{path.name}: “{line[:60]}” cannot be read")
            name, version, marker, hashes, uses = found.groups()
            kept = tuple(re.findall(r"sha256:(\w{64})", hashes))
            known = tuple((uses or "").split())
            locked.pins.append(Pin(name, version, (marker or "").strip(), kept, known))
    return locked


def computer() -> str:
    """This kind of computer: "linux-x86_64"."""
    machine = {"amd64": "x86_64", "aarch64": "arm64"}
    name = platform.machine().lower()
    if sys.platform.startswith("linux") and platform.libc_ver()[0] != "glibc":
        return f"linux-musl-{name}"
    systems = {"win32": "windows", "darwin": "macos"}
    return f"{systems.get(sys.platform, 'linux')}-{machine.get(name, name)}"


def requirements(*uses: str) -> str:
    """What pip is to install here by hash for some uses, in its own words.

    Returns:
        "" where this kind of computer is not known.

    Raises:
        ValueError: The file cannot be read.
    """
    if not FILE.exists():
        return ""
    locked = read()
    if computer() not in locked.computers:
        return ""
    wanted = set(uses)
    return "\n".join(pin.line() for pin in locked.pins if wanted & {*pin.uses})


def names(use: str, *but: str) -> list[str]:
    """The packages that are wanted for one use, and for none of the others."""
    return [
        pin.name for pin in read().pins if use in pin.uses and not {*but} & {*pin.uses}
    ]


# --- renewing ------------------------------------------------------------------------


def pinned(path: Path = CONSTRAINTS) -> dict[str, str]:
    """Name to version, as ``constraints.txt`` says."""
    lines = path.read_text("utf-8").splitlines()
    pins = (line.partition("==") for line in lines if line and line[0] != "#")
    return {name: version for name, _, version in pins}


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(pinned: Iterable[str], use: str) -> set[str]:
    """The pins that one use asks for, as installed here, by their keys."""
    found: set[tuple[str, tuple[str, ...]]] = set()
    known = {_key(name) for name in pinned}
    waiting: list[tuple[str, tuple[str, ...]]] = [
        (_key(name), ()) for name in _BUILDERS if use == BUILD
    ]
    if use in _EXTRAS:
        waiting.append((_OWN, _EXTRAS[use]))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += [each for each in _asked_for(*one) if each[0] in {*known, _OWN}]
    return {name for name, _ in found} & known


def _asked_for(
    name: str, extras: tuple[str, ...]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """What a package asks for, with the extras that it wants of that."""
    for line in _lines_of(name, extras):
        found, wanted = _ASKED.match(line), _EXTRA.search(line)
        if found is not None and (wanted is None or wanted[1] in extras):
            more = tuple(sorted(each.strip() for each in (found[2] or "").split(",")))
            yield _key(found[1]), tuple(filter(None, more))


def _lines_of(name: str, extras: tuple[str, ...]) -> list[str]:
    if name == _OWN:
        # Not what was installed once, but what stands there now.
        project = tomllib.loads((FOLDER.parent / "pyproject.toml").read_text("utf-8"))
        asked: list[str] = list(project["project"]["dependencies"])
        for extra in extras:
            asked += project["project"]["optional-dependencies"][extra]
        return asked
    try:
        return importlib.metadata.requires(name) or []
    except importlib.metadata.PackageNotFoundError:
        return list(_NOT_HERE.get(name, ()))


def targets() -> Iterator[tuple[str, str, list[str]]]:
    """Each kind of computer with each Python, and pip's words for it."""
    glibc = [
        name
        for minor in range(_NEWEST_GLIBC, _OLDEST_GLIBC - 1, -1)
        for name in (f"manylinux_2_{minor}", _OLD_NAMES.get(minor, ""))
        if name
    ]
    kinds = {
        "linux-x86_64": [f"{name}_x86_64" for name in glibc],
        "windows-x86_64": ["win_amd64"],
        "macos-arm64": ["macosx_14_0_arm64"],
        "macos-x86_64": ["macosx_14_0_x86_64"],
    }
    for kind, tags in kinds.items():
        for version in PYTHONS:
            words = ["--python-version", version, "--only-binary", ":all:"]
            for tag in tags:
                words += ["--platform", tag]
            yield kind, version, words


def files_of(
    pins: Mapping[str, str], words: list[str]
) -> tuple[dict[str, str], set[str]]:
    """The hash of the file that such a computer gets, by name; who has none for it.

    Raises:
        SystemExit: pip failed for another reason, and has said why.
    """
    wanted = dict(pins)
    missing: set[str] = set()
    while True:
        lines = [f"{name}=={version}" for name, version in wanted.items()]
        with tempfile.TemporaryDirectory() as folder:
            listed, report = Path(folder, "wanted.txt"), Path(folder, "report.json")
            listed.write_text("\n".join(lines), "utf-8")
            command = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run"]
            command += ["--no-deps", "--ignore-installed", "--target", folder]
            command += [*words, "--report", str(report), "-r", str(listed)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return _hashes_in(json.loads(report.read_text("utf-8"))), missing
        lacking = _NONE.search(done.stderr)
        if lacking is None or lacking[1] not in wanted:
            sys.exit(done.stderr)
        missing.add(lacking[1])
        del wanted[lacking[1]]


def _hashes_in(report: dict[str, list[dict[str, dict[str, object]]]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in report["install"]:
        archive = each["download_info"]["archive_info"]
        assert isinstance(archive, dict)  # noqa: S101 - pip's own format
        found[_key(str(each["metadata"]["name"]))] = archive["hashes"]["sha256"]
    return found


def main(arguments: list[str]) -> int:
    """Ask pip for each kind of computer, and write the file anew."""
    parser = argparse.ArgumentParser(prog="dev.py hashes", description=main.__doc__)
    parser.add_argument(
        "--all", action="store_true", help="also for what is known already"
    )
    options = parser.parse_args(arguments)
    pins, kept = pinned(), Locked()
    if FILE.exists() and not options.all:
        kept = read()
    hashes = {
        _key(name): {
            digest
            for pin in kept.pins
            if (_key(pin.name), pin.version) == (_key(name), version)
            for digest in pin.hashes
        }
        for name, version in pins.items()
    }
    new = {name: pins[name] for name in pins if not hashes[_key(name)]}
    asked, without = _asked(new)
    for name, digests in asked.items():
        hashes[name] |= digests
    kinds = [
        kind
        for kind, names in without.items()
        if not names and (kind in kept.computers or not kept.computers)
    ]
    FILE.write_text(_text(pins, hashes, kinds), "utf-8")
    print(f"wrote {FILE.name}: {len(new)} new, for {' '.join(kinds)}")
    return 0


def _asked(pins: Mapping[str, str]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """The hashes of these by key, and whom each kind of computer has to do without."""
    found: dict[str, set[str]] = {_key(name): set() for name in pins}
    without: dict[str, set[str]] = {}
    for kind, version, words in targets():
        wanted = {name: pins[name] for name in pins if _is_for(name, kind)}
        files, missing = files_of(wanted, words) if wanted else ({}, set())
        for name, digest in files.items():
            found[name].add(digest)
        print(f"{kind} Python {version}: {len(files)} files", flush=True)
        without.setdefault(kind, set()).update(missing)
    for name in sorted(set().union(*without.values())):
        # Its source is there for whoever has no ready file of it.
        if digest := source_of(name, pins[name]):
            found[_key(name)].add(digest)
            without = {kind: names - {name} for kind, names in without.items()}
        else:
            lacking = [kind for kind, names in without.items() if name in names]
            print(f"no file of {name} for {' '.join(lacking)}")
    return found, without


def _is_for(name: str, kind: str) -> bool:
    systems = {"windows": "win32", "macos": "darwin"}
    system = systems.get(kind.partition("-")[0], "linux")
    marker = MARKERS.get(_key(name), "")
    return not marker or f'"{system}"' in marker


def source_of(name: str, version: str) -> str:
    """The hash of a package's source; "" where there is none."""
    found, _ = files_of({name: version}, ["--no-binary", ":all:"])
    return found.get(_key(name), "")


def _text(
    pins: Mapping[str, str], hashes: Mapping[str, set[str]], kinds: Iterable[str]
) -> str:
    wanted = {use: needed(pins, use) for use in (RUN, SHIP, FREEZE, BUILD, TEST)}
    lines = [f"{_HEAD}{_FOR}{' '.join(kinds)}"]
    for name, version in pins.items():
        key = _key(name)
        uses = tuple(use for use in wanted if key in wanted[use])
        known = tuple(sorted(hashes[key]))
        lines.append(Pin(name, version, MARKERS.get(key, ""), known, uses).line())
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
