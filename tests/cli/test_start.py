"""The command line as a whole: quick to start, clear about what it cannot do."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from screenpop.cli.main import COMMANDS

if TYPE_CHECKING:
    from tests.cli.conftest import Home, Run

HEAVY = ("PySide6", "asyncio", "httpx", "keyring", "phonenumbers", "sqlite3", "tomlkit")
WRITTEN_HERE = (
    "account",
    "calls",
    "contacts",
    "dial",
    "doctor",
    "events",
    "lookup",
    "replay",
    "simulate",
    "status",
)


@pytest.mark.parametrize("words", ["", "--help", "--version"])
def test_nothing_heavy_is_loaded_before_it_is_needed(words: str) -> None:
    program = f"""
import sys
from screenpop.cli.main import main
if {words!r}:
    main([{words!r}])
print(*sorted({HEAVY!r} & sys.modules.keys()), file=sys.stderr)
""".replace(f"{HEAVY!r} &", f"set({HEAVY!r}) &")
    # Measuring coverage loads modules of its own.
    plain = {k: v for k, v in os.environ.items() if not k.startswith("COVERAGE")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env=plain,
    )
    assert done.stderr.strip() == ""


@pytest.mark.parametrize("name", WRITTEN_HERE)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"screenpop {name}" in ran.out


def test_the_overview_names_every_command_and_no_hidden_one(run: Run) -> None:
    ran = run("--help")
    assert ran.status == 0
    assert all(name in ran.out for name in COMMANDS)
    assert "import-worker" not in ran.out


@pytest.mark.parametrize("name", ["frobnicate", "--frobnicate", "calls --since never"])
def test_what_is_not_known_is_wrong_usage(
    run: Run, empty_home: Home, name: str
) -> None:
    ran = run(*name.split())
    assert (ran.status, ran.out) == (2, "")


def test_the_import_worker_alone_does_nothing() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "screenpop", "import-worker"],
        input=b"nonsense\n",
        capture_output=True,
        check=False,
    )
    assert done.returncode == 1
    assert b"not told what to do" in done.stdout


def test_settings_problems_are_told_and_do_not_stop_a_command(
    run: Run, empty_home: Home
) -> None:
    empty_home.write('[listener]\nport = "much"\n')
    ran = run("account", "list")
    assert ran.status == 0
    assert "listener.port" in ran.err


def _start_with_windows(**environment: str) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-m", "screenpop"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**kept, **environment},
    )


@pytest.mark.skipif(sys.platform != "linux", reason="a display is always there")
def test_without_a_display_one_sentence_says_so() -> None:
    done = _start_with_windows()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("screenpop: There is no display")
    assert done.stderr.count("\n") == 1


def test_a_start_that_fails_where_no_window_is_seen_ends_with_one_sentence(
    empty_home: Home,
) -> None:
    empty_home.folder.mkdir(parents=True)
    with closing(sqlite3.connect(empty_home.folder / "screenpop.db")) as database:
        database.execute("PRAGMA user_version = 999")
    done = _start_with_windows(QT_QPA_PLATFORM="offscreen")
    assert (done.returncode, done.stdout) == (1, "")
    assert "A newer screenpop wrote the local database" in done.stderr
    assert done.stderr.count("\n") == 1
