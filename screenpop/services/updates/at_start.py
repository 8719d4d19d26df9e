"""What a quiet start does about a version that waits, before anything else runs."""

from __future__ import annotations

import logging
import os
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from screenpop.domain.errors import ScreenpopError, UpdateError
from screenpop.services.clock import utc_now
from screenpop.services.updates.finding import place_here, why_off
from screenpop.services.updates.hand_over import run_setup, take_setup
from screenpop.services.updates.installation import clean_environment
from screenpop.services.updates.trial import settle
from screenpop.wording import tr

if TYPE_CHECKING:
    from pathlib import Path

    from screenpop.config.paths import Paths
    from screenpop.services.updates.finding import UpdatePlace

_log = logging.getLogger(__name__)

LONGEST_CALL: Final = timedelta(hours=4)
"""A call that began earlier and never ended holds up nothing."""


def go_on_with(paths: Paths) -> list[str] | None:
    """Settle what waits.

    Whatever goes wrong, the version that is here starts.

    Returns:
        The command to become, less its arguments; empty to end, as an installer runs
        now; None to go on.
    """
    from screenpop.config.settings_file import SettingsFile

    try:
        file = SettingsFile.of(paths)
        place = place_here(paths, file.load().settings.updates)
        return settled(place, is_in_call=is_in_call(paths))
    except (ScreenpopError, OSError) as error:
        _log.info("the update waits: %s", error)
        return None


def settled(place: UpdatePlace, *, is_in_call: bool) -> list[str] | None:
    """The same for an installation that is known.

    Raises:
        UpdateError: The disk does not take it.
        OSError: The installer cannot be started.
    """
    versions = place.installation.versions
    if versions is not None and versions.trial() is not None:
        # Half done is worse than either: it is ended even where updates are off by now.
        return _command(settle(place, versions))
    if is_in_call or why_off(place):
        return None
    if versions is not None:
        return _command(settle(place, versions))
    waiting = take_setup(place.folder, place.version)
    if waiting is None:
        return None
    memory = place.memory()
    memory.handed = waiting.version
    place.remember(memory)
    run_setup(waiting.command)
    return []


def _command(program: Path | None) -> list[str] | None:
    return None if program is None else [str(program)]


def is_in_call(paths: Paths) -> bool:
    """Whether the call log has a call that goes on, as far as this program knew."""
    if not paths.database_file.exists():
        return False
    from screenpop.store.call_log import CallLog
    from screenpop.store.database import Database

    with Database(paths.database_file, moves_corrupt_aside=False) as database:
        since = utc_now() - LONGEST_CALL
        return any(row.started_at > since for row in CallLog(database).open_calls())


def become(command: list[str], words: list[str]) -> int:
    """Go on as another program; the exit status where a process cannot be replaced.

    Raises:
        UpdateError: It cannot be started.
    """
    whole = [*command, *words]
    try:
        if sys.platform == "win32":
            run_setup(whole)
            return 0
        os.execve(whole[0], whole, clean_environment())  # noqa: S606 - our own program
    except OSError as error:
        raise UpdateError(
            tr("The new version cannot be started: {reason}", reason=error.strerror)
        ) from error
