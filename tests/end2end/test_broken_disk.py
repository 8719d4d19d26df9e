"""On a real disk that fills up, is full, or is read-only: said, and nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.requirements import require_program

ROOT = Path(__file__).parents[2]
DB_FULL = "The local database cannot be written"
ADVICE = "Free some disk space or make the folder writable."


def _namespace() -> list[str] | None:
    """The words that start a program where it may mount; None where none may."""
    if sys.platform != "linux":
        return None
    as_root = ["unshare", "--mount"]
    as_user = ["unshare", "--user", "--map-root-user", "--mount"]
    for words in (as_root, as_user):
        tried = ["mount", "-t", "tmpfs", "tmpfs", "/mnt"]
        done = subprocess.run([*words, *tried], capture_output=True, check=False)
        if done.returncode == 0:
            return words
    return None


@pytest.fixture(scope="module")
def namespace() -> list[str]:
    """What root cannot do in CI is not passed over."""
    words = _namespace()
    is_root = sys.platform == "linux" and os.geteuid() == 0
    if words is None and os.environ.get("CI") and is_root:
        pytest.fail("this machine lets nobody mount a disk of its own")
    if words is None:
        pytest.skip("nobody may mount a disk here")
    return words


def _seen(namespace: list[str], scenario: str, folder: Path) -> dict[str, Any]:
    words = [sys.executable, "-m", "tests.end2end.small_disk", scenario, str(folder)]
    done = subprocess.run(
        [*namespace, *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_disk_that_fills_up_is_told_once_and_loses_nothing_acknowledged(
    namespace: list[str], tmp_path: Path
) -> None:
    seen = _seen(namespace, "fills-up", tmp_path / "disk")
    # One for what comes in, one for what is made of it; however many calls there are.
    notices = seen.pop("notices")
    assert set(notices) == {DB_FULL}
    assert len(notices) <= 2
    assert seen == {
        "refused": 503,
        "alive": True,
        "lost": 0,
        "again": [200, 200],
        "pops": 1,
        "ended": 0,
        "differences": [],
    }


def test_a_start_on_a_full_disk_says_so_in_a_sentence(
    namespace: list[str], tmp_path: Path
) -> None:
    seen = _seen(namespace, "full", tmp_path / "disk")
    assert seen["status"] == 1
    assert "No space left on device" in seen["err"]
    assert seen["err"].endswith(f"{ADVICE}\n")
    assert seen["err"].count("\n") == 1


def test_a_read_only_disk_is_named_at_the_start_and_by_commands(
    namespace: list[str], tmp_path: Path
) -> None:
    seen = _seen(namespace, "read-only", tmp_path / "disk")
    assert seen["status"] == 1
    assert "Read-only file system" in seen["err"]
    assert seen["err"].endswith(f"{ADVICE}\n")
    assert seen["listed"] == 1
    assert seen["listed_err"] == f"screenpop: {DB_FULL}. {ADVICE}\n"


def test_a_power_cut_loses_no_acknowledged_delivery(
    namespace: list[str], tmp_path: Path
) -> None:
    """As far as the file system goes: what was not synced is gone from the disk."""
    if not Path("/dev/loop-control").exists() or os.geteuid() != 0:
        pytest.skip("nobody may mount an image here")
    require_program("mkfs.ext4")
    seen = _seen(namespace, "power-cut", tmp_path / "disk")
    assert seen == {
        "accepted": True,
        "refused": [503],
        "lost": 0,
        "ended": 0,
        "differences": [],
    }
