"""``screenpop voicemail``: the messages that callers left."""

from __future__ import annotations

import argparse
import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.desk import open_database
from screenpop.cli.output import add_json_option, say, say_json, table, warn
from screenpop.cli.terminal import require_yes
from screenpop.cli.times import moment
from screenpop.config.paths import Paths
from screenpop.domain.errors import ScreenpopError, UsageError
from screenpop.domain.plain_text import plain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from screenpop.services.voicemail import MessageEntry, MessageRef, Voicemails

    Deed = Callable[[Voicemails, argparse.Namespace], Awaitable[int]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The words after ``voicemail``."""
    words = parser.add_subparsers(required=True, metavar="WHAT")

    def add(name: str, says: str, deed: Deed) -> argparse.ArgumentParser:
        found = words.add_parser(
            name, help=says, description=f"{says[0].upper()}{says[1:]}."
        )
        found.add_argument("--account", default="", help="needed when several have any")
        found.set_defaults(deed=deed)
        return found

    listing = add("list", "list messages, newest first", _list)
    listing.add_argument(
        "--everyone", action="store_true", help="of all extensions, not only our own"
    )
    listing.add_argument("--extension", default="", help="of this one")
    listing.add_argument("--box", default="", metavar="ID", help="in this box")
    listing.add_argument("--caller", default="", metavar="NUMBER")
    listing.add_argument("--since", type=moment, help="2026-03-02, or 2h, 3d")
    listing.add_argument("--until", type=moment, help="the same")
    add_json_option(listing)

    def add_one(name: str, says: str, deed: Deed) -> argparse.ArgumentParser:
        found = add(name, says, deed)
        found.add_argument("message", metavar="ID", help="as `list` shows it")
        return found

    add_json_option(add_one("show", "show one message with its transcription", _show))
    add_one("heard", "mark a message as listened to", _mark_heard)
    deleting = add_one("delete", "delete a message at the phone system", _delete)
    deleting.add_argument("--yes", action="store_true", help="do not ask")
    saving = add_one("save", "write the sound of a message to a file", _save)
    saving.add_argument("file", type=Path, metavar="FILE")


def run(args: argparse.Namespace) -> int:
    """Do what the word says."""
    return asyncio.run(_do(args))


async def _do(args: argparse.Namespace) -> int:
    async with _open_voicemails() as voicemails:
        deed: Deed = args.deed
        return await deed(voicemails, args)


@asynccontextmanager
async def _open_voicemails() -> AsyncIterator[Voicemails]:
    from screenpop.services.bus import Bus
    from screenpop.services.call_history import LogSetting
    from screenpop.services.caller_lookup import known_locally
    from screenpop.services.supervisor import Supervisor
    from screenpop.services.voicemail import Voicemails
    from screenpop.store.contacts import LocalContacts

    async with open_accounts(Paths.from_environment()) as desk:
        settings = desk.settings

        def setting(account_id: str) -> LogSetting:
            account = settings.account(account_id)
            region = settings.region_of(account) if account else settings.region
            return LogSetting(region, account_id)

        with open_database(desk.paths) as database:
            contacts = LocalContacts(database)
            yield Voicemails(
                connections=desk.connections,
                settings=setting,
                bus=Bus(),
                supervisor=Supervisor(),
                who=lambda number: known_locally(contacts, number),
                folder=desk.paths.cache_dir / "voicemail",
            )


# --- all of them ----------------------------------------------------------------------


async def _list(voicemails: Voicemails, args: argparse.Namespace) -> int:
    """One account that does not answer does not keep the others from being listed."""
    from screenpop.services.voicemail import VoicemailFilter

    only = VoicemailFilter(
        extension=args.extension,
        is_everyones=args.everyone,
        box=args.box,
        caller=args.caller,
        since=args.since,
        until=args.until,
    )
    accounts = [args.account] if args.account else _account_ids(voicemails)
    if not accounts:
        raise UsageError("None of the accounts keeps messages")
    found: list[MessageEntry] = []
    status = 0
    for account_id in accounts:
        try:
            found += await voicemails.messages(account_id, only)
        except UsageError:
            raise
        except ScreenpopError as error:
            status = 1
            warn(f"screenpop: {account_id}: {error.title}. {error.advice}".rstrip())
    found.sort(key=lambda each: each.left_at.timestamp() if each.left_at else 0.0)
    found.reverse()
    _print(found, is_json=args.json, is_whole=status == 0)
    return status


def _print(found: list[MessageEntry], *, is_json: bool, is_whole: bool) -> None:
    if is_json:
        for entry in found:
            say_json(entry)
        return
    if not found:
        if is_whole:
            say("No messages.")
        return
    table(
        ("id", "account", "left", "who", "number", "box", "length", ""),
        (
            (
                entry.ref.voicemail_id,
                entry.ref.account_id,
                _when(entry),
                entry.name,
                entry.number_text,
                entry.box,
                _length(entry),
                "new" if entry.is_heard is False else "",
            )
            for entry in found
        ),
    )


# --- one of them ----------------------------------------------------------------------


async def _show(voicemails: Voicemails, args: argparse.Namespace) -> int:
    entry = await voicemails.message(_ref(voicemails, args))
    if args.json:
        say_json(entry)
        return 0
    heard = {True: "heard", False: "not heard yet", None: ""}[entry.is_heard]
    facts = (
        ("from", entry.name or entry.number_text or "number withheld"),
        ("number", entry.number_text if entry.name else ""),
        ("left", _when(entry)),
        ("length", _length(entry)),
        ("box", entry.box),
        ("state", heard),
        ("sound", "" if entry.has_sound else "none to be had here"),
    )
    for name, text in facts:
        if text:
            say(f"{name}: {plain(text)}")
    if entry.transcription.strip():
        say()
        for line in entry.transcription.splitlines():
            say(plain(line, 2000))
    return 0


async def _mark_heard(voicemails: Voicemails, args: argparse.Namespace) -> int:
    await voicemails.mark_heard(_ref(voicemails, args))
    say("Marked as heard.")
    return 0


async def _delete(voicemails: Voicemails, args: argparse.Namespace) -> int:
    ref = _ref(voicemails, args)
    question = "Deleting the message at the phone system for good?"
    if not require_yes(question, is_given=args.yes):
        say("Nothing was deleted.")
        return 0
    await voicemails.delete(ref)
    say("Deleted.")
    return 0


async def _save(voicemails: Voicemails, args: argparse.Namespace) -> int:
    from screenpop.services.vendor_calls import write_sound

    sound = await voicemails.fetch(_ref(voicemails, args))
    size = await write_sound(sound, args.file)
    say(f"{args.file.name}: {size} bytes.")
    return 0


def _ref(voicemails: Voicemails, args: argparse.Namespace) -> MessageRef:
    """The message that is meant.

    Raises:
        UsageError: It is not said of which account.
    """
    from screenpop.services.voicemail import MessageRef

    if args.account:
        return MessageRef(args.account, args.message)
    accounts = _account_ids(voicemails)
    if len(accounts) == 1:
        return MessageRef(accounts[0], args.message)
    if not accounts:
        raise UsageError("None of the accounts keeps messages")
    known = ", ".join(accounts)
    raise UsageError(
        "Several accounts keep messages", f"Say which one by --account: {known}."
    )


def _account_ids(voicemails: Voicemails) -> list[str]:
    return [box.account_id for box in voicemails.mailboxes()]


def _when(entry: MessageEntry) -> str:
    return f"{entry.left_at.astimezone():%Y-%m-%d %H:%M}" if entry.left_at else ""


def _length(entry: MessageEntry) -> str:
    if entry.seconds is None:
        return ""
    minutes, seconds = divmod(int(entry.seconds), 60)
    return f"{minutes}:{seconds:02}"
