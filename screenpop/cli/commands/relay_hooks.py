"""``screenpop relay hooks``: what each phone system is to be told to call."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.output import say, say_json, warn
from screenpop.config.relay_settings import RelayFolder

if TYPE_CHECKING:
    from screenpop.services.relay.hook_addresses import HookAddress


def run(args: argparse.Namespace) -> int:
    """Show the addresses; they hold secrets."""
    from screenpop.services.relay.hook_addresses import hook_addresses

    folder = RelayFolder(args.folder)
    loaded = folder.load()
    for problem in loaded.problems:
        warn(f"screenpop: {problem}")
    found = asyncio.run(hook_addresses(loaded.settings, folder.secrets()))
    if args.json:
        for each in found:
            say_json(each)
        return 0
    if not found:
        say("No account in relay.toml takes webhooks.")
        return 0
    for each in found:
        _show(each)
    warn(
        "Whoever knows an address can make calls up: show it to the phone system only."
    )
    return 0


def _show(address: HookAddress) -> None:
    by_whom = (
        "the relay tells the phone system" if address.is_registered else "enter it"
    )
    say(f"{address.account_id}: {by_whom}")
    say(address.url)
    for number, step in enumerate(address.steps, 1):
        say(f"  {number}. {step.text}")
        if step.value and step.value != address.url:
            say(f"     {step.value}")
    say()
