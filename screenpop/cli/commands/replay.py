"""``screenpop replay``: rebuild calls from the journal and print differences."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from screenpop.cli.desk import load_settings, open_database, open_readers
from screenpop.cli.output import add_json_option, say, say_json
from screenpop.cli.times import moment
from screenpop.config.paths import Paths
from screenpop.domain.privacy import redact

if TYPE_CHECKING:
    from screenpop.services.replay import ReplayReport


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """From when, and whether to keep the result."""
    parser.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    parser.add_argument(
        "--dry-run", action="store_true", help="only print, change nothing"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Fold the journal anew."""
    import asyncio

    report = asyncio.run(_replayed(args))
    if args.json:
        say_json(report)
        return 0
    for each in report.differences:
        say(
            redact(
                f"{each.ref.account_id}/{each.ref.call_id} {each.name}: "
                f"{each.stored or '-'} -> {each.rebuilt or '-'}"
            )
        )
    say(
        f"{report.deliveries} deliveries, {report.calls} calls, "
        f"{report.unreadable} unreadable, {len(report.differences)} differences"
    )
    return 0


async def _replayed(args: argparse.Namespace) -> ReplayReport:
    from screenpop.services.clock import utc_now
    from screenpop.services.dial_correlation import DialBook
    from screenpop.services.dialer import trace_of
    from screenpop.services.replay import Replay
    from screenpop.store.call_log import CallLog
    from screenpop.store.dials import Dials
    from screenpop.store.journal import Journal

    paths = Paths.from_environment()
    settings = load_settings(paths).settings
    connections = await open_readers(settings)
    with open_database(paths) as database:
        book = DialBook(settings.region)
        book.note(trace_of(dial) for dial in Dials(database).recent(1_000_000))
        replay = Replay(
            journal=Journal(database),
            log=CallLog(database),
            accounts=connections.tracked,
            dials=book,
            clock=utc_now,
        )
        return await replay.run(args.since, write=not args.dry_run)
