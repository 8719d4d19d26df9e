"""What the user said about callers: whom they chose, who is one person, marks."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from screenpop.cli.people_desk import PeopleDesk
    from screenpop.domain.numbers import PhoneNumber

Work = Callable[["PeopleDesk", argparse.Namespace], Awaitable[int]]
AddParser = Callable[[str, str, Work], argparse.ArgumentParser]


def add_parsers(add: AddParser) -> None:
    """The sub-commands."""
    chosen = add("chosen", "who was chosen for numbers that several have", _chosen)
    chosen.add_argument(
        "--undo", nargs="+", default=[], metavar="NUMBER", help="take a choice back"
    )
    add_json_option(chosen)
    same = add("same", "which entries were said to be one person", _same)
    same.add_argument(
        "--undo",
        nargs=2,
        default=[],
        metavar=("SOURCE", "ID"),
        help="this entry is not one person with the others",
    )
    add_json_option(same)
    mark = add("mark", "mark a number, or take its mark away", _mark)
    mark.add_argument("number", nargs="+", metavar="NUMBER")
    kind = mark.add_mutually_exclusive_group(required=True)
    kind.add_argument("--spam", action="store_true", help="no card for its calls")
    kind.add_argument(
        "--private", action="store_true", help="no name in the log, no source asked"
    )
    kind.add_argument(
        "--do-not-call", action="store_true", help="ask before it is dialled"
    )
    kind.add_argument("--clear", action="store_true", help="none of these any more")
    marked = add("marked", "the numbers that have a mark", _marked)
    add_json_option(marked)


async def _mark(desk: PeopleDesk, args: argparse.Namespace) -> int:
    from screenpop.domain.contacts import Mark

    number = read(desk, args.number)
    if args.clear:
        if not await desk.marks.clear(number):
            raise UsageError(
                "This number is not marked", "`contacts marked` lists all."
            )
        say("It has no mark any more.")
    elif args.spam:
        await desk.marks.mark(number, Mark.SPAM)
        say("Its next calls show no card; they are in the log as spam.")
    elif args.do_not_call:
        await desk.marks.mark(number, Mark.DO_NOT_CALL)
        say("It is asked each time before this number is dialled.")
    else:
        await desk.marks.mark(number, Mark.PRIVATE)
        say("No name is kept with its calls, and no source is asked about it.")
    return 0


async def _marked(desk: PeopleDesk, args: argparse.Namespace) -> int:
    marked = await desk.marks.all()
    if args.json:
        for each in marked:
            say_json(each)
    elif not marked:
        say("No number is marked.")
    else:
        table(
            ("number", "mark", "since"),
            (
                (each.number_key, each.mark, f"{each.marked_at:%Y-%m-%d}")
                for each in marked
            ),
        )
    return 0


async def _chosen(desk: PeopleDesk, args: argparse.Namespace) -> int:
    if args.undo:
        number = read(desk, args.undo)
        if not await asyncio.wrap_future(desk.people.undo_choice(number)):
            raise UsageError(
                "Nobody was chosen for this number", "`contacts chosen` lists them."
            )
        desk.changed((number,))
        say("Taken back: the next call is looked up as ever.")
        return 0
    choices = desk.people.choices()
    if args.json:
        for each in choices:
            say_json(each)
    elif not choices:
        say("Nobody was chosen for any number yet.")
    else:
        table(
            ("number", "who", "source", "chosen"),
            (
                (each.number_key, each.name, each.source, f"{each.chosen_at:%Y-%m-%d}")
                for each in choices
            ),
        )
    return 0


async def _same(desk: PeopleDesk, args: argparse.Namespace) -> int:
    if args.undo:
        source, source_id = args.undo
        if not await asyncio.wrap_future(desk.people.part([(source, source_id)])):
            raise UsageError(
                "This entry is one person with no other", "`contacts same` lists them."
            )
        desk.changed(())
        say("It is an entry of its own again.")
        return 0
    joined = desk.people.joined()
    if args.json:
        for each in joined:
            say_json(each)
    elif not joined:
        say("No entries were said to be one person yet.")
    else:
        table(
            ("person", "name", "source", "id"),
            (
                (str(each.person), each.name, each.source, each.source_id)
                for each in joined
            ),
        )
    return 0


def read(desk: PeopleDesk, words: list[str]) -> PhoneNumber:
    """The number that was typed.

    Raises:
        UsageError: It is none.
    """
    from screenpop.domain.numbers import read_number

    number = read_number(" ".join(words), desk.region)
    if not number.key:
        raise UsageError(
            "That cannot be read as a phone number",
            "Write it with its country code, such as +44 …",
        )
    return number
