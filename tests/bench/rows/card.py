"""Row 4: from a webhook's first byte to its card, painted and as pixels.

Each side gets its requests one at a time, over a new connection each. The pixel is read
from the X server's framebuffer in memory; the painted moment is told by each side when
the turn of its event loop in which the card was painted is over.
"""

from __future__ import annotations

import contextlib
import shutil
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

from tests.bench.deliveries import NAMES, Sent, body, request
from tests.bench.figures import Bound, Row, Target, percentile
from tests.bench.rows.idle import pause
from tests.bench.stage import Program, Stage, home_of, python

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tests.bench.framebuffer import Strip

CARDS_PER_ROUND = 100
WARM_UP_CARDS = 10
BETWEEN_SECONDS = 0.03
SETTLE_SECONDS = 3.0
_PEER = Path(__file__).parents[1] / "floors" / "chromium_card.js"


class Side(Protocol):
    """Something that shows cards."""

    def show(self) -> Sent:
        """Have the next card shown."""
        ...

    def hide(self) -> None:
        """Have it taken away."""
        ...

    def painted_at(self) -> float | None:
        """When the last card was painted, by time.monotonic(); None if not told."""
        ...


@dataclass(slots=True)
class FloorSide:
    """The bare card, or the Chromium peer."""

    process: Program
    port: int
    tells_paint: bool

    def show(self) -> Sent:
        return Sent(self.port, request("/show", b"x" * 300))

    def hide(self) -> None:
        Sent(self.port, request("/hide", b"x")).status()

    def painted_at(self) -> float | None:
        if not self.tells_paint:
            return None
        return float(self.process.fact("painted")["at"])


@dataclass(slots=True)
class ProgramSide:
    """The whole program; each card is a new call, which then ends."""

    process: Program
    port: int
    path: str
    line: str
    extension: str
    count: int = 0
    call_id: str = ""

    def show(self) -> Sent:
        self.count += 1
        self.call_id = str(uuid.uuid4())
        return Sent(self.port, request(self.path, self._event("INCOMING")))

    def hide(self) -> None:
        status = Sent(self.port, request(self.path, self._event("HANGUP"))).status()
        assert status == 200, status
        pause(0.02)
        self.process.tell("hide")

    def painted_at(self) -> float | None:
        """Raises RuntimeError when the name was not in the first frame."""
        told = self.process.fact("painted")
        if told["title"] != NAMES[self.count % len(NAMES)]:
            raise RuntimeError(f"a card was painted as {told['title']!r}, not by name")
        return float(told["at"])

    def _event(self, kind: str) -> bytes:
        return body(kind, self.call_id, self.count, self.line, self.extension)


@dataclass(slots=True)
class Taken:
    """One side's times of one round, in ms."""

    painted: list[float] = field(default_factory=list)
    pixel: list[float] = field(default_factory=list)


def measure(stage: Stage, rounds: int) -> list[Row]:
    """All sides stand ready, one of them showing cards at a time."""
    rows = _rows(has_peer=_has_peer())
    with contextlib.ExitStack() as opened:
        floor = opened.enter_context(_floor(stage))
        program = opened.enter_context(_program(stage))
        unmanaged = opened.enter_context(_floor(stage, "--unmanaged"))
        peer = opened.enter_context(_chromium(stage)) if _has_peer() else None
        sides: list[Side] = [side for side in (floor, program, unmanaged, peer) if side]
        pause(SETTLE_SECONDS)
        strips = [_find_strip(stage, side) for side in sides]
        for side, strip in zip(sides, strips, strict=True):
            _show_cards(stage, side, strip, WARM_UP_CARDS)
        for _ in range(rounds):
            taken = [
                _show_cards(stage, side, strip, CARDS_PER_ROUND)
                for side, strip in zip(sides, strips, strict=True)
            ]
            _note(rows, taken)
    return rows


def _rows(*, has_peer: bool) -> list[Row]:
    twice = Target(Bound.AT_MOST_TIMES, 2.0)
    rows = [
        Row("webhook to card painted, p50", "ms", twice),
        Row("webhook to card painted, p99", "ms", twice),
        Row("webhook to pixel, p50", "ms", twice),
        Row("webhook to pixel, p99", "ms", twice),
    ]
    rows += [
        Row(f"webhook to pixel, {share}", "ms", beside="unmanaged floor")
        for share in ("p50", "p99")
    ]
    for share, factor in (("p50", 1.0), ("p99", 0.5)):
        target = Target(Bound.AT_MOST_TIMES, factor) if has_peer else None
        rows.append(Row(f"webhook to pixel, {share}", "ms", target, beside="Chromium"))
    return rows


def _note(rows: list[Row], taken: list[Taken]) -> None:
    floor, program, unmanaged = taken[:3]
    peer = taken[3].pixel if len(taken) > 3 else []
    series = (
        (floor.painted, program.painted),
        (floor.pixel, program.pixel),
        (unmanaged.pixel, program.pixel),
        (peer, program.pixel),
    )
    pairs = zip(rows[::2], rows[1::2], series, strict=True)
    for half, slow, (beside, ours) in pairs:
        for row, share in ((half, 0.5), (slow, 0.99)):
            row.add(
                percentile(beside, share) if beside else None, percentile(ours, share)
            )


def _show_cards(stage: Stage, side: Side, strip: Strip, count: int) -> Taken:
    screen, taken = stage.framebuffer, Taken()
    for _ in range(count):
        before = screen.read(strip)
        sent = side.show()
        pixel_at = screen.wait_for_change(strip, before)
        taken.pixel.append((pixel_at - sent.began_at) * 1000)
        painted_at = side.painted_at()
        if painted_at is not None:
            taken.painted.append((painted_at - sent.began_at) * 1000)
        sent.status()
        side.hide()
        screen.wait_for(strip, before)
        pause(BETWEEN_SECONDS)
    return taken


def _find_strip(stage: Stage, side: Side) -> Strip:
    """Where on the screen this side's card is."""
    before = stage.framebuffer.picture()
    sent = side.show()
    side.painted_at()
    sent.status()
    pause(0.5)
    strip = stage.framebuffer.strip_of_change(before)
    if strip is None:
        raise RuntimeError(f"a card never appeared\n{stage.errors()}")
    side.hide()
    stage.framebuffer.wait_for(strip, before[_within(stage, strip)])
    return strip


def _within(stage: Stage, strip: Strip) -> slice:
    offset = stage.framebuffer.offset
    return slice(strip.start - offset, strip.stop - offset)


@contextlib.contextmanager
def _floor(stage: Stage, *words: str) -> Iterator[FloorSide]:
    command = python("-m", "tests.bench.floors.bare_card", *words)
    with stage.running(*command) as process:
        port = int(process.fact("port"))
        yield FloorSide(process, port, tells_paint=True)


@contextlib.contextmanager
def _program(stage: Stage) -> Iterator[ProgramSide]:
    with probed_program(stage, "card") as (process, url):
        yield ProgramSide(
            process,
            urlsplit(url).port or 0,
            urlsplit(url).path,
            stage.cloud.line,
            stage.cloud.extension,
        )


@contextlib.contextmanager
def probed_program(
    stage: Stage, home: str, env: Mapping[str, str] | None = None
) -> Iterator[tuple[Program, str]]:
    """The whole program with its probe, connected; and its hook's URL."""
    env = {**home_of(stage.home(home)), **(env or {})}
    with stage.running(*python("-m", "tests.bench.probed_app"), env=env) as process:
        yield process, str(process.fact("url"))


def _has_peer() -> bool:
    return bool(shutil.which("chromium") and shutil.which("node"))


@contextlib.contextmanager
def _chromium(stage: Stage) -> Iterator[FloorSide]:
    with stage.running("node", str(_PEER)) as node:
        port = int(node.fact("port"))
        browser = (
            "chromium",
            "--no-sandbox",
            "--no-first-run",
            f"--user-data-dir={stage.folder / 'chromium'}",
            "--window-size=400,300",
            "--window-position=20,20",
            f"--app=http://127.0.0.1:{port}/",
        )
        with stage.running(*browser):
            node.fact("ready")
            yield FloorSide(node, port, tells_paint=False)
