"""``screenpop relay status``: how the instances on this machine are."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.output import say, say_json, table, warn
from screenpop.config.relay_settings import RelayFolder
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.services.relay.status import InstanceStatus


def run(args: argparse.Namespace) -> int:
    """Show them; 1 when none is well."""
    from screenpop.services.relay.status import instances

    loaded = RelayFolder(args.folder).load()
    found = asyncio.run(instances(loaded.settings))
    if args.json:
        for each in found:
            say_json(each)
    elif found:
        _show(found)
    if not found:
        warn(
            "screenpop: no instance of the relay answers on this machine. Start one "
            "(`screenpop relay serve`), or look at the log."
        )
    return 0 if any(each.is_ready for each in found) else 1


def _show(found: tuple[InstanceStatus, ...]) -> None:
    table(
        ("instance", "duty", "broker", "in the spool", "behind", "computers"),
        [
            (
                str(each.number),
                "owner" if each.is_owner else "stands by",
                plain(each.broker, 60),
                str(each.spooled),
                str(each.behind),
                str(each.devices),
            )
            for each in found
        ],
    )
    for owner in found:
        for account_id, state in owner.accounts.items():
            say(f"Account   {plain(account_id, 64)}: {plain(state, 40)}")
    problems = {
        f"{account_id}: {text}"
        for each in found
        for account_id, text in each.problems.items()
    }
    for problem in sorted(problems):
        say(f"Problem   {plain(problem, 400)}")
    for each in found:
        for account_id, count in each.for_nobody.items():
            say(
                f"Nobody's  {plain(account_id, 64)}: {count} calls named no extension "
                "and a line that is nobody's; see [[relay.lines]]"
            )
