"""``screenpop dial``: hand a number to the running app, starting it if needed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

from screenpop.cli.desk import ask_app
from screenpop.cli.output import say
from screenpop.config.paths import Paths
from screenpop.domain.errors import InstanceError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

START_SECONDS = 15.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The number, the account, and whether the user already agreed."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "number",
        metavar="NUMBER_OR_URI",
        nargs="?",
        help="a number, or a tel: link",
    )
    what.add_argument(
        "--selection",
        action="store_true",
        help="what is marked on the screen; it is always asked first",
    )
    parser.add_argument("--account", default="", help="which account calls")
    parser.add_argument(
        "--yes", action="store_true", help="call at once instead of asking first"
    )

    flow = parser.add_argument_group(
        "let the phone system speak, where it can (screenpop account catalogue)"
    )
    speaker = flow.add_mutually_exclusive_group()
    speaker.add_argument("--flow", default="", metavar="ID", help="this flow speaks")
    speaker.add_argument(
        "--audio", default="", metavar="ID", help="this recorded sound is played"
    )
    flow.add_argument(
        "--variable",
        action="append",
        default=[],
        type=_pair,
        metavar="NAME=VALUE",
        help="what the flow is to fill in",
    )


def plain_arguments(words: Sequence[str]) -> SimpleNamespace | None:
    """What ``NUMBER [--yes]`` says; None for anything that needs a closer look.

    A link that somebody clicked, mostly. Taking it apart by hand saves the quarter of
    the time that passes before the app is asked.
    """
    numbers = [word for word in words if word != "--yes"]
    if len(numbers) != 1 or numbers[0].startswith("-"):
        return None
    return SimpleNamespace(
        number=numbers[0],
        selection=False,
        account="",
        yes=len(words) > 1,
        flow="",
        audio="",
        variable=[],
    )


def _pair(text: str) -> tuple[str, str]:
    import argparse

    name, mark, value = text.partition("=")
    if not name.strip() or not mark:
        raise argparse.ArgumentTypeError("give NAME=VALUE")
    return name.strip(), value


def run(args: argparse.Namespace | SimpleNamespace) -> int:
    """Ask the running app to dial; it asks the user unless ``--yes`` is given."""
    paths = Paths.from_environment()
    if args.selection:
        ask_app(paths, "press", {"action": "dial_selection"})
        return 0
    if args.variable and not (args.flow or args.audio):
        raise UsageError("Variables are for a flow", "Name it with --flow.")
    request = {
        "text": args.number or "",
        "account": args.account,
        "yes": args.yes,
        "flow": args.flow,
        "audio": args.audio,
        "variables": dict(args.variable),
    }
    # Asked for something harmless first: an app that took the number and then gave no
    # answer may be dialling it, and must not be handed it again.
    if not _is_answering(paths):
        _start_app(paths)
    answer = ask_app(paths, "dial", request, timeout_seconds=45.0)
    say(str(answer.get("text", "")))
    if answer.get("advice"):
        say(str(answer["advice"]))
    return 0 if answer.get("state") not in ("failed", "unclear") else 1


def _start_app(paths: Paths) -> None:
    """Start the app in the background and wait until it answers."""
    import subprocess
    import time

    from screenpop.services.own_program import own_command

    subprocess.Popen(  # noqa: S603 - our own program
        own_command("--at-login", "--in-haste"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if _is_answering(paths):
            return
        time.sleep(0.1)
    raise InstanceError(
        "The app did not start in time", "Start screenpop and try again."
    )


def _is_answering(paths: Paths) -> bool:
    try:
        ask_app(paths, "status", {})
    except InstanceError:
        return False
    return True
