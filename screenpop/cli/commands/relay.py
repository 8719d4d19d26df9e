"""``screenpop relay``: the team's public receiver, and who is in the team.

Each sub-command is a module of its own, so that none pays for another's imports.
"""

from __future__ import annotations

import argparse
import importlib
from pathlib import Path

from screenpop.cli.output import add_json_option


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")

    def add(name: str, module: str, text: str) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        made.set_defaults(module=module)
        return made

    making = add("init", "relay_init", "write everything that a relay is run with")
    making.add_argument("folder", metavar="DIR", type=Path, help="a new folder")
    making.add_argument(
        "--url", required=True, help="its address on the internet, https://…"
    )
    making.add_argument("--name", default="Our team", help="what the team is called")
    serving = add("serve", "relay_serve", "take webhooks in and hand them to desks")
    _add_folder(serving)
    serving.add_argument(
        "--instance",
        type=int,
        default=1,
        metavar="N",
        help="which of several on this machine, each with its ports and spool (1)",
    )
    telling = add("status", "relay_status", "how the instances on this machine are")
    _add_folder(telling)
    add_json_option(telling)
    naming = add("hooks", "relay_hooks", "the addresses that phone systems call")
    _add_folder(naming)
    add_json_option(naming)
    adding = add("add-agent", "relay_team", "make a code for one computer to join")
    _add_folder(adding)
    adding.add_argument("agent", metavar="AGENT", help="who sits in front of it")
    adding.add_argument(
        "--line",
        action="append",
        default=[],
        required=True,
        metavar="ACCOUNT[:EXTENSION]",
        dest="lines",
        help="whose calls it hears of; without an extension, everyone's",
    )
    adding.add_argument(
        "--hours", type=float, default=48.0, help="how long the code works (48)"
    )
    add_json_option(adding)
    removing = add("remove-agent", "relay_team", "cut computers off at once")
    _add_folder(removing)
    removing.add_argument(
        "agent", metavar="AGENT", help="an agent, or one computer as `agents` lists it"
    )
    removing.add_argument("--yes", action="store_true", help="do not ask")
    listing = add("agents", "relay_team", "the computers of the team, and open codes")
    _add_folder(listing)
    add_json_option(listing)
    for made, work in ((adding, "add"), (removing, "remove"), (listing, "show")):
        made.set_defaults(work=work)


def _add_folder(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dir",
        dest="folder",
        metavar="DIR",
        type=Path,
        default=Path(),
        help="the folder that `relay init` wrote (the present one)",
    )


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    module = importlib.import_module(f"screenpop.cli.commands.{args.module}")
    status: int = module.run(args)
    return status
