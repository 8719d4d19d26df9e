"""``screenpop search``: open the dialer to search and dial, as a hotkey does.

For desktops that let no program hold keys: their own settings can run this on a key.
"""

from __future__ import annotations

import argparse

from screenpop.cli.desk import ask_app
from screenpop.config.paths import Paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(args: argparse.Namespace) -> int:
    """Ask the running app."""
    ask_app(Paths.from_environment(), "press", {"action": "search"})
    return 0
