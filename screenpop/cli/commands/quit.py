"""``screenpop quit``: end the running app; installers ask for it before they change it.

An app is never ended by force here: with ``--unless-in-call`` a call keeps it running.
"""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Final

from screenpop.cli.desk import ask_app
from screenpop.cli.output import say, warn
from screenpop.config.paths import Paths
from screenpop.domain.errors import InstanceError, UsageError

if TYPE_CHECKING:
    import argparse

PATIENCE_SECONDS: Final = 15.0
ENDED: Final = "screenpop has ended"
"""What is said when one was running; the Windows installer looks for it."""
_PAUSE_SECONDS: Final = 0.1


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What may keep it running, and whose."""
    parser.add_argument(
        "--unless-in-call",
        action="store_true",
        help="leave it running while a call of this user rings or goes on",
    )
    parser.add_argument(
        "--everybody",
        action="store_true",
        help="also those of the other users of this computer (Windows, administrators)",
    )


def run(args: argparse.Namespace) -> int:
    """Ask it to end, and wait until it has; one that does not run is fine."""
    wish = {"unless_in_call": args.unless_in_call}
    if args.everybody:
        try:
            return _quit_everybody(wish)
        except OSError:
            # Whoever else's app still runs keeps its files from being changed.
            warn("screenpop: the apps of other users cannot be seen")
    return _quit_own(wish)


def _quit_own(wish: dict[str, bool]) -> int:
    paths = Paths.from_environment()
    try:
        ask_app(paths, "quit", wish)
    except InstanceError:
        if not _wait_for_end(paths, 0.0):
            raise
        say("screenpop is not running")
        return 0
    if not _wait_for_end(paths, PATIENCE_SECONDS):
        raise InstanceError("The running screenpop has not ended in time")
    say(ENDED)
    return 0


def _wait_for_end(paths: Paths, seconds: float) -> bool:
    """Whether its place is free, at once or before time is up."""
    from screenpop.desktop.instance import InstanceLock

    if not paths.lock_file.exists():
        return True
    lock = InstanceLock(paths.lock_file)
    give_up_at = time.monotonic() + seconds
    while not lock.acquire():
        if time.monotonic() >= give_up_at:
            return False
        time.sleep(_PAUSE_SECONDS)
    lock.release()
    return True


def _quit_everybody(wish: dict[str, bool]) -> int:
    if sys.platform == "win32":
        from screenpop.desktop.pipe_everybody import ask_every_app

        refusals = ask_every_app("quit", wish, patience_seconds=PATIENCE_SECONDS)
        if refusals:
            raise InstanceError(refusals[0])
        say("no screenpop is running")
        return 0
    raise UsageError(
        "Only on Windows one can reach the apps of other users",
        "Run this as each of them, without --everybody.",
    )
