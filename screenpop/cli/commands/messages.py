"""``screenpop messages``: the text messages of an account."""

from __future__ import annotations

import argparse
import asyncio

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.desk import open_database
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.config.paths import Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose messages."""
    parser.add_argument("account", metavar="ACCOUNT")
    parser.add_argument("--limit", type=int, default=50)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """List what webhooks told and what the phone system lists, newest first."""
    return asyncio.run(_show(args))


async def _show(args: argparse.Namespace) -> int:
    from screenpop.services.bus import Bus
    from screenpop.services.caller_lookup import known_locally
    from screenpop.services.supervisor import Supervisor
    from screenpop.services.text_messages import TextMessageBook
    from screenpop.store.contacts import LocalContacts

    async with open_accounts(Paths.from_environment()) as desk:
        with open_database(desk.paths) as database:
            contacts = LocalContacts(database)
            book = TextMessageBook(
                database=database,
                connections=desk.connections,
                bus=Bus(),
                supervisor=Supervisor(),
                who=lambda number: known_locally(contacts, number),
            )
            found = await book.listing(args.account, args.limit)
    if found.problem:
        warn(f"screenpop: only what came by webhook: {found.problem}.")
    if args.json:
        for entry in found.entries:
            say_json(entry)
        return 0
    if not found.entries:
        say("No text messages.")
        return 0
    table(
        ("when", "", "who", "number", "line", "text"),
        (
            (
                f"{entry.at.astimezone():%Y-%m-%d %H:%M}" if entry.at else "",
                "in" if entry.is_inbound else "out",
                entry.name,
                entry.number_text,
                entry.line_text,
                entry.text,
            )
            for entry in found.entries
        ),
    )
    return 0
