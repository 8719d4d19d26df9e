"""``screenpop``: start the tray app, or raise the one that runs."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Final

from screenpop.cli.desk import ask_app
from screenpop.config.paths import Paths
from screenpop.desktop.display import can_make_windows
from screenpop.domain.errors import ConfigurationError, InstanceError, ScreenpopError
from screenpop.services.waiting_update import is_waiting

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from screenpop.desktop.instance import InstanceLock

PATIENCE_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.1
_AT_LOGIN: Final = "--at-login"
_IN_HASTE: Final = "--in-haste"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """No arguments but those that this program itself uses."""
    parser.add_argument(
        _AT_LOGIN, action="store_true", help="start without showing a window"
    )
    parser.add_argument(
        _IN_HASTE, action="store_true", help="somebody waits: put no update in place"
    )
    parser.add_argument(
        "--headless", action="store_true", help="run without windows or tray"
    )


def plain_arguments(words: Sequence[str]) -> SimpleNamespace | None:
    """The arguments of the usual starts; None for what a parser has to look at.

    An app that runs for days need not keep the parser, which takes 0.4 MiB.
    """
    if words not in ([], [_AT_LOGIN], [_AT_LOGIN, _IN_HASTE]):
        return None
    in_haste = _IN_HASTE in words
    return SimpleNamespace(at_login=bool(words), in_haste=in_haste, headless=False)


def run(args: argparse.Namespace | SimpleNamespace) -> int:
    """Become the running app, unless there is one already."""
    if args.headless:
        from screenpop.services.headless import run_headless

        return _run(run_headless, args)
    if not can_make_windows():
        raise ConfigurationError(
            "There is no display to show windows on",
            "Start screenpop in a desktop session, or with --headless.",
        )
    try:
        return _run(
            lambda paths: _with_windows(paths, is_login_start=args.at_login), args
        )
    except ScreenpopError as error:
        _show(error)
        raise
    except Exception as error:
        _show(_confession(error))
        raise


def _run(
    app: Callable[[Paths], int], args: argparse.Namespace | SimpleNamespace
) -> int:
    from screenpop.desktop.instance import InstanceLock
    from screenpop.services.own_program import RESTART, own_command

    paths = Paths.from_environment()
    paths.ensure()
    lock = InstanceLock(paths.lock_file)
    if not _take_over(lock, paths):
        return 0
    next_program = None
    try:
        if not args.in_haste and is_waiting(paths):
            next_program = _newer(paths)
        if next_program is None:
            status = app(paths)
            if status != RESTART:
                return status
            next_program = own_command()
    finally:
        lock.release()
    return _become(next_program, args)


def _newer(paths: Paths) -> list[str] | None:
    from screenpop.services.updates.at_start import go_on_with

    return go_on_with(paths)


def _become(program: list[str], args: argparse.Namespace | SimpleNamespace) -> int:
    """Go on as another program; none ends this one, as an installer takes over."""
    if not program:
        return 0
    from screenpop.services.updates.at_start import become

    # A window that was not open before is not wanted after a restart either.
    return become(program, ["run", "--headless" if args.headless else _AT_LOGIN])


def _with_windows(paths: Paths, *, is_login_start: bool) -> int:
    from screenpop.ui.gui import run_app

    return run_app(paths, is_login_start=is_login_start)


def _show(error: ScreenpopError) -> None:
    """Standard error is read by nobody when a menu started the program."""
    from screenpop.ui.start_failure import show_start_failure

    show_start_failure(error)


def _confession(error: Exception) -> ScreenpopError:
    from screenpop.cli.fault_report import write_fault_report

    kept = write_fault_report("run", error)
    advice = f"The details are in {kept}." if kept else ""
    return ScreenpopError("A fault of screenpop's own ended it", advice)


def _take_over(lock: InstanceLock, paths: Paths) -> bool:
    """Take the lock; False when another app has it and shows itself now.

    The other may still be starting, which takes a while when several start at login,
    or be ending, and then its place is free.

    Raises:
        InstanceError: It neither answers nor ends.
    """
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while not lock.acquire():
        try:
            ask_app(paths, "show", {"window": "dialer"})
        except InstanceError as error:
            if time.monotonic() > give_up_at:
                raise InstanceError(
                    "screenpop is already running but does not answer",
                    "End it and start it again.",
                ) from error
            time.sleep(_PAUSE_SECONDS)
        else:
            return False
    return True
