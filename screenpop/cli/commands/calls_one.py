"""``screenpop calls timeline``, ``recording``, ``note``, ``open``: about one call."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from screenpop.cli.account_desk import open_accounts
from screenpop.cli.call_desk import find_call, open_history
from screenpop.cli.commands import calls_lost, calls_open
from screenpop.cli.desk import ask_app, open_database
from screenpop.cli.output import add_json_option, say, say_json, table
from screenpop.config.paths import Paths
from screenpop.domain.errors import InstanceError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.cli.account_desk import AccountDesk
    from screenpop.domain.calls import CallRef

HIGHEST_SEVERITY: Final = 5
_STAGES: Final = {
    "": "Kept here.",
    "waiting": "Kept here. It is sent to {account} as soon as that can be reached.",
    "sent": "Kept here and sent to {account}.",
    "refused": "Kept here, but not taken by {account}: {problem}.",
}


def add_parsers(parser: argparse.ArgumentParser) -> None:
    """The words after ``calls``."""
    words = parser.add_subparsers(dest="what", required=False, metavar="")
    call = argparse.ArgumentParser(add_help=False)
    call.add_argument(
        "call", metavar="CALL", help="latest, an id, how it begins, or ACCOUNT/ID"
    )

    def add(name: str, says: str) -> argparse.ArgumentParser:
        return words.add_parser(
            name, help=says, description=f"{says.capitalize()}.", parents=[call]
        )

    timeline = add("timeline", "what happened on a call, as the phone system tells it")
    add_json_option(timeline)
    timeline.set_defaults(handler=_timeline)
    recording = add("recording", "a fresh link to the recording of a call")
    recording.add_argument(
        "--save", default="", metavar="FILE", help="save the recording instead"
    )
    add_json_option(recording)
    recording.set_defaults(handler=_recording)
    note = add("note", "show or write the note on a call")
    note.add_argument("text", nargs="?", help="the whole note; - reads it from stdin")
    note.add_argument(
        "--follow-up",
        action=argparse.BooleanOptionalAction,
        default=None,
        help="mark the call at the phone system for follow-up",
    )
    note.add_argument(
        "--severity",
        type=int,
        choices=range(HIGHEST_SEVERITY + 1),
        help="mark how serious it is, 0 (not at all) to 5",
    )
    add_json_option(note)
    note.set_defaults(handler=_note)
    calls_lost.add_parser(words)
    calls_open.add_parser(words, call)


# --- what the vendor knows ------------------------------------------------------------


def _timeline(args: argparse.Namespace) -> int:
    return asyncio.run(_show_timeline(args))


async def _show_timeline(args: argparse.Namespace) -> int:
    from screenpop.services.vendor_calls import VendorCalls

    async with open_accounts(Paths.from_environment()) as desk:
        ref = _meant(desk, args.call)
        steps = await VendorCalls(desk.connections).steps(ref)
    if args.json:
        for step in steps:
            say_json(step)
        return 0
    if not steps:
        say("The phone system tells nothing about this call.")
        return 0
    table(
        ("when", "what"),
        (
            (f"{step.at.astimezone():%Y-%m-%d %H:%M:%S}", line)
            for step in steps
            for line in _wrapped(step.text)
        ),
    )
    return 0


def _wrapped(text: str) -> tuple[str, ...]:
    """In pieces that a table does not cut."""
    import textwrap

    return tuple(textwrap.wrap(text, 48)) or ("",)


def _recording(args: argparse.Namespace) -> int:
    return asyncio.run(_fetch_recording(args))


async def _fetch_recording(args: argparse.Namespace) -> int:
    from screenpop.services.vendor_calls import VendorCalls, write_sound

    async with open_accounts(Paths.from_environment()) as desk:
        ref = _meant(desk, args.call)
        vendor = VendorCalls(desk.connections)
        if args.save:
            file = Path(args.save)
            size = await write_sound(await vendor.sound(ref), file)
            if args.json:
                say_json({"file": file, "bytes": size})
            else:
                say(f"{file.name}: {size} bytes.")
            return 0
        found = await vendor.recording(ref)
    if args.json:
        say_json(found)
        return 0
    say(found.url)
    if found.expires_at is not None:
        say(f"It opens until {found.expires_at.astimezone():%H:%M:%S}.")
    return 0


def _meant(desk: AccountDesk, words: str) -> CallRef:
    with open_database(desk.paths) as database:
        return find_call(open_history(database, desk.settings), desk.settings, words)


# --- notes ----------------------------------------------------------------------------


def _note(args: argparse.Namespace) -> int:
    return asyncio.run(_show_or_write_note(args))


async def _show_or_write_note(args: argparse.Namespace) -> int:
    """Write what is given, by the running app where there is one; then show it all."""
    async with open_accounts(Paths.from_environment()) as desk:
        ref = _meant(desk, args.call)
        text = sys.stdin.read().strip("\n") if args.text == "-" else args.text
        asked = {
            "account": ref.account_id,
            "call": ref.call_id,
            "text": text,
            "follow_up": args.follow_up,
            "severity": args.severity,
        }
        try:
            # Thirty seconds is how long the app itself waits for a phone system.
            answer = ask_app(desk.paths, "note", asked, timeout_seconds=45.0)
        except InstanceError:
            answer = await _without_app(desk, asked)
    if args.json:
        say_json(answer)
        return 0
    _say_note(answer)
    return 1 if answer["stage"] == "refused" and _is_written(asked) else 0


def _is_written(asked: Mapping[str, object]) -> bool:
    return any(asked[name] is not None for name in ("text", "follow_up", "severity"))


async def _without_app(
    desk: AccountDesk, asked: Mapping[str, object]
) -> Mapping[str, Any]:
    from screenpop.services.bus import Bus
    from screenpop.services.call_notes import CallNotes
    from screenpop.services.clock import utc_now
    from screenpop.services.note_requests import answer_note
    from screenpop.services.supervisor import Supervisor
    from screenpop.store.call_log import CallLog

    supervisor = Supervisor()
    with open_database(desk.paths) as database:
        notes = CallNotes(
            database=database,
            log=CallLog(database),
            connections=desk.connections,
            bus=Bus(),
            supervisor=supervisor,
            clock=utc_now,
        )
        try:
            return await answer_note(notes, asked)
        finally:
            await supervisor.stop()


def _say_note(answer: Mapping[str, Any]) -> None:
    if answer["text"]:
        say(answer["text"])
    marks = [f"severity {answer['severity']}"] if answer["severity"] else []
    if answer["follow_up"]:
        marks.insert(0, "follow up")
    if marks:
        say(f"Marked: {', '.join(marks)}.")
    if not answer["text"] and not answer["stage"]:
        say("There is no note on this call.")
        return
    say(_STAGES[answer["stage"]].format(**answer))
    if answer["advice"]:
        say(answer["advice"])
