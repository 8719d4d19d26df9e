"""Cards on screens of different scale that come and go, on a real X server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.requirements import require_program

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.x11

STEPS = {
    "pointer on the large one": 1,
    "unplugged": 1,
    "three on a new one": 1,
    "where somebody works": 1,
}


def test_a_card_is_whole_on_the_screen_it_should_be_on(tmp_path: Path) -> None:
    """By the window's true place, in the server's own pixels."""
    require_program("xdotool")
    command = [sys.executable, "-m", "tests.x11.card_on_screens", str(tmp_path)]
    # A new process: the scale of a screen is read when it is first heard of.
    play = subprocess.run(
        command,
        check=True,
        env=dict(os.environ),
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    lines = [json.loads(line) for line in play.stdout.splitlines()]
    seen = [line["step"] for line in lines]
    assert {step: seen.count(step) for step in seen} == STEPS
    for line in lines:
        x, y, width, height = line["monitor"]
        left, top, wide, high = line["card"]
        assert x <= left, line
        assert left + wide <= x + width, line
        assert y <= top, line
        assert top + high <= y + height, line
    sizes = {line["step"]: line["card"][2] for line in lines}
    assert sizes["pointer on the large one"] == 2 * sizes["unplugged"]
