"""``screenpop account show``, ``account catalogue``: what a vendor does and keeps."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.choices import pair, print_choices
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.config.paths import Paths
from screenpop.domain.errors import UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.cli.account_desk import AccountDesk
    from screenpop.providers.abilities import NamedThing
    from screenpop.services.operations import Operation

_LONGEST_DETAIL: Final = 2_000
_OFFERS: Final = {
    "works": "works",
    "off": "switched off",
    "missing": "not offered by the vendor",
    "relayed": "by the team's relay",
}


def add_parsers(add_parser: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """The arguments of both."""
    show = add_parser("show", "an account's settings, and what its vendor offers")
    add_json_option(show)
    show.set_defaults(handler=_show)
    catalogue = add_parser("catalogue", "further lists that the vendor keeps")
    catalogue.add_argument(
        "name", nargs="?", default="", metavar="NAME", help="which list; none for all"
    )
    catalogue.add_argument(
        "thing", nargs="?", default="", metavar="ID", help="one thing of the list"
    )
    catalogue.add_argument(
        "--where",
        action="append",
        default=[],
        type=pair,
        metavar="KEY=VALUE",
        help="only what fits; `--where help=` lists what the list takes",
    )
    add_json_option(catalogue)
    catalogue.set_defaults(handler=_catalogue)


def _show(args: argparse.Namespace) -> int:
    return asyncio.run(_show_account(args.account, is_json=args.json))


async def _show_account(account_id: str, *, is_json: bool) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        operations = desk.accounts.operations(account_id)
        settings = _settings_of(desk, account_id)
        state = next(
            (each for each in desk.app.get("accounts", ()) if each["id"] == account_id),
            None,
        )
    if is_json:
        headline = state["headline"] if state else None
        say_json({**settings, "headline": headline, "operations": operations})
        return 0
    for key, value in settings.items():
        if value:
            say(f"{key}: {plain(value, 200)}")
    say(f"state: {state['headline'] if state else 'the app is not running'}")
    say()
    table(("what", "", ""), (_row(each) for each in operations))
    for each in operations:
        if each.note and each.offer.value == "off":
            say(f"{each.text}: {plain(each.note, 200)}")
    return 0


def _row(operation: Operation) -> tuple[str, str, str]:
    is_list = operation.offer.value == "works"
    return (
        operation.text,
        _OFFERS[operation.offer.value],
        operation.note if is_list else "",
    )


def _settings_of(desk: AccountDesk, account_id: str) -> dict[str, str]:
    """What is set, in the order of the form; keys are in the keychain only."""
    connection = desk.connections.get(account_id)
    fields = connection.manifest.fields if connection.manifest else ()
    keys = [each.key for each in fields if each.kind != "secret"]
    options = connection.settings.options
    rest = [key for key in options if key not in keys]
    found = {"id": account_id, "vendor": connection.settings.vendor}
    for key in dict.fromkeys(("label", *keys, "region", *rest)):
        found[key] = desk.accounts.option_of(account_id, key)
    return found


def _catalogue(args: argparse.Namespace) -> int:
    return asyncio.run(_show_catalogue(args))


async def _show_catalogue(args: argparse.Namespace) -> int:
    account_id, name, thing_id = args.account, args.name, args.thing
    chosen = dict(args.where)
    if chosen and (thing_id or not name):
        raise UsageError("Only a whole list can be narrowed", "Name the list alone.")
    async with open_accounts(Paths.from_environment()) as desk:
        accounts = desk.accounts
        if not name:
            _print_names(accounts.catalogue_names(account_id), is_json=args.json)
        elif "help" in chosen:
            print_choices(accounts.catalogue_choices(account_id, name), args.json)
        elif thing_id:
            thing = await accounts.catalogue_item(account_id, name, thing_id)
            _print_thing(thing, is_json=args.json)
        else:
            things = await accounts.catalogue(account_id, name, chosen)
            _print_list(things, is_json=args.json)
    return 0


def _print_names(names: tuple[str, ...], *, is_json: bool) -> None:
    if is_json:
        say_json(names)
        return
    if not names:
        raise UsageError("This phone system has no further lists")
    for name in names:
        say(name)


def _print_thing(thing: NamedThing, *, is_json: bool) -> None:
    if is_json:
        say_json(thing)
        return
    say(plain(thing.name, _LONGEST_DETAIL))
    for name, text in (("id", thing.thing_id), *thing.details):
        say(f"{plain(name, 40)}: {plain(text, _LONGEST_DETAIL)}")


def _print_list(things: tuple[NamedThing, ...], *, is_json: bool) -> None:
    if is_json:
        for thing in things:
            say_json(thing)
        return
    table(
        ("id", "name", "more"),
        (
            (
                thing.thing_id,
                thing.name,
                ", ".join(f"{name} {text}" for name, text in thing.details),
            )
            for thing in things
        ),
    )
    say(f"{len(things)} entries")
