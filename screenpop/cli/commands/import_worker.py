"""``screenpop import-worker``: hidden; the process that imports a contact file."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: what to do comes through the input."""


def run(args: argparse.Namespace) -> int:
    """Do what the app says, see ``screenpop.services.import_worker``."""
    from screenpop.services.import_worker import serve

    return serve(sys.stdin.buffer, sys.stdout.buffer)
