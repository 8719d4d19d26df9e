"""``screenpop demo``: the app against a simulated phone system, in its own home."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from screenpop.cli.output import say
from screenpop.config.paths import Paths
from screenpop.desktop.display import has_display, is_seen
from screenpop.domain.errors import ConfigurationError

if TYPE_CHECKING:
    from screenpop.simulator import DemoStory, VendorCloud

CONFIG = """\
region = "{region}"

[listener]
port = 0

[[accounts]]
id = "demo"
vendor = "{vendor}"
base_url = "{base_url}"
extension = "{extension}"
"""
_START_QT: Final = "from PySide6.QtGui import QGuiApplication; QGuiApplication([])"
_PATIENCE_SECONDS: Final = 20


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which vendor, and with or without a display."""
    parser.add_argument("--vendor", default="voxloud", help="whose cloud to simulate")
    parser.add_argument(
        "--headless", action="store_true", help="no display: print what happens"
    )
    parser.add_argument(
        "--picture",
        type=Path,
        metavar="FILE",
        help="save a picture of the first card (headless: screenpop-demo.png)",
    )


def run(args: argparse.Namespace) -> int:
    """Play the vendor's story on the real app."""
    headless = args.headless or not (has_display() and is_seen())
    if not headless and not _opens_windows():
        say("The display cannot be used; the demo goes on without one.")
        headless = True
    if headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    picture = args.picture or (Path("screenpop-demo.png") if headless else None)
    _check_writable(picture)
    return play_demo(args.vendor, headless=headless, picture=picture, tell=say)


def play_demo(
    vendor: str,
    *,
    headless: bool,
    picture: Path | None,
    tell: Callable[[str], None],
    steps_of_first: bool = False,
) -> int:
    """Run the app on a simulated phone system, in a home that is thrown away.

    Args:
        vendor: Whose cloud to simulate.
        headless: Play fast and end, instead of staying open.
        picture: Where the picture of the first card goes; None for none.
        tell: Prints one line.
        steps_of_first: Play only the story's first call.

    Returns:
        The exit status.

    Raises:
        ScreenpopError: Something that should have been seen was not.
    """
    import tempfile
    from dataclasses import replace

    from screenpop.providers import registry
    from screenpop.simulator import create_cloud, demo_story

    story = demo_story(vendor)
    if steps_of_first:
        first = story.steps[0].call
        steps = tuple(step for step in story.steps if step.call == first)
        story = replace(story, steps=steps)
    with (
        tempfile.TemporaryDirectory(prefix="screenpop-demo-") as home,
        create_cloud(vendor, autoplay_seconds=2.0) as cloud,
    ):
        paths = Paths.under(Path(home))
        paths.ensure()
        paths.config_file.write_text(
            CONFIG.format(
                region=story.region,
                vendor=vendor,
                base_url=cloud.base_url,
                extension=cloud.extension,
            ),
            encoding="utf-8",
        )
        name = registry.manifest(vendor).name
        tell(f"A simulated {name} cloud runs at {cloud.base_url}.")
        return _play(paths, cloud, story, picture, tell, headless=headless)


def _play(
    paths: Paths,
    cloud: VendorCloud,
    story: DemoStory,
    picture: Path | None,
    tell: Callable[[str], None],
    *,
    headless: bool,
) -> int:
    from screenpop.config.secrets import MemorySecretStore
    from screenpop.domain.privacy import Secret
    from screenpop.ui.demo import HEADLESS_PAUSE, DemoPlay
    from screenpop.ui.gui import run_app

    secrets = MemorySecretStore()
    for name, value in cloud.credentials.items():
        secrets.put("demo", name, Secret(value))
    play = DemoPlay(
        cloud,
        story,
        say=tell,
        picture=picture,
        pace=HEADLESS_PAUSE if headless else 1.0,
        stays=not headless,
    )
    return run_app(paths, secrets=secrets, companion=play)


def _opens_windows() -> bool:
    """Whether Qt starts here, tried in a process of its own: where not, it ends it.

    A display may be named that is gone, or that lets this user in no more.
    """
    if sys.platform != "linux" or getattr(sys, "frozen", False):
        return True
    command = [sys.executable, "-c", _START_QT]
    try:
        done = subprocess.run(  # noqa: S603 - ourselves
            command, capture_output=True, check=False, timeout=_PATIENCE_SECONDS
        )
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


def _check_writable(picture: Path | None) -> None:
    if picture is not None and not os.access(picture.absolute().parent, os.W_OK):
        raise ConfigurationError(
            f"The picture cannot be written to {picture.absolute().parent}",
            "Choose another place with --picture.",
        )
