"""``screenpop calls open``: what a call opens, tried with one of the log."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Any, Final

from screenpop.cli.call_desk import find_call, open_history
from screenpop.cli.desk import load_settings
from screenpop.cli.output import add_json_option, say, say_json
from screenpop.cli.people_desk import open_people
from screenpop.config.paths import Paths
from screenpop.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from screenpop.domain.record_opening import OpenPlan, OpenTarget

_AT_ONCE_SECONDS: Final = 2.0
_WHEN: Final = {
    "never": "Opening is switched off for calls like this; it would be:",
    "ring": "As soon as it rings:",
    "answer": "As soon as it is answered:",
}


def add_parser(words: Any, call: argparse.ArgumentParser) -> None:
    """The word after ``calls``."""
    says = "what a call opens by itself, tried with one of the log"
    parser = words.add_parser(
        "open", help=says, description=f"{says.capitalize()}.", parents=[call]
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be opened"
    )
    add_json_option(parser)
    parser.set_defaults(handler=lambda args: asyncio.run(_open(args)))


async def _open(args: argparse.Namespace) -> int:
    from screenpop.domain.numbers import read_number
    from screenpop.domain.record_opening import plan_of
    from screenpop.services.record_opener import open_call_of_row, open_settings

    paths = Paths.from_environment()
    settings = load_settings(paths).settings
    async with open_people(paths) as desk:
        ref = find_call(open_history(desk.database, settings), settings, args.call)
        row = desk.log.get(ref.account_id, ref.call_id)
        if row is None:
            raise ConfigurationError("There is no such call in the log")
        number = read_number(row.remote_number, desk.region)
        answer = await desk.lookup.ask(number, lambda _: None)
        call = open_call_of_row(row, number, answer.matches, desk.region)
        plan = plan_of(call, open_settings(settings), is_rehearsal=True)
    if args.json:
        say_json(plan)
    else:
        _tell(plan)
    if plan.target is not None and not args.dry_run:
        await asyncio.to_thread(_do, plan.target)
    return 0 if plan.target is not None else 1


def _tell(plan: OpenPlan) -> None:
    if plan.target is None:
        say(f"Nothing: {plan.reason[:1].lower()}{plan.reason[1:]}.")
        return
    say(_WHEN[plan.when])
    if plan.target.url:
        say(f"  {plan.target.url}")
    for place, argument in enumerate(plan.target.argv):
        say(f"  {'program' if place == 0 else 'argument'}: {argument}")


def _do(target: OpenTarget) -> None:
    """Open it as the app would.

    Raises:
        ConfigurationError: It cannot be opened here.
    """
    import subprocess
    import webbrowser

    if target.url:
        if not webbrowser.open(target.url):
            raise ConfigurationError("There is no browser to open it in")
        return
    try:
        process = subprocess.Popen(  # noqa: S603 - an array of arguments, and no shell
            target.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except OSError as error:
        raise ConfigurationError(
            f"The program could not be started: {error.strerror}",
            "Name it with its whole path.",
        ) from None
    try:
        status = process.wait(timeout=_AT_ONCE_SECONDS)
    except subprocess.TimeoutExpired:
        return
    if status:
        raise ConfigurationError(f"The program ended at once, with status {status}")
