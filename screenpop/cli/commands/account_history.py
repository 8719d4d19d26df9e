"""``screenpop account users`` and ``account history``: only ask the vendor."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.choices import pair, print_choices
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.cli.times import moment
from screenpop.config.paths import Paths
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.domain.cdr import CallDetailRecord
    from screenpop.domain.events import CallerId
    from screenpop.providers.abilities import HistoryFilter
    from screenpop.providers.protocol import HistoryPage, HistoryQuery
    from screenpop.services.account_history import HistoryForm

LARGEST_NUMBER = 100_000
AddParser = Callable[[str, str], argparse.ArgumentParser]


def add_parsers(add_parser: AddParser) -> None:
    """The arguments of both."""
    users = add_parser("users", "the users of the phone system")
    add_json_option(users)
    users.set_defaults(handler=_users)
    history = add_parser("history", "the vendor's own call history")
    history.add_argument("--number", default="", help="only calls with this number")
    only = history.add_argument_group("where the vendor can be asked that")
    only.add_argument("--direction", choices=("inbound", "outbound"), default="")
    only.add_argument("--extension", default="", help="only this extension's calls")
    only.add_argument("--caller", default="", help="only calls from this number")
    only.add_argument("--callee", default="", help="only calls to this number")
    only.add_argument(
        "--where",
        action="append",
        default=[],
        type=pair,
        metavar="KEY=VALUE",
        help="what only this vendor can be asked; `--where help=` lists it",
    )
    only.add_argument("--count", action="store_true", help="only say how many")
    history.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    history.add_argument("--until", type=moment, help="the same")
    history.add_argument("--page", type=_positive, default=1, metavar="N")
    history.add_argument("--size", type=_positive, default=50, metavar="N")
    history.add_argument("--oldest-first", action="store_true")
    one = history.add_mutually_exclusive_group()
    one.add_argument("--id", default="", help="one record")
    one.add_argument("--call-id", default="", help="the records of one call")
    one.add_argument("--csv", default="", metavar="FILE", help="the vendor's own CSV")
    add_json_option(history)
    history.set_defaults(handler=_history)


def _positive(text: str) -> int:
    is_number = text.isascii() and text.isdigit()
    if not is_number or not 0 < int(text) <= LARGEST_NUMBER:
        raise argparse.ArgumentTypeError("give a number from 1 on")
    return int(text)


def _users(args: argparse.Namespace) -> int:
    return asyncio.run(_list_users(args.account, is_json=args.json))


async def _list_users(account_id: str, *, is_json: bool) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        users = await desk.accounts.users(account_id)
    if is_json:
        for user in users:
            say_json(user)
        return 0
    table(
        ("extension", "name", "e-mail", "shows", "may also show"),
        (
            (
                user.extension,
                user.name,
                user.email,
                user.caller_id.number if user.caller_id else "",
                ", ".join(
                    each.number for each in user.caller_ids if each != user.caller_id
                ),
            )
            for user in users
        ),
    )
    return 0


def _history(args: argparse.Namespace) -> int:
    return asyncio.run(_show_history(args))


async def _show_history(args: argparse.Namespace) -> int:
    async with open_accounts(Paths.from_environment()) as desk:
        accounts = desk.accounts
        only, chosen = _only(args), dict(args.where)
        if "help" in chosen:
            _print_form(accounts.history_form(args.account), is_json=args.json)
        elif args.count:
            count = await accounts.count_calls(args.account, _query(args), only, chosen)
            say_json({"count": count}) if args.json else say(f"{count} calls")
        elif args.id:
            record = await accounts.history_record(args.account, args.id)
            _print_records((record,), is_json=args.json)
        elif args.call_id:
            records = await accounts.history_of_call(args.account, args.call_id)
            _print_records(records, is_json=args.json)
        elif args.csv:
            file = Path(args.csv)
            size = await accounts.export_history(args.account, _query(args), file)
            say(f"{file.name}: {size} bytes, as the vendor sent them.")
        else:
            page = await accounts.history(args.account, _query(args), only, chosen)
            _print_page(page, is_json=args.json)
    return 0


def _only(args: argparse.Namespace) -> HistoryFilter:
    from screenpop.domain.events import Direction
    from screenpop.providers.abilities import HistoryFilter

    return HistoryFilter(
        direction=Direction(args.direction) if args.direction else None,
        extension=args.extension,
        caller=args.caller,
        callee=args.callee,
    )


def _print_form(form: HistoryForm, *, is_json: bool) -> None:
    if is_json:
        say_json(form)
    else:
        print_choices(form.choices, is_json)


def _query(args: argparse.Namespace) -> HistoryQuery:
    from screenpop.providers.protocol import HistoryQuery

    return HistoryQuery(
        number=args.number,
        since=args.since,
        until=args.until,
        page=args.page - 1,
        size=args.size,
        newest_first=not args.oldest_first,
    )


def _print_page(page: HistoryPage, *, is_json: bool) -> None:
    if is_json:
        say_json(page)
        return
    _print_table(page.records, page.call_ids)
    total = f" of {page.total}" if page.total is not None else ""
    say(f"{len(page.records)}{total} calls, page {page.page + 1}")
    if page.has_next:
        warn(f"screenpop: there are more: --page {page.page + 2}")


def _print_records(records: tuple[CallDetailRecord, ...], *, is_json: bool) -> None:
    if is_json:
        for record in records:
            say_json(record)
        return
    _print_table(records, ("",) * len(records))
    for record in records:
        for name, text in (
            ("summary", record.summary),
            ("transcription", record.transcription),
            ("labels", ", ".join(record.labels)),
            ("rules", ", ".join(record.rules)),
        ):
            if text:
                say(f"{name}: {plain(text, 2000)}")


def _print_table(
    records: tuple[CallDetailRecord, ...], call_ids: tuple[str, ...]
) -> None:
    table(
        ("when", "", "from", "to", "answered by", "outcome", "seconds", "id", "call"),
        (
            (
                record.started_at.astimezone().strftime("%Y-%m-%d %H:%M"),
                record.direction.value if record.direction else "internal",
                _party(record.caller),
                _party(record.callee),
                _party(record.answered_by) if record.answered_by else "",
                record.outcome.value,
                ""
                if record.duration_seconds is None
                else f"{record.duration_seconds:.0f}",
                record.record_id,
                call_id,
            )
            for record, call_id in zip(records, call_ids, strict=True)
        ),
    )


def _party(party: CallerId) -> str:
    return f"{party.name} {party.number}".strip() or "withheld"
