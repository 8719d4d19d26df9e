"""``screenpop account subscriptions``: where the vendor sends its webhooks."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.output import add_json_option, as_json, say, say_json, table
from screenpop.config.paths import Paths
from screenpop.domain.errors import ScreenpopError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from screenpop.cli.account_desk import AccountDesk
    from screenpop.providers.protocol import Subscription, SubscriptionOutcome

ALONE: Final = ("list", "ensure")
WITH_ID: Final = ("show", "enable", "disable", "delete")


def add_parsers(add_parser: Callable[[str, str], argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = add_parser("subscriptions", "where the vendor sends its webhooks")
    parser.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=(*ALONE, *WITH_ID, "create"),
        help="ensure has exactly one enabled registration for each event type",
    )
    parser.add_argument(
        "value", nargs="?", default="", metavar="ID|EVENT_TYPE", help="for the others"
    )
    add_json_option(parser)
    parser.set_defaults(handler=_run)


def _run(args: argparse.Namespace) -> int:
    if (args.action in ALONE) == bool(args.value):
        wanted = "an event type" if args.action == "create" else "an id"
        needs = "nothing more" if args.action in ALONE else wanted
        raise UsageError(f"subscriptions {args.action} takes {needs}")
    return asyncio.run(_do(args))


async def _do(args: argparse.Namespace) -> int:
    account_id, value = args.account, args.value
    async with open_accounts(Paths.from_environment()) as desk:
        accounts = desk.accounts
        match args.action:
            case "list":
                ours = await _own_url(desk, account_id)
                found = await accounts.subscriptions(account_id)
                _print(found, ours, args.json)
                most = accounts.most_subscriptions(account_id)
                if most is not None and not args.json:
                    say(
                        f"{len(found)} known here; the account may have {most}, those "
                        "of other computers and programs among them."
                    )
            case "show":
                ours = await _own_url(desk, account_id)
                _print(
                    [await accounts.subscription(account_id, value)], ours, args.json
                )
            case "ensure":
                await desk.hook_url(account_id)
                _print_outcomes(
                    await accounts.ensure_subscriptions(account_id), args.json
                )
            case "create":
                url = await desk.hook_url(account_id)
                made = await accounts.create_subscription(account_id, value)
                _print([made], url, args.json)
            case "delete":
                await accounts.delete_subscription(account_id, value)
                say("Deleted.")
            case action:
                is_on = action == "enable"
                await accounts.set_subscription_enabled(account_id, value, is_on)
                say("Enabled." if is_on else "Disabled.")
    return 0


async def _own_url(desk: AccountDesk, account_id: str) -> str:
    """Our callback URL, to tell which are ours; "" when it is not known."""
    try:
        return await desk.hook_url(account_id)
    except ScreenpopError:
        desk.connections.get(account_id)
        return ""


def shown_url(url: str, ours: str) -> str:
    """A callback URL without what may be a secret in it."""
    parts = urlsplit(url)
    try:
        place = f"{parts.scheme}://{parts.hostname or ''}" + (
            f":{parts.port}" if parts.port else ""
        )
    except ValueError:
        return "…"
    if ours and url == ours:
        return f"{place}{parts.path.rpartition('/')[0]}/***"
    return f"{place}/…"


def _print(found: Iterable[Subscription], ours: str, is_json: bool) -> None:
    if is_json:
        for each in found:
            shown = replace(each, callback_url=shown_url(each.callback_url, ours))
            say_json({**as_json(shown), "is_ours": each.callback_url == ours})
        return
    table(
        ("id", "event type", "state", "failures", "goes to", "last error"),
        (
            (
                each.subscription_id,
                each.event_type,
                "enabled" if each.is_enabled else "disabled",
                str(each.failed_count),
                shown_url(each.callback_url, ours),
                each.last_error,
            )
            for each in found
        ),
    )


def _print_outcomes(outcomes: Iterable[SubscriptionOutcome], is_json: bool) -> None:
    for each in outcomes:
        known = each.subscription
        if is_json:
            say_json(
                {
                    "event_type": each.event_type,
                    "change": each.change,
                    "subscription_id": known.subscription_id if known else None,
                }
            )
        else:
            say(f"{each.event_type}: {each.change.value}")
