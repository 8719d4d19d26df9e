"""Ask whoever sits at the terminal; secrets are typed unseen or piped, never argv."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from screenpop.cli.output import as_terminal_text, warn
from screenpop.domain.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from screenpop.domain.privacy import Secret

_TRIES = 3


def is_interactive() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def ask(question: str, default: str = "") -> str:
    """One line of text; ``default`` for an empty one.

    Raises:
        UsageError: The input ended.
    """
    shown = f" [{default}]" if default else ""
    sys.stderr.write(as_terminal_text(f"{question}{shown}: "))
    sys.stderr.flush()
    line = sys.stdin.readline()
    if not line:
        raise UsageError("There was no answer", "Give it as an option instead.")
    return line.strip() or default


def confirm(question: str) -> bool:
    """Whether somebody says yes."""
    return ask(f"{question} [y/N]").casefold() in ("y", "yes")


def require_yes(question: str, *, is_given: bool) -> bool:
    """Whether to go on: ``--yes`` was given, or somebody says so now.

    Raises:
        UsageError: Nobody can be asked.
    """
    if is_given:
        return True
    if not is_interactive():
        raise UsageError(question.rstrip("?") + " needs --yes here")
    return confirm(question)


def choose(question: str, options: Sequence[str], default: str) -> int | None:
    """The place of the option chosen by its number; None for ``default``.

    Raises:
        UsageError: No sensible answer was given.
    """
    for place, option in enumerate(options, 1):
        warn(f"  {place:>3}  {option}")
    for _ in range(_TRIES):
        answer = ask(f"{question} (1-{len(options)}, empty for {default})")
        if not answer:
            return None
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(options):
            return int(answer) - 1
    raise UsageError("None of the choices was taken", "Give it as an option instead.")


def read_secret(label: str) -> Secret:
    """A secret: typed unseen on a terminal, else one line of what is piped in.

    Raises:
        UsageError: There is none.
    """
    import getpass

    from screenpop.domain.privacy import Secret

    is_typed = is_interactive()
    line = getpass.getpass(f"{label}: ") if is_typed else sys.stdin.readline()
    value = line.strip()
    if not value:
        raise UsageError(
            f"{label} is missing", "Pipe it in, one line, or use a terminal."
        )
    return Secret(value)
