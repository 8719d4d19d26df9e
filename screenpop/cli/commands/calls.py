"""``screenpop calls``: the call log, and what can be done with one of its calls."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from screenpop.cli.call_desk import open_history
from screenpop.cli.commands import calls_one
from screenpop.cli.desk import load_settings, open_database
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.cli.team_desk import holders
from screenpop.cli.times import moment
from screenpop.config.paths import Paths

if TYPE_CHECKING:
    from screenpop.services.call_history import CallHistory, LogEntry


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list, or what to do with one call."""
    parser.add_argument(
        "--missed", action="store_true", help="only those nobody has called back"
    )
    parser.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    parser.add_argument("--search", default="", metavar="TEXT")
    parser.add_argument("--limit", type=int, default=50)
    parser.add_argument(
        "--ids", action="store_true", help="with the id of each call, for the below"
    )
    add_json_option(parser)
    calls_one.add_parsers(parser)


def run(args: argparse.Namespace) -> int:
    """List calls, newest first, unless it is about one of them."""
    if args.what:
        return int(args.handler(args))
    paths = Paths.from_environment()
    settings = load_settings(paths).settings
    with open_database(paths) as database:
        entries = _found(open_history(database, settings), args)
    has = holders(paths) if args.missed else {}
    if args.json:
        for entry in entries:
            say_json(entry)
        return 0
    if not entries:
        say("No calls.")
        return 0
    ids = ("id",) if args.ids else ()
    taken = ("who has it",) if any(has.values()) else ()
    table(
        ("when", "", "who", "number", "line", "outcome", *taken, *ids),
        (_row(entry, has if taken else None, with_id=args.ids) for entry in entries),
    )
    return 0


def _found(history: CallHistory, args: argparse.Namespace) -> tuple[LogEntry, ...]:
    from screenpop.services.call_history import LogFilter

    if args.missed:
        return tuple(
            entry
            for entry in history.missed_now(args.limit)
            if args.since is None or entry.started_at >= args.since
        )
    return history.search_now(
        LogFilter(text=args.search, since=args.since), limit=args.limit
    )


def _row(
    entry: LogEntry, has: dict[tuple[str, str], str] | None, *, with_id: bool
) -> tuple[str, ...]:
    shown: tuple[str, ...] = (
        entry.started_at.astimezone().strftime("%Y-%m-%d %H:%M"),
        "in" if entry.direction == "inbound" else "out",
        entry.name or entry.mark or ("withheld" if entry.is_withheld else ""),
        entry.number_text,
        entry.line_text,
        "now" if entry.is_live else (entry.outcome or ""),
    )
    ref = entry.ref
    if has is not None:
        shown = (*shown, has.get((ref.account_id, ref.call_id), ""))
    return (*shown, ref.call_id) if with_id else shown
