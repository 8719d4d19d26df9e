"""``screenpop update``: look for a new version, put it in place, say how it stands."""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING

from screenpop.cli.desk import ask_app, settings_file
from screenpop.cli.output import add_json_option, say, say_json
from screenpop.config.paths import Paths
from screenpop.domain.errors import InstanceError, UpdateError

if TYPE_CHECKING:
    from screenpop.services.updates.finding import Found, UpdatePlace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to do; nothing given is to say how updates stand."""
    parser.add_argument(
        "what",
        nargs="?",
        choices=("status", "check", "install"),
        default="status",
        help="status (the default): how updates stand; check: ask now whether there "
        "is a new version; install: put it in place, if nobody is on the phone",
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    """Do it."""
    paths = Paths.from_environment()
    paths.ensure()
    from screenpop.services.updates.finding import place_here

    place = place_here(paths, settings_file(paths).load().settings.updates)
    if args.what == "status":
        return _status(place, is_json=args.json)
    if args.what == "check":
        return asyncio.run(_check(place, is_json=args.json))
    return _install(paths, place, is_json=args.json)


def _status(place: UpdatePlace, *, is_json: bool) -> int:
    from screenpop.services.updates.status import facts_of, lines_of

    facts = facts_of(place)
    if is_json:
        say_json(facts)
    else:
        for line in lines_of(facts):
            say(line)
    return 0


async def _check(place: UpdatePlace, *, is_json: bool) -> int:
    from screenpop.services.updates.fetching import Fetcher
    from screenpop.services.updates.finding import look

    fetcher = Fetcher()
    try:
        found = await look(place, fetcher)
    finally:
        await fetcher.aclose()
    _tell(found, place, is_json=is_json)
    return 0


def _tell(found: Found, place: UpdatePlace, *, is_json: bool) -> None:
    from screenpop.services.updates.status import found_text

    manifest = found.manifest
    if is_json:
        say_json(
            {
                "standing": found.standing.value,
                "version": manifest.version.text,
                "running": place.version.text,
                "notes": manifest.notes,
            }
        )
        return
    say(found_text(found, place))
    if found.artefact is not None and manifest.notes:
        say("")
        say(manifest.notes)


def _install(paths: Paths, place: UpdatePlace, *, is_json: bool) -> int:
    """Have it ready, then have the running app restart, or switch here."""
    from screenpop.services.updates.finding import Standing
    from screenpop.services.updates.staging import look_and_stage

    found = asyncio.run(look_and_stage(place))
    if found.standing is not Standing.OFFERED:
        _tell(found, place, is_json=is_json)
        return 0
    if not place.installation.can_replace_itself:
        raise UpdateError(
            f"Version {found.manifest.version.text} cannot be put in place from here",
            "Install it the way this one was installed.",
        )
    try:
        ask_app(paths, "update", {})
    except InstanceError:
        text = _switch(paths, place)
    else:
        text = "screenpop restarts with it as soon as nobody is on the phone."
    if is_json:
        say_json({"version": found.manifest.version.text, "text": text})
    else:
        say(text)
    return 0


def _switch(paths: Paths, place: UpdatePlace) -> str:
    """Put it in place while no app runs, and keep one from starting meanwhile."""
    from screenpop.desktop.instance import InstanceLock
    from screenpop.services.updates.at_start import is_in_call, settled

    lock = InstanceLock(paths.lock_file)
    if not lock.acquire():
        raise UpdateError(
            "screenpop is running but does not answer", "End it and try again."
        )
    try:
        if is_in_call(paths):
            return "It is put in place at the next start: a call goes on."
        settled(place, is_in_call=False)
    finally:
        lock.release()
    memory = place.memory()
    title, advice = [*memory.news, "", ""][:2]
    is_bad, memory.news, memory.is_bad_news = memory.is_bad_news, [], False
    place.remember(memory)
    if is_bad:
        raise UpdateError(title, advice)
    return f"{title}." if title else "The installer is running."
