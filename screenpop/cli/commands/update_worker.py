"""``screenpop update-worker``: hidden; looks for an update and has it ready."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from screenpop.cli.output import say_json
from screenpop.config.paths import Paths
from screenpop.domain.errors import ScreenpopError

_NICENESS = 10


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None: the settings say where to look."""


def run(args: argparse.Namespace) -> int:
    """Look, fetch, unpack and try; one line of JSON says what came of it."""
    if sys.platform != "win32":
        os.nice(_NICENESS)
    try:
        standing = asyncio.run(_work(Paths.from_environment()))
    except ScreenpopError as error:
        say_json({"title": error.title, "advice": error.advice})
        return 1
    say_json({"standing": standing})
    return 0


async def _work(paths: Paths) -> str:
    from screenpop.cli.desk import settings_file
    from screenpop.services.updates.finding import place_here
    from screenpop.services.updates.staging import look_and_stage

    paths.ensure()
    settings = settings_file(paths).load().settings
    found = await look_and_stage(place_here(paths, settings.updates))
    return found.standing.value
