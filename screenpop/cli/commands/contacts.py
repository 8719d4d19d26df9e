"""``screenpop contacts``: import, search, edit, choose, sync and forget contacts."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING

from screenpop.cli.commands import contacts_import, contacts_said
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.cli.people_desk import PeopleDesk, open_people
from screenpop.cli.terminal import require_yes
from screenpop.config.paths import Paths

if TYPE_CHECKING:
    from screenpop.domain.contacts import Contact, ContactDraft

Work = Callable[[PeopleDesk, argparse.Namespace], Awaitable[int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """One sub-command each."""
    commands = parser.add_subparsers(required=True, metavar="WHAT")

    def add(name: str, text: str, work: Work) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name, help=text, description=f"{text[0].upper()}{text[1:]}."
        )
        made.set_defaults(work=work)
        return made

    contacts_import.add_parser(add)
    search = add("search", "find contacts by name, company or number", _search)
    search.add_argument("text", nargs="+", metavar="TEXT")
    search.add_argument("--account", default="", help='only there; "local" for here')
    search.add_argument("--limit", type=int, default=50)
    add_json_option(search)
    show = add("show", "one contact", _show)
    _add_place(show)
    add_json_option(show)
    create = add("create", "add a contact", _create)
    _add_fields(create)
    create.add_argument("--account", default="local", help="where; default here")
    edit = add("edit", "change a contact; what is not given stays", _edit)
    _add_place(edit)
    _add_fields(edit)
    delete = add("delete", "remove a contact", _delete)
    _add_place(delete)
    delete.add_argument("--yes", action="store_true", help="do not ask")
    sync = add("sync", "copy the contacts of accounts to this computer", _sync)
    sync.add_argument("--account", default="", help="only of this one")
    contacts_said.add_parsers(add)
    forget = add("forget", "remove every trace of a number from here", _forget)
    forget.add_argument("number", nargs="+", metavar="NUMBER")
    forget.add_argument("--yes", action="store_true", help="do not ask")


def _add_place(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("source", metavar="SOURCE", help='"local" or an account')
    parser.add_argument("id", metavar="ID", help="as `contacts search` lists it")


def _add_fields(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", help="first and last name")
    parser.add_argument("--company")
    parser.add_argument("--job-title")
    parser.add_argument("--number", action="append", help="repeat it for more")
    parser.add_argument("--email", action="append", help="repeat it for more")
    parser.add_argument("--website")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Do what the sub-command says."""
    return asyncio.run(_run(args))


async def _run(args: argparse.Namespace) -> int:
    work: Work = args.work
    async with open_people(Paths.from_environment()) as desk:
        return await work(desk, args)


# --- finding ------------------------------------------------------------------------


async def _search(desk: PeopleDesk, args: argparse.Namespace) -> int:
    def complain(label: str, problem: str) -> None:
        warn(f"screenpop: {label} was not searched: {problem}")

    hits = await desk.book.search(
        " ".join(args.text),
        max(1, args.limit),
        account_id=args.account,
        on_problem=complain,
    )
    if args.json:
        for hit in hits:
            say_json(hit)
    elif hits:
        _print(hit.contact for hit in hits)
    else:
        say("Nobody found.")
    return 0


async def _show(desk: PeopleDesk, args: argparse.Namespace) -> int:
    _print_one(await desk.book.get(args.source, args.id), is_json=args.json)
    return 0


# --- changing ---------------------------------------------------------------------


async def _create(desk: PeopleDesk, args: argparse.Namespace) -> int:
    from screenpop.domain.contacts import Contact

    draft = _draft(args, Contact(source=args.account))
    _print_one(await desk.book.create(draft, args.account), is_json=args.json)
    return 0


async def _edit(desk: PeopleDesk, args: argparse.Namespace) -> int:
    present = await desk.book.get(args.source, args.id)
    changed = await desk.book.update(present, _draft(args, present))
    _print_one(changed, is_json=args.json)
    return 0


def _draft(args: argparse.Namespace, present: Contact) -> ContactDraft:
    """What was given, and for the rest what is there."""
    from screenpop.domain.contacts import ContactDraft

    def chosen(given: str | None, known: str) -> str:
        return known if given is None else given.strip()

    first, _, last = chosen(args.name, present.name).partition(" ")
    known = tuple(each.e164 or each.raw for each in present.numbers)
    return ContactDraft(
        first_name=first,
        last_name=last,
        company=chosen(args.company, present.company),
        job_title=chosen(args.job_title, present.job_title),
        numbers=tuple(args.number) if args.number else known,
        emails=tuple(args.email) if args.email else present.emails,
        website=chosen(args.website, ""),
    )


async def _delete(desk: PeopleDesk, args: argparse.Namespace) -> int:
    contact = await desk.book.get(args.source, args.id)
    if not require_yes("Removing this contact?", is_given=args.yes):
        say("Nothing was removed.")
        return 0
    await desk.book.delete(contact)
    say("Removed.")
    return 0


async def _sync(desk: PeopleDesk, args: argparse.Namespace) -> int:
    accounts = [args.account] if args.account else desk.book.syncable_accounts()
    if not accounts:
        say("No account keeps contacts.")
    for account_id in accounts:
        count = await desk.book.sync(account_id)
        say(f"{account_id}: {count} contacts copied to this computer.")
    return 0


async def _forget(desk: PeopleDesk, args: argparse.Namespace) -> int:
    question = "Removing the number's contacts, calls, notes and deliveries from here?"
    if not require_yes(question, is_given=args.yes):
        say("Nothing was removed.")
        return 0
    count = await desk.book.forget(" ".join(args.number))
    say(f"{count} traces removed." if count else "There was no trace of it.")
    return 0


# --- printing -----------------------------------------------------------------------


def _print_one(contact: Contact, *, is_json: bool) -> None:
    if is_json:
        say_json(contact)
    else:
        _print([contact])


def _print(contacts: Iterable[Contact]) -> None:
    table(
        ("name", "company", "numbers", "source", "id"),
        (
            (
                each.display_name,
                each.company if each.name else "",
                ", ".join(number.raw for number in each.numbers),
                each.source,
                each.source_id,
            )
            for each in contacts
        ),
    )
