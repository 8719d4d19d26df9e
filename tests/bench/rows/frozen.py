"""Further row: from the spawn of a process to the icon in the tray, frozen or not.

Nothing can be told from inside a frozen program that it would not tell by itself, so
both sides are looked at from outside: the moment is that of the icon's first pixel.
"""

from __future__ import annotations

import re
import statistics
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.bench.figures import Bound, Row, Target
from tests.bench.stage import ROOT, Stage, home_of, is_live, python
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Mapping

    from screenpop.config.paths import Paths
    from tests.bench.framebuffer import Strip

FROZEN = ROOT / "dist" / "frozen" / "screenpop" / "screenpop"
STARTS_PER_ROUND = 5
_ICON = re.compile(r'"screenpop".* (\d+)x(\d+)\+-?\d+\+-?\d+ +\+(\d+)\+(\d+)$')
_PATIENCE_SECONDS = 30.0


def measure(stage: Stage, rounds: int) -> list[Row]:
    """Start both alternately, each with its files read before."""
    if not FROZEN.exists():
        raise RuntimeError(
            "there is no frozen program: python3 installer/dev.py freeze"
        )
    paths = stage.home("frozen")
    source = (*python("-m", "screenpop"), "run")
    frozen = (str(FROZEN), "run")
    target = Target(Bound.AT_MOST_TIMES, 1.15)
    row = Row("start to icon painted, frozen", "ms", target, beside="source")
    empty = stage.framebuffer.picture()
    place = _find_icon(stage, source, home_of(paths))
    offset = stage.framebuffer.offset
    tray = Tray(stage, paths, place, empty[place.start - offset : place.stop - offset])
    for command in (source, frozen):
        tray.start(command)
    for _ in range(rounds):
        taken = [
            (tray.start(source), tray.start(frozen)) for _ in range(STARTS_PER_ROUND)
        ]
        row.add(*map(statistics.median, zip(*taken, strict=True)))
    return [row]


@dataclass(frozen=True, slots=True)
class Tray:
    """Where the icon appears, and how it looks there without."""

    stage: Stage
    paths: Paths
    place: Strip
    empty: bytes

    def start(self, command: tuple[str, ...]) -> float:
        """Start a program, wait for its icon, end it; returns the milliseconds."""
        screen = self.stage.framebuffer
        screen.wait_for(self.place, self.empty, seconds=_PATIENCE_SECONDS)
        spawned = time.monotonic()
        with self.stage.running(*command, env=home_of(self.paths)):
            shown = screen.wait_for_change(
                self.place, self.empty, seconds=_PATIENCE_SECONDS
            )
            # Ended any earlier, it would be ended amid its start.
            until(lambda: is_live(self.paths), "the account", seconds=30)
        return (shown - spawned) * 1000


def _find_icon(stage: Stage, command: tuple[str, ...], env: Mapping[str, str]) -> Strip:
    """The middle line of where the tray puts it."""

    def look() -> Strip | None:
        asked = ["xwininfo", "-root", "-tree"]
        told = subprocess.run(
            asked, env=stage.environment, capture_output=True, text=True, check=False
        ).stdout
        is_in_panel = False
        for line in told.splitlines():
            is_in_panel = is_in_panel or '"tint2"' in line
            if is_in_panel and (found := _ICON.search(line)):
                width, height, x, y = map(int, found.groups())
                return stage.framebuffer.strip_at(x, y + height // 2, width)
        return None

    with stage.running(*command, env=env):
        place = until(look, "the icon in the tray", seconds=_PATIENCE_SECONDS)
    assert place is not None
    return place
