"""One app per user, however it is started and however it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import pytest

from screenpop.desktop.instance import InstanceLock, is_held_by_somebody
from screenpop.domain.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

# Says whether it got the lock, and keeps it until its input ends.
START = """
import pathlib, sys
from screenpop.desktop.instance import InstanceLock
sys.stdin.readline()
lock = InstanceLock(pathlib.Path(sys.argv[1]))
print("first" if lock.acquire() else "second", flush=True)
sys.stdin.read()
"""


@contextmanager
def starting(lock_file: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", START, str(lock_file)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def go(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.write("go\n")
    process.stdin.flush()


def outcome(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_of_eight_racing_starts_one_wins(runtime: Path) -> None:
    lock_file = runtime / "app.lock"
    with ExitStack() as stack:
        starts = [stack.enter_context(starting(lock_file)) for _ in range(8)]
        for process in starts:
            go(process)
        outcomes = [outcome(process) for process in starts]
        assert sorted(outcomes) == ["first", *["second"] * 7]


def test_the_lock_of_a_killed_app_is_free(runtime: Path) -> None:
    lock_file = runtime / "app.lock"
    own = InstanceLock(lock_file)
    with starting(lock_file) as process:
        go(process)
        assert outcome(process) == "first"
        assert not own.acquire()
        assert is_held_by_somebody(lock_file)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert not is_held_by_somebody(lock_file)
    assert own.acquire()
    own.release()


def test_the_lock_can_be_given_back(runtime: Path) -> None:
    first = InstanceLock(runtime / "app.lock")
    second = InstanceLock(runtime / "app.lock")
    assert first.acquire()
    assert first.acquire()
    assert first.is_held
    assert not second.acquire()
    first.release()
    first.release()
    assert not is_held_by_somebody(runtime / "app.lock")
    assert second.acquire()
    second.release()


def test_a_child_process_does_not_keep_the_lock(runtime: Path) -> None:
    lock = InstanceLock(runtime / "app.lock")
    assert lock.acquire()
    with subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, close_fds=False
    ) as child:
        lock.release()
        assert lock.acquire()
        child.kill()
    lock.release()


def test_the_lock_file_is_for_its_owner_alone(runtime: Path) -> None:
    lock = InstanceLock(runtime / "app.lock")
    assert lock.acquire()
    assert (runtime / "app.lock").stat().st_mode & 0o777 == 0o600
    lock.release()


@pytest.mark.parametrize("content", ["", "rubbish", "99999999999999999999", "-"])
def test_a_lock_file_with_anything_in_it_is_nobodys(
    runtime: Path, content: str
) -> None:
    lock_file = runtime / "app.lock"
    lock_file.write_text(content)
    assert not is_held_by_somebody(lock_file)
    lock = InstanceLock(lock_file)
    assert lock.acquire()
    assert lock_file.read_text() == str(os.getpid())
    lock.release()


def test_a_link_in_the_place_of_the_lock_is_not_followed(runtime: Path) -> None:
    victim = runtime / "victim"
    victim.write_text("precious")
    (runtime / "app.lock").symlink_to(victim)
    with pytest.raises(InstanceError, match="cannot be used"):
        InstanceLock(runtime / "app.lock").acquire()
    assert victim.read_text() == "precious"


def test_a_folder_that_is_not_there_is_told(runtime: Path) -> None:
    with pytest.raises(InstanceError, match="cannot be used"):
        InstanceLock(runtime / "nowhere" / "app.lock").acquire()
