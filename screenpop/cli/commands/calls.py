"""``screenpop calls``: the call log."""

from __future__ import annotations

import argparse

from screenpop.cli.desk import load_settings, open_database
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.cli.times import moment
from screenpop.config.paths import Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to list."""
    parser.add_argument(
        "--missed", action="store_true", help="only those nobody has called back"
    )
    parser.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    parser.add_argument("--search", default="", metavar="TEXT")
    parser.add_argument("--limit", type=int, default=50)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """List calls, newest first."""
    from screenpop.services.bus import Bus
    from screenpop.services.call_history import CallHistory, LogFilter, LogSetting
    from screenpop.services.caller_lookup import known_locally
    from screenpop.services.clock import utc_now
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog
    from screenpop.store.contacts import LocalContacts

    paths = Paths.from_environment()
    settings = load_settings(paths).settings

    def setting(account_id: str) -> LogSetting:
        account = settings.account(account_id)
        region = settings.region_of(account) if account else settings.region
        return LogSetting(region, account_id)

    with open_database(paths) as database:
        contacts = LocalContacts(database)
        history = CallHistory(
            log=CallLog(database),
            settings=setting,
            bus=Bus(),
            supervisor=Supervisor(),
            clock=utc_now,
            who=lambda number: known_locally(contacts, number),
        )
        if args.missed:
            entries = tuple(
                entry
                for entry in history.missed_now(args.limit)
                if args.since is None or entry.started_at >= args.since
            )
        else:
            entries = history.search_now(
                LogFilter(text=args.search, since=args.since), limit=args.limit
            )
    if args.json:
        for entry in entries:
            say_json(entry)
        return 0
    if not entries:
        say("No calls.")
        return 0
    table(
        ("when", "", "who", "number", "line", "outcome"),
        (
            (
                entry.started_at.astimezone().strftime("%Y-%m-%d %H:%M"),
                "in" if entry.direction == "inbound" else "out",
                entry.name or ("withheld" if entry.is_withheld else ""),
                entry.number_text,
                entry.line_text,
                "now" if entry.is_live else (entry.outcome or ""),
            )
            for entry in entries
        ),
    )
    return 0
