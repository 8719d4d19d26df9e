"""What the set-up installs is what was written down, to the last bit."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING

import hashes

if TYPE_CHECKING:
    from pathlib import Path

MEND = "run `python3 installer/dev.py hashes`"


def test_every_pin_has_a_hash_and_nothing_else_is_listed() -> None:
    listed = {pin.name: pin.version for pin in hashes.read().pins}
    assert listed == hashes.pinned(), MEND
    assert all(pin.hashes for pin in hashes.read().pins), MEND


def test_what_each_use_needs_is_among_what_is_installed_for_it() -> None:
    locked = hashes.read()
    pinned = {pin.name for pin in locked.pins}
    for use in (hashes.RUN, hashes.SHIP, hashes.BUILD, hashes.TEST):
        listed = {hashes._key(name) for name in hashes.names(use)}
        assert hashes.needed(pinned, use) == listed, f"{use}: {MEND}"
    to_run = hashes.names(hashes.RUN)
    assert {"httpx", "PySide6-Essentials"} <= {*to_run}
    assert "pytest" not in to_run
    assert "PyNaCl" in hashes.names(hashes.SHIP)
    assert {"pyinstaller", "PyNaCl", "httpx"} <= {*hashes.names(hashes.FREEZE)}
    assert "hatchling" in hashes.names(hashes.BUILD, hashes.FREEZE)


def test_the_usual_computers_are_known_and_no_address_is_written_down() -> None:
    assert {"linux-x86_64", "windows-x86_64"} <= set(hashes.read().computers)
    text = hashes.FILE.read_text("utf-8")
    assert "://" not in text
    assert "index" not in text


def test_another_file_of_the_same_name_and_version_is_not_installed(
    tmp_path: Path,
) -> None:
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"

    def publish(code: str) -> None:
        with zipfile.ZipFile(wheel, "w") as archive:
            archive.writestr("thing.py", code)
            archive.writestr(
                "thing-1.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n",
            )
            archive.writestr(
                "thing-1.0.dist-info/WHEEL",
                "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
            )
            archive.writestr("thing-1.0.dist-info/RECORD", "")

    def install() -> int:
        line = hashes.Pin("thing", "1.0", hashes=(digest,)).line()
        wanted = tmp_path / "wanted.txt"
        wanted.write_text(line)
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--no-index", "--find-links", str(tmp_path), "--require-hashes"]
        command += ["--target", str(tmp_path / "site"), "-r", str(wanted)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        return done.returncode

    publish("GOOD = True")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    publish("GOOD = False")
    assert install() != 0
    assert not (tmp_path / "site" / "thing.py").exists()
    publish("GOOD = True")
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    assert install() == 0
    assert (tmp_path / "site" / "thing.py").exists()
