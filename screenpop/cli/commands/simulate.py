"""``screenpop simulate``: the stand-in cloud of a vendor alone."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from screenpop.cli.output import say
from screenpop.domain.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

    from screenpop.simulator import VendorCloud

HIGHEST_PORT: Final = 65_535
# How long each step of a call that somebody placed takes.
STEP_SECONDS: Final = 2.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Whose cloud, where, and what goes wrong."""
    parser.add_argument("vendor", metavar="VENDOR", nargs="?", default="")
    parser.add_argument("--port", type=_port, default=0, help="0 for any free one")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        metavar="NAME[=VALUE]",
        help="misbehave like that; repeat it for more",
    )
    parser.add_argument("--list-faults", action="store_true", help="and end")
    parser.add_argument(
        "--ring-every",
        type=_seconds,
        default=None,
        metavar="SECONDS",
        help="play the demo's calls again and again, with a rest between",
    )


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) <= HIGHEST_PORT):
        raise argparse.ArgumentTypeError(f"give a port from 0 to {HIGHEST_PORT}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    # Written so that "nan" fails as well.
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("give a number of seconds")
    return seconds


def run(args: argparse.Namespace) -> int:
    """Run it until Ctrl-C, or until the process is asked to end."""
    from screenpop.simulator import (
        VENDORS,
        create_cloud,
        describe_faults,
        parse_faults,
    )

    if args.list_faults:
        say(describe_faults())
        return 0
    if args.vendor not in VENDORS:
        raise UsageError(
            "Say whose cloud to simulate", f"There are: {', '.join(VENDORS)}."
        )
    cloud = create_cloud(
        args.vendor,
        port=args.port,
        faults=parse_faults(args.fault),
        autoplay_seconds=STEP_SECONDS,
    )
    with _asked_to_end() as ended:
        _start(cloud, args.port)
        try:
            _serve(cloud, ended, args.ring_every)
        finally:
            cloud.stop()
    return 0


def _start(cloud: VendorCloud, port: int) -> None:
    try:
        cloud.start()
    except OSError as error:
        raise ConfigurationError(
            f"The port {port} cannot be used: {error.strerror}",
            "Choose another with --port, or 0 for any free one.",
        ) from None


def _serve(
    cloud: VendorCloud, ended: threading.Event, ring_every: float | None
) -> None:
    from screenpop.simulator import demo_story, describe, ring_periodically

    _tell(describe(cloud, demo_story(cloud.vendor).region))
    _tell("\nIt runs until Ctrl-C.")
    if ring_every is not None:
        ring_periodically(
            cloud,
            every_seconds=ring_every,
            pause=lambda seconds: not ended.wait(seconds),
            tell=_tell,
        )
    ended.wait()


def _tell(text: str) -> None:
    # Whoever reads through a pipe wants it now.
    say(text)
    sys.stdout.flush()


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """An event that Ctrl-C and a polite end of the process set."""
    ended = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        ended.set()

    before = {
        number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield ended
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
