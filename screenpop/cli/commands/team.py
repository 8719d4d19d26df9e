"""``screenpop team``: join the team's relay, leave it, see how it stands."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.cli import terminal
from screenpop.cli.desk import ask_app, load_settings, settings_file, tell_app
from screenpop.cli.output import add_json_option, say, say_json, warn
from screenpop.cli.team_desk import presence_text, team_facts
from screenpop.config.paths import Paths
from screenpop.domain.errors import InstanceError, UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from screenpop.services.team.joining import TeamFacts, TeamMembership

    Work = Callable[[TeamMembership, argparse.Namespace], Awaitable[int]]

CODE_VARIABLE: Final = "SCREENPOP_TEAM_CODE"
"""Where an installer puts the code for this one process: command lines are seen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")
    joining = commands.add_parser(
        "join",
        help="join the team that a code is from",
        description="Join the team that a code is from. Without CODE, it is asked for, "
        "or read from standard input: command lines are seen by other programs.",
    )
    joining.add_argument("code", nargs="?", default="", metavar="CODE")
    joining.add_argument(
        "--code-file", type=Path, metavar="FILE", help="read the code from a file"
    )
    joining.set_defaults(work="join")
    leaving = commands.add_parser(
        "leave",
        help="leave the team: its accounts and its key go from this computer",
        description="Leave the team: its accounts and its key go from this computer.",
    )
    leaving.add_argument("--yes", action="store_true", help="do not ask")
    leaving.set_defaults(work="leave")
    for name, says in (
        ("claim", "tell the team that you call the caller of a missed call back"),
        ("release", "leave a caller whom you claimed to the team again"),
    ):
        claiming = commands.add_parser(
            name, help=says, description=f"{says[0].upper()}{says[1:]}."
        )
        claiming.add_argument(
            "call", metavar="CALL", help="latest, an id, how it begins, or ACCOUNT/ID"
        )
        claiming.set_defaults(work=name)
    clearing = commands.add_parser(
        "not-spam",
        help="say for the whole team that a number is no spam",
        description="Say for the whole team that a number is no spam.",
    )
    clearing.add_argument("number", metavar="NUMBER")
    clearing.set_defaults(work="not-spam")
    status = commands.add_parser(
        "status",
        help="which team this computer is in, and how its relay is reached",
        description="Which team this computer is in, and how its relay is reached.",
    )
    add_json_option(status)
    status.set_defaults(work="status")


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    if args.work in ("claim", "release"):
        return _claim(args)
    if args.work == "not-spam":
        return _clear(args)
    works = {"join": _join, "leave": _leave, "status": _status}
    return asyncio.run(_run(works[args.work], args))


async def _run(work: Work, args: argparse.Namespace) -> int:
    from screenpop.config.secrets import KeychainSecretStore
    from screenpop.services.clock import utc_now
    from screenpop.services.team.joining import TeamMembership

    paths = Paths.from_environment()
    paths.ensure()
    load_settings(paths)
    file = settings_file(paths)
    membership = TeamMembership(
        paths=paths,
        file=file,
        secrets=KeychainSecretStore(environment=os.environ),
        settings=lambda: file.load().settings,
        reload=lambda: tell_app(paths, "reload"),
        clock=utc_now,
    )
    return await work(membership, args)


def _claim(args: argparse.Namespace) -> int:
    from screenpop.cli.call_desk import find_call, open_history
    from screenpop.cli.desk import open_database
    from screenpop.cli.team_desk import claim_call

    paths = Paths.from_environment()
    settings = load_settings(paths).settings
    with open_database(paths) as database:
        ref = find_call(open_history(database, settings), settings, args.call)
    say(claim_call(paths, ref, is_release=args.work == "release"))
    return 0


def _clear(args: argparse.Namespace) -> int:
    wish = {"action": "not-spam", "number": args.number}
    answer = ask_app(Paths.from_environment(), "team", wish)
    if not answer["mark"]:
        say("Nobody has marked this number.")
        return 1
    say("The mark is taken away.")
    return 0


async def _join(membership: TeamMembership, args: argparse.Namespace) -> int:
    # Taken out, so that no process started from here inherits it.
    code = args.code or os.environ.pop(CODE_VARIABLE, "")
    code = code or _read_code(args.code_file)
    facts = await membership.join(code)
    say(
        f"This computer has joined {_shown(facts.team)} as {_shown(facts.agent)}. "
        f"Calls of {', '.join(facts.accounts)} come by its relay."
    )
    return 0


def _read_code(file: Path | None) -> str:
    """The code in a file, or as it is typed or piped in.

    Without either it is that which administrators left for this computer.
    """
    from screenpop.services.team.preset import read_code_file

    paths = Paths.from_environment()
    preset = settings_file(paths).load().settings.policy.team_code
    if file is None and preset and Path(preset).is_file():
        file = Path(preset)
    if file is not None:
        return read_code_file(file)
    if not terminal.is_interactive() and sys.stdin.isatty():
        raise UsageError("The code is missing", "Give it after “team join”.")
    return terminal.read_secret("Code").reveal()


async def _leave(membership: TeamMembership, args: argparse.Namespace) -> int:
    if not terminal.require_yes("Leave the team?", is_given=args.yes):
        return 1
    left_over = await membership.leave()
    say("This computer has left its team.")
    if left_over:
        warn(f"screenpop: {left_over}")
    return 0


async def _status(membership: TeamMembership, args: argparse.Namespace) -> int:
    facts = await membership.facts()
    states = _states(facts) if facts else {}
    shared = team_facts(Paths.from_environment()) if facts else {}
    colleagues = shared.get("colleagues", ())
    if args.json:
        running = {"running": states or None, "shared": shared or None}
        say_json(None if facts is None else {**_fields(facts), **running})
        return 0
    if facts is None:
        say("This computer is in no team. A code for `screenpop team join` is what it")
        say("needs; ask whoever runs your team's relay.")
        return 0
    say(f"Team      {_shown(facts.team)}")
    say(f"Agent     {_shown(facts.agent)}")
    say(f"Computer  {facts.device_id}")
    say(f"Relay     {facts.relay_url}")
    for account in facts.accounts:
        say(f"Account   {account}: {states.get(account, 'screenpop does not run')}")
    if shared and not shared["is_up_to_date"]:
        reason = shared.get("problem") or "the team cannot be reached just now"
        say(f"Shared    {reason}")
    for each in colleagues:
        say(f"Presence  {presence_text(each)}")
    return 0


def _fields(facts: TeamFacts) -> dict[str, object]:
    return {
        "team": facts.team,
        "agent": facts.agent,
        "computer": facts.device_id,
        "relay": facts.relay_url,
        "accounts": facts.accounts,
    }


def _states(facts: TeamFacts) -> dict[str, str]:
    """What the running app says of the team's accounts; nothing when none runs."""
    try:
        told = ask_app(Paths.from_environment(), "status", {})
    except InstanceError:
        return {}
    return {
        each["id"]: f"{each['state']}: {each['headline']}"
        for each in told.get("accounts", ())
        if each["id"] in facts.accounts
    }


def _shown(text: str) -> str:
    return plain(text, 60)
