"""``screenpop events``: what vendors delivered and what it meant, as JSON lines."""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING

from screenpop.cli.desk import load_settings, open_database, open_readers
from screenpop.cli.output import as_json, say_json
from screenpop.cli.times import moment
from screenpop.config.paths import Paths

if TYPE_CHECKING:
    from screenpop.domain.delivery import Delivery
    from screenpop.services.connections import Connections

FOLLOW_SECONDS = 0.5


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From when, and whether to wait for more."""
    parser.add_argument("--follow", action="store_true", help="wait for more")
    parser.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    parser.add_argument("--json", action="store_true", help="the only form there is")


def run(args: argparse.Namespace) -> int:
    """One JSON line for each delivery."""
    import asyncio

    from screenpop.store.journal import Journal

    paths = Paths.from_environment()
    settings = load_settings(paths).settings
    connections = asyncio.run(open_readers(settings))
    with open_database(paths) as database:
        journal = Journal(database)
        start = args.since or 0
        for delivery in (
            journal.follow(start, _wait) if args.follow else journal.iter_since(start)
        ):
            _print(delivery, connections)
            if args.follow:
                # Whoever reads this through a pipe wants each line as it comes.
                sys.stdout.flush()
    return 0


def _wait() -> bool:
    time.sleep(FOLLOW_SECONDS)
    return True


def _print(delivery: Delivery, connections: Connections) -> None:
    account = connections.tracked(delivery.account_id)
    events: list[object] = []
    problem: str | None = "no such account"
    if account is not None and account.parser is not None:
        parsed = account.parser.parse(delivery)
        problem = parsed.problem
        events = [
            {"kind": type(event).__name__, **as_json(event)} for event in parsed.events
        ]
    say_json(
        {
            "seq": delivery.seq,
            "account": delivery.account_id,
            "source": delivery.source,
            "received_at": delivery.received_at,
            "body": delivery.body.decode("utf-8", "replace"),
            "events": events,
            "problem": problem,
        }
    )
