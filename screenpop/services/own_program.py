"""How to start this very program once more, installed or frozen."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

RESTART: Final = 75
"""The exit status of an app that is to be started again (``EX_TEMPFAIL``)."""

_CONSOLE_NAME: Final = "screenpop-cli.exe"
_PLAIN_NAME: Final = "screenpop.exe"


def own_command(*words: str) -> list[str]:
    """The command line that runs ``screenpop WORDS`` with this program's code.

    A frozen build is an executable of its own and has no ``-m``.
    """
    if getattr(sys, "frozen", False):
        return [without_console(sys.executable), *words]
    return [sys.executable, "-m", "screenpop", *words]


def without_console(program: str) -> str:
    """The program that opens no console, where a build has one of each (Windows)."""
    folder, name = program[: -len(_CONSOLE_NAME)], program[-len(_CONSOLE_NAME) :]
    return folder + _PLAIN_NAME if name.lower() == _CONSOLE_NAME else program


def installed_command(*words: str) -> list[str]:
    """The same for what outlives this version, such as the start at login.

    Where versions lie side by side, it leads to whichever is current by then.
    """
    program, *rest = own_command(*words)
    folder = Path(program).parent
    current = folder.parent.parent / "current"
    if folder.parent.name == "versions" and current.is_symlink():
        program = str(current / Path(program).name)
    return [program, *rest]
