"""Switch to another version, have it prove itself, and go back when it does not.

Each step leaves the tree as the next start expects it, so a kill at any of them costs
at most another trial. Two things are sure at every moment: ``current`` leads to a
version that has passed its self-test here at least once, and a note of the trial is on
the disk for as long as the switch is not settled.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import UpdateError
from screenpop.domain.plain_text import plain
from screenpop.domain.update_manifest import Version
from screenpop.services.updates.installation import clean_environment
from screenpop.services.updates.versions import Trial, VersionsFolder
from screenpop.wording import english, tr

if TYPE_CHECKING:
    from screenpop.services.updates.finding import UpdatePlace

_log = logging.getLogger(__name__)

MOST_ATTEMPTS: Final = 3
"""A trial that was cut off that often counts as failed."""
TEST_SECONDS: Final = 180.0
_VERSION_SECONDS: Final = 30.0
_LONGEST_QUOTE: Final = 160

Test = Callable[[Path, str], str]
"""Program and version to a sentence on why it does not work; "" when it does."""


def self_test(program: Path, version: str, seconds: float = TEST_SECONDS) -> str:
    """Why a version does not work on this computer; "" when it does."""
    said, text = _run([str(program), "--version"], _VERSION_SECONDS)
    if said or not text.startswith(f"screenpop {version}\n"):
        return tr("It is not version {version}.", version=version)
    said, text = _run([str(program), "self-test"], seconds)
    if said is None:
        return tr("Its self-test did not end in time.")
    if said:
        lines = text.strip().splitlines()
        words = plain(lines[-1], _LONGEST_QUOTE) if lines else ""
        return tr("Its self-test failed: {words}", words=words)
    return ""


def _run(command: list[str], seconds: float) -> tuple[int | None, str]:
    """Exit status, None for too late, and what it said."""
    try:
        process = subprocess.Popen(  # noqa: S603 - a version whose hash was checked
            command,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
    except OSError as error:
        return 1, error.strerror or ""
    with process:
        try:
            text, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            return None, ""
    return process.returncode, text


def _end(process: subprocess.Popen[str]) -> None:
    """End it and what it started, which may hold its output open."""
    if sys.platform == "win32":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)


def settle(
    place: UpdatePlace, versions: VersionsFolder, test: Test = self_test
) -> Path | None:
    """Take up a trial that was cut off, or begin one with the version that waits.

    Returns:
        The program to go on with; None for the one that runs.

    Raises:
        UpdateError: The disk does not take what must be noted; nothing was switched.
    """
    own = place.installation.folder.name
    trial = versions.trial()
    if trial is None:
        ready = versions.ready()
        if not ready or not _is_newer(ready, own):
            versions.set_ready("")
            return None
        trial = Trial(version=ready, former=own)
    else:
        trial = replace(trial, attempts=trial.attempts + 1)
    if trial.attempts > MOST_ATTEMPTS or not versions.has(trial.version):
        return _undo(place, versions, trial, tr("Its trial was cut off."))
    versions.set_trial(trial)
    versions.switch(trial.version)
    problem = test(versions.current_program, trial.version)
    if problem:
        return _undo(place, versions, trial, problem)
    return _confirm(place, versions, trial)


def _is_newer(version: str, own: str) -> bool:
    try:
        return Version.read(version).order > Version.read(own).order
    except UpdateError:
        return False


def _confirm(place: UpdatePlace, versions: VersionsFolder, trial: Trial) -> Path | None:
    _log.info("updated from %s to %s", trial.former, trial.version)
    memory = place.memory()
    memory.news = [
        tr("screenpop was updated to version {version}", version=trial.version),
        memory.notes,
    ]
    memory.is_bad_news = False
    memory.offered = ""
    place.remember(memory)
    versions.set_ready("")
    versions.set_trial(None)
    # The former version stays, should somebody want to go back by hand.
    versions.keep_only((trial.version, trial.former))
    is_running = place.installation.folder.name == trial.version
    return None if is_running else versions.current_program


def _undo(
    place: UpdatePlace, versions: VersionsFolder, trial: Trial, problem: str
) -> Path | None:
    _log.info(
        "version %s did not work and was taken back: %s",
        trial.version,
        english(problem),
    )
    own = place.installation.folder.name
    former = trial.former if versions.has(trial.former) else own
    versions.switch(former)
    memory = place.memory()
    memory.note_failure(trial.version, problem)
    memory.news = [
        tr("The update to version {version} was taken back", version=trial.version),
        tr(
            "{problem} screenpop goes on as version {former} and waits for a newer "
            "one.",
            problem=problem,
            former=former,
        ),
    ]
    memory.is_bad_news = True
    memory.offered = ""
    place.remember(memory)
    versions.set_ready("")
    versions.set_trial(None)
    versions.keep_only((former, own))
    return None if own == former else versions.current_program
