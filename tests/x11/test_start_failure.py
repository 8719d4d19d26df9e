"""Started from a menu, a program that cannot run says so in a window."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.requirements import require_program
from tests.waiting import until

pytestmark = pytest.mark.x11

_TITLE = "screenpop is not running"


def _newer_database(home: Path) -> None:
    home.mkdir()
    with closing(sqlite3.connect(home / "screenpop.db")) as database:
        database.execute("PRAGMA user_version = 999")


def _file_in_its_place(home: Path) -> None:
    home.touch()


@pytest.mark.parametrize(
    ("break_home", "said"),
    [
        (_newer_database, "A newer screenpop wrote the local database"),
        (_file_in_its_place, "cannot be created"),
    ],
)
def test_a_start_that_fails_is_read_in_a_window_until_it_is_closed(
    tmp_path: Path, break_home: Callable[[Path], None], said: str
) -> None:
    home = tmp_path / "home"
    break_home(home)
    process = subprocess.Popen(
        [sys.executable, "-m", "screenpop", "run", "--at-login"],
        env={**os.environ, "SCREENPOP_HOME": str(home)},
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        search = [require_program("xdotool"), "search", "--onlyvisible", "--name"]

        def window() -> str:
            done = subprocess.run(
                [*search, _TITLE], capture_output=True, text=True, check=False
            )
            return done.stdout.strip()

        until(window, "the window", seconds=30)
        focus = [search[0], "windowfocus", "--sync", window(), "key", "Return"]
        subprocess.run(focus, check=True)
        _, error = process.communicate(timeout=20)
    finally:
        process.kill()
        process.wait()
    assert process.returncode == 1
    assert said in error
    assert error.count("\n") == 1
