"""``screenpop contacts import``: show what a file holds, then take it in."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.cli import terminal
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.domain.errors import ImportFailed, UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from screenpop.cli.people_desk import PeopleDesk
    from screenpop.lookup.csv_columns import ColumnGuess
    from screenpop.lookup.vcard_files import VCardContents
    from screenpop.services.contact_book import ImportReport

SHOWN_PROBLEMS: Final = 10
Work = Callable[["PeopleDesk", argparse.Namespace], Awaitable[int]]


def add_parser(add: Callable[[str, str, Work], argparse.ArgumentParser]) -> None:
    """The arguments."""
    parser = add("import", "take in the contacts of a CSV or vCard file", _import)
    parser.add_argument("file", type=Path, metavar="FILE")
    parser.add_argument(
        "--column",
        action="append",
        default=[],
        metavar="N=FIELD",
        help="column N (from 1) holds name, first_name, last_name, company, job_title, "
        "phone, email, id, url, or nothing",
    )
    parser.add_argument("--yes", action="store_true", help="do not ask")
    add_json_option(parser)


async def _import(desk: PeopleDesk, args: argparse.Namespace) -> int:
    guess = await _shown(desk, args)
    may_ask = terminal.is_interactive() and not args.yes
    if may_ask and not terminal.confirm(f"Import {args.file.name} like that?"):
        say("Nothing was imported.")
        return 0
    report = await desk.book.import_file(args.file, guess, _show_progress)
    _clear_progress()
    if args.json:
        say_json(report)
    else:
        _print_report(report)
    if not report.imported:
        raise ImportFailed("No contact was imported", "See which columns it has.")
    return 0


async def _shown(desk: PeopleDesk, args: argparse.Namespace) -> ColumnGuess | None:
    """Say what the file holds; what its columns are used for, None for vCards.

    Raises:
        UsageError: There is no such column, or no such field.
    """
    from screenpop.lookup.vcard_files import VCardContents

    contents = await desk.book.inspect_file(args.file)
    if isinstance(contents, VCardContents):
        if args.column:
            raise UsageError("A file of vCards has no columns", "Leave --column out.")
        if not args.json:
            _print_cards(contents)
        return None
    guess = _corrected(contents.guess, args.column)
    if not args.json:
        _print_columns(guess)
    return guess


def _corrected(guess: ColumnGuess, words: list[str]) -> ColumnGuess:
    """The guess with the columns the user named otherwise.

    Raises:
        UsageError: There is no such column, or no such field.
    """
    from screenpop.lookup.csv_headings import ContactField

    for word in words:
        number, _, field = word.partition("=")
        is_column = number.isascii() and number.isdigit()
        if not is_column or not 1 <= int(number) <= len(guess.columns):
            raise UsageError(
                "There is no such column", f"It has columns 1 to {len(guess.columns)}."
            )
        try:
            kind = ContactField(field)
        except ValueError:
            known = ", ".join(each.value for each in ContactField if each.value)
            raise UsageError(
                f"A column cannot hold “{field[:20]}”", f"It can hold: {known}."
            ) from None
        guess = guess.with_field(int(number) - 1, kind)
    return guess


def _print_columns(guess: ColumnGuess) -> None:
    table(
        ("column", "heading", "holds"),
        (
            (
                str(place),
                use.heading,
                f"{use.field.value or '-'} {use.label}".strip(),
            )
            for place, use in enumerate(guess.columns, 1)
        ),
    )


def _print_cards(contents: VCardContents) -> None:
    say(f"The file has {contents.cards} vCards. The first contacts:")
    table(
        ("name", "company", "number"),
        (
            (plain(each.name, 40), plain(each.company, 40), plain(each.numbers[0].raw))
            for each in contents.sample
        ),
    )


def _show_progress(count: int) -> None:
    if sys.stderr.isatty():
        sys.stderr.write(f"\r{count} contacts … ")
        sys.stderr.flush()


def _clear_progress() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")


def _print_report(report: ImportReport) -> None:
    say(f"{report.imported} contacts imported, {report.skipped} rows passed over.")
    if report.taken_up:
        say(
            f"{report.taken_up} of the file were there from an import that was cut off."
        )
    if report.doubles:
        say(f"{report.doubles} came more than once in the file.")
    if report.unreadable:
        say(f"{report.unreadable} numbers could not be read and were left out.")
    for problem in report.problems[:SHOWN_PROBLEMS]:
        warn(f"screenpop: {problem}")
    if report.skipped > SHOWN_PROBLEMS:
        warn(f"screenpop: and {report.skipped - SHOWN_PROBLEMS} more")
