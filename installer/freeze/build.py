"""``dev.py freeze``: the program in one folder that needs no Python.

Runs in an environment that holds the program, what it needs and PyInstaller, and
nothing else, so that what is installed there is what is shipped.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import licences
from freeze import icu_data

ROOT = Path(__file__).resolve().parent.parent.parent
SPEC = ROOT / "installer" / "freeze" / "screenpop.spec"
WORK = ROOT / "build" / "freeze"
FROZEN = ROOT / "dist" / "frozen"
PROGRAM_FOLDER = FROZEN / "screenpop"
MOST_BYTES = 90_000_000
"""What the program may take on a Linux machine; bytes of its files."""

_LIBRARIES = PROGRAM_FOLDER / "_internal"
_NOTICES = "THIRD-PARTY-LICENCES.txt"


class FreezeFailed(Exception):
    """The frozen program is not what it has to be; the text says in which way."""


def main(arguments: list[str]) -> int:
    """Freeze, make it small, add the licences, and prove the result."""
    parser = argparse.ArgumentParser(prog="dev.py freeze", description=main.__doc__)
    parser.add_argument(
        "--no-proof", action="store_true", help="leave out the self-test at the end"
    )
    options = parser.parse_args(arguments)
    started = time.monotonic()
    try:
        freeze()
        if not options.no_proof:
            prove()
    except (FreezeFailed, subprocess.CalledProcessError) as error:
        print(f"dev.py freeze: {error}", file=sys.stderr)
        return 1
    seconds = time.monotonic() - started
    size = size_of(PROGRAM_FOLDER)
    print(f"{PROGRAM_FOLDER}: {size / 1e6:.1f} MB, made in {seconds:.0f} s")
    return 0


def freeze() -> None:
    """Make the folder anew.

    Raises:
        FreezeFailed: It became too large, or a licence is missing.
        CalledProcessError: PyInstaller or the linker failed, and have said why.
    """
    shutil.rmtree(FROZEN, ignore_errors=True)
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--log-level=WARN"]
    command += ["--distpath", str(FROZEN), "--workpath", str(WORK / "work"), str(SPEC)]
    # With both, two builds of one tree on one machine give the same bytes.
    environment = {
        "SOURCE_DATE_EPOCH": source_date(),
        **os.environ,
        "PYTHONHASHSEED": "1",
    }
    subprocess.run(command, check=True, env=environment, cwd=ROOT)
    for library in _LIBRARIES.glob("PySide6/Qt/lib/libicudata.so.*"):
        saved = icu_data.slim(library)
        print(f"{library.name}: {saved / 1e6:.1f} MB less")
    try:
        notices = licences.notices(PROGRAM_FOLDER)
    except licences.LicenceMissing as error:
        raise FreezeFailed(str(error)) from error
    (PROGRAM_FOLDER / _NOTICES).write_text(notices, "utf-8")
    shutil.copy(ROOT / "LICENSE", PROGRAM_FOLDER / "LICENSE.txt")
    size = size_of(PROGRAM_FOLDER)
    if sys.platform == "linux" and size > MOST_BYTES:
        raise FreezeFailed(f"{size / 1e6:.1f} MB is too large: see contents.py")


def prove() -> None:
    """Have the frozen program prove itself, without a display and in a strange home.

    Raises:
        CalledProcessError: It does not, and has said why.
    """
    name = "screenpop-cli.exe" if sys.platform == "win32" else "screenpop"
    with tempfile.TemporaryDirectory() as home:
        # Nothing of this environment may help it along.
        kept = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "DBUS_SESSION_BUS_ADDRESS")
        environment = {each: os.environ[each] for each in kept if each in os.environ}
        environment |= {"HOME": home, "SCREENPOP_HOME": home, "LANG": "C.UTF-8"}
        command = [str(PROGRAM_FOLDER / name), "self-test"]
        subprocess.run(command, check=True, env=environment, cwd=home)


def source_date() -> str:
    """When the source was last changed, in seconds since 1970."""
    asked = ["git", "log", "-1", "--format=%ct"]
    try:
        told = subprocess.run(
            asked, cwd=ROOT, capture_output=True, text=True, check=False
        )
    except OSError:
        return "0"
    return told.stdout.strip() or "0"


def size_of(folder: Path) -> int:
    """The bytes of the files in a folder."""
    return sum(
        path.lstat().st_size for path in folder.rglob("*") if not path.is_symlink()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
