"""How to start this very program once more, installed or frozen."""

from __future__ import annotations

import sys


def own_command(*words: str) -> list[str]:
    """The command line that runs ``screenpop WORDS`` with this program's code.

    A frozen build is an executable of its own and has no ``-m``.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, *words]
    return [sys.executable, "-m", "screenpop", *words]
