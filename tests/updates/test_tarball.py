"""The tarball that people install is the one that updates come as."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from linux import tarball
from screenpop.services.updates.installation import installation_of
from tests.updates.workshop import Workshop, program

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux only")


def build(folder: Path, version: str) -> Path:
    """The tarball of a stand-in for the frozen program."""
    frozen = folder / f"frozen-{version}"
    frozen.mkdir()
    (frozen / "screenpop").write_bytes(program(version))
    (frozen / "screenpop").chmod(0o755)
    return tarball.build(frozen, folder, version, "x86_64", is_quick=True)


def install(path: Path, prefix: Path, status: int = 0) -> str:
    """Unpack and run its script, as its notes say."""
    with tarfile.open(path) as archive:
        archive.extractall(prefix.parent, filter="data")
    script = prefix.parent / path.name.removesuffix(".tar.xz") / "install.sh"
    done = subprocess.run(
        [str(script), str(prefix)],
        env={**os.environ, "HOME": str(prefix.parent)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout + done.stderr


async def test_it_installs_versions_side_by_side_and_updates_from_its_like(
    tmp_path: Path, workshop: Workshop
) -> None:
    prefix = tmp_path / "people" / "local"
    prefix.mkdir(parents=True)
    first, second = build(tmp_path, "0.1.0"), build(tmp_path, "0.2.0")
    install(first, prefix)
    install(first, prefix)
    place = prefix / "lib" / "screenpop"
    assert (place / "current").readlink() == Path("versions", "0.1.0")
    assert (prefix / "bin" / "screenpop").resolve() == (
        place / "versions" / "0.1.0" / "screenpop"
    )
    entry = (prefix / "share" / "applications" / "screenpop.desktop").read_text()
    assert f"{place}/current/screenpop" in entry
    here = installation_of((place / "current" / "screenpop").resolve())
    assert here.kind.value == "tarball"
    assert here.can_replace_itself
    assert here.keys == ()

    # The same file, as an update.
    shutil.rmtree(workshop.root)
    shutil.copytree(place, workshop.root, symlinks=True)
    workshop.publish(data=second.read_bytes())
    await workshop.stage()
    assert workshop.versions.ready() == "0.2.0"
    marker = workshop.versions.folder("0.2.0") / "installation.json"
    assert "tarball" in marker.read_text()

    install(second, prefix)
    assert (place / "current").readlink() == Path("versions", "0.2.0")
    assert "newer than 0.1.0" in install(first, prefix, status=1)
