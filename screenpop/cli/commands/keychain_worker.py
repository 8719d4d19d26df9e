"""``screenpop keychain-worker``: hidden; the process that talks to the keychain."""

from __future__ import annotations

import argparse
import sys


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: secrets and their names never stand in a command line."""


def run(args: argparse.Namespace) -> int:
    """Answer what the app asks, see ``screenpop.config.secrets_worker``."""
    from screenpop.config.secrets_worker import serve

    return serve(sys.stdin.buffer, sys.stdout.buffer)
