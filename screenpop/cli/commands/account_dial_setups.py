"""``screenpop account dial-setups``: click-to-dial set-ups kept at the vendor."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.cli.terminal import require_yes
from screenpop.config.paths import Paths
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.cli.account_desk import AccountDesk
    from screenpop.domain.numbers import PhoneNumber
    from screenpop.providers.protocol import DialResource

# Each with what must follow it.
ACTIONS: Final = {
    "list": (),
    "show": ("ID",),
    "create": (),
    "delete": ("ID",),
    "connect": ("ID", "NUMBER"),
}


def add_parsers(add_parser: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = add_parser("dial-setups", "click-to-dial set-ups kept at the vendor")
    parser.add_argument("action", nargs="?", default="list", choices=tuple(ACTIONS))
    parser.add_argument(
        "values", nargs="*", metavar="ID [NUMBER]", help="for show, delete and connect"
    )
    create = parser.add_argument_group("for create")
    create.add_argument("--name", default="screenpop")
    create.add_argument("--extension", default="", help="whose phone makes the calls")
    create.add_argument("--caller-id", default="", help="which number to show")
    create.add_argument(
        "--dial-first", choices=("extension", "contact"), default="extension"
    )
    parser.add_argument(
        "--yes", action="store_true", help="connect: ring at once instead of asking"
    )
    add_json_option(parser)
    parser.set_defaults(handler=_run)


def _run(args: argparse.Namespace) -> int:
    wanted = ACTIONS[args.action]
    if len(args.values) != len(wanted):
        needs = " and ".join(wanted) or "nothing more"
        raise UsageError(f"dial-setups {args.action} takes {needs}")
    if args.action == "create" and not (args.extension and args.caller_id):
        raise UsageError("dial-setups create needs --extension and --caller-id")
    return asyncio.run(_do(args))


async def _do(args: argparse.Namespace) -> int:
    account_id = args.account
    async with open_accounts(Paths.from_environment()) as desk:
        accounts = desk.accounts
        match args.action:
            case "list":
                _print(await accounts.dial_resources(account_id), args.json)
            case "show":
                found = await accounts.dial_resource(account_id, args.values[0])
                _print([found], args.json)
            case "create":
                _print([await _create(desk, args)], args.json)
            case "delete":
                await accounts.delete_dial_resource(account_id, args.values[0])
                say("Deleted.")
            case _:
                return await _connect(desk, args)
    return 0


async def _create(desk: AccountDesk, args: argparse.Namespace) -> DialResource:
    from screenpop.providers.protocol import DialFirst

    caller_id = _read(desk, args.account, args.caller_id)
    return await desk.accounts.create_dial_resource(
        args.account,
        name=args.name,
        extension=args.extension,
        caller_id=caller_id.e164 or args.caller_id,
        dial_first=DialFirst(args.dial_first),
    )


async def _connect(desk: AccountDesk, args: argparse.Namespace) -> int:
    """Ring, once, and only after a yes; the rules for dialling hold here too."""
    from screenpop.domain.dialing import DialOrigin, Verdict, decide
    from screenpop.domain.privacy import mask_number

    resource_id, text = args.values
    number = _read(desk, args.account, text)
    region = desk.connections.get(args.account).region
    decision = decide(number, DialOrigin.COMMAND, region, is_confirmed=args.yes)
    if decision.verdict is Verdict.REFUSE:
        raise UsageError("This is not called", " ".join(decision.reasons))
    is_sure = args.yes and decision.verdict is Verdict.ALLOW
    shown = mask_number(number.dial_text)
    if not require_yes(f"Calling {shown} now?", is_given=is_sure):
        say("Nothing was called.")
        return 0
    await desk.accounts.connect_dial_resource(
        args.account, resource_id, number.dial_text
    )
    say(f"The phone system calls {shown}.")
    return 0


def _read(desk: AccountDesk, account_id: str, text: str) -> PhoneNumber:
    from screenpop.domain.numbers import read_number

    return read_number(text, desk.connections.get(account_id).region)


def _print(found: Sequence[DialResource], is_json: bool) -> None:
    if is_json:
        for each in found:
            say_json(each)
        return
    table(
        ("id", "name", "extension", "shows", "rings first"),
        (
            (
                each.resource_id,
                each.name,
                each.extension,
                each.caller_id,
                each.dial_first.value,
            )
            for each in found
        ),
    )
