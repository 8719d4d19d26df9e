"""``dev.py wheel``: the wheel and the source archive, the same bytes wherever built.

Both are built twice from what is committed: in two folders, under two users' habits
(umask, time zone, language, hash seed). Only what comes out the same twice is kept.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "dist"
KINDS = ("sdist", "wheel")


class BuildFault(Exception):
    """Nothing was built, or not the same twice; the text says why."""


@dataclass(frozen=True, slots=True)
class Habit:
    """Under what a build runs that must not show in it."""

    folder: str
    umask: int
    environment: Mapping[str, str]


HABITS = (
    Habit("one", 0o022, {"TZ": "UTC", "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "1"}),
    Habit(
        "another place",
        0o077,
        {"TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PYTHONHASHSEED": "2"},
    ),
)


def source_date(root: Path = ROOT) -> int:
    """When the last commit was made, seconds since 1970.

    Raises:
        BuildFault: It is no checkout, and nobody says.
    """
    said = os.environ.get("SOURCE_DATE_EPOCH", "")
    if said.isdigit():
        return int(said)
    return int(_git(root, "log", "-1", "--format=%ct").decode("ascii"))


def export(root: Path, target: Path, umask: int) -> None:
    """What is committed, as files, written under a umask.

    Raises:
        BuildFault: It is no checkout.
    """
    data = _git(root, "archive", "--format=tar", "HEAD")
    before = os.umask(umask)
    try:
        target.mkdir(parents=True)
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                # Whoever clones gets what the umask leaves.
                member.mode &= ~umask
                archive.extract(member, target, filter="fully_trusted")
    finally:
        os.umask(before)


def build(
    tree: Path, habit: Habit, date: int, kinds: Iterable[str] = KINDS
) -> dict[str, bytes]:
    """Build them; their bytes by file name.

    Raises:
        BuildFault: The build failed.
    """
    made = tree.with_name(f"{tree.name} made")
    command = [sys.executable, "-m", "hatchling", "build"]
    for kind in kinds:
        command += ["-t", kind]
    environment = {
        **os.environ,
        **habit.environment,
        "SOURCE_DATE_EPOCH": str(date),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        [*command, "-d", str(made)],
        cwd=tree,
        env=environment,
        umask=habit.umask,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BuildFault(f"the build failed:\n{done.stdout}{done.stderr}")
    return {path.name: path.read_bytes() for path in sorted(made.iterdir())}


def build_twice(root: Path = ROOT, kinds: Iterable[str] = KINDS) -> dict[str, bytes]:
    """Build as two people would; the bytes by file name, if both got the same.

    Raises:
        BuildFault: They did not.
    """
    date = source_date(root)
    built = []
    with tempfile.TemporaryDirectory() as folder:
        for habit in HABITS:
            tree = Path(folder, habit.folder)
            export(root, tree, habit.umask)
            built.append(build(tree, habit, date, kinds))
    one, other = built
    if one.keys() != other.keys():
        raise BuildFault(f"two builds made {sorted(one)} and {sorted(other)}")
    differing = [name for name in one if one[name] != other[name]]
    if differing:
        raise BuildFault(f"two builds differ in {', '.join(differing)}")
    return one


def _git(root: Path, *words: str) -> bytes:
    try:
        done = subprocess.run(
            ["git", *words], cwd=root, capture_output=True, check=False
        )
    except OSError as error:
        raise BuildFault("git is needed to know what is committed") from error
    if done.returncode != 0:
        raise BuildFault(f"git: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def main(arguments: list[str]) -> int:
    """Build, compare, keep."""
    parser = argparse.ArgumentParser(prog="dev.py wheel", description=__doc__)
    parser.add_argument("--out", type=Path, default=OUT, help="where they go")
    options = parser.parse_args(arguments)
    try:
        files = build_twice()
    except BuildFault as fault:
        print(f"dev.py wheel: {fault}", file=sys.stderr)
        return 1
    options.out.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (options.out / name).write_bytes(data)
        print(f"{hashlib.sha256(data).hexdigest()}  {name}")
    print("built twice in different surroundings, the same both times")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
