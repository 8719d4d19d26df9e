"""``screenpop calls lost``: whom the phone systems list as to be called back."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.desk import open_database
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.cli.times import moment
from screenpop.config.paths import Paths
from screenpop.domain.errors import ScreenpopError, UsageError

if TYPE_CHECKING:
    from screenpop.cli.account_desk import AccountDesk
    from screenpop.providers.abilities import LostCaller
    from screenpop.services.connections import Connection
    from screenpop.services.lost_callers import LostEntry


def add_parser(
    words: argparse._SubParsersAction[argparse.ArgumentParser],
) -> None:
    """The arguments."""
    says = "callers whom the phone system lists as to be called back"
    parser = words.add_parser(
        "lost", help=says, description=f"{says[0].upper()}{says[1:]}, asked for now."
    )
    parser.add_argument("--account", default="", help="only this account's")
    parser.add_argument(
        "--line", default="", metavar="NUMBER", help="who called this number of ours"
    )
    parser.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    parser.add_argument("--until", type=moment, help="the same")
    add_json_option(parser)
    parser.set_defaults(handler=_run)


def _run(args: argparse.Namespace) -> int:
    return asyncio.run(_list(args))


async def _list(args: argparse.Namespace) -> int:
    from screenpop.providers.abilities import SupportsLostCallers

    async with open_accounts(Paths.from_environment()) as desk:
        if args.account:
            asked = [desk.connections.get(args.account)]
            asked[0].ability(SupportsLostCallers)
        else:
            every = desk.connections.all()
            asked = [one for one in every if one.able(SupportsLostCallers) is not None]
        if not asked:
            raise UsageError("None of the accounts keeps a list of callers")
        found: list[LostEntry] = []
        status = 0
        for connection in asked:
            try:
                callers = await _asked(connection, args)
            except ScreenpopError as error:
                status = 1
                name = connection.account_id
                warn(f"screenpop: {name}: {error.title}. {error.advice}".rstrip())
            else:
                found += _entries(desk, connection, callers)
    _print(found, is_json=args.json, is_whole=status == 0)
    return status


async def _asked(
    connection: Connection, args: argparse.Namespace
) -> tuple[LostCaller, ...]:
    from screenpop.providers.abilities import SupportsLostCallers
    from screenpop.providers.mailbox import (
        LostCallerFilter,
        SupportsLostCallerFilters,
    )

    only = LostCallerFilter(line=args.line, since=args.since, until=args.until)
    if only == LostCallerFilter():
        return await connection.ability(SupportsLostCallers).list_lost_callers()
    chooser = connection.ability(SupportsLostCallerFilters)
    return await chooser.filter_lost_callers(only)


def _entries(
    desk: AccountDesk, connection: Connection, callers: tuple[LostCaller, ...]
) -> list[LostEntry]:
    from screenpop.domain.numbers import read_number
    from screenpop.services.call_history import LogSetting
    from screenpop.services.caller_lookup import known_locally
    from screenpop.services.lost_callers import entry_of
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.sayings import is_private

    account_id = connection.account_id
    setting = LogSetting(connection.region or desk.settings.region, account_id)
    with open_database(desk.paths) as database:
        contacts = LocalContacts(database)

        def is_hidden(number: str) -> bool:
            return is_private(contacts, read_number(number, setting.region).key)

        return [
            entry_of(
                account_id,
                number=caller.number,
                line=caller.line,
                vendor_name="" if is_hidden(caller.number) else caller.name,
                attempts=caller.attempts,
                last_at=caller.last_at,
                setting=setting,
                who=lambda number: known_locally(contacts, number),
            )
            for caller in callers
        ]


def _print(found: list[LostEntry], *, is_json: bool, is_whole: bool) -> None:
    if is_json:
        for entry in found:
            say_json(entry)
        return
    if not found:
        if is_whole:
            say("Nobody waits for a call back.")
        return
    table(
        ("last", "attempts", "who", "number", "line", "account", "listed as"),
        (
            (
                f"{entry.last_at.astimezone():%Y-%m-%d %H:%M}" if entry.last_at else "",
                str(entry.attempts),
                entry.name,
                entry.number_text,
                entry.line_text,
                entry.key.account_id,
                entry.vendor_name,
            )
            for entry in found
        ),
    )
