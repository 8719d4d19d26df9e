"""``screenpop account``: add, list, check, mend and remove accounts."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.commands import (
    account_add,
    account_dial_setups,
    account_history,
    account_show,
    account_subscriptions,
)
from screenpop.cli.desk import settings_file
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.cli.terminal import read_secret, require_yes
from screenpop.config.paths import Paths

if TYPE_CHECKING:
    from collections.abc import Callable

    from screenpop.cli.account_desk import AccountDesk

LARGEST_SKEW_SECONDS = 30.0
KEEP_QUIET = (
    "screenpop: the account's URL holds a secret: whoever knows it can send calls "
    "here. Give it to your phone system only."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")

    def of_account(name: str, text: str) -> argparse.ArgumentParser:
        return _of_account(commands, name, text)

    account_add.add_parser(commands)
    listing = commands.add_parser("list", help="the configured accounts")
    add_json_option(listing)
    listing.set_defaults(handler=_list)
    check = of_account("check", "ask the vendor whether the key is right")
    add_json_option(check)
    check.set_defaults(handler=_check)
    option = of_account("set", "change a setting of an account")
    option.add_argument("name", metavar="NAME", help="such as extension")
    option.add_argument("value", metavar="VALUE", help='"" for the usual one')
    option.set_defaults(handler=_set_option)
    secret = of_account("set-secret", "replace a key; it is read from stdin")
    secret.add_argument("name", metavar="NAME", help="such as api_key")
    secret.set_defaults(handler=_set_secret)
    url = of_account("url", "print the URL that the vendor calls")
    url.set_defaults(handler=_url)
    setup = of_account("setup", "what to enter at the vendor by hand, ready to copy")
    add_json_option(setup)
    setup.set_defaults(handler=_setup)
    remove = of_account("remove", "remove an account and its keys")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    remove.set_defaults(handler=_remove)
    account_show.add_parsers(of_account)
    account_history.add_parsers(of_account)
    account_subscriptions.add_parsers(of_account)
    account_dial_setups.add_parsers(of_account)


def _of_account(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(
        name, help=text, description=f"{text[0].upper()}{text[1:]}."
    )
    parser.add_argument("account", metavar="ACCOUNT", help="the account's id")
    return parser


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    handler: Callable[[argparse.Namespace], int] = args.handler
    return handler(args)


# --- the ones that talk to no vendor ----------------------------------------------


def _list(args: argparse.Namespace) -> int:
    return asyncio.run(_list_accounts(is_json=args.json))


async def _list_accounts(*, is_json: bool) -> int:
    paths = Paths.from_environment()
    loaded = settings_file(paths).load()
    async with open_accounts(paths) as desk:
        states = {each["id"]: each for each in desk.app.get("accounts", ())}
        rows = [
            (connection.account_id, connection, states.get(connection.account_id))
            for connection in desk.connections.all()
        ]
        if is_json:
            for account_id, connection, state in rows:
                say_json(
                    {
                        "id": account_id,
                        "vendor": connection.settings.vendor,
                        "label": connection.label,
                        "extension": connection.settings.extension,
                        "base_url": connection.settings.base_url,
                        "region": connection.region,
                        "preset": f"accounts.{account_id}" in loaded.presets,
                        "locked": bool(loaded.lock(f"accounts.{account_id}")),
                        "problem": connection.problem,
                        "state": state["state"] if state else None,
                        "headline": state["headline"] if state else None,
                    }
                )
            return 0
        if not rows:
            say("No accounts. `screenpop account add VENDOR` adds one.")
            return 0
        table(
            ("id", "vendor", "extension", "set up by", "state"),
            (
                (
                    account_id,
                    connection.settings.vendor,
                    connection.settings.extension or "everyone",
                    "administrator"
                    if f"accounts.{account_id}" in loaded.presets
                    else "you",
                    connection.problem
                    or (state["headline"] if state else "the app is not running"),
                )
                for account_id, connection, state in rows
            ),
        )
    return 0


def _set_option(args: argparse.Namespace) -> int:
    return asyncio.run(_change_option(args.account, args.name, args.value))


async def _change_option(account_id: str, name: str, value: str) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        await desk.accounts.set_option(account_id, name, value)
        desk.tell_app()
    say(f"{name} of {account_id} is changed.")
    return 0


def _set_secret(args: argparse.Namespace) -> int:
    return asyncio.run(_replace_secret(args.account, args.name))


async def _replace_secret(account_id: str, name: str) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        desk.connections.get(account_id)
        await desk.accounts.set_secret(account_id, name, read_secret(name))
        desk.tell_app()
    say(f"{name} of {account_id} is in the keychain now.")
    return 0


def _url(args: argparse.Namespace) -> int:
    return asyncio.run(_print_url(args.account))


async def _print_url(account_id: str) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        url = await desk.hook_url(account_id)
    say(url)
    warn(KEEP_QUIET)
    return 0


def _setup(args: argparse.Namespace) -> int:
    return asyncio.run(_print_setup(args.account, is_json=args.json))


async def _print_setup(account_id: str, *, is_json: bool) -> int:
    from screenpop.providers.abilities import SupportsPreparation

    async with open_accounts(Paths.from_environment()) as desk:
        await desk.hook_url(account_id)
        preparing = desk.connections.get(account_id).able(SupportsPreparation)
        if preparing is not None:
            await preparing.prepare()
        steps = desk.accounts.live_setup(account_id)
    if is_json:
        say_json(steps)
        return 0
    if not steps:
        say("Nothing: screenpop sets up by itself what there is to set up.")
        return 0
    for number, step in enumerate(steps, 1):
        say(f"{number}. {step.text}")
        if step.value:
            say(step.value)
        say()
    warn(KEEP_QUIET)
    return 0


# --- the ones that do -----------------------------------------------------------------


def _check(args: argparse.Namespace) -> int:
    return asyncio.run(_check_account(args.account, is_json=args.json))


async def _check_account(account_id: str, *, is_json: bool) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        identity = await desk.accounts.check(account_id)
    if is_json:
        say_json(identity)
        return 0
    mail = f" ({identity.email})" if identity.email else ""
    say(f"The key of {account_id} is accepted: {identity.name}{mail}.")
    skew = identity.clock_skew_seconds
    if skew is not None and abs(skew) > LARGEST_SKEW_SECONDS:
        way = "ahead of" if skew > 0 else "behind"
        warn(
            f"screenpop: this computer's clock is {abs(skew):.0f} s {way} the vendor's."
            " Have it set from the network."
        )
    return 0


def _remove(args: argparse.Namespace) -> int:
    return asyncio.run(_remove_account(args.account, is_confirmed=args.yes))


async def _remove_account(account_id: str, *, is_confirmed: bool) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        desk.connections.get(account_id)
        question = f"Removing the account “{account_id}” with its keys?"
        if not require_yes(question, is_given=is_confirmed):
            say("Nothing was removed.")
            return 0
        left_over = await desk.accounts.remove(account_id)
        _drop_contacts(desk, account_id)
        desk.tell_app()
    say(f"The account {account_id} is removed.")
    if left_over:
        warn(f"screenpop: {left_over}")
    return 0


def _drop_contacts(desk: AccountDesk, account_id: str) -> None:
    """Remove the copy of the account's contacts, and what was said of them."""
    from screenpop.cli.desk import open_database
    from screenpop.store.contacts import LocalContacts
    from screenpop.store.lost_sources import forget_source

    with open_database(desk.paths) as database:
        forget_source(LocalContacts(database), account_id)
