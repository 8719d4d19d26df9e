"""``screenpop self-test``: prove that this build works, frozen or not."""

from __future__ import annotations

import argparse
import os

from screenpop.cli.commands.demo import play_demo
from screenpop.cli.output import say
from screenpop.domain.errors import ScreenpopError


class SelfTestFailed(ScreenpopError):
    """A part of this build does not work."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only how much to say."""
    parser.add_argument("--verbose", action="store_true", help="tell each step")


def run(args: argparse.Namespace) -> int:
    """Load every vendor, open a window offscreen, play one simulated call."""
    from screenpop.providers import registry

    good, broken = registry.manifests()
    if broken:
        names = ", ".join(each.key for each in broken)
        raise SelfTestFailed(f"These phone systems do not load: {names}")
    say(f"phone systems: {', '.join(manifest.name for manifest in good)}")
    _check_resources()
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    tell = say if args.verbose else _say_nothing
    play_demo(good[0].key, headless=True, picture=None, tell=tell, steps_of_first=True)
    say("a simulated call rang, showed its card, was answered and is in the log")
    say("self-test passed")
    return 0


def _check_resources() -> None:
    from screenpop.config.paths import resources_dir

    icons = tuple((resources_dir() / "icons").glob("*.svg"))
    if not icons:
        raise SelfTestFailed("The icons are missing from this build")
    say(f"resources: {len(icons)} icons")


def _say_nothing(_: str = "") -> None:
    return
