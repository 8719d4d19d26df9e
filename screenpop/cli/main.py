"""Find the command, run it, and turn what goes wrong into one clear sentence."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Final, Protocol, cast

from screenpop import __version__
from screenpop.domain.errors import ScreenpopError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

DONE: Final = 0
FAILED: Final = 1
WRONG_USAGE: Final = 2
INTERRUPTED: Final = 130

COMMANDS: Final = {
    "run": "start the tray app, or raise the one that runs (the default)",
    "demo": "play the app against a simulated phone system",
    "simulate": "run the stand-in cloud of a vendor alone",
    "dial": "hand a number or tel: link to the running app",
    "focus-card": "give the card of the call the keyboard",
    "search": "open the dialer to search and dial",
    "lookup": "who is this number, from which source, and why",
    "calls": "the call log; steps, recording and note of one call",
    "messages": "the text messages of an account",
    "voicemail": "list, keep, mark and delete the messages that callers left",
    "events": "what vendors delivered and what it meant, as JSON lines",
    "replay": "rebuild calls from the journal and print differences",
    "account": "add, list, check, mend and remove accounts",
    "source": "add, list, check, sync and remove contact sources",
    "contacts": "import, search, edit and forget contacts",
    "team": "join the team's relay, leave it, see how it stands",
    "relay": "the team's public receiver, and who is in the team",
    "status": "how the running app is doing",
    "quit": "end the running app",
    "update": "look for a new version and put it in place",
    "doctor": "check this installation and say how to mend it",
    "self-test": "prove that this build works",
}
# Only started by this program itself, so not listed.
HIDDEN_COMMANDS: Final = {
    "import-worker": "import a contact file for the app",
    "keychain-worker": "read and write secrets for the app",
    "update-worker": "fetch a new version for the app",
}


class Command(Protocol):
    """What every module of ``screenpop.cli.commands`` offers."""

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None:
        """Describe the command's arguments."""
        ...

    @staticmethod
    def run(args: argparse.Namespace) -> int:
        """Do it; returns the exit status."""
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        0 done, 1 failed (one sentence on stderr), 2 wrong usage.
    """
    try:
        return _main(list(sys.argv[1:] if argv is None else argv))
    except BrokenPipeError:
        # Whoever read our output has had enough; that is no failure of ours.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _main(words: list[str]) -> int:
    if words and words[0] in ("-h", "--help"):
        print(_overview(), flush=True)
        return DONE
    if words and words[0] == "--version":
        print(f"screenpop {__version__}")
        return DONE
    name = "run" if not words or words[0].startswith("-") else words.pop(0)
    if name not in COMMANDS and name not in HIDDEN_COMMANDS:
        return _complain(
            f"There is no command “{name}”.",
            "`screenpop --help` lists them.",
            WRONG_USAGE,
        )
    return _run(name, words)


def _run(name: str, words: list[str]) -> int:
    module = importlib.import_module(f"screenpop.cli.commands.{name.replace('-', '_')}")
    command = cast("Command", module)
    # A command that has to be quick may take its plainest form apart by itself.
    read_plainly = getattr(module, "plain_arguments", None)
    try:
        args = read_plainly(words) if read_plainly is not None else None
        return command.run(args or _parsed(name, command, words))
    except UsageError as error:
        return _complain(f"{error.title}.", error.advice, WRONG_USAGE)
    except ScreenpopError as error:
        return _complain(f"{error.title}.", error.advice, FAILED)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 - no traceback reaches a user
        return _confess(name, error)


def _parsed(name: str, command: Command, words: list[str]) -> argparse.Namespace:
    """The arguments; leaves with a message where they are wrong."""
    import argparse  # late: it takes longer than the whole of `screenpop dial`

    says = (COMMANDS | HIDDEN_COMMANDS)[name]
    parser = argparse.ArgumentParser(
        prog="screenpop" if name == "run" else f"screenpop {name}",
        description=f"{says[0].upper()}{says[1:]}.",
    )
    command.add_arguments(parser)
    return parser.parse_args(words)


def _confess(name: str, error: Exception) -> int:
    """Say that the fault is ours, and keep the details for whoever mends it."""
    from screenpop.cli.fault_report import write_fault_report

    kept = write_fault_report(name, error)
    advice = f"The details are in {kept}." if kept else ""
    title = f"“{name}” failed by a fault of screenpop's own ({type(error).__name__})."
    return _complain(title, advice, FAILED)


def _complain(title: str, advice: str, status: int) -> int:
    text = f"screenpop: {title}" + (f" {advice}" if advice else "")
    from screenpop.cli.output import warn

    warn(text)
    return status


def _overview() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        (
            "usage: screenpop [COMMAND] [--help]",
            "",
            "Shows who is calling before you pick up, and dials with one click.",
            "",
            *lines,
            "",
            "`screenpop COMMAND --help` says more.",
        )
    )
